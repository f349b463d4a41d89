"""The disk: reading content, replacing files whole, one writer at a time.

Nothing here follows a symbolic link out of the content, leaves half a file under its final name,
or writes to a file whose bytes would not change.
"""

import errno
import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from syndicator.errors import Busy, Failed, StoreError

FILE_LIMIT = 32 * 1024 * 1024  # bytes; a larger post is refused by normalise, not read further
CROWD = 16  # files to flush from which one sync of everything is cheaper than one each


_HINTS = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EISDIR: "a folder is in its place: move it away",
    errno.ENOTEMPTY: "a folder is in its place: move it away",
    errno.EXDEV: "an archive lies on one disk, its folders tmp and blobs together",
}


class Stat(NamedTuple):
    """What tells that a file is as it was last time; size -1 means it is not there."""

    size: int
    mtime_ns: int
    inode: int


GONE = Stat(-1, 0, 0)
Mark = tuple[int, int, int]  # a Stat without its names: it compares as equal, and costs half


def stat(path: Path | str) -> Stat:
    """Tell a file's stat, or GONE for anything that is not a plain file that can be reached."""
    try:
        found = os.stat(path)  # noqa: PTH116  # the hot path of a pass; Path.stat costs twice
    except (OSError, ValueError):
        return GONE
    return Stat(found.st_size, found.st_mtime_ns, found.st_ino) if S_ISREG(found.st_mode) else GONE


def entered(folder: Path) -> str:
    """Name the moment at which a file came into a folder, or left it, last; "" for no folder."""
    try:
        found = folder.stat()
    except OSError:
        return ""
    return f"{found.st_ino}:{found.st_mtime_ns}"


def read(path: Path, limit: int = FILE_LIMIT) -> tuple[bytes, Stat]:
    """Read a file whole (at most ``limit`` + 1 bytes) with the stat its bytes had.

    Raises Failed when it can't be read or changed meanwhile: somebody is still writing it.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise Failed(f"could not read {path}: {error.strerror}") from error
    before = os.fstat(handle)
    if not S_ISREG(before.st_mode):
        os.close(handle)
        raise Failed(f"could not read {path}: not a plain file")
    with open(handle, "rb", buffering=0) as file:  # noqa: PTH123  # a descriptor, not a path
        try:
            data = _exactly(file, min(before.st_size, limit) + 1)
        except OSError as error:
            raise Failed(f"could not read {path}: {error.strerror}") from error
        after = os.fstat(handle)
    seen = Stat(after.st_size, after.st_mtime_ns, after.st_ino)
    if seen != Stat(before.st_size, before.st_mtime_ns, before.st_ino) or (
        len(data) != seen.size and len(data) <= limit
    ):
        raise Failed(f"{path} is still being written")
    return data, seen


def _exactly(file: FileIO, size: int) -> bytes:
    """Read until ``size`` bytes or the end; one raw read may bring less."""
    parts: list[bytes] = []
    while size > 0 and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def free(path: Path) -> int:
    """Tell how many bytes this user may still write on the disk of a folder."""
    try:
        found = os.statvfs(path)
    except OSError as error:
        raise full(path, error) from error
    return found.f_bavail * found.f_frsize


def names(folder: Path) -> frozenset[str]:
    """Tell the names of the files in a folder; none where it can't be listed."""
    with suppress(OSError):
        return frozenset(os.listdir(folder))  # noqa: PTH208
    return frozenset()


def within(root: Path, relative: str) -> Path | None:
    """Find a plain file below ``root`` by its exact name, or None.

    ``..``, absolute paths and symbolic links that lead out of the root find nothing. The case
    must be right even where the disk does not mind: the web server that serves the site may.
    """
    parts = relative.split("/")
    if "\0" in relative or not all(part not in {"", ".", ".."} for part in parts):
        return None
    found, linked = root, False
    try:
        for part in parts:
            if not holds(found, part):
                return None
            found /= part
            linked = linked or found.is_symlink()
        base = root.resolve(strict=True)
        real = found.resolve(strict=True) if linked else base.joinpath(*parts)
        inside = real.is_relative_to(base)
    except (OSError, RuntimeError):
        return None
    return real if inside and real.is_file() else None


def holds(folder: Path, name: str) -> bool:
    """Tell whether a folder has exactly this name.

    Where the name in the other case finds nothing, the disk minds the case, and what finds the
    name is its own: a list of thousands of names need not be read for each of them.
    """
    other = name.swapcase()
    if name.isascii() and (other == name or not os.path.lexists(folder / other)):
        return os.path.lexists(folder / name)
    with suppress(OSError):
        return name in os.listdir(folder)  # noqa: PTH208  # names only
    return False


# --- writing -----------------------------------------------------------------------------------


def make_folder(path: Path) -> None:
    """Make a folder that a web server may enter, with its parents, durably.

    Raises StoreError when it can't be made.
    """
    flush(sorted(_make(path)))


def _make(path: Path) -> set[Path]:
    """Make a folder with its parents; tell which folders are to be flushed for that."""
    missing, folder = [], path
    try:
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)  # the umask of a service may hide it from the web server
    except OSError as error:
        says = f"could not make the folder {path}: {error.strerror}"
        taken = isinstance(error, FileExistsError | NotADirectoryError)
        hint = "a file is in its place: move it away" if taken else "give this user permission"
        raise StoreError(says, hint=f"{hint}, or set [archive] root") from error
    return {folder.parent for folder in missing}


def write(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file that is not yet under its final name; ``flush`` makes it durable."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as file:  # noqa: PTH123
            file.write(data)
            os.fchmod(handle, mode)  # the umask of a service may hide it from the web server
    except OSError as error:
        raise full(path, error) from error


def flush(paths: Iterable[Path]) -> None:
    """Return when the files (or folders) are on the disk and not only in memory.

    Raises StoreError when the disk can't promise that.
    """
    paths = list(paths)
    if len(paths) > CROWD:
        os.sync()
        return
    for path in paths:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise full(path, error) from error


def rename(moves: Iterable[tuple[Path, Path]]) -> None:
    """Put flushed files under their final names, each whole or not at all, durably."""
    folders: set[Path] = set()
    try:
        for aside, final in moves:
            folders |= _make(final.parent)
            os.replace(aside, final)  # noqa: PTH105  # the call that is atomic, by its own name
            folders.add(final.parent)
    except OSError as error:
        raise full(final, error) from error
    flush(sorted(folders))


def remove(paths: Iterable[Path]) -> None:
    """Delete files, durably; those that are not there are no matter."""
    folders: set[Path] = set()
    for path in paths:
        try:
            path.unlink()
            folders.add(path.parent)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            says = f"could not delete {path}: {error.strerror}"
            raise StoreError(says, hint="check its permissions") from error
    flush(sorted(folders))


def clear(folder: Path, keep: Iterable[str] = ()) -> None:
    """Remove the files that an interrupted pass left in a scratch folder."""
    kept = set(keep)
    for item in folder.iterdir():
        if item.name not in kept:
            item.unlink()


def full(path: Path, error: OSError) -> StoreError:
    """Say that something could not be written, and what to do about it."""
    hint = _HINTS.get(error.errno or 0, "check its permissions")
    return StoreError(f"could not write {path}: {error.strerror}", hint=hint)


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the one writer's lock; raise Busy naming the holder when another instance has it.

    The kernel frees it when the process ends, however it ends.
    """
    make_folder(path.parent)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise full(path, error) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            says = f"{path.parent} is in use by {_holder(os.fstat(handle).st_ino)}"
            hint = "wait for it to end, or stop it; nothing was changed"
            raise Busy(says, hint=hint) from None
        yield
    finally:
        os.close(handle)


def holder(path: Path) -> str:
    """Tell who holds a lock ("process 7"), "" for nobody; takes no lock of its own to find out."""
    try:
        return _holder(path.stat().st_ino, "")
    except OSError:
        return ""


def _holder(inode: int, unknown: str = "another process") -> str:
    """Ask the kernel who holds a lock: writing it into the file would change the archive."""
    with suppress(OSError, IndexError):
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            kind, pid, place = line.split()[1], line.split()[4], line.split()[5]
            if kind == "FLOCK" and place.endswith(f":{inode}"):
                return f"process {pid}"
    return unknown
