"""What is owed, to whom, and what came of each try."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from records import AT, owed
from sqlalchemy import text

from syndicator.doors.store import Store, outbox
from syndicator.doors.store.apply import apply
from syndicator.model import Joined, Parcel, Record, Settled, Verdict

HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open a store that owes: three to ``ops``, one to ``news``, one of them later."""
    records: list[Record] = [
        *(Joined(at=AT, endpoint=name, since="all") for name in ("ops", "news", "late")),
        owed("m1"),
        owed("m2"),
        owed("n1", "news"),
        owed("m3"),
        owed("late", "late", AT + HOUR),
    ]
    with Store(tmp_path / "state.db") as made:
        with made.transaction() as session:
            apply(session, records)
        yield made


def claim(store: Store, *endpoints: str, limit: int = 64, hours: int = 0) -> list[Parcel]:
    with store.transaction() as session:
        return outbox.claim(session, AT + hours * HOUR, endpoints, limit)


def finish(store: Store, parcel: Parcel, verdict: Verdict) -> None:
    with store.transaction() as session:
        outbox.finish(session, parcel, verdict, at=AT, milliseconds=12, status=500)


def states(store: Store) -> dict[str, str]:
    with store.transaction() as session:
        found = session.connection().execute(text("SELECT message, state FROM delivery"))
        return {row[0]: row[1] for row in found}


def names(parcels: list[Parcel]) -> list[str]:
    return [parcel.message for parcel in parcels]


def test_what_is_due_is_leased_in_order_and_once(store: Store) -> None:
    """Only for the endpoints asked for, only what is due, and only up to the limit."""
    assert names(claim(store, "ops", limit=2)) == ["m1", "m2"]
    assert names(claim(store, "ops", "news", "late")) == ["n1", "m3"]
    assert claim(store, "ops", "news", "late") == []
    assert names(claim(store, "late", hours=1)) == ["late"]


def test_a_parcel_holds_the_frozen_message(store: Store) -> None:
    """Everything an attempt needs; the bytes are those of the journal."""
    (parcel,) = claim(store, "news")
    assert (parcel.message, parcel.endpoint, parcel.kind) == ("n1", "news", "post.published")
    assert (parcel.body, parcel.attempts) == (b"{}", 0)


def test_an_endpoint_that_failed_rests(store: Store) -> None:
    """Until the next attempt is due, whoever asks; then it gets all in order."""
    first, *_ = claim(store, "ops", limit=1)
    finish(store, first, Verdict(state="again", at=AT + HOUR, rest=True, says="down"))
    assert names(claim(store, "ops", "news")) == ["n1"]
    retried = claim(store, "ops", hours=1)
    assert [(one.message, one.attempts) for one in retried] == [("m1", 1), ("m2", 0), ("m3", 0)]


def test_one_that_answers_again_rests_no_more(store: Store) -> None:
    """A single success ends it for what is not yet due, too."""
    first, second, _ = claim(store, "ops")
    finish(store, first, Verdict(state="again", at=AT + HOUR, rest=True, says="down"))
    finish(store, second, Verdict(state="done"))
    with store.transaction() as session:
        outbox.free_leases(session)
    assert names(claim(store, "ops")) == ["m3"]


def test_a_refused_message_stops_only_what_is_about_the_same_post(store: Store) -> None:
    """Its successor waits with it; the other posts' go on, and later ones line up behind."""
    with store.transaction() as session:
        apply(session, [owed("a1", subject="a"), owed("b1", subject="b"), owed("a2", subject="a")])
    claimed = {one.message: one for one in claim(store, "ops")}
    finish(store, claimed["a1"], Verdict(state="again", at=AT + HOUR, says="no"))
    with store.transaction() as session:
        outbox.release(session, [claimed["a2"].delivery])
        outbox.line_up(session, ["a2"])
        apply(session, [owed("a3", subject="a"), owed("b2", subject="b")])
    assert names(claim(store, "ops")) == ["b2"]
    assert names(claim(store, "ops", hours=1)) == ["a1", "a2", "a3"]


def test_what_was_given_up_stops_nobody(store: Store) -> None:
    """The ones behind a dead delivery go on."""
    first, *_ = claim(store, "ops", limit=1)
    finish(store, first, Verdict(state="dead", says="gone"))
    assert names(claim(store, "ops")) == ["m2", "m3"]
    assert states(store)["m1"] == "dead"


def test_every_attempt_is_noted(store: Store) -> None:
    """Number, time, duration, status and error: what a person asks first."""
    (parcel,) = claim(store, "news")
    finish(store, parcel, Verdict(state="again", at=AT, says="down"))
    (parcel,) = claim(store, "news")
    finish(store, parcel, Verdict(state="done"))
    with store.transaction() as session:
        found = session.connection().execute(
            text("SELECT n, at, milliseconds, status, error FROM attempt ORDER BY id")
        )
        assert [tuple(row) for row in found] == [
            (1, AT.isoformat(), 12, 500, "down"),
            (2, AT.isoformat(), 12, 500, ""),
        ]
    assert states(store)["n1"] == "done"


def test_waiting_tells_how_much_and_when_the_oldest_is_due(store: Store) -> None:
    """What is leased is still owed."""
    first, *_ = claim(store, "ops", limit=1)
    finish(store, first, Verdict(state="again", at=AT + HOUR, rest=True, says="down"))
    claim(store, "news")
    with store.transaction() as session:
        assert outbox.waiting(session) == {
            "ops": (3, AT + HOUR),
            "news": (1, AT),
            "late": (1, AT + HOUR),
        }


def test_what_was_not_tried_is_given_back(store: Store) -> None:
    """By the sender that stops, or by the next pass after one that died."""
    parcels = claim(store, "ops")
    with store.transaction() as session:
        outbox.release(session, [parcels[2].delivery])
    assert names(claim(store, "ops")) == ["m3"]
    with store.transaction() as session:
        outbox.free_leases(session)
    assert names(claim(store, "ops")) == ["m1", "m2", "m3"]


def test_an_endpoint_that_left_the_configuration_gets_nothing_until_it_is_back(
    store: Store,
) -> None:
    """What it is owed waits with it; no other endpoint notices."""
    with store.transaction() as session:
        outbox.hold(session, ["news"])
    assert names(claim(store, "ops", "news")) == ["n1"]
    with store.transaction() as session:
        outbox.hold(session, ["ops", "news"])
    assert names(claim(store, "ops")) == ["m1", "m2", "m3"]


def test_settled_in_the_journal_is_settled_here(store: Store) -> None:
    """After a rebuild nothing is sent that was acknowledged."""
    done = Settled(at=AT, message="n1", endpoint="news", verdict="done", status=204)
    with store.transaction() as session:
        apply(session, [done])
    assert claim(store, "news") == []


def test_joined_tells_who_was_configured_before(store: Store) -> None:
    """By name, with what it was to hear from the start."""
    with store.transaction() as session:
        apply(session, [Joined(at=AT, endpoint="ops", since="all")])
        assert outbox.joined(session) == {"ops": "all", "news": "all", "late": "all"}
