"""The journal in a bucket: pieces of one size, each created, or replaced by what begins with it.

That is the fence: a second writer, and an older copy of the archive, fail here first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from syndicator.doors import journal
from syndicator.doors.bucket import Bucket, Kind
from syndicator.doors.inventory import Inventory
from syndicator.doors.journal import Position
from syndicator.doors.layout import Layout
from syndicator.errors import Refused

SEGMENT = 512 * 1024  # bytes of a journal's file under one key; the last one grows
LINES = Kind("application/jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The pieces of one archive's journal; without a bucket, what is lacking is counted."""

    layout: Layout
    bucket: Bucket | None
    inventory: Inventory
    tell: Callable[[bytes], None]  # is handed what was put

    def agree(self) -> None:
        """Raise Refused, before anything is written, where the bucket follows another journal.

        By its newest piece: what an older copy of the archive does not know may have been taken
        down since, and must not come back.
        """
        assert self.bucket is not None  # noqa: S101  # who counts does not come here
        for key, *_ in list(self.inventory.below("journal/"))[-1:]:
            name, _, number = key.removeprefix("journal/").rpartition(".")
            found = self.bucket.read(key)
            if found is not None:
                mine = self._mine(name, int(number)) if number.isdecimal() else b""
                if not _begins(found[0], mine):
                    raise ahead() if found[0].startswith(mine) else _another()

    def _mine(self, name: str, number: int) -> bytes:
        try:
            with (self.layout.journal / name).open("rb") as file:
                file.seek(number * SEGMENT)
                return file.read(SEGMENT)
        except OSError:
            return b""

    def put(self, since: Position, to: Position) -> None:
        """Put the journal from one position to another, in pieces of one size."""
        for path, reach in journal.reaches(self.layout.journal, to):
            if path.name < since.name:
                continue
            first = since.offset // SEGMENT if path.name == since.name else 0
            with path.open("rb") as file:
                file.seek(first * SEGMENT)
                for number in range(first, -(-reach // SEGMENT)):
                    piece = file.read(min(SEGMENT, reach - number * SEGMENT))
                    self._piece(f"journal/{path.name}.{number:06}", piece)

    def _piece(self, key: str, piece: bytes) -> None:
        digest = sha256(piece).hexdigest()
        row = self.inventory.get(key)
        known = row if row and row[3] else None  # what another may have put is no piece of ours
        if known and known[3] == digest:
            return
        if self.bucket is not None:
            etag = (
                self.bucket.replace(key, piece, LINES, digest, known[2])
                if known
                else self.bucket.create(key, piece, LINES, digest)
            )
            if etag is None:
                etag = self._continued(key, piece, digest)
            else:
                self.tell(piece)
            self.inventory.put([(key, len(piece), etag, digest)])
        else:
            self.tell(piece)

    def _continued(self, key: str, piece: bytes, digest: str) -> str:
        """Go on from what the bucket has under this key, if that is a beginning of ours."""
        assert self.bucket is not None  # noqa: S101  # who counts does not come here
        found = self.bucket.read(key)
        if found is None:
            etag = self.bucket.create(key, piece, LINES, digest)
        elif found[0] == piece:
            return found[1]
        elif found[0].startswith(piece):
            raise ahead()
        elif not _begins(found[0], piece):
            raise _another()
        else:
            etag = self.bucket.replace(key, piece, LINES, digest, found[1])
        if etag is None:
            raise _another()
        self.tell(piece)
        return etag


def ahead() -> Refused:
    """Say that the folder is older than the bucket."""
    says = "the bucket has more of the journal than this folder: an older copy of the archive"
    return Refused(says, hint="syndicate archive restore, into an empty folder")


def _another() -> Refused:
    says = "the bucket holds the journal of another archive, or another machine writes it"
    return Refused(
        says, hint="one archive, one writer, one prefix: stop the other or name another"
    )


def _begins(old: bytes, new: bytes) -> bool:
    """Tell whether a piece goes on from an older state of itself, redacted or not.

    A redacted line keeps its length and has blanks behind its brace (``doors.redact``). The first
    and the last line of a piece may be cut.
    """
    if new.startswith(old):
        return True
    if len(old) > len(new):
        return False
    before, after = old.split(b"\n"), new[: len(old)].split(b"\n")
    pairs = list(zip(before, after, strict=False))
    if len(before) != len(after) or not pairs[1:]:
        return False
    return all(
        one == other or (len(one) == len(other) and other.startswith(b"{ "))
        for one, other in pairs[1:-1]
    )
