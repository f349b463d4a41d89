"""Lines of a crontab, as cron means them."""

import pytest

from syndicator.config.cron import Cron, parse

ALL = tuple(range(60))
HOURS, MONTHS = tuple(range(24)), tuple(range(1, 13))


@pytest.mark.parametrize(
    ("line", "means"),
    [
        ("* * * * *", Cron(ALL, HOURS, None, MONTHS, None)),
        ("*/20 6-8 * * *", Cron((0, 20, 40), (6, 7, 8), None, MONTHS, None)),
        ("0 9 * * 1", Cron((0,), (9,), None, MONTHS, ("mon",))),
        ("0 9 * * 0", Cron((0,), (9,), None, MONTHS, ("sun",))),
        ("0 9 * * 7", Cron((0,), (9,), None, MONTHS, ("sun",))),
        ("0 9 * * 5-7", Cron((0,), (9,), None, MONTHS, ("sun", "fri", "sat"))),
        ("0 9 * * fri-sun", Cron((0,), (9,), None, MONTHS, ("sun", "fri", "sat"))),
        ("0 9 * * */2", Cron((0,), (9,), None, MONTHS, ("sun", "tue", "thu", "sat"))),
        ("5,35 0 1,15 jan,7-8 *", Cron((5, 35), (0,), (1, 15), (1, 7, 8), None)),
        ("10/20 0 31 * *", Cron((10, 30, 50), (0,), (31,), MONTHS, None)),
    ],
)
def test_a_line_means_these_values(line: str, means: Cron) -> None:
    """Weekdays count from Sunday, and 7 is Sunday too; names and steps are known."""
    assert parse(line) == means


WRONG = (
    "",
    "* * * *",
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * * 13 *",
    "* * * * 8",
    "5-1 * * * *",
    "*/0 * * * *",
    "x * * * *",
    "0 0 31 2,4 *",
    "-1 * * * *",
    "@daily",
    "1,,2 * * * *",
)


@pytest.mark.parametrize("line", WRONG)
def test_what_cron_would_not_take_is_refused(line: str) -> None:
    """Nor what it would take and never run."""
    with pytest.raises(ValueError, match=r"five fields|noth|not from|no month"):
        parse(line)


@pytest.mark.parametrize(
    ("line", "days"),
    [("*/5 * * * *", 1), ("0 6 * * 1", 7), ("0 6 1 * *", 31), ("0 6 1 1 *", 366)],
)
def test_a_line_comes_round_within_its_span(line: str, days: int) -> None:
    """From which probes tell that a daemon is silent."""
    assert parse(line).span == days * 86400
