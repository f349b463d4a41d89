"""How an endpoint is doing, and when it is asked again: a circuit breaker; pure.

A single failure is the message's own matter: its schedule says when it is tried again. An endpoint
that asks for a pause gets it, and one that fails five times in a row is left alone but for probes:
one message at a time, 5 seconds apart at first, at most an hour. One that fails for five days is
disabled.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from syndicator.deliver.schedule import PATIENCE
from syndicator.model.feeds import Health, Outcome

OPENS = 5  # failures in a row
FIRST, LONGEST = 5.0, 3600.0  # seconds between probes
HOPELESS = timedelta(days=5)
_LEAST = 2  # failures: one is none, however long ago


def is_open(health: Health) -> bool:
    """Say whether only single probes go to this endpoint."""
    return health.streak >= OPENS


def after(
    health: Health, outcome: Outcome, *, now: datetime, jitter: Callable[[], float]
) -> Health:
    """Tell how an endpoint is after an attempt of ``now``.

    Whatever answers, even with a refusal, is up; only ``again`` is a failure of the endpoint.
    """
    says = outcome.says if outcome.alarm else "" if outcome.means == "done" else health.says
    if outcome.means == "gone":
        return replace(health, state="disabled", says=outcome.says)
    if outcome.means != "again":
        wait = timedelta(seconds=min(outcome.wait, PATIENCE) if outcome.busy else 0)
        return replace(health, streak=0, since=None, until=now + wait if wait else None, says=says)
    streak, since = health.streak + 1, health.since or now
    if streak >= _LEAST and now - since >= HOPELESS:
        why = f"failed for {(now - since).days} days, last: {outcome.says}"
        return replace(health, state="disabled", streak=streak, since=since, says=why)
    pause = _pause(streak, outcome, jitter)
    until = now + timedelta(seconds=pause) if pause else health.until
    return replace(health, streak=streak, since=since, until=until, says=says)


def _pause(streak: int, outcome: Outcome, jitter: Callable[[], float]) -> float:
    """Tell for how many seconds to leave it alone; 0: the schedule of the message is enough."""
    asked = min(outcome.wait, PATIENCE) if outcome.busy else 0.0
    steps = streak - OPENS if streak >= OPENS else streak - 1 if outcome.busy else -1
    if steps < 0:
        return asked
    own: float = min(FIRST * 2.0 ** min(steps, 20), LONGEST)
    return max(own * (1 + jitter() / 10), asked)
