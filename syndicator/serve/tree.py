"""The folder that is public, and nothing outside it: from the path of a URL to an open file."""

import os
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from urllib.parse import unquote_to_bytes

from syndicator.doors.files import Stat

INDEX = "index.html"
LONGEST = 1024  # bytes of a path in a URL
_FOLDER = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY
_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW


def relative(raw: bytes) -> str | None:
    """Return the file below the public folder that a URL's path names, None for what names none.

    Refused are ``..``, empty and hidden parts, backslashes and control characters, however they
    are written, a slash that is written as %2F, and whatever is no UTF-8.
    """
    if not raw.startswith(b"/") or len(raw) > LONGEST or b"%2f" in raw.lower():
        return None
    try:
        path = unquote_to_bytes(raw[1:]).decode()
    except UnicodeDecodeError:
        return None
    if not path or path.endswith("/"):
        path += INDEX
    parts = path.split("/")
    if any(not part or part.startswith(".") for part in parts):
        return None
    return path if path.isprintable() and "\\" not in path else None


def open_file(root: Path, path: str) -> tuple[int, Stat, int] | None:
    """Open a plain file below ``root``; return descriptor, stat, and when it changed in seconds.

    No symbolic link is followed at any step below the root; None for whatever is no plain file.
    """
    *folders, name = path.split("/")
    try:
        folder = os.open(root, _FOLDER)
    except OSError:
        return None
    try:
        for part in folders:
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        handle = os.open(name, _FILE, dir_fd=folder)
    except OSError:
        return None
    finally:
        os.close(folder)
    found = os.fstat(handle)
    if not S_ISREG(found.st_mode):
        os.close(handle)
        return None
    return (
        handle,
        Stat(found.st_size, found.st_mtime_ns, found.st_ino),
        int(found.st_mtime),
    )


def is_folder(root: Path, path: str) -> bool:
    """Tell whether a path names a folder, which a URL should name with a slash at its end."""
    try:
        found = os.stat(root / path, follow_symlinks=False)  # noqa: PTH116  # not followed
    except (OSError, ValueError):
        return False
    return S_ISDIR(found.st_mode)
