"""Copies of a text in the codings of HTTP, for servers that send files as they are.

The same text gives the same copy: no name, no time, no operating system in it. From these levels
on a further one costs more time than it saves bytes (docs/explanation/performance.md).
"""

import gzip
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from syndicator.config.values import Coding

_TEXT = ("text/",)
_TEXTUAL = ("xml", "json", "javascript")
_SYSTEM = 9  # where gzip says on which system it was made (RFC 1952, 2.3.1)
_UNKNOWN = b"\xff"
_WINDOW, _WIDEST = 16, 22  # of brotli: as a power of two (RFC 7932, 9.1)


def textual(media_type: str) -> bool:
    """Tell whether what is of this type gets smaller."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain.startswith(_TEXT) or plain.endswith(_TEXTUAL)


def compressed(data: bytes, coding: Coding, *, seldom: bool = False) -> bytes:
    """Return the copy of a text in a coding, called by the ending of its file.

    What is read ``seldom`` is done in a third of the time, and gets a tenth larger.
    """
    return _CODERS[coding](data, _SELDOM[coding] if seldom else _OFTEN[coding])


def _gzip(data: bytes, level: int) -> bytes:
    made = gzip.compress(data, level, mtime=0)
    return made[:_SYSTEM] + _UNKNOWN + made[_SYSTEM + 1 :]


def _brotli(data: bytes, level: int) -> bytes:
    import brotli  # noqa: PLC0415  # only where a document changed

    # A text no longer than the window is found again as well, without tables of 32 MiB being laid.
    window = _WINDOW if len(data) < 1 << _WINDOW else _WIDEST
    made: bytes = brotli.compress(data, mode=brotli.MODE_TEXT, quality=level, lgwin=window)
    return made


def _zstandard(data: bytes, level: int) -> bytes:
    import sys  # noqa: PLC0415  # as above

    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415
    else:
        from backports import zstd  # noqa: PLC0415
    return zstd.compress(data, level)


_CODERS: Final[Mapping[Coding, Callable[[bytes, int], bytes]]] = MappingProxyType(
    {"gz": _gzip, "br": _brotli, "zst": _zstandard}
)
_OFTEN: Final[Mapping[Coding, int]] = MappingProxyType({"gz": 6, "br": 8, "zst": 15})
_SELDOM: Final[Mapping[Coding, int]] = MappingProxyType({"gz": 4, "br": 4, "zst": 3})
