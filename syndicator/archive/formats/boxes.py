"""Boxes (ISO/IEC 14496-12, section 4.2), and the numbers in them."""

from collections.abc import Iterator
from typing import NamedTuple

from syndicator.archive.formats import BREAKS_OFF, Torn


class Box(NamedTuple):
    """A box within a file: ``begin`` of its header, ``body`` behind that, ``end``."""

    kind: bytes
    begin: int
    body: int
    end: int


def boxes(data: bytes, at: int, end: int) -> Iterator[Box]:
    """Yield the boxes that fill the file from ``at`` up to ``end``; raise Torn if none do."""
    while at < end:
        size, kind, header = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:  # up to the end of the file
            size = end - at
        if size < header or at + size > end:
            raise Torn(BREAKS_OFF)
        yield Box(kind, at, at + header, at + size)
        at += size


class Numbers:
    """Reads big-endian numbers one after the other, up to ``end``."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data = data
        self.at = at
        self._end = end

    def next(self, size: int) -> int:
        """Return the next number, of ``size`` bytes; raise Torn where there are not so many."""
        self.at += size
        if self.at > self._end:
            raise Torn("its boxes don't join")
        return int.from_bytes(self._data[self.at - size : self.at], "big")

    def text(self) -> bytes:
        """Return the bytes up to the next zero."""
        stop = self._data.find(b"\0", self.at, self._end)
        stop = stop if stop >= 0 else self._end
        found = self._data[self.at : stop]
        self.at = stop + 1
        return found
