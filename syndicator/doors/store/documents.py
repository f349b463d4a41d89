"""The published files as they were last written."""

from collections.abc import Collection, Iterable

from sqlalchemy import delete
from sqlmodel import Session, col, select

from syndicator.doors.files import Stat
from syndicator.doors.store.rows import batches, upsert
from syndicator.doors.store.schema import Document


def known(session: Session, paths: Iterable[str]) -> dict[str, tuple[str, Stat]]:
    """Tell the digests and stats of these published files, by path below archive/public."""
    return {
        row.path: (row.digest, Stat(row.size, row.mtime_ns, row.inode))
        for batch in batches(paths)
        for row in session.exec(select(Document).where(col(Document.path).in_(batch)))
    }


def digests(session: Session) -> dict[str, str]:
    """Tell the digest of every published file, by path below archive/public."""
    return dict(session.exec(select(Document.path, Document.digest)).all())


def remember(session: Session, path: str, digest: str, stat: Stat) -> None:
    """Remember a published file as it will be once its batch ends."""
    row = {"path": path, "digest": digest, **stat._asdict()}
    upsert(session, Document, [row])


def forget(session: Session, paths: Collection[str]) -> None:
    """Watch these no longer; the files stay as they are."""
    session.exec(delete(Document).where(col(Document.path).in_(paths)))


def forget_others(session: Session, paths: Collection[str]) -> None:
    """Watch none but these from now on; the files stay as they are."""
    others = set(session.exec(select(Document.path))) - set(paths)
    for batch in batches(sorted(others)):
        session.exec(delete(Document).where(col(Document.path).in_(batch)))
