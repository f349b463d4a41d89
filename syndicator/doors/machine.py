"""What this machine gives and forbids: disk, watches, name servers, other users' rights."""

import ctypes
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from stat import S_IROTH, S_IXOTH
from tempfile import TemporaryFile

from syndicator.errors import StoreError

UNITS = tuple(Path(one) for one in ("/etc/systemd/system", "/run/systemd/system"))
UNITS += tuple(Path(one) for one in ("/usr/local/lib/systemd/system", "/usr/lib/systemd/system"))
RESOLV = Path("/etc/resolv.conf")
WATCHES = Path("/proc/sys/fs/inotify/max_user_watches")
_ARENA_MAX, _ARENAS = -8, 2  # the first as malloc.h has it
_FAULTS = 5  # that a broken database is asked for


def nodes(path: Path) -> int | None:
    """Tell how many files may still be made on a disk; None where it does not count them."""
    found = os.statvfs(path)
    return found.f_favail if found.f_files else None


def unwritable(folder: Path) -> str:
    """Say why no file can be made in a folder, "" if one can; nothing is left there."""
    try:
        with TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def shut(path: Path) -> Path | None:
    """Tell the first folder on the way to a file, or the file, that other users can't read."""
    for folder in reversed(path.absolute().parents):
        with suppress(OSError):
            if not folder.stat().st_mode & S_IXOTH:
                return folder
    with suppress(OSError):
        if not path.stat().st_mode & S_IROTH:
            return path
    return None


def exposed(path: Path) -> bool:
    """Tell whether other users can read a file."""
    return shut(path) is None and path.exists()


def instance() -> str:
    """Say why no folder can be watched, "" if one can."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "inotify_init1"):
        return "this system has no inotify"
    handle = libc.inotify_init1(os.O_CLOEXEC)
    if handle < 0:
        return os.strerror(ctypes.get_errno())
    os.close(handle)
    return ""


def spare() -> None:
    """Let threads share what memory they allocate from: each of its own keeps what it once had.

    A wish to glibc (mallopt(3), M_ARENA_MAX); elsewhere nothing.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_ARENA_MAX, _ARENAS)


def trim() -> None:
    """Give memory back that is free but kept for later (malloc_trim(3)); elsewhere nothing."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


def watches(file: Path = WATCHES) -> int | None:
    """Tell how many folders one user may watch; None where that is hidden."""
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def name_servers(file: Path = RESOLV) -> Iterator[IPv4Address | IPv6Address]:
    """Yield the addresses that names are asked of (resolv.conf(5))."""
    with suppress(OSError):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            words = line.split()
            if len(words) > 1 and words[0] == "nameserver":
                with suppress(ValueError):
                    yield ip_address(words[1])


def unit_lines(name: str, folders: tuple[Path, ...] = UNITS) -> list[str]:
    """Return the lines of an installed unit and its drop-ins, those that count for nothing too."""
    lines: list[str] = []
    for folder in folders:
        for file in (folder / name, *sorted((folder / f"{name}.d").glob("*.conf"))):
            with suppress(OSError):
                lines += file.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines


def faults(path: Path) -> list[str]:
    """Tell what SQLite finds wrong with a database; an empty list for a sound one.

    Raises StoreError where this user can't open it: that says nothing of what is in it.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            rows = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({_FAULTS})")]
            loose = db.execute("PRAGMA foreign_key_check").fetchmany(_FAULTS)
    except sqlite3.OperationalError as error:
        hint = "may you read and write it, and its folder, and its disk? It may be whole"
        raise StoreError(f"{path} can't be opened: {error}", hint=hint) from error
    except sqlite3.Error as error:
        return [str(error)]
    found = [line for row in rows for line in row.splitlines() if not line.startswith("***")]
    return [one for one in found[:_FAULTS] if one != "ok"] + [
        f"a row of {row[0]} belongs to none of {row[2]}" for row in loose
    ]
