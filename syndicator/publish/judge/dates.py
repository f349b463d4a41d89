"""Dates as feeds write them: RFC 822 with a year of four digits, and RFC 3339."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_RFC822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{2} "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d{2}:\d{2}(?::\d{2})? (?:GMT|UT|[+-]\d{4})"
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def moment(text: str) -> datetime | None:
    """Read a date of either form, leniently, with its offset (UTC where it has none)."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def is_rfc822(text: str) -> bool:
    """Tell whether a date is as the RSS Advisory Board's profile wants it."""
    return bool(_RFC822.fullmatch(text)) and moment(text) is not None


def is_rfc3339(text: str) -> bool:
    """Tell whether a date is as Atom and JSON Feed want it, with its offset."""
    return bool(_RFC3339.fullmatch(text)) and moment(text) is not None
