"""Dates: one reading or an error, never a guess."""

from datetime import date, datetime, time, timezone
from zoneinfo import ZoneInfo

import pytest
from test_normalise_post import front, problem, read

from syndicator.normalise.dates import day_of, foldered_day, moment, named_day
from syndicator.normalise.dates import read as read_date
from syndicator.normalise.findings import Flaw
from syndicator.normalise.values import Value

TAIPEI = ZoneInfo("Asia/Taipei")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2020-12-01", "2020-12-01T12:00:00+08:00"),
        ("2020-1-5", "2020-01-05T12:00:00+08:00"),
        ("2020-12-01 10:00:00 +0800", "2020-12-01T10:00:00+08:00"),
        ("2020-12-01 10:00:00 -0330", "2020-12-01T10:00:00-03:30"),
        ("2020-12-01T10:00:00Z", "2020-12-01T10:00:00+00:00"),
        ("2020-12-01T10:00:00+08:00", "2020-12-01T10:00:00+08:00"),
        ("2020-12-01t10:00:00.5z", "2020-12-01T10:00:00.500000+00:00"),
        ("2020-12-01T10:00:00.123456789+01", "2020-12-01T10:00:00.123456+01:00"),
        ("2020-12-01 10:00", "2020-12-01T10:00:00+08:00"),
        ("2020-12-01 10:00:00 UTC", "2020-12-01T10:00:00+00:00"),
        ("  2020-12-01  ", "2020-12-01T12:00:00+08:00"),
        ("Tue, 01 Dec 2020 10:00:00 +0800", "2020-12-01T10:00:00+08:00"),
        ("1 Dec 2020 10:00 GMT", "2020-12-01T10:00:00+00:00"),
        ("Jul 08 2022", "2022-07-08T12:00:00+08:00"),
        ("December 1, 2020", "2020-12-01T12:00:00+08:00"),
        (date(2020, 12, 1), "2020-12-01T12:00:00+08:00"),
        (datetime(2020, 12, 1, 10), "2020-12-01T10:00:00+08:00"),  # noqa: DTZ001  # as YAML has it
        ("1930-06-01", "1930-06-01T12:00:00+08:00"),
    ],
)
def test_dates_are_read(value: Value, expected: str) -> None:
    """Every form of the list gives its one moment, with an offset that is a number."""
    found = moment(value, TAIPEI)
    assert found.isoformat() == expected
    assert isinstance(found.tzinfo, timezone)


def test_noon_follows_the_seasons_of_the_zone() -> None:
    """A day is local noon, in winter as in summer."""
    assert moment("2020-01-01", BERLIN).isoformat() == "2020-01-01T12:00:00+01:00"
    assert moment("2020-07-01", BERLIN).isoformat() == "2020-07-01T12:00:00+02:00"


def test_an_hour_that_came_twice_is_its_first() -> None:
    """When clocks go back, a local time is the earlier of its two moments."""
    assert moment("2020-10-25 02:30", BERLIN).isoformat() == "2020-10-25T02:30:00+02:00"


def test_offsets_from_before_standard_zones_have_whole_minutes() -> None:
    """Amsterdam's +00:19:32 of 1930 can stand in no feed; the wall clock stays."""
    found = moment("1930-01-01", ZoneInfo("Africa/Monrovia"))
    assert found.isoformat() == "1930-01-01T12:00:00-00:45"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("soon", "DATE001"),
        ("", "DATE001"),
        ("2020-12", "DATE001"),
        (20201201, "DATE001"),
        (True, "DATE001"),
        (["2020-12-01"], "DATE001"),
        (time(10), "DATE001"),
        ("2002/10/12", "DATE001"),
        ("-5", "DATE001"),
        ("1 December, 2020", "DATE001"),
        ("Decem 1 2020", "DATE001"),
        ("Feb 30 2020", "DATE003"),
        ("\u0662\u0660\u0662\u0660-\u0661\u0662-\u0660\u0661", "DATE001"),
        ("2020-12-01T10", "DATE001"),
        ("2020-12-01" * 20, "DATE001"),
        ("13/12/2020", "DATE001"),
        ("01/12/2020", "DATE002"),
        ("1.2.20", "DATE002"),
        ("01-12-2020 10:00", "DATE002"),
        ("2020-12-01 10:00 EST", "DATE002"),
        ("Tue, 01 Dec 2020 10:00:00 EST", "DATE002"),
        ("2020-13-45", "DATE003"),
        ("2002-14-01", "DATE003"),
        ("2021-02-29", "DATE003"),
        ("2020-12-01 24:00", "DATE003"),
        ("2020-12-01 10:60", "DATE003"),
        ("2020-12-01 10:00:60", "DATE003"),
        ("2020-12-01 10:00 +25:00", "DATE003"),
        ("Mon, 01 Dec 2020 10:00:00 +0800", "DATE003"),
        ("32 Dec 2020 10:00:00 +0800", "DATE003"),
        ("1899-12-31", "DATE003"),
        ("9999-01-01", "DATE003"),
        ("0000-01-01", "DATE003"),
        (datetime(9999, 12, 31, 23), "DATE003"),  # noqa: DTZ001
    ],
)
def test_what_is_no_date(value: Value, code: str) -> None:
    """No date, two readings, or no such day: each by its code, with a hint."""
    with pytest.raises(Flaw) as caught:
        moment(value, TAIPEI)
    assert caught.value.code == code
    assert caught.value.hint


def test_the_two_readings_are_shown() -> None:
    """The hint on an ambiguous date holds both days, ready to copy."""
    with pytest.raises(Flaw) as caught:
        moment("03/12/2020", TAIPEI)
    assert "2020-12-03" in caught.value.hint
    assert "2020-03-12" in caught.value.hint


def test_an_hour_that_never_was_is_an_error() -> None:
    """When clocks go forward, the hour they skip is nobody's."""
    with pytest.raises(Flaw) as caught:
        moment("2020-03-29 02:30", BERLIN)
    assert caught.value.code == "DATE003"


def test_a_day_that_never_was_is_an_error() -> None:
    """Samoa had no 30 December 2011."""
    with pytest.raises(Flaw) as caught:
        moment("2011-12-30", ZoneInfo("Pacific/Apia"))
    assert caught.value.code == "DATE003"


@pytest.mark.parametrize(
    ("name", "day", "rest"),
    [
        ("2020-12-01-a", date(2020, 12, 1), "a"),
        ("2017-2-5-a", date(2017, 2, 5), "a"),
        ("2020-12-01", date(2020, 12, 1), ""),
        ("2020-12-01_a", date(2020, 12, 1), "a"),
        ("20201201-a", None, "20201201-a"),
        ("a-2020-12-01", None, "a-2020-12-01"),
        ("2020-12-011", None, "2020-12-011"),
    ],
)
def test_days_in_file_names(name: str, day: date | None, rest: str) -> None:
    """A name starts with a day or it does not."""
    assert named_day(name) == (day, rest)


def test_a_file_name_with_an_impossible_day_is_an_error() -> None:
    """``2020-02-30-a`` is a slip, not a name."""
    with pytest.raises(Flaw) as caught:
        named_day("2020-02-30-a")
    assert caught.value.code == "DATE003"


def test_days_elsewhere() -> None:
    """Folders may hold a day; a trailer's text is a day or nothing."""
    assert foldered_day("blog/2019/05/15/a") == date(2019, 5, 15)
    assert foldered_day("2019/5/15-a") == date(2019, 5, 15)
    assert foldered_day("2019/13/15/a") is None
    assert foldered_day("v2019/05/150") is None
    assert day_of(" 2020-12-01 ") == date(2020, 12, 1)
    assert day_of("2020-12-32") is None
    assert day_of("2020-12-01 and more") is None


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2020-12-01 10:00 CST", TAIPEI, "2020-12-01T10:00:00+08:00"),
        ("2020-07-01 10:00 CEST", BERLIN, "2020-07-01T10:00:00+02:00"),
        ("2020-07-01 10:00 CET", BERLIN, "2020-07-01T10:00:00+01:00"),
        ("Tue, 01 Dec 2020 10:00:00 CET", BERLIN, "2020-12-01T10:00:00+01:00"),
    ],
)
def test_the_name_of_the_sites_own_zone_is_read(text: str, zone: ZoneInfo, expected: str) -> None:
    """Names of zones are ambiguous; the site's own is taken, with a warning (DATE009)."""
    found = read_date(text, zone)
    assert (found.at.isoformat(), found.code) == (expected, "DATE009")


def test_a_time_without_a_zone_is_told() -> None:
    """A local time is the site's, and that is said (DATE006); a day alone needs no zone."""
    assert read_date("2020-12-01 10:00", TAIPEI).code == "DATE006"
    assert read_date(datetime(2020, 12, 1, 10), TAIPEI).code == "DATE006"  # noqa: DTZ001
    assert read_date("2020-12-01", TAIPEI).code == ""
    assert read_date("2020-12-01 10:00 +0800", TAIPEI).code == ""
    found = problem(read(front("date: 2020-12-01 10:00")), "DATE006")
    assert (found.severity, found.line) == ("info", 3)
    assert "Asia/Taipei" in found.says


def test_a_date_with_slashes_is_shown_as_it_should_be() -> None:
    """Hexo's ``2013/7/13 20:46:25`` is not guessed at; the hint is ready to copy."""
    with pytest.raises(Flaw) as caught:
        moment("2013/7/13 20:46:25", TAIPEI)
    assert "2013-07-13 20:46:25" in caught.value.hint


@pytest.mark.parametrize(
    ("keys", "path", "tail", "days"),
    [
        ("", "2018-05-09-a.md", "\n\nDate: 2018-05-05\n", "4 days"),
        ("date: 2018-05-09", "2018-05-01-a.md", "", "8 days"),
        ("date: 2018-05-09", "2018/05/01/a.md", "", "8 days"),
        ("date: 2018-05-09", "2018-05-08-a.md", "", ""),
        ("date: 2018-05-09", "a.md", "", ""),
    ],
)
def test_sources_of_a_date_that_disagree(keys: str, path: str, tail: str, days: str) -> None:
    """Two sources more than a day apart are told with both days, and which of them counts."""
    reading = read(front(keys, "Text." + tail), path)
    if days:
        found = problem(reading, "DATE005")
        assert days in found.says
        assert "counts" in found.says
    else:
        assert "DATE005" not in [one.code for one in reading.problems]


def test_a_front_matter_date_forgives_the_name_of_the_file() -> None:
    """A day in the name that never was is no matter where the front matter has a date."""
    assert read(front("date: 2020-12-01"), "2020-02-30-a.md").standing == "post"
    assert read(front(""), "2020-02-30-a.md").standing == "held"
