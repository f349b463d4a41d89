"""What an outcome means for its delivery: done, again at a time, or given up. A pure function.

The schedule is that of Standard Webhooks 1.0.0: ten attempts over some 75 hours, with jitter that
only ever adds.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from math import ceil

from syndicator.model.feeds import Outcome, Verdict

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
SETTLED = 5.0  # seconds at least that a process lives before it makes an interrupted attempt again
YOUNG = 20.0  # seconds: who is killed before that may be killed again as soon
SLOW = 5 * _MINUTE  # seconds at least, after a refusal: who deployed a fault needs time to see it
OLD = "given up: it is older than its endpoint's expires"
PATIENCE = 24.0 * _HOUR  # seconds: the longest Retry-After that is honoured


def judge(
    outcome: Outcome,
    *,
    attempt: int,
    now: datetime,
    jitter: Callable[[], float],
    delays: Sequence[float] = (),
    once: bool = False,
    until: datetime | None = None,
) -> Verdict:
    """Judge what came of an attempt, which counts from 1.

    ``jitter`` brings a number from 0 up to 1; ``delays`` replaces the schedule. ``once``: what may
    have been taken is not sent again. ``until``: after that it is of no use.
    """
    taken = HTTPStatus.OK <= outcome.status < HTTPStatus.MULTIPLE_CHOICES
    if outcome.means == "done" or (outcome.means == "gone" and taken):
        return Verdict(state="done", says=outcome.says, remote=outcome.remote)
    if outcome.means == "gone":  # what it is owed is kept, should it ever come back
        return Verdict(state="again", at=now, says=outcome.says)
    waits = delays or DELAYS
    why = _end(outcome, attempt, len(waits), once=once)
    if why is not None:
        return Verdict(state="dead", says=why)
    delay = waits[attempt - 1]
    if outcome.means == "refused" and not delays:
        delay = max(delay, SLOW)
    spread = min(max(2.0, delay / 10), 15 * _MINUTE)
    wait = max(delay + jitter() * spread, min(outcome.wait, PATIENCE))
    at = now + timedelta(seconds=wait)
    if until is not None and at > until:
        return Verdict(state="dead", says=f"{outcome.says}; {OLD}")
    return Verdict(state="again", at=at, says=outcome.says)


def settling(age: float) -> int:
    """Tell how many seconds a process has to have lived to make an interrupted attempt again.

    ``age`` is what the one had lived that was killed: where that was young, what kills it may come
    again as soon, and is not to find the message on its way a second time.
    """
    return ceil(max(SETTLED, 3 * age)) if age < YOUNG else ceil(SETTLED)


def _end(outcome: Outcome, attempt: int, most: int, *, once: bool) -> str | None:
    """Say why there is no further attempt, None where there is one."""
    if outcome.means == "dead":
        return outcome.says
    if once and outcome.unknown:
        return f"{outcome.says}; it may have arrived, and is not to be sent twice"
    if attempt > most:
        tries = f"{attempt} attempt{'s' if attempt > 1 else ''}"
        return f"{outcome.says}; given up after {tries}"
    return None
