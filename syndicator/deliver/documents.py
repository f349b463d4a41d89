"""Documents on disk: only those whose bytes changed are replaced, and each as a whole."""

import os
from collections import deque
from collections.abc import Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from syndicator.config.values import Coding
from syndicator.deliver.compress import compressed, textual
from syndicator.doors import files
from syndicator.doors.batch import Batch
from syndicator.doors.files import Stat
from syndicator.doors.layout import Layout
from syndicator.doors.store import documents
from syndicator.doors.store.rows import batches, get
from syndicator.errors import Failed
from syndicator.model.feeds import Document
from syndicator.model.records import Written

CODINGS: tuple[Coding, ...] = ("gz", "br", "zst")
_FEW = 16  # documents in memory at once
_AHEAD = 2 * _FEW  # copies that may wait for their turn to be laid


class Put(NamedTuple):
    """What became of published files, by path below ``public``."""

    written: list[str]  # those that did not read so already, without copies
    digests: dict[str, str]  # those that read otherwise than was remembered, copies among them
    gone: list[str]  # those that were taken away


def note(batch: Batch, made: Put, accepted: str, at: datetime) -> None:
    """Journal what became of files, and what configuration and program that ``accepted`` names."""
    news = accepted and get(batch.session, documents.ACCEPTED) != accepted
    if made.digests or made.gone or news:
        gone = tuple(made.gone)
        batch.record([Written(at=at, accepted=accepted, documents=made.digests, gone=gone)])


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
class Shelf:
    """The folder public while a pass lays documents: each is written aside as it comes.

    A file that someone changed, or removed, is put right; one that reads so already is left alone,
    whatever is remembered of it: a rebuilt database must not make every reader fetch it again.
    Texts get a copy beside them in each coding of ``compress``, and lose those in others.
    """

    batch: Batch
    layout: Layout
    compress: Collection[Coding] = ()
    own: set[str] = field(default_factory=set)  # paths of documents, without copies
    before: dict[str, tuple[str, Stat]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    unwanted: list[str] = field(default_factory=list)  # copies in codings nobody asked for
    laid: dict[str, tuple[str, Stat]] = field(default_factory=dict)
    written: dict[str, None] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)

    def put(self, wanted: Iterable[Document]) -> None:
        """Let the published files read so; only a few of them are in memory at once.

        Copies are made by other threads, in which the libraries leave Python alone, while the next
        documents come; they are laid in their order.
        """
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            waiting: deque[tuple[str, Future[bytes]]] = deque()
            for few in batches(wanted, _FEW):
                paths = [one for document in few for one in _with_copies(document.path)]
                self.before |= documents.known(self.batch.session, paths)
                for document in few:
                    for copy, coding in self._lay_document(document):
                        rare = document.seldom
                        made = pool.submit(compressed, document.body, coding, seldom=rare)
                        waiting.append((copy, made))
                while len(waiting) > _AHEAD:
                    self._lay_copy(*waiting.popleft())
            for copy, made in waiting:
                self._lay_copy(copy, made)

    def _lay_document(self, document: Document) -> list[tuple[str, Coding]]:
        """Lay a document; tell which copies of it are to be made."""
        self.own.add(document.path)
        same = self._lay(document.path, document.body)
        missing = []
        for coding in CODINGS if textual(document.media_type) else ():
            copy = f"{document.path}.{coding}"
            if coding not in self.compress:
                self.unwanted.append(copy)
            elif copy not in self.own and not (same and self._is_there(copy)):
                missing.append((copy, coding))
        return missing

    def _lay_copy(self, path: str, made: "Future[bytes]") -> None:
        body = made.result()
        if path not in self.own:  # a publisher writes a file of this name itself
            self._lay(path, body)

    def _lay(self, path: str, body: bytes) -> bool:
        """Let a file read so; tell whether it was remembered to, and is as it was left."""
        digest = sha256(body).hexdigest()
        place = self.layout.public / path
        known, here = self.before.get(path), files.stat(place)
        self.seen.add(path)
        if known == (digest, here):
            return True
        stat = _reads(place, body) if here.size == len(body) else None
        if stat is None:
            stat = self.batch.document(path, body)
            self.written[path] = None
        if known is None or known[0] != digest:
            self.digests[path] = digest
        self.laid[path] = (digest, stat)
        return False

    def _is_there(self, path: str) -> bool:
        """Tell whether a file is as it was left."""
        known = self.before.get(path)
        if known is None or known[1] != files.stat(self.layout.public / path):
            return False
        self.seen.add(path)
        return True

    def close(
        self, *, absent: Iterable[str] = (), void: Iterable[str] = (), whole: bool = True
    ) -> Put:
        """Let readers find none of the others; tell what became of published files.

        What is ``absent``, and where these are the ``whole``, all others that were written once,
        is taken away: a post that is taken down later would stay there. What somebody changed is
        theirs. What is ``void`` stays as it was before.
        """
        self._leave(void)
        session = self.batch.session
        for path in self.unwanted:
            self._clear(path)
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
        return Put([path for path in self.written if path in self.own], self.digests, self.gone)

    def _clear(self, path: str) -> None:
        """Take away what would be sent in the place of a document, and differ from it."""
        if path in self.own:
            return
        if files.stat(self.layout.public / path) != files.GONE:
            self.batch.withdraw(path)
        if path in self.before:
            self.gone.append(path)

    def _leave(self, paths: Iterable[str]) -> None:
        """Leave files as they were: who made these failed after all."""
        back = [one for path in paths for one in _with_copies(path)]
        self.batch.leave(back)
        self.seen.difference_update(back)
        for path in back:
            for made in (self.laid, self.written, self.digests):
                made.pop(path, None)


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
