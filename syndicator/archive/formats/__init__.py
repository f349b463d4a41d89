"""The formats of pictures, each taken apart by its own standard: where it ends, what may go.

Every module has one pure function ``dissect``: it follows a file to its end mark, raises ``Torn``
where the parts don't join, and says what readers need not get: positions, serial numbers, names,
small pictures of the whole. What is left out is cut out; not a pixel is coded again.
"""

from dataclasses import dataclass, field

FRAMES = 2_000  # most that a moving picture may have
_PARTS = 250_000  # most pieces a file may be of: a GIF of 20 MB has 80,000, others far fewer
BREAKS_OFF = "breaks off before its end"
TAIL = "what follows its end"


class Torn(Exception):  # noqa: N818  # a state of a file; never leaves the archive's judgement
    """The walk through a file met something that must not be there; the message says what."""


@dataclass(slots=True)
class Cut:
    """What is to be left out of a file, and what may stand there instead."""

    without: dict[str, None] = field(default_factory=dict)  # in words, each once, in their order
    edits: list[tuple[int, int, bytes]] = field(default_factory=list)
    exif: bytes | None = None  # what stays of the first Exif block, None before there was one
    _parts: int = 0

    def step(self) -> None:
        """Count one more piece; raise Torn for a file of so many that it is there to cost time."""
        self._parts += 1
        if self._parts > _PARTS:
            raise Torn("too many parts")

    def leave_out(self, what: str, begin: int, end: int, instead: bytes = b"") -> None:
        """Leave out the bytes from ``begin`` up to ``end``; ``what`` says what they are."""
        self.without[what] = None
        self.edits.append((begin, end, instead))

    def applied(self, data: bytes) -> bytes:
        """Return the file without what is left out; raise Torn where two cuts meet."""
        parts, at = [], 0
        for begin, end, instead in sorted(set(self.edits)):  # two items may share one place
            if begin < at:
                raise Torn("its parts overlap")
            parts += [data[at:begin], instead]
            at = end
        return b"".join((*parts, data[at:]))
