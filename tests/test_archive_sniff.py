"""What bytes are: odd files and the verdict on each."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from syndicator.archive.sniff import Picture, Unfit, judge

PNG_MARK = b"\x89PNG\r\n\x1a\n"


def made(kind: str, size: tuple[int, int] = (32, 20), **options: Any) -> bytes:
    """Return a small valid picture made by Pillow."""
    image = Image.new("P" if kind == "GIF" else "RGB", size, 3)
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def turned(kind: str, orientation: int) -> bytes:
    """Return a picture with an EXIF orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return made(kind, exif=exif.tobytes())


def animated(kind: str, frames: int = 3) -> bytes:
    """Return a moving picture, every frame different."""
    images = [Image.new("L", (9, 7), n % 250) for n in range(frames)]
    out = io.BytesIO()
    images[0].save(out, kind, save_all=True, append_images=images[1:])
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a PNG chunk with a right checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """Return a PNG that claims a size, with ``chunks`` for a body."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return PNG_MARK + header + b"".join(chunks) + chunk(b"IEND", b"")


PIXELS = chunk(b"IDAT", zlib.compress(b"\0" * 99))
JPEG, PNG, GIF, WEBP, AVIF = (made(kind) for kind in ("JPEG", "PNG", "GIF", "WEBP", "AVIF"))
THUMBNAIL = b"\xff\xe1" + struct.pack(">H", 2 + 6 + len(JPEG)) + b"Thumb\0" + JPEG

GOOD: dict[str, tuple[bytes, str, str, int, int]] = {
    "jpeg": (JPEG, "image/jpeg", ".jpg", 32, 20),
    "progressive jpeg": (made("JPEG", progressive=True), "image/jpeg", ".jpg", 32, 20),
    "jpeg with a thumbnail": (JPEG[:2] + THUMBNAIL + JPEG[2:], "image/jpeg", ".jpg", 32, 20),
    "jpeg with fill bytes": (JPEG[:-2] + b"\xff\xff\xff\xd9", "image/jpeg", ".jpg", 32, 20),
    "jpeg with a zip behind": (JPEG + b"PK\x03\x04zip", "image/jpeg", ".jpg", 32, 20),
    "jpeg with zero padding": (JPEG + bytes(512), "image/jpeg", ".jpg", 32, 20),
    "jpeg with html behind": (JPEG + b"<script>", "image/jpeg", ".jpg", 32, 20),
    "jpeg turned left": (turned("JPEG", 6), "image/jpeg", ".jpg", 20, 32),
    "jpeg turned over": (turned("JPEG", 3), "image/jpeg", ".jpg", 32, 20),
    "jpeg of no orientation": (turned("JPEG", 77), "image/jpeg", ".jpg", 32, 20),
    "jpeg with broken exif": (
        made("JPEG", exif=b"Exif\0\0II*\0\xff\xff"), "image/jpeg", ".jpg", 32, 20,
    ),
    "png": (PNG, "image/png", ".png", 32, 20),
    "interlaced png of one pixel": (made("PNG", (1, 1)), "image/png", ".png", 1, 1),
    "png turned left": (turned("PNG", 8), "image/png", ".png", 20, 32),
    "png with html behind": (PNG + b"<html>", "image/png", ".png", 32, 20),
    "apng": (animated("PNG"), "image/png", ".png", 9, 7),
    "gif": (GIF, "image/gif", ".gif", 32, 20),
    "gif in motion": (animated("GIF"), "image/gif", ".gif", 9, 7),
    "gif with a comment": (made("GIF", comment=b"<script>" * 99), "image/gif", ".gif", 32, 20),
    "webp": (WEBP, "image/webp", ".webp", 32, 20),
    "lossless webp": (made("WEBP", lossless=True), "image/webp", ".webp", 32, 20),
    "webp turned left": (turned("WEBP", 6), "image/webp", ".webp", 20, 32),
    "webp in motion": (animated("WEBP"), "image/webp", ".webp", 9, 7),
    "avif": (AVIF, "image/avif", ".avif", 32, 20),
    "avif turned left": (turned("AVIF", 6), "image/avif", ".avif", 20, 32),
    "just small enough": (png(10_000, 5_000, PIXELS), "image/png", ".png", 10_000, 5_000),
}  # fmt: skip

BAD: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", ".bin", "nothing came"),
    "white space": (b" \r\n", ".bin", "not a JPEG"),
    "html": (b"<!DOCTYPE html><p>404", ".html", "an HTML page"),
    "html after blank lines": (b"\n\n <html lang=en>", ".html", "an HTML page"),
    "html with a byte order mark": (b"\xef\xbb\xbf<html>", ".html", "an HTML page"),
    "html with an svg inside": (b"<html><svg></svg>", ".html", "an HTML page"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ".svg", "SVG"),
    "svg with a declaration": (b"<?xml version='1.0'?>\n<!-- x -->\n<svg/>", ".svg", "SVG"),
    "svg under a prefix": (b"\xef\xbb\xbf<s:svg xmlns:s='urn:x'>", ".svg", "SVG"),
    "svg with a script": (b"<svg><script>alert(1)</script></svg>", ".svg", "SVG"),
    "svg in UTF-16": ("<svg/>".encode("utf-16"), ".bin", "not a JPEG"),
    "json": (b'{"error": "no such picture"}', ".bin", "not a JPEG"),
    "bmp": (made("BMP"), ".bin", "not a JPEG"),
    "bmp that is html": (b"BM<html><script>", ".bin", "not a JPEG"),
    "tiff": (made("TIFF"), ".bin", "not a JPEG"),
    "jpeg 2000": (made("JPEG2000"), ".bin", "not a JPEG"),
    "icon": (made("ICO"), ".bin", "not a JPEG"),
    "psd": (b"8BPS\0\1" + bytes(40), ".bin", "not a JPEG"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", ".bin", "not a JPEG"),
    "pdf": (b"%PDF-1.7\n", ".bin", "not a JPEG"),
    "zip": (b"PK\x03\x04" + bytes(40), ".bin", "not a JPEG"),
    "gzip of a jpeg": (zlib.compress(JPEG), ".bin", "not a JPEG"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", ".bin", "not a JPEG"),
    "mp4": (b"\0\0\0\x18ftypisom\0\0\0\0isommp41", ".bin", "not a JPEG"),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt ", ".bin", "not a JPEG"),
    "half a jpeg": (JPEG[: len(JPEG) // 2], ".jpg", "JPEG: breaks off"),
    "a jpeg short of its last two bytes": (JPEG[:-2], ".jpg", "JPEG: breaks off"),
    "a jpeg short of its last byte": (JPEG[:-1], ".jpg", "JPEG: breaks off"),
    "half a jpeg with a whole thumbnail": (
        (JPEG[:2] + THUMBNAIL + JPEG[2:])[:-9], ".jpg", "JPEG: breaks off",
    ),
    "three bytes of a jpeg": (b"\xff\xd8\xff", ".jpg", "JPEG: breaks off"),
    "a jpeg of nothing": (b"\xff\xd8\xff\xd9", ".jpg", "JPEG: holds no picture"),
    "a jpeg of text": (b"\xff\xd8\xff\xe0\0\x04ab<html>", ".jpg", "JPEG: its segments"),
    "half a png": (PNG[: len(PNG) // 2], ".png", "PNG: breaks off"),
    "a png without its end": (PNG[:-12], ".png", "PNG: breaks off"),
    "the mark of a png": (PNG_MARK, ".png", "PNG: breaks off"),
    "a png with a flipped bit": (
        PNG[:45] + bytes([PNG[45] ^ 1]) + PNG[46:], ".png", "PNG: a checksum is wrong",
    ),
    "a png with a text of a wrong checksum": (
        png(5, 5, chunk(b"tEXt", b"a\0b")[:-4] + b"\0\0\0\0", PIXELS),
        ".png", "PNG: a checksum is wrong",
    ),
    "a png that begins with pixels": (PNG_MARK + PIXELS, ".png", "PNG: doesn't begin"),
    "a png without a size": (png(0, 20, PIXELS), ".png", "PNG: "),
    "a png bomb": (png(8_000, 8_000, PIXELS), ".png", "PNG: 8000 x 8000 pixels are too many"),
    "a png bomb that Pillow warns of": (png(10_000, 10_000, PIXELS), ".png", "PNG: 10000 x 10000"),
    "a png bomb that Pillow refuses": (png(60_000, 60_000, PIXELS), ".png", "PNG: far too many"),
    "a png with a profile bomb": (
        png(5, 5, chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(90_000_000))), PIXELS),
        ".png", "PNG: its header",
    ),
    "a png of too many frames": (
        png(5, 5, chunk(b"fcTL", bytes(26)) * 2_001, PIXELS), ".png", "PNG: too many frames",
    ),
    "half a gif": (GIF[: len(GIF) // 2], ".gif", "GIF: breaks off"),
    "a gif without its trailer": (GIF[:-1], ".gif", "GIF: breaks off"),
    "the mark of a gif": (b"GIF89a", ".gif", "GIF: breaks off"),
    "a gif of nothing": (b"GIF89a" + bytes(7) + b";", ".gif", "GIF: holds no picture"),
    "a gif that is a script": (b"GIF89a/*<script>*/=1;", ".gif", "GIF: "),
    "a gif of too many frames": (
        GIF[:-1] + (b"\x2c" + bytes(4) + b"\1\0\1\0\0" + b"\2\2\x44\1\0") * 2_001 + b";",
        ".gif", "GIF: too many frames",
    ),
    "half a webp": (WEBP[: len(WEBP) // 2], ".webp", "WEBP: breaks off"),
    "a webp short of a byte": (WEBP[:-1], ".webp", "WEBP: breaks off"),
    "the mark of a webp": (b"RIFF\x04\0\0\0WEBP", ".webp", "WEBP: "),
    "a webp bomb": (
        b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff\xff\xff" * 2,
        ".webp", "WEBP: 16777216 x 16777216 pixels are too many",
    ),
    "half an avif": (AVIF[: len(AVIF) // 2], ".avif", "AVIF: breaks off"),
    "an avif short of a byte": (AVIF[:-1], ".avif", "AVIF: breaks off"),
    "an avif with a tail": (AVIF + b"<html></html>", ".avif", "AVIF: breaks off"),
    "the mark of an avif": (b"\0\0\0\x10ftypavif\0\0\0\0", ".avif", "AVIF: "),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_whole_picture_is_known_for_what_it_is(name: str) -> None:
    """Type and size as shown come from the bytes alone, tails and odd metadata or not."""
    data, media_type, extension, width, height = GOOD[name]
    assert judge(data) == Picture(
        media_type=media_type, extension=extension, width=width, height=height
    )


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_whole_picture_is_unfit(name: str) -> None:
    """Foreign, broken and outsized files get an ending, and a reason that says which."""
    data, extension, reason = BAD[name]
    verdict = judge(data)
    assert isinstance(verdict, Unfit)
    assert verdict.extension == extension
    assert verdict.reason.startswith(reason)


@pytest.mark.parametrize(
    "whole", [JPEG, PNG, GIF, WEBP, AVIF], ids=["jpg", "png", "gif", "webp", "avif"]
)
def test_a_picture_cut_anywhere_is_found_out(whole: bytes) -> None:
    """Of every beginning of a picture, none but the whole is one."""
    passed = [end for end in range(len(whole)) if isinstance(judge(whole[:end]), Picture)]
    assert passed == []


@pytest.mark.parametrize(
    "build", [lambda: JPEG, lambda: PNG, lambda: GIF, lambda: WEBP, lambda: AVIF]
)
@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 400), byte=st.integers(0, 255))
def test_damage_never_raises(build: Callable[[], bytes], at: int, byte: int) -> None:
    """Whatever one byte becomes, there is a verdict, and no warning gets out."""
    data = bytearray(build())
    data[at % len(data)] = byte
    assert isinstance(judge(bytes(data)), Picture | Unfit)


@given(
    st.sampled_from(
        [b"", b"\xff\xd8\xff", PNG_MARK, b"GIF89a", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x14ftypavif"]
    ),
    st.binary(max_size=200),
)
def test_noise_never_raises(mark: bytes, noise: bytes) -> None:
    """Random bytes behind every mark end in a verdict."""
    assert isinstance(judge(mark + noise), Picture | Unfit)
