"""Hostile receivers, and addresses that lead inside, met by the sender itself."""

import asyncio
import gzip
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from entries import SITE
from loopback import (
    HERE,
    SPELLINGS,
    Act,
    Dialled,
    Names,
    Page,
    loopback,
    moved,
    no_wait,
    page,
    run,
)
from sqlalchemy import text

from syndicator.deliver.attempt import Target
from syndicator.deliver.send import Sender
from syndicator.doors import files
from syndicator.doors.http import Limits, Web
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store
from syndicator.model.records import Joined, Owed
from syndicator.publish.http import Http

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOST = 5 * 2**20  # bytes more, whatever a receiver does
SHORT = Limits(allow=HERE, timeout=1.0)
SLOW = Limits(allow=HERE, timeout=30.0, patience=0.5)  # a status comes, however slow the machine


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Open an archive."""
    layout = Layout(tmp_path)
    files.make_folder(layout.public)
    with Store(layout.state) as store:
        yield Ledger(layout, store)


async def push(ledger: Ledger, web: Web, addresses: list[str]) -> None:
    """Owe a message to each address, which is a secret, and send what is owed."""
    targets = {}
    for number, address in enumerate(addresses):
        fields = {"type": "http", "name": f"e{number}", "secret_env": "S", "template": "x"}
        endpoint = Http.model_validate({**fields, "mode": "at-least-once"})
        targets[endpoint.name] = Target(endpoint=endpoint, secret=address)
    with ledger.batch() as batch:
        batch.record(Joined(at=AT, endpoint=name, since="all") for name in targets)
        batch.record(
            Owed(
                at=AT,
                message=f"m{name}",
                key=name,
                endpoint=name,
                kind="post.published",
                subject=name,
                seq=1,
                body="x" * 600,
            )
            for name in targets
        )
    sender = Sender(
        ledger=ledger,
        web=web,
        targets=targets,
        site=SITE,
        clock=lambda: AT,
        jitter=lambda: 0.0,
        age=lambda: 60.0,
        stop=asyncio.Event(),
    )
    await sender.drain(0)


def outcomes(ledger: Ledger) -> list[tuple[str, int, int, str]]:
    """Return state, attempts, last status and error of each delivery, by their endpoints."""
    with ledger.store.transaction() as session:
        rows = session.connection().execute(
            text("SELECT state, attempts, last_status, last_error FROM delivery ORDER BY id")
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]


def endless(*parts: bytes, pause: float = 0.0) -> Act:
    """Say the first part, then the second for ever."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(parts[0])
        while True:
            writer.write(parts[1])
            await writer.drain()
            await asyncio.sleep(pause)

    return act


BOMB = gzip.compress(bytes(50 * 2**20))
HEAD = b"HTTP/1.1 200 OK\r\n"
NEVER: dict[str, Page] = {  # no whole answer: it may be tried again
    "/silent": endless(b"", b"", pause=0.01),
    "/dripping": endless(HEAD, b"X", pause=0.01),
    "/storming": endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"),
    "/continuing": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.001),
    "/headers": endless(HEAD, b"X-More: " + b"x" * 4000 + b"\r\n"),
}
TAKEN: dict[str, Page] = {  # the status has come, and stands
    "/drop": endless(HEAD + b"Content-Length: 100000\r\n\r\n", b"x", pause=0.01),
    "/huge": endless(HEAD + b"Content-Length: 900000000\r\n\r\n", bytes(65536)),
    "/chunks": endless(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + bytes(65536) + b"\r\n"
    ),
    "/bomb": page(BOMB, Content_Encoding="gzip"),
    "/bombs": page(gzip.compress(BOMB), Content_Encoding="gzip, gzip"),
}


@pytest.mark.parametrize("name", [*NEVER, *TAKEN])
def test_a_hostile_receiver_ends_in_time_and_takes_no_memory(ledger: Ledger, name: str) -> None:
    """At the total deadline at the latest, with a few kilobytes of what it says."""

    async def work() -> int:
        async with (
            loopback({**NEVER, **TAKEN}) as server,
            Web(SHORT if name in NEVER else SLOW, agent="t", sleep=no_wait) as web,
        ):
            tracemalloc.start()
            try:
                before = tracemalloc.get_traced_memory()[0]
                await push(ledger, web, [server.url(name)])
                return tracemalloc.get_traced_memory()[1] - before
            finally:
                tracemalloc.stop()

    assert run(work) < MOST
    ((state, attempts, status, _),) = outcomes(ledger)
    assert (state, attempts, status) == (("pending", 1, 0) if name in NEVER else ("done", 1, 200))


def test_no_address_inside_is_dialled_and_all_sound_alike(ledger: Ledger) -> None:
    """Spelled in sixty ways, behind names, and behind a name whose meaning changes."""
    sockets = Dialled()
    names = Names(
        near_example=[["127.0.0.1"]],
        mixed_example=[["93.184.216.34", "10.0.0.1"]],
        turning_example=[["93.184.216.34"], ["169.254.169.254"]],
    )
    hosts = [*SPELLINGS, "near.example", "mixed.example"]
    urls = [f"http://{host}/hook" for host in hosts]
    urls += [f"https://{host.removesuffix(':443')}/hook" for host in hosts]

    async def work() -> None:
        limits = Limits(ports=(80, 443))
        async with Web(limits, agent="t", backend=sockets, resolve=names, sleep=no_wait) as web:
            await push(ledger, web, [*urls, "https://turning.example/"])

    run(work)
    found = outcomes(ledger)
    assert {one[:3] for one in found} == {("dead", 1, 0)}
    assert {one[3].rpartition(": ")[2] for one in found} == {"address not allowed"}
    assert sockets.seen == [("93.184.216.34", 443)]  # and what it turned into was not


@pytest.mark.parametrize(
    "address",
    [
        "http://93.184.216.34:22/",
        "https://h.example:6379/",
        "ftp://h.example/",
        "file:///etc/passwd",
        "gopher://h.example/",
        "unix:///run/x",
        "http://me:word@h.example/",
        "//h.example/",
        "h.example",
        "",
    ],
)
def test_other_ports_and_schemes_are_given_up_unasked(ledger: Ledger, address: str) -> None:
    """No socket is told to dial, and a person is told."""
    sockets, names = Dialled(), Names(h_example=[["93.184.216.34"]])

    async def work() -> None:
        async with Web(Limits(), agent="t", backend=sockets, resolve=names) as web:
            await push(ledger, web, [address])

    run(work)
    assert [one[:3] for one in outcomes(ledger)] == [("dead", 1, 0)]
    assert sockets.seen == []


def test_a_redirect_leads_nowhere(ledger: Ledger) -> None:
    """Not to another page, nor inside: one request is all that is made."""

    async def work() -> list[bytes]:
        pages = {f"/{code}": moved("/inside", f"{code} Moved") for code in (301, 302, 307, 308)}
        async with loopback(pages) as server, Web(SLOW, agent="t", sleep=no_wait) as web:
            await push(ledger, web, [server.url(one) for one in pages])
            return [request.split(b" ", 2)[1] for request in server.requests]

    assert sorted(run(work)) == [b"/301", b"/302", b"/307", b"/308"]
    assert {one[0] for one in outcomes(ledger)} == {"pending"}


def test_whether_a_port_is_open_can_not_be_told(ledger: Ledger) -> None:
    """What is refused sounds the same whether somebody listens there or not."""

    async def work() -> None:
        async with loopback({}) as shut:
            closed = shut.port
        async with loopback({}) as server:
            limits = Limits(ports=(server.port, closed))
            async with Web(limits, agent="t", sleep=no_wait) as web:
                await push(ledger, web, [f"http://127.0.0.1:{n}/" for n in (server.port, closed)])
            assert server.requests == []
            assert server.open == 0

    run(work)
    one, other = outcomes(ledger)
    assert one[:3] == other[:3] == ("dead", 1, 0)
    assert one[3].rpartition(": ")[2] == other[3].rpartition(": ")[2] == "address not allowed"
