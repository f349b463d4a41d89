"""Sending in leased lanes: nothing that is on its way is forgotten, and no lease runs out."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
from syndicator.deliver.shift import Shift
from syndicator.doors.books import Desk
from syndicator.doors.http import Limits, Web
from syndicator.doors.server import Server
from syndicator.doors.store import Store, leases, resting
from syndicator.doors.store.apply import apply
from syndicator.doors.underway import Underway
from syndicator.errors import StoreError
from syndicator.model.feeds import Parcel
from syndicator.model.records import Joined

MANY = 10  # messages: more than are on their way at once

pytestmark = pytest.mark.slow


@dataclass(slots=True, kw_only=True)
class Office:
    """A store that owes messages to one endpoint, and that endpoint's receiver."""

    store: Store
    monkeypatch: pytest.MonkeyPatch
    mode: str = "at-least-once"
    steady: bool = False
    seconds: float = 0.0  # what the first answer takes; the second twice as long
    status: int = 204
    early: int = 0  # so many first answers
    says: int = 500  # are this
    settings: dict[str, object] = field(default_factory=dict)  # of the endpoint
    stop_at: int = 0  # answers after which the end is asked for
    heard: list[str] = field(default_factory=list)
    answered: int = 0
    now: Callable[[], float] = lambda: 0.0  # seconds since it began to send

    def owe(self, count: int) -> None:
        """Owe so many messages."""
        with self.store.transaction() as session:
            apply(session, [owed(f"m{n}", endpoint="ops") for n in range(count)])

    def drain(self, stay: float) -> Shift:
        """Send in time of the loop's own."""
        return timeless(lambda loop: self._drain(loop, stay))

    async def _drain(self, loop: Timeless, stay: float) -> Shift:
        stop = asyncio.Event()
        self.now = loop.time
        self.monkeypatch.setattr(shift, "time", SimpleNamespace(monotonic=loop.time))

        async def handle(request: httpx.Request) -> httpx.Response:
            self.heard.append(request.headers["webhook-id"])
            await asyncio.sleep(self.seconds * len(self.heard))
            self.answered += 1
            if self.answered == self.stop_at:
                stop.set()
            early = self.answered <= self.early
            return httpx.Response(self.says if early else self.status)

        transport = httpx.MockTransport(handle)
        endpoint = hook("ops", mode=self.mode, **self.settings)
        limits = Limits(timeout=30.0)
        async with Web(limits, agent="test", transport=transport, sleep=no_wait) as web:
            sender = Shift(
                ledger=Desk(self.store),
                web=web,
                targets={"ops": Target(endpoint=endpoint, secret=SECRET)},
                site=SITE,
                clock=loop.clock,
                jitter=lambda: 0.0,
                age=lambda: 60.0 + loop.time(),
                stop=stop,
                owner="a",
                kept=timedelta(seconds=stay),
                steady=self.steady,
            )
            await sender.drain(stay)
        return sender

    def rows(self, statement: str) -> list[Any]:
        """Ask the store."""
        with self.store.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

    def states(self) -> dict[str, str]:
        """Return the state by message."""
        return dict(self.rows("SELECT message, state FROM delivery"))

    def free(self) -> bool:
        """Tell whether all lanes were given back."""
        return self.rows("SELECT DISTINCT owner FROM lane") == [("",)]

    def lose(self, number: int) -> list[object]:
        """Let the answer to one of its commits be lost; return those that were made."""
        batches, made = Desk.batch, list[object]()

        @contextmanager
        def batch(desk: Desk, *, lasting: bool = True) -> Iterator[Any]:
            with batches(desk, lasting=lasting) as page:
                yield page
            made.append(page)
            if len(made) == number + 1:  # the first one opens
                raise StoreError("the connection is closed", hint="")

        self.monkeypatch.setattr(Desk, "batch", batch)
        return made

    def dawdle(self, seconds: float) -> None:
        """Let so much time pass before each of its transactions."""
        record = Shift._record

        def late(sender: Shift, back: Any, *, going: bool) -> None:
            sender.clock.__self__.jump.waited += seconds  # type: ignore[attr-defined]  # the loop's
            record(sender, back, going=going)

        self.monkeypatch.setattr(Shift, "_record", late)


@pytest.fixture
def office(place: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Make an endpoint that is owed nothing yet."""
    with Store(place) as store:
        with store.transaction() as session:
            apply(session, [Joined(at=START, endpoint="ops", since="all")])
        yield Office(store=store, monkeypatch=monkeypatch)


@pytest.mark.parametrize("mode", ["at-least-once", "at-most-once"])
def test_what_is_on_its_way_at_the_end_is_recorded(office: Office, mode: str) -> None:
    """Its answer comes within the moment that is left for it; what was not sent is due again."""
    office.mode, office.seconds, office.stop_at = mode, 0.2, 1
    office.owe(MANY)
    office.drain(30.0)
    done = {name for name, state in office.states().items() if state == "done"}
    assert done == set(office.heard) != set()
    assert set(office.states().values()) == {"done", "pending"}
    assert office.free()


def test_what_is_on_its_way_when_the_time_is_up_is_recorded(office: Office) -> None:
    """It is waited for, longer than that time was."""
    office.seconds = 3.0
    office.owe(MANY)
    office.drain(0.0)
    done = {name for name, state in office.states().items() if state == "done"}
    assert done == set(office.heard) != set()
    assert set(office.states().values()) == {"done", "pending"}
    assert office.free()


def test_a_lane_in_which_nothing_is_done_at_the_end_is_given_back(office: Office) -> None:
    """Others need not wait until its lease is over."""
    office.seconds, office.status = 2.0, 500
    office.owe(1)
    office.drain(6.0)
    assert office.free()


@pytest.mark.parametrize("stay", [0.0, 60.0])
def test_leases_are_prolonged_while_an_answer_is_waited_for(office: Office, stay: float) -> None:
    """Another took the lane, and sent it again: an attempt may take longer than a lease."""
    office.owe(1)
    office.seconds = 29.0
    prolonged: list[float] = []

    def hold(*given: Any) -> set[leases.Lease]:
        prolonged.append(office.now())
        return leases.hold(*given)

    office.monkeypatch.setattr(shift, "leases", SimpleNamespace(**{**vars(leases), "hold": hold}))
    office.drain(stay)
    assert office.states() == {"m0": "done"}
    gaps = [later - one for one, later in pairwise([0.0, *prolonged])]
    assert max(gaps) < leases.SECONDS / 2
    assert prolonged[-1] >= office.seconds


@pytest.mark.parametrize("steady", [False, True])
def test_what_was_taken_in_hand_and_cannot_be_begun_is_due_again(
    office: Office, *, steady: bool
) -> None:
    """A disk is full, on which attempts are noted: what was committed before is not forgotten."""
    office.owe(MANY)
    office.steady = steady
    noted = Underway.note

    def note(self: Underway, parcel: Parcel, at: datetime, age: float) -> None:
        if parcel.message == "m1":
            raise StoreError("no space left", hint="")
        noted(self, parcel, at, age)

    office.monkeypatch.setattr(Underway, "note", note)
    with pytest.raises(StoreError, match="no space left"):
        office.drain(30.0)
    assert office.states() == {"m0": "done"} | {f"m{n}": "pending" for n in range(1, MANY)}
    assert office.free()


@pytest.mark.parametrize("mode", ["at-least-once", "at-most-once"])
@pytest.mark.parametrize("lost", range(8))
def test_a_commit_of_which_nobody_heard_holds_nothing_back(
    office: Office, mode: str, lost: int
) -> None:
    """It was made, and its answer was lost: what it took is sent, once, and is given back."""
    office.mode, office.steady = mode, True
    office.owe(MANY)
    made = office.lose(lost)
    office.drain(30.0)
    assert len(made) > lost
    assert set(office.states().values()) == {"done"}
    assert sorted(office.heard) == sorted(office.states())
    assert office.free()


@pytest.mark.parametrize("mode", ["at-least-once", "at-most-once"])
@pytest.mark.parametrize("lost", range(8))
def test_what_failed_and_was_taken_anew_in_that_commit_is_sent_again(
    office: Office, mode: str, lost: int
) -> None:
    """It is in nobody's hand: the worker knows of its first attempt alone."""
    office.mode, office.steady = mode, True
    office.early, office.settings = 3, {"retries": (1, 1, 1)}
    office.owe(3)
    office.dawdle(2.0)
    made = office.lose(lost)
    office.drain(60.0)
    assert len(made) > lost
    assert set(office.states().values()) == {"done"}
    assert len(office.heard) == 3 + office.early
    assert office.free()


@pytest.mark.parametrize("lost", range(1, 5))
def test_an_endpoint_that_was_disabled_in_that_commit_is_told_of_once(
    office: Office, lost: int
) -> None:
    """What it had in hand was given back there, and is in nobody's hand."""
    office.steady, office.early, office.says = True, MANY, 410
    office.settings, office.seconds = {"max_inflight": 2}, 1.0
    office.owe(MANY)
    made = office.lose(lost)
    office.drain(30.0)
    assert len(made) > lost
    assert set(office.states().values()) == {"pending"}
    assert len(office.rows("SELECT 1 FROM tray")) == 1
    assert office.free()


@pytest.mark.parametrize("steady", [False, True])
def test_a_worker_bears_it_if_the_database_is_away_as_it_begins(
    office: Office, *, steady: bool
) -> None:
    """As it does later; a pass says so at once."""
    office.steady = steady
    office.owe(MANY)
    away = iter(["away"] * 3)

    def prepare(*given: Any) -> None:
        if next(away, None):
            raise StoreError("the server is away", away=True)
        leases.prepare(*given)

    there = SimpleNamespace(**{**vars(leases), "prepare": prepare})
    office.monkeypatch.setattr(shift, "leases", there)
    if not steady:
        with pytest.raises(StoreError, match="away"):
            office.drain(30.0)
        return
    office.drain(30.0)
    assert set(office.states().values()) == {"done"}


def test_a_worker_that_never_reaches_the_database_ends(office: Office) -> None:
    """After a minute: whoever watches over it begins another, or looks after it."""
    office.steady = True

    def prepare(*_given: object) -> None:
        raise StoreError("the server is away", away=True)

    there = SimpleNamespace(**{**vars(leases), "prepare": prepare})
    office.monkeypatch.setattr(shift, "leases", there)
    with pytest.raises(StoreError, match="away"):
        office.drain(3600.0)
    assert shift.PATIENCE <= office.now() <= shift.PATIENCE + 1


@pytest.mark.parametrize("mode", ["at-least-once", "at-most-once"])
def test_a_worker_waits_until_readers_find_what_it_tells_of(office: Office, mode: str) -> None:
    """What was published is not in the bucket yet: nothing is begun, and no lane is kept."""
    office.mode, office.steady = mode, True
    with office.store.transaction() as session:
        resting.hold_up(session)
    office.owe(MANY)
    office.drain(30.0)
    assert office.heard == []
    assert set(office.states().values()) == {"pending"}
    assert office.free()
    with office.store.transaction() as session:
        resting.go_on(session)
    office.drain(30.0)
    assert set(office.states().values()) == {"done"}


def test_what_is_published_while_a_worker_claims_waits_too(office: Office) -> None:
    """The claim sees what was committed after the first look: there is a second."""
    office.steady = True
    claim = Shift._claim

    def late(self: Shift, batch: Any, now: datetime) -> None:
        with office.store.transaction() as session:
            resting.hold_up(session)
            apply(session, [owed("new", endpoint="ops")])
        office.monkeypatch.setattr(Shift, "_claim", claim)
        claim(self, batch, now)

    office.owe(1)
    office.monkeypatch.setattr(Shift, "_claim", late)
    office.drain(5.0)
    assert "new" not in office.heard
    assert office.states()["new"] == "pending"
    assert office.free()


def test_who_publishes_sends_when_it_has_seen_to_that(office: Office) -> None:
    """It asks the bucket itself before it begins."""
    with office.store.transaction() as session:
        resting.hold_up(session)
    office.owe(1)
    office.drain(0.0)
    assert office.states() == {"m0": "done"}
