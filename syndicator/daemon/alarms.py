"""When passes and checks begin: at their interval, and by an alarm for what falls due before.

APScheduler is the clock; what is due is known to the state, not to the scheduler, so a missed or
late tick loses nothing.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from syndicator.config.tables import Settings
from syndicator.daemon import jobs
from syndicator.daemon.jobs import CHECK, DUE, PASS, RETRY

Job = Callable[[], Awaitable[None]]


class Alarms:
    """Rings for a pass; and for a check of the archive once an hour."""

    def __init__(self, clock: Callable[[], datetime], ring: Job) -> None:
        """Prepare; ``ring`` begins the pass of an alarm."""
        self._clock, self._ring = clock, ring
        self.scheduler = jobs.scheduler()

    def begin(self, settings: Settings, first: datetime, tick: Job, check: Job) -> None:
        """Let passes be made at their interval, and checks every hour."""
        trigger = jobs.trigger(settings.schedule, settings.site.timezone)
        self.scheduler.add_job(tick, trigger, id=PASS, next_run_time=first)
        hourly = IntervalTrigger(seconds=jobs.HOUR, timezone=UTC)
        self.scheduler.add_job(check, hourly, id=CHECK, next_run_time=first + RETRY)

    def follow(self, settings: Settings) -> None:
        """Go by another schedule from now on."""
        trigger = jobs.trigger(settings.schedule, settings.site.timezone)
        self.scheduler.reschedule_job(PASS, trigger=trigger)

    def set(self, wake: datetime | None) -> None:
        """Let a pass begin then, and not at the alarm before; in a second at the earliest."""
        soon = self._clock() + timedelta(seconds=1)
        if wake is not None:
            trigger = DateTrigger(max(wake, soon), timezone=UTC)
            self.scheduler.add_job(self._ring, trigger, id=DUE, replace_existing=True)

    def hasten(self, now: datetime, wait: timedelta = timedelta(0)) -> None:
        """Let a pass begin after that time, unless an alarm is set for one before long."""
        due = self._due()
        if due is None or due > now + RETRY:
            self.set(now + wait)

    def jumped(self, now: datetime, span: float) -> None:
        """Follow a clock that was set, or that went on while the machine slept."""
        tick = self.scheduler.get_job(PASS)
        if tick.next_run_time > now + timedelta(seconds=span):
            tick.modify(next_run_time=now)
        if (due := self._due()) is not None and due > now + RETRY:
            self.set(now)
        check = self.scheduler.get_job(CHECK)
        if check.next_run_time > now + timedelta(seconds=jobs.HOUR):
            check.modify(next_run_time=now)
        self.scheduler.wakeup()

    def upcoming(self, name: str) -> datetime | None:
        """Tell when a job runs next."""
        job = self.scheduler.get_job(name)
        moments = [job.next_run_time if job else None, self._due() if name == PASS else None]
        return min(filter(None, moments), default=None)

    def _due(self) -> datetime | None:
        job = self.scheduler.get_job(DUE)
        found: datetime | None = job and job.trigger.run_date
        return found
