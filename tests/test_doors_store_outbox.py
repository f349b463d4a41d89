"""What is owed, to whom, and what came of each try."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from records import AT, owed
from sqlalchemy import event, text

from syndicator.doors import index
from syndicator.doors.server import Server
from syndicator.doors.store import Store, lanes, outbox
from syndicator.doors.store.apply import apply
from syndicator.model.feeds import Health, Parcel, Verdict
from syndicator.model.records import Joined, Record, Reopened, Settled, Switched

HOUR = timedelta(hours=1)


@pytest.fixture
def store(state: Path | Server) -> Iterator[Store]:
    """Open a store that owes: three to ``ops``, one to ``news``, one of them later."""
    records: list[Record] = [
        *(Joined(at=AT, endpoint=name, since="all") for name in ("ops", "news", "late")),
        owed("m1"),
        owed("m2"),
        owed("n1", "news"),
        owed("m3"),
        owed("late", "late", AT + HOUR),
    ]
    with Store(state) as made:
        with made.transaction() as session:
            apply(session, records)
        yield made


def claim(
    store: Store, *endpoints: str, limit: int = 64, hours: int = 0, strict: bool = False
) -> list[Parcel]:
    with store.transaction() as session:
        wants = dict.fromkeys(endpoints, limit)
        return lanes.claim(session, AT + hours * HOUR, wants, endpoints if strict else ())


def finish(store: Store, parcel: Parcel, verdict: Verdict, *, burnt: bool = True) -> None:
    with store.transaction() as session:
        lanes.finish(session, [lanes.Finished(parcel, verdict, AT, 12, 500, burnt)])


def states(store: Store) -> dict[str, str]:
    with store.transaction() as session:
        found = session.connection().execute(text("SELECT message, state FROM delivery"))
        return {row[0]: row[1] for row in found}


def names(parcels: list[Parcel]) -> list[str]:
    return [parcel.message for parcel in parcels]


def test_what_is_owed_together_is_not_asked_for_one_by_one(store: Store) -> None:
    """Four hundred take as many statements as one does."""
    said: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    counted = []
    for number in (1, 400):
        said.clear()
        with store.transaction() as session:
            apply(session, [owed(f"x{number}-{n}", subject=f"s{n}") for n in range(number)])
        counted.append(len(said))
    assert counted[0] == counted[1]


def test_what_is_due_is_leased_in_order_and_once(store: Store) -> None:
    """Only for the endpoints asked for, only what is due, and only up to the limit."""
    assert names(claim(store, "ops", limit=2)) == ["m1", "m2"]
    assert names(claim(store, "ops", "news", "late")) == ["m3", "n1"]
    assert claim(store, "ops", "news", "late") == []
    assert names(claim(store, "late", hours=1)) == ["late"]


def test_a_parcel_holds_the_frozen_message(store: Store) -> None:
    """Everything an attempt needs; the bytes are those of the journal."""
    (parcel,) = claim(store, "news")
    assert (parcel.message, parcel.endpoint, parcel.kind) == ("n1", "news", "post.published")
    assert (parcel.body, parcel.attempts) == (b"{}", 0)


def test_what_is_about_one_post_comes_one_at_a_time(store: Store) -> None:
    """The next only when nothing older about it is open; other posts' go on."""
    with store.transaction() as session:
        apply(session, [owed("a1", subject="a"), owed("b1", subject="b"), owed("a2", subject="a")])
    assert names(claim(store, "ops")) == ["m1", "m2", "m3", "a1", "b1"]
    assert claim(store, "ops") == []
    with store.transaction() as session:
        outbox.free_leases(session)
    parcels = {one.message: one for one in claim(store, "ops")}
    finish(store, parcels["a1"], Verdict(state="done"))
    assert names(claim(store, "ops")) == ["a2"]


def test_a_strict_endpoint_gets_one_at_a_time(store: Store) -> None:
    """The oldest, whatever it is about; while it waits for its next try, nothing else comes."""
    (first,) = claim(store, "ops", strict=True)
    assert first.message == "m1"
    assert claim(store, "ops", strict=True) == []
    finish(store, first, Verdict(state="again", at=AT + HOUR, says="no"))
    assert claim(store, "ops", strict=True) == []
    with store.transaction() as session:
        assert lanes.due(session, "ops", strict=True) == AT + HOUR
        assert lanes.due(session, "ops") == AT
    assert names(claim(store, "ops", hours=1, strict=True)) == ["m1"]


def test_a_late_answer_changes_nothing(store: Store) -> None:
    """Who was given a delivery that was freed and tried since is told by nobody."""
    (parcel,) = claim(store, "news")
    with store.transaction() as session:
        outbox.free_leases(session)
    finish(store, parcel, Verdict(state="dead", says="late"))
    assert states(store)["n1"] == "pending"
    (again,) = claim(store, "news")
    finish(store, again, Verdict(state="again", at=AT, says="down"))
    claim(store, "news")
    finish(store, parcel, Verdict(state="dead", says="late"))
    assert states(store)["n1"] == "leased"


def test_a_probe_burns_no_attempt(store: Store) -> None:
    """What waits behind an open breaker keeps all its tries."""
    (parcel,) = claim(store, "news")
    finish(store, parcel, Verdict(state="again", at=AT, says="down"), burnt=False)
    assert [one.attempts for one in claim(store, "news")] == [0]


def test_how_an_endpoint_is_is_kept(store: Store) -> None:
    """Between passes; that it is not asked at all is the journal's to say."""
    told = Health(streak=6, since=AT, until=AT + HOUR, says="answered 401 Unauthorized")
    with store.transaction() as session:
        lanes.keep(session, {"ops": told})
    with store.transaction() as session:
        assert lanes.health(session)["ops"] == told
        apply(session, [Switched(at=AT, endpoint="ops", state="disabled", says="gone")])
        assert lanes.health(session)["ops"] == replace(told, state="disabled", says="gone")
        assert "ops" not in outbox.waiting(session)
        apply(session, [Switched(at=AT, endpoint="ops", state="active")])
        assert lanes.health(session)["ops"] == Health()


def test_what_was_given_up_or_called_off_can_be_sent_again(store: Store) -> None:
    """From the first try on."""
    (parcel,) = claim(store, "news")
    finish(store, parcel, Verdict(state="dead", says="gone"))
    with store.transaction() as session:
        apply(session, [Reopened(at=AT, message="n1", endpoint="news")])
    assert [(one.message, one.attempts) for one in claim(store, "news")] == [("n1", 0)]


def test_what_is_held_is_not_sent_until_it_is_confirmed(store: Store) -> None:
    """Many at once wait for a person."""
    with store.transaction() as session:
        apply(session, [replace(owed("n2", "news"), held=True)])
    assert names(claim(store, "news")) == ["n1"]
    with store.transaction() as session:
        apply(session, [Reopened(at=AT, message="n2", endpoint="news")])
    assert names(claim(store, "news")) == ["n2"]


PLANS = {
    "claim": (lanes.CLAIM, "ix_delivery_due", "ix_delivery_subject"),
    "claim, strict": (lanes.CLAIM_STRICT, "PRIMARY KEY", "ix_delivery_open"),
    "due": (lanes.DUE, "ix_delivery_due", "ix_delivery_subject"),
    "due, strict": (lanes.DUE_STRICT, "PRIMARY KEY", "ix_delivery_open"),
}


@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)  # as its planner tells it
@pytest.mark.parametrize("name", PLANS)
def test_what_is_done_costs_the_claim_nothing(store: Store, name: str) -> None:
    """However many rows there are: only the indexes of what is open are searched, no table."""
    statement, *indexes = PLANS[name]
    values = {"endpoint": "ops", "now": 0, "limit": 8}
    explained = f"EXPLAIN QUERY PLAN {index.in_sqlite(statement.text)}"
    with store.transaction() as session:
        rows = session.connection().exec_driver_sql(explained, values)
        plan = [row[3] for row in rows]
    assert not [line for line in plan if line.startswith("SCAN") or "TEMP B-TREE" in line]
    for used in indexes:
        assert [line for line in plan if used in line], plan


def test_a_refused_message_stops_only_what_is_about_the_same_post(store: Store) -> None:
    """Its successor waits with it; the other posts' go on, and later ones line up behind."""
    with store.transaction() as session:
        apply(session, [owed("a1", subject="a"), owed("b1", subject="b"), owed("a2", subject="a")])
    claimed = {one.message: one for one in claim(store, "ops")}
    finish(store, claimed["a1"], Verdict(state="again", at=AT + HOUR, says="no"))
    finish(store, claimed["b1"], Verdict(state="done"))
    with store.transaction() as session:
        apply(session, [owed("a3", subject="a"), owed("b2", subject="b")])
    assert names(claim(store, "ops")) == ["b2"]
    assert names(claim(store, "ops", hours=1)) == ["a1"]
    with store.transaction() as session:  # no pass is made in vain for those behind it
        found = session.connection().execute(
            text("SELECT min(next_at) FROM delivery WHERE message IN ('a2', 'a3')")
        )
        assert found.scalar_one() == (AT + HOUR).timestamp()


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
    finish(store, first, Verdict(state="again", at=AT + HOUR, says="down"))
    with store.transaction() as session:
        lanes.keep(session, {"ops": Health(streak=5, since=AT, until=AT + HOUR)})
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
        lanes.release(session, [parcels[2].delivery])
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
