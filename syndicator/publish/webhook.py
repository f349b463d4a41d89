"""Signed JSON messages to a receiver of one's own (Standard Webhooks 1.0.0).

What is said is frozen when it is owed; it is signed anew for each attempt. The outbox gives a
message its id, and sends it.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from syndicator.config.checks import unfit
from syndicator.config.keys import NEW_KEY
from syndicator.config.tables import Endpoint
from syndicator.config.values import WebUrl
from syndicator.model import (
    Attempt,
    Change,
    ChangeKind,
    Damaged,
    Edition,
    Notice,
    Parcel,
    Request,
    Site,
)
from syndicator.publish import signing
from syndicator.publish.items import item
from syndicator.publish.text import rfc3339, utc

LIMIT = 256 * 1024  # bytes; receivers and proxies refuse larger bodies
_NAMED = 20  # posts that an alarm names
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

DAMAGED: Final = "archive.damaged"
Event = Literal["post.published", "post.updated", "post.removed", "archive.damaged"]
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

    def publish(self, edition: Edition) -> Iterator[Notice]:
        """Yield one notice for every change it has not been told of and wants to hear of."""
        for change in edition.changes(self.name):
            event = EVENTS[change.kind]
            if event in self.events:
                yield _notice(change, event, self.name, edition.site)

    def alarm(self, damage: Damaged, posts: Sequence[str], site: Site) -> Notice | None:
        """Return what it is told of a kept file that can't be repaired, if it wants to hear."""
        return _alarm(damage, posts, self.name, site) if DAMAGED in self.events else None


def _notice(change: Change, event: Event, endpoint: str, site: Site) -> Notice:
    entry = change.entry
    identity = f"{entry.id}\n{entry.seq}\n{event}"
    return Notice(
        key=hashlib.sha256(identity.encode()).hexdigest(),
        endpoint=endpoint,
        kind=event,
        subject=entry.id,
        seq=entry.seq,
        at=change.at,
        body=_body(change, event, site),
        replaces="untried" if event == "post.updated" else "nothing",
    )


def _alarm(damage: Damaged, posts: Sequence[str], endpoint: str, site: Site) -> Notice:
    identity = f"{damage.place}\n{damage.name}\n{damage.at.isoformat()}\n{DAMAGED}"
    data = {
        "id": damage.name,
        "place": damage.place,
        "found": damage.found or None,
        "posts": list(posts[:_NAMED]),
        "site": site.url,
    }
    return Notice(
        key=hashlib.sha256(identity.encode()).hexdigest(),
        endpoint=endpoint,
        kind=DAMAGED,
        subject=damage.name,
        seq=0,
        at=damage.at,
        body=_json({"type": DAMAGED, "timestamp": utc(damage.at), "data": data}),
    )


def _body(change: Change, event: Event, site: Site) -> bytes:
    """Return the message, at most ``LIMIT`` bytes.

    What is too long is shortened in this order: summary, title, tags, authors. Not the address:
    half of one leads nowhere, so a post with one beyond all measure has a longer message.
    """
    said = item(change.entry, site)
    data: dict[str, object] = {
        "id": said.id,
        "url": said.url,
        "title": said.title,
        "summary": said.summary,
        "published": rfc3339(said.published),
        "updated": rfc3339(said.updated),
        "image": said.image or None,
        "authors": list(said.authors),
        "tags": list(said.tags),
        "seq": change.entry.seq,
    }
    message = {"type": event, "timestamp": utc(change.at), "data": data}
    for name, text in (("summary", said.summary), ("title", said.title)):
        excess = len(_json(message)) - LIMIT
        if excess > 0:
            data[name] = _shortened(text, len(_json(text)) - excess)
    for name in ("tags", "authors"):
        if len(_json(message)) > LIMIT:
            data[name] = []
    return _json(message)


def _shortened(text: str, room: int) -> str:
    """Cut a text so that it takes at most ``room`` bytes as JSON, its ellipsis included."""
    fitting = bisect_right(range(len(text)), room, key=lambda n: len(_json(text[:n] + _ELLIPSIS)))
    return text[: fitting - 1].rstrip() + _ELLIPSIS if fitting else ""


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
