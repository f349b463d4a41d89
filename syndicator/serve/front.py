"""From a request for a published file to the answer (RFC 9110): the server's own decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from syndicator.config.moves import GONE, Moves, answer
from syndicator.serve import replies, wishes
from syndicator.serve.item import TAG, Headers, Item, Reply, Variant
from syndicator.serve.shelf import Shelf
from syndicator.serve.tree import is_folder, relative

Asked = Mapping[bytes, bytes]  # the headers of a request, names in lower case
_DELTAS = 256  # answers that are remembered for one version of a feed


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the answers say of the site: its address, its hubs, how long they hold."""

    url: str
    hubs: Sequence[str] = ()
    max_age: int = 900
    moved: Moves = field(default_factory=dict)


class Front:
    """Answers for one public folder; for one thread."""

    def __init__(self, shelf: Shelf, house: House) -> None:
        """Answer with the files of ``shelf``."""
        self._shelf = shelf
        self._house = house

    def renew(self, house: House) -> None:
        """Say something else of the site from now on."""
        self._house = house
        self._shelf.clear()  # its items hold answers that say it as before

    def known(self, raw: bytes, asked: Asked, now: float) -> Reply | None:
        """Answer at once from memory; None where the disk has to be asked."""
        item = self._shelf.recall(raw, now)
        return None if item is None else self._reply(item, asked)

    async def fetch(self, raw: bytes, asked: Asked) -> Reply:
        """Answer with what the disk has."""
        item = await self._shelf.fetch(raw)
        return self._nothing(raw) if item is None else self._reply(item, asked)

    def _nothing(self, raw: bytes) -> Reply:
        """Say where it went, or that there is nothing."""
        path = relative(raw)
        status, target = (path and answer(path, self._house.moved)) or (0, "")
        if status == GONE:
            return replies.plain(GONE)
        if status:
            return replies.moved(status, target.encode(), self._house.max_age)
        if path and is_folder(self._shelf.root, path):
            return replies.moved(301, raw + b"/", self._house.max_age)
        return replies.plain(404)

    def _reply(self, item: Item, asked: Asked) -> Reply:
        made = self._chosen(item, asked)
        if b"if-match" in asked and not _matches(asked[b"if-match"], made.etag):
            return replies.plain(412)
        if _is_same(asked, made.etag, item.modified):
            return made.same
        less = None
        if item.pieces and b"a-im" in asked and wishes.takes_deltas(asked[b"a-im"]):
            less = _delta(item, made, asked)
        elif b"range" in asked and replies.ranged(item):
            less = _part(item, made, asked)
        return less or made.whole

    def _chosen(self, item: Item, asked: Asked) -> Variant:
        """Choose by what a reader takes, and by whether it is one."""
        page = item.kind.page is not item.kind.reader and wishes.navigates(
            asked.get(b"sec-fetch-dest", b""), asked.get(b"accept", b"")
        )
        coding = b""
        if item.encoded and b"accept-encoding" in asked:
            for one in wishes.encodings(asked[b"accept-encoding"]):
                if one in item.encoded:
                    coding = one
                    break
        return self._variant(item, coding, page=page)

    def _variant(self, item: Item, coding: bytes, *, page: bool) -> Variant:
        key = (coding, page)
        made = item.ready.get(key)
        if made is None:
            links = self._links(item) if item.kind.group == "feed" else b""
            made = item.ready[key] = replies.variant(
                item, coding, page=page, links=links, max_age=self._house.max_age
            )
        return made

    def _links(self, item: Item) -> bytes:
        """Name the feed's own address and its hubs (WebSub, 4)."""
        own = f'<{self._house.url}{quote(item.path)}>; rel="self"'
        return ", ".join([own, *(f'<{hub}>; rel="hub"' for hub in self._house.hubs)]).encode()


def _delta(item: Item, made: Variant, asked: Asked) -> Reply | None:
    """Answer with what is new since a version the reader has, if that is known and not all."""
    for named in wishes.named(asked.get(b"if-none-match", b"")):
        base = named[:TAG].decode("ascii", "replace")
        if base in item.versions:
            codings = wishes.encodings(asked.get(b"accept-encoding", b""))
            coding = b"gzip" if b"gzip" in codings else b""
            key = (base, coding, made.etag)
            if key not in item.deltas and len(item.deltas) < _DELTAS:
                item.deltas[key] = replies.delta(item, made, base, named, coding)
            return item.deltas.get(key)
    return None


def _part(item: Item, made: Variant, asked: Asked) -> Reply | None:
    """Answer with the range of bytes that is asked for, if there is one."""
    span = wishes.span(asked[b"range"], item.size)
    fresh = wishes.whole_since(asked.get(b"if-range", b""), made.etag, item.last_modified)
    return replies.part(made.whole, span) if span is not None and fresh else None


def joined(headers: Headers) -> dict[bytes, bytes]:
    """Join what came in several lines of one name (RFC 9110, 5.3)."""
    asked: dict[bytes, bytes] = {}
    for name, value in headers:
        asked[name] = asked[name] + b", " + value if name in asked else value
    return asked


def _matches(versions: bytes, etag: bytes) -> bool:
    return versions.strip() == b"*" or etag in versions.replace(b'W/"', b"")


def _is_same(asked: Asked, etag: bytes, modified: int) -> bool:
    """Tell whether the reader has this version; If-None-Match wins (RFC 9110, 13.2.2)."""
    versions = asked.get(b"if-none-match")
    if versions is not None:
        return versions == etag or wishes.has_version(versions, etag)
    date = asked.get(b"if-modified-since")
    return date is not None and wishes.is_since(date, modified)
