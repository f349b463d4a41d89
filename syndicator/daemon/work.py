"""The jobs themselves: a pass, a check of a share of the archive; one at a time, none for ever."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from typing import NamedTuple, TypeVar

from syndicator.config.tables import Settings
from syndicator.cycle import Order, Stop, check_slice, run
from syndicator.cycle.report import unscheduled
from syndicator.daemon.jobs import CHECK, HEARTBEAT, PASS
from syndicator.doors import jobs as notes
from syndicator.doors.jobs import Ended
from syndicator.doors.layout import Layout
from syndicator.errors import DoorError, SyndicatorError
from syndicator.model import Report
from syndicator.model.keeping import Verification

T = TypeVar("T")
GRACE = 60.0  # seconds in which work that was told to stop has to come to its end


class Ears(NamedTuple):
    """Who hears what: of each report, of what failed, of each check, and of anything else."""

    tell: Callable[[Report], object]
    complain: Callable[[SyndicatorError], object]
    checked: Callable[[Verification], object] = lambda _found: None
    say: Callable[[str], object] = lambda _line: None


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
        self._waiting: list[object] = []
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
        return run in self._waiting

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
            self._ears.say(f"could tell nobody of it: {found}")

    async def _do(
        self, work: Callable[[Order], T], order: Order, limit: float
    ) -> "T | SyndicatorError | None":
        self._hurry.set()
        async with self._turn(work):
            if self.ended:
                return None
            self._stop, self._hurry = Stop(), Stop()
            given = order._replace(stop=self._stop, hurry=self._hurry)
            task = asyncio.create_task(asyncio.to_thread(work, given))
            try:
                async with asyncio.timeout(limit):
                    return await asyncio.shield(task)
            except TimeoutError:
                if task.done():  # the work's own, not ours
                    return _named(TimeoutError("timed out"))
                return await self._break_off(task, limit)
            except Exception as error:  # noqa: BLE001  # no fault of one pass ends all others
                return _named(error)

    @asynccontextmanager
    async def _turn(self, work: object) -> AsyncIterator[None]:
        """Wait until nothing else is under way; whoever gives up waiting is expected no more."""
        self._waiting.append(work)
        try:
            await self._busy.acquire()
        finally:
            self._waiting.remove(work)
        try:
            yield
        finally:
            self._busy.release()

    async def _break_off(self, task: "asyncio.Task[T]", limit: float) -> "T | SyndicatorError":
        self._ears.say(f"broke off what took longer than {limit:g} s; the next pass goes on")
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
    logging.getLogger(__name__).error("a pass broke off", exc_info=error)
    says = f"a pass broke off: {type(error).__name__}: {error}"
    return SyndicatorError(says, hint="a fault of this program: report it, with the trace above")
