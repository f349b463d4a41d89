"""What bytes are: judged by their content, never by a name or by what a server says.

Only what every reader shows is a picture: JPEG, PNG (APNG too), GIF, WebP, AVIF. Its structure is
walked to its end mark, so that half a file is found out; its size is read from its header; not a
pixel is decoded.
"""

import io
import re
import warnings
import zlib
from dataclasses import dataclass

from PIL import Image

_PIXELS = 50_000_000  # most that is published: a phone decodes that, and not much more
_FRAMES = 2_000
_ORIENTATION = 0x0112  # TIFF 6.0 / EXIF 2.3 tag
_SIDEWAYS = frozenset({5, 6, 7, 8})  # orientations that swap width and height

_PNG = b"\x89PNG\r\n\x1a\n"
_HEAD = 4096  # bytes in which a text betrays its kind
_HTML = re.compile(rb"<!doctype\s+html|<(?:html|head|body|script|title)[\s>]", re.IGNORECASE)
_SVG = re.compile(rb"<(?:[a-z_][\w.-]*:)?svg[\s>/]", re.IGNORECASE)
_JPEG_MARK = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # in coded data: neither stuffing nor RSTn
_JPEG_SCAN, _JPEG_END = 0xDA, 0xD9
_BITS = 0x3FFF  # WebP keeps each side in 14 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A whole picture that can be published; width and height in pixels as shown."""

    media_type: str
    extension: str  # with its dot
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """Bytes to keep but never to link, and why; ``.bin`` when nothing better can be said."""

    reason: str
    extension: str = ".bin"


class _Torn(Exception):  # noqa: N818  # a state of a file; never leaves this module
    """The walk through the structure met something that must not be there."""


def judge(data: bytes) -> Picture | Unfit:
    """Say what ``data`` is: a pure function of the bytes that never raises.

    A picture must be complete: a JPEG up to its EOI, a PNG with right checksums up to IEND, a GIF
    up to its trailer, a WebP as long as its RIFF header says, an AVIF of whole boxes. What
    follows the end of the first four (a phone's video, zero padding) is ignored, as readers do.
    More than 50 megapixels, or 2,000 frames of a GIF or APNG, are refused.
    """
    kind = _kind(data)
    if kind is None:
        return _unknown(data)
    name, media_type, extension = kind
    try:
        _WALKS[name](data)
        width, height = _size(data, name)
    except _Torn as torn:
        return Unfit(reason=f"{name}: {torn}", extension=extension)
    if width < 1 or height < 1:
        return Unfit(reason=f"{name}: no pixels", extension=extension)
    if width * height > _PIXELS:
        return Unfit(reason=f"{name}: {width} x {height} pixels are too many", extension=extension)
    return Picture(media_type=media_type, extension=extension, width=width, height=height)


def _kind(data: bytes) -> tuple[str, str, str] | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG", "image/jpeg", ".jpg"
    if data.startswith(_PNG):
        return "PNG", "image/png", ".png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF", "image/gif", ".gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP", "image/webp", ".webp"
    if data[4:8] == b"ftyp" and _avif_brand(data):
        return "AVIF", "image/avif", ".avif"
    return None


def _avif_brand(data: bytes) -> bool:
    """Say whether the ftyp box names AVIF among its brands (AV1 Image File Format, section 6)."""
    box = data[: min(int.from_bytes(data[:4], "big"), _HEAD)]
    brands = [box[8:12], *(box[at : at + 4] for at in range(16, len(box), 4))]
    return b"avif" in brands or b"avis" in brands


def _unknown(data: bytes) -> Unfit:
    if not data:
        return Unfit(reason="nothing came")
    head = data[:_HEAD]
    html, svg = _HTML.search(head), _SVG.search(head)
    looks_like_text = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if looks_like_text and svg and not (html and html.start() < svg.start()):
        return Unfit(reason="SVG can carry scripts and is not published", extension=".svg")
    if looks_like_text and html:
        return Unfit(reason="an HTML page, not a picture", extension=".html")
    return Unfit(reason="not a JPEG, PNG, GIF, WebP or AVIF picture")


def _size(data: bytes, name: str) -> tuple[int, int]:
    """Read width and height as shown from the header; only the named format's parser is tried."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata and big sizes: judged here, not printed
            with Image.open(io.BytesIO(data), formats=(name,)) as image:
                width, height = image.size
                exif = image.info.get("exif")
    except Image.DecompressionBombError:
        raise _Torn("far too many pixels") from None
    except Exception:  # noqa: BLE001  # a parser of hostile bytes may raise anything
        raise _Torn("its header can't be read") from None
    return (height, width) if _orientation(exif) in _SIDEWAYS else (width, height)


def _orientation(exif: object) -> object:
    # not Image.getexif(): for a PNG that decodes the whole picture
    if not isinstance(exif, bytes):
        return 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tags = Image.Exif()
            tags.load(exif)
            return tags.get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001  # broken EXIF is no reason to lose a picture
        return 1


def _walk_jpeg(data: bytes) -> None:
    """Follow the markers (ITU T.81 annex B) to EOI; that of a thumbnail lies in a segment."""
    at, scanned = 2, False
    while True:
        found = _JPEG_MARK.search(data, at) if scanned else None
        if scanned:
            if found is None:
                raise _Torn("breaks off before its end")
            at = found.start()
        while data[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        if len(data) < at + 2:
            raise _Torn("breaks off before its end")
        if data[at] != 0xFF:  # noqa: PLR2004
            raise _Torn("its segments don't join")
        mark = data[at + 1]
        if mark == _JPEG_END:
            if not scanned:
                raise _Torn("holds no picture")
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        at += 2 + max(length, 2)
        scanned = scanned or mark == _JPEG_SCAN


def _walk_png(data: bytes) -> None:
    """Follow the chunks (PNG, third edition, section 5) to IEND, checking every checksum."""
    at, frames, first = len(_PNG), 0, True
    while True:
        length = int.from_bytes(data[at : at + 4], "big")
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if len(data) < end:
            raise _Torn("breaks off before its end")
        if first and kind != b"IHDR":
            raise _Torn("doesn't begin with its header")
        checksum = int.from_bytes(data[end - 4 : end], "big")
        if zlib.crc32(memoryview(data)[at + 4 : end - 4]) != checksum:
            raise _Torn("a checksum is wrong")
        frames += kind == b"fcTL"
        if frames > _FRAMES:
            raise _Torn("too many frames")
        if kind == b"IEND":
            return
        at, first = end, False


def _walk_gif(data: bytes) -> None:
    """Follow the blocks (GIF89a, appendix A) to the trailer."""
    at, frames = 13, 0
    if len(data) < at:
        raise _Torn("breaks off before its end")
    at += _colours(data[10])
    while at < len(data):
        block = data[at]
        if block == 0x3B:  # noqa: PLR2004  # trailer
            if not frames:
                raise _Torn("holds no picture")
            return
        if block == 0x21:  # noqa: PLR2004  # extension: label, then sub-blocks
            at = _past_blocks(data, at + 2)
        elif block == 0x2C and at + 9 < len(data):  # noqa: PLR2004  # image: size, colours, LZW
            frames += 1
            if frames > _FRAMES:
                raise _Torn("too many frames")
            at = _past_blocks(data, at + 10 + _colours(data[at + 9]) + 1)
        else:
            raise _Torn("its blocks don't join")
    raise _Torn("breaks off before its end")


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _past_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1


def _walk_webp(data: bytes) -> None:
    """Check the length in the RIFF header, and the canvas before a parser makes room for it."""
    if len(data) < 8 + int.from_bytes(data[4:8], "little"):
        raise _Torn("breaks off before its end")
    kind, head = data[12:16], data[20:30]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(head[4:7], "little")
        height = 1 + int.from_bytes(head[7:10], "little")
    elif kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        width, height = 1 + (bits & _BITS), 1 + (bits >> 14 & _BITS)
    else:
        width = int.from_bytes(head[6:8], "little") & _BITS
        height = int.from_bytes(head[8:10], "little") & _BITS
    if width * height > _PIXELS:
        raise _Torn(f"{width} x {height} pixels are too many")


def _walk_avif(data: bytes) -> None:
    """Check that the boxes (ISO/IEC 14496-12, section 4.2) fill the file, and hold pixels."""
    at, pixels = 0, False
    while at < len(data):
        size, kind, header = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:  # up to the end of the file
            size = len(data) - at
        if size < header or at + size > len(data):
            raise _Torn("breaks off before its end")
        pixels |= kind == b"mdat" or (kind == b"meta" and b"idat" in data[at : at + size])
        at += size
    if not pixels:  # the parser of the header doesn't miss them
        raise _Torn("breaks off before its end")


_WALKS = {
    "JPEG": _walk_jpeg,
    "PNG": _walk_png,
    "GIF": _walk_gif,
    "WEBP": _walk_webp,
    "AVIF": _walk_avif,
}
