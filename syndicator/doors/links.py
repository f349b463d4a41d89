"""A second name for a kept file: a reflink, a hard link, or a copy, whatever the disk can."""

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

from syndicator.doors.files import GONE, flush, full, make_folder, rename, stat, write

# Why a file gets a copy and no link: the name is taken, or the disk has no links.
COPIED = {errno.EEXIST, errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS}
CLONE = 0x40049409  # FICLONE: btrfs, XFS, bcachefs, OCFS2 (linux/fs.h)


def link(existing: Path, name: Path) -> None:
    """Give a kept file a second name that takes no room, or a copy where the disk can't.

    A file of its own that shares its blocks (a reflink) where there is such a thing, else a hard
    link.
    A name that holds another number of bytes is replaced: it is the part of a copy.
    """
    size = stat(name).size
    if size >= 0 and stat(existing).size in {size, GONE.size}:
        return
    make_folder(name.parent)
    if _clone(existing, name):
        return
    try:
        os.link(existing, name)
    except OSError as error:
        if error.errno not in COPIED:
            raise full(name, error) from error
        _copy(existing, name)


def _clone(existing: Path, name: Path) -> bool:
    """Put a copy that shares its blocks under a name, where the disk can; tell whether it did."""
    aside = _aside(name)
    try:
        aside.unlink(missing_ok=True)
        with existing.open("rb") as source, aside.open("wb") as target:
            fcntl.ioctl(target, CLONE, source.fileno())
            os.fchmod(target.fileno(), 0o444)
    except OSError:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        return False
    flush([aside])
    rename([(aside, name)])
    return True


def _aside(name: Path) -> Path:
    return name.with_name(f".{name.name}.part")


def _copy(existing: Path, name: Path) -> None:
    """Put a copy under a name, whole and durable, in place of whatever is there."""
    aside = _aside(name)
    try:
        aside.unlink(missing_ok=True)  # an interrupted pass left it, and nobody may write to it
        data = existing.read_bytes()
    except OSError as error:
        raise full(name, error) from error
    write(aside, data, mode=0o444)
    flush([aside])
    rename([(aside, name)])
