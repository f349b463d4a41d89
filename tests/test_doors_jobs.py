"""What the daemon's jobs came to, and how it stands with receivers, in a store of either kind."""

from datetime import UTC, datetime, timedelta

import pytest
from records import AT, owed

from syndicator.doors import affairs, index, jobs, receivers
from syndicator.doors.store import Store, lanes
from syndicator.doors.store.apply import apply
from syndicator.model.feeds import Verdict
from syndicator.model.records import Alerted, Joined

MINUTE = timedelta(minutes=1)


@pytest.fixture
def place(state: index.Where) -> index.Where:
    """Make an empty store."""
    Store(state).close()
    return state


def ended(says: str = "", minutes: int = 0) -> jobs.Ended:
    at = AT + minutes * MINUTE
    return jobs.Ended(name="pass", at=at, says=says, seconds=1.5, upcoming=at + MINUTE)


def noted(place: index.Where) -> list[tuple[object, ...]]:
    known = affairs.standing(place)
    assert known is not None
    return list(known.jobs)


def test_a_job_is_noted_with_its_last_good_end(place: index.Where) -> None:
    """A failure is counted, and keeps when it went well last."""
    now = int(AT.timestamp())
    assert not jobs.note(place, ended(), 3)
    assert noted(place) == [("pass", now, now, "ok", "", 0, 1500, now + 60)]
    assert not jobs.note(place, ended("no disk", 1), 3)
    assert not jobs.note(place, ended("no disk", 2), 3)
    assert noted(place) == [("pass", now + 120, now, "failed", "no disk", 2, 1500, now + 180)]


def test_who_fails_again_and_again_is_to_be_told_of(place: index.Where) -> None:
    """Once it failed so often; and once it goes well after that was told."""
    assert [jobs.note(place, ended("no"), 2) for _ in range(2)] == [False, True]
    told = Alerted(at=AT, kind="job", name="pass", state="failing", failures=2, says="no")
    with Store(place) as store, store.transaction() as session:
        apply(session, [told])
    assert not jobs.note(place, ended("no"), 2)
    assert jobs.note(place, ended(), 2)


def test_a_job_that_is_done_no_more_is_shown_no_more(place: index.Where) -> None:
    """Whoever was told that it fails is to be told that this has ended."""
    jobs.note(place, ended("no"), 1)
    assert not jobs.leave(place, ["pass", "never"], AT)
    assert noted(place) == []
    told = Alerted(at=AT, kind="job", name="pass", state="failing", failures=1, says="no")
    with Store(place) as store, store.transaction() as session:
        apply(session, [told])
    assert jobs.leave(place, ["pass"], AT)


def test_a_failed_job_wakes_whoever_sends_what_is_due(place: index.Where) -> None:
    """A push that is owed does not wait for a pass that can be made."""
    with Store(place) as store, store.transaction() as session:
        apply(session, [Joined(at=AT, endpoint="ops", since="all"), owed("m1")])
    assert jobs.note(place, ended("no"), 0)


def test_receivers_are_told_with_what_they_are_owed(place: index.Where) -> None:
    """And with their last try; none that is not configured."""
    with Store(place) as store, store.transaction() as session:
        joined = (Joined(at=AT, endpoint=name, since="all") for name in ("news", "ops"))
        apply(session, [*joined, owed("m1"), owed("m2", subject="s2")])
        (parcel,) = lanes.claim(session, AT, {"ops": 1})
        dead = Verdict(state="dead", says="gone")
        lanes.finish(session, [lanes.Finished(parcel, dead, AT, 1, 410)])
    (ops,) = receivers.standing(place, ["ops"])
    assert (ops.owed, ops.dead, ops.held, ops.status, ops.error) == (1, 1, 0, 410, "gone")
    assert ops.next_at == datetime.fromtimestamp(int(AT.timestamp()), UTC)
    assert ops.tried_at == AT
    assert receivers.checked(place) is None
