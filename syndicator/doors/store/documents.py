"""The published files as they were last written."""

from sqlmodel import Session, select

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
