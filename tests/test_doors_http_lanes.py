"""The ways out: TLS, proxies, and pools that don't get in each other's way."""

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from loopback import HERE, SPELLINGS, Loopback, Names, Page, loopback, no_wait, page, run, shut

from syndicator.doors.http import Limits, Web, lanes
from syndicator.errors import ConfigError, Failed, Refused
from syndicator.model.feeds import Answer

NEAR: dict[str, Any] = {"allow": HERE, "timeout": 30.0}

# --- TLS ---

# made for this test alone: openssl req -x509 -newkey ec … -days 36500 -subj /CN=pictures.example
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBuzCCAWGgAwIBAgIUJSOUx8/2OQaSFYNpi8wXR7BU23kwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQcGljdHVyZXMuZXhhbXBsZTAgFw0yNjExMjIxODE0MzZaGA8y
MTI2MTAyOTE4MTQzNlowGzEZMBcGA1UEAwwQcGljdHVyZXMuZXhhbXBsZTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABNEKuYb0/4dtAq+CaqU1IGHMPXoKdAFLt5O+
O1BgTAp7wOpS7XjY5ce/q4mS4wptRulEj/LeJdrPMjzPWrpx6SKjgYAwfjAdBgNV
HQ4EFgQUJOLMSyWFvVj7Lkwt8nwR/GWl2CYwHwYDVR0jBBgwFoAUJOLMSyWFvVj7
Lkwt8nwR/GWl2CYwGwYDVR0RBBQwEoIQcGljdHVyZXMuZXhhbXBsZTAPBgNVHRMB
Af8EBTADAQH/MA4GA1UdDwEB/wQEAwIChDAKBggqhkjOPQQDAgNIADBFAiBZ68zc
suRj19FbLCobIGWScSfY4T9xwBSlYVHkcf25owIhANEn4RF1VNApf+3mrhspPRvg
39TRx5GgA1AyyVMEnkEM
-----END CERTIFICATE-----
"""
KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgt5ZVVDEu6bsw/87y
mfA0Ez7wYr1+FFSIjLJldTNKaKGhRANCAATRCrmG9P+HbQKvgmqlNSBhzD16CnQB
S7eTvjtQYEwKe8DqUu142OXHv6uJkuMKbUbpRI/y3iXazzI8z1q6ceki
-----END PRIVATE KEY-----
"""


def over_tls(folder: Path, host: str, **changes: Any) -> tuple[Answer, Loopback]:
    """Fetch from a TLS server whose certificate is for pictures.example."""
    ca_file = folder / "ca.pem"
    ca_file.write_text(CERTIFICATE)
    (folder / "both.pem").write_text(KEY + CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")

    async def work() -> tuple[Answer, Loopback]:
        names = Names(pictures_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
        web = Web(
            Limits(**{**NEAR, "ca_file": ca_file, **changes}),
            agent="t",
            resolve=names,
            sleep=no_wait,
        )
        async with loopback({"/": page(b"safe")}, tls=context) as server, web:
            return await web.fetch(f"https://{host}:{server.port}/", limit=9), server

    return run(work)


def test_certificates_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many clients follow one another: a pass makes two, and to read them costs more."""
    made: list[ssl.SSLContext] = []

    def create(**_: object) -> ssl.SSLContext:
        made.append(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return made[-1]

    async def work() -> None:
        for _ in range(3):
            async with Web(Limits(), agent="t"):
                pass

    lanes._usual.cache_clear()
    monkeypatch.setattr("httpx.create_ssl_context", create)
    run(work)
    lanes._usual.cache_clear()
    assert len(made) == 1


def test_a_pinned_address_is_still_verified_by_its_name(tmp_path: Path) -> None:
    """The dialled number changes nothing for TLS and Host: both speak of the name."""
    answer, server = over_tls(tmp_path, "pictures.example")
    assert answer.body == b"safe"
    assert server.names == ["pictures.example"]
    assert f"Host: pictures.example:{server.port}".encode() in server.requests[0]


def test_a_certificate_that_is_no_good_is_not_looked_at_twice() -> None:
    """It would be the same in a moment; a connection that fails is tried once more."""
    reasons: list[Exception] = [ssl.SSLCertVerificationError(1, "another name"), OSError("no")]
    asked = {type(reason): 0 for reason in reasons}

    async def handle(_request: httpx.Request) -> httpx.Response:
        asked[type(reasons[0])] += 1
        raise httpx.ConnectError("no") from reasons[0]

    async def work() -> None:
        way = httpx.MockTransport(handle)
        async with Web(Limits(), agent="t", transport=way, sleep=no_wait) as web:
            while reasons:
                with pytest.raises(Failed):
                    await web.fetch("https://a.example/", limit=9)
                reasons.pop(0)

    run(work)
    assert asked == {ssl.SSLCertVerificationError: 1, OSError: 2}


def test_a_certificate_for_another_name_is_no_good(tmp_path: Path) -> None:
    """A wrong name in the certificate is a failure that names TLS."""
    with pytest.raises(Failed, match="TLS: certificate verify failed: Hostname mismatch"):
        over_tls(tmp_path, "other.example")


def test_without_the_ca_file_a_private_authority_is_not_trusted(tmp_path: Path) -> None:
    """The certificate is checked, against the usual authorities when none are configured."""
    with pytest.raises(Failed, match="TLS: certificate verify failed: self-signed"):
        over_tls(tmp_path, "pictures.example", ca_file=None)


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_an_unusable_ca_file_is_a_configuration_error(tmp_path: Path, text: str | None) -> None:
    """A missing or empty CA file is said before anything is asked."""
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)

    async def work() -> None:
        with pytest.raises(ConfigError, match="ca_file"):
            async with Web(Limits(ca_file=file), agent="t"):
                pass

    run(work)


# --- behind a proxy ---


def proxied(url: str, pages: Mapping[str, Page], **changes: Any) -> tuple[Answer, Loopback]:
    """Fetch ``url`` through a proxy that answers with ``pages`` and knows no real name."""

    async def work() -> tuple[Answer, Loopback]:
        async with loopback(pages) as proxy:
            rules = Limits(proxy=f"http://me:pw@127.0.0.1:{proxy.port}", timeout=30.0, **changes)
            async with Web(rules, agent="t", resolve=Names(), sleep=no_wait) as web:
                return await web.fetch(url, limit=99), proxy

    return run(work)


def test_behind_a_proxy_names_are_its_business() -> None:
    """A name that doesn't resolve here is asked for through the proxy, with its password."""
    answer, proxy = proxied(
        "http://pictures.example/a?b", {"http://pictures.example/a?b": page(b"via")}
    )
    assert answer.body == b"via"
    assert b"\r\nProxy-Authorization: Basic bWU6cHc=\r\n" in proxy.requests[0]


def test_behind_a_proxy_https_is_tunnelled() -> None:
    """For https the proxy is asked to CONNECT to the name; its refusal is a failure."""
    with pytest.raises(Failed, match="the proxy answered 403"):
        proxied(
            "https://pictures.example/a",
            {"pictures.example:443": page(b"", "403 Forbidden", Connection="close")},
        )


def test_a_proxy_never_sees_a_local_address() -> None:
    """Literal private addresses and local names are refused before the proxy hears of them."""

    async def work() -> tuple[set[str], int]:
        said = set()
        async with loopback({}) as proxy:
            rules = Limits(proxy=f"http://127.0.0.1:{proxy.port}")
            async with Web(rules, agent="t") as web:
                for host in [*SPELLINGS, "nas", "nas.local", "db.internal", "nas.lan."]:
                    with pytest.raises(Refused) as refused:
                        await web.fetch(f"http://{host.removesuffix(':443')}/", limit=1)
                    said.add(refused.value.says.rpartition(": ")[2])
            return said, len(proxy.requests)

    assert run(work) == ({"address not allowed"}, 0)


def test_behind_a_proxy_ports_are_judged_too() -> None:
    """The proxy is no way around ``ports``."""
    with pytest.raises(Refused, match="port 22 not allowed"):
        proxied("http://pictures.example:22/", {})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1"])
def test_allowed_addresses_are_dialled_past_the_proxy(host: str) -> None:
    """What ``allow`` names is near: the proxy is not asked for it."""

    async def work() -> tuple[bytes, int]:
        async with loopback({}) as proxy, loopback({"/": page(b"near")}) as server:
            rules = Limits(**NEAR, proxy=f"http://127.0.0.1:{proxy.port}")
            async with Web(rules, agent="t") as web:
                answer = await web.fetch(f"http://{host}:{server.port}/", limit=9)
            return answer.body, len(proxy.requests)

    assert run(work) == (b"near", 0)


def test_a_dead_proxy_is_named_as_the_cause() -> None:
    """A failure to reach the proxy doesn't look like the fault of the picture's host."""

    async def work() -> str:
        with shut() as gone:
            async with Web(Limits(proxy=gone), agent="t", sleep=no_wait) as web:
                with pytest.raises(Failed) as failed:
                    await web.fetch("http://pictures.example/a", limit=1)
                return failed.value.says

    assert run(work) == "http://pictures.example/a: the proxy: connection refused"


@pytest.mark.parametrize("proxy", ["socks5://h:1", "h:3128", "http://", "http://me:SECRET@[/"])
def test_an_unusable_proxy_is_a_configuration_error(proxy: str) -> None:
    """Only HTTP proxies are spoken to, and the message repeats no password."""

    async def work() -> None:
        with pytest.raises(ConfigError, match="proxy") as error:
            async with Web(Limits(proxy=proxy), agent="t"):
                pass
        assert "SECRET" not in str(error.value)

    run(work)


# --- many at once ---


def test_a_host_that_hangs_takes_no_connection_from_another() -> None:
    """Twenty requests hanging on one server don't hold up a twenty-first to another."""
    waiting = asyncio.Semaphore(0)

    async def hang(_: asyncio.StreamWriter) -> None:
        waiting.release()
        await asyncio.Event().wait()

    async def work() -> bytes:
        async with (
            loopback({"/": hang}) as dead,
            loopback({"/": page(b"quick")}) as alive,
            Web(Limits(**NEAR), agent="t") as web,
        ):
            stuck = [asyncio.create_task(web.fetch(dead.url(), limit=9)) for _ in range(20)]
            for _ in range(10):  # until its whole pool is in use
                await waiting.acquire()
            answer = await web.fetch(alive.url(), limit=9)
            for task in stuck:
                task.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)
            return answer.body

    assert run(work) == b"quick"


def test_many_hosts_leave_no_connections_behind() -> None:
    """Idle pools are closed when there are many; those in use are not."""

    async def work() -> int:
        names = Names(**{f"h{n}_example": [["127.0.0.1"]] for n in range(60)})
        async with (
            loopback({"/": page(b"x")}) as server,
            Web(Limits(**NEAR), agent="t", resolve=names) as web,
        ):
            for n in range(60):
                await web.fetch(f"http://h{n}.example:{server.port}/", limit=9)
            return server.open

    assert run(work) <= 33
