"""Exif blocks: how a picture is turned, whether it tells a place, and a block that tells no more.

A block is a TIFF file (TIFF 6.0; Exif 2.32, 4.5), with or without ``Exif`` and two zeros before.
"""

import struct
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from syndicator.archive.formats import Cut

if TYPE_CHECKING:
    from PIL import Image

MARK = b"Exif\0\0"
_ORIENTATION = 0x0112
_POSITION = 0x8825  # the directory of GPS tags
_SHORT = 3  # a type of TIFF
_UPRIGHT = 1
_TURNED = range(2, 9)


def orientation(block: object) -> int:
    """Return how the picture is turned, 1 to 8; 1 for anything that does not say so."""
    found = _tags(block).get(_ORIENTATION)
    return found if isinstance(found, int) and found in _TURNED else _UPRIGHT


def keep(cut: Cut, block: bytes) -> bytes:
    """Return what stays of a block: of the first its ``bare`` form, of others nothing."""
    if cut.exif is not None:
        return b""
    cut.exif = bare(block)
    if block != cut.exif and _located(block):
        cut.without["position"] = None
    return cut.exif


def bare(block: bytes) -> bytes:
    """Return a block that says how the picture is turned and nothing else; empty if it is not."""
    turned = orientation(block)
    return b"" if turned == _UPRIGHT else _bare(turned)


@lru_cache(maxsize=len(_TURNED))
def _bare(turned: int) -> bytes:
    entry = struct.pack("<HHIHH", _ORIENTATION, _SHORT, 1, turned, 0)
    return b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)


def _located(block: bytes) -> bool:
    return _POSITION in _tags(block)


def _tags(block: object) -> "Image.Exif":
    """Read a block's first directory; broken ones hold nothing."""
    from PIL import Image  # noqa: PLC0415  # heavy, and most passes look at no picture

    tags = Image.Exif()
    if isinstance(block, bytes):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # odd metadata is no reason to lose a picture
                tags.load(block)
        except Exception:  # noqa: BLE001  # a parser of hostile bytes may raise anything
            return Image.Exif()
    return tags
