"""What comes back, within bounds: raw bytes counted, time bought by bytes, one gzip layer."""

import asyncio
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from syndicator.errors import Failed, Refused

_FLOOR = 1000  # bytes a second that a sender must keep up on average
_GZIP = 16 + zlib.MAX_WBITS  # zlib's way to say "a gzip header, and nothing else"


async def read_whole(
    response: httpx.Response, *, limit: int, until: float, patience: float
) -> bytes:
    """Read the body of a good answer: at most ``limit`` bytes, before and after gzip.

    ``until`` is the loop time at which all must be there. Raises ``Refused`` when it is larger or
    coded otherwise than in one layer of gzip, ``Failed`` when it is slow, short or torn.
    """
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        raise Refused(f"sent in a coding that was not asked for: {coding[:60]!a}")
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    raw = bytearray()
    await _read(response, raw, limit, until=until, patience=patience)
    if len(raw) > limit:
        raise _too_large(limit)
    if announced.isdecimal() and len(raw) != int(announced):
        raise Failed(f"broke off: {len(raw)} of {announced} bytes came")
    return bytes(raw) if coding in {"", "identity"} else _unpacked(raw, limit)


async def read_start(
    response: httpx.Response, *, most: int, until: float, patience: float
) -> bytes:
    """Read the first ``most`` bytes of a body, raw; what is slow or torn is cut where it is.

    The status is known by then and decides; a body that misbehaves must not undo it.
    """
    raw = bytearray()
    try:
        await _read(response, raw, most, until=until, patience=patience)
    except (Failed, OSError, httpx.TransportError):  # a TimeoutError is an OSError
        return bytes(raw[:most])
    return bytes(raw[:most])


async def _read(
    response: httpx.Response, into: bytearray, limit: int, *, until: float, patience: float
) -> None:
    """Append raw bytes to ``into`` until the end, or until there are more than ``limit``.

    Every byte buys a thousandth of a second, once ``patience`` is used up: a drip ends, however
    steady. Raises ``Failed`` then, and ``TimeoutError`` at ``until``.
    """
    # not aiter_raw(): it fails for an answer that a replaced transport hands over whole
    stream = response.stream
    if not isinstance(stream, httpx.AsyncByteStream):
        raise TypeError("an asynchronous transport must answer with an asynchronous stream")
    start = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(min(until, start + patience)) as pace:
            async for chunk in stream:
                into += chunk
                if len(into) > limit:
                    return
                pace.reschedule(min(until, start + max(patience, len(into) / _FLOOR)))
    except TimeoutError:
        if pace.when() == until:
            raise
        raise Failed(f"slower than {_FLOOR} bytes a second after {patience:g} s") from None


def _unpacked(raw: bytearray, limit: int) -> bytes:
    """Undo one gzip layer (RFC 1952), never holding more than ``limit`` bytes and one."""
    machine = zlib.decompressobj(_GZIP)
    try:
        data = machine.decompress(raw, limit + 1)
    except zlib.error:
        raise Refused("sent as gzip, but is none") from None
    if len(data) > limit:
        raise _too_large(limit)
    if not machine.eof:
        raise Failed("broke off in the middle of its gzip coding")
    if machine.unused_data:
        raise Refused("bytes after the end of its gzip coding")
    return data


def _too_large(limit: int) -> Refused:
    return Refused(f"larger than {limit} bytes", hint="raise [network] max_image_bytes to keep it")


def retry_after(headers: Mapping[str, str]) -> float:
    """Tell the seconds that a Retry-After asks for, 0.0 for none or nonsense (RFC 9110, 10.2.3).

    A date is taken against the answer's own Date: the other side's clock need not be ours.
    """
    asked = headers.get("retry-after", "").strip()
    if not asked:
        return 0.0
    if asked.isascii() and asked.isdecimal():
        return float(asked[:9])
    then, now = _date(asked), _date(headers.get("date", ""))
    return max(0.0, (then - now).total_seconds()) if then and now else 0.0


def _date(value: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)  # "-0000" says no zone; HTTP is UTC
