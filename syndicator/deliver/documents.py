"""Documents on disk: only those whose bytes changed are replaced, and each as a whole."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from syndicator.config.values import Coding
from syndicator.deliver.compress import compressed, textual
from syndicator.doors import files
from syndicator.doors.files import Stat
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Batch
from syndicator.doors.store import documents
from syndicator.errors import Failed
from syndicator.model import Document

CODINGS: tuple[Coding, ...] = ("gz", "br", "zst")


def put(
    batch: Batch,
    layout: Layout,
    wanted: Iterable[Document],
    *,
    absent: Iterable[str] = (),
    compress: Collection[Coding] = (),
    whole: bool = True,
) -> list[str]:
    """Let the published files read so; return the paths of those that did not already.

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
    for document in papers:
        same = shelf.lay(document.path, document.body)
        for coding in CODINGS if textual(document.media_type) else ():
            copy = f"{document.path}.{coding}"
            if copy in own:
                continue
            if coding not in compress:
                shelf.clear(copy)
            elif not (same and shelf.is_there(copy)):
                shelf.lay(copy, compressed(document.body, coding))
    idle = {one for path in absent for one in _with_copies(path)} - shelf.seen
    left = documents.known(batch.session, sorted(idle))
    _take_away(batch, layout, {path: stat for path, (_, stat) in left.items()})
    if whole:
        _take_away(batch, layout, documents.others(batch.session, shelf.seen))
    return [path for path in shelf.written if path in own]


@dataclass(slots=True, kw_only=True)
class _Shelf:
    """The folder public, and what was remembered of it before."""

    batch: Batch
    layout: Layout
    before: dict[str, tuple[str, Stat]]
    seen: set[str] = field(default_factory=set)
    written: list[str] = field(default_factory=list)

    def lay(self, path: str, body: bytes) -> bool:
        """Let a file read so; tell whether it was remembered to, and is as it was left."""
        digest = sha256(body).hexdigest()
        place = self.layout.public / path
        self.seen.add(path)
        if self.before.get(path) == (digest, files.stat(place)):
            return True
        stat = _reads(place, body)
        if stat is None:
            stat = self.batch.document(path, body)
            self.written.append(path)
        documents.remember(self.batch.session, path, digest, stat)
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
            documents.forget(self.batch.session, [path])


def _with_copies(path: str) -> list[str]:
    return [path, *(f"{path}.{coding}" for coding in CODINGS)]


def _take_away(batch: Batch, layout: Layout, left: Mapping[str, Stat]) -> None:
    """Let readers find none of these, unless they are not as they were written."""
    for path, stat in left.items():
        if files.stat(layout.public / path) == stat:
            batch.withdraw(path)
    documents.forget(batch.session, list(left))


def _reads(place: Path, body: bytes) -> Stat | None:
    """Tell the stat of a file that holds exactly these bytes, None for any other."""
    try:
        data, stat = files.read(place, len(body))
    except Failed:
        return None
    return stat if data == body else None
