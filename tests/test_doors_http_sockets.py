"""The guard, seen from the operating system: which addresses a socket is told to connect to."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network

import pytest
from loopback import HERE, SPELLINGS, Names, loopback, no_wait, page, run

from syndicator.doors.http import Limits, Web
from syndicator.errors import Refused
from syndicator.model.feeds import Request

ONE = (ip_network("127.0.0.1/32"),)
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class Watch:
    """What sockets are told, as Python's own audit events have it; a hook can't be taken out."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[object] = []
        sys.addaudithook(self.hear)

    def hear(self, event: str, args: tuple[object, ...]) -> None:
        """Note whom a socket is told to connect or send to."""
        if self.on and event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            self.seen.append(args[1])


WATCH = Watch()


@contextmanager
def watched() -> Iterator[list[object]]:
    """Watch the sockets."""
    WATCH.on, WATCH.seen = True, []
    try:
        yield WATCH.seen
    finally:
        WATCH.on = False


def test_the_watch_is_awake() -> None:
    """A connection that is allowed is seen."""

    async def work() -> int:
        async with (
            loopback({"/": page(b"x")}) as server,
            Web(Limits(allow=HERE), agent="t") as web,
        ):
            await web.fetch(server.url(), limit=1)
            return server.port

    with watched() as seen:
        port = run(work)
    assert seen == [("127.0.0.1", port)]


def test_no_socket_hears_of_a_private_address() -> None:
    """In more than fifty spellings, fetched, sent to, redirected to, and behind names."""
    names = Names(
        rebound_example=[["127.0.0.1"]],
        mixed_example=[["93.184.216.34", "10.0.0.1"]],
        mapped_example=[["::ffff:169.254.169.254"]],
        scoped_example=[["fe80::1%lo"]],
    )

    async def work() -> int:
        refused = 0
        async with Web(Limits(), agent="t", resolve=names, sleep=no_wait) as web:
            for host in [*SPELLINGS, *names.known]:
                asks = [
                    web.fetch(f"http://{host}/x", limit=1),
                    web.send(Request(url=f"http://{host}/x")),
                ]
                for ask in asks:
                    with pytest.raises(Refused):
                        await ask
                    refused += 1
        return refused

    with watched() as seen:
        assert run(work) >= 2 * 50
    assert seen == []


def test_a_redirect_to_a_private_address_reaches_no_socket() -> None:
    """Only the server that was allowed is ever dialled."""
    here = re.compile("127|0?177|7f|2130706433|localhost", re.IGNORECASE)  # what is allowed
    hosts = [host for host in SPELLINGS if not here.search(host)]
    assert len(hosts) >= 10
    pages = {
        f"/{n}": page(status="302 Found", Location=f"http://{host}/x")
        for n, host in enumerate(hosts)
    }

    async def work() -> int:
        async with loopback(pages) as server, Web(Limits(allow=ONE), agent="t") as web:
            for number in range(len(hosts)):
                with pytest.raises(Refused, match="address not allowed"):
                    await web.fetch(server.url(f"/{number}"), limit=1)
            return server.port

    with watched() as seen:
        port = run(work)
    assert set(seen) == {("127.0.0.1", port)}


def test_a_name_that_changes_its_answer_gains_nothing() -> None:
    """The second answer is judged like the first, and what was judged is what is dialled."""
    names = Names(rebind_example=[["127.0.0.1"], ["127.0.0.2"]])

    async def work() -> int:
        moved = page(status="302 Found", Location="/b", Connection="close")
        async with loopback({"/a": moved, "/b": page(b"x")}) as server:
            web = Web(Limits(allow=ONE, ports=(server.port,)), agent="t", resolve=names)
            async with web:
                with pytest.raises(Refused, match="address not allowed"):
                    await web.fetch(f"http://rebind.example:{server.port}/a", limit=1)
            return server.port

    with watched() as seen:
        port = run(work)
    assert seen == [("127.0.0.1", port)]
    assert names.asked == ["rebind.example"] * 2


def test_a_proxy_in_the_environment_is_not_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for a fetch nor for a push, and a configured one is not asked for what is near."""

    async def work() -> tuple[int, int]:
        async with loopback({}) as proxy, loopback({"/": page(b"x")}) as server:
            for name in PROXIES:
                monkeypatch.setenv(name, proxy.url())
            for name in ("no_proxy", "NO_PROXY"):
                monkeypatch.setenv(name, "")
            async with Web(Limits(allow=HERE), agent="t") as web:
                await web.fetch(server.url(), limit=1)
                await web.send(Request(url=server.url()))
            async with Web(Limits(proxy=proxy.url()), agent="t") as web:
                for host in ("10.0.0.1", "printer.local", "[::ffff:7f00:1]", "0x7f.1", "intranet"):
                    with pytest.raises(Refused, match="address not allowed"):
                        await web.fetch(f"http://{host}/", limit=1)
            assert proxy.requests == []
            return server.port, proxy.port

    with watched() as seen:
        port, proxy = run(work)
    assert ("127.0.0.1", proxy) not in seen
    assert set(seen) == {("127.0.0.1", port)}
