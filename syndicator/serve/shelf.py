"""Published files as they are answered: read once, and again when the writer replaced them.

The writer replaces files by renaming, so that a stat tells whether what is in memory still holds.
Documents and small pictures are kept in memory, ready in every encoding; larger files are sent
from the disk.
"""

import asyncio
import os
import re
import zlib
from collections import OrderedDict
from hashlib import sha256
from pathlib import Path

from syndicator.doors.files import GONE, Stat
from syndicator.publish.kinds import kind
from syndicator.serve.delta import cut, entries
from syndicator.serve.item import Item
from syndicator.serve.ring import Ring
from syndicator.serve.tree import open_file, relative

ROOM = 64 * 2**20  # bytes of files in memory
LARGE = 8 * 2**20  # bytes; a larger document is sent from the disk
PICTURE = 2**18  # bytes; the same for a picture
SIBLINGS = {b"br": ".br", b"zstd": ".zst", b"gzip": ".gz"}
_NAMED = re.compile(r"media/([0-9a-f]{64})(?:\.[a-z0-9]+)?")  # a file that is named by its bytes
_CHUNK = 2**18


class Shelf:
    """The public folder in memory, as far as it was asked for; for one thread."""

    def __init__(self, root: Path, ring: Ring) -> None:
        """Serve ``root``; ``ring`` remembers what its feeds had in them."""
        self.root = root
        self._ring = ring
        self._items: OrderedDict[bytes, Item] = OrderedDict()
        self._room = ROOM
        self._reading: dict[bytes, asyncio.Future[Item | None]] = {}

    def recall(self, raw: bytes, now: float) -> Item | None:
        """Return what is in memory for a URL's path, if it still is as on the disk.

        ``now`` is a time of any beginning that never goes back, in seconds.
        """
        item = self._items.get(raw)
        if item is None:
            return None
        if item.holds(now):
            self._items.move_to_end(raw)
            return item
        self._drop(raw)
        return None

    async def fetch(self, raw: bytes) -> Item | None:
        """Return the file a URL's path names, read once however many ask for it meanwhile."""
        loop = asyncio.get_running_loop()
        item = self.recall(raw, loop.time())
        if item is not None:
            return item
        reading = self._reading.get(raw)
        if reading is None:
            reading = loop.run_in_executor(None, self.load, raw)
            self._reading[raw] = reading
            reading.add_done_callback(lambda _: self._reading.pop(raw, None))
        item = await asyncio.shield(reading)
        if item is not None:
            self.keep(raw, item)
        return item

    def load(self, raw: bytes) -> Item | None:
        """Read the file that a URL's path names; for any thread. None: there is none."""
        path = relative(raw)
        opened = open_file(self.root, path) if path else None
        if path is None or opened is None:
            return None
        handle, stat, modified = opened
        with open(handle, "rb", buffering=0) as file:  # noqa: PTH123  # a descriptor, not a path
            head = os.pread(handle, 4096, 0)
            what = kind(path, head)
            whole = stat.size <= (PICTURE if what.group == "media" else LARGE)
            body = file.read(stat.size + 1) if whole else None
            if body is not None and len(body) != stat.size:
                return None  # written in place, by somebody else: it is there next time
            digest = _digest(path, body, handle)
        place = self.root / path
        item = Item(
            path=path,
            place=place,
            stat=stat,
            kind=what,
            digest=digest,
            modified=modified,
            body=body,
        )
        if body is not None and what.group != "media":
            _siblings(item, body)
        if body is not None and what.group == "feed" and (pieces := cut(body)):
            item.pieces = pieces
            item.versions = self._ring.note(path, item.tag, entries(pieces))
        return item

    def keep(self, raw: bytes, item: Item) -> None:
        """Remember what was read, and forget what was not asked for longest."""
        self._drop(raw)
        self._items[raw] = item
        self._room -= _weight(item)
        while self._room < 0 and len(self._items) > 1:
            self._drop(next(iter(self._items)))

    def clear(self) -> None:
        """Forget all that is in memory."""
        self._items.clear()
        self._room = ROOM

    def _drop(self, raw: bytes) -> None:
        item = self._items.pop(raw, None)
        if item is not None:
            self._room += _weight(item)


def _weight(item: Item) -> int:
    bodies = len(item.body or b"") + sum(map(len, item.encoded.values()))
    return 2 * bodies + 4096  # deltas and headers are made of it, too


def _digest(path: str, body: bytes | None, handle: int) -> str:
    named = _NAMED.fullmatch(path)
    if named:
        return named[1]
    if body is not None:
        return sha256(body).hexdigest()
    found, at = sha256(), 0
    while part := os.pread(handle, _CHUNK, at):
        found.update(part)
        at += len(part)
    return found.hexdigest()


def _siblings(item: Item, body: bytes) -> None:
    """Take the compressed copies that lie beside a document, if they are copies of this one.

    A copy that is older than the document is of an earlier one: the writer writes it after. One
    that is no smaller is of no use. gzip's own checksum is compared; without a copy of that kind
    one is made.
    """
    beside: list[tuple[Path, Stat]] = []
    for coding, ending in SIBLINGS.items():
        opened = open_file(item.place.parent, item.place.name + ending)
        place = item.place.with_name(item.place.name + ending)
        beside.append((place, opened[1] if opened else GONE))
        if opened is None:
            continue
        handle, stat, _ = opened
        with open(handle, "rb") as file:  # noqa: PTH123
            data = file.read(len(body))
        sound = stat.mtime_ns >= item.stat.mtime_ns and len(data) == stat.size < len(body)
        if sound and (coding != b"gzip" or _is_gzip_of(data, body)):
            item.encoded[coding] = data
    if b"gzip" not in item.encoded and len(body) > _SMALL:
        made = gzipped(body)
        if len(made) < len(body):
            item.encoded[b"gzip"] = made
    item.beside = tuple(beside)


_SMALL = 1024  # bytes that fit into one packet: not worth an encoding


def gzipped(body: bytes) -> bytes:
    """Compress, with nothing of the clock in it (RFC 1952)."""
    made = zlib.compressobj(6, zlib.DEFLATED, 31)
    return made.compress(body) + made.flush()


def _is_gzip_of(data: bytes, body: bytes) -> bool:
    """Tell whether the check sum and length at the end of gzip data are those of a body."""
    end = zlib.crc32(body).to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
    return data.endswith(end)
