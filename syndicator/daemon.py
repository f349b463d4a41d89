"""The long life: a pass on start and at every interval, until a signal ends it.

APScheduler is the clock; what is due is known to the state, not to the scheduler, so a missed or
late tick loses nothing.
"""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from syndicator.content.look import wished
from syndicator.cycle import Order, check_slice, layout, run
from syndicator.doors import systemd
from syndicator.errors import DoorError, SyndicatorError
from syndicator.model import Report
from syndicator.model.keeping import Verification
from syndicator.serve import Pulse, Server

TICK = "tick"  # names of the two jobs
ALARM = "alarm"
LOOK = 60.0  # seconds between two looks at the clock
RETRY = timedelta(seconds=60)  # until a pass that failed is made again, at the latest
_ENDS = (signal.SIGTERM, signal.SIGINT)


class Daemon:
    """Makes passes; ``tell`` hears of each report, ``complain`` of each pass that failed."""

    def __init__(
        self,
        order: Order,
        every: float,
        tell: Callable[[Report], None],
        complain: Callable[[SyndicatorError], None],
        *,
        checked: Callable[[Verification], None] = lambda _found: None,
        server: Server | None = None,
        pulse: Pulse | None = None,
    ) -> None:
        """Prepare; ``every`` is the time from one pass to the next in seconds.

        ``checked`` hears of each nightly check of a share of the archive. ``server`` serves
        meanwhile; it is told in ``pulse`` how the passes go.
        """
        self._server = server
        self._pulse = pulse or Pulse()
        self._order = order
        self._every = timedelta(seconds=every)
        self._tell = tell
        self._complain = complain
        self._checked = checked
        self._busy = asyncio.Lock()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    async def live(self) -> None:
        """Make passes until SIGTERM or SIGINT; what is under way ends cleanly first."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # passes report themselves
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        for number in _ENDS:
            loop.add_signal_handler(number, self._end, ended)
        if self._server is not None:
            self._server.start(partial(loop.call_soon_threadsafe, self._end, ended))
        self._begin(self._order.clock())
        self._scheduler.start()
        systemd.notify(self._order.environ, "READY=1")
        while not ended.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await ended.wait()
            self._keep_time()
        systemd.notify(self._order.environ, "STOPPING=1")
        self._scheduler.pause()
        try:
            if self._server is not None:
                await asyncio.to_thread(self._server.stop)
        finally:
            async with self._busy:  # the pass under way hears of the end, and comes to it
                self._scheduler.shutdown(wait=False)  # earlier, it would cancel the pass

    def _begin(self, first: datetime) -> None:
        trigger = IntervalTrigger(seconds=self._every.total_seconds(), timezone=UTC)
        self._scheduler.add_job(self._pass, trigger, id=TICK, next_run_time=first)

    def _keep_time(self) -> None:
        """Bring the next tick near when the clock was set back, or when a person left a wish."""
        tick, now = self._scheduler.get_job(TICK), self._order.clock()
        if tick.next_run_time > now + self._every or self._wished():
            tick.modify(next_run_time=now)

    def _wished(self) -> bool:
        with suppress(SyndicatorError):  # a configuration that is being edited
            return wished(layout(self._order.file))
        return False

    def _end(self, ended: asyncio.Event) -> None:
        ended.set()
        self._order.stop.set()

    async def _pass(self) -> None:
        """Make one pass, and wake again when the next thing falls due before the next tick.

        A pass that fails could not tell what falls due: it is made again before long.
        """
        async with self._busy:
            if self._order.stop.is_set():
                return
            try:
                report = await asyncio.to_thread(run, self._order)
            except Exception as error:  # noqa: BLE001  # no fault of one pass ends all others
                self._set_retry()
                self._pulse.failed(self._order.clock().timestamp())
                self._complain(_named(error))
                return
            self._pulse.passed(report, self._order.clock().timestamp())
            self._set_alarm(report.wake)
            self._tell(report)
            await self._check()

    async def _check(self) -> None:
        """Check the share of the archive that is due, if one is; what it owes is sent soon."""
        try:
            found = await asyncio.to_thread(check_slice, self._order)
        except Exception as error:  # noqa: BLE001  # no fault of a check ends the passes
            self._complain(_named(error))
            return
        if found is not None:
            if found.alarms:
                self._set_alarm(self._order.clock())
            self._checked(found)

    def _set_retry(self) -> None:
        soon, alarm = self._order.clock() + RETRY, self._scheduler.get_job(ALARM)
        if alarm is None or alarm.trigger.run_date > soon:
            self._set_alarm(soon)

    def _set_alarm(self, wake: datetime | None) -> None:
        soon = self._order.clock() + timedelta(seconds=1)
        if wake is not None and not self._order.stop.is_set():
            trigger = DateTrigger(max(wake, soon), timezone=UTC)
            self._scheduler.add_job(self._pass, trigger, id=ALARM, replace_existing=True)


def _named(error: Exception) -> SyndicatorError:
    """Turn whatever ended a pass into what can be told; log the trace of what nobody foresaw."""
    if isinstance(error, SyndicatorError):
        return error
    if isinstance(error, OSError):
        return DoorError(str(error), hint="the disk or the network refused what was asked")
    logging.getLogger(__name__).error("a pass broke off", exc_info=error)
    says = f"a pass broke off: {type(error).__name__}: {error}"
    return SyndicatorError(says, hint="a fault of this program: report it, with the trace above")
