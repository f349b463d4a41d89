"""The journal's files: lines are appended, made durable, and read again; never changed.

One file a month, ``2026-11.jsonl``. A position is the name of a file and the offset behind a line
in it, written ``2026-11.jsonl:1234``; positions sort as time does.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from syndicator.doors import files
from syndicator.errors import StoreError

ENDING = ".jsonl"


class Position(NamedTuple):
    """A place between two lines of the journal; ``START`` is before the first."""

    name: str
    offset: int

    def __str__(self) -> str:
        """Write it as the database keeps it."""
        return f"{self.name}:{self.offset}"


START = Position("", 0)


def position(text: str) -> Position:
    """Read a position as ``str`` wrote it; anything else is the start."""
    name, _, offset = text.rpartition(":")
    return Position(name, int(offset)) if name and offset.isdecimal() else START


def end(folder: Path) -> Position:
    """Tell the position behind the last line, without opening a file.

    A file that never got its first line holds no position.
    """
    for name in reversed(_names(folder)):
        size = (folder / name).stat().st_size
        if size:
            return Position(name, size)
    return START


def mend(folder: Path, more: bytes) -> int:
    """Cut off the torn batch a crash may have left at the very end; tell how many bytes went.

    A line that ends in ``more`` counts only with the line behind it: of what happened together,
    a part would be worse than nothing (a post published, and the pushes for it forgotten).
    """
    files.make_folder(folder)
    names = _names(folder)
    if not names:
        return 0
    with (folder / names[-1]).open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        whole = _line_end(file, size)
        while whole > 0:
            file.seek(max(0, whole - len(more)))
            if file.read(min(whole, len(more))) != more:
                break
            whole = _line_end(file, whole - 1)
        if whole < size:
            file.truncate(whole)
            os.fsync(file.fileno())
    return size - whole


def _line_end(file: BinaryIO, before: int) -> int:
    """Tell the end of the last whole line in the first ``before`` bytes, 0 for none."""
    while before > 0:
        step = min(before, 65536)
        file.seek(before - step)
        cut = file.read(step).rfind(b"\n")
        if cut >= 0:
            return before - step + cut + 1
        before -= step
    return 0


def append(folder: Path, month: str, lines: Iterable[bytes]) -> Position:
    """Append whole lines (each ends in a line feed) and return the new end once they are durable.

    ``month`` is "2026-11"; a clock set back goes on in the newest file. Raises StoreError when
    the disk refuses, with nothing appended.
    """
    names = _names(folder)
    name = max([f"{month}{ENDING}", *names[-1:]])
    path, data = folder / name, b"".join(lines)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise _unwritten(path, error, "check its permissions") from error
    with open(handle, "wb", buffering=0) as file:  # noqa: PTH123  # opened without truncation
        before = file.seek(0, os.SEEK_END)
        if not before:  # its name first: lines in a file that a power cut takes away are no lines
            files.flush([folder])
        try:
            view = memoryview(data)
            while view:
                view = view[file.write(view) :]
            os.fsync(handle)
        except OSError as error:
            with suppress(OSError):  # what stays of the batch, the next pass cuts off or applies
                file.truncate(before)
            raise _unwritten(path, error, "free some space") from error
    return Position(name, before + len(data))


def _unwritten(path: Path, error: OSError, hint: str) -> StoreError:
    return StoreError(
        f"could not write {path}: {error.strerror}", hint=f"{hint}; nothing was lost"
    )


def reaches(folder: Path, to: Position) -> Iterator[tuple[Path, int]]:
    """Yield each file, and how much of it lies before a position, oldest first."""
    for name in _names(folder):
        if name <= to.name:
            path = folder / name
            yield path, to.offset if name == to.name else path.stat().st_size


def lacks(folder: Path, before: Position) -> bool:
    """Tell whether part of the journal before a position is gone."""
    try:
        return before != START and (folder / before.name).stat().st_size < before.offset
    except FileNotFoundError:
        return True


def read(folder: Path, after: Position = START) -> Iterator[tuple[Position, bytes]]:
    """Yield each line behind ``after`` with the position behind it, oldest first.

    Raises StoreError when the journal is shorter than ``after`` says, and part of it is gone, or
    when no line ends there.
    """
    names = _names(folder)
    if lacks(folder, after):
        says = f"{folder} is shorter than state.db remembers ({after})"
        raise StoreError(
            says, hint="restore the journal; or move state.db away to go on from what is left"
        )
    for name in names:
        if name < after.name:
            continue
        with (folder / name).open("rb") as file:
            offset = _sought(file, after) if name == after.name else 0
            for line in file:
                if not line.endswith(b"\n"):  # torn; ``mend`` cuts it off, a dry run passes it by
                    return
                offset += len(line)
                yield Position(name, offset), line


def _sought(file: BinaryIO, after: Position) -> int:
    """Go behind a line; raise StoreError where none ends there."""
    if after.offset:
        file.seek(after.offset - 1)
        if file.read(1) != b"\n":
            says = f"the journal is not what it was: no line ends at {after}, as state.db has it"
            hint = "restore it; or, if its lines are right, make state.db anew: archive reindex"
            raise StoreError(says, hint=hint)
    return file.seek(after.offset)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(ENDING))  # noqa: PTH208  # names
    except FileNotFoundError:
        return []
    except OSError as error:
        says = f"could not read the folder {folder}: {error.strerror}"
        raise StoreError(says, hint="check its permissions, or set [archive] root") from error
