"""Signed JSON messages to a receiver of one's own (Standard Webhooks 1.0.0).

What is said is frozen when it is owed (``messages``); it is signed anew for each attempt
(``signing``). The outbox gives a message its id, and sends it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from syndicator.config.checks import unfit
from syndicator.config.keys import NEW_KEY
from syndicator.config.tables import Endpoint
from syndicator.config.values import WebUrl
from syndicator.model.custody import Damaged
from syndicator.model.feeds import Attempt, Edition, Notice, Parcel, Request
from syndicator.model.posts import ChangeKind, Site
from syndicator.model.records import Alerted, Switched
from syndicator.publish import messages, signing
from syndicator.publish.messages import LIMIT, Form, Letter

__all__ = ["LIMIT", "Webhook"]

Event = Literal[
    "post.published",
    "post.updated",
    "post.removed",
    "feed.updated",
    "archive.damaged",
    "endpoint.disabled",
    "endpoint.failing",
    "endpoint.recovered",
    "job.failing",
    "job.recovered",
]
EVENTS: Final[dict[ChangeKind, Event]] = {
    "published": "post.published",
    "updated": "post.updated",
    "removed": "post.removed",
}


def _without_user(url: str) -> str:
    if "@" in urlsplit(url).netloc:
        raise unfit("can't hold a user or password", "receivers check the signature instead")
    return url


class Webhook(Endpoint):
    """A receiver that is sent a signed message for every post published, updated or removed."""

    HINT: ClassVar[str] = NEW_KEY

    type: Literal["webhook"]
    url: Annotated[WebUrl, AfterValidator(_without_user)]
    """Where messages are sent."""
    events: Annotated[tuple[Event, ...], Field(min_length=1)] = ("post.published",)
    """What it is told of."""
    format: Form = "standard"
    """How bodies are written: as Standard Webhooks, or as CloudEvents 1.0 (structured JSON)."""

    def publish(self, edition: Edition) -> Iterator[Notice]:
        """Yield one notice for every change it has not been told of and wants to hear of."""
        letter, said = self._letter(edition.site), []
        for change in edition.changes(self.name):
            event = EVENTS[change.kind]
            if event in self.events:
                yield letter.change(change, event)
            if messages.UPDATED in self.events:
                said.append(messages.Said.of(change, event, edition.site))
                at = change.at
        if said:
            yield letter.updated(said, at)

    def request(self, parcel: Parcel, attempt: Attempt) -> Request:
        """Return the message, signed with every key that is live."""
        signers = signing.live(signing.keys(attempt.secret), attempt.at)
        stamp = int(attempt.at.timestamp())
        signed = signing.headers(signers, parcel.message, stamp, parcel.body)
        headers = (("content-type", parcel.media_type), *signed)
        return Request(url=self.url, headers=headers, body=parcel.body)

    def unfit(self, secret: str) -> str:
        """Say what is wrong with keys."""
        try:
            signing.keys(secret)
        except ValueError as error:
            return str(error)
        return ""

    def digest(self, notices: Sequence[Notice], site: Site) -> Notice | None:
        """Return one message in place of many."""
        said = [messages.of(one) for one in notices if one.kind in EVENTS.values()]
        return self._letter(site).updated(said, notices[-1].at) if said else None

    def sample(self, site: Site, at: datetime) -> Notice:
        """Return a message to try the receiver with, of a type that no real one has."""
        return self._letter(site).sample(at)

    def alarm(self, damage: Damaged, posts: Sequence[str], site: Site) -> Notice | None:
        """Return what it is told of a kept file that can't be repaired, if it wants to hear."""
        wanted = messages.DAMAGED in self.events
        return self._letter(site).damaged(damage, posts) if wanted else None

    def warn(self, switched: Switched, site: Site) -> Notice | None:
        """Return what it is told of another endpoint that was disabled, if it wants to hear."""
        wanted = messages.DISABLED in self.events
        return self._letter(site).disabled(switched) if wanted else None

    def alert(self, alerted: Alerted, site: Site) -> Notice | None:
        """Return what it is told of what fails again and again, or no more, if it wants to."""
        wanted = messages.alert_event(alerted) in self.events
        return self._letter(site).alerted(alerted) if wanted else None

    def _letter(self, site: Site) -> Letter:
        return Letter(self.name, self.format, site)
