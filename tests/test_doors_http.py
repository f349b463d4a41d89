"""The one client: what it asks, what it refuses, and that it always comes to an end."""

import asyncio
import gzip
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from loopback import (
    HERE,
    Dialled,
    Loopback,
    Names,
    Page,
    loopback,
    moved,
    no_wait,
    page,
    run,
    shut,
)

from syndicator.doors.http import Limits, Manners, Web
from syndicator.errors import Failed, Refused
from syndicator.model.feeds import Answer, Request, Validators


def limits(**changes: Any) -> Limits:
    """Return limits under which the test server is reachable."""
    return Limits(**{"allow": HERE, "timeout": 30.0, **changes})


def fetched(
    pages: Mapping[str, Page], path: str = "/", *, limit: int = 10_000, **changes: Any
) -> tuple[Answer, Loopback]:
    """Fetch one page of a server that holds ``pages``."""

    async def work() -> tuple[Answer, Loopback]:
        async with (
            loopback(pages) as server,
            Web(limits(**changes), agent="test/1", sleep=no_wait) as web,
        ):
            return await web.fetch(server.url(path), limit=limit), server

    return run(work)


def sent(
    request_to: Callable[[Loopback], Request], pages: Mapping[str, Page], **changes: Any
) -> tuple[Answer, Loopback]:
    """Send one request to a server that holds ``pages``."""

    async def work() -> tuple[Answer, Loopback]:
        async with (
            loopback(pages) as server,
            Web(limits(**changes), agent="test/1", sleep=no_wait) as web,
        ):
            return await web.send(request_to(server)), server

    return run(work)


# --- what a good answer is ---


def test_a_fetch_returns_status_headers_and_bytes() -> None:
    """The body comes as it is; of the headers those that an archive keeps, in lower case."""
    good = page(b"bytes", Content_Type="image/png", ETag='"1"', X_Other="no", Server="s")
    answer, server = fetched({"/a.png": good}, "/a.png")
    assert (answer.status, answer.body, answer.chain) == (200, b"bytes", ())
    assert answer.url == server.url("/a.png")
    assert answer.headers == {
        "content-type": "image/png",
        "content-length": "5",
        "etag": '"1"',
        "server": "s",
    }


def test_a_fetch_asks_politely_and_for_bytes_as_they_are() -> None:
    """It says who it is, takes no coding, and sends nothing that it was not told to."""
    _, server = fetched({})
    lines = server.requests[0].decode().split("\r\n")
    assert sorted(lines[1:-2]) == sorted(
        [
            f"Host: 127.0.0.1:{server.port}",
            "User-Agent: test/1",
            "Accept: image/*,*/*;q=0.5",
            "Accept-Encoding: identity",
        ]
    )


def test_the_configured_user_agent_is_used() -> None:
    """``user_agent`` stands in for our own name."""
    _, server = fetched({}, user_agent="Mozilla/5.0 (kind)")
    assert b"\r\nUser-Agent: Mozilla/5.0 (kind)\r\n" in server.requests[0]


def test_the_address_goes_out_byte_for_byte() -> None:
    """Double slashes, escapes and nested addresses reach the server as they were written."""
    target = "/a//b/%2C%25E7/%zz/https://n.example//x?u=https://n//y&e=&s=A%2bB=="
    _, server = fetched({}, target)
    assert server.requests[0].startswith(f"GET {target} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize(
    "status", ["204 No Content", "206 Partial Content", "404 Not Found", "500 Oh"]
)
def test_other_statuses_are_returned_for_the_caller_to_judge(status: str) -> None:
    """A status that is not 200 is an answer, not an error."""
    body = b"" if status.startswith("204") else b"text"
    answer, _ = fetched({"/": page(body, status)})
    assert (answer.status, answer.body) == (int(status[:3]), body)


def test_retry_after_is_handed_on() -> None:
    """A 429 keeps the wait that it asks for."""
    answer, _ = fetched({"/": page(b"slow down", "429 Too Many Requests", Retry_After="120")})
    assert (answer.status, answer.headers["retry-after"]) == (429, "120")


def test_the_body_of_a_bad_status_is_cut() -> None:
    """An error page may be as long as it likes: 16 KiB of it are read."""
    answer, _ = fetched({"/": page(b"x" * 300_000, "404 Not Found")}, limit=100)
    assert len(answer.body) == 16_384


def test_a_long_header_value_is_cut() -> None:
    """At most 1 KiB of a header is kept."""
    answer, _ = fetched({"/": page(b"", ETag="e" * 5_000)})
    assert answer.headers["etag"] == "e" * 1_024


def test_an_answer_tells_whom_it_is_from() -> None:
    """The address that was dialled, whatever its name resolves to later."""
    answer, server = sent(lambda server: Request(url=server.url("/")), {"/": page(b"")})
    assert server.url() == f"http://{answer.peer}/"


def test_cookies_are_neither_kept_nor_sent() -> None:
    """Two pictures of one host can't be tied together by it."""

    async def work() -> Loopback:
        pages = {"/": page(b"x", Set_Cookie="id=1; Path=/")}
        async with loopback(pages) as server, Web(limits(), agent="t") as web:
            await web.fetch(server.url(), limit=10)
            await web.fetch(server.url(), limit=10)
            return server

    server = run(work)
    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


def test_addresses_are_kept_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """A webhook's path is its key; the libraries below would log it at INFO."""
    caplog.set_level(logging.DEBUG)
    sent(lambda server: Request(url=server.url("/SECRET")), {})
    assert "SECRET" not in caplog.text


# --- redirects ---


def test_redirects_are_followed_and_kept_as_a_chain() -> None:
    """The hops are recorded in the order in which they were asked."""
    pages = {
        "/a": moved("/b?x=%2C"),
        "/b?x=%2C": moved("c", "308 Permanent Redirect"),
        "/c": page(b"!"),
    }
    answer, server = fetched(pages, "/a")
    assert answer.body == b"!"
    assert answer.chain == (server.url("/a"), server.url("/b?x=%2C"))
    assert answer.url == server.url("/c")


def test_five_redirects_are_followed_and_no_more() -> None:
    """The fifth is still good; the sixth, or a loop, is refused."""
    steps: dict[str, Page] = {f"/{n}": moved(f"/{n + 1}") for n in range(6)}
    assert fetched({**steps, "/5": page(b"x")}, "/0")[0].body == b"x"
    with pytest.raises(Refused, match="more than 5 redirects"):
        fetched({**steps, "/6": page(b"x")}, "/0")
    with pytest.raises(Refused, match="more than 5 redirects"):
        fetched({"/": moved("/")})


@pytest.mark.parametrize(
    ("location", "why"),
    [
        (
            "http://169.254.169.254/latest/meta-data/",
            "http://169.254.169.254/.*address not allowed",
        ),
        ("http://0xa9fea9fe/", "address not allowed"),
        ("http://[::ffff:169.254.169.254]/", "address not allowed"),
        ("//10.0.0.1/", "address not allowed"),
        ("http://8.8.8.8:22/", "port 22 not allowed"),
        ("file:///etc/passwd", "only http and https"),
        ("data:image/png;base64,AAAA", "only http and https"),
        ("ftp://h.example/", "only http and https"),
        ("http://user:pass@h.example/", "user name or password"),
        ("http://[/", "not a usable URL"),
    ],
)
def test_a_redirect_is_judged_like_the_first_address(location: str, why: str) -> None:
    """No redirect leads to a place that would not have been asked directly."""
    with pytest.raises(Refused, match=why):
        fetched({"/": moved(location)})


def test_a_redirect_without_location_is_a_failure() -> None:
    """A 302 that names no place may be a passing fault of the server."""
    with pytest.raises(Failed, match="redirect to nowhere"):
        fetched({"/": page(b"", "302 Found")})


# --- hostile and broken bodies ---


async def endless(writer: asyncio.StreamWriter) -> None:
    """Send zeroes for ever, without a length."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"0" * 65_536)
        await writer.drain()


async def endless_chunks(writer: asyncio.StreamWriter) -> None:
    """Send chunks for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"4\r\nzero\r\n" * 1_000)
        await writer.drain()


async def drip(writer: asyncio.StreamWriter) -> None:
    """Send a byte now and then, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.005)


async def stall(writer: asyncio.StreamWriter) -> None:
    """Send a beginning, then nothing, and stay."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
    await asyncio.Event().wait()


async def slow_header(writer: asyncio.StreamWriter) -> None:
    """Send header lines for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Y: z\r\n")
        await writer.drain()
        await asyncio.sleep(0.005)


async def interim(writer: asyncio.StreamWriter) -> None:
    """Promise an answer for ever."""
    while True:
        writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


async def silent(_: asyncio.StreamWriter) -> None:
    """Take the request, and say nothing."""
    await asyncio.Event().wait()


def packed_up(data: bytes) -> bytes:
    """Pack without a time: what is in a test's name must be the same in every process."""
    return gzip.compress(data, mtime=0)


TWICE = packed_up(packed_up(bytes(5_000_000)))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (page(b"x" * 10_001), "larger than 10000 bytes"),
        (page(b"", Content_Length="99999999999999999999"), "larger than 10000 bytes"),
        (endless, "larger than 10000 bytes"),
        (endless_chunks, "larger than 10000 bytes"),
        (
            page(packed_up(bytes(5_000_000)), Content_Encoding="gzip"),
            "larger than 10000 bytes",
        ),
        (page(TWICE, Content_Encoding="gzip, gzip"), "coding that was not asked for"),
        (page(b"x", Content_Encoding="br"), "coding that was not asked for: 'br'"),
        (page(b"no gzip", Content_Encoding="gzip"), "but is none"),
        (page(packed_up(b"x") + b"more", Content_Encoding="gzip"), "bytes after the end"),
    ],
)
def test_what_will_never_fit_is_refused(said: Page, why: str) -> None:
    """Too large and oddly coded bodies are refused for good, at once, whatever they announce."""
    with pytest.raises(Refused, match=why):
        fetched({"/": said})


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (page(b"short", Content_Length="10", Connection="close"), "not a proper HTTP answer"),
        (
            page(b"4\r\nhal", Transfer_Encoding="chunked", Content_Length="", Connection="close"),
            "not a proper HTTP answer",
        ),
        (page(packed_up(b"x" * 99)[:-9], Content_Encoding="gzip"), "middle of its gzip"),
        (page(b"", X_Huge="h" * 300_000), "not a proper HTTP answer"),
        (page(b"", Content_Length="5, 6"), "not a proper HTTP answer"),
        (b"SSH-2.0-OpenSSH\r\nConnection: close\r\n\r\n", "not a proper HTTP answer"),
        (b"Connection: close", "not a proper HTTP answer"),
    ],
)
def test_a_broken_answer_may_be_tried_again(said: Page, why: str) -> None:
    """Short, torn and malformed answers are failures that time may heal."""
    with pytest.raises(Failed, match=why):
        fetched({"/": said})


@pytest.mark.parametrize("said", [drip, stall, slow_header, interim, silent])
def test_one_deadline_covers_everything(said: Page) -> None:
    """However a server dawdles, the whole fetch ends when its time is up."""
    with pytest.raises(Failed, match=r"no complete answer within 0\.3 s"):
        fetched({"/": said}, timeout=0.3, limit=200_000)


def test_redirects_share_one_deadline() -> None:
    """A slow last hop gets what the others left, not a time of its own."""
    with pytest.raises(Failed, match=r"/end: no complete answer within 2 s"):
        fetched({"/": moved("/end"), "/end": silent}, timeout=2.0)  # the first hop takes far less


@pytest.mark.parametrize("said", [drip, stall])
def test_a_body_must_keep_up_a_minimum_rate(said: Page) -> None:
    """A steady drip ends long before the deadline, after a first time of patience."""
    with pytest.raises(Failed, match=r"slower than 1000 bytes a second after 0\.1 s"):
        fetched({"/": said}, patience=0.1, limit=200_000)


def test_one_layer_of_gzip_is_undone() -> None:
    """A server that compresses although told not to is understood once."""
    answer, _ = fetched({"/": page(packed_up(b"picture"), Content_Encoding="GZIP")})
    assert answer.body == b"picture"


def test_a_body_of_just_the_limit_is_kept() -> None:
    """The limit itself is still allowed, with and without gzip."""
    assert len(fetched({"/": page(b"x" * 10_000)})[0].body) == 10_000
    packed = page(packed_up(b"x" * 10_000), Content_Encoding="gzip")
    assert len(fetched({"/": packed})[0].body) == 10_000


# --- trying again ---


def test_what_was_never_sent_is_tried_once_more() -> None:
    """A connection that fails gets one quick second try, a fifth of a second later."""
    sockets, pauses = Dialled(), list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def work() -> str:
        web = Web(
            Limits(),
            agent="t",
            backend=sockets,
            resolve=Names(h_example=[["93.184.216.34"]]),
            sleep=pause,
        )
        async with web:
            with pytest.raises(Failed) as failed:
                await web.send(Request(url="https://h.example/SECRET"))
        return failed.value.says

    assert run(work) == "https://h.example/…: no connection"
    assert (len(sockets.seen), pauses) == (2, [0.2])


def test_an_unknown_name_is_a_failure_that_may_pass() -> None:
    """Resolvers have bad days: the name is asked twice, then it is a failure."""
    names = Names()

    async def work() -> Failed:
        async with Web(Limits(), agent="t", resolve=names, sleep=no_wait) as web:
            with pytest.raises(Failed) as failed:
                await web.fetch("https://h.example/a?key=SECRET", limit=1)
        return failed.value

    error = run(work)
    assert (error.says, error.transient) == ("https://h.example/a: host not found", True)
    assert names.asked == ["h.example", "h.example"]


def test_what_may_have_arrived_is_not_sent_twice() -> None:
    """Once bytes have left, a lost answer is the caller's business."""

    async def hang_up(_: asyncio.StreamWriter) -> None:
        return

    async def work() -> int:
        async with loopback({"/": hang_up}) as server, Web(limits(), agent="t") as web:
            with pytest.raises(Failed):
                await web.send(Request(url=server.url(), body=b"{}"))
            return len(server.requests)

    assert run(work) == 1


def test_a_refused_connection_says_so() -> None:
    """The system's own word for the failure reaches the message."""

    async def work() -> str:
        async with Web(limits(), agent="t", sleep=no_wait) as web:
            with shut() as gone, pytest.raises(Failed) as failed:
                await web.fetch(f"{gone}/a", limit=1)
            return failed.value.says

    assert run(work).endswith("/a: connection refused")


# --- sending ---


def test_a_request_is_sent_as_it_is() -> None:
    """Method, headers and body reach the receiver byte for byte."""
    body = '{"title":"圖"}'.encode()
    headers = (("content-type", "application/json"), ("webhook-id", "msg_1"))
    answer, server = sent(
        lambda server: Request(url=server.url("/hook?k=1"), headers=headers, body=body),
        {"/hook?k=1": page(b"ok", "202 Accepted")},
    )
    assert (answer.status, answer.body) == (202, b"ok")
    head, _, came = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?k=1 HTTP/1.1\r\n")
    assert b"\r\nwebhook-id: msg_1" in head
    assert b"\r\ncontent-type: application/json" in head
    assert came == body


@pytest.mark.parametrize("status", ["301 Moved", "307 Temporary Redirect", "308 Permanent"])
def test_a_send_follows_no_redirect(status: str) -> None:
    """A signed message goes where it was addressed, and nowhere else."""
    answer, server = sent(
        lambda server: Request(url=server.url()), {"/": moved("/elsewhere", status)}
    )
    assert (answer.status, answer.headers["location"]) == (int(status[:3]), "/elsewhere")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("said", "length"),
    [
        (page(packed_up(b"x"), Content_Encoding="gzip"), len(packed_up(b"x"))),
        (page(b"x" * 100_000), 16_384),
        (endless, 16_384),
        (stall, 1),
        (page(b"short", Content_Length="10", Connection="close"), 5),
    ],
)
def test_a_status_stands_whatever_its_body_does(said: Page, length: int) -> None:
    """A receiver that said 200 has the message: a bad body must not cause a second one."""
    seconds = 3.0 if said is stall else 30.0  # the status takes far less
    answer, _ = sent(lambda server: Request(url=server.url()), {"/": said}, timeout=seconds)
    assert (answer.status, len(answer.body)) == (200, length)


def test_a_send_that_gets_no_status_ends_in_time() -> None:
    """Without a status the deadline makes it a failure, and the path stays secret."""
    with pytest.raises(
        Failed, match=r"^http://127\.0\.0\.1:\d+/…: no complete answer within 0\.3 s$"
    ):
        sent(lambda server: Request(url=server.url("/SECRET")), {"/SECRET": silent}, timeout=0.3)


@pytest.mark.parametrize(
    "header",
    [
        ("Host", "evil.example"),
        ("content-length", "1"),
        ("Transfer-Encoding", "chunked"),
        ("X-A", "b\r\nX-C: d"),
        ("X-A\n", "b"),
        ("X-A", "ü"),
        ("X A", "b"),
    ],
)
def test_a_header_that_would_break_the_request_is_refused(header: tuple[str, str]) -> None:
    """Framing is the client's own, and nothing can be smuggled into it."""
    with pytest.raises(Refused):
        sent(lambda server: Request(url=server.url(), headers=(header,)), {})


def test_the_transport_can_be_replaced() -> None:
    """A test can put its own answers under the client; limits and judgements stay."""

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"x" * int(request.url.params["n"]))

    async def work() -> bytes:
        web = Web(Limits(), agent="t", transport=httpx.MockTransport(handle))
        async with web:
            with pytest.raises(Refused, match="larger than 5 bytes"):
                await web.fetch("http://h.example/?n=6", limit=5)
            return (await web.fetch("http://h.example/?n=5", limit=5)).body

    assert run(work) == b"xxxxx"


def test_only_other_bytes_than_the_known_are_asked_for() -> None:
    """The validators go to the hop that gave them, and to no other; useless ones are left out."""
    known = Validators(url="", etag='"1"', modified="Sun, 01 Nov 2026 00:00:00 GMT")

    async def work() -> tuple[Answer, list[bytes]]:
        pages = {"/a": moved("/b"), "/b": page(status="304 Not Modified")}
        async with loopback(pages) as server, Web(limits(), agent="t") as web:
            here = replace(known, url=server.url("/b"))
            answer = await web.fetch(server.url("/a"), limit=9, known=here)
            await web.fetch(server.url("/b"), limit=9, known=replace(here, etag="é", modified=""))
            return answer, server.requests

    answer, (first, second, third) = run(work)
    assert (answer.status, answer.body) == (304, b"")
    assert b"If-None-Match" not in first
    assert b'If-None-Match: "1"\r\nIf-Modified-Since: Sun, 01 Nov 2026 00:00:00 GMT\r\n' in second
    assert b"If-None-Match" not in third
    assert b"If-Modified-Since" not in third


def test_a_single_host_can_be_told_otherwise() -> None:
    """Its own User-Agent and Referer; the next hop on another host gets neither."""

    async def work() -> list[bytes]:
        manners = {"127.0.0.1": Manners(user_agent="Mozilla/5.0", referer="https://site.example/")}
        async with loopback({}) as server:
            server.pages = {"/a": moved(f"http://127.0.0.2:{server.port}/b")}
            async with Web(limits(hosts=manners), agent="t", sleep=no_wait) as web:
                await web.fetch(server.url("/c"), limit=9)
                with pytest.raises(Failed):
                    await web.fetch(server.url("/a"), limit=9)
                await web.send(Request(url=server.url("/d")))
            return server.requests

    first, _, third = run(work)
    assert b"User-Agent: Mozilla/5.0\r\n" in first
    assert b"Referer: https://site.example/\r\n" in first
    assert b"User-Agent: t\r\n" in third
    assert b"Referer" not in third


def test_a_host_that_gave_no_answer_is_named() -> None:
    """And one that gave half of one is not: it is there."""

    async def silent_host(pages: dict[str, Page], within: Limits) -> str:
        async with loopback(pages) as server, Web(within, agent="t", sleep=no_wait) as web:
            with pytest.raises(Failed) as failed:
                await web.fetch(server.url("/a"), limit=9999)
            return failed.value.silent

    assert run(lambda: silent_host({"/a": silent}, limits(timeout=0.2))) == "127.0.0.1"
    short = page(b"x", Content_Length="9", Connection="close")
    assert run(lambda: silent_host({"/a": short}, limits())) == ""
