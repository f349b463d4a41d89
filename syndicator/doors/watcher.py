"""An alarm clock that rings when something is written below a folder.

It may ring for nothing, and it may miss: whoever hears it looks for himself. Events get lost when
folders appear while they are being watched, when a queue overflows, and on network disks.
"""

import ctypes
import os
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

import watchfiles
from watchfiles._rust_notify import WatchfilesRustInternalError

STEP = 20  # milliseconds without an event after which it rings
DEBOUNCE = 200  # milliseconds after which it rings although events go on
_ENDINGS = ("~", ".swp", ".swx", ".swo", ".tmp", ".part", ".bak", ".crdownload", ".orig")
_PROBE = "4913"  # a file vim makes to see whether it may
_HERE, _BTIME, _STATX_SIZE, _BTIME_AT = -100, 0x800, 256, 80  # of linux/stat.h and fcntl.h
Identity = tuple[int, int, int] | None


def is_passing(path: str) -> bool:
    """Tell whether a file is one that editors and copiers make on their way, by its path."""
    name = path.rpartition("/")[2]
    return name.startswith((".", "#")) or name.endswith(_ENDINGS) or name == _PROBE


def identity(root: Path) -> Identity:
    """Tell what makes a folder the same, whatever its name leads to by now; None if not there.

    Device, number, and when it was made: one that is made anew often gets the number of the last.
    """
    try:
        found = os.stat(root)  # noqa: PTH116  # once a second, for years
    except OSError:
        return None
    return found.st_dev, found.st_ino, _made(root)


def _made(path: Path) -> int:
    """Tell in nanoseconds when a file was made (statx(2)); 0 where the disk keeps no such time."""
    buffer, libc = ctypes.create_string_buffer(_STATX_SIZE), ctypes.CDLL(None)
    if not hasattr(libc, "statx"):
        return 0
    if libc.statx(_HERE, os.fsencode(path), 0, _BTIME, buffer):
        return 0
    seconds, rest = struct.unpack_from("=qI", buffer, _BTIME_AT)
    return int(seconds) * 10**9 + int(rest)


async def listen(root: Path, ring: Callable[[Iterable[str]], object]) -> None:
    """Ring with the paths of events below ``root`` until cancelled, or until the folder is gone.

    Where an event can't be read it rings with ``root``, and returns too.
    Raises OSError where the kernel gives no more watches.
    """
    changes = watchfiles.awatch(
        root,
        watch_filter=lambda _change, path: not is_passing(path),
        step=STEP,
        debounce=DEBOUNCE,
        force_polling=False,
        ignore_permission_denied=True,
    )
    try:
        async for events in changes:
            ring(path for _change, path in events)
    except FileNotFoundError:
        return
    except ExceptionGroup:  # what went wrong while it watched: a name that is no UTF-8 will do
        ring([os.fspath(root)])
    except WatchfilesRustInternalError as error:  # no instance is left, of all things
        raise OSError(str(error)) from error
