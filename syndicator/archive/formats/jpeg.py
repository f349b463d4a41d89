"""JPEG (ITU T.81, annex B): segments up to EOI."""

import re
from collections.abc import Iterator
from typing import Final

from syndicator.archive.formats import BREAKS_OFF, TAIL, Cut, Torn, exif

_MARK: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # in coded data: neither stuffing nor RSTn
_FILL: Final = re.compile(rb"\xff+")  # any number of these may stand before a marker
_SCAN, _END, _COMMENT = 0xDA, 0xD9, 0xFE
_APPLICATION: Final = range(0xE0, 0xF0)
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # the SOFn among them
_SHOWN: Final = frozenset({0xC0, 0xC1, 0xC2})  # Huffman, not lossless: what browsers decode
_JFIF: Final = 16  # bytes of a JFIF header's length field and payload without a thumbnail
_ADOBE: Final = 14  # the same of Adobe's colour transform
_XMP: Final = (b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0")
_KNOWN: Final = {
    (0xE0, b"JFXX\0"): "thumbnail",
    (0xE1, _XMP[0]): "XMP",
    (0xE1, _XMP[1]): "XMP",
    (0xE2, b"MPF\0"): "more pictures",
    (0xED, b"Photoshop 3.0\0"): "IPTC",
}


def dissect(data: bytes) -> Cut:
    """Follow the markers to EOI; keep the JFIF header, the ICC profile, Adobe's transform.

    Of Exif the orientation stays. A marker within a segment (a thumbnail's EOI) ends nothing.
    """
    cut, at, seen = Cut(), 2, set()
    for mark, begin, at in _segments(data):
        cut.step()
        seen.add(mark)
        if mark in _FRAMES and (mark not in _SHOWN or data[begin + 4] != 8):  # noqa: PLR2004  # bits
            raise Torn("coded in a way that browsers don't show")
        if mark in _APPLICATION:
            _application(cut, data, begin, at)
        elif mark == _COMMENT:
            cut.leave_out("comment", begin, at)
    if _SCAN not in seen or seen.isdisjoint(_FRAMES):
        raise Torn("holds no picture")
    if at < len(data):
        cut.leave_out(TAIL, at, len(data))
    return cut


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the markers up to EOI: which, and where its segment begins and ends."""
    at, mark, coded = 2, 0, False
    while mark != _END:
        if coded:
            found = _MARK.search(data, at)
            at = found.start() if found else len(data)
        filled = _FILL.match(data, at)
        at = filled.end() - 1 if filled else at
        if len(data) < at + 2:
            raise Torn(BREAKS_OFF)
        if data[at] != 0xFF:  # noqa: PLR2004  # every marker begins so
            raise Torn("its segments don't join")
        begin, mark = at, data[at + 1]
        length = 0 if mark == _END else max(int.from_bytes(data[at + 2 : at + 4], "big"), 2)
        at += 2 + length
        if len(data) < at:
            raise Torn(BREAKS_OFF)
        coded = coded or mark == _SCAN
        yield mark, begin, at


def _application(cut: Cut, data: bytes, begin: int, end: int) -> None:
    """Judge an APPn segment by the name it begins with."""
    mark, body = data[begin + 1], data[begin + 4 : end]
    if mark == 0xE0 and body.startswith(b"JFIF\0"):  # noqa: PLR2004
        if end - begin - 2 > _JFIF:
            head = data[begin : begin + 2] + _JFIF.to_bytes(2, "big") + body[:12] + bytes(2)
            cut.leave_out("thumbnail", begin, end, head)
    elif mark == 0xEE and body.startswith(b"Adobe"):  # noqa: PLR2004
        if end - begin - 2 > _ADOBE:
            head = data[begin : begin + 2] + _ADOBE.to_bytes(2, "big") + body[: _ADOBE - 2]
            cut.leave_out("other data", begin, end, head)
    elif mark == 0xE1 and body.startswith(exif.MARK):  # noqa: PLR2004
        _exif(cut, body, begin, end)
    elif mark != 0xE2 or not body.startswith(b"ICC_PROFILE\0"):  # noqa: PLR2004
        known = (
            what for (of, name), what in _KNOWN.items() if of == mark and body.startswith(name)
        )
        cut.leave_out(next(known, "other data"), begin, end)


def _exif(cut: Cut, body: bytes, begin: int, end: int) -> None:
    block = body[len(exif.MARK) :]
    kept = exif.keep(cut, block)
    if block == kept:
        return
    whole = exif.MARK + kept
    head = b"\xff\xe1" + (2 + len(whole)).to_bytes(2, "big") + whole
    cut.leave_out("Exif", begin, end, head if kept else b"")
