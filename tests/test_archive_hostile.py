"""Servers that misbehave on purpose: each gets its reason and plan, in time and little memory.

Everything is real but the servers' manners: sockets on 127.0.0.1, the guard, the client, the
judgement of what came.
"""

import asyncio
import gzip
import io
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from loopback import HERE, Page, loopback, moved, no_wait, page, run
from PIL import Image

from syndicator.archive.capture import Terms
from syndicator.archive.fetch import Fetches
from syndicator.doors.http import Limits, Web
from syndicator.model.pictures import Want
from syndicator.model.records import Capture

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMIT = 100_000  # bytes a picture
BRIEF, AMPLE = 0.2, 30.0  # seconds: those that a case waits for, and more than any case needs
MEMORY = 3 << 20  # bytes: server, client and every buffer between them
MINUTES = timedelta(minutes=1)
DAY = timedelta(days=1)


def picture(kind: str = "PNG") -> bytes:
    """Return a small valid picture."""
    out = io.BytesIO()
    Image.new("L", (8, 6)).save(out, kind)
    return out.getvalue()


PNG, JPEG, GIF = picture(), picture("JPEG"), picture("GIF")
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(bytes(30 << 20), 9)


class Case(NamedTuple):
    """What a server does, and what must come of it."""

    name: str
    said: Page
    plan: str
    reason: str
    wait: timedelta | None


def raw(*parts: bytes, then: Callable[[], object] | None = None, pause: float = 0.0) -> Page:
    """Send these parts; then close, or wait for ever."""

    async def act(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        if then is hang:
            await asyncio.Event().wait()

    return act


def hang() -> None:
    """Stand for a server that keeps the connection open and says no more."""


def again(part: bytes, *, first: bytes = b"", pause: float = 0.0) -> Page:
    """Send the same part for ever."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return act


async def reset(writer: asyncio.StreamWriter) -> None:
    """Begin an answer, and break the connection."""
    writer.write(OK + b"Content-Length: 99\r\n\r\n" + PNG[:9])
    await writer.drain()
    writer.transport.abort()


def zipped(body: bytes, coding: str = "gzip") -> bytes:
    """Return an answer in a coding."""
    return page(body, Content_Encoding=coding)


RETRY, SOON = "retry", 5 * MINUTES
NOT_HTTP, TIME = "not a proper HTTP answer", "no complete answer within 0.2 s"
SLOW, BROKE = "slower than 1000 bytes a second", "broke off"
LARGE, NOTHING = f"larger than {LIMIT} bytes", "nothing came"
CASES = [
    # lengths
    Case("short body", raw(OK + b"Content-Length: 999\r\n\r\n", PNG), RETRY, NOT_HTTP, SOON),
    Case("long body", page(PNG + PNG, Content_Length=str(len(PNG))), "kept", "", None),
    Case("announced too long", page(PNG, Content_Length="9" * 12), "refused", LARGE, None),
    Case("length of nonsense", page(PNG, Content_Length="-1"), RETRY, NOT_HTTP, SOON),
    Case("two lengths", raw(OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
         RETRY, NOT_HTTP, SOON),
    Case("no length, whole", raw(OK + b"\r\n" + PNG), "kept", "", None),
    Case("no length, cut: PNG", raw(OK + b"\r\n" + PNG[:-9]), "suspect", "PNG: breaks off", DAY),
    Case("no length, cut: JPEG", raw(OK + b"\r\n" + JPEG[:-1]), "suspect", "JPEG: ", DAY),
    Case("no length, cut: GIF", raw(OK + b"\r\n" + GIF[:-1]), "suspect", "GIF: ", DAY),
    Case("no length, no end", again(PNG * 99, first=OK + b"\r\n"), "refused", LARGE, None),
    Case("nothing at all", raw(), RETRY, NOT_HTTP, SOON),
    Case("empty body", page(b""), "suspect", NOTHING, DAY),
    # chunks
    Case("good chunks", raw(CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(PNG), PNG)),
         "kept", "", None),
    Case("endless chunks", again(b"3e8\r\n" + b"x" * 1000 + b"\r\n", first=CHUNKED),
         "refused", LARGE, None),
    Case("endless small chunks", again(b"1\r\nx\r\n" * 99, first=CHUNKED), RETRY, TIME, SOON),
    Case("a chunk of 16 EiB", raw(CHUNKED + b"ffffffffffffffff\r\n" + b"x" * 99, then=hang),
         RETRY, SLOW, SOON),
    Case("a chunk of nonsense", raw(CHUNKED + b"zz\r\n" + PNG), RETRY, NOT_HTTP, SOON),
    Case("no last chunk", raw(CHUNKED + b"%x\r\n%b\r\n" % (len(PNG), PNG)), RETRY, NOT_HTTP, SOON),
    Case("a huge chunk extension", again(b";" * 999, first=CHUNKED + b"1"), RETRY, "", SOON),
    Case("endless trailers", again(b"X: y\r\n", first=CHUNKED + b"0\r\n"), RETRY, "", SOON),
    # time
    Case("silence", raw(then=hang), RETRY, TIME, SOON),
    Case("headers, then silence", raw(OK + b"Content-Length: 9\r\n\r\n", then=hang),
         RETRY, SLOW, SOON),
    Case("slow headers", again(b"X: y\r\n", first=OK, pause=0.02), RETRY, TIME, SOON),
    Case("half a status line", raw(b"HTTP/1.1 2", then=hang), RETRY, TIME, SOON),
    Case("drip", again(b"x", first=OK + b"\r\n", pause=0.02), RETRY, SLOW, SOON),
    Case("drip in chunks", again(b"1\r\nx\r\n", first=CHUNKED, pause=0.02), RETRY, SLOW, SOON),
    Case("a storm of 100", again(b"HTTP/1.1 100 Continue\r\n\r\n"), RETRY, TIME, SOON),
    Case("a storm of 103", again(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
         RETRY, TIME, SOON),
    Case("a reset", reset, RETRY, "", SOON),
    # headers
    Case("huge header", raw(OK + b"X: " + b"y" * 300_000 + b"\r\n\r\n" + PNG), RETRY, "", SOON),
    Case("endless header", again(b"y" * 999, first=OK + b"X: "), RETRY, "", SOON),
    Case("endless headers", again(b"X: y\r\n" * 99, first=OK), RETRY, "", SOON),
    Case("no HTTP", raw(b"SSH-2.0-OpenSSH_9.2\r\n"), RETRY, NOT_HTTP, SOON),
    Case("garbage", raw(bytes(range(256)) * 9), RETRY, NOT_HTTP, SOON),
    Case("TLS instead of HTTP", raw(b"\x15\x03\x01\x00\x02\x02\x16"), RETRY, NOT_HTTP, SOON),
    Case("HTTP/0.9", raw(PNG), RETRY, NOT_HTTP, SOON),
    Case("HTTP/2.0 in words", raw(b"HTTP/2 200\r\n\r\n" + PNG), RETRY, NOT_HTTP, SOON),
    Case("a status of nonsense", raw(b"HTTP/1.1 two OK\r\n\r\n"), RETRY, NOT_HTTP, SOON),
    Case("a NUL in a header", raw(OK + b"X: a\0b\r\nContent-Length: 0\r\n\r\n"),
         RETRY, NOT_HTTP, SOON),
    # coding
    Case("gzip", zipped(gzip.compress(PNG)), "kept", "", None),
    Case("gzip bomb", zipped(BOMB), "refused", LARGE, None),
    Case("gzip bomb, twice", zipped(gzip.compress(BOMB), "gzip, gzip"),
         "refused", "sent in", None),
    Case("gzip bomb in gzip, said once", zipped(gzip.compress(BOMB)), "suspect", "", DAY),
    Case("gzip that is none", zipped(PNG), "refused", "sent as gzip, but is none", None),
    Case("gzip, cut", zipped(gzip.compress(PNG)[:-9]), RETRY, BROKE, SOON),
    Case("gzip, and more", zipped(gzip.compress(PNG) + b"x"), "refused", "bytes after", None),
    Case("br", zipped(PNG, "br"), "refused", "sent in a coding", None),
    Case("deflate", zipped(PNG, "deflate"), "refused", "sent in a coding", None),
    # status
    Case("204", page(status="204 No Content"), RETRY, "204 No Content", SOON),
    Case("206", page(PNG, "206 Partial Content"), RETRY, "206 Partial Content", SOON),
    Case("304 unasked", page(status="304 Not Modified"), RETRY, "304 Not Modified", SOON),
    Case("402", page(status="402 Pay"), RETRY, "402 Payment Required", SOON),
    Case("403 with a picture", page(PNG, "403 No"), RETRY, "403 Forbidden", SOON),
    Case("404", page(b"x" * 99_999, "404 No"), "gone", "404 Not Found", 7 * DAY),
    Case("410", page(status="410 Gone"), "gone", "410 Gone", 7 * DAY),
    Case("451", page(status="451 Law"), "gone", "451 Unavailable", 7 * DAY),
    Case("429 in seconds", page(status="429 Slow", Retry_After="7200"),
         RETRY, "429 Too Many", 120 * MINUTES),
    Case("429 with a date", page(status="429 Slow", Date="Sun, 22 Nov 2026 12:00:00 GMT",
                                 Retry_After="Sun, 22 Nov 2026 13:00:00 GMT"),
         RETRY, "429 Too Many", 60 * MINUTES),
    Case("429 for a year", page(status="429 Slow", Retry_After="31536000"),
         RETRY, "429 Too Many", 7 * DAY),
    Case("429 with nonsense", page(status="429 Slow", Retry_After="-9e99"),
         RETRY, "429 Too Many", SOON),
    Case("503", page(status="503 No"), RETRY, "503 Service Unavailable", SOON),
    Case("an error page without end", again(b"x" * 9999, first=b"HTTP/1.1 500 No\r\n\r\n"),
         RETRY, "500 Internal", SOON),
    Case("999", page(status="999 Denied"), RETRY, "status 999", SOON),
    # redirects
    Case("a loop", moved("/a"), "refused", "more than 5 redirects", None),
    Case("to nowhere", page(status="302 Found"), RETRY, "a redirect to nowhere", SOON),
    Case("to a file", moved("file:///etc/passwd"), "refused", "file://…: only http", None),
    Case("to data", moved("data:image/png,x"), "refused", "data:…: only http", None),
    Case("to a password", moved("http://a:b@h.example/"), "refused", "http://h.example/:", None),
    Case("to a newline", moved("http://h.example/\tx\rHost: y"), RETRY, NOT_HTTP, SOON),
    Case("with a body without end",
         again(b"x" * 999, first=b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n"),
         "gone", "", 7 * DAY),
    *(
        Case(f"to {host}", moved(f"http://{host}/x"), "refused",
             f"http://{host}/x: address not allowed", None)
        for host in (
            "10.0.0.1", "169.254.169.254", "0xa9fea9fe", "192.168.257", "[::ffff:10.0.0.1]",
            "[fd00:ec2::254]", "[64:ff9b::10.0.0.1]", "0", "100.64.0.1", "[fe80::1]", "012.1",
        )
    ),
    # what comes
    Case("HTML called JPEG", page(b"<html>404", Content_Type="image/jpeg"),
         "suspect", "an HTML page, not a picture", DAY),
    Case("a picture called bytes", page(PNG, Content_Type="application/octet-stream"),
         "kept", "", None),
    Case("JSON", page(b'{"error":1}', Content_Type="image/png"), "suspect", "not a ", DAY),
    Case("a script in a BMP", page(b"BM<html><script>"), "suspect", "not a ", DAY),
    Case("EPS called JPEG", page(b"%!PS-Adobe-3.0 EPSF-3.0"), "suspect", "not a ", DAY),
]  # fmt: skip


def limits(case: Case) -> Limits:
    """Return limits of which a case can only meet the one it names, however slow the machine."""
    return Limits(
        allow=HERE,
        timeout=BRIEF if case.reason == TIME else AMPLE,
        patience=BRIEF if case.reason == SLOW else AMPLE,
    )


async def fetch(url: str, limits: Limits) -> Capture:
    """Fetch one picture as a pass does."""
    async with (
        Web(limits, agent="t", sleep=no_wait) as web,
        Fetches([Want(url=url)], web, terms=Terms(limit=LIMIT), clock=lambda: AT) as fetches,
    ):
        outcome = await fetches.next()
    assert outcome is not None
    assert outcome.capture is not None
    return outcome.capture


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_whatever_a_server_does_ends_with_its_reason(case: Case) -> None:
    """Within the deadline, with a plan, and with no more memory than the limit needs."""

    async def work() -> Capture:
        async with loopback({"/a": case.said}) as server:
            return await fetch(server.url("/a"), limits(case))

    tracemalloc.start()
    try:
        line = run(work)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (line.plan, line.retry_at) == (case.plan, case.wait and AT + case.wait), line.reason
    assert line.reason.startswith(case.reason)
    assert bool(line.reason) == (case.plan != "kept")
    assert peak < MEMORY


def test_there_are_enough_of_them() -> None:
    """No two are the same."""
    assert len({case.name for case in CASES}) == len(CASES) >= 60


def test_a_server_of_garbage_behind_https_says_tls() -> None:
    """What is no TLS is a failure that may pass, and that says what it is."""

    async def garble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(range(256)))
        writer.close()

    async def work() -> Capture:
        async with await asyncio.start_server(garble, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            limits = Limits(allow=HERE, timeout=AMPLE)
            return await fetch(f"https://127.0.0.1:{port}/a", limits)

    line = run(work)
    assert (line.plan, line.retry_at) == ("retry", AT + SOON)
    assert line.reason.startswith("TLS: ")
