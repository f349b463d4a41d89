"""What an attempt means for its delivery: done, again at a time, or given up. A pure function.

The schedule is that of Standard Webhooks 1.0.0: ten attempts over some 75 hours, with jitter that
only ever adds.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
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
PATIENCE = 24.0 * _HOUR  # seconds: the longest Retry-After that is honoured


def judge(
    status: int,
    asked: float,
    *,
    attempt: int,
    now: datetime,
    jitter: Callable[[], float],
) -> Verdict:
    """Judge an answer; ``asked`` is its Retry-After in seconds, ``attempt`` counts from 1.

    2xx is done, 410 Gone is given up (the receiver asks for it); everything else is tried again,
    redirects too: they are never followed, a receiver may still mend its address. After 429 and
    5xx the endpoint rests as a whole. ``jitter`` brings a number from 0 up to 1.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict(state="done")
    if status == HTTPStatus.GONE:
        return Verdict(state="dead", says="answered 410 Gone: it wants no more")
    says = f"answered {status}{_phrase(status)}"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        says += "; redirects are not followed: set the address it points to"
    rest = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return again(says, attempt=attempt, now=now, jitter=jitter, asked=asked, rest=rest)


def again(
    says: str,
    *,
    attempt: int,
    now: datetime,
    jitter: Callable[[], float],
    asked: float = 0.0,
    rest: bool = True,
) -> Verdict:
    """Set the next attempt after the one that just failed, or give up after the last."""
    if attempt > len(DELAYS):
        return Verdict(state="dead", says=f"{says}; given up after {attempt} attempts")
    delay = DELAYS[attempt - 1]
    spread = min(max(2.0, delay / 10), 15 * _MINUTE)
    wait = max(delay + jitter() * spread, min(asked, PATIENCE))
    return Verdict(state="again", at=now + timedelta(seconds=wait), rest=rest, says=says)


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
