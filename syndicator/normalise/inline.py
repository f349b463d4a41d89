"""Pictures written into a text as data: URLs (RFC 2397): their bytes, and a name for those."""

import base64
import binascii
import hashlib
import re
from typing import Final
from urllib.parse import unquote_to_bytes

LIMIT: Final = 64 * 1024  # bytes of a picture; a larger one belongs into a file
_DATA: Final = re.compile(r"data:([^,]*),(.*)", re.IGNORECASE | re.DOTALL)


class Broken(Exception):  # noqa: N818  # a state of a URL; never leaves normalise
    """A data: URL that no browser shows."""


def inlined(url: str) -> bool:
    """Whether a URL is a picture itself."""
    return url[:5].lower() == "data:"


def decode(url: str) -> bytes | None:
    """Return the bytes of a data: URL, base64 as forgivingly as browsers; None beyond the limit.

    Raises Broken where it holds none.
    """
    found = _DATA.fullmatch(url)
    if found is None:
        raise Broken
    parameters = [part.strip().lower() for part in found[1].split(";")[1:]]
    if len(found[2]) > 3 * LIMIT:  # the most that percent-encoding can swell it to
        return None
    data = unquote_to_bytes(found[2].partition("#")[0])
    if "base64" in parameters:
        packed = b"".join(data.split()).rstrip(b"=")
        try:
            data = base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
        except binascii.Error:
            raise Broken from None
    if not data:
        raise Broken
    return data if len(data) <= LIMIT else None


def name(data: bytes) -> str:
    """Return the address of bytes that lie nowhere: their SHA-256, as a URI (RFC 6920)."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"ni:///sha-256;{digest.decode()}"
