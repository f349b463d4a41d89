"""What kinds that tell of posts, one message a post, have in common."""

import hashlib
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from syndicator.model.feeds import Change, Edition, Notice
from syndicator.model.posts import ChangeKind
from syndicator.model.records import Alerted
from syndicator.publish.messages import SAMPLE, alert_cause, alert_event, cause

PostEvent = Literal["post.published", "post.updated", "post.removed"]
ALL: Final[tuple[PostEvent, ...]] = get_args(PostEvent)
AlertEvent = Literal["endpoint.failing", "endpoint.recovered", "job.failing", "job.recovered"]
EVENTS: Final[dict[ChangeKind, PostEvent]] = {
    "published": "post.published",
    "updated": "post.updated",
    "removed": "post.removed",
}
Events = Annotated[tuple[PostEvent, ...], Field(min_length=1)]
AllEvents = Annotated[tuple[Literal[PostEvent, AlertEvent], ...], Field(min_length=1)]


def sample(
    endpoint: str, at: datetime, body: bytes = b"", media_type: str = "application/json"
) -> Notice:
    """Return a notice to try a receiver with, of a kind that no real one has."""
    return Notice(
        key=f"{SAMPLE} {at.isoformat()}",
        endpoint=endpoint,
        kind=SAMPLE,
        subject=endpoint,
        seq=0,
        at=at,
        body=body,
        media_type=media_type,
    )


def wanted(
    edition: Edition, endpoint: str, events: Collection[str]
) -> Iterator[tuple[Change, PostEvent]]:
    """Yield every change an endpoint has not been told of and wants to hear of."""
    for change in edition.changes(endpoint):
        event = EVENTS[change.kind]
        if event in events:
            yield change, event


def alert(
    alerted: Alerted, endpoint: str, body: bytes, media_type: str = "application/json"
) -> Notice:
    """Return the notice of an alert."""
    return Notice(
        key=hashlib.sha256(alert_cause(alerted).encode()).hexdigest(),
        endpoint=endpoint,
        kind=alert_event(alerted),
        subject=alerted.name,
        seq=0,
        at=alerted.at,
        body=body,
        media_type=media_type,
    )


def notice(
    change: Change,
    event: PostEvent,
    endpoint: str,
    body: bytes,
    media_type: str = "application/json",
) -> Notice:
    """Return the notice of a change: its key is that of the change, whatever is said of it."""
    entry = change.entry
    return Notice(
        key=hashlib.sha256(cause(entry.id, entry.seq, event).encode()).hexdigest(),
        endpoint=endpoint,
        kind=event,
        subject=entry.id,
        seq=entry.seq,
        at=change.at,
        body=body,
        media_type=media_type,
        replaces="untried" if event == "post.updated" else "nothing",
    )
