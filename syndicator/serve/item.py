"""What is served: a file as it was read, and the answers that were made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path

from syndicator.doors import files
from syndicator.doors.files import Stat
from syndicator.publish.kinds import Group, Kind
from syndicator.serve.delta import Piece

Headers = list[tuple[bytes, bytes]]
_REASON = {status.value: status.phrase.encode() for status in HTTPStatus}
LOOK = 1.0  # seconds between two looks at compressed copies
TAG = 32  # hexadecimal digits of an entity tag
MARKS = {b"": b"", b"br": b"-br", b"zstd": b"-zst", b"gzip": b"-gz"}


@dataclass(slots=True, kw_only=True, eq=False)
class Reply:
    """An answer; with ``place``, the bytes from ``start`` on, ``size`` of them, of that file."""

    status: int
    headers: Headers
    body: bytes = b""
    group: Group = "other"
    place: Path | None = None
    start: int = 0
    size: int = 0
    written: tuple[bytes, bytes] = (b"", b"")  # the date, and the whole as it goes over the wire

    def wire(self, date: bytes) -> bytes:
        """Return head and body as one, made anew when the second has changed."""
        if self.written[0] != date:
            lines = [b"HTTP/1.1 %d %b\r\ndate: %b\r\n" % (self.status, _REASON[self.status], date)]
            lines += [b"%b: %b\r\n" % header for header in self.headers]
            self.written = (date, b"".join([*lines, b"\r\n", self.body]))
        return self.written[1]


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
    pieces: tuple[Piece, ...] = ()  # of a feed that can be cut into its entries
    versions: Mapping[str, frozenset[str]] = field(default_factory=dict)  # entries by tag
    deltas: dict[tuple[str, bytes, bytes], Reply | None] = field(
        default_factory=dict
    )  # made so far
    looked: float = -1.0  # when the file was looked at last
    look: float = 0.0  # when to look at its copies again

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.stat.size

    @property
    def last_modified(self) -> bytes:
        """When it changed last, as HTTP writes it."""
        return formatdate(self.modified, usegmt=True).encode()

    @property
    def tag(self) -> str:
        """What all its entity tags begin with."""
        return self.digest[:TAG]

    def etag(self, coding: bytes, *, page: bool) -> bytes:
        """Return its strong entity tag in one encoding, for readers or as a page."""
        shown = b"-page" if page and self.kind.page != self.kind.reader else b""
        return b'"%b%b%b"' % (self.tag.encode(), shown, MARKS[coding])

    def holds(self, now: float) -> bool:
        """Tell whether the files are still those that were read.

        The file itself is looked at for every ``now``, which is to be fresher than a
        millisecond: who is told of a post finds it in the feed. Its compressed copies, which may
        come a little later, once a second.
        """
        if now == self.looked:
            return True
        if files.stat(self.place) != self.stat:
            return False
        self.looked = now
        if now < self.look:
            return True
        self.look = now + LOOK
        return all(files.stat(place) == stat for place, stat in self.beside)
