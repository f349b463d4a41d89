"""Which entries the last versions of each feed had, by entity tag: what deltas are made against.

A file for each feed, replaced whole; it can be deleted at any time: readers then get the whole
feed once. Where nothing may be written, it is all in memory, until the end of the process.
"""

import json
from collections.abc import Collection
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from syndicator.doors import files
from syndicator.errors import SyndicatorError

VERSIONS = 64  # of a feed; a reader that comes more rarely gets the whole
ROOM = 20_000  # entries in all versions of a feed together
_LARGEST = 2**20  # bytes of a file that is believed
Versions = dict[str, frozenset[str]]  # by tag, oldest first


class Ring:
    """The versions, one dictionary a feed; different feeds may be noted in different threads."""

    def __init__(self, folder: Path | None) -> None:
        """Keep the files in ``folder``; None: in memory only."""
        self._folder = folder
        self._known: dict[str, Versions] = {}

    def note(self, path: str, tag: str, entries: Collection[str]) -> Versions:
        """Remember a version that is about to be served; return all that are known."""
        known = self._known.get(path)
        if known is None:
            known = self._read(path)
        if next(reversed(known), None) != tag:
            known = {old: had for old, had in known.items() if old != tag}
            known[tag] = frozenset(entries)
            _shorten(known)
            self._write(path, known)
        self._known[path] = known
        return known

    def _file(self, path: str) -> Path | None:
        name = sha256(path.encode()).hexdigest()[:32]
        return None if self._folder is None else self._folder / f"{name}.json"

    def _read(self, path: str) -> Versions:
        """Read what an earlier process noted; whatever is not as it should be is nothing."""
        file = self._file(path)
        if file is None:
            return {}
        with suppress(SyndicatorError, ValueError, TypeError, LookupError, AttributeError):
            noted = json.loads(files.read(file, _LARGEST)[0])
            if noted["path"] == path:
                return {str(tag): frozenset(had.split()) for tag, had in noted["versions"]}
        return {}

    def _write(self, path: str, known: Versions) -> None:
        file = self._file(path)
        if file is None:
            return
        versions = [[tag, " ".join(sorted(had))] for tag, had in known.items()]
        said = json.dumps({"path": path, "versions": versions}, ensure_ascii=False)
        aside = file.with_suffix(".part")
        with suppress(SyndicatorError):  # a disk that is full, or not ours: memory has it
            files.make_folder(file.parent)
            files.write(aside, said.encode())
            files.rename([(aside, file)])


def _shorten(known: Versions) -> None:
    """Forget the oldest versions, as far as there is no room for them."""
    held = sum(map(len, known.values()))
    while len(known) > VERSIONS or (held > ROOM and len(known) > 1):
        oldest = next(iter(known))
        held -= len(known.pop(oldest))
