"""From the journal to the tables: applying a record twice does what applying it once does."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from syndicator.doors.index import Kept
from syndicator.doors.store import (
    adoptions,
    alerts,
    custody,
    documents,
    images,
    lanes,
    outbox,
    posts,
    problems,
)
from syndicator.doors.store.rows import among, batches, begun, microseconds, put, seconds, upsert
from syndicator.doors.store.schema import Copy, Image, Post
from syndicator.doors.store.schema_outbox import Delivery, Endpoint, Message
from syndicator.model.records import (
    Adopted,
    Alerted,
    Capture,
    Joined,
    Noted,
    Owed,
    Record,
    Removal,
    Reopened,
    Settled,
    Switched,
    Tried,
    Version,
    Written,
)
from syndicator.model.records import Copy as CopyValue
from syndicator.model.records import Kept as KeptValue

# What a later attempt leaves as it is: the copy that is kept, whatever came; and what is known of
# the last bytes, where none came.
_KEPT_COLUMNS = ("digest", "media_type", "extension", "size", "width", "height", "came_from")
_SEEN_COLUMNS = ("seen", "etag", "modified")
_NOT_MODIFIED = 304
_NEW_ENDPOINT = {"state": "active", "says": "", "streak": 0, "failing_since": 0, "rest_until": 0}


def apply(session: Session, records: Iterable[Record]) -> None:
    """Bring the tables to where the journal is behind these records, in their order."""
    # of what was kept, the blob and the journal's line are all there is
    told = (record for record in records if not isinstance(record, KeptValue))
    for _, run in groupby(told, _at_once):
        together = list(run)
        for kind in dict.fromkeys(map(type, together)):
            for some in batches(one for one in together if type(one) is kind):
                _APPLY[kind](session, some)


def _at_once(record: Record) -> type:
    """Tell with which records one is applied: pictures and their copies take turns in a journal.

    They stand in tables of their own, so that it is all one which come first.
    """
    return Capture if isinstance(record, CopyValue) else type(record)


def _versions(session: Session, records: Sequence[Version]) -> None:
    places = posts.places(session, records)
    rows = [
        {
            "id": record.id,
            "path": record.path,
            "url": record.url,
            "title": record.title,
            "seq": record.seq,
            "source": record.source,
            "post": record.post,
            "modified": record.modified.isoformat(),
            "published": record.published.isoformat(),
            "published_us": microseconds(record.published),
            "updated": record.updated.isoformat(),
            "live": True,
            "declared": record.declared,
            "month": places[record.id][0],
            "place": places[record.id][1],
            "removed_us": 0,
            "touched": True,
        }
        for record in records
    ]
    upsert(session, Post, rows)


def _removals(session: Session, records: Sequence[Removal]) -> None:
    for record in records:
        statement = update(Post).where(col(Post.id) == record.id)
        at = microseconds(record.at)
        session.exec(statement.values(live=False, seq=record.seq, removed_us=at, touched=True))


def _captures(session: Session, records: Sequence[Capture]) -> None:
    # its address is blank where that held the bytes of something that was forgotten
    told = [record for record in records if record.url]
    urls = sorted({record.url for record in told})
    before = images.states(session, urls)
    for left, run in groupby(told, _left_alone):
        upsert(session, Image, [_image(record) for record in run], keep=left)
    after = images.states(session, urls)
    # a file that was found is watched once its stat is known
    images.note_asked(session, {one.url for one in told if not one.came_from.startswith("/")})
    # to fail again for the same reason is no news
    new = [url for url in urls if url not in before or _news(before[url]) != _news(after[url])]
    images.doubt(session, new)
    kept = sorted({record.url for record in told if record.plan == "kept"})
    posts.touch_showing(session, kept)
    if kept:
        put(session, documents.STALE, "1")


def _news(state: Kept) -> tuple[str, str, str]:
    return state.digest, state.plan, state.reason


def _left_alone(record: Capture) -> tuple[str, ...]:
    """Tell what this attempt leaves as it is: a picture once kept stays, whatever it brings."""
    bytes_came = record.digest and record.status != _NOT_MODIFIED
    left = () if bytes_came else _SEEN_COLUMNS
    return left if record.plan == "kept" else (*_KEPT_COLUMNS, *left)


def _image(record: Capture) -> dict[str, object]:
    kept = record.plan == "kept"
    return {
        "url": record.url,
        "digest": record.digest if kept else "",
        "media_type": record.media_type if kept else "",
        "extension": record.extension if kept else "",
        "size": record.size if kept else 0,
        "width": record.width,
        "height": record.height,
        "came_from": record.came_from,
        "plan": record.plan,
        "reason": record.reason,
        "tries": record.tries,
        "retry_at": seconds(record.retry_at) if record.retry_at else None,
        "at": record.at.isoformat(),
        "seen": record.digest,
        "etag": record.headers.get("etag", ""),
        "modified": record.headers.get("last-modified", ""),
    }


def _copies(session: Session, records: Sequence[CopyValue]) -> None:
    last = {record.digest: record for record in records}
    names = ("digest", "extension", "public", "size", "rules")
    rows = [{name: getattr(one, name) for name in names} for one in last.values()]
    upsert(session, Copy, rows)
    shown = select(Image.url).where(among(Image.digest, (row["digest"] for row in rows)))
    posts.touch_showing(session, sorted(session.exec(shown)))


def _joined(session: Session, records: Sequence[Joined]) -> None:
    rows = [
        {
            "name": record.endpoint,
            "joined": record.at.isoformat(),
            "since": record.since,
            **_NEW_ENDPOINT,
        }
        for record in records
    ]
    upsert(session, Endpoint, rows, keep=tuple(_NEW_ENDPOINT))


def _owed(session: Session, records: Sequence[Owed]) -> None:
    outbox.reword(session, records)
    messages = [
        {
            "id": record.message,
            "key": record.key,
            "kind": record.kind,
            "subject": record.subject,
            "seq": record.seq,
            "at": record.at.isoformat(),
            "media_type": record.media_type,
            "body": record.body,
        }
        for record in records
    ]
    upsert(session, Message, messages, keep=messages[0])
    deliveries = [
        {
            "message": record.message,
            "endpoint": record.endpoint,
            "subject": record.subject,
            "state": "unconfirmed" if record.held else "pending",
            "attempts": 0,
            "next_at": seconds(record.not_before) if record.not_before else begun(record.at),
            "since_at": begun(record.at),
            "waits": record.not_before is not None,
            "last_status": 0,
            "last_error": "",
            "remote": "",
        }
        for record in records
    ]
    upsert(session, Delivery, deliveries, keys=("message", "endpoint"), keep=deliveries[0])
    outbox.line_up(session, [record.message for record in records])


def _settled(session: Session, records: Sequence[Settled]) -> None:
    lanes.settle(session, records)


def _reopened(session: Session, records: Sequence[Reopened]) -> None:
    for record in records:
        statement = update(Delivery).where(
            col(Delivery.message) == record.message, col(Delivery.endpoint) == record.endpoint
        )
        at = begun(record.at)
        fresh = {
            "attempts": 0,
            "next_at": at,
            "since_at": at,
            "waits": False,
            "interrupted": 0,
        }
        session.exec(statement.values(state="pending", **fresh))


def _tried(session: Session, records: Sequence[Tried]) -> None:
    for record in records:
        lanes.mark(session, record)


def _switched(session: Session, records: Sequence[Switched]) -> None:
    for record in records:
        statement = update(Endpoint).where(col(Endpoint.name) == record.endpoint)
        values: dict[str, object] = {"state": record.state, "says": record.says}
        if record.state == "active":
            values |= {"streak": 0, "failing_since": 0, "rest_until": 0}
        session.exec(statement.values(**values))


_APPLY: dict[type, Callable[[Session, Any], None]] = {
    Adopted: adoptions.apply,
    Version: _versions,
    Removal: _removals,
    Capture: _captures,
    CopyValue: _copies,
    Joined: _joined,
    Owed: _owed,
    Settled: _settled,
    Reopened: _reopened,
    Tried: _tried,
    Switched: _switched,
    Alerted: alerts.apply,
    Noted: problems.apply,
    Written: documents.apply,
    **custody.APPLY,
}
