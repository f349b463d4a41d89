"""AVIF (AV1 Image File Format; HEIF, ISO/IEC 23008-12): boxes, and items that lie elsewhere.

Offsets of the pixels are counted from the beginning of the file, so nothing may move: what is
left out is overwritten in place, by as many bytes that say nothing.
"""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Final, NamedTuple

from syndicator.archive.formats import BREAKS_OFF, FRAMES, TAIL, Cut, Torn, exif
from syndicator.archive.formats.boxes import Box, Numbers, boxes

_TOP: Final = frozenset((b"ftyp", b"meta", b"moov", b"mdat"))
_INNER: Final = {  # of a moving picture, and of each of its tracks
    b"moov": frozenset((b"mvhd", b"trak", b"meta")),
    b"trak": frozenset((b"tkhd", b"tref", b"edts", b"mdia", b"meta")),
}
_META: Final = frozenset(
    (b"hdlr", b"pitm", b"iinf", b"iloc", b"iprp", b"iref", b"idat", b"grpl", b"dinf")
)
_PIXELS: Final = frozenset((b"av01", b"grid", b"iovl", b"iden", b"tmap", b"a1op", b"a1lx"))
_BRANDS: Final = frozenset((b"avif", b"avis"))
_EMPTY: Final = bytes(4) + b"II*\0\x08\0\0\0"  # where its TIFF begins, and one without tags
_IN_FILE, _IN_META = 0, 1  # how an item's place is told


class _Item(NamedTuple):
    kind: bytes
    content: bytes  # its media type, of one that has one


class _Place(NamedTuple):
    item: int
    begin: int
    end: int


def branded(data: bytes) -> bool:
    """Whether the ftyp box names AVIF among its brands (AV1 Image File Format, section 6)."""
    head = data[: min(int.from_bytes(data[:4], "big"), 4096)]
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, len(head), 4))}
    return data[4:8] == b"ftyp" and not _BRANDS.isdisjoint(brands)


def dissect(data: bytes) -> Cut:
    """Follow the boxes; overwrite Exif, XMP and what is no picture.

    Where the boxes end all that a still picture names must have been. Exif says nothing here: a
    picture is turned by ``irot`` and ``imir``, which stay.
    """
    cut, kinds, reach = Cut(), set(), 0
    found, end = _top(data)
    for box in found:
        cut.step()
        kinds.add(box.kind)
        if box.kind not in _TOP:
            _blank(cut, data, box)
        elif box.kind == b"meta":
            inner, reach = _meta(cut, data, box)
            kinds |= inner
        elif box.kind == b"moov":
            _descend(cut, data, box)
    if not kinds & {b"mdat", b"idat"}:  # the parser of the header doesn't miss them
        raise Torn(BREAKS_OFF)
    if end < len(data):
        if b"moov" in kinds or reach > end:
            raise Torn(BREAKS_OFF)
        cut.leave_out(TAIL, end, len(data))
    return cut


def _top(data: bytes) -> tuple[list[Box], int]:
    """Return the outermost boxes, and where they end: there, the file should end too."""
    found: list[Box] = []
    with suppress(Torn):
        for box in boxes(data, 0, len(data)):
            found.append(box)  # noqa: PERF402  # those before the one that is torn
    return found, found[-1].end if found else 0


def _blank(cut: Cut, data: bytes, box: Box) -> None:
    """Make a box one of free space, if it isn't empty space already."""
    if box.kind in (b"free", b"skip") and not any(data[box.body : box.end]):
        return
    what = "XMP" if box.kind == b"uuid" and b"x:xmpmeta" in data[box.body : box.end] else ""
    head = data[box.begin : box.begin + 4] + b"free" + data[box.begin + 8 : box.body]
    instead = head + bytes(box.end - box.body)
    cut.leave_out(what or "other data", box.begin, box.end, instead)


def _descend(cut: Cut, data: bytes, outer: Box) -> None:
    for box in boxes(data, outer.body, outer.end):
        cut.step()
        if box.kind not in _INNER[outer.kind]:
            _blank(cut, data, box)
        elif box.kind == b"meta":
            _meta(cut, data, box)
        elif box.kind in _INNER:
            _descend(cut, data, box)


def _meta(cut: Cut, data: bytes, outer: Box) -> tuple[set[bytes], int]:
    """Overwrite the items that are no part of the picture.

    Returns the kinds of boxes seen, and where the last of the items ends.
    """
    inner: dict[bytes, Box] = {}
    for box in boxes(data, outer.body + 4, outer.end):
        cut.step()
        if box.kind in _META:
            inner.setdefault(box.kind, box)
        else:
            _blank(cut, data, box)
    items = dict(_items(data, inner[b"iinf"])) if b"iinf" in inner else {}
    places = list(islice(_places(cut, data, inner), FRAMES + 1)) if b"iloc" in inner else []
    if len(places) > FRAMES:
        raise Torn("too many parts")
    pixels = [place for place in places if _shown(items.get(place.item))]
    for place in places:
        item = items.get(place.item)
        if _shown(item):
            continue
        if any(place.begin < one.end and one.begin < place.end for one in pixels):
            raise Torn("its parts overlap")
        _overwrite(cut, data, item, place)
    return set(inner), max((place.end for place in places), default=0)


def _shown(item: _Item | None) -> bool:
    return item is not None and item.kind in _PIXELS


def _overwrite(cut: Cut, data: bytes, item: _Item | None, place: _Place) -> None:
    size, body = place.end - place.begin, data[place.begin : place.end]
    what, instead = "other data", bytes(size)
    if item is not None and item.kind == b"Exif":
        what, instead = "Exif", (_EMPTY + bytes(size))[:size]
        exif.keep(cut, body[4 + int.from_bytes(body[:4], "big") :])
    elif item is not None and item.kind == b"mime":
        what, instead = "XMP" if item.content == b"application/rdf+xml" else what, b" " * size
    if body != instead:
        cut.leave_out(what, place.begin, place.end, instead)


def _items(data: bytes, box: Box) -> Iterator[tuple[int, _Item]]:
    """Yield the items by their number (ISO/IEC 14496-12, 8.11.6)."""
    start = box.body + (6 if data[box.body : box.body + 1] == b"\0" else 8)
    for entry in boxes(data, start, box.end):
        numbers = Numbers(data, entry.body, entry.end)
        version = numbers.next(4) >> 24
        if entry.kind != b"infe" or version < 2:  # noqa: PLR2004  # older ones have no kind
            continue
        item = numbers.next(2 if version == 2 else 4)  # noqa: PLR2004
        numbers.next(2)
        kind = numbers.next(4).to_bytes(4, "big")
        numbers.text()
        yield item, _Item(kind, numbers.text() if kind == b"mime" else b"")


def _places(cut: Cut, data: bytes, inner: dict[bytes, Box]) -> Iterator[_Place]:
    """Yield where items lie in the file (ISO/IEC 14496-12, 8.11.3)."""
    box = inner[b"iloc"]
    numbers = Numbers(data, box.body, box.end)
    version = numbers.next(4) >> 24
    sizes = numbers.next(2)
    of_offset, of_length, of_base = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    of_index = sizes & 15 if version in (1, 2) else 0
    for _ in range(numbers.next(2 if version < 2 else 4)):  # noqa: PLR2004
        cut.step()
        item = numbers.next(2 if version < 2 else 4)  # noqa: PLR2004
        method = numbers.next(2) & 15 if version in (1, 2) else _IN_FILE
        numbers.next(2)
        base = numbers.next(of_base)
        for _ in range(numbers.next(2)):
            cut.step()  # they may take no bytes of the file
            numbers.next(of_index)
            begin, size = base + numbers.next(of_offset), numbers.next(of_length)
            if method == _IN_FILE or (method == _IN_META and b"idat" in inner):
                yield _extent(data, inner, _Place(item, begin, begin + size), method)


def _extent(data: bytes, inner: dict[bytes, Box], place: _Place, method: int) -> _Place:
    """Return a place in the file, which must hold it; a size of 0 means: up to the end."""
    start, end = (inner[b"idat"].body, inner[b"idat"].end) if method else (0, len(data))
    begin = start + place.begin
    stop = start + place.end if place.end > place.begin else end
    if stop > end or begin >= end:
        raise Torn(BREAKS_OFF)
    return _Place(place.item, begin, stop)
