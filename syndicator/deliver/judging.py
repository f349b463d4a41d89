"""What an attempt means for its delivery and for its endpoint, and what the journal is told."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from syndicator.deliver import attempt
from syndicator.deliver.attempt import Sent
from syndicator.deliver.health import after, is_open
from syndicator.deliver.lane import Lane
from syndicator.doors.store.lanes import Finished
from syndicator.model.feeds import Verdict
from syndicator.model.records import Settled, Tried

_log = logging.getLogger(__name__)


def judged(
    sent: Sent,
    lane: Lane,
    *,
    crowd: Callable[[], bool],
    jitter: Callable[[], float],
    secrets: Iterable[str],
) -> Finished:
    """Judge an attempt for its delivery and, in ``lane``, for its endpoint.

    While the breaker is open, what waits is kept: a probe that fails is no attempt. A message
    that is alone, in no ``crowd``, has its schedule instead, and an end.
    """
    if sent.cut and not lane.once:
        return attempt.interrupted(sent)
    outcome, before = sent.outcome, lane.health
    verdict = attempt.verdict(sent, lane.target.endpoint, jitter)
    if not sent.cut and (sent.requests or outcome.means != "dead"):  # else nobody was asked
        lane.health = after(before, outcome, now=sent.ended, jitter=jitter)
    spared = is_open(before) and outcome.means == "again"
    spared = spared and not (outcome.unknown and lane.once) and crowd()
    if spared:
        verdict = Verdict(state="again", at=lane.health.until, says=outcome.says)
    if lane.strict and verdict.at is not None:
        lane.health = replace(lane.health, until=verdict.at)
    if lane.health.says and lane.health.says != before.says:
        says, about = lane.health.says, {"endpoint": lane.name}
        _log.warning("endpoint %s: %s", lane.name, says, extra=about)
    return attempt.finished(sent, verdict, burnt=not spared, secrets=secrets)


def told(one: Finished, lane: Lane) -> Iterator[Settled | Tried]:
    """Yield what the journal is told of an attempt."""
    if one.verdict.state != "again":
        yield attempt.settled(one.parcel, one.verdict, one.at, one.status)
    elif lane.once:
        yield attempt.tried(one.parcel, one.at, "unsent")
