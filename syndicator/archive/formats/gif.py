"""GIF (GIF89a, appendix A): blocks up to the trailer."""

from typing import Final

from syndicator.archive.formats import BREAKS_OFF, FRAMES, TAIL, Cut, Torn

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_PLAIN_TEXT, _CONTROL, _COMMENT, _APPLICATION = 0x01, 0xF9, 0xFE, 0xFF
_KEPT: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")  # loops, and a colour profile


def dissect(data: bytes) -> Cut:
    """Follow the blocks to the trailer; comments go, and applications' data but for loops."""
    cut, at, frames = Cut(), 13, 0
    if len(data) < at:
        raise Torn(BREAKS_OFF)
    at += _colours(data[10])
    while at < len(data) and data[at] != _TRAILER:
        cut.step()
        begin, block = at, data[at]
        if block == _EXTENSION:
            at = _past_blocks(cut, data, at + 2)
            _extension(cut, data, begin, at)
        elif block == _IMAGE and at + 9 < len(data):
            frames += 1
            if frames > FRAMES:
                raise Torn("too many frames")
            at = _past_blocks(cut, data, at + 10 + _colours(data[at + 9]) + 1)
        else:
            raise Torn("its blocks don't join")
    if at >= len(data):
        raise Torn(BREAKS_OFF)
    if not frames:
        raise Torn("holds no picture")
    if at + 1 < len(data):
        cut.leave_out(TAIL, at + 1, len(data))
    return cut


def _extension(cut: Cut, data: bytes, begin: int, end: int) -> None:
    label, name = data[begin + 1 : begin + 2], data[begin + 3 : begin + 14]
    if label in (bytes([_CONTROL]), bytes([_PLAIN_TEXT])):
        return
    if label == bytes([_COMMENT]):
        cut.leave_out("comment", begin, end)
    elif label != bytes([_APPLICATION]) or name not in _KEPT:
        cut.leave_out("XMP" if name == b"XMP DataXMP" else "other data", begin, end)


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _past_blocks(cut: Cut, data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        cut.step()
        at += 1 + data[at]
    return at + 1
