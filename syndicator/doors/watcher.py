"""An alarm clock that rings when something is written below a folder.

It may ring for nothing, and it may miss: whoever hears it looks for himself. Events get lost when
folders appear while they are being watched, when a queue overflows, and on network disks.
"""

import os
from collections.abc import Callable
from pathlib import Path

import watchfiles
from watchfiles._rust_notify import WatchfilesRustInternalError

STEP = 20  # milliseconds without an event after which it rings
DEBOUNCE = 200  # milliseconds after which it rings although events go on
_ENDINGS = ("~", ".swp", ".swx", ".swo", ".tmp", ".part", ".bak", ".crdownload", ".orig")
_PROBE = "4913"  # a file vim makes to see whether it may
Identity = tuple[int, int] | None


def is_passing(path: str) -> bool:
    """Tell whether a file is one that editors and copiers make on their way, by its path."""
    name = path.rpartition("/")[2]
    return name.startswith((".", "#")) or name.endswith(_ENDINGS) or name == _PROBE


def identity(root: Path) -> Identity:
    """Tell what makes a folder the same, whatever its name leads to by now; None if not there."""
    try:
        found = os.stat(root)  # noqa: PTH116  # once a second, for years
    except OSError:
        return None
    return found.st_dev, found.st_ino


async def listen(root: Path, ring: Callable[[], object]) -> None:
    """Ring at every event below ``root`` until cancelled, or until the folder is gone.

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
        async for _ in changes:
            ring()
    except FileNotFoundError:
        return
    except WatchfilesRustInternalError as error:  # no instance is left, of all things
        raise OSError(str(error)) from error
