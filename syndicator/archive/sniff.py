"""What bytes are, and what readers may get of them: judged by content, never by a name.

Only what every reader shows is a picture: JPEG, PNG (APNG too), GIF, WebP, AVIF, and SVG that can
be made safe. Its structure is walked to its end mark, so that half a file is found out; its size
is read from its header; not a pixel is decoded.
"""

import io
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syndicator.archive.formats import (
    FRAMES,
    Torn,
    avif,
    exif,
    gif,
    jpeg,
    png,
    webp,
)

if TYPE_CHECKING:
    from syndicator.archive.formats.svg import Drawing

RULES = 1  # of what readers get; a higher number has every kept picture judged again
_PIXELS = 50_000_000  # most that is published: a phone decodes that, and not much more
_SIDEWAYS = frozenset({5, 6, 7, 8})  # orientations that swap width and height
_HEAD = 4096  # bytes in which a text betrays its kind
_HTML = re.compile(rb"<!doctype\s+html|<(?:html|head|body|script|title)[\s>]", re.IGNORECASE)
_SVG = re.compile(rb"<(?:[a-z_][\w.-]*:)?svg[\s>/]", re.IGNORECASE)
_DISSECT = {
    "JPEG": jpeg.dissect,
    "PNG": png.dissect,
    "GIF": gif.dissect,
    "WEBP": webp.dissect,
    "AVIF": avif.dissect,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A whole picture that can be published; width and height in pixels as shown.

    Both are 0 for an SVG that has no size of its own.
    """

    media_type: str
    extension: str  # with its dot
    width: int
    height: int
    without: tuple[str, ...] = ()  # what readers don't get of it, in words
    public: bytes | None = field(default=None, repr=False)  # what they get; None: the very bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """Bytes to keep but never to link, and why; ``.bin`` when nothing better can be said."""

    reason: str
    extension: str = ".bin"


def judge(data: bytes) -> Picture | Unfit:
    """Say what ``data`` is: a pure function of the bytes that never raises.

    A picture must be complete: a JPEG up to its EOI, a PNG with right checksums up to IEND, a GIF
    up to its trailer, a WebP as long as its RIFF header says, an AVIF of whole boxes. More than 50
    megapixels, or 2,000 frames, are refused. What follows the end (a phone's video, zero padding),
    and what tells where, when, by whom and with what it was made, readers don't get: ``public``
    has the same pixels, colours and orientation, and is itself a picture of which nothing is left
    out. An SVG is a picture if it can be made safe.
    """
    kind = _kind(data)
    if kind is None:
        return _text(data)
    name, media_type, extension = kind
    try:
        return _whole(data, name, media_type, extension)
    except Torn as torn:
        return Unfit(reason=f"{name}: {torn}", extension=extension)


def public(data: bytes) -> bytes | None:
    """Return what readers get of a picture that was judged to be one; None: the very bytes."""
    kind = _kind(data)
    if kind is not None:
        cut = _DISSECT[kind[0]](data)
        return cut.applied(data) if cut.edits else None
    safe = _cleaned(data).safe
    return safe if safe != data else None


def _kind(data: bytes) -> tuple[str, str, str] | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG", "image/jpeg", ".jpg"
    if data.startswith(png.MARK):
        return "PNG", "image/png", ".png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF", "image/gif", ".gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP", "image/webp", ".webp"
    if avif.branded(data):
        return "AVIF", "image/avif", ".avif"
    return None


def _text(data: bytes) -> Picture | Unfit:
    """Judge what is none of the coded formats: an SVG, a page that came instead, or unknown."""
    if not data:
        return Unfit(reason="nothing came")
    head = data[:_HEAD]
    html, drawing = _HTML.search(head), _SVG.search(head)
    looks_like_text = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if looks_like_text and drawing and not (html and html.start() < drawing.start()):
        return _svg(data)
    if looks_like_text and html:
        return Unfit(reason="an HTML page, not a picture", extension=".html")
    return Unfit(reason="not a JPEG, PNG, GIF, WebP, AVIF or SVG picture")


def _svg(data: bytes) -> Picture | Unfit:
    try:
        drawing = _cleaned(data)
    except Torn as torn:
        return Unfit(reason=f"SVG can't be made safe: {torn}", extension=".svg")
    changed = drawing.safe != data
    return Picture(
        media_type="image/svg+xml",
        extension=".svg",
        width=drawing.width,
        height=drawing.height,
        without=(("script",) if drawing.scripted else ()) + (("markup",) if changed else ()),
        public=drawing.safe if changed else None,
    )


def _cleaned(data: bytes) -> "Drawing":
    from syndicator.archive.formats import svg  # noqa: PLC0415  # few posts have drawings

    return svg.clean(data, _embedded)


def _embedded(data: bytes) -> bytes | None:
    """Return what readers may get of a picture within an SVG; None for none."""
    if _kind(data) is None:
        return None
    verdict = judge(data)
    if isinstance(verdict, Unfit):
        return None
    return data if verdict.public is None else verdict.public


def _whole(data: bytes, name: str, media_type: str, extension: str) -> Picture:
    """Judge bytes that begin as a picture; raise Torn for those that are none, or not whole."""
    if name == "WEBP":  # its parser makes room for the canvas
        _bound(*webp.canvas(data))
    cut = _DISSECT[name](data)
    width, height = _size(data, name)
    safe = cut.applied(data) if cut.edits else None
    if safe is not None and (_DISSECT[name](safe).edits or _size(safe, name) != (width, height)):
        raise Torn("what it tells of its maker can't be taken out")
    return Picture(
        media_type=media_type,
        extension=extension,
        width=width,
        height=height,
        without=tuple(cut.without),
        public=safe,
    )


def _size(data: bytes, name: str) -> tuple[int, int]:
    """Read width and height as shown from the header; only the named format's parser is tried."""
    from PIL import Image  # noqa: PLC0415  # heavy, and most passes look at no picture

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata and big sizes: judged here, not printed
            with Image.open(io.BytesIO(data), formats=(name,)) as image:
                width, height = image.size
                block = image.info.get("exif")
                frames = getattr(image, "n_frames", 1) if name == "AVIF" else 1
    except Image.DecompressionBombError:
        raise Torn("far too many pixels") from None
    except Exception:  # noqa: BLE001  # a parser of hostile bytes may raise anything
        raise Torn("its header can't be read") from None
    if frames > FRAMES:
        raise Torn("too many frames")
    _bound(width, height)
    # not Image.getexif(): for a PNG that decodes the whole picture
    return (height, width) if exif.orientation(block) in _SIDEWAYS else (width, height)


def _bound(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise Torn("no pixels")
    if width * height > _PIXELS:
        raise Torn(f"{width} x {height} pixels are too many")
