"""What is answered: status, headers and bytes, made once for a file and sent many times."""

from syndicator.publish.kinds import UTF8
from syndicator.serve.delta import entries, without
from syndicator.serve.item import Headers, Item, Reply, Variant
from syndicator.serve.shelf import gzipped

SNIFF = (b"x-content-type-options", b"nosniff")
FOREVER = b"public, max-age=31536000, immutable"
BUSY = b"10"  # seconds after which to come again
READ_ONLY = ((b"allow", b"GET, HEAD"), (b"connection", b"close"))  # a body may follow
_PLAIN = b"text/plain" + UTF8
_POLICY = b"default-src 'none'; frame-ancestors 'none'"
_INSTEAD = {  # in a delta
    b"cache-control": b"no-store, im",
    b"vary": b"Accept, Accept-Encoding, A-IM, If-None-Match, Sec-Fetch-Dest",
}
_SAYS = {
    400: b"this request can't be understood\n",
    404: b"there is nothing here\n",
    405: b"this can only be read\n",
    410: b"this is gone for good\n",
    412: b"this is another version\n",
    413: b"this is too much\n",
    416: b"there are no such bytes\n",
    500: b"this server made a mistake\n",
    503: b"too many ask at once: come again in a little while\n",
}


def plain(status: int, *more: tuple[bytes, bytes]) -> Reply:
    """Say in a line why there is nothing else."""
    reply = word(status, _SAYS.get(status, b""))
    reply.headers += more
    return reply


def word(status: int, body: bytes, media_type: bytes = _PLAIN) -> Reply:
    """Say something that nobody should keep."""
    headers = [
        (b"content-type", media_type),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", _POLICY),
        SNIFF,
    ]
    return Reply(status=status, headers=headers, body=body)


def moved(status: int, location: bytes, max_age: int) -> Reply:
    """Send to another address, for good (301, 308)."""
    age = (b"cache-control", b"public, max-age=%d" % max_age)
    headers = [(b"location", location), (b"content-length", b"0"), age, SNIFF]
    return Reply(status=status, headers=headers)


def variant(item: Item, coding: bytes, *, page: bool, links: bytes, max_age: int) -> Variant:
    """Make the answers about a file in one of its encodings."""
    etag = item.etag(coding, page=page)
    body = item.encoded[coding] if coding else item.body
    size = item.size if body is None else len(body)
    feed = item.kind.group == "feed"
    media = item.path.startswith("media/")
    same: Headers = [
        (b"etag", etag),
        (b"last-modified", item.last_modified),
        (b"cache-control", FOREVER if media else b"public, max-age=%d" % max_age),
    ]
    if feed:  # what is said is chosen by all of these
        same.append((b"vary", b"Accept, Accept-Encoding, A-IM, Sec-Fetch-Dest"))
    elif item.encoded:
        same.append((b"vary", b"Accept-Encoding"))
    if links:
        same.append((b"link", links))
    whole = [
        *same,
        (b"content-type", item.kind.page if page else item.kind.reader),
        (b"content-length", str(size).encode()),
        (b"content-security-policy", item.kind.policy),
        SNIFF,
    ]
    if coding:
        whole.append((b"content-encoding", coding))
    if ranged(item):
        whole.append((b"accept-ranges", b"bytes"))
    if feed or media:  # public, and of no use to whoever may not read it: pages may fetch it
        whole.append((b"access-control-allow-origin", b"*"))
    group = item.kind.group
    return Variant(
        etag=etag,
        whole=Reply(
            status=200,
            headers=whole,
            body=body or b"",
            group=group,
            place=item.place if body is None else None,
            size=size,
        ),
        same=Reply(status=304, headers=same, group=group),
    )


def ranged(item: Item) -> bool:
    """Tell whether parts of a file may be asked for: pictures, and what is large."""
    return not item.encoded and (item.kind.group == "media" or item.body is None)


def part(whole: Reply, found: tuple[int, int]) -> Reply:
    """Answer with some bytes of a file (RFC 9110, 14): 206, or 416 for an empty span."""
    start, end = found
    total = whole.size
    if start >= end:
        return plain(416, (b"content-range", b"bytes */%d" % total))
    said = dict(whole.headers)
    said[b"content-length"] = str(end - start).encode()
    said[b"content-range"] = b"bytes %d-%d/%d" % (start, end - 1, total)
    return Reply(
        status=206,
        headers=list(said.items()),
        body=whole.body[start:end],
        group=whole.group,
        place=whole.place,
        start=start,
        size=end - start,
    )


def delta(item: Item, made: Variant, base: str, named: bytes, coding: bytes) -> Reply | None:
    """Answer with the entries that a version did not have (RFC 3229, 10.4.1): 226 IM Used.

    ``base`` is the beginning of its tag and ``named`` all of it. None where that would be the
    whole, or a feed without an entry: not every reader takes one for what it is.

    A cache that knows nothing of deltas must not store it; one that does may, as ``im`` says.
    """
    assert item.body is not None  # noqa: S101  # only what is in memory was cut
    known = item.versions[base]
    if not entries(item.pieces) - known or not entries(item.pieces) & known:
        return None
    body = without(item.body, item.pieces, known)
    headers = [
        (name, _INSTEAD.get(name, value))
        for name, value in made.whole.headers
        if name not in {b"content-encoding", b"content-length"}
    ]
    if coding:
        body = gzipped(body)
        headers.append((b"content-encoding", coding))
    headers += [
        (b"content-length", str(len(body)).encode()),
        (b"im", b"feed"),
        (b"delta-base", b'"%b"' % named),
    ]
    return Reply(status=226, headers=headers, body=body, group="feed")
