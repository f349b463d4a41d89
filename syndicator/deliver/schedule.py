"""What an attempt means for its delivery: done, again at a time, or given up. A pure function.

The schedule is that of Standard Webhooks 1.0.0: ten attempts over some 75 hours, with jitter that
only ever adds.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from syndicator.model import Verdict

_MINUTE, _HOUR = 60, 3600
DELAYS = (
    5,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)  # seconds after the first, second, … attempt; the tenth is the last
PATIENCE = timedelta(hours=24)  # the longest Retry-After that is honoured


def judge(
    status: int,
    headers: Mapping[str, str],
    *,
    attempt: int,
    now: datetime,
    jitter: Callable[[], float],
) -> Verdict:
    """Judge an answer; ``attempt`` counts from 1, ``jitter`` brings a number from 0 up to 1.

    2xx is done, 410 Gone is given up (the receiver asks for it); everything else is tried again,
    redirects too: they are never followed, a receiver may still mend its address.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict(state="done")
    if status == HTTPStatus.GONE:
        return Verdict(state="dead", says="answered 410 Gone: it wants no more")
    says = f"answered {status}{_phrase(status)}"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        says += "; redirects are not followed: set the address it points to"
    asked = retry_after(headers.get("retry-after", ""), now)
    return again(says, attempt=attempt, now=now, jitter=jitter, asked=asked)


def again(
    says: str,
    *,
    attempt: int,
    now: datetime,
    jitter: Callable[[], float],
    asked: timedelta = timedelta(0),
) -> Verdict:
    """Set the next attempt after the one that just failed, or give up after the last."""
    if attempt > len(DELAYS):
        return Verdict(state="dead", says=f"{says}; given up after {attempt} attempts")
    delay = DELAYS[attempt - 1]
    spread = min(max(2.0, delay / 10), 15 * _MINUTE)
    wait = max(timedelta(seconds=delay + jitter() * spread), min(asked, PATIENCE))
    return Verdict(state="again", at=now + wait, says=says)


def retry_after(value: str, now: datetime) -> timedelta:
    """Read a Retry-After header (RFC 9110, 10.2.3): seconds or a date; zero for anything else."""
    value = value.strip()
    if value.isascii() and value.isdecimal():
        return timedelta(seconds=min(int(value[:9]), 10**8))
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return timedelta(0)
    return max(timedelta(0), (date if date.tzinfo else date.replace(tzinfo=UTC)) - now)


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
