"""PNG and APNG (PNG, third edition, section 5): chunks with checksums up to IEND."""

import zlib
from typing import Final

from syndicator.archive.formats import BREAKS_OFF, FRAMES, TAIL, Cut, Torn, exif

MARK: Final = b"\x89PNG\r\n\x1a\n"
# what decides how the pixels look, and when
_KEPT: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT"
    b" acTL fcTL fdAT".split()
)
_KNOWN: Final = {
    b"tEXt": "text",
    b"zTXt": "text",
    b"iTXt": "text",
    b"tIME": "time",
    b"eXIf": "Exif",
    b"caBX": "signed history",
}
_ANCILLARY: Final = 0x20  # this bit of a type's first letter: who does not know it may go on


def dissect(data: bytes) -> Cut:
    """Follow the chunks to IEND, checking every checksum; keep what the pixels need.

    Of eXIf the orientation stays.
    """
    cut, at, frames, pixels = Cut(), len(MARK), 0, False
    while True:
        cut.step()
        length = int.from_bytes(data[at : at + 4], "big")
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if len(data) < end:
            raise Torn(BREAKS_OFF)
        if at == len(MARK) and kind != b"IHDR":
            raise Torn("doesn't begin with its header")
        checksum = int.from_bytes(data[end - 4 : end], "big")
        if zlib.crc32(memoryview(data)[at + 4 : end - 4]) != checksum:
            raise Torn("a checksum is wrong")
        frames += kind == b"fcTL"
        if frames > FRAMES:
            raise Torn("too many frames")
        pixels = pixels or kind == b"IDAT"
        if kind not in _KEPT:
            _leave_out(cut, data, at, end)
        at = end
        if kind == b"IEND":
            break
    if not pixels:
        raise Torn("holds no picture")
    if at < len(data):
        cut.leave_out(TAIL, at, len(data))
    return cut


def _leave_out(cut: Cut, data: bytes, begin: int, end: int) -> None:
    kind, body = data[begin + 4 : begin + 8], data[begin + 8 : end - 4]
    if not kind[0] & _ANCILLARY:
        raise Torn("needs a chunk that no reader knows")
    what, instead = _KNOWN.get(kind, "other data"), b""
    if kind == b"iTXt" and body.startswith(b"XML:com.adobe.xmp\0"):
        what = "XMP"
    elif kind == b"eXIf":
        kept = exif.keep(cut, body)
        if kept == body:
            return
        instead = _chunk(kind, kept) if kept else b""
    cut.leave_out(what, begin, end, instead)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + kind + body + checksum
