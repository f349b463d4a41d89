"""A subscriber of the built-in hub as an endpoint: attempts at it are made and judged like others.

What is sent is the feed as it is, so that a parcel is made when its turn comes, not kept.
"""

import hmac
from collections.abc import Iterator
from typing import ClassVar, Literal

from syndicator.config.tables import Endpoint
from syndicator.model.feeds import Attempt, Edition, Notice, Parcel, Request


class Callback(Endpoint):
    """A callback that feeds are sent to (WebSub, 7)."""

    KEY: ClassVar[Literal["required", "optional", "none"]] = "optional"

    type: Literal["websub-subscriber"] = "websub-subscriber"
    hub: str
    """Where the hub is, for the links of what is sent."""
    callback: str
    """Where it is sent."""

    def publish(self, edition: Edition) -> Iterator[Notice]:  # noqa: ARG002  # it is sent documents
        """Owe nothing of posts."""
        return iter(())

    def request(self, parcel: Parcel, attempt: Attempt) -> Request:
        """Make a content distribution request: the feed, its type and links, a signature."""
        links = f'<{self.hub}>; rel="hub", <{parcel.subject}>; rel="self"'
        headers = [("Content-Type", parcel.media_type), ("Link", links)]
        if attempt.secret:
            signature = hmac.digest(attempt.secret.encode(), parcel.body, "sha256").hex()
            headers.append(("X-Hub-Signature", f"sha256={signature}"))
        return Request(url=self.callback, headers=tuple(headers), body=parcel.body)
