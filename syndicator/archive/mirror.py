"""A bucket follows the journal: kept files first, then the lines, then what readers get.

How far it has come is one position for kept files and lines, and one for documents; both move
only over what the bucket has taken. So a kill, or a bucket that is away, costs a repetition.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path

from syndicator.archive.pieces import Pieces, ahead
from syndicator.archive.wanted import CODED, Wanted
from syndicator.doors import journal, lines
from syndicator.doors.bucket import Bucket, Kind, Thing
from syndicator.doors.inventory import Inventory, Row
from syndicator.doors.journal import Position, position
from syndicator.doors.layout import HEX, Layout
from syndicator.errors import Failed
from syndicator.model.records import Written

STEP = 2000  # lines between two moves of the position
ABREAST = 8  # files on their way at once
FOREVER = "public, max-age=31536000, immutable"  # what has its digest for a name
PRIVATE = Kind()
_WRITTEN = b'{"event":"written"'

Kinds = Callable[[str, bytes], Kind]


class _Stopped(Exception):  # noqa: N818  # no error: the rest is for the next time
    """It is wished that this ends soon."""


@dataclass(slots=True)
class Tally:
    """What was done, or would be: files put and deleted, and those that could not be."""

    put: int = 0
    size: int = 0
    deleted: int = 0
    absent: list[str] = field(default_factory=list)  # kept files that are not here, or not well
    waiting: list[str] = field(default_factory=list)  # documents that do not read as was said
    whole: bool = False  # the bucket has all


def blob_key(name: str) -> str:
    """Tell the key of a kept file."""
    return f"blobs/sha256/{name[:2]}/{name}"


def media_key(name: str) -> str:
    """Tell the key of a picture as readers get it."""
    return f"public/media/{name}"


def rebuild(bucket: Bucket, inventory: Inventory) -> None:
    """Learn from the bucket itself what it holds; follow the journal from its start again."""
    inventory.clear()
    found = bucket.each()
    while some := list(islice(found, STEP)):
        inventory.put((one.key, one.size, one.etag, "") for one in some)
    inventory.set(listed="1")


@dataclass(slots=True, kw_only=True)
class Mirror:
    """One go at bringing a bucket to what the folder holds; ``dry`` only counts."""

    layout: Layout
    bucket: Bucket | None  # None: nothing is asked, what is lacking is counted
    inventory: Inventory
    kinds: Kinds = lambda _path, _head: PRIVATE
    stopped: Callable[[], bool] = lambda: False
    progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None
    tally: Tally = field(default_factory=Tally)

    def bring(self) -> Tally:
        """Put what is lacking, in the order that keeps the bucket whole at every moment.

        Raises Failed where the bucket is away, Refused where it holds another archive.
        """
        end = journal.end(self.layout.journal)
        at = position(self.inventory.fact("journal"))
        if at > end:
            raise ahead()
        pieces = Pieces(
            layout=self.layout, bucket=self.bucket, inventory=self.inventory, tell=self._tell
        )
        if self.bucket is not None and at == journal.START:
            pieces.agree()
        with suppress(_Stopped):
            for wanted, to in self._steps(at):
                self._keep(wanted)
                pieces.put(journal.START if wanted.forgotten else at, to)
                self._let_go(wanted)
                at = to
                self._set(journal=str(to))
                self._go_on()
            self._documents(end)
        return self.tally

    def _go_on(self) -> None:
        if self.stopped():
            raise _Stopped

    def _set(self, **facts: str) -> None:
        if self.bucket is not None:
            self.inventory.set(**facts)

    def _steps(self, at: Position) -> Iterator[tuple[Wanted, Position]]:
        """Cut what the journal says from a position on into steps."""
        told = journal.read(self.layout.journal, at)
        while some := list(islice(told, STEP)):
            yield Wanted().take(lines.decode(line) for _, line in some), some[-1][0]

    # --- kept files ---------------------------------------------------------------------------

    def _keep(self, wanted: Wanted) -> None:
        """Put kept files, then readers' pictures; each under a key that nothing else has."""
        blobs = [(blob_key(name), self.layout.blob(name)) for name in sorted(wanted.blobs)]
        self._put_all(blobs, lambda _path: PRIVATE)
        media = [(media_key(name), self.layout.media / name) for name in sorted(wanted.media)]
        self._put_all(media, self._picture)

    def _picture(self, path: Path) -> Kind:
        return self.kinds(path.name, b"")._replace(cache=FOREVER)

    def _put_all(self, files: list[tuple[str, Path]], kind: Callable[[Path], Kind]) -> None:
        lacking = [one for one in files if self.inventory.get(one[0]) is None]
        if self.bucket is None:
            self._count(path for _, path in lacking)
            return
        with ThreadPoolExecutor(ABREAST) as pool:
            done = 0
            todo = iter(lacking)
            while some := list(islice(todo, 4 * ABREAST)):
                self._go_on()
                rows = list(pool.map(lambda one: self._file(one[0], one[1], kind(one[1])), some))
                self.inventory.put(row for row in rows if row)
                done += len(some)
                self.progress("bucket", done, len(lacking))

    def _count(self, paths: Iterable[Path]) -> None:
        for path in paths:
            if path.exists():
                self.tally.put += 1
                self.tally.size += path.stat().st_size

    def _file(self, key: str, path: Path, kind: Kind) -> Row | None:
        """Put a file whose name is its digest; None where it is not here, or not well."""
        assert self.bucket is not None  # noqa: S101  # who counts does not come here
        digest = path.name[:HEX]
        try:
            data = path.read_bytes()
        except OSError:
            data = b""
        if sha256(data).hexdigest() != digest:
            found = self.bucket.look(key)  # the bucket may have what this disk lost
            if found is not None:
                return (key, found.size, found.etag, found.digest)
            self.tally.absent.append(path.name)
            return None
        etag = self.bucket.create(key, data, kind, digest)
        if etag is None:
            etag = self._as_it_lies(key, data, kind, digest)
        else:
            self._tell(data)
        return (key, len(data), etag, digest)

    def _as_it_lies(self, key: str, data: bytes, kind: Kind, digest: str) -> str:
        """Take what lies under a key for what we put, if it is that; else put it right."""
        assert self.bucket is not None  # noqa: S101  # as above
        for _ in range(2):
            found = self.bucket.look(key)
            if found is not None and _same(found, data, digest):
                return found.etag
            etag = (
                self.bucket.create(key, data, kind, digest)
                if found is None
                else self.bucket.replace(key, data, kind, digest, found.etag)
            )
            if etag is not None:
                self._tell(data)
                return etag
        raise Failed(f"{key} changes in the bucket while it is written: who else writes there?")

    def _tell(self, data: bytes) -> None:
        self.tally.put += 1
        self.tally.size += len(data)

    def _let_go(self, wanted: Wanted) -> None:
        """Delete what was collected or taken down."""
        keys = {key(name) for name in wanted.gone for key in (blob_key, media_key)}
        for digest in wanted.forgotten:
            for begin in (blob_key(digest), media_key(digest)):
                keys |= {row[0] for row in self.inventory.below(begin)}
        there = sorted(key for key in keys if self.inventory.get(key) is not None)
        self._delete(there)

    def _delete(self, keys: list[str]) -> None:
        self.tally.deleted += len(keys)
        if self.bucket is not None and keys:
            self.bucket.delete(keys)
            self.inventory.drop(keys)

    # --- what readers get ---------------------------------------------------------------------

    def _documents(self, end: Position) -> None:
        """Put what was written since, and take away what readers should not find."""
        at = position(self.inventory.fact("documents"))
        latest = self._latest(at)
        gone = [key for key, digest in latest.items() if not digest]
        for key, digest in latest.items():
            self._go_on()
            if digest:
                self._document(key, digest)
        self._delete([key for key in gone if self.inventory.get(key) is not None])
        if not self.tally.waiting:
            self._set(documents=str(end))
            self.tally.whole = True

    def _latest(self, at: Position) -> dict[str, str]:
        """Tell what the journal says of documents, by key; "" for those that are no more."""
        latest: dict[str, str] = {}
        for _, line in journal.read(self.layout.journal, at):
            if line.startswith(_WRITTEN):
                record = lines.decode(line)
                assert isinstance(record, Written)  # noqa: S101  # its name says so
                latest |= {f"public/{path}": one for path, one in record.documents.items()}
                latest |= {f"public/{path}": "" for path in record.gone}
        return {key: digest for key, digest in latest.items() if not self._is_copy(key, latest)}

    def _is_copy(self, key: str, latest: dict[str, str]) -> bool:
        """Tell whether a document is another one, compressed: who serves buckets does that."""
        plain = next((key.removesuffix(one) for one in CODED if key.endswith(one)), "")
        return bool(plain) and (plain in latest or self.inventory.get(plain) is not None)

    def _document(self, key: str, digest: str) -> None:
        known = self.inventory.get(key)
        if known and known[3] == digest:
            return
        path = key.removeprefix("public/")
        try:
            data = (self.layout.public / path).read_bytes()
        except OSError:
            data = b""
        if sha256(data).hexdigest() != digest:
            self.tally.waiting.append(path)  # somebody changed it: the next pass puts it right
            return
        if self.bucket is None:
            self._tell(data)
            return
        kind = self.kinds(path, data)
        etag = None
        if known is None:
            etag = self.bucket.create(key, data, kind, digest)
        elif known[3]:  # ours
            etag = self.bucket.replace(key, data, kind, digest, known[2])
        if etag is None:
            etag = self._as_it_lies(key, data, kind, digest)
        else:
            self._tell(data)
        self.inventory.put([(key, len(data), etag, digest)])


def _same(found: Thing, data: bytes, digest: str) -> bool:
    return found.size == len(data) and found.digest in {"", digest} and _alike(found, data, digest)


def _alike(found: Thing, data: bytes, digest: str) -> bool:
    """Where the service does not tell the digest, only a kept file's size can tell."""
    return bool(found.digest) or found.key.rpartition("/")[2].startswith(digest) or not data
