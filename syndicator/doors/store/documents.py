"""The published files as they were last written.

Of what the journal alone tells it is not known how it lies on the disk: ``unseen`` and
``leaving`` name such files until somebody has looked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import delete, text
from sqlmodel import Session, select

from syndicator.doors.files import Stat
from syndicator.doors.store import posts
from syndicator.doors.store.rows import among, batches, drop, put, upsert
from syndicator.doors.store.schema import Document
from syndicator.model.records import Written

ACCEPTED: Final = "accepted"  # the fact: what configuration and program made the documents
STALE: Final = "stale"  # the fact: pictures were kept since documents were written
LISTS: Final = "lists"  # the fact: by which facets posts are listed, all of them

_LEAVING: Final = Stat(-2, 0, 0)  # no file has these, and none that is missing
_UNSEEN: Final = Stat(-3, 0, 0)


def known(session: Session, paths: Iterable[str]) -> dict[str, tuple[str, Stat]]:
    """Tell the digests and stats of these published files, by path below archive/public."""
    return {
        row.path: (row.digest, Stat(row.size, row.mtime_ns, row.inode))
        for batch in batches(paths)
        for row in session.exec(
            select(Document).where(among(Document.path, batch), Document.size != _LEAVING.size)
        )
    }


def digests(session: Session) -> dict[str, str]:
    """Tell the digest of every published file, by path below archive/public."""
    here = select(Document.path, Document.digest).where(Document.size != _LEAVING.size)
    return dict(session.exec(here).all())


def remember(session: Session, found: Mapping[str, tuple[str, Stat]]) -> None:
    """Remember published files, digest and stat, as they will be once their batch ends."""
    rows = [
        {"path": path, "digest": digest, **stat._asdict()}
        for path, (digest, stat) in found.items()
    ]
    for batch in batches(rows):
        upsert(session, Document, batch)


def forget(session: Session, paths: Collection[str]) -> None:
    """Watch these no longer; the files stay as they are."""
    for batch in batches(paths):
        session.exec(delete(Document).where(among(Document.path, batch)))


def others(session: Session, paths: Collection[str]) -> dict[str, Stat]:
    """Tell the stats of all published files but these, by path."""
    left = sorted(set(session.exec(select(Document.path))) - set(paths))
    return {path: stat for path, (_, stat) in known(session, left).items()}


def unseen(session: Session) -> dict[str, str]:
    """Tell the digests of the files of which the journal alone tells, by path."""
    return _at(session, _UNSEEN)


def leaving(session: Session) -> dict[str, str]:
    """Tell the same of files that the journal says are gone, and that may be there still."""
    return _at(session, _LEAVING)


def _at(session: Session, stat: Stat) -> dict[str, str]:
    odd = text("size < -1")  # as the index of these has it
    here = select(Document.path, Document.digest).where(odd, Document.size == stat.size)
    return dict(session.exec(here.order_by(Document.path)).all())


def apply(session: Session, records: Sequence[Written]) -> None:
    """Bring the table to where the journal is; how the files lie on the disk is yet to be seen."""
    for record in records:
        here = known(session, [*record.documents, *record.gone])
        new = {
            path: (digest, _UNSEEN)
            for path, digest in record.documents.items()
            if path not in here or here[path][0] != digest
        }
        gone = {path: (here[path][0], _LEAVING) for path in record.gone if path in here}
        remember(session, new | gone)
        if record.accepted:
            put(session, ACCEPTED, record.accepted)
            drop(session, STALE)
            posts.untouch(session)
    drop(session, LISTS)  # they were brought there by what the journal does not tell
