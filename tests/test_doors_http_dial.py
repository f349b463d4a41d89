"""The guard: where the client never goes, whatever it is told."""

from ipaddress import ip_network

import httpx
import pytest
from loopback import HERE, SPELLINGS, Dialled, Names, loopback, no_wait, page, run

from syndicator.doors.http import Limits, Web
from syndicator.errors import DoorError, Failed, Refused
from syndicator.model.feeds import Request

NEAR = Limits(allow=HERE, timeout=30.0)


def test_no_spelling_of_a_private_address_is_dialled() -> None:
    """In sixty spellings and behind names: no socket is told to dial, and all sound alike."""
    sockets = Dialled()
    names = Names(
        rebound_example=[["127.0.0.1"]],
        mixed_example=[["93.184.216.34", "10.0.0.1"]],
        scoped_example=[["fe80::1%eth0"]],
    )

    async def work() -> list[str]:
        said = []
        async with Web(Limits(), agent="t", backend=sockets, resolve=names) as web:
            for host in [*SPELLINGS, "rebound.example", "mixed.example", "scoped.example"]:
                for ask in (
                    web.fetch(f"http://{host}/x", limit=1),
                    web.send(Request(url=f"https://{host.removesuffix(':443')}/x")),
                ):
                    with pytest.raises(Refused) as refused:
                        await ask
                    said.append(refused.value.says.rpartition(": ")[2])
        return said

    assert set(run(work)) == {"address not allowed"}
    assert len(SPELLINGS) >= 57
    assert sockets.seen == []


def test_only_judged_addresses_are_dialled_and_by_number() -> None:
    """A name is resolved once a connection; what was judged is what is dialled."""
    sockets = Dialled()
    names = Names(h_example=[["93.184.216.34", "2606:4700::1"], ["127.0.0.1"]])

    async def work() -> None:
        web = Web(Limits(), agent="t", backend=sockets, resolve=names, sleep=no_wait)
        async with web:
            with pytest.raises(Refused, match="address not allowed"):
                await web.fetch("https://h.example/", limit=1)

    run(work)
    # the quick second try resolves anew, is judged anew, and is refused
    assert sockets.seen == [("93.184.216.34", 443), ("2606:4700::1", 443)]
    assert names.asked == ["h.example", "h.example"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://93.184.216.34:22/", "port 22 not allowed"),
        ("http://10.0.0.1:22/", "port 22 not allowed"),
        ("http://h.example:6379/", "port 6379 not allowed"),
        ("http://h.example:6379/?s=SECRET", "port 6379 not allowed"),
    ],
)
def test_other_ports_are_refused_without_a_word_about_the_address(url: str, why: str) -> None:
    """What is said of a port is the same for private and public addresses."""
    sockets, names = Dialled(), Names(h_example=[["10.0.0.1"]])

    async def work() -> str:
        async with Web(Limits(), agent="t", backend=sockets, resolve=names) as web:
            with pytest.raises(Refused) as refused:
                await web.fetch(url, limit=1)
            return refused.value.says

    assert run(work).endswith(f"/: {why}")
    assert sockets.seen == []


def test_localhost_is_this_machine_whatever_a_resolver_says() -> None:
    """With loopback allowed, localhost is dialled as 127.0.0.1 and no resolver is asked."""
    sockets, names = Dialled(), Names(localhost=[["93.184.216.34"]])

    async def work() -> None:
        web = Web(NEAR, agent="t", backend=sockets, resolve=names, sleep=no_wait)
        async with web:
            with pytest.raises(Failed):
                await web.fetch("http://localhost:8080/", limit=1)

    run(work)
    assert set(sockets.seen) == {("127.0.0.1", 8080)}
    assert names.asked == []


def test_a_refusal_names_the_setting_that_would_allow_it() -> None:
    """Someone with a receiver in the house learns where to say so."""

    async def work() -> str:
        async with Web(Limits(), agent="t", backend=Dialled()) as web:
            with pytest.raises(Refused) as refused:
                await web.fetch("http://192.168.1.9/", limit=1)
            return refused.value.hint

    assert "[network] allow" in run(work)


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies come from the configuration only."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async def work() -> bytes:
        async with loopback({"/": page(b"direct")}) as server, Web(NEAR, agent="t") as web:
            return (await web.fetch(server.url(), limit=9)).body

    assert run(work) == b"direct"


def test_a_client_whose_guard_is_bypassed_does_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """If an update of httpx ignored our pool, nothing would be asked at all."""

    async def upgraded(_: object, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, request=request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", upgraded)

    async def work() -> None:
        with pytest.raises(DoorError, match=r"guard .* is not in place"):
            async with Web(Limits(), agent="t"):
                pass

    run(work)


def test_the_guard_is_proved_even_when_everything_is_allowed() -> None:
    """The self-test leans on an address that no setting can allow."""

    async def work() -> bool:
        everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))
        async with Web(Limits(allow=everything), agent="t", backend=Dialled()):
            return True

    assert run(work)


def test_a_closed_client_says_so() -> None:
    """Using it outside its block is a plain error."""

    async def work() -> None:
        with pytest.raises(DoorError, match="async with"):
            await Web(Limits(), agent="t").fetch("http://h.example/", limit=1)

    run(work)
