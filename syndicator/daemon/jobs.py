"""When jobs are due: APScheduler with the settings under which nothing is lost, or done twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from syndicator.config.cron import Cron, parse
from syndicator.config.tables import ScheduleTable

PASS = "pass"  # noqa: S105  # names of the jobs
DUE = "due"
CHECK = "check"
HEARTBEAT = "heartbeat"
HOUR = 3600
RETRY = timedelta(seconds=60)  # until a pass that failed is made again, at the latest
_JITTER = 0.05  # of the interval: many daemons must not ask the same hosts in the same second
_LONGEST = 30.0  # seconds of it


def scheduler() -> AsyncIOScheduler:
    """Make a scheduler that makes up for what was missed, once, and runs no job twice at once.

    Jobs are kept in memory: they come from the configuration, and what is due from the state.
    """
    defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    return AsyncIOScheduler(timezone=UTC, job_defaults=defaults)


def trigger(schedule: ScheduleTable, zone: str) -> BaseTrigger:
    """Tell when passes are due; lines of cron mean the clock on the wall in ``zone``."""
    if not schedule.cron:
        jitter = min(schedule.every * _JITTER, _LONGEST) or None
        return IntervalTrigger(seconds=schedule.every, timezone=UTC, jitter=jitter)
    cron, place = parse(schedule.cron), ZoneInfo(zone)
    days, weekdays = _words(cron.day), _words(cron.weekday)
    if days != "*" and weekdays != "*":  # cron runs on both kinds of days
        return OrTrigger([_wall(cron, place, days, "*"), _wall(cron, place, "*", weekdays)])
    return _wall(cron, place, days, weekdays)


class Wall(CronTrigger):  # type: ignore[misc]  # APScheduler has no types
    """A trigger that does not fire twice in the hour that autumn repeats, unless each is meant.

    CronTrigger itself fires again and again at the same moment of that hour (3.11.3).
    """

    hourly = False

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return when to fire after ``previous``; None for never."""
        found: datetime | None = super().get_next_fire_time(previous, now)
        later = found
        while previous and found and later and not self._follows(previous, found):
            later = later.astimezone(UTC) + timedelta(minutes=1)
            found = super().get_next_fire_time(None, later)
        return found

    def _follows(self, previous: datetime, found: datetime) -> bool:
        if found.timestamp() <= previous.timestamp():
            return False
        return self.hourly or _wall_time(found) > _wall_time(previous)


def _wall(cron: Cron, zone: ZoneInfo, days: str, weekdays: str) -> Wall:
    made = Wall(
        minute=_words(cron.minute),
        hour=_words(cron.hour),
        day=days,
        month=_words(cron.month),
        day_of_week=weekdays,
        timezone=zone,
    )
    made.hourly = len(cron.hour) == 24  # noqa: PLR2004  # then both hours are meant
    return made


def _words(values: tuple[object, ...] | None) -> str:
    return "*" if values is None else ",".join(map(str, values))


def _wall_time(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None, fold=0)
