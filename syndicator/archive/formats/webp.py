"""WebP (RFC 9649): RIFF chunks, as many bytes as the header says."""

from typing import Final

from syndicator.archive.formats import BREAKS_OFF, FRAMES, TAIL, Cut, Torn, exif

_KEPT: Final = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ICCP", b"ANIM", b"ANMF", b"ALPH"))
_SHOWN: Final = frozenset((b"VP8 ", b"VP8L", b"ANMF"))
_KNOWN: Final = {b"EXIF": "Exif", b"XMP ": "XMP", b"C2PA": "signed history"}
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04
_BITS: Final = 0x3FFF  # each side in 14 bits, but for VP8X


def dissect(data: bytes) -> Cut:
    """Follow the chunks; keep what the pixels need. Of EXIF the orientation stays."""
    cut, at, end = Cut(), 12, 8 + int.from_bytes(data[4:8], "little")
    if len(data) < end:
        raise Torn(BREAKS_OFF)
    extended, frames, shown, turned = data[12:16] == b"VP8X", 0, False, False
    while at + 8 <= end:
        cut.step()
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        begin, at = at, at + 8 + size
        if at > end:
            raise Torn(BREAKS_OFF)
        at = min(at + size % 2, end)  # some writers forget the last pad
        frames += kind == b"ANMF"
        if frames > FRAMES:
            raise Torn("too many frames")
        if kind not in _KEPT or (shown and not extended):
            turned |= _leave_out(cut, data, begin, at)
        shown = shown or kind in _SHOWN
    if not shown:
        raise Torn("holds no picture")
    if at < len(data):
        cut.leave_out(TAIL, at, len(data))
    if cut.edits:
        _head(cut, data, extended=extended, turned=turned)
    return cut


def canvas(data: bytes) -> tuple[int, int]:
    """Return width and height, before a parser makes room for them."""
    kind, head = data[12:16], data[20:30]
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return 1 + (bits & _BITS), 1 + (bits >> 14 & _BITS)
    width, height = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    return width & _BITS, height & _BITS


def _leave_out(cut: Cut, data: bytes, begin: int, end: int) -> bool:
    """Leave out a chunk; tell whether it says how the picture is turned, and so stays in part."""
    kind, size = data[begin : begin + 4], int.from_bytes(data[begin + 4 : begin + 8], "little")
    kept = b""
    if kind == b"EXIF":
        block = data[begin + 8 : begin + 8 + size]
        kept = exif.keep(cut, block)
        if kept == block:
            return True
    instead = kind + len(kept).to_bytes(4, "little") + kept if kept else b""
    cut.leave_out(_KNOWN.get(kind, "other data"), begin, end, instead)
    return bool(kept)


def _head(cut: Cut, data: bytes, *, extended: bool, turned: bool) -> None:
    """Correct the length, and the flags that say what there is."""
    lost = sum(end - begin - len(instead) for begin, end, instead in cut.edits)
    cut.edits.append((4, 8, (len(data) - lost - 8).to_bytes(4, "little")))
    if extended:
        flags = data[20] & ~(_EXIF_FLAG | _XMP_FLAG) | (_EXIF_FLAG if turned else 0)
        cut.edits.append((20, 21, bytes([flags])))
