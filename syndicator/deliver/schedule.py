"""What an outcome means for its delivery: done, again at a time, or given up. A pure function.

The schedule is that of Standard Webhooks 1.0.0: ten attempts over some 75 hours, with jitter that
only ever adds.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from syndicator.model import Outcome, Verdict

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
    outcome: Outcome,
    *,
    attempt: int,
    now: datetime,
    jitter: Callable[[], float],
    delays: Sequence[float] = (),
    once: bool = False,
) -> Verdict:
    """Judge what came of an attempt, which counts from 1.

    ``jitter`` brings a number from 0 up to 1; ``delays`` replaces the schedule. ``once``: what may
    have been taken is not sent again.
    """
    taken = HTTPStatus.OK <= outcome.status < HTTPStatus.MULTIPLE_CHOICES
    if outcome.means == "done" or (outcome.means == "gone" and taken):
        return Verdict(state="done", says=outcome.says, remote=outcome.remote)
    if outcome.means == "gone":  # what it is owed is kept, should it ever come back
        return Verdict(state="again", at=now, says=outcome.says)
    if outcome.means == "dead":
        return Verdict(state="dead", says=outcome.says)
    if once and outcome.unknown:
        says = f"{outcome.says}; it may have arrived, and is not to be sent twice"
        return Verdict(state="dead", says=says)
    waits = delays or DELAYS
    if attempt > len(waits):
        tries = f"{attempt} attempt{'s' if attempt > 1 else ''}"
        return Verdict(state="dead", says=f"{outcome.says}; given up after {tries}")
    delay = waits[attempt - 1]
    spread = min(max(2.0, delay / 10), 15 * _MINUTE)
    wait = max(delay + jitter() * spread, min(outcome.wait, PATIENCE))
    at = now + timedelta(seconds=wait)
    return Verdict(state="again", at=at, says=outcome.says)
