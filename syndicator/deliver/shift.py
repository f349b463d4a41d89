"""Sending beside others: in lanes that are leased, as many as there is room for.

Every transaction begins by holding the lanes; what came back in one that has gone to another, or
of a delivery that is over meanwhile, is dropped. A lane without work is given back at once.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf

from syndicator.deliver.attempt import Sent
from syndicator.deliver.lane import Lane
from syndicator.deliver.owing import INTERRUPTED
from syndicator.deliver.schedule import settling
from syndicator.deliver.send import SLOTS, Sender
from syndicator.deliver.thread import in_thread
from syndicator.doors.books import Page
from syndicator.doors.store import lanes as store
from syndicator.doors.store import leases, resting
from syndicator.doors.store.leases import Lease
from syndicator.errors import StoreError
from syndicator.model.records import Settled, Tried

MOST = SLOTS // 2  # lanes of one process at once
FEW = 2  # lanes a worker takes at once: others take some meanwhile
HOLD = 5.0  # seconds after which leases are prolonged, though nothing else is to be done
LOOK = 1.0  # seconds until it looks for lanes unasked
KEPT = timedelta(seconds=2)  # for which a lane is kept without work
BUSY = timedelta(seconds=0.25)  # until that is looked at again
PAUSE = 0.5  # seconds until what the database did not take is offered again
PATIENCE = 60.0  # seconds for which it is
ONCE = "it was on its way when its worker ended, and is not to be sent twice"
_log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Shift(Sender):
    """Leases lanes, and sends what is due in them; ``owner`` names it to others."""

    owner: str
    reach: timedelta = timedelta(0)  # lanes are taken whose work is due by then
    kept: timedelta = KEPT  # lanes are, without work
    steady: bool = False  # for long: it shares with others, and bears it if the database is away
    _leases: dict[str, Lease] = field(default_factory=dict)
    _lost: list[Lane] = field(default_factory=list)
    _most: int = MOST
    _more: bool = True  # lanes may be there to be taken
    _looked: float = -inf  # for them, last
    _rung: bool = False
    _failing: float = inf  # since when
    _unsure: bool = False  # a turn's transaction was not committed
    _doubt: bool = False  # or it was, and nobody heard of it
    _mine: set[tuple[int, int]] = field(default_factory=set)  # in hand as a turn began, with tries
    _away: frozenset[str] = frozenset()  # lanes with attempts that were not back as a turn began

    def ring(self) -> None:
        """Hear that something is owed."""
        self._rung = True
        self._bell.set()

    async def _open(self) -> None:
        while not self.stop.is_set():
            try:
                await in_thread(self._begin)
            except StoreError as error:
                self._lanes.clear()
                self._leases.clear()
                self._doubt = True
                await self._bear(error)
            else:
                self._failing = inf
                return

    def _begin(self) -> None:
        with self.ledger.batch() as batch:
            leases.prepare(batch.session, self.targets)
            self._take_on(batch, self.clock())

    def _take_on(self, batch: Page, now: datetime) -> None:
        """Lease lanes with work due that nobody has; what was left in hand there is judged."""
        self._looked, self._more = time.monotonic(), False
        if self.steady:
            self._share(leases.workers(batch.session))
        room = min(FEW if self.steady else MOST, self._most - len(self._lanes))
        names = self.targets.keys() - self._lanes.keys()
        if room <= 0 or not names:
            return
        strict = {one for one in names if self.targets[one].endpoint.order == "strict"}
        until = now + self.reach
        found = leases.take(batch.session, self.owner, names, until, most=room, strict=strict)
        left = []
        for lease in found:
            self._leases[lease.endpoint] = lease
            left += [lease.endpoint] * self._judge(batch, lease.endpoint, now)
        self._line(batch.session, [lease.endpoint for lease in found])
        for name in left:
            self._lanes[name].sent(now)  # by whoever had it: its rate goes on from there
        busy = any(not self._lanes[one.endpoint].idle(now, now + self.kept) for one in found)
        self._more = busy and len(found) == room

    def _share(self, workers: int) -> None:
        """Have no more lanes than there are for each worker; let others have what is too much."""
        self._most = min(MOST, -(-len(self.targets) // max(workers, 1)))
        for lane in list(self._lanes.values())[self._most :]:
            lane.leaves = True

    def _judge(self, batch: Page, name: str, now: datetime) -> bool:
        """Judge what was left in hand in a lane; tell whether anything was."""
        if self.targets[name].endpoint.mode != "at-most-once":
            wait = settling(inf)
            return leases.reclaim(batch.session, name, now, says=INTERRUPTED, wait=wait)
        lost = leases.in_hand(batch.session, name)
        batch.record(
            Settled(at=now, message=message, endpoint=name, verdict="dead", status=0, says=ONCE)
            for message in lost
        )
        return bool(lost)

    def _looks(self, now: datetime, *, going: bool) -> bool:
        if not going:
            return bool(self._lanes)  # they are given back, once nothing is on its way in them
        if self._rung:  # it may be owed in a lane that is held, or in another
            self._rung, self._more = False, True
            for lane in self._lanes.values():
                lane.due = now
            return True
        until = now + self.kept
        return self._seeks() or any(lane.idle(now, until) for lane in self._lanes.values())

    def _seeks(self) -> bool:
        """Tell whether to look for lanes now."""
        room = len(self._lanes) < self._most
        return (self._more and room) or time.monotonic() - self._looked >= LOOK

    def _pause(self) -> float | None:
        pause = super()._pause()
        if not self.steady:
            return pause
        return LOOK if pause is None else min(pause, LOOK)

    async def _wait(self, seconds: float | None) -> None:
        await super()._wait(HOLD if seconds is None else min(seconds, HOLD))

    async def _turn(self, *, going: bool) -> None:
        back, before, self._unsure = list(self._back), self._memory(), False
        self._away = frozenset(name for name, lane in self._lanes.items() if lane.flying)
        parcels = [one for lane in self._lanes.values() for one in lane.parcels()]
        parcels += (sent.parcel for sent in back)
        self._mine = {one.nth for one in parcels}
        try:
            await super()._turn(going=going)
            self._failing = inf
        except StoreError as error:
            if not self._unsure:
                raise  # it could not be begun, but what was recorded stands
            before()
            self._doubt = True
            self._back = back + self._back
            await self._bear(error)
            if not going:
                await self._turn(going=False)
        lost, self._lost = self._lost, []
        for task in (task for lane in lost for task in lane.flying):
            task.cancel()

    async def _bear(self, error: StoreError) -> None:
        """Wait a moment until the database is asked again; raise if that was in vain for long."""
        now = time.monotonic()
        self._failing = min(self._failing, now)
        if not self.steady or now - self._failing > PATIENCE:
            raise error
        _log.warning("%s; it is asked again", error)
        await asyncio.sleep(PAUSE)

    def _record(self, back: Sequence[Sent], *, going: bool) -> None:
        now, self._unsure = self.clock(), True
        with self.ledger.batch(lasting=any(one.outcome.means != "done" for one in back)) as batch:
            self._hold(batch)
            if self._doubt:
                self._amend(batch, now)
            self._settle(batch, self._ours(batch, back))
            self._hand_back(batch, now, going=going)
            if going:
                self._take_up(batch, now)
                for lane in self._lanes.values():
                    if lane.wants(now):  # another transaction is changing what is due
                        lane.due = now + BUSY
        self._unsure = self._doubt = False

    def _take_up(self, batch: Page, now: datetime) -> None:
        """Lease lanes, and what is due in them, unless readers do not find yet what it tells of.

        That is asked last, too: what was claimed may have been committed since the first time.
        """
        if self._waits(batch, now):
            return
        if self._seeks():
            self._take_on(batch, now)
        self._claim(batch, now)
        self._waits(batch, now)

    def _waits(self, batch: Page, now: datetime) -> bool:
        """Give back all lanes where workers are held up; tell whether they are."""
        if not (self.steady and resting.held_up(batch.session)):
            return False
        for lane in self._lanes.values():
            lane.leaves = True
        self._hand_back(batch, now, going=True)
        return True

    def _amend(self, batch: Page, now: datetime) -> None:
        """Go on from what the tables say: the answer to a commit may have been lost on its way."""
        told = set(leases.of(batch.session, self.owner)) - set(self._leases.values())
        self._leases |= {one.endpoint: one for one in leases.hold(batch.session, told)}
        self._line(batch.session, sorted(self._leases.keys() - self._lanes.keys()))
        found = store.health(batch.session)
        ready = [one for lane in self._lanes.values() for one in lane.ready]
        open_ = leases.still(batch.session, ready)
        for name, lane in self._lanes.items():
            lane.keep(open_)
            lane.health, lane.due = found.get(name, lane.health), now
            lane.ended = lane.health.state == "disabled"
            lost = leases.stray(batch.session, name, self._mine)
            if lane.once:
                batch.record(
                    Tried(at=now, message=one, endpoint=name, state="unsent") for one in lost
                )

    def _hold(self, batch: Page) -> None:
        """Prolong the leases; forget lanes that have gone to another."""
        held = leases.hold(batch.session, self._leases.values())
        for lease in set(self._leases.values()) - held:
            about = {"endpoint": lease.endpoint}
            _log.warning("endpoint %s: another worker has it now", lease.endpoint, extra=about)
            self._lost.append(self._lanes.pop(lease.endpoint))
            del self._leases[lease.endpoint]

    def _ours(self, batch: Page, back: Sequence[Sent]) -> list[Sent]:
        mine = [one for one in back if one.parcel.endpoint in self._lanes]
        open_ = leases.still(batch.session, (one.parcel for one in mine)) if mine else set()
        return [one for one in mine if one.parcel.nth in open_]

    def _hand_back(self, batch: Page, now: datetime, *, going: bool) -> None:
        """Give back lanes without work; at the end all, as soon as nothing is away in them."""
        until = now + self.kept
        over = [
            lane
            for lane in self._lanes.values()
            if lane.name not in self._away and (not going or lane.idle(now, until))
        ]
        for lane in over if going else self._lanes.values():
            self._give_back(batch, lane)
        leases.give_back(batch.session, [self._leases.pop(lane.name) for lane in over])
        for lane in over:
            del self._lanes[lane.name]

    def _memory(self) -> Callable[[], None]:
        """Return what brings back how all is now: a transaction may come to nothing."""
        lanes, held, lost = dict(self._lanes), dict(self._leases), list(self._lost)
        inside = [(lane, lane.memory()) for lane in lanes.values()]
        done, dead = self.done, self.dead

        def recall() -> None:
            self._lanes, self._leases, self._lost = lanes, held, lost
            self.done, self.dead = done, dead
            for lane, kept in inside:
                lane.recall(kept)

        return recall
