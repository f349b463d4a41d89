"""The outbox: a crash anywhere loses nothing, and every message keeps its id."""

import asyncio
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

import httpx
from entries import SITE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import no_wait
from records import SECRET, hook, owed
from sqlalchemy import text
from timeless import START, Timeless, timeless

from syndicator.deliver.attempt import Target
from syndicator.deliver.owing import recover
from syndicator.deliver.send import Sender
from syndicator.doors import files
from syndicator.doors.batch import Batch
from syndicator.doors.http import Limits, Web
from syndicator.doors.index import Where
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store

Fate = Literal["fine", "fails", "dies before", "dies after"]
NAMES = ("ops", "news")


class Crash(BaseException):
    """The end of a process."""


@dataclass(frozen=True, slots=True)
class Life:
    """What happens to one process: what it owes anew, what each request meets, how it ends."""

    owes: int
    fates: Sequence[Fate]
    dies_settling: bool
    lasts: bool = False  # for as long as interrupted attempts have to wait


lives = st.builds(
    Life,
    owes=st.integers(min_value=0, max_value=3),
    fates=st.lists(
        st.sampled_from(("fine", "fine", "fails", "dies before", "dies after")), max_size=4
    ),
    dies_settling=st.booleans(),
)


@dataclass(slots=True)
class World:
    """What outlives a process: the disk, and what receivers remember."""

    root: Path
    state: Where
    days: int = 0
    owed: list[str] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    heard: dict[str, list[tuple[str, bytes]]] = field(default_factory=lambda: defaultdict(list))

    def live(self, life: Life) -> None:
        """Live one life."""
        layout = Layout(self.root)
        layout.state = self.state
        files.make_folder(layout.public)
        self.days += 1
        with Store(layout.state) as store:
            ledger = Ledger(layout, store)
            recover(ledger, [hook(name) for name in NAMES], START + timedelta(days=self.days))
            with ledger.batch() as batch:
                self._owe(batch, life.owes)
            if life.dies_settling:
                ledger.batch = self._crash  # type: ignore[assignment,method-assign]  # the power goes here
            try:
                timeless(lambda loop: self._send(loop, ledger, life))
            except Crash:
                return

    def _crash(self, *, lasting: bool) -> Batch:  # noqa: ARG002  # as the one it stands for
        raise Crash

    def _owe(self, batch: Batch, count: int) -> None:
        for _ in range(count):
            number = len(self.owed)
            self.owed.append(f"m{number}")
            batch.record([owed(f"m{number}", NAMES[number % 2], body=f'{{"n":{number}}}')])

    async def _send(self, loop: Timeless, ledger: Ledger, life: Life) -> None:
        fates = list(life.fates)

        async def handle(request: httpx.Request) -> httpx.Response:
            fate = fates.pop(0) if fates else "fine"
            if fate == "dies before":
                raise Crash
            endpoint = request.url.host.partition(".")[0]
            self.heard[endpoint].append((request.headers["webhook-id"], request.content))
            self.taken[request.headers["webhook-id"]] += fate != "fails"
            if fate == "dies after":
                raise Crash
            return httpx.Response(500 if fate == "fails" else 200)

        transport = httpx.MockTransport(handle)
        async with Web(Limits(), agent="x", transport=transport, sleep=no_wait) as web:
            sender = Sender(
                ledger=ledger,
                web=web,
                targets={
                    n: Target(endpoint=hook(n, order="strict"), secret=SECRET) for n in NAMES
                },
                site=SITE,
                clock=lambda: loop.clock() + timedelta(days=self.days),
                jitter=lambda: 0.0,
                age=lambda: 1.0 + loop.time(),
                stop=asyncio.Event(),
            )
            await sender.drain(0, whole=life.lasts)

    def states(self) -> dict[str, str]:
        """Return the state of each delivery."""
        with Store(self.state) as store, store.transaction() as session:
            rows = session.connection().execute(text("SELECT message, state FROM delivery"))
            return {row[0]: row[1] for row in rows}


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(lives, min_size=1, max_size=5))
def test_a_crash_anywhere_loses_no_message(
    stores: Callable[[], Where], history: list[Life]
) -> None:
    """Whenever a process dies, all that was owed arrives in the end.

    It arrives under one id with the same bytes, at its endpoint only, and for the first time in
    the order in which it was owed. However many processes die within seconds of their start,
    nobody takes a message three times.
    """
    with tempfile.TemporaryDirectory() as root:
        world = World(Path(root), stores())
        for life in history:
            world.live(life)
        world.live(Life(0, (), dies_settling=False, lasts=True))
        assert world.states() == dict.fromkeys(world.owed, "done")
        assert max(world.taken.values(), default=0) <= 2
        for turn, name in enumerate(NAMES):
            heard = world.heard[name]
            first = list(dict.fromkeys(heard))
            expected = [f"m{number}" for number in range(turn, len(world.owed), 2)]
            assert [message for message, _ in first] == expected
            assert all(body == f'{{"n":{message[1:]}}}'.encode() for message, body in first)
