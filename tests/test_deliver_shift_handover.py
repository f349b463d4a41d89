"""What an endpoint was promised holds while its lane goes from one worker to another."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from entries import SITE
from loopback import no_wait
from records import SECRET, hook, owed
from timeless import START, Timeless, timeless

from syndicator.deliver import shift
from syndicator.deliver.attempt import Target
from syndicator.deliver.health import FIRST, OPENS
from syndicator.deliver.shift import Shift
from syndicator.doors.books import Desk, Sheet
from syndicator.doors.http import Limits, Web
from syndicator.doors.server import Server
from syndicator.doors.store import Store, leases
from syndicator.doors.store.apply import apply
from syndicator.errors import StoreError
from syndicator.model.records import Joined

MANY = 12  # messages
ENDS = ["ends", "is killed"]

pytestmark = pytest.mark.slow


class Mortal(Desk):
    """The books of a worker that may be killed: from then on it writes nothing."""

    killed = False

    @contextmanager
    def batch(self, *, lasting: bool = True) -> Iterator[Sheet]:
        """Change nothing any more, once it was killed."""
        if self.killed:
            raise StoreError("killed", hint="")
        with super().batch(lasting=lasting) as sheet:
            yield sheet


@dataclass(slots=True, kw_only=True)
class Relay:
    """Endpoints that are owed messages, their receiver, and workers one after the other."""

    store: Store
    monkeypatch: pytest.MonkeyPatch
    settings: dict[str, object] = field(default_factory=dict)
    names: list[str] = field(default_factory=lambda: ["ops"])
    seconds: float = 0.2  # that an answer takes
    status: int = 204
    ends: int = 4  # answers after which the first worker ends
    how: str = "ends"
    heard: list[tuple[str, str, float]] = field(default_factory=list)  # where, what, when
    away: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)  # on their way at once
    answered: int = 0

    def owe(self) -> None:
        """Owe each endpoint some messages."""
        with self.store.transaction() as session:
            apply(session, [Joined(at=START, endpoint=name, since="all") for name in self.names])
            told = [owed(f"{one}-{n:02}", endpoint=one) for n in range(MANY) for one in self.names]
            apply(session, told)

    def run(self, stay: float, work: Callable[..., Any] | None = None) -> None:
        """Let one worker begin, and the next go on, in time of the loop's own."""
        self.owe()
        timeless(lambda loop: self._run(loop, stay, work or self._in_turn))

    async def _run(self, loop: Timeless, stay: float, work: Callable[..., Any]) -> None:
        self.monkeypatch.setattr(shift, "time", SimpleNamespace(monotonic=loop.time))
        first = Mortal(self.store)
        stop = asyncio.Event()

        async def handle(request: httpx.Request) -> httpx.Response:
            name = request.url.host.removesuffix(".example")
            self.heard.append((name, request.headers["webhook-id"], loop.time()))
            self.away[name] += 1
            self.most[name] = max(self.most[name], self.away[name])
            try:
                await asyncio.sleep(self.seconds)
            finally:
                self.away[name] -= 1
            self.answered += 1
            if self.answered == self.ends:
                first.killed = self.how == "is killed"
                stop.set()
            return httpx.Response(self.status)

        transport = httpx.MockTransport(handle)
        limits = Limits(timeout=30.0)
        async with Web(limits, agent="test", transport=transport, sleep=no_wait) as web:

            def worker(owner: str, desk: Desk, stop: asyncio.Event) -> Shift:
                return Shift(
                    ledger=desk,
                    web=web,
                    targets={
                        name: Target(endpoint=hook(name, **self.settings), secret=SECRET)
                        for name in self.names
                    },
                    site=SITE,
                    clock=loop.clock,
                    jitter=lambda: 0.0,
                    age=lambda: 60.0 + loop.time(),
                    stop=stop,
                    owner=owner,
                    kept=timedelta(seconds=stay),
                )

            await work(
                worker("a", first, stop), worker("b", Desk(self.store), asyncio.Event()), stay
            )

    async def _in_turn(self, first: Shift, second: Shift, stay: float) -> None:
        with suppress(StoreError):
            await first.drain(stay)
        with self.store.transaction() as session:  # its leases are over by then
            session.connection().exec_driver_sql("UPDATE lane SET until = 0")
        second.steady = True
        await second.drain(stay)

    def states(self) -> dict[str, int]:
        """Tell how many deliveries are in each state."""
        with self.store.reading() as connection:
            rows = connection.exec_driver_sql("SELECT state, count(*) FROM delivery GROUP BY 1")
            return {row[0]: row[1] for row in rows}


@pytest.fixture
def relay(place: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """Open a store on a server."""
    with Store(place) as store:
        yield Relay(store=store, monkeypatch=monkeypatch)


@pytest.mark.parametrize("how", ENDS)
def test_a_strict_endpoint_gets_all_in_order(relay: Relay, how: str) -> None:
    """One at a time; what was on its way at a kill comes again before what is behind it."""
    relay.how, relay.settings = how, {"order": "strict"}
    relay.run(60.0)
    ids = [what for _, what, _ in relay.heard]
    assert ids == sorted(ids)
    assert relay.most == {"ops": 1}
    assert relay.states() == {"done": MANY}
    assert len(ids) - MANY <= (how == "is killed")


@pytest.mark.parametrize("how", ENDS)
def test_no_more_are_on_their_way_than_may_be(relay: Relay, how: str) -> None:
    """Of both workers together, whichever of them sends."""
    relay.how, relay.settings = how, {"max_inflight": 3}
    relay.run(60.0)
    assert relay.most == {"ops": 3}
    assert relay.states() == {"done": MANY}


@pytest.mark.parametrize("how", ENDS)
def test_a_rate_is_kept(relay: Relay, how: str) -> None:
    """The last of one worker and the first of the next are as far apart as any two."""
    relay.how, relay.settings = how, {"rate": 0.5}
    relay.run(120.0)
    times = [at for _, _, at in relay.heard]
    assert min(later - one for one, later in pairwise(times)) >= 2.0
    assert relay.states() == {"done": MANY}


@pytest.mark.parametrize("how", ENDS)
def test_a_breaker_that_is_open_stays_so(relay: Relay, how: str) -> None:
    """The next worker sends single probes, and none before the first one would have."""
    relay.how, relay.status, relay.ends = how, 500, OPENS
    relay.run(60.0)
    times = [at for _, _, at in relay.heard]
    gaps = [later - one for one, later in pairwise(times)]
    quick = [gap < FIRST for gap in gaps].index(False) + 1
    most = hook("ops").max_inflight
    assert OPENS <= quick < OPENS + 2 * most  # what was on its way, twice where that is not known
    assert len(gaps) - quick >= 1
    assert all(gap >= FIRST for gap in gaps[quick - 1 :])


def test_two_that_share_send_no_more_at_once(relay: Relay) -> None:
    """A lane that one has too many goes to the other once nothing is on its way in it."""
    relay.names = [f"e{n}" for n in range(4)]
    relay.settings, relay.ends, relay.seconds = {"max_inflight": 2}, 0, 1.0
    lived = [1]
    both = SimpleNamespace(**{**vars(leases), "workers": lambda _session: lived[0]})
    relay.monkeypatch.setattr(shift, "leases", both)
    held: list[set[str]] = []

    async def side_by_side(first: Shift, second: Shift, _stay: float) -> None:
        first.steady = second.steady = True
        work = [asyncio.create_task(first.drain(60.0))]
        await asyncio.sleep(0.5)
        lived[0] = 2
        work.append(asyncio.create_task(second.drain(60.0)))
        while relay.states().keys() != {"done"}:
            held.append(set(second._leases))
            assert not second._leases.keys() & first._leases.keys()
            await asyncio.sleep(0.25)
        for one in (first, second):
            one.stop.set()
        await asyncio.gather(*work)

    relay.run(1.0, side_by_side)
    assert any(held)
    assert max(relay.most.values()) == 2
    assert len(relay.heard) == MANY * 4


def test_heads_that_wait_keep_no_worker_from_others(relay: Relay) -> None:
    """Two strict endpoints have work due behind a message that waits: the third is served."""
    relay.names, relay.settings, relay.ends = ["a", "b", "c"], {"order": "strict"}, 0

    async def alone(first: Shift, _second: Shift, _stay: float) -> None:
        first.steady = True
        with relay.store.transaction() as session:
            session.connection().exec_driver_sql(
                "UPDATE delivery SET next_at = 4000000000 WHERE message IN ('a-00', 'b-00')"
            )
        work = asyncio.create_task(first.drain(30.0))
        while relay.states().get("done", 0) < MANY and not work.done():  # noqa: ASYNC110  # the store rings no bell
            await asyncio.sleep(0.25)
        first.stop.set()
        await work

    relay.run(1.0, alone)
    assert Counter(name for name, _, _ in relay.heard) == {"c": MANY}
