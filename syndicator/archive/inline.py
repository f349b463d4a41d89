"""Pictures written into the post itself, as data: URLs (RFC 2397). Pure."""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from syndicator.errors import Refused
from syndicator.model import Answer

_LIMIT = 64 * 1024  # bytes
_DATA_URL = re.compile(r"\s*data:([^,]*),(.*)", re.IGNORECASE | re.DOTALL)


def inline(url: str) -> Answer | None:
    """Decode a data: URL, base64 as forgivingly as browsers do; None for any other URL.

    Raises ``Refused`` for more than 64 KiB, and for broken base64.
    """
    found = _DATA_URL.fullmatch(url)
    if found is None:
        return None
    media_type, *parameters = [part.strip() for part in found[1].split(";")]
    payload = found[2]
    if len(payload) > 3 * _LIMIT:  # the most that percent-encoding can swell it to
        raise Refused(f"data:…: larger than {_LIMIT} bytes")
    body = unquote_to_bytes(payload.partition("#")[0])
    if "base64" in [parameter.lower() for parameter in parameters]:
        packed = b"".join(body.split()).rstrip(b"=")
        try:
            body = base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
        except binascii.Error:
            raise Refused("data:…: its base64 is broken") from None
    if len(body) > _LIMIT:
        raise Refused(f"data:…: larger than {_LIMIT} bytes")
    return Answer(status=0, headers={"content-type": media_type}, body=body, url="data:")
