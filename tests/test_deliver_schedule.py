"""When what was not acknowledged is tried again, and when it is given up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syndicator.deliver.schedule import DELAYS, judge
from syndicator.model.feeds import Outcome, Verdict

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DOWN = Outcome(means="again", says="no")


def none() -> float:
    return 0.0


def most() -> float:
    return 1.0


def after(attempt: int, outcome: Outcome = DOWN, **fields: object) -> Verdict:
    """Judge the outcome of an attempt of now, without jitter."""
    return judge(outcome, attempt=attempt, now=NOW, jitter=none, **fields)  # type: ignore[arg-type]  # tests name fields they mean


def test_ten_attempts_spread_over_three_days() -> None:
    """5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h; after the tenth it is given up."""
    waits = []
    for attempt in range(1, 10):
        verdict = after(attempt)
        assert verdict.at is not None
        waits.append((verdict.at - NOW).total_seconds())
    assert waits == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert sum(DELAYS) == 75 * 3600 + 35 * 60 + 5
    last = after(10)
    assert (last.state, last.at) == ("dead", None)
    assert last.says == "no; given up after 10 attempts"


@pytest.mark.parametrize(("attempt", "spread"), [(1, 2), (2, 30), (4, 720), (9, 900)])
def test_jitter_only_adds_a_tenth_and_never_more_than_a_quarter_hour(
    attempt: int, spread: int
) -> None:
    """Receivers that were down together are not all asked in one second."""
    early = after(attempt)
    late = judge(DOWN, attempt=attempt, now=NOW, jitter=most)
    assert early.at is not None
    assert late.at is not None
    assert late.at - early.at == spread * SECOND


def test_a_receiver_may_ask_for_more_time_but_not_for_less() -> None:
    """Retry-After stretches the wait, up to a day, and never shortens it."""
    for asked, wait in ((120, 120), (1, 5), (99_999_999, 86_400)):
        verdict = after(1, Outcome(means="again", wait=asked))
        assert verdict.at == NOW + wait * SECOND


def test_an_endpoint_may_have_a_schedule_of_its_own() -> None:
    """As many waits as it names, and one attempt more than that."""
    assert after(2, delays=(1, 60)).at == NOW + 60 * SECOND
    assert after(3, delays=(1, 60)).says == "no; given up after 3 attempts"


def test_what_will_never_be_taken_is_given_up_at_once() -> None:
    """The message alone."""
    verdict = after(1, Outcome(means="dead", says="answered 400"))
    assert (verdict.state, verdict.at, verdict.says) == ("dead", None, "answered 400")


def test_what_an_endpoint_that_ends_did_not_take_is_kept() -> None:
    """Even at its last try: it may come back. What it took is taken."""
    gone = Outcome(means="gone", says="answered 410", status=410)
    assert (after(10, gone).state, after(10, gone).at) == ("again", NOW)
    assert after(1, replace(gone, status=204)).state == "done"


def test_what_must_not_come_twice_is_given_up_when_nobody_knows() -> None:
    """At most once: only what can't have arrived is sent again."""
    lost = Outcome(means="again", says="no answer", unknown=True)
    assert after(1, lost, once=True).state == "dead"
    assert after(1, lost).state == "again"
    assert after(1, DOWN, once=True).state == "again"
