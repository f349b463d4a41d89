"""Pings to the hubs that feeds name (W3C WebSub, 2018, section 7), once a feed reads otherwise.

How a publisher tells its hub is left open there; deployed hubs read ``hub.url``, some
``hub.topic``, so both are said.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlencode

from pydantic import Field

from syndicator.config.publishers import Endpoint, Name
from syndicator.model.feeds import Announced, Attempt, Document, Edition, Notice, Parcel, Request
from syndicator.model.posts import Site

KIND = "feed.updated"
FORM = "application/x-www-form-urlencoded"


class WebSub(Endpoint):
    """Tells the hubs of [feeds] of every feed that reads otherwise, as soon as it does.

    Each hub hears of each feed; a ping that still waits stands for all that came after it.
    """

    KEY: ClassVar[Literal["required", "optional", "none"]] = "none"

    type: Literal["websub"]
    name: Name = "websub"
    """What the hubs together are called in reports and in the journal."""
    max_burst: Annotated[int, Field(ge=0)] = 0
    """More pings than this, owed by one pass, are held back; 0: never."""

    def publish(self, edition: Edition) -> Iterator[Document | Notice]:  # noqa: ARG002  # feeds are told of, not posts
        """Yield nothing: what it tells is known once the feeds are made."""
        return iter(())

    def idle(self, site: Site) -> str:
        """Say so where there is no hub to tell."""
        others = [hub for hub in site.channel.hubs if not hub.startswith(site.feeds)]
        return "" if others else "there is no hub to tell: [feeds] hubs names none"

    def news(self, feeds: Sequence[Announced], site: Site, at: datetime) -> Iterable[Notice]:
        """Yield a ping for each feed that changed, to each hub."""
        for feed in feeds:
            form = {"hub.mode": "publish", "hub.url": feed.url, "hub.topic": feed.url}
            for hub in dict.fromkeys(site.channel.hubs):
                if hub.startswith(site.feeds):  # our own, which sees for itself
                    continue
                subject = f"{hub} {feed.url}"
                identity = f"{subject}\n{at.isoformat()}\n{KIND}"
                yield Notice(
                    key=hashlib.sha256(identity.encode()).hexdigest(),
                    endpoint=self.name,
                    kind=KIND,
                    subject=subject,
                    seq=0,
                    at=at,
                    body=urlencode(form).encode(),
                    media_type=FORM,
                    replaces="unsettled",
                )

    def request(self, parcel: Parcel, attempt: Attempt) -> Request:  # noqa: ARG002  # it needs none of it
        """Return the ping; the hub is the first half of what it is about."""
        headers = (("content-type", parcel.media_type),)
        return Request(url=parcel.subject.partition(" ")[0], headers=headers, body=parcel.body)
