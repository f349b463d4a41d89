"""From a path to a source: the bytes, what they are known by, and what lies beside them."""

import errno
import os
from collections.abc import Container, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from syndicator.doors import files
from syndicator.doors.files import Stat
from syndicator.model.posts import Problem, Severity, Source

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


Folders = dict[Path, frozenset[str]]  # names by folder, as they were when first asked for


def read(root: Path, path: str, folders: Folders | None = None) -> tuple[Source, Stat]:
    """Read a file of the content; raise Failed when it can't be read or is being written.

    ``folders`` saves looking into a folder anew for each of its posts: it may hold thousands.
    """
    source, stat = alone(root, path)
    return replace(source, beside=beside(root, path, folders)), stat


def alone(root: Path, path: str) -> tuple[Source, Stat]:
    """Read a file as ``read`` does, without what lies beside it."""
    data, stat = files.read(root / path)
    source = Source(
        path=path,
        data=data,
        digest=sha256(data).hexdigest(),
        modified=_EPOCH + timedelta(microseconds=stat.mtime_ns // 1000),
    )
    return source, stat


class Folder:
    """The names in a folder, as they are when first asked for: of most posts nobody asks."""

    def __init__(self, place: Path) -> None:
        """Remember where it is."""
        self._place = place
        self._names: frozenset[str] | None = None

    def __contains__(self, name: object) -> bool:
        """Tell whether a file of this very name lies there."""
        if self._names is None:
            self._names = files.names(self._place)
        return name in self._names


def beside(root: Path, path: str, folders: Folders | None = None) -> frozenset[str]:
    """Tell the names of the files in the folder of a file; ``folders`` as in ``read``."""
    file, folders = root / path, {} if folders is None else folders
    if file.parent not in folders:
        folders[file.parent] = files.names(file.parent)
    return folders[file.parent]


def folders(root: Path, paths: Iterable[str], *, far: bool) -> dict[str, Container[str]]:
    """Tell the names of the files in the folders of these files, by folder; the root is ``.``.

    Those who are ``far`` can't look there themselves.
    """
    lie_in = {path.rpartition("/")[0] or "." for path in paths}
    if far:
        return {folder: files.names(root / folder) for folder in lie_in}
    return {folder: Folder(root / folder) for folder in lie_in}


def unread(root: Path, path: str) -> Problem:
    """Say why something that looks like content was passed over."""
    if path.endswith("/"):
        says, hint = (
            "this folder can't be read",
            "check its permissions; its posts stay as they were",
        )
    elif (root / path).is_symlink():
        says, hint = (
            "a symbolic link is not followed",
            "put the file itself into the content folder",
        )
    else:
        says, hint = "the file's name is not UTF-8", "rename it"
    shown = path.encode("utf-8", "backslashreplace").decode()
    return Problem(path=shown, code="SRC001", says=says, hint=hint, severity="warning")


def outside(path: str) -> Problem:
    """Say that no pattern names a Markdown file."""
    return Problem(
        path=path.encode("utf-8", "backslashreplace").decode(),
        code="SITE003",
        says="no pattern of [content] include or exclude matches this file",
        hint="add one that does: to publish it, or to say that it is no post",
        severity="warning",
    )


def nothing(root: Path) -> Problem:
    """Say that there are files, and not one is published."""
    return Problem(
        path=str(root),
        code="SITE004",
        says="not one of the files is published now",
        hint="the feeds are empty",
        severity="warning",
    )


def unreadable(path: str, says: str) -> Problem:
    """Say that a file could not be read in this pass; what was published of it stays."""
    hint = "the next pass reads it"
    severity: Severity = "info"
    if says.endswith("still being written"):
        says = "still being written"
    elif says.endswith(os.strerror(errno.ENOENT)):
        says, hint = "it went while it was to be read", "the next pass sees what is there"
    else:
        hint, severity = "check its permissions; the next pass tries again", "error"
    return Problem(path=path, code="SRC002", says=says, hint=hint, severity=severity)
