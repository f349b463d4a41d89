"""What is served: a file as it was read, and the answers that were made of it."""

from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path

from syndicator.doors import files
from syndicator.doors.files import Stat
from syndicator.serve.kinds import Group, Kind

Headers = list[tuple[bytes, bytes]]
LOOK = 1.0  # seconds between two looks at compressed copies
TAG = 32  # hexadecimal digits of an entity tag
MARKS = {b"": b"", b"br": b"-br", b"zstd": b"-zst", b"gzip": b"-gz"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer; with ``place``, the bytes from ``start`` on, ``size`` of them, of that file."""

    status: int
    headers: Headers
    body: bytes = b""
    group: Group = "other"
    place: Path | None = None
    start: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A file in one encoding, for readers or as a page: its tag, and both answers about it."""

    etag: bytes
    whole: Reply
    same: Reply


@dataclass(slots=True, kw_only=True, eq=False)
class Item:
    """One file as it was when it was read; ``body`` is None where it stays on the disk."""

    path: str
    place: Path
    stat: Stat
    kind: Kind
    digest: str  # the SHA-256 of its bytes
    modified: int  # seconds
    body: bytes | None
    encoded: dict[bytes, bytes] = field(default_factory=dict)
    ready: dict[tuple[bytes, bool], Variant] = field(default_factory=dict)  # answers so far
    beside: tuple[tuple[Path, Stat], ...] = ()  # its compressed copies
    look: float = 0.0  # when to look at those again

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.stat.size

    @property
    def last_modified(self) -> bytes:
        """When it changed last, as HTTP writes it."""
        return formatdate(self.modified, usegmt=True).encode()

    def etag(self, coding: bytes, *, page: bool) -> bytes:
        """Return its strong entity tag in one encoding, for readers or as a page."""
        shown = b"-page" if page and self.kind.page != self.kind.reader else b""
        return b'"%b%b%b"' % (self.digest[:TAG].encode(), shown, MARKS[coding])

    def holds(self, now: float) -> bool:
        """Tell whether the files are still those that were read.

        The file itself is looked at each time: who is told of a post finds it in the feed. Its
        compressed copies, which may come a little later, once a second.
        """
        if files.stat(self.place) != self.stat:
            return False
        if now < self.look:
            return True
        self.look = now + LOOK
        return all(files.stat(place) == stat for place, stat in self.beside)
