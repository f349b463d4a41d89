"""Fetching pictures: every one gets its line, whatever its server does."""

import asyncio
import hashlib
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from loopback import HERE, Loopback, Page, loopback, moved, no_wait, page, run
from PIL import Image

from syndicator.archive.capture import Terms
from syndicator.archive.fetch import Fetches, Outcome
from syndicator.doors.http import Limits, Web
from syndicator.model.pictures import Rest, Want
from syndicator.model.records import Capture

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TERMS = Terms(limit=50_000)
MEBIBYTE = 2**20


def clock() -> datetime:
    """Say that it is always the same time."""
    return AT


def picture(width: int = 8, height: int = 6) -> bytes:
    """Return a small valid PNG."""
    out = io.BytesIO()
    Image.new("L", (width, height)).save(out, "PNG")
    return out.getvalue()


PNG = picture()
DIGEST = hashlib.sha256(PNG).hexdigest()


async def collect(
    wanted: Sequence[Want], web: Web, terms: Terms = TERMS, **options: Any
) -> dict[str, Outcome]:
    """Fetch everything, by address."""
    got = {}
    async with Fetches(wanted, web, terms=terms, clock=clock, **options) as fetches:
        while (outcome := await fetches.next()) is not None:
            assert outcome.want.url not in got
            got[outcome.want.url] = outcome
    return got


def said_of(outcome: Outcome) -> tuple[Capture, bytes]:
    """Return the line and the bytes that came."""
    assert outcome.capture is not None
    return outcome.capture, outcome.data


def one(said: Page, **limits: Any) -> tuple[Capture, bytes]:
    """Fetch one picture from a server that says ``said``, and nothing else."""

    async def work() -> tuple[Capture, bytes]:
        async with (
            loopback({"/a": said}) as server,
            Web(
                Limits(**{"allow": HERE, "timeout": 30.0, **limits}), agent="t", sleep=no_wait
            ) as web,
        ):
            wanted = Want(url=server.url("/a"), posts=("x.md",))
            got = await collect([wanted], web)
            return said_of(got[wanted.url])

    return run(work)


def from_mock(
    handle: Any, urls: Sequence[str], **options: Any
) -> dict[str, tuple[Capture, bytes]]:
    """Fetch ``urls`` from a transport that is a function."""

    async def work() -> dict[str, Outcome]:
        web = Web(Limits(timeout=30.0), agent="t", transport=httpx.MockTransport(handle))
        async with web:
            return await collect([Want(url=url) for url in urls], web, **options)

    return {url: said_of(outcome) for url, outcome in run(work).items()}


def test_a_picture_is_kept_with_its_bytes() -> None:
    """The line names digest, true type and size; the bytes come with it."""
    line, body = one(page(PNG, Content_Type="application/octet-stream", ETag='"1"'))
    assert body == PNG
    assert (line.plan, line.reason, line.status, line.digest) == ("kept", "", 200, DIGEST)
    assert (line.media_type, line.extension, line.size) == ("image/png", ".png", len(PNG))
    assert (line.width, line.height, line.declared) == (8, 6, "application/octet-stream")
    assert (line.at, line.tries, line.posts) == (AT, 1, ("x.md",))


def test_redirects_are_part_of_the_line() -> None:
    """Where it came from in the end, and by which way, is recorded."""

    async def work() -> tuple[Capture, Loopback]:
        pages: Mapping[str, Page] = {"/a": moved("/b"), "/b": page(PNG)}
        async with loopback(pages) as server, Web(Limits(allow=HERE), agent="t") as web:
            got = await collect([Want(url=server.url("/a"), written="a")], web)
            return said_of(got[server.url("/a")])[0], server

    line, server = run(work)
    assert (line.url, line.written) == (server.url("/a"), "a")
    assert (line.came_from, line.chain) == (server.url("/b"), (server.url("/a"),))


async def silent(_: asyncio.StreamWriter) -> None:
    """Take the request, and say nothing."""
    await asyncio.Event().wait()


async def endless(writer: asyncio.StreamWriter) -> None:
    """Send for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(PNG * 99)
        await writer.drain()


@pytest.mark.parametrize(
    ("said", "plan", "reason", "wait"),
    [
        (page(b"", "404 Not Found"), "gone", "404 Not Found", timedelta(days=7)),
        (page(b"", "410 Gone"), "gone", "410 Gone", timedelta(days=7)),
        (page(b"", "204 No Content"), "retry", "204 No Content", timedelta(minutes=5)),
        (page(PNG, "206 Partial Content"), "retry", "206 Partial Content", timedelta(minutes=5)),
        (page(PNG, "503 No"), "retry", "503 Service Unavailable", timedelta(minutes=5)),
        (page(PNG, "599 Odd"), "retry", "status 599", timedelta(minutes=5)),
        (
            page(b"", "429 Slow", Retry_After="7200"),
            "retry", "429 Too Many Requests", timedelta(hours=2),
        ),
        (
            page(
                b"", "503 No",
                Date="Sun, 22 Nov 2026 12:00:00 GMT", Retry_After="Sun, 22 Nov 2026 15:00:00 GMT",
            ),
            "retry", "503 Service Unavailable", timedelta(hours=3),
        ),
        (page(b"<html>"), "suspect", "an HTML page, not a picture", timedelta(days=1)),
        (page(b""), "suspect", "nothing came", timedelta(days=1)),
        (page(PNG[:-9]), "suspect", "PNG: breaks off before its end", timedelta(days=1)),
        (
            b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PNG[:-9],  # cut short, no length
            "suspect", "PNG: breaks off before its end", timedelta(days=1),
        ),
        (endless, "refused", "larger than 50000 bytes", None),
        (page(PNG, Content_Encoding="br"), "refused", "sent in a coding", None),
        (moved("/a"), "refused", "more than 5 redirects", None),
        (moved("file:///etc/passwd"), "refused", "file://…: only http and https are asked", None),
        (moved("http://10.0.0.1/x?k"), "refused", "http://10.0.0.1/x: address not allowed", None),
        (silent, "retry", "no complete answer within 0.3 s", timedelta(minutes=5)),
        (
            page(PNG, Content_Length="9999", Connection="close"),
            "retry", "not a proper HTTP answer", timedelta(minutes=5),
        ),
    ],
)  # fmt: skip
def test_every_failure_has_a_reason_and_a_plan(
    said: Page, plan: str, reason: str, wait: timedelta | None
) -> None:
    """What a server does decides the plan; the reason is short and in plain words."""
    line, body = one(said, timeout=0.3 if reason.startswith("no complete") else 30.0)
    assert (line.plan, line.retry_at) == (plan, None if wait is None else AT + wait)
    assert line.reason.startswith(reason)
    assert bool(body) == bool(line.digest)
    assert line.media_type == ""


def test_suspect_bytes_come_along_to_be_kept() -> None:
    """Bytes that are no picture are handed over under their digest all the same."""
    line, body = one(page(b"<html>404", Content_Type="image/jpeg"))
    assert body == b"<html>404"
    assert line.digest == hashlib.sha256(body).hexdigest()
    assert (line.extension, line.declared, line.size) == (".html", "image/jpeg", 9)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/latest", "address not allowed"),
        ("file:///etc/passwd", "only http and https are asked"),
        ("javascript:alert(1)", "only http and https are asked"),
        ("http://[::1", "not a usable URL"),
        ("", "only http and https are asked"),
        ("{{ site.baseurl }}/x.png", "only http and https are asked"),
    ],
)
def test_addresses_that_are_never_asked(url: str, reason: str) -> None:
    """A bad address is a refused capture, not an exception."""

    async def work() -> Capture:
        async with Web(Limits(), agent="t") as web:
            return said_of((await collect([Want(url=url)], web))[url])[0]

    line = run(work)
    assert (line.plan, line.retry_at, line.status) == ("refused", None, 0)
    assert line.reason == reason


def test_one_bad_address_never_stops_the_others() -> None:
    """Errors of every kind beside a good picture: each gets its own line."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/bug":
            raise RuntimeError("boom")
        if request.url.path == "/down":
            raise httpx.ReadError("reset")
        return httpx.Response(200, content=PNG)

    urls = ["http://h.example/bug", "http://h.example/down", "gopher://x", "http://h.example/good"]
    got = from_mock(handle, urls)
    assert {url: (line.plan, line.reason) for url, (line, _) in got.items()} == {
        "http://h.example/bug": ("retry", "internal error: RuntimeError: boom"),
        "http://h.example/down": ("retry", "the connection broke off"),
        "gopher://x": (
            "refused",
            "only http and https are asked",
        ),
        "http://h.example/good": ("kept", ""),
    }


def test_eight_at_once_and_two_a_host() -> None:
    """Many hosts are asked side by side, and none of them by more than two at a time."""
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()

    async def handle(request: httpx.Request) -> httpx.Response:
        host = request.url.host
        now.update([host, "all"])
        for key in (host, "all"):
            most[key] = max(most[key], now[key])
        for _ in range(20):
            await asyncio.sleep(0)
        now.subtract([host, "all"])
        return httpx.Response(200, content=PNG)

    urls = [f"http://h{n % 6}.example/{n}" for n in range(60)]
    got = from_mock(handle, urls)
    assert sorted(got) == sorted(urls)
    assert most.pop("all") == 8
    assert set(most.values()) == {2}


def test_a_busy_host_does_not_hold_up_the_others() -> None:
    """A hundred pictures of one host leave room for the one of another."""
    order: list[str] = []

    async def handle(request: httpx.Request) -> httpx.Response:
        order.append(request.url.host)
        for _ in range(5):
            await asyncio.sleep(0)
        return httpx.Response(404)

    urls = [f"http://big.example/{n}" for n in range(100)] + ["http://small.example/1"]
    assert len(from_mock(handle, urls)) == 101
    assert order.index("small.example") <= 2


def test_stop_ends_it_without_starting_more() -> None:
    """Once told to stop, nothing new is asked, and what is under way is abandoned."""
    stop = asyncio.Event()
    asked: list[str] = []

    async def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path == "/0":
            return httpx.Response(404)
        stop.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    got = from_mock(handle, [f"http://h.example/{n}" for n in range(9)], stop=stop)
    assert set(got) <= {"http://h.example/0"}
    assert len(asked) <= 3


def test_told_to_stop_before_it_began_it_asks_nothing() -> None:
    """A stop that came first is obeyed."""
    stop = asyncio.Event()
    stop.set()

    def handle(_: httpx.Request) -> httpx.Response:
        raise AssertionError("asked")

    assert from_mock(handle, ["http://h.example/"], stop=stop) == {}


def test_leaving_early_cancels_what_is_under_way() -> None:
    """No fetch outlives the loop that wanted it."""
    ended: list[str] = []

    async def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/0":
            return httpx.Response(404)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(request.url.path)
        raise AssertionError("unreachable")

    async def work() -> int:
        wanted = [Want(url=f"http://h{n}.example/{n}") for n in range(5)]
        async with Web(Limits(), agent="t", transport=httpx.MockTransport(handle)) as web:
            async with Fetches(wanted, web, terms=TERMS, clock=clock) as fetches:
                await fetches.next()
            return len(asyncio.all_tasks())

    assert run(work) == 1
    assert sorted(ended) == ["/1", "/2", "/3", "/4"]


def test_cancelling_the_reader_cancels_the_fetches() -> None:
    """A pass that is cut off leaves no task behind."""
    started = asyncio.Event()

    async def handle(_: httpx.Request) -> httpx.Response:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def work() -> int:
        async with Web(Limits(), agent="t", transport=httpx.MockTransport(handle)) as web:
            reader = asyncio.create_task(collect([Want(url="http://h.example/")], web))
            await started.wait()
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            return len(asyncio.all_tasks())

    assert run(work) == 1


def test_nothing_wanted_nothing_done() -> None:
    """An empty list ends at once."""
    assert from_mock(lambda _: httpx.Response(200), []) == {}


def test_a_host_that_asks_for_a_rest_is_not_asked_further() -> None:
    """After a 429 the other pictures of its host wait; those of other hosts do not."""
    asked: Counter[str] = Counter()

    async def handle(request: httpx.Request) -> httpx.Response:
        asked[request.url.host] += 1
        if request.url.host == "busy.example":
            return httpx.Response(429, headers={"Retry-After": "3600"})
        return httpx.Response(200, content=PNG)

    async def work() -> tuple[dict[str, Outcome], dict[str, Rest | None], int]:
        wants = [Want(url=f"http://{h}.example/{n}") for h in ("busy", "well") for n in range(20)]
        async with (
            Web(Limits(), agent="t", transport=httpx.MockTransport(handle)) as web,
            Fetches(wants, web, terms=TERMS, clock=clock) as fetches,
        ):
            got = {}
            while (outcome := await fetches.next()) is not None:
                got[outcome.want.url] = outcome
            return got, fetches.hosts.news(), fetches.left

    got, rests, left = run(work)
    assert asked["busy.example"] <= 2
    assert asked["well.example"] == 20
    assert left == 40 - len(got)
    rest = rests["busy.example"]
    assert rest is not None
    assert rest.until == AT + timedelta(hours=1)


def test_an_answer_that_was_on_its_way_ends_no_rest() -> None:
    """Of two pictures asked for at once, the other's answer says nothing of the wait asked for."""
    slow = asyncio.Event()

    async def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/0":
            slow.set()
            return httpx.Response(429, headers={"Retry-After": "3600"})
        await slow.wait()
        return httpx.Response(200, content=PNG)

    async def work() -> dict[str, Rest | None]:
        wants = [Want(url=f"http://busy.example/{n}") for n in range(9)]
        async with (
            Web(Limits(), agent="t", transport=httpx.MockTransport(handle)) as web,
            Fetches(wants, web, terms=TERMS, clock=clock) as fetches,
        ):
            while await fetches.next() is not None:
                pass
            assert fetches.left == 7
            return fetches.hosts.news()

    rest = run(work)["busy.example"]
    assert rest is not None
    assert rest.until == AT + timedelta(hours=1)


def test_a_silent_host_behind_a_redirect_is_not_held_against_the_first() -> None:
    """A shortener that points to a dead host answers all the same."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == "dead.example":
            raise httpx.ConnectError("no route")
        return httpx.Response(302, headers={"Location": "http://dead.example/"})

    urls = [f"http://short.example/{n}" for n in range(9)]
    got = from_mock(handle, urls)
    assert {line.reason for line, _ in got.values()} == {"http://dead.example/: no route"}
    assert len(got) == 9


RESCUE = Terms(limit=50_000, rescue="http://old.example/{timestamp}/{url}")


def rescued(answers: dict[str, httpx.Response], wants: Sequence[Want], **options: Any) -> Any:
    """Fetch with a web archive to fall back on; what is not known does not answer."""

    async def handle(request: httpx.Request) -> httpx.Response:
        if str(request.url) not in answers:
            raise httpx.ConnectError("no route")
        return answers[str(request.url)]

    async def work() -> dict[str, Outcome]:
        async with Web(
            Limits(), agent="t", transport=httpx.MockTransport(handle), sleep=no_wait
        ) as web:
            return await collect(wants, web, RESCUE, **options)

    return {url: said_of(one)[0] for url, one in run(work).items()}


def test_a_lost_picture_is_looked_for_elsewhere() -> None:
    """One line for both, that says where it came from; or why it came from nowhere."""
    good, bad = "http://h.example/a?b=1&c", "http://h.example/b"
    answers = {
        good: httpx.Response(404),
        bad: httpx.Response(410),
        f"http://old.example/20201201000000/{good}": httpx.Response(200, content=PNG),
        f"http://old.example/20261122120000/{bad}": httpx.Response(404),
    }
    around = datetime(2020, 12, 1, tzinfo=UTC)
    got = rescued(answers, [Want(url=good, around=around), Want(url=bad)])
    assert (got[good].plan, got[good].url, got[good].digest) == ("kept", good, DIGEST)
    assert got[good].came_from == f"http://old.example/20201201000000/{good}"
    assert (got[bad].plan, got[bad].status) == ("gone", 410)
    assert got[bad].reason == "410 Gone; nor does old.example have it: 404 Not Found"


def test_a_web_archive_on_the_host_of_the_picture_is_asked_too() -> None:
    """But not for what already points into it."""
    lost, inside = "http://old.example/images/a", "http://old.example/2020/http://h.example/b"
    answers = {
        lost: httpx.Response(404),
        inside: httpx.Response(404),
        f"http://old.example/20261122120000/{lost}": httpx.Response(200, content=PNG),
        f"http://old.example/20261122120000/{inside}": httpx.Response(200, content=PNG),
    }
    got = rescued(answers, [Want(url=lost), Want(url=inside)])
    assert (got[lost].plan, got[lost].digest) == ("kept", DIGEST)
    assert (got[inside].plan, got[inside].reason) == ("gone", "404 Not Found")


def test_pictures_of_a_dead_host_are_looked_for_elsewhere() -> None:
    """Once it was down for days, without trying them one by one; a new outage is waited out."""
    urls = [f"http://dead.example/{n}" for n in range(5)]
    answers = {
        f"http://old.example/20261122120000/{url}": httpx.Response(200, content=PNG)
        for url in urls
    }
    wants = [Want(url=url) for url in urls]
    assert {line.plan for line in rescued(answers, wants).values()} == {"retry"}
    rest = Rest(host="dead.example", since=AT - timedelta(days=1), until=AT, reason="no route")
    got = rescued(answers, wants, rests=[rest])
    assert sorted(line.plan for line in got.values()) == ["kept"] * 4 + ["retry"]
