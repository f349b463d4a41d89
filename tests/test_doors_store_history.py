"""What is told of pushes, and what is forgotten of them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from records import AT, owed
from sqlalchemy import text

from syndicator.doors.server import Server
from syndicator.doors.store import Session, Store, history, lanes
from syndicator.doors.store.apply import apply
from syndicator.model.feeds import Verdict
from syndicator.model.pushes import Ask
from syndicator.model.records import Joined, Settled

DAY = timedelta(days=1)


@pytest.fixture
def store(state: Path | Server) -> Iterator[Store]:
    """Open a store in which m1 is done, m2 dead and m3 owed to ops, n1 owed to news."""
    with Store(state) as made, made.transaction() as session:
        apply(session, [Joined(at=AT, endpoint=name, since="all") for name in ("ops", "news")])
        apply(session, [owed("m1"), owed("m2"), owed("m3"), owed("n1", "news", AT + DAY)])
        parcels = lanes.claim(session, AT, {"ops": 2})
        done, dead = Verdict(state="done"), Verdict(state="dead", says="answered 400")
        finished = [
            lanes.Finished(parcel, verdict, AT, 7, status)
            for parcel, verdict, status in zip(parcels, (done, dead), (204, 400), strict=True)
        ]
        lanes.finish(session, finished)
        apply(
            session,
            [Settled(at=AT, message="m1", endpoint="ops", verdict="done", status=204)],
        )
    with Store(state) as again:
        yield again


def names(session: Session, ask: Ask) -> list[str]:
    return [one.message for one in history.pushes(session, ask)]


def test_pushes_are_told_newest_first_and_by_what_is_asked(store: Store) -> None:
    """By endpoint, state, id, time and number."""
    with store.transaction() as session:
        assert names(session, Ask()) == ["n1", "m3", "m2", "m1"]
        assert names(session, Ask(endpoint="ops", limit=2)) == ["m3", "m2"]
        assert names(session, Ask(states=("dead", "done"))) == ["m2", "m1"]
        assert names(session, Ask(messages=("m3", "n1"))) == ["n1", "m3"]
        assert names(session, Ask(since=AT + DAY)) == ["n1"]


def test_the_tries_of_a_push_are_told_with_its_body(store: Store) -> None:
    """What came of each, and what is sent."""
    with store.transaction() as session:
        (tried,) = history.tries(session, "m2")
        assert (tried.n, tried.status, tried.says, tried.milliseconds) == (
            1,
            400,
            "answered 400",
            7,
        )
        assert history.body(session, "m2") == "{}"
        assert history.body(session, "none") == ""


def test_each_endpoint_is_told_with_its_counts(store: Store) -> None:
    """And how it has been answering."""
    with store.transaction() as session:
        found = history.standings(session, lanes.health(session))
    assert found["ops"].counts == {"done": 1, "dead": 1, "pending": 1}
    assert (found["news"].state, found["news"].counts) == ("active", {"pending": 1})


def test_what_is_done_is_forgotten_in_time_and_nothing_else(store: Store) -> None:
    """Its attempts and its message with it; what was given up or is owed stays."""
    with store.transaction() as session:
        assert history.prune(session, AT) == 0
        assert history.prune(session, AT + DAY) == 1
        assert names(session, Ask()) == ["n1", "m3", "m2"]
        left = session.connection().execute(text("SELECT count(*) FROM attempt")).scalar_one()
        assert (left, history.body(session, "m1")) == (1, "")


def test_what_took_long_is_kept_from_its_end_on_as_a_rebuilt_database_has_it(
    store: Store,
) -> None:
    """Not from when it was owed, nor from when its last try was planned: neither is journalled."""
    with store.transaction() as session:
        (parcel,) = lanes.claim(session, AT, {"ops": 1})
        late = Verdict(state="again", at=AT + 2 * DAY, says="answered 503")
        lanes.finish(session, [lanes.Finished(parcel, late, AT, 7, 503)])
        (again,) = lanes.claim(session, AT + 2 * DAY, {"ops": 1})
        lanes.finish(session, [lanes.Finished(again, Verdict(state="done"), AT + 2 * DAY, 7, 204)])
        end = Settled(at=AT + 3 * DAY, message="m3", endpoint="ops", verdict="done", status=204)
        apply(session, [end])
        assert history.prune(session, AT + 3 * DAY) == 1
        assert names(session, Ask()) == ["n1", "m3", "m2"]
        assert history.prune(session, AT + 4 * DAY) == 1


def test_what_a_receiver_has_a_name_for_is_kept(store: Store) -> None:
    """An edit or a removal in a year must name what was made of the post."""
    with store.transaction() as session:
        named = "UPDATE delivery SET remote = '42' WHERE message = 'm1'"
        session.connection().execute(text(named))
        assert history.prune(session, AT + DAY) == 0


@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_forgetting_looks_at_nothing_that_is_owed(store: Store) -> None:
    """However much there is: an index has what is over by its time."""
    with store.transaction() as session:
        explained = f"EXPLAIN QUERY PLAN {history.OLD.text}"
        plan = [row[3] for row in session.connection().exec_driver_sql(explained, {"before": 0})]
    assert "ix_delivery_over" in plan[0]
