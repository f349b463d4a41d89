"""Documents on disk: only those whose bytes changed are replaced, and each as a whole."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from syndicator.config.values import Coding
from syndicator.deliver.compress import compressed, textual
from syndicator.doors import files
from syndicator.doors.files import Stat
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Batch
from syndicator.doors.store import documents
from syndicator.doors.store.rows import batches, get
from syndicator.errors import Failed
from syndicator.model import Document, Written

CODINGS: tuple[Coding, ...] = ("gz", "br", "zst")
_AHEAD = 64  # copies that are made before the first of them is written


class Put(NamedTuple):
    """What became of published files, by path below ``public``."""

    written: list[str]  # those that did not read so already, without copies
    digests: dict[str, str]  # those that read otherwise than was remembered, copies among them
    gone: list[str]  # those that were taken away


def put(
    batch: Batch,
    layout: Layout,
    wanted: Iterable[Document],
    *,
    absent: Iterable[str] = (),
    compress: Collection[Coding] = (),
    whole: bool = True,
) -> Put:
    """Let the published files read so; tell which of them did not already.

    A file that someone changed, or removed, is put right; one that reads so already is left alone,
    whatever is remembered of it: a rebuilt database must not make every reader fetch it again.
    Texts get a copy beside them in each coding of ``compress``, and lose those in others.
    What is ``absent``, and where these are the ``whole``, all others that were written once, is
    taken away: a post that is taken down later would stay there. What somebody changed is theirs.
    """
    papers = list(wanted)
    own = {document.path for document in papers}
    every = {one for path in own for one in _with_copies(path)}
    before = documents.known(batch.session, sorted(every))
    shelf = _Shelf(batch=batch, layout=layout, before=before)
    missing: list[tuple[str, Document, Coding]] = []
    for document in papers:
        same = shelf.lay(document.path, document.body)
        for coding in CODINGS if textual(document.media_type) else ():
            copy = f"{document.path}.{coding}"
            if copy in own:
                continue
            if coding not in compress:
                shelf.clear(copy)
            elif not (same and shelf.is_there(copy)):
                missing.append((copy, document, coding))
    for path, body in _made(missing):
        shelf.lay(path, body)
    shelf.close(absent, whole=whole)
    return Put([path for path in shelf.written if path in own], shelf.digests, shelf.gone)


def note(batch: Batch, made: Put, accepted: str, at: datetime) -> None:
    """Journal what became of files, and what configuration and program that ``accepted`` names."""
    news = accepted and get(batch.session, documents.ACCEPTED) != accepted
    if made.digests or made.gone or news:
        gone = tuple(made.gone)
        batch.record([Written(at=at, accepted=accepted, documents=made.digests, gone=gone)])


def _made(missing: Sequence[tuple[str, Document, Coding]]) -> Iterator[tuple[str, bytes]]:
    """Yield copies in their order; the libraries that make them leave Python to other threads."""

    def make(one: tuple[str, Document, Coding]) -> tuple[str, bytes]:
        path, document, coding = one
        return path, compressed(document.body, coding, seldom=document.seldom)

    if missing:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for some in batches(missing, _AHEAD):
                yield from pool.map(make, some)


def recognise(batch: Batch, layout: Layout) -> bool:
    """See how files lie of which the journal alone tells; tell whether all are as it says."""
    unseen = documents.unseen(batch.session)
    found = {}
    for path, digest in unseen.items():
        try:
            data, stat = files.read(layout.public / path)
        except Failed:
            continue
        if sha256(data).hexdigest() == digest:
            found[path] = (digest, stat)
    documents.remember(batch.session, found)
    return len(found) == len(unseen)


@dataclass(slots=True, kw_only=True)
class _Shelf:
    """The folder public, and what was remembered of it before."""

    batch: Batch
    layout: Layout
    before: dict[str, tuple[str, Stat]]
    seen: set[str] = field(default_factory=set)
    laid: dict[str, tuple[str, Stat]] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)

    def lay(self, path: str, body: bytes) -> bool:
        """Let a file read so; tell whether it was remembered to, and is as it was left."""
        digest = sha256(body).hexdigest()
        place = self.layout.public / path
        known = self.before.get(path)
        self.seen.add(path)
        if known == (digest, files.stat(place)):
            return True
        stat = _reads(place, body)
        if stat is None:
            stat = self.batch.document(path, body)
            self.written.append(path)
        if known is None or known[0] != digest:
            self.digests[path] = digest
        self.laid[path] = (digest, stat)
        return False

    def is_there(self, path: str) -> bool:
        """Tell whether a file is as it was left."""
        known = self.before.get(path)
        if known is None or known[1] != files.stat(self.layout.public / path):
            return False
        self.seen.add(path)
        return True

    def clear(self, path: str) -> None:
        """Take away what would be sent in the place of a document, and differ from it."""
        if files.stat(self.layout.public / path) != files.GONE:
            self.batch.withdraw(path)
        if path in self.before:
            self.gone.append(path)

    def close(self, absent: Iterable[str], *, whole: bool) -> None:
        """Let readers find none of the others: of the absent, of all, of what the journal says."""
        session = self.batch.session
        idle = {one for path in absent for one in _with_copies(path)} - self.seen
        others = {path: stat for path, (_, stat) in documents.known(session, sorted(idle)).items()}
        others |= documents.others(session, self.seen) if whole else {}
        for path, stat in others.items():
            if files.stat(self.layout.public / path) == stat:  # as it was written
                self.batch.withdraw(path)
            self.gone.append(path)
        left = documents.leaving(session)
        for path, digest in left.items():
            if path not in self.seen and _digest(self.layout.public / path) == digest:
                self.batch.withdraw(path)
        documents.forget(session, [*self.gone, *left])
        documents.remember(session, self.laid)


def _digest(place: Path) -> str:
    try:
        data, _ = files.read(place)
    except Failed:
        return ""
    return sha256(data).hexdigest()


def _with_copies(path: str) -> list[str]:
    return [path, *(f"{path}.{coding}" for coding in CODINGS)]


def _reads(place: Path, body: bytes) -> Stat | None:
    """Tell the stat of a file that holds exactly these bytes, None for any other."""
    try:
        data, stat = files.read(place, len(body))
    except Failed:
        return None
    return stat if data == body else None
