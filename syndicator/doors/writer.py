"""The one writer of an archive: who holds its lock and, where machines share a store, leads."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from syndicator.doors import files
from syndicator.doors.layout import Layout

if TYPE_CHECKING:
    from syndicator.doors.leader import Leader


@contextmanager
def alone(layout: Layout) -> Iterator["Leader | None"]:
    """Be the one that writes, for the length of the block; raise Busy where another one is.

    Yields what tells whether that is still so, where the store is a server's.
    """
    with files.lock(layout.lock):
        if isinstance(layout.state, Path):
            yield None
            return
        from syndicator.doors.leader import Leader  # noqa: PLC0415  # few have a server

        with Leader(layout.state) as leader:
            yield leader
