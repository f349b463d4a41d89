"""What an answer means for a delivery."""

from datetime import UTC, datetime, timedelta

import pytest

from syndicator.deliver.schedule import DELAYS, again, judge

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def none() -> float:
    return 0.0


def most() -> float:
    return 1.0


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_done(status: int) -> None:
    """The receiver has it; nothing it says in the body matters."""
    verdict = judge(status, 5, attempt=1, now=NOW, jitter=none)
    assert (verdict.state, verdict.at) == ("done", None)


def test_410_is_given_up_at_once() -> None:
    """Gone is the receiver's way to say: no more."""
    verdict = judge(410, 0, attempt=1, now=NOW, jitter=none)
    assert (verdict.state, verdict.at) == ("dead", None)
    assert "410 Gone" in verdict.says


@pytest.mark.parametrize("status", [100, 304, 400, 401, 404, 408, 429, 500, 503, 599, 799])
def test_everything_else_is_tried_again(status: int) -> None:
    """A receiver may be mended; only it can say that it never will."""
    verdict = judge(status, 0, attempt=1, now=NOW, jitter=none)
    assert (verdict.state, verdict.at) == ("again", NOW + 5 * SECOND)
    assert verdict.says.startswith(f"answered {status}")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_says_what_to_do(status: int) -> None:
    """A signed message goes where it was addressed to, or nowhere."""
    verdict = judge(status, 0, attempt=1, now=NOW, jitter=none)
    assert verdict.state == "again"
    assert "set the address it points to" in verdict.says


def test_ten_attempts_spread_over_three_days() -> None:
    """5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h; after the tenth it is given up."""
    waits = []
    for attempt in range(1, 10):
        verdict = again("no", attempt=attempt, now=NOW, jitter=none)
        assert verdict.at is not None
        waits.append((verdict.at - NOW).total_seconds())
    assert waits == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert sum(DELAYS) > 75 * 3600
    last = again("no", attempt=10, now=NOW, jitter=none)
    assert (last.state, last.at) == ("dead", None)
    assert last.says == "no; given up after 10 attempts"


@pytest.mark.parametrize(("attempt", "spread"), [(1, 2), (2, 30), (4, 720), (9, 900)])
def test_jitter_only_adds_a_tenth_and_never_more_than_a_quarter_hour(
    attempt: int, spread: int
) -> None:
    """Receivers that were down together are not all asked in one second."""
    early = again("no", attempt=attempt, now=NOW, jitter=none)
    late = again("no", attempt=attempt, now=NOW, jitter=most)
    assert early.at is not None
    assert late.at is not None
    assert late.at - early.at == spread * SECOND


def test_a_receiver_may_ask_for_more_time_but_not_for_less() -> None:
    """Retry-After stretches the wait, up to a day, and never shortens it."""
    for asked, wait in ((120, 120), (1, 5), (99_999_999, 86_400)):
        verdict = judge(503, asked, attempt=1, now=NOW, jitter=none)
        assert verdict.at == NOW + wait * SECOND


@pytest.mark.parametrize(
    ("status", "rest"), [(429, True), (500, True), (503, True), (400, False), (302, False)]
)
def test_only_what_is_wrong_with_the_endpoint_lets_it_rest(status: int, rest: bool) -> None:
    """A message that one refuses says nothing of the next; one that is down is left alone."""
    assert judge(status, 0, attempt=1, now=NOW, jitter=none).rest is rest
