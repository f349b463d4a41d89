"""Kept files as files: read and compared with their names, set aside, erased.

Everything here may be done twice: it is what the ledger does again after a crash.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

from syndicator.doors import files, workers
from syndicator.doors.layout import HEX, Layout
from syndicator.errors import StoreError
from syndicator.model.custody import Damaged

READERS = 2  # files in hand at once: hashing lets go of the interpreter
SHELVES = tuple(f"{number:02x}" for number in range(256))


class Bytes(NamedTuple):
    """What a file holds; ``digest`` is "" for one that can't be read."""

    path: Path
    digest: str
    size: int

    @property
    def is_right(self) -> bool:
        """Whether the bytes are those that the name speaks of."""
        return self.digest == self.path.name[:HEX]


def look(path: Path) -> Bytes:
    """Read a file and tell what it holds, piece by piece: it may be large.

    A link holds nothing: where it leads to is no part of the archive.
    """
    try:
        with open(path, "rb", opener=_unlinked) as file:  # Path.open has none
            digest = file_digest(file, "sha256").hexdigest()
            return Bytes(path, digest, file.tell())
    except OSError:
        return Bytes(path, "", 0)


def _unlinked(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)


def look_all(paths: Iterable[Path]) -> Iterator[Bytes]:
    """Read files, a few at once, and tell of each in their order."""
    with ThreadPoolExecutor(READERS) as pool:
        yield from pool.map(look, paths)


def look_there(path: Path, *, probe: Path) -> Bytes:
    """Read a file on another machine, if that sees this very disk: ``probe`` lies on it."""
    return look(path) if probe.exists() else Bytes(path, "", 0)


def look_with(pool: Executor, paths: Iterable[Path], probe: Path) -> Iterator[Bytes]:
    """Have files read by workers; what one can't read, or finds wrong, is read here again."""
    for path, found in workers.each(pool, partial(look_there, probe=probe), paths):
        yield found if found.is_right else look(path)


def on_shelves(layout: Layout, shelves: Collection[str]) -> list[Path]:
    """List the kept files of these shelves, in the order of their names."""
    found = [path for shelf in sorted(shelves) for path in _listed(layout.blobs / shelf)]
    return [path for path in found if path.is_file()]


def public(layout: Layout, shelves: Collection[str]) -> list[Path]:
    """List readers' pictures whose names begin like these shelves and that are not mere links.

    A link of a kept file holds the same bytes by nature: reading it again tells nothing.
    """
    mine = [path for path in _listed(layout.media) if path.name[:2] in shelves]
    return [path for path in mine if path.is_symlink() or not _same(path, layout.blob(path.name))]


def any_kept(layout: Layout) -> bool:
    """Tell whether there is any kept file."""
    return any(True for shelf in _listed(layout.blobs) for _ in _listed(shelf))


def quarantined(layout: Layout) -> list[Path]:
    """List what was set aside."""
    return _listed(layout.quarantine)


def _listed(folder: Path) -> list[Path]:
    try:
        names = os.listdir(folder)  # noqa: PTH208  # names, in the hot path of a check
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        says = f"could not read the folder {folder}: {error.strerror}"
        raise StoreError(says, hint="check its permissions") from error
    return [folder / name for name in sorted(names) if not name.startswith(".")]


def _same(one: Path, other: Path) -> bool:
    first, second = files.stat(one), files.stat(other)
    return first.size >= 0 and first == second


def set_aside(layout: Layout, damage: Damaged) -> None:
    """Take damaged bytes from where others would use them, and keep them in quarantine.

    A public link of a damaged blob goes too: readers' programs keep for ever what has a digest
    for a name.
    """
    public = layout.media / damage.name
    place = layout.blob(damage.name) if damage.place == "blobs" else public
    aside = layout.quarantine / f"{damage.name}.{damage.place}-{damage.found[:12]}"
    if damage.place == "public" and place.is_symlink():
        files.remove([place])
    if damage.found and files.stat(place).size >= 0 and not look(place).is_right:
        files.rename([(place, aside)])
    if damage.place == "blobs" and _same(public, aside):
        files.remove([public])


def of_digests(layout: Layout, digests: Collection[str]) -> list[Path]:
    """List every file of these digests: kept, public, or in quarantine."""
    wanted = set(digests)
    shelves = [layout.blobs / shelf for shelf in sorted({digest[:2] for digest in wanted})]
    folders = [*shelves, layout.media, layout.quarantine]
    return [path for folder in folders for path in _listed(folder) if path.name[:HEX] in wanted]


def erase(layout: Layout, digests: Collection[str]) -> None:
    """Delete every file of these digests."""
    files.remove(of_digests(layout, digests))


def collect(layout: Layout, names: Iterable[str]) -> None:
    """Delete these blobs, with their public links."""
    files.remove([place for name in names for place in (layout.blob(name), layout.media / name)])
