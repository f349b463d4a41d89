"""Sending what is due, until nothing is, or the time for it is up.

Each endpoint has a lane of its own: what is about one post goes in order, and an endpoint that
fails or hangs takes no place from another. What came of attempts is recorded together, a few
hundredths of a second at a time, in a thread: while the disk works, answers are heard. That an
attempt begins is noted before it does: who is killed leaves what was on its way, and whose it was.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from syndicator.deliver import attempt, judging
from syndicator.deliver.attempt import Sent, Target
from syndicator.deliver.lane import Lane
from syndicator.deliver.owing import owed
from syndicator.deliver.schedule import OLD
from syndicator.deliver.thread import in_thread
from syndicator.doors.books import Books, Page
from syndicator.doors.store import Session, interrupted
from syndicator.doors.store import lanes as store
from syndicator.doors.underway import Underway
from syndicator.model.feeds import Health, Parcel, Verdict
from syndicator.model.posts import Site
from syndicator.model.records import Switched

if TYPE_CHECKING:  # whoever sends has opened it
    from syndicator.doors.http.web import Web

SLOTS = 50  # attempts at once, of all endpoints together
RETRIES = SLOTS // 2  # of these, the most that are no first attempts
GRACE = 0.5  # seconds a receiver has left to answer when the pass is to end
LEAST = 1.0  # seconds that are taken even in a pass that does not stay
LINGER = 0.01  # seconds in which what comes back is recorded together
SLICE = 60.0  # seconds: the longest sleep, so that a clock that was set is noticed

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Sender:
    """The fifth stage's second half, for one pass."""

    ledger: Books
    web: "Web"
    targets: Mapping[str, Target]
    site: Site
    clock: Callable[[], datetime]
    jitter: Callable[[], float]
    age: Callable[[], float]  # seconds this process has lived
    stop: asyncio.Event
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    done: int = 0
    dead: int = 0
    _lanes: dict[str, Lane] = field(default_factory=dict)
    _back: list[Sent] = field(default_factory=list)
    _end: BaseException | None = None
    _underway: Underway = field(init=False)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    async def drain(self, stay: float, *, whole: bool = False) -> None:
        """Send what is due, and what falls due within ``stay`` seconds; then end.

        It ends at most one attempt after the time is up. In a ``hurry``, because somebody waits
        for its end, it does not stay. A ``whole`` one stays at least until attempts that were
        interrupted may be made again: the next process may live no longer than this one.
        """
        with Underway(self.ledger.underway) as self._underway:
            await self._drain(stay, whole=whole)

    async def _drain(self, stay: float, *, whole: bool) -> None:
        loop = asyncio.get_running_loop()
        await self._open()
        begun = loop.time()  # a database that is slow takes nothing of the time to send in
        broken = [lane.broken for lane in self._lanes.values() if lane.room(self.clock())]
        if whole and any(broken):
            stay = max(stay, max(broken) - self.age() + LEAST)
        end, last = begun + stay, begun + max(stay, LEAST)
        watches = [asyncio.create_task(self._hear(one)) for one in (self.stop, self.hurry)]
        try:
            while True:
                if self.hurry.is_set():
                    end, last = begun, begun + LEAST
                going = not self.stop.is_set() and loop.time() <= last
                await self._turn(going=going)
                pause = self._pause() if going else None
                if self._flying() or self._back:
                    await (self._break_off() if self.stop.is_set() else self._wait(pause))
                elif pause is None or (pause and loop.time() + pause > end):
                    break
                else:
                    await self._wait(pause)
        finally:
            for watch in watches:
                watch.cancel()
            await self._break_off()
            await self._turn(going=False)

    async def _open(self) -> None:
        with self.ledger.store.transaction() as session:
            self._line(session, sorted(self.targets))

    def _line(self, session: Session, names: Collection[str]) -> None:
        """Begin lanes for these endpoints, as their deliveries stand."""
        found, broken = store.health(session), interrupted.endpoints(session)
        for name in names:
            target, health = self.targets[name], found.get(name, Health())
            due = store.due(session, name, strict=target.endpoint.order == "strict")
            rest = broken.get(name, 0)
            self._lanes[name] = Lane(target=target, health=health, due=due, broken=rest)

    async def _hear(self, wish: asyncio.Event) -> None:
        await wish.wait()
        self._bell.set()

    async def _wait(self, seconds: float | None) -> None:
        """Wait for something to come back, for the end, or for the time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(SLICE if seconds is None else seconds, SLICE)):
                await self._bell.wait()
        self._bell.clear()
        if self._end is not None:
            raise self._end
        alone = any(one.parcel.interrupted for one in self._back)  # what comes of it is kept now
        if self._back and self._flying() and not alone and not self.stop.is_set():
            self._start()
            await asyncio.sleep(LINGER)

    def _pause(self) -> float | None:
        """Tell in how many seconds something is to be done, None for never."""
        now, lanes = self.clock(), self._lanes.values()
        moments = [at for lane in lanes if (at := lane.next(now)) is not None]
        waits = [(at - now).total_seconds() for at in moments]
        waits += [lane.broken - self.age() for lane in lanes if lane.resumes(now)]
        return max(0.0, min(waits)) if waits else None

    def _flying(self) -> list[asyncio.Task[Sent]]:
        return [task for lane in self._lanes.values() for task in lane.flying]

    async def _turn(self, *, going: bool) -> None:
        """Record what came back and lease what is due, in one transaction; then send it."""
        back, self._back = self._back, []
        now, lanes = self.clock(), self._lanes.values()
        more = any(lane.wants(now) if going else lane.ready for lane in lanes)
        more = more or (going and any(self._resuming(now))) or self._looks(now, going=going)
        if back or more:
            await in_thread(partial(self._record, back, going=going))
        if going:
            self._start()

    def _looks(self, _now: datetime, *, going: bool) -> bool:  # noqa: ARG002  # others do more
        """Tell whether there is something else to ask the database now."""
        return False

    def _record(self, back: Sequence[Sent], *, going: bool) -> None:
        """Do the turn's part of the ledger; of the database, only failures must last.

        A power cut gives back a lease, as any end does, and the journal has what is over.
        """
        with self.ledger.batch(lasting=any(one.outcome.means != "done" for one in back)) as batch:
            self._settle(batch, back)
            if going:
                self._claim(batch, self.clock())
            else:
                for lane in self._lanes.values():
                    self._give_back(batch, lane)

    def _claim(self, batch: Page, now: datetime) -> None:
        for lane in self._resuming(now):
            parcel = store.claim_interrupted(batch.session, now, lane.name)
            if parcel is None:
                lane.broken = 0
            else:
                self._take(batch, lane, parcel, now)
        wants = {one.name: n for one in self._lanes.values() if (n := one.wants(now))}
        strict = {name for name in wants if self._lanes[name].strict}
        left = dict(wants)
        for parcel in store.claim(batch.session, now, wants, strict):
            left[parcel.endpoint] -= 1
            self._take(batch, self._lanes[parcel.endpoint], parcel, now)
        for name, missing in left.items():
            if missing:  # there was no more: when will there be?
                self._look(batch, self._lanes[name])

    def _resuming(self, now: datetime) -> list[Lane]:
        """Tell the lanes in which an attempt that was interrupted is made again now."""
        lanes, age = self._lanes.values(), self.age()
        return [lane for lane in lanes if lane.resumes(now) and lane.broken <= age]

    def _take(self, batch: Page, lane: Lane, parcel: Parcel, now: datetime) -> None:
        """Take in hand what was leased, unless it is of no use any more.

        That an attempt begins which must not be made twice is journalled before it is made: a
        database that is rebuilt knows it too.
        """
        until = attempt.of_use(parcel, lane.target.endpoint)
        if until is not None and until < now:
            batch.record([attempt.settled(parcel, Verdict(state="dead", says=OLD), now)])
            self.dead += 1
            return
        if lane.once:
            batch.record([attempt.tried(parcel, now, "begun")])
        lane.ready.append(parcel)

    def _give_back(self, batch: Page, lane: Lane) -> None:
        """Let what it has in hand be due again, which was not tried."""
        store.release(batch.session, [one.delivery for one in lane.ready])
        if lane.once:
            batch.record(attempt.tried(one, self.clock(), "unsent") for one in lane.ready)
        lane.ready.clear()

    def _look(self, batch: Page, lane: Lane) -> None:
        """Find out when more falls due."""
        lane.due = store.due(batch.session, lane.name, strict=lane.strict)

    def _start(self) -> None:
        """Send what is in hand, first attempts before others; who was served last comes last."""
        now, lanes = self.clock(), tuple(self._lanes.values())
        away = [parcel for lane in lanes for parcel in lane.flying.values()]
        free, late = SLOTS - len(away), sum(parcel.attempts > 0 for parcel in away)
        for retry in (False, True):
            for lane in lanes:
                for parcel in [one for one in lane.ready if (one.attempts > 0) is retry]:
                    if free <= 0 or not lane.room(now) or (retry and late >= RETRIES):
                        break
                    self._send(lane, parcel)
                    lane.ready.remove(parcel)
                    free, late = free - 1, late + retry

    def _send(self, lane: Lane, parcel: Parcel) -> None:
        at = self.clock()
        self._underway.note(parcel, at, self.age())
        work = attempt.make(parcel, lane.target, self.web, self.clock)
        task: asyncio.Task[Sent] = asyncio.create_task(work)
        lane.flying[task] = parcel
        lane.sent(at)
        self._lanes[lane.name] = self._lanes.pop(lane.name)  # to the end: the others' turn
        task.add_done_callback(lambda ended: self._landed(lane, ended))

    def _landed(self, lane: Lane, task: asyncio.Task[Sent]) -> None:
        parcel, cut = lane.flying.pop(task), task.cancelled()
        if not cut and task.exception() is not None:  # no attempt raises: the process is ending
            self._end = task.exception()
            self._bell.set()
            return
        self._back.append(attempt.cut_short(parcel, self.clock) if cut else task.result())
        self._bell.set()

    async def _break_off(self) -> None:
        """Give what is on its way a moment, then break it off."""
        if tasks := self._flying():
            await asyncio.wait(tasks, timeout=GRACE)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await asyncio.sleep(0)  # their callbacks come after them

    def _settle(self, batch: Page, back: Sequence[Sent]) -> None:
        """Record attempts, and what they mean for deliveries and endpoints."""
        secrets = [target.secret for target in self.targets.values()]
        finished = [self._judged(batch, one, secrets) for one in back]
        store.finish(batch.session, finished)
        batch.record(
            told
            for one in finished
            for told in judging.told(one, self._lanes[one.parcel.endpoint])
        )
        self.done += sum(one.verdict.state == "done" for one in finished)
        self.dead += sum(one.verdict.state == "dead" for one in finished)
        touched = {one.parcel.endpoint: self._lanes[one.parcel.endpoint] for one in finished}
        now = self.clock()
        store.keep(batch.session, {name: lane.kept(now) for name, lane in touched.items()})
        for lane in touched.values():
            if lane.health.state == "disabled" and not lane.ended:
                self._disabled(batch, lane)
            if lane.due is None or now < lane.due:
                self._look(batch, lane)

    def _judged(self, batch: Page, sent: Sent, secrets: Sequence[str]) -> store.Finished:
        lane, others = self._lanes[sent.parcel.endpoint], store.has_others
        crowd = partial(others, batch.session, sent.parcel)
        return judging.judged(sent, lane, crowd=crowd, jitter=self.jitter, secrets=secrets)

    def _disabled(self, batch: Page, lane: Lane) -> None:
        """Ask an endpoint no more, give back what it has in hand, and tell the others of it."""
        lane.ended, now = True, self.clock()
        switched = Switched(at=now, endpoint=lane.name, state="disabled", says=lane.health.says)
        batch.record([switched])
        self._give_back(batch, lane)
        for name in sorted(self.targets.keys() - {lane.name}):
            notice = self.targets[name].endpoint.warn(switched, self.site)
            if notice is not None:
                batch.record([owed(notice)])
                if name in self._lanes:
                    self._lanes[name].due = now
