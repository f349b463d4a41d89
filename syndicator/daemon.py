"""The long life: a pass on start and at every interval, until a signal ends it.

APScheduler is the clock; what is due is known to the state, not to the scheduler, so a missed or
late tick loses nothing.
"""

import asyncio
import logging
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from syndicator.cycle import Order, run
from syndicator.doors import systemd
from syndicator.errors import SyndicatorError
from syndicator.model import Report

TICK = "tick"  # names of the two jobs
ALARM = "alarm"
_ENDS = (signal.SIGTERM, signal.SIGINT)


class Daemon:
    """Makes passes; ``tell`` hears of each report, ``complain`` of each pass that failed."""

    def __init__(
        self,
        order: Order,
        every: float,
        tell: Callable[[Report], None],
        complain: Callable[[SyndicatorError], None],
    ) -> None:
        """Prepare; ``every`` is the time from one pass to the next in seconds."""
        self._order = order
        self._every = timedelta(seconds=every)
        self._tell = tell
        self._complain = complain
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
        self._scheduler.add_job(
            self._pass,
            IntervalTrigger(seconds=self._every.total_seconds(), timezone=UTC),
            id=TICK,
            next_run_time=self._order.clock(),
        )
        self._scheduler.start()
        systemd.notify(self._order.environ, "READY=1")
        await ended.wait()
        systemd.notify(self._order.environ, "STOPPING=1")
        self._scheduler.pause()
        async with self._busy:  # the pass under way hears of the end, and comes to it
            self._scheduler.shutdown(wait=False)  # earlier, it would cancel the pass

    def _end(self, ended: asyncio.Event) -> None:
        self._order.stop.set()
        ended.set()

    async def _pass(self) -> None:
        """Make one pass, and wake again when the next thing falls due before the next tick."""
        async with self._busy:
            if self._order.stop.is_set():
                return
            try:
                report = await asyncio.to_thread(run, self._order)
            except SyndicatorError as error:
                self._complain(error)
                return
            self._tell(report)
            self._set_alarm(report.wake)

    def _set_alarm(self, wake: datetime | None) -> None:
        soon = self._order.clock() + timedelta(seconds=1)
        if wake is not None and not self._order.stop.is_set():
            trigger = DateTrigger(max(wake, soon), timezone=UTC)
            self._scheduler.add_job(self._pass, trigger, id=ALARM, replace_existing=True)
