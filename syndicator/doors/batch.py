"""What is to change together in the archive, gathered until the ledger makes it happen."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from syndicator.doors import files
from syndicator.doors.files import Stat
from syndicator.doors.layout import HEX, Layout
from syndicator.doors.store import Session, custody
from syndicator.doors.store.apply import apply
from syndicator.model.records import Capture, Copy, Record


class Batch:
    """What is to change together; ``session`` sees it at once, everybody else at the end."""

    def __init__(
        self, layout: Layout, session: Session, barred: custody.Barred, *, dry: bool
    ) -> None:
        """Start empty; a dry batch touches no file, and nothing ``barred`` is kept."""
        self.session = session
        self.barred = barred
        self.records: list[Record] = []
        self.moves: list[tuple[Path, Path]] = []
        self.links: list[tuple[Path, Path]] = []
        self.withdrawn: list[Path] = []
        self._layout = layout
        self._dry = dry
        self._documents = 0
        self._kept: set[str] = set()

    def record(self, records: Iterable[Record]) -> None:
        """Let these have happened; of bytes that were forgotten, only that they came again."""
        new = [self._allowed(record) for record in records]
        self.records += new
        apply(self.session, new)

    def _allowed(self, record: Record) -> Record:
        if not isinstance(record, Capture) or record.digest not in self.barred.digests:
            return record
        nothing = replace(record, digest="", media_type="", extension="", size=0, width=0)
        return replace(nothing, height=0, plan="refused", reason=custody.FORGOTTEN, retry_at=None)

    def keep(self, name: str, data: bytes, *, anew: bool = False) -> None:
        """Keep bytes as the blob of this name, unless they were forgotten.

        ``anew``: in the place of a file of the same size, too.
        """
        blob = self._layout.blob(name)
        if self._dry or name[:HEX] in self.barred.digests:
            return
        if name not in self._kept and (anew or files.stat(blob).size != len(data)):
            self._kept.add(name)  # two posts, or two addresses, may have the same bytes
            aside = self._layout.scratch / name
            files.write(aside, data, mode=0o444)
            self.moves.append((aside, blob))

    def show(self, copies: Iterable[tuple[Copy, bytes]]) -> None:
        """Let readers get these as copies of kept pictures, but for those that were forgotten."""
        barred = self.barred.digests
        let = [both for both in copies if not {both[0].digest, both[0].public} & barred]
        self.record(copy for copy, _ in let)
        for copy, data in () if self._dry else let:
            self._lay(copy, data)

    def _lay(self, copy: Copy, data: bytes) -> None:
        final = self._layout.media / copy.name
        if copy.public == copy.digest:
            self.links.append((self._layout.blob(copy.name), final))
        elif copy.public not in self._kept and files.stat(final).size != copy.size:
            self._kept.add(copy.public)
            aside = self._layout.scratch / scratch(copy)
            files.write(aside, data, mode=0o444)
            self.moves.append((aside, final))

    def document(self, path: str, data: bytes) -> Stat:
        """Let the published file ``path`` read so; return the stat it will have."""
        if self._dry:
            return files.GONE
        self._documents += 1
        aside = self._layout.scratch / f"document-{self._documents}"
        files.write(aside, data)
        self.moves.append((aside, self._layout.public / path))
        return files.stat(aside)

    def leave(self, paths: Iterable[str]) -> None:
        """Let the published files under these paths be as they were before the batch."""
        finals = {self._layout.public / path for path in paths}
        if finals:
            self.moves = [move for move in self.moves if move[1] not in finals]

    def withdraw(self, path: str) -> None:
        """Let readers find no file under this path any more."""
        if not self._dry:
            self.withdrawn.append(self._layout.public / path)


def scratch(copy: Copy) -> str:
    """Name a copy in the scratch folder: the same bytes may be kept in the same batch."""
    return f"copy-{copy.name}"
