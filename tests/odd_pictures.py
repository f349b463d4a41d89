"""A maker of odd image files: whole ones, broken ones, ones that are something else.

Everything is built here, by Pillow or byte by byte; ``GOOD`` and ``BAD`` say what is to become of
each. Nothing was taken from anybody's camera.
"""

import base64
import gzip
import io
import struct
import zlib
from typing import Any, NamedTuple

from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

MARK = b"\x89PNG\r\n\x1a\n"
NS = 'xmlns="http://www.w3.org/2000/svg"'
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Ann, 12 Elm Street</x:xmpmeta>"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SECRET = b"SN-4711"  # a serial number: no public copy holds it


class Good(NamedTuple):
    """A picture, and what is to be said of it."""

    data: bytes
    media_type: str
    width: int = 32
    height: int = 20
    without: tuple[str, ...] = ()


class Bad(NamedTuple):
    """What is not published, how its blob ends, and how the reason begins."""

    data: bytes
    extension: str
    reason: str


def drawn(mode: str = "RGB", size: tuple[int, int] = (32, 20), seed: int = 3) -> Image.Image:
    """Return a small picture with an edge and a slope in it."""
    image = Image.new("RGB", size, (200, 30, seed % 256))
    pen = ImageDraw.Draw(image)
    for x in range(size[0]):
        pen.line((x, size[1] // 2, x, size[1]), fill=(x * 7 % 256, 90, (x + seed) % 256))
    return image.convert(mode)


def made(kind: str, size: tuple[int, int] = (32, 20), mode: str = "RGB", **options: Any) -> bytes:
    """Return a small valid picture made by Pillow."""
    out = io.BytesIO()
    drawn("P" if kind == "GIF" else mode, size).save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int = 1, *, place: bool = True) -> bytes:
    """Return an Exif block with a camera's serial number, and where it was."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "Camera maker"
    tags.get_ifd(0x8769)[0xA431] = SECRET.decode()
    if place:
        tags.get_ifd(0x8825).update({1: "N", 2: (22.0, 37.0, 12.0), 3: "E", 4: (120.0, 18.0, 4.0)})
    return tags.tobytes()


def turned(kind: str, orientation: int) -> bytes:
    """Return a picture with an Exif orientation and nothing else in it."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    return made(kind, exif=tags.tobytes())


def animated(kind: str, frames: int = 3, **options: Any) -> bytes:
    """Return a moving picture, every frame different."""
    images = [drawn("L" if kind == "GIF" else "RGB", (9, 7), n * 40) for n in range(frames)]
    out = io.BytesIO()
    images[0].save(out, kind, save_all=True, append_images=images[1:], **options)
    return out.getvalue()


def segment(mark: int, body: bytes) -> bytes:
    """Return a JPEG segment."""
    return bytes((0xFF, mark)) + struct.pack(">H", len(body) + 2) + body


def after_start(data: bytes, *segments: bytes) -> bytes:
    """Put segments behind a JPEG's first marker."""
    return data[:2] + b"".join(segments) + data[2:]


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a PNG chunk with a right checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """Return a PNG that claims a size, with ``chunks`` for a body."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return MARK + header + b"".join(chunks) + chunk(b"IEND", b"")


def before_pixels(data: bytes, *chunks: bytes) -> bytes:
    """Put chunks before a PNG's first pixels."""
    at = data.index(b"IDAT") - 4
    return data[:at] + b"".join(chunks) + data[at:]


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a WebP of these chunks."""
    body = b"".join(
        kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return an ISO box."""
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def svg(inside: str = '<path d="M0 0"/>', attributes: str = 'width="32" height="20"') -> bytes:
    """Return a drawing."""
    return f"<svg {NS} {attributes}>{inside}</svg>".encode()


def inlined(data: bytes, kind: str = "jpeg") -> bytes:
    """Return a drawing with a picture within."""
    return svg(f'<image href="data:image/{kind};base64,{base64.b64encode(data).decode()}"/>')


def quality(data: bytes, mark: int, bits: int = 8) -> bytes:
    """Return a JPEG whose frame says that it is coded in another way."""
    at = data.index(b"\xff\xc0")
    return (
        data[:at] + bytes((0xFF, mark)) + data[at + 2 : at + 4] + bytes((bits,)) + data[at + 5 :]
    )


def comments(data: bytes, label: int, body: bytes) -> bytes:
    """Put an extension block before a GIF's trailer."""
    blocks = b"".join(
        bytes((len(body[n : n + 255]),)) + body[n : n + 255] for n in range(0, len(body), 255)
    )
    return data[:-1] + bytes((0x21, label)) + blocks + b"\0" + b";"


JPEG, PNG, WEBP, AVIF = (made(kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF"))
GIF = made("GIF")
STILLS = {"jpg": JPEG, "png": PNG, "gif": GIF, "webp": WEBP, "avif": AVIF, "svg": svg()}
PIXELS = chunk(b"IDAT", zlib.compress(b"\0" * 99))
TEXTS = PngImagePlugin.PngInfo()
TEXTS.add_text("Author", "Ann")
TEXTS.add_text("Comment", "x" * 500, zip=True)
TEXTS.add_itxt("XML:com.adobe.xmp", XMP.decode())
LOOPED = b"\x0bNETSCAPE2.0\x03\x01\0\0\0"
FRAME = b"\x2c" + bytes(4) + b"\1\0\1\0\0" + b"\2\2\x44\1\0"
JPG_TYPE, PNG_TYPE, GIF_TYPE = "image/jpeg", "image/png", "image/gif"
WEBP_TYPE, AVIF_TYPE, SVG_TYPE = "image/webp", "image/avif", "image/svg+xml"
TOLD = ("position", "Exif")
TAIL = ("what follows its end",)
DOCTYPE = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
UTF16 = "<svg/>".encode("utf-16")

GOOD: dict[str, Good] = {
    "jpeg": Good(JPEG, JPG_TYPE),
    "progressive jpeg": Good(made("JPEG", progressive=True), JPG_TYPE),
    "grey jpeg": Good(made("JPEG", mode="L"), JPG_TYPE),
    "cmyk jpeg": Good(made("JPEG", mode="CMYK"), JPG_TYPE),
    "jpeg without subsampling": Good(made("JPEG", subsampling=0), JPG_TYPE),
    "jpeg with restart marks": Good(made("JPEG", restart_marker_blocks=1), JPG_TYPE),
    "jpeg with a profile": Good(made("JPEG", icc_profile=PROFILE), JPG_TYPE),
    "jpeg with a profile in three": Good(
        made("JPEG", icc_profile=PROFILE + bytes(150_000)), JPG_TYPE
    ),
    "jpeg from a phone": Good(made("JPEG", exif=exif()), JPG_TYPE, without=TOLD),
    "jpeg of no place": Good(made("JPEG", exif=exif(place=False)), JPG_TYPE, without=("Exif",)),
    "jpeg turned left": Good(made("JPEG", exif=exif(6)), JPG_TYPE, 20, 32, TOLD),
    "jpeg turned over": Good(made("JPEG", exif=exif(3)), JPG_TYPE, without=TOLD),
    "jpeg of no orientation": Good(turned("JPEG", 77), JPG_TYPE, without=("Exif",)),
    "jpeg with broken exif": Good(
        made("JPEG", exif=b"Exif\0\0II*\0\xff\xff"), JPG_TYPE, without=("Exif",)
    ),
    "jpeg with xmp": Good(
        after_start(JPEG, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)),
        JPG_TYPE, without=("XMP",),
    ),
    "jpeg with iptc": Good(
        after_start(JPEG, segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\2Hi")),
        JPG_TYPE, without=("IPTC",),
    ),
    "jpeg with a comment": Good(made("JPEG", comment=SECRET), JPG_TYPE, without=("comment",)),
    "jpeg with a thumbnail": Good(
        after_start(JPEG, segment(0xE1, b"Thumb\0" + JPEG)), JPG_TYPE, without=("other data",)
    ),
    "jpeg with a thumbnail in its first header": Good(
        JPEG[:2] + segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\2\2" + bytes(12)) + JPEG[20:],
        JPG_TYPE, without=("thumbnail",),
    ),
    "jpeg with an extended thumbnail": Good(
        after_start(JPEG[:2] + JPEG[2:], segment(0xE0, b"JFXX\0\x10" + JPEG)),
        JPG_TYPE, without=("thumbnail",),
    ),
    "jpeg of two eyes": Good(
        made("MPO", save_all=True, append_images=[drawn(seed=9)]), JPG_TYPE,
        without=("more pictures", *TAIL),
    ),
    "jpeg with a signed history": Good(
        after_start(JPEG, segment(0xEB, b"JP\0\1\0\0\0\1" + SECRET)),
        JPG_TYPE, without=("other data",),
    ),
    "jpeg with something behind adobe's mark": Good(
        after_start(JPEG, segment(0xEE, b"Adobe\0\x64\0\0\0\0\1" + SECRET)),
        JPG_TYPE, without=("other data",),
    ),
    "jpeg with fill bytes": Good(JPEG[:-2] + b"\xff\xff\xff\xd9", JPG_TYPE),
    "jpeg with a zip behind": Good(JPEG + b"PK\x03\x04zip", JPG_TYPE, without=TAIL),
    "jpeg with zero padding": Good(JPEG + bytes(512), JPG_TYPE, without=TAIL),
    "jpeg with html behind": Good(JPEG + b"<script>", JPG_TYPE, without=TAIL),
    "png": Good(PNG, PNG_TYPE),
    "png of one pixel": Good(made("PNG", (1, 1)), PNG_TYPE, 1, 1),
    "png of 16 bits": Good(made("PNG", mode="I;16"), PNG_TYPE),
    "png with a palette and holes": Good(made("PNG", mode="P", transparency=0), PNG_TYPE),
    "png with alpha": Good(made("PNG", mode="RGBA"), PNG_TYPE),
    "png with a profile, a gamma and a density": Good(
        before_pixels(
            made("PNG", icc_profile=PROFILE, dpi=(72, 72)), chunk(b"gAMA", b"\0\0\xb1\x8f")
        ),
        PNG_TYPE,
    ),
    "interlaced png": Good(png(1, 1, PIXELS).replace(
        chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 1)),
    ), PNG_TYPE, 1, 1),
    "png turned left": Good(made("PNG", exif=exif(8)), PNG_TYPE, 20, 32, TOLD),
    "png with texts": Good(made("PNG", pnginfo=TEXTS), PNG_TYPE, without=("text", "XMP")),
    "png with a time": Good(
        before_pixels(PNG, chunk(b"tIME", bytes(7))), PNG_TYPE, without=("time",)
    ),
    "png with a chunk of nobody's": Good(
        before_pixels(PNG, chunk(b"prVt", SECRET)), PNG_TYPE, without=("other data",)
    ),
    "png with html behind": Good(PNG + b"<html>", PNG_TYPE, without=TAIL),
    "apng": Good(animated("PNG"), PNG_TYPE, 9, 7),
    "just small enough": Good(png(10_000, 5_000, PIXELS), PNG_TYPE, 10_000, 5_000),
    "gif": Good(GIF, GIF_TYPE),
    "gif of 1987": Good(b"GIF87a" + GIF[6:], GIF_TYPE),
    "gif in motion": Good(animated("GIF", loop=0, duration=40), GIF_TYPE, 9, 7),
    "gif with a comment": Good(
        comments(GIF, 0xFE, b"<script>" * 99), GIF_TYPE, without=("comment",)
    ),
    "gif with xmp": Good(
        GIF[:-1] + b"\x21\xff\x0bXMP DataXMP" + XMP + b"\x01" + bytes(range(255, -1, -1)) + b"\0;",
        GIF_TYPE, without=("XMP",),
    ),
    "gif with an application's data": Good(
        GIF[:-1] + b"\x21\xff\x0bMGK8BIM0000\x07" + SECRET + b"\0;", GIF_TYPE,
        without=("other data",),
    ),
    "gif with a zip behind": Good(GIF + b"PK\x03\x04", GIF_TYPE, without=TAIL),
    "webp": Good(WEBP, WEBP_TYPE),
    "lossless webp": Good(made("WEBP", lossless=True), WEBP_TYPE),
    "webp with alpha": Good(made("WEBP", mode="RGBA"), WEBP_TYPE),
    "webp with a profile": Good(made("WEBP", icc_profile=PROFILE), WEBP_TYPE),
    "webp from a phone": Good(
        made("WEBP", exif=exif(), xmp=XMP, icc_profile=PROFILE), WEBP_TYPE,
        without=("position", "Exif", "XMP"),
    ),
    "webp turned left": Good(made("WEBP", exif=exif(6)), WEBP_TYPE, 20, 32, TOLD),
    "webp in motion": Good(animated("WEBP", exif=exif()), WEBP_TYPE, 9, 7, TOLD),
    "webp with a chunk of nobody's": Good(
        riff((WEBP[12:16], WEBP[20:]), (b"JUNK", SECRET)), WEBP_TYPE, without=("other data",)
    ),
    "webp with a zip behind": Good(WEBP + b"PK\x03\x04", WEBP_TYPE, without=TAIL),
    "avif": Good(AVIF, AVIF_TYPE),
    "avif turned left": Good(turned("AVIF", 6), AVIF_TYPE, 20, 32),
    "avif from a phone": Good(
        made("AVIF", exif=exif(8), xmp=XMP), AVIF_TYPE, 20, 32, ("position", "Exif", "XMP")
    ),
    "avif with alpha and a profile": Good(
        made("AVIF", mode="RGBA", icc_profile=PROFILE), AVIF_TYPE
    ),
    "avif in motion": Good(animated("AVIF", xmp=XMP), AVIF_TYPE, 9, 7, ("XMP",)),
    "avif with html behind": Good(AVIF + b"<html></html>", AVIF_TYPE, without=TAIL),
    "avif with a zip behind": Good(AVIF + b"PK\x03\x04" + bytes(9), AVIF_TYPE, without=TAIL),
    "avif with a box of nobody's": Good(
        AVIF + box(b"uuid", bytes(16), SECRET), AVIF_TYPE, without=("other data",)
    ),
    "svg": Good(svg(), SVG_TYPE, without=("markup",)),
    "svg that is safe already": Good(
        b'<?xml version="1.0" encoding="utf-8"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
        SVG_TYPE, 0, 0,
    ),
    "svg with a view box": Good(svg("", 'viewBox="0 0 10.4,5"'), SVG_TYPE, 10, 5, ("markup",)),
    "svg in millimetres": Good(svg("", 'width="9mm" height="9mm"'), SVG_TYPE, 0, 0, ("markup",)),
    "svg with a declaration": Good(
        b"<?xml version='1.0'?>\n<!-- x -->\n" + svg(), SVG_TYPE, without=("markup",)
    ),
    "svg with a byte order mark": Good(b"\xef\xbb\xbf" + svg(), SVG_TYPE, without=("markup",)),
    "svg with a document type": Good(DOCTYPE.encode() + svg(), SVG_TYPE, without=("markup",)),
    "svg in latin-1": Good(
        "<?xml version='1.0' encoding='iso-8859-1'?><!-- é -->".encode("latin-1") + svg(),
        SVG_TYPE, without=("markup",),
    ),
    "svg with a script": Good(
        svg("<script>alert(1)</script>"), SVG_TYPE, without=("script", "markup")
    ),
    "svg with a handler": Good(
        svg('<path d="M0 0" onclick="x()"/>'), SVG_TYPE, without=("script", "markup")
    ),
    "svg with a page within": Good(
        svg('<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>'),
        SVG_TYPE, without=("script", "markup"),
    ),
    "svg with its maker's name": Good(
        svg(
            "<metadata><a>Ann</a></metadata><!-- /home/ann -->",
            'xmlns:i="urn:i" i:name="/home/ann" width="32" height="20"',
        ),
        SVG_TYPE, without=("markup",),
    ),
    "svg with a font of elsewhere": Good(
        svg('<style>@import url("https://x.example/a.css");.a{fill:red}</style>'), SVG_TYPE,
        without=("markup",),
    ),
    "svg with a photo within": Good(
        inlined(made("JPEG", exif=exif())), SVG_TYPE, without=("markup",)
    ),
}  # fmt: skip

BAD: dict[str, Bad] = {
    "nothing": Bad(b"", ".bin", "nothing came"),
    "white space": Bad(b" \r\n", ".bin", "not a JPEG"),
    "html": Bad(b"<!DOCTYPE html><p>404", ".html", "an HTML page"),
    "html after blank lines": Bad(b"\n\n <html lang=en>", ".html", "an HTML page"),
    "html with a byte order mark": Bad(b"\xef\xbb\xbf<html>", ".html", "an HTML page"),
    "html with an svg inside": Bad(b"<html><svg></svg>", ".html", "an HTML page"),
    "json": Bad(b'{"error": "no such picture"}', ".bin", "not a JPEG"),
    "bmp": Bad(made("BMP"), ".bin", "not a JPEG"),
    "bmp that is html": Bad(b"BM<html><script>", ".bin", "not a JPEG"),
    "tiff": Bad(made("TIFF"), ".bin", "not a JPEG"),
    "jpeg 2000": Bad(made("JPEG2000"), ".bin", "not a JPEG"),
    "jpeg xl": Bad(b"\xff\x0a" + bytes(40), ".bin", "not a JPEG"),
    "icon": Bad(made("ICO"), ".bin", "not a JPEG"),
    "psd": Bad(b"8BPS\0\1" + bytes(40), ".bin", "not a JPEG"),
    "postscript": Bad(b"%!PS-Adobe-3.0 EPSF-3.0\n", ".bin", "not a JPEG"),
    "pdf": Bad(b"%PDF-1.7\n", ".bin", "not a JPEG"),
    "zip": Bad(b"PK\x03\x04" + bytes(40), ".bin", "not a JPEG"),
    "gzip of a jpeg": Bad(gzip.compress(JPEG, mtime=0), ".bin", "not a JPEG"),
    "heic": Bad(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", ".bin", "not a JPEG"),
    "mp4": Bad(b"\0\0\0\x18ftypisom\0\0\0\0isommp41", ".bin", "not a JPEG"),
    "wav": Bad(b"RIFF\x24\0\0\0WAVEfmt ", ".bin", "not a JPEG"),
    "half a jpeg": Bad(JPEG[: len(JPEG) // 2], ".jpg", "JPEG: breaks off"),
    "a jpeg short of its last two bytes": Bad(JPEG[:-2], ".jpg", "JPEG: breaks off"),
    "a jpeg short of its last byte": Bad(JPEG[:-1], ".jpg", "JPEG: breaks off"),
    "half a jpeg with a whole thumbnail": Bad(
        after_start(JPEG, segment(0xE1, b"Thumb\0" + JPEG))[:-9], ".jpg", "JPEG: breaks off"
    ),
    "three bytes of a jpeg": Bad(b"\xff\xd8\xff", ".jpg", "JPEG: breaks off"),
    "a jpeg of nothing": Bad(b"\xff\xd8\xff\xd9", ".jpg", "JPEG: holds no picture"),
    "a jpeg of text": Bad(b"\xff\xd8\xff\xe0\0\x04ab<html>", ".jpg", "JPEG: its segments"),
    "a jpeg of 12 bits": Bad(quality(JPEG, 0xC1, 12), ".jpg", "JPEG: coded in a way"),
    "an arithmetic jpeg": Bad(quality(JPEG, 0xC9), ".jpg", "JPEG: coded in a way"),
    "a lossless jpeg": Bad(quality(JPEG, 0xC3), ".jpg", "JPEG: coded in a way"),
    "half a png": Bad(PNG[: len(PNG) // 2], ".png", "PNG: breaks off"),
    "a png without its end": Bad(PNG[:-12], ".png", "PNG: breaks off"),
    "the mark of a png": Bad(MARK, ".png", "PNG: breaks off"),
    "a png with a flipped bit": Bad(
        PNG[:45] + bytes([PNG[45] ^ 1]) + PNG[46:], ".png", "PNG: a checksum is wrong"
    ),
    "a png with a text of a wrong checksum": Bad(
        png(5, 5, chunk(b"tEXt", b"a\0b")[:-4] + b"\0\0\0\0", PIXELS),
        ".png", "PNG: a checksum is wrong",
    ),
    "a png that begins with pixels": Bad(MARK + PIXELS, ".png", "PNG: doesn't begin"),
    "a png of no pixels": Bad(png(5, 5), ".png", "PNG: holds no picture"),
    "a png for phones only": Bad(
        before_pixels(PNG, chunk(b"CgBI", bytes(4))), ".png", "PNG: needs a chunk"
    ),
    "a png without a size": Bad(png(0, 20, PIXELS), ".png", "PNG: "),
    "a png bomb": Bad(png(8_000, 8_000, PIXELS), ".png", "PNG: 8000 x 8000 pixels are too many"),
    "a png bomb that Pillow warns of": Bad(
        png(10_000, 10_000, PIXELS), ".png", "PNG: 10000 x 10000"
    ),
    "a png bomb that Pillow refuses": Bad(
        png(60_000, 60_000, PIXELS), ".png", "PNG: far too many"
    ),
    "a png with a profile bomb": Bad(
        png(5, 5, chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(90_000_000))), PIXELS),
        ".png", "PNG: its header",
    ),
    "a png with a text bomb": Bad(
        png(5, 5, chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(90_000_000))), PIXELS),
        ".png", "PNG: its header",
    ),
    "a png of too many frames": Bad(
        png(5, 5, chunk(b"fcTL", bytes(26)) * 2_001, PIXELS), ".png", "PNG: too many frames"
    ),
    "half a gif": Bad(GIF[: len(GIF) // 2], ".gif", "GIF: breaks off"),
    "a gif without its trailer": Bad(GIF[:-1], ".gif", "GIF: breaks off"),
    "the mark of a gif": Bad(b"GIF89a", ".gif", "GIF: breaks off"),
    "a gif of nothing": Bad(b"GIF89a" + bytes(7) + b";", ".gif", "GIF: holds no picture"),
    "a gif that is a script": Bad(b"GIF89a/*<script>*/=1;", ".gif", "GIF: "),
    "a gif of too many frames": Bad(
        GIF[:-1] + FRAME * 2_001 + b";", ".gif", "GIF: too many frames"
    ),
    "half a webp": Bad(WEBP[: len(WEBP) // 2], ".webp", "WEBP: breaks off"),
    "a webp short of a byte": Bad(WEBP[:-1], ".webp", "WEBP: breaks off"),
    "the mark of a webp": Bad(b"RIFF\x04\0\0\0WEBP", ".webp", "WEBP: "),
    "a webp whose chunk is longer than the file": Bad(
        riff((b"VP8X", bytes(10)), (b"VP8 ", bytes(10)))[:30] + b"VP8 \xff\xff\0\0" + bytes(10),
        ".webp", "WEBP: breaks off",
    ),
    "a webp bomb": Bad(
        b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff\xff\xff" * 2,
        ".webp", "WEBP: 16777216 x 16777216 pixels are too many",
    ),
    "a webp of too many frames": Bad(
        riff((b"VP8X", b"\2" + bytes(9)), *[(b"ANMF", bytes(16))] * 2_001),
        ".webp", "WEBP: too many frames",
    ),
    "half an avif": Bad(AVIF[: len(AVIF) // 2], ".avif", "AVIF: breaks off"),
    "an avif short of a byte": Bad(AVIF[:-1], ".avif", "AVIF: breaks off"),
    "a moving avif with a tail": Bad(
        animated("AVIF") + b"<html></html>", ".avif", "AVIF: breaks off"
    ),
    "the mark of an avif": Bad(b"\0\0\0\x10ftypavif\0\0\0\0", ".avif", "AVIF: "),
    "an avif of countless items": Bad(
        box(b"ftyp", b"avif", bytes(4), b"avif")
        + box(b"meta", bytes(4), box(b"iloc", b"\2\0\0\0\0\0", b"\xff\xff\xff\xff"))
        + box(b"mdat", bytes(8)),
        ".avif", "AVIF: its boxes don't join",
    ),
    "a jpeg of countless comments": Bad(
        after_start(JPEG, segment(0xFE, b"") * 260_000), ".jpg", "JPEG: too many parts"
    ),
    "a png of countless chunks": Bad(
        before_pixels(PNG, chunk(b"tEXt", b"") * 260_000), ".png", "PNG: too many parts"
    ),
    "a gif of countless comments": Bad(
        GIF[:-1] + b"\x21\xfe\0" * 260_000 + b";", ".gif", "GIF: too many parts"
    ),
    "a webp of countless chunks": Bad(
        riff((WEBP[12:16], WEBP[20:]), *[(b"JUNK", b"")] * 260_000), ".webp", "WEBP: too many"
    ),
    "an avif of countless boxes": Bad(AVIF + box(b"free") * 260_000, ".avif", "AVIF: too many"),
    "an avif of countless places that take no room": Bad(
        box(b"ftyp", b"avif", bytes(4), b"avif")
        + box(b"meta", bytes(4), box(b"iloc", bytes(6), b"\0\1", bytes(4), b"\xff\xff"))
        + box(b"mdat", bytes(8)),
        ".avif", "AVIF: too many parts",
    ),
    "svg in UTF-16": Bad(UTF16, ".bin", "not a JPEG"),
    "svgz": Bad(gzip.compress(svg(), mtime=0), ".bin", "not a JPEG"),
    "svg of no namespace": Bad(b"<svg/>", ".svg", "SVG can't be made safe"),
    "svg under a prefix": Bad(
        b'\xef\xbb\xbf<s:svg xmlns:s="http://www.w3.org/2000/svg"/>', ".svg",
        "SVG can't be made safe: its first element",
    ),
    "svg of another namespace": Bad(b'<svg xmlns="urn:x"/>', ".svg", "SVG can't be made safe"),
    "svg with a page behind": Bad(svg() + b"<html>", ".svg", "SVG can't be made safe: it is no"),
    "half an svg": Bad(svg()[:-3], ".svg", "SVG can't be made safe: it is no XML"),
    "svg with an entity bomb": Bad(
        b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + svg("<text>&b;</text>"),
        ".svg", "SVG can't be made safe: its entities",
    ),
    "svg with another file within": Bad(
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + svg("<text>&a;</text>"),
        ".svg", "SVG can't be made safe: its entities",
    ),
    "svg with a link that turns bad": Bad(
        svg('<a href="#"><animate attributeName="href" values="javascript:x()"/></a>'),
        ".svg", "SVG can't be made safe: it refers",
    ),
    "svg with an escape in its style": Bad(
        svg('<rect style="fill:u\\72l(/x.svg)"/>'), ".svg", "SVG can't be made safe: it refers"
    ),
    "svg with a pattern of elsewhere": Bad(
        svg("<style>.a{fill:url(https://x.example/a.svg#b)}</style>"), ".svg",
        "SVG can't be made safe: it refers",
    ),
    "svg with a picture of elsewhere": Bad(
        svg('<image href="https://x.example/a.png"/>'), ".svg", "SVG can't be made safe: it refers"
    ),
    "svg with half a photo within": Bad(
        inlined(JPEG[:-2]), ".svg", "SVG can't be made safe: a picture within it can't"
    ),
    "svg with something else within": Bad(
        inlined(b"<html>", "png"), ".svg", "SVG can't be made safe: a picture within it can't"
    ),
    "svg as deep as a well": Bad(
        svg("<g>" * 300 + "</g>" * 300), ".svg", "SVG can't be made safe: its elements lie"
    ),
    "svg of three megabytes": Bad(
        svg("<!-- -->" * 400_000), ".svg", "SVG can't be made safe: larger than"
    ),
    "svg of countless elements": Bad(
        svg("<path/>" * 60_000), ".svg", "SVG can't be made safe: more than"
    ),
    "svg with a font of elsewhere that never ends": Bad(
        svg(f"<style>{'@import ' * 200_000}</style>"), ".svg", "SVG can't be made safe: it refers"
    ),
}  # fmt: skip
