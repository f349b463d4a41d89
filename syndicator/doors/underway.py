"""What is on its way, said before it goes: who is killed can't say it any more.

A line for each attempt, in a file beside the database. What is written there outlives the process,
though not a power cut, and costs some millionths of a second instead of a commit.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

from syndicator.errors import StoreError
from syndicator.model.feeds import Parcel


class Begun(NamedTuple):
    """An attempt that was begun, and may have ended."""

    delivery: int
    attempts: int  # that were made before it
    at: str  # ISO 8601
    age: float  # seconds its process had lived

    @property
    def nth(self) -> tuple[int, int]:
        """Which attempt it is, as a parcel says it."""
        return self.delivery, self.attempts


class Underway:
    """The file, open and empty: whoever opens it has taken in what was left in it."""

    def __init__(self, path: Path) -> None:
        """Open it; raise StoreError where that can't be done."""
        self._path = path
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        try:
            self._file = os.open(path, flags, 0o600)
        except OSError as error:
            raise _unusable(path, error) from error

    def note(self, parcel: Parcel, at: datetime, age: float) -> None:
        """Say that it is about to be sent; raise StoreError where that can't be written."""
        text = f"{parcel.delivery} {parcel.attempts} {at.isoformat()} {age:.3f}\n".encode()
        try:
            short = os.write(self._file, text) < len(text)
        except OSError as error:
            raise _unusable(self._path, error) from error
        if short:
            raise _unusable(self._path, OSError(0, "no space left"))

    def __enter__(self) -> Self:
        """Stay open for the block."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close it; what it says stays."""
        os.close(self._file)


def left(path: Path) -> list[Begun]:
    """Tell which attempts were begun since it was opened last; what can't be read is none."""
    try:
        lines = path.read_text("ascii", "replace").splitlines()
    except OSError:
        return []
    return [found for line in lines if (found := _read(line)) is not None]


def _read(line: str) -> Begun | None:
    try:
        delivery, attempts, at, age = line.split(" ")
        return Begun(int(delivery), int(attempts), at, float(age))
    except ValueError:
        return None


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"could not write {path}: {error.strerror}", hint="is the disk full?")
