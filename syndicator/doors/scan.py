"""What lies below a folder, and what of it could not be looked at; no link is followed."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from syndicator.doors.files import Mark

FEW = 64  # files that are looked at one by one; where more were written, a scan is the surer way
_HIDDEN = ("", ".")  # the first letter of a name that is passed over


def scan(root: Path, *, skip: Iterable[Path] = ()) -> Iterator[tuple[str, Mark | None]]:
    """Yield every plain file below ``root`` with its stat, in no order.

    Paths are relative, with ``/``. Names that start with a dot are passed over, so are the folders
    in ``skip``, by whatever way they are reached. A symbolic link, and all that can't be listed
    or looked at, is yielded with None: it was not read. A folder's path ends in ``/``.
    """
    shunned = _identities(skip)
    folders = [""]
    while folders:  # the hot loop of every pass
        prefix = folders.pop()
        try:
            with _listed(root / prefix) as found:
                for item in found:
                    name = item.name
                    if name[0] == ".":
                        continue
                    name = prefix + name
                    try:
                        seen = item.stat(follow_symlinks=False)
                    except OSError as error:
                        yield from ((name + ending, None) for ending in _endings(item, error))
                        continue
                    mode = seen.st_mode
                    if S_ISREG(mode):
                        yield name, (seen.st_size, seen.st_mtime_ns, seen.st_ino)
                    elif S_ISDIR(mode):
                        if (seen.st_dev, seen.st_ino) not in shunned:
                            folders.append(f"{name}/")
                    elif S_ISLNK(mode):
                        yield name, None
        except OSError:
            yield prefix, None


def spot(root: Path, path: str, *, skip: Iterable[Path] = ()) -> Mark | None:
    """Tell the stat of one plain file as ``scan`` would; None for whatever else is at a path."""
    shunned, place = _identities(skip), os.fspath(root)
    *folders, name = path.split("/")
    try:
        for folder in folders:
            place = f"{place}/{folder}"
            seen = os.lstat(place)  # as above
            known = S_ISDIR(seen.st_mode) and (seen.st_dev, seen.st_ino) not in shunned
            if folder[:1] in _HIDDEN or not known:
                return None
        seen = os.lstat(f"{place}/{name}")
    except (OSError, ValueError):
        return None
    if name[:1] in _HIDDEN or not S_ISREG(seen.st_mode):
        return None
    return seen.st_size, seen.st_mtime_ns, seen.st_ino


@contextmanager
def _listed(folder: Path) -> Iterator[Iterator[os.DirEntry[str]]]:
    """List a folder that is held open: its files are then looked at without the way to it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with os.scandir(handle) as found:
            yield found
    finally:
        os.close(handle)


def _identities(folders: Iterable[Path]) -> set[tuple[int, int]]:
    """Tell what makes a folder the same whatever links lead to it, for those that are there."""
    found = set()
    for folder in folders:
        with suppress(OSError):
            seen = folder.stat()
            found.add((seen.st_dev, seen.st_ino))
    return found


def _endings(item: os.DirEntry[str], error: OSError) -> tuple[str, ...]:
    """Tell by the listing what an entry is that can't be looked at: "/" ends a folder's path."""
    if isinstance(error, FileNotFoundError):  # gone again between listing and looking
        return ()
    try:
        return ("/",) if item.is_dir(follow_symlinks=False) else ("",)
    except OSError:  # a disk whose listings tell no types: it may be either
        return ("", "/")
