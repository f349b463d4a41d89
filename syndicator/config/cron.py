"""Lines of a crontab, ``minute hour day month weekday``, with cron's own weekday numbers.

Each field becomes the values it means, so that nobody behind this has to know that cron counts
weekdays from Sunday, and APScheduler from Monday. Source: crontab(5) of Vixie cron.
"""

import re
from typing import Annotated, NamedTuple

from pydantic import AfterValidator

from syndicator.config.checks import unfit

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SUCH_AS = 'such as "*/15 * * * *", or "0 6 * * 1-5" for six on weekdays (0 and 7 are Sunday)'
_PART = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d{1,2}))?", re.ASCII)
_DAY, _WEEK, _MONTH, _YEAR = 86400.0, 7 * 86400.0, 31 * 86400.0, 366 * 86400.0


class Cron(NamedTuple):
    """The values of each field; ``weekday`` as names. None: any."""

    minute: tuple[int, ...]
    hour: tuple[int, ...]
    day: tuple[int, ...] | None
    month: tuple[int, ...]
    weekday: tuple[str, ...] | None

    @property
    def span(self) -> float:
        """Tell a time in seconds within which it comes round, whatever the day."""
        if len(self.month) < len(MONTHS):
            return _YEAR
        if self.weekday:
            return _WEEK
        return _MONTH if self.day else _DAY


def parse(line: str) -> Cron:
    """Read a line; ValueError for what cron would not take, or takes and never runs."""
    fields = line.split()
    if len(fields) != 5:  # noqa: PLR2004  # cron's five
        raise unfit(f"a cron line has five fields, and this has {len(fields)}", _SUCH_AS)
    minute = _values(fields[0], 0, 59)
    hour = _values(fields[1], 0, 23)
    day = None if fields[2] == "*" else _values(fields[2], 1, 31)
    month = _values(fields[3], 1, 12, MONTHS)
    weekday = None
    if fields[4] != "*":
        numbers = {number % 7 for number in _values(fields[4], 0, 7, WEEKDAYS)}
        weekday = tuple(WEEKDAYS[number] for number in sorted(numbers))
    longest = max({2: 29, 4: 30, 6: 30, 9: 30, 11: 30}.get(one, 31) for one in month)
    if day and not weekday and min(day) > longest:
        raise unfit("no month named here has such a day", _SUCH_AS)
    return Cron(minute, hour, day, month, weekday)


def _values(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> tuple[int, ...]:
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise unfit(f"{part!r} is nothing that cron knows", _SUCH_AS)
        every, first, last, step = match.groups()
        begin = low if every else _number(first, low, high, names)
        end = begin
        if last:
            end = _number(last, low, high, names)
            end += 7 if names is WEEKDAYS and last.lower() == "sun" and end < begin else 0
        elif every or step:
            end = high - (names is WEEKDAYS)  # 7 is Sunday once more
        if end < begin or step in {"0", "00"}:
            raise unfit(f"{part!r} names nothing", _SUCH_AS)
        found |= set(range(begin, end + 1, int(step or 1)))
    return tuple(sorted(found))


def _number(word: str, low: int, high: int, names: tuple[str, ...]) -> int:
    if word.lower() in names:
        return names.index(word.lower()) + low
    if not word.isdigit() or not low <= int(word) <= high:
        raise unfit(f"{word!r} is not from {low} to {high}", _SUCH_AS)
    return int(word)


def _line(value: str) -> str:
    if value:
        parse(value)
    return value


CronLine = Annotated[str, AfterValidator(_line)]
