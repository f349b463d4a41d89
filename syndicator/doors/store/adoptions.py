"""Ids and dates that posts get because another feed gave them, by their addresses."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from syndicator.doors.store.rows import among, batches, microseconds, put, upsert
from syndicator.doors.store.schema import Post
from syndicator.doors.store.schema_custody import Adoption
from syndicator.model.posts import Adoption as AdoptionValue
from syndicator.model.records import Adopted


def of(session: Session, addresses: Iterable[str]) -> dict[str, AdoptionValue]:
    """Tell what the posts at these addresses get, by address."""
    found = (
        row
        for some in batches(sorted(set(addresses)))
        for row in session.exec(select(Adoption).where(among(Adoption.address, some)))
    )
    return {
        row.address: AdoptionValue(
            id=row.id, published=_moment(row.published), updated=_moment(row.updated)
        )
        for row in found
    }


def apply(session: Session, records: Sequence[Adopted]) -> None:
    """Bring the table, and the posts that gave up their ids, to where the journal is."""
    rows = [
        {
            "address": record.address,
            "id": record.id,
            "published": record.published.isoformat() if record.published else "",
            "updated": record.updated.isoformat() if record.updated else "",
        }
        for record in records
    ]
    upsert(session, Adoption, rows)
    for record in records:
        if record.was:
            _rename(session, record)


def _rename(session: Session, record: Adopted) -> None:
    values: dict[str, object] = {"id": record.id}
    if record.published is not None:
        values["published"] = record.published.isoformat()
        values["published_us"] = microseconds(record.published)
    session.exec(update(Post).where(col(Post.id) == record.was).values(**values))
    put(session, "accepted", "")  # the feeds are to be written anew


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
