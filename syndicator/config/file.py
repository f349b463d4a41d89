"""The configuration file before anybody judges it: where it lies, its bytes, its raw tables.

Nothing here imports pydantic, so that a pass which finds nothing changed can end in
milliseconds. The few defaults it needs are defined here and taken over by ``tables``.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from syndicator.errors import ConfigError

VARIABLE = "SYNDICATOR_CONFIG"
PLACES = (Path("config/syndicator.toml"), Path("/etc/syndicator/syndicator.toml"))
LARGEST = 1 << 20  # bytes; nobody writes a megabyte of settings, but --config may name /dev/zero

CONTENT_ROOT = "content"
CONTENT_INCLUDE = ("**/*.md", "**/*.markdown")
CONTENT_EXCLUDE: tuple[str, ...] = ()
ARCHIVE_ROOT = "archive"

_STORES = ("postgresql://", "postgres://")
_PASSWORD = re.compile(r"[?&](ssl)?password=", re.IGNORECASE)
_SINGLE_PUBLISH = re.compile(r"^[ \t]*\[publish\]", re.MULTILINE)
_PLACE_IN_MESSAGE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class Quick(NamedTuple):
    """What the fast path needs: which files to look at, and where the last pass left its index."""

    content_root: Path
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    archive_root: Path
    store: str  # the address of a database server, "" for state.db


def find(explicit: str | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """Return the configuration file to use, absolute; the first place that names one decides.

    In order: ``--config`` (``explicit``), the variable SYNDICATOR_CONFIG,
    ./config/syndicator.toml, /etc/syndicator/syndicator.toml. A file that was asked for by name
    and is not there is an error, never a reason to take another one. Raises ConfigError.
    """
    for name, asked in (("--config", explicit), (VARIABLE, environ.get(VARIABLE))):
        if asked:
            file = cwd / asked
            if _missing(file):
                raise ConfigError(
                    f"{name} names {file}, and there is no such file",
                    hint="name an existing file, or write a new one with `syndicate init`",
                )
            return file
    for place in PLACES:
        if not _missing(cwd / place):
            return cwd / place
    looked = ", ".join(str(cwd / place) for place in PLACES)
    raise ConfigError(
        f"no configuration found: looked at --config, {VARIABLE}, {looked}",
        hint="write one with `syndicate init`, or name one with --config FILE",
    )


_HELD: dict[Path, bytes] = {}


def hold(file: Path, data: bytes | None) -> None:
    """Let ``data`` be what this process reads of a file, whatever becomes of it; None: no more.

    A daemon keeps to the configuration it took, while a person edits the next one.
    """
    if data is None:
        _HELD.pop(file, None)
    else:
        _HELD[file] = data


def on_disk(file: Path) -> bytes:
    """Return the bytes of the file as it is now. Raises ConfigError."""
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        hint = "may this user read it, and enter its folders? Else run as its owner"
        hint = hint if isinstance(error, PermissionError) else ""
        raise _unusable(file, "CFG001", f"can't be read: {reason}", hint=hint) from error
    if len(data) > LARGEST:
        raise _unusable(file, "CFG001", f"is larger than {LARGEST} bytes: not a configuration")
    return data


def read(file: Path, data: bytes | None = None) -> tuple[bytes, dict[str, object]]:
    """Return the bytes of the file and its tables as TOML has them, unchecked.

    ``data`` is read in place of the file where it is given, or held (``hold``).

    A byte order mark is tolerated: an editor put it there, not a person. Raises ConfigError for
    a file that is missing, unreadable, too large, not UTF-8 or not TOML, with line and column.
    """
    if data is None:
        data = _HELD[file] if file in _HELD else on_disk(file)
    text = _decode(file, data)
    try:
        return data, tomllib.loads(text)
    except RecursionError as error:
        raise _unusable(file, "CFG002", "is nested too deeply") from error
    except ValueError as error:  # TOMLDecodeError, and int() on thousands of digits
        says, line, column = _place(str(error), text)
        single = _SINGLE_PUBLISH.search(text)  # what tomllib says of it helps nobody
        hint = "write [[publish]], with two brackets, for each publisher" if single else ""
        raise _unusable(file, "CFG002", f"not TOML: {says}", line, column, hint=hint) from error


def quick(raw: Mapping[str, object], folder: Path) -> Quick | None:
    """Return what the fast path needs, or None where a full ``load`` must say what is wrong."""
    content, archive = raw.get("content", {}), raw.get("archive", {})
    store = raw.get("store", {})
    if not (isinstance(content, dict) and isinstance(archive, dict) and isinstance(store, dict)):
        return None
    url = store.get("url", "")
    if not isinstance(url, str) or wrong_store(url):
        return None
    roots = (content.get("root", CONTENT_ROOT), archive.get("root", ARCHIVE_ROOT))
    include = content.get("include", CONTENT_INCLUDE)
    exclude = content.get("exclude", CONTENT_EXCLUDE)
    if not (_texts(roots) and _texts(include) and _texts(exclude)):
        return None
    return Quick(
        content_root=below(folder, roots[0]),
        include=tuple(include),
        exclude=tuple(exclude),
        archive_root=below(folder, roots[1]),
        store=url,
    )


def wrong_store(url: str) -> str:
    """Say what is wrong with the address of a database server, "" for nothing; never repeat it."""
    if not url:
        return ""
    if not url.startswith(_STORES) or not url.isprintable():
        return 'must be such as "postgresql://user@host/name"'
    rest = url.partition("://")[2]
    user = re.split("[/?]", rest, maxsplit=1)[0].rpartition("@")[0]
    if ":" in user or _PASSWORD.search(rest):
        return "holds a password, which does not belong into this file"
    return ""


def below(folder: Path, written: str) -> Path:
    """Return the path a setting names, absolute, seen from the folder of the configuration.

    ``..`` is folded away only where that names the same place: with a symbolic link before it,
    it does not.
    """
    path = Path.cwd() / folder / written
    tidy = Path(os.path.normpath(path))
    return tidy if tidy.resolve() == path.resolve() else path


def _missing(path: Path) -> bool:
    """Tell whether nothing is there; what can't be looked at is there, and ``read`` says why."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _decode(file: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        says = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise _unusable(
            file,
            "CFG001",
            says,
            before.count("\n") + 1,
            len(before) - before.rfind("\n"),
            hint="save the file as UTF-8",
        ) from error


def _place(says: str, text: str) -> tuple[str, int, int]:
    """Split tomllib's message into what it says, line and column; it has no attributes in 3.11."""
    found = _PLACE_IN_MESSAGE.search(says)
    if found is None:
        return says, 0, 0
    if found[1] is None:
        return says[: found.start()], text.count("\n") + 1, len(text) - text.rfind("\n")
    return says[: found.start()], int(found[1]), int(found[2])


def _unusable(
    file: Path, code: str, says: str, line: int = 0, column: int = 0, *, hint: str = ""
) -> ConfigError:
    from syndicator.model.posts import Problem  # noqa: PLC0415  # the fast path needs no model

    problem = Problem(path=str(file), line=line, column=column, code=code, says=says, hint=hint)
    return ConfigError(f"{file} can't be used", problems=(problem,))
