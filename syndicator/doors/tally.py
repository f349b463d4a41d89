"""How much an archive holds, counted anew only where something came or went."""

import os
from contextlib import suppress
from typing import NamedTuple

from syndicator.doors.blobs import SHELVES
from syndicator.doors.layout import Layout


class Sum(NamedTuple):
    """Kept files, and their bytes."""

    files: int = 0
    size: int = 0


class Tally:
    """Counts the kept files of an archive, shelf by shelf.

    A blob never changes, so a shelf holds as much as before while its folder's time is the same.
    What comes within the same tick of the kernel's clock as a count is in the next one.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[str, tuple[int, Sum]] = {}

    def count(self, layout: Layout) -> Sum:
        """Tell what is kept now."""
        found = [self._shelf(str(layout.blobs / shelf)) for shelf in SHELVES]
        return Sum(sum(one.files for one in found), sum(one.size for one in found))

    def _shelf(self, folder: str) -> Sum:
        try:
            at = os.stat(folder).st_mtime_ns  # noqa: PTH116  # 256 of them for each page
        except OSError:
            return Sum()
        known = self._known.get(folder)
        if known is None or known[0] != at:
            known = self._known[folder] = (at, _sum(folder))
        return known[1]


def _sum(folder: str) -> Sum:
    sizes = []
    with suppress(OSError), os.scandir(folder) as entries:
        for one in entries:
            if not one.name.startswith("."):
                with suppress(OSError):  # collected meanwhile
                    sizes.append(one.stat(follow_symlinks=False).st_size)
    return Sum(len(sizes), sum(sizes))
