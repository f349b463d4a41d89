"""When passes are due: by the clock on the wall, once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from syndicator.config.tables import ScheduleTable
from syndicator.daemon.jobs import scheduler, trigger

BERLIN = ZoneInfo("Europe/Berlin")


def fires(line: str, start: datetime, count: int) -> list[str]:
    made = trigger(ScheduleTable(cron=line), "Europe/Berlin")
    previous, now, found = None, start, []
    for _ in range(count):
        previous = made.get_next_fire_time(previous, now)
        assert previous is not None
        now = previous + timedelta(microseconds=1)
        found.append(f"{previous:%a %d %H:%M%z}")
    return found


def test_the_hour_that_autumn_repeats_fires_once() -> None:
    """02:30 comes twice on 25 October 2026."""
    start = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    assert fires("30 2 * * *", start, 2) == ["Sun 25 02:30+0200", "Mon 26 02:30+0100"]


def test_the_hour_that_spring_leaves_out_fires_once() -> None:
    """02:30 does not come on 28 March 2027: what is meant is an hour after 01:30."""
    start = datetime(2027, 3, 27, 12, tzinfo=BERLIN)
    assert fires("30 2 * * *", start, 2) == ["Sun 28 02:30+0100", "Mon 29 02:30+0200"]


def test_what_fires_every_hour_fires_in_both() -> None:
    """Nobody waits two hours because the clock was set."""
    start = datetime(2026, 10, 25, 1, 40, tzinfo=BERLIN)
    expected = ["Sun 25 02:30+0200", "Sun 25 02:30+0100", "Sun 25 03:30+0100"]
    assert fires("30 * * * *", start, 3) == expected


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("0 9 * * 1", ["Mon 30", "Mon 07"]),
        ("0 9 * * 0", ["Sun 29", "Sun 06"]),
        ("0 9 30 * 0", ["Sun 29", "Mon 30"]),
    ],
)
def test_weekdays_are_cron_s(line: str, days: list[str]) -> None:
    """0 is Sunday; with a day of the month besides, either will do."""
    start = datetime(2026, 11, 28, 12, tzinfo=BERLIN)
    assert [one[:6] for one in fires(line, start, 2)] == days


def test_nothing_is_lost_and_nothing_done_twice() -> None:
    """However late a job is, it runs, once."""
    assert scheduler()._job_defaults == {
        "coalesce": True,
        "misfire_grace_time": None,
        "max_instances": 1,
    }
