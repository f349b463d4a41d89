"""Dates, strictly: what is written is either one moment or an error; nothing is guessed.

Read are ISO 8601 days and times (with ``T`` or a blank, fractions, ``Z`` or an offset, a blank
before the offset as Jekyll writes it), RFC 2822 (3.3), a day with the English name of its month
(``Jul 08 2022``, as Astro's template has it), and TOML's own dates. A day without a time
is noon in the site's zone; a time without an offset is the site's. Results carry a fixed offset.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from syndicator.normalise.findings import Flaw, shown
from syndicator.normalise.values import Value

_NOON: Final = time(12)
_MINUTE: Final = timedelta(minutes=1)
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 9998  # one less than datetime's own, so that no zone leads out of it
_OFFSET: Final = r"Z|z|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2}|\(?[A-Z]{3,5}\)?"
_ISO: Final = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:(?:[Tt]|[ ]+)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,12}))?)?"
    rf"[ ]*({_OFFSET})?)?"
)
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_NAMED: Final = re.compile(r"([A-Za-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})")
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RFC2822: Final = re.compile(
    r"(?:([A-Za-z]{3}),[ ]*)?([0-9]{1,2}) ([A-Za-z]{3}) ([0-9]{4}) "
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))? (Z|UT|[A-Z]{3,5}|[+-][0-9]{4})"
    r"(?: \([A-Za-z ]{1,40}\))?"
)
_NUMBERS: Final = re.compile(
    r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})\b.*", re.DOTALL
)
_ZONE_WORD: Final = re.compile(r".*[0-9] ?\(?([A-Z]{2,5}|[A-Z][a-z]+/\w+)\)?", re.DOTALL)
_FILE_NAME: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?=[-_ ]|$)[-_ ]*")
_FOLDERS: Final = re.compile(r"(?:^|/)([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})(?=/|$|-)")
_HINT: Final = "write it as 2020-12-01 or 2020-12-01 10:00:00 +08:00"
_LONGEST: Final = 80
_SLASHED: Final = re.compile(r"([0-9]{4})[/.]([0-9]{1,2})[/.]([0-9]{1,2})((?:[T ][0-9:+Z -]*)?)")


class Read(NamedTuple):
    """A moment, and what to remark on how it was written: a code and a sentence, or nothing."""

    at: datetime
    code: str = ""
    says: str = ""


def moment(value: Value, zone: ZoneInfo) -> datetime:
    """Return the moment a front matter value names, with a fixed offset.

    Raises ``Flaw``: DATE001 no date, DATE002 more than one reading, DATE003 no such day or hour.
    """
    return read(value, zone).at


def read(value: Value, zone: ZoneInfo) -> Read:
    """Return a moment as ``moment`` does, and a remark: DATE006 no zone, DATE009 a zone's name."""
    if isinstance(value, datetime):
        return _zoned(value, zone)
    if isinstance(value, date):
        return Read(noon(value, zone))
    text = value.strip() if isinstance(value, str) else str(value)
    if not isinstance(value, str) or len(text) > _LONGEST:
        raise Flaw("DATE001", f"{shown(text)!r} is not a date", _HINT)
    if match := _ISO.fullmatch(text):
        return _iso(match, text, zone)
    if match := _RFC2822.fullmatch(text):
        return _rfc2822(match, text, zone)
    if (match := _NAMED.fullmatch(text)) and (month := _month(match.group(1))):
        return _named(text, int(match.group(3)), month, int(match.group(2)), zone)
    raise _unreadable(text)


def noon(day: date, zone: ZoneInfo) -> datetime:
    """Noon of a day in the site's zone, so that the day shifts for nobody nearby."""
    return _checked(datetime.combine(day, _NOON), zone)


def day_of(text: str) -> date | None:
    """Return the day of ``2020-12-01`` (one-digit months and days too), else None."""
    match = _FILE_NAME.fullmatch(text.strip())
    return _day(*match.groups()) if match else None


@lru_cache(maxsize=16)  # one name is asked for its day, and for what follows that, in a row
def named_day(name: str) -> tuple[date | None, str]:
    """Return the day a name starts with (Jekyll's ``2017-2-5-`` too), and the rest of the name.

    Raises ``Flaw`` DATE003 when the name starts like a day there never was.
    """
    match = _FILE_NAME.match(name)
    if match is None:
        return None, name
    day = _day(*match.groups())
    if day is None:
        raise Flaw(
            "DATE003",
            f"the file name starts with {match.group().rstrip('-_ ')!r}, and there is no such day",
            "rename the file",
        )
    return day, name[match.end() :]


def foldered_day(path: str) -> date | None:
    """Return the day in a path such as ``2019/05/15/title``, else None."""
    match = _FOLDERS.search(path)
    return _day(*match.groups()) if match else None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def _iso(match: re.Match[str], text: str, zone: ZoneInfo) -> Read:
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        if hour is None:
            return Read(noon(date(int(year), int(month), int(day)), zone))
        micro = int((fraction or "0").ljust(6, "0")[:6])
        clock = time(int(hour), int(minute), int(second or 0), micro)
        local = datetime.combine(date(int(year), int(month), int(day)), clock)
        return _offset(local, offset, zone, text)
    except Flaw:
        raise
    except ValueError as e:
        raise _impossible(text, e) from None


def _month(name: str) -> int:
    """Return the number of a month, by its English name or the first three letters; else 0."""
    lower = name.lower()
    return next((n for n, one in enumerate(_MONTHS, 1) if lower in (one, one[:3])), 0)


def _named(text: str, year: int, month: int, day: int, zone: ZoneInfo) -> Read:
    try:
        return Read(noon(date(year, month, day), zone))
    except Flaw:
        raise
    except ValueError as e:
        raise _impossible(text, e) from None


def _rfc2822(match: re.Match[str], text: str, zone: ZoneInfo) -> Read:
    weekday, day, month, year, hour, minute, second, offset = match.groups()
    number = _month(month)
    if not number:
        raise Flaw("DATE001", f"{shown(text)!r} is not a date: no month is called {month}", _HINT)
    try:
        clock = time(int(hour), int(minute), int(second or 0))
        local = datetime.combine(date(int(year), number, int(day)), clock)
        found = _offset(local, offset, zone, text)
    except Flaw:
        raise
    except ValueError as e:
        raise _impossible(text, e) from None
    if weekday and weekday.lower() != _WEEKDAYS[local.weekday()]:
        real = _WEEKDAYS[local.weekday()].title()
        raise Flaw(
            "DATE003",
            f"{shown(text)!r}: that day was a {real}, not a {weekday}",
            "correct the weekday or the day",
        )
    return found


def _offset(local: datetime, offset: str | None, zone: ZoneInfo, text: str) -> Read:
    """Return a local time as the moment its offset, or the name of its zone, makes it."""
    if offset is None:
        return _zoned(local, zone)
    word = offset.strip("()")
    if word in ("Z", "z", "UT", "UTC", "GMT"):
        return Read(_checked(local.replace(tzinfo=UTC), zone))
    if word[0] in "+-":
        return Read(_in_years(local.replace(tzinfo=_numeric(word))))
    if not _FIRST_YEAR <= local.year <= _LAST_YEAR:
        return Read(_checked(local, zone))
    # the site's own zone may go by this name, in one season or the other
    for at in (local, local.replace(month=1, day=1), local.replace(month=7, day=1)):
        there = at.replace(tzinfo=zone)
        if there.tzname() == word:
            fixed_zone = timezone(there.utcoffset() or timedelta())
            moment_there = _checked(local.replace(tzinfo=fixed_zone), zone)
            said = moment_there.isoformat()[-6:]
            return Read(
                moment_there,
                "DATE009",
                f"{shown(text)!r}: {word} is the name of several zones; taken as {said}",
            )
    raise Flaw(
        "DATE002",
        f"{shown(text)!r}: {word} is the name of more than one zone or none",
        "write the offset in hours, such as +08:00",
    )


@lru_cache(maxsize=64)  # a site writes the same few again and again
def _numeric(offset: str) -> timezone:
    """Return the zone of an offset such as ``+0800``; raises ValueError for one there is not."""
    digits = offset[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:  # noqa: PLR2004  # +14:00 is the farthest there is
        raise ValueError(f"there is no offset {offset}")
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if offset[0] == "-" else span)


def _zoned(at: datetime, zone: ZoneInfo) -> Read:
    found = _checked(at, zone)
    if at.tzinfo is not None:
        return Read(found)
    return Read(found, "DATE006", f"no time zone; taken as {zone.key}, {found.isoformat()}")


def _checked(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment with a fixed offset; a time the clocks skipped is none."""
    _in_years(at)
    if at.tzinfo is None:
        local = at.replace(tzinfo=zone)
        there_and_back = local.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        if there_and_back != at:
            raise Flaw(
                "DATE003",
                f"{at:%Y-%m-%d %H:%M} never was in {zone.key}: the clocks were put forward",
                "name another time, or an offset",
            )
        at = local
    return fixed(at)


def _in_years(at: datetime) -> datetime:
    """Return a moment of years in which there are posts."""
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise Flaw(
            "DATE003",
            f"the year {at.year} can't be meant: posts are from {_FIRST_YEAR} on",
            _HINT,
        )
    return at


def fixed(at: datetime) -> datetime:
    """Return an aware moment with its offset as a number, in whole minutes."""
    if at.tzinfo is UTC:
        return at.replace(fold=0)
    span = at.utcoffset() or timedelta()
    # before zones were standard their offsets had seconds, which no feed format can carry
    return at.replace(tzinfo=_whole(span // _MINUTE), fold=0)


@lru_cache(maxsize=64)
def _whole(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


def _impossible(text: str, error: ValueError) -> Flaw:
    return Flaw("DATE003", f"{shown(text)!r}: {error}", "correct it: " + _HINT)


def _unreadable(text: str) -> Flaw:
    if match := _NUMBERS.fullmatch(text):
        first, second, year = match.groups()
        if int(first) <= 12 and int(second) <= 12:  # noqa: PLR2004  # months
            full = year if len(year) == 4 else "20" + year  # noqa: PLR2004
            return Flaw(
                "DATE002",
                f"{shown(text)!r} can be read as day/month or as month/day",
                f"write {full}-{int(second):02}-{int(first):02}"
                f" or {full}-{int(first):02}-{int(second):02}",
            )
    if match := _SLASHED.fullmatch(text):
        year, month, day, rest = match.groups()
        return Flaw(
            "DATE001",
            f"{shown(text)!r} is not a date in a form that every tool reads",
            f"write {year}-{int(month):02}-{int(day):02}{rest}",
        )
    if (match := _ZONE_WORD.fullmatch(text)) and any(c == ":" for c in text):
        return Flaw(
            "DATE002",
            f"{shown(text)!r}: {match.group(1)} is the name of more than one zone or none",
            "write the offset in hours, such as +08:00",
        )
    return Flaw("DATE001", f"{shown(text)!r} is not a date", _HINT)
