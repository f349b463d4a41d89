"""What the headers of a request ask for (RFC 9110): encodings, versions, dates, ranges.

Everything is judged on bytes, as they came; what can't be understood asks for nothing.
"""

import re
from email.utils import parsedate_to_datetime
from functools import lru_cache

ENCODINGS = (b"br", b"zstd", b"gzip")  # the order among those a reader likes alike
_ETAG = re.compile(rb'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')  # RFC 9110, 8.8.3
_RANGE = re.compile(rb"bytes=[ \t]*(\d{0,18})-(\d{0,18})", re.IGNORECASE)
_WEIGHT = re.compile(rb"q=([01](?:\.\d{0,3})?)", re.IGNORECASE)
_FEEDS = (b"rss+xml", b"atom+xml", b"feed+json")
_PAGES = {b"document", b"iframe", b"frame"}  # what a browser navigates (Fetch, Sec-Fetch-Dest)
_LONG = 512  # bytes; longer wishes are not remembered


def encodings(accepted: bytes) -> tuple[bytes, ...]:
    """Return the codings of ``ENCODINGS`` that a reader takes, the one to choose first.

    Nothing is returned from where a reader likes its text as it is better (RFC 9110, 12.5.3).
    """
    return _encodings(accepted) if len(accepted) < _LONG else _encodings.__wrapped__(accepted)


@lru_cache(maxsize=1024)
def _encodings(accepted: bytes) -> tuple[bytes, ...]:
    weights: dict[bytes, float] = {}
    for item in accepted.lower().split(b","):
        name, *parameters = (part.strip() for part in item.split(b";"))
        found = _WEIGHT.fullmatch(parameters[0]) if parameters else None
        weights[b"gzip" if name == b"x-gzip" else name] = float(found[1]) if found else 1.0
    other = weights.get(b"*", 0.0)
    plain = weights.get(b"identity", 0.0)  # named or not, it is what remains
    wanted = [(weights.get(name, other), name) for name in ENCODINGS]
    liked = [one for one in wanted if one[0] > 0 and one[0] >= plain]
    return tuple(name for _, name in sorted(liked, key=lambda one: -one[0]))


@lru_cache(maxsize=1024)
def navigates(destination: bytes, accept: bytes) -> bool:
    """Tell whether a browser wants to show this as a page, rather than a reader read it."""
    if destination:
        return destination.lower() in _PAGES
    first = accept.lower().partition(b",")[0].partition(b";")[0].strip()
    return first == b"text/html" and not any(kind in accept for kind in _FEEDS)


def named(versions: bytes) -> list[bytes]:
    """Return the entity tags in a list, without quotes and without what marks weak ones."""
    return _ETAG.findall(versions)


def has_version(versions: bytes, etag: bytes) -> bool:
    """Tell whether If-None-Match names this tag, weakly compared, or any (RFC 9110, 13.1.2)."""
    return versions.strip() == b"*" or etag.strip(b'"') in named(versions)


def is_since(date: bytes, modified: int) -> bool:
    """Tell whether nothing changed after a date (RFC 9110, 13.1.3); ``modified`` in seconds."""
    try:
        return parsedate_to_datetime(date.decode("ascii")).timestamp() >= modified
    except (ValueError, OverflowError):
        return False


def whole_since(wanted: bytes, etag: bytes, modified: bytes) -> bool:
    """Tell whether If-Range still holds: this tag, strongly compared, or this very date."""
    return not wanted or wanted.strip() in {etag, modified}


def span(wanted: bytes, size: int) -> tuple[int, int] | None:
    """Return the bytes a Range asks for, from and up to; None where all are to be sent.

    An empty span means that no such bytes exist (416). Several ranges at once ask for everything:
    a server may ignore them (RFC 9110, 14.2).
    """
    found = _RANGE.fullmatch(wanted.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        count = int(found[2])
        return (max(0, size - count), size) if count else (0, 0)
    first, last = int(found[1]), int(found[2] or size)
    if last < first:
        return None
    return (first, min(last + 1, size)) if first < size else (0, 0)


def takes_deltas(manipulations: bytes) -> bool:
    """Tell whether A-IM names ``feed``, unless with weight 0 (RFC 3229, 10.5.3)."""
    for item in manipulations.lower().split(b","):
        name, *parameters = (part.strip() for part in item.split(b";"))
        if name == b"feed":
            found = _WEIGHT.fullmatch(parameters[0]) if parameters else None
            return found is None or float(found[1]) > 0
    return False
