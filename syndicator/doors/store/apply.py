"""From the journal to the tables: applying a record twice does what applying it once does."""

from collections.abc import Iterable

from sqlalchemy import update
from sqlmodel import Session, col

from syndicator import model
from syndicator.doors.store.rows import batches, microseconds, seconds, upsert
from syndicator.doors.store.schema import Delivery, Endpoint, Image, Message, Post

_KEPT_COLUMNS = ("digest", "media_type", "extension", "size", "width", "height", "came_from")


def apply(session: Session, records: Iterable[model.Record]) -> None:
    """Bring the tables to where the journal is behind these records, in their order."""
    for batch in batches(records):
        for record in batch:
            match record:
                case model.Version():
                    _version(session, record)
                case model.Removal():
                    _removal(session, record)
                case model.Capture():
                    _capture(session, record)
                case model.Joined():
                    _joined(session, record)
                case model.Owed():
                    _owed(session, record)
                case model.Settled():
                    _settled(session, record)
                case model.Kept():
                    pass  # the blob and the journal's line are all there is to it


def _version(session: Session, record: model.Version) -> None:
    row = {
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
    }
    upsert(session, Post, [row])


def _removal(session: Session, record: model.Removal) -> None:
    session.exec(update(Post).where(col(Post.id) == record.id).values(live=False, seq=record.seq))


def _capture(session: Session, record: model.Capture) -> None:
    kept = record.plan == "kept"
    row = {
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
    }
    # A picture once kept stays, whatever a later attempt brings.
    upsert(session, Image, [row], keep=() if kept else _KEPT_COLUMNS)


def _joined(session: Session, record: model.Joined) -> None:
    row = {"name": record.endpoint, "joined": record.at.isoformat(), "since": record.since}
    upsert(session, Endpoint, [row])


def _owed(session: Session, record: model.Owed) -> None:
    message = {
        "id": record.message,
        "key": record.key,
        "kind": record.kind,
        "subject": record.subject,
        "seq": record.seq,
        "at": record.at.isoformat(),
        "body": record.body,
    }
    upsert(session, Message, [message], keep=tuple(message))
    delivery = {
        "message": record.message,
        "endpoint": record.endpoint,
        "state": "pending",
        "attempts": 0,
        "next_at": seconds(record.at),
        "last_status": 0,
        "last_error": "",
    }
    upsert(session, Delivery, [delivery], keys=("message", "endpoint"), keep=tuple(delivery))


def _settled(session: Session, record: model.Settled) -> None:
    session.exec(
        update(Delivery)
        .where(col(Delivery.message) == record.message, col(Delivery.endpoint) == record.endpoint)
        .values(state=record.verdict, last_status=record.status, last_error=record.says)
    )
