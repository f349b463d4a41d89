"""The jobs themselves: a pass, a check of a share of the archive; one at a time, none for ever."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

from syndicator.config.tables import Settings
from syndicator.cycle import Order, Stop, check_slice, run
from syndicator.cycle.report import unscheduled
from syndicator.daemon.jobs import CHECK, HEARTBEAT, PASS, RETRY
from syndicator.doors import jobs as notes
from syndicator.doors.jobs import Ended
from syndicator.doors.layout import Layout
from syndicator.errors import DoorError, SyndicatorError
from syndicator.model.keeping import Verification
from syndicator.model.report import Report

T = TypeVar("T")
WHOLE = timedelta(seconds=60)  # from a pass that looked at some files to one that looks at all
GRACE = 60.0  # seconds in which work that was told to stop has to come to its end


class Say(Protocol):
    """Hears of an event by its name: what there is to say, and what it is about."""

    def __call__(self, event: str, line: str, /, **about: str) -> object:
        """Hear of one."""


def _unheard(_event: str, _line: str, /, **_about: str) -> None:
    """Let nobody hear of it."""


class Ears(NamedTuple):
    """Who hears what: of each report, of each failure, of each check, and of anything else."""

    tell: Callable[[Report], object]
    complain: Callable[[SyndicatorError, str], object]  # with the event's name
    checked: Callable[[Verification], object] = lambda _found: None
    say: Say = _unheard


class Work:
    """Does one thing at a time in a thread, within its time."""

    def __init__(self, place: Layout, clock: Callable[[], datetime], ears: Ears) -> None:
        """Prepare; notes of jobs go into the archive's state."""
        self._place = place
        self._clock = clock
        self._ears = ears
        self._busy = asyncio.Lock()
        self._stop = Stop()  # of what is under way
        self._hurry = Stop()  # the same is waited for
        self._broken_off = Counter[str]()  # pictures, for the sake of who waited
        self._waiting: list[tuple[object, frozenset[str] | None]] = []  # with what it looks at
        self._written = set[str]()  # what no pass has begun to look at yet
        self.whole_by: datetime | None = None  # when one is to look at everything again
        self.failing = False  # the last pass that was to look at everything could not be made
        self.ended = False
        self.stuck = False  # something did not end although it was told to

    def end(self) -> None:
        """Begin nothing more, and let what is under way come to its end."""
        self.ended = True
        self._stop.set()

    async def idle(self) -> None:
        """Return when nothing is under way."""
        async with self._busy:
            return

    @property
    def expects_pass(self) -> bool:
        """Tell whether a pass waits to begin: it will see whatever was written until then."""
        return any(work is run for work, _written in self._waiting)

    @property
    def expects_whole(self) -> bool:
        """Tell whether a pass that looks at everything waits to begin."""
        return (run, None) in self._waiting

    def saw(self, written: Iterable[str]) -> None:
        """Let the next pass look at these files of the content, if it does not look at all."""
        self._written.update(written)

    async def make_pass(self, order: Order, limit: float) -> Report | SyndicatorError | None:
        """Make a pass; None where the end was asked for before."""
        return await self._do(run, order, limit)

    async def check(self, order: Order, limit: float) -> Verification | SyndicatorError | None:
        """Check the share of the archive that is due, if one is."""
        return await self._do(check_slice, order, limit)

    async def alert(self, order: Order, settings: Settings) -> None:
        """Tell whoever wants to know what fails, and send what is due; say if that fails too."""
        from syndicator.cycle.post import tell  # noqa: PLC0415  # once things go wrong

        found = await self._do(partial(tell, settings=settings), order, settings.schedule.limit)
        if isinstance(found, SyndicatorError):
            self._ears.say("alert.failed", f"could tell nobody of it: {found}")

    async def take_up(self, order: Order, settings: Settings) -> None:
        """Write into the journal what workers settled, unless something waits; a pass does, too.

        What is under way does not hurry for it: it comes again in a few seconds.
        """
        from syndicator.cycle.post import take_up  # noqa: PLC0415  # where there are workers

        if self._waiting:
            return
        work, limit = partial(take_up, settings=settings), settings.schedule.limit
        found = await self._do(work, order, limit, hurry=False)
        if isinstance(found, SyndicatorError):
            line = f"what workers settled is not in the journal yet: {found}"
            self._ears.say("journal.behind", line)

    async def _do(
        self, work: Callable[[Order], T], order: Order, limit: float, *, hurry: bool = True
    ) -> "T | SyndicatorError | None":
        if hurry:
            self._hurry.set()
        async with self._turn(work, order):
            if self.ended:
                return None
            self._stop, self._hurry = Stop(), Stop()
            given = order._replace(stop=self._stop, hurry=self._hurry, broken_off=self._broken_off)
            if work is run:
                given = self._sighted(given)
            result = await self._in_time(work, given, limit)
            if work is run:
                self._settle(given, failed=isinstance(result, SyndicatorError))
            return result

    async def _in_time(
        self, work: Callable[[Order], T], order: Order, limit: float
    ) -> "T | SyndicatorError":
        task = asyncio.create_task(asyncio.to_thread(work, order))
        try:
            async with asyncio.timeout(limit):
                return await asyncio.shield(task)
        except TimeoutError:
            if task.done():  # the work's own, not ours
                return _named(TimeoutError("timed out"))
            return await self._break_off(task, limit)
        except Exception as error:  # noqa: BLE001  # no fault of one pass ends all others
            return _named(error)

    def _sighted(self, order: Order) -> Order:
        """Tell a pass what was written, if it looks at that alone.

        It may miss what no event told of: a picture in a static folder, a document that somebody
        changed, a file that came before anybody watched. So one that looks at all follows.
        """
        written, self._written = frozenset(self._written), set()
        if order.written is None:
            return order
        soon = self._clock() + WHOLE  # a clock set back must not put it off
        self.whole_by = min(self.whole_by or soon, soon)
        return order._replace(written=written)

    def _settle(self, order: Order, *, failed: bool) -> None:
        """Let another pass look at what this one could not, before long."""
        whole, late = order.written is None, self._stop.is_set()
        if failed or late:
            self._written |= order.written or set()
        if whole:
            self.failing = failed
            self.whole_by = self._clock() + RETRY if failed or late else None

    @asynccontextmanager
    async def _turn(self, work: object, order: Order) -> AsyncIterator[None]:
        """Wait until nothing else is under way; whoever gives up waiting is expected no more."""
        waits = work, order.written
        self._waiting.append(waits)
        try:
            await self._busy.acquire()
        finally:
            self._waiting.remove(waits)
        try:
            yield
        finally:
            self._busy.release()

    async def _break_off(self, task: "asyncio.Task[T]", limit: float) -> "T | SyndicatorError":
        line = f"broke off what took longer than {limit:g} s; the next pass goes on"
        self._ears.say("job.late", line)
        self._stop.set()
        with suppress(Exception):
            async with asyncio.timeout(GRACE):
                return await asyncio.shield(task)
        if not task.done():
            self.stuck = True  # the service manager is told no longer that all is well
        try:
            return await task
        except Exception as error:  # noqa: BLE001  # as above
            return _named(error)
        finally:
            self.stuck = False

    async def note(self, ended: Ended, after: int) -> bool:
        """Note what became of a job; tell whether that is to be told, or what is due sent.

        Where it can't be noted, the pass says why. A pass may hold the database meanwhile.
        """
        try:
            return await asyncio.to_thread(notes.note, self._place.state, ended, after)
        except SyndicatorError:
            return False

    async def forget(self, report: Report, order: Order, settings: Settings) -> None:
        """Forget the jobs that are done no more; nobody is told that they fail no more."""
        beats = {HEARTBEAT} if settings.schedule.heartbeat else set()
        gone, now = unscheduled(report, {PASS, CHECK, *beats}), order.clock()
        if not gone:
            return
        with suppress(SyndicatorError):  # the next pass will
            told = await asyncio.to_thread(notes.leave, self._place.state, gone, now)
            if told:
                await self.alert(order, settings)


def _named(error: Exception) -> SyndicatorError:
    """Turn whatever ended a pass into what can be told; log the trace of what nobody foresaw."""
    if isinstance(error, SyndicatorError):
        return error
    if isinstance(error, OSError):
        return DoorError(str(error), hint="the disk or the network refused what was asked")
    about = {"event": "pass.broke", "job": PASS}
    logging.getLogger(__name__).error("a pass broke off", exc_info=error, extra=about)
    says = f"a pass broke off: {type(error).__name__}: {error}"
    return SyndicatorError(says, hint="a fault of this program: report it, with the trace above")
