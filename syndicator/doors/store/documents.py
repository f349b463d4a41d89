"""The published files as they were last written."""

from collections.abc import Collection

from sqlalchemy import delete
from sqlmodel import Session, col, select

from syndicator.doors.files import Stat
from syndicator.doors.store.rows import upsert
from syndicator.doors.store.schema import Document


def known(session: Session) -> dict[str, tuple[str, Stat]]:
    """Tell each published file's digest and stat, by path below archive/public."""
    rows = session.exec(select(Document)).all()
    return {row.path: (row.digest, Stat(row.size, row.mtime_ns, row.inode)) for row in rows}


def remember(session: Session, path: str, digest: str, stat: Stat) -> None:
    """Remember a published file as it will be once its batch ends."""
    row = {"path": path, "digest": digest, **stat._asdict()}
    upsert(session, Document, [row])


def forget(session: Session, paths: Collection[str]) -> None:
    """Watch these no longer; the files stay as they are."""
    session.exec(delete(Document).where(col(Document.path).in_(paths)))
