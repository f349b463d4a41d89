"""Lanes leased to workers: one at a time, passed over while locked, fenced once they are gone."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from records import AT, owed
from sqlalchemy import event

from syndicator.doors.server import LEADER, PUBLISHER, WORKER, Server
from syndicator.doors.store import Session, Store, interrupted, lanes, leases, outbox
from syndicator.doors.store.apply import apply
from syndicator.doors.underway import Begun
from syndicator.errors import StoreError
from syndicator.model.feeds import Notice, Parcel, Verdict
from syndicator.model.records import Joined

BOTH = ("ops", "web")
OVER = 0.0  # seconds of a lease that is over as soon as it is made
BRIEF = 1.0  # of one that is over soon
NAME = "syndicator stopped"  # of a process of ours
SAYS = "interrupted"
IDLE = "idle_in_transaction_session_timeout"

POWERLESS = (  # until it is rolled back
    "CREATE ROLE powerless",
    "GRANT pg_read_all_data, pg_write_all_data, pg_read_all_stats TO powerless",
    "REVOKE EXECUTE ON FUNCTION pg_terminate_backend FROM PUBLIC",
    "SET LOCAL ROLE powerless",
)

pytestmark = pytest.mark.slow


@pytest.fixture
def store(place: Server) -> Iterator[Store]:
    """Open a store in which two endpoints are owed three messages each."""
    with Store(place) as made:
        with made.transaction() as session:
            apply(session, [Joined(at=AT, endpoint=name, since="all") for name in BOTH])
            leases.prepare(session, BOTH)
            for name in BOTH:
                apply(session, [owed(f"{name}{n}", endpoint=name) for n in range(3)])
        yield made


def take(
    session: Session, owner: str, most: int = 9, seconds: float = leases.SECONDS
) -> list[leases.Lease]:
    """Lease lanes as a worker does."""
    return leases.take(session, owner, BOTH, AT, most=most, seconds=seconds)


def claim(session: Session, lease: leases.Lease) -> list[Parcel]:
    """Take in hand what is due in a lane that is held."""
    return lanes.claim(session, AT, {lease.endpoint: 9})


def finish(session: Session, parcels: list[Parcel]) -> None:
    """Record that these were acknowledged."""
    done = Verdict(state="done")
    lanes.finish(session, [lanes.Finished(one, done, AT, 1, 200) for one in parcels])


def states(store: Store, endpoint: str) -> list[tuple[str, int, int]]:
    """Tell state, attempts and interruption of an endpoint's deliveries."""
    with store.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT state, attempts, interrupted FROM delivery WHERE endpoint = %s ORDER BY id",
            (endpoint,),
        )
        return [(row[0], row[1], row[2]) for row in rows]


def tries(store: Store) -> int:
    """Tell how many attempts were recorded."""
    with store.reading() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM attempt").scalar()
        return int(found or 0)


def test_a_lane_is_one_workers_at_a_time(store: Store) -> None:
    """What one has leased, another is not given; the rest it is."""
    with store.beside() as session:
        (first,) = take(session, "a", most=1)
    with store.beside() as session:
        (second,) = take(session, "b")
    with store.beside() as session:
        assert take(session, "c") == []
    assert {first.endpoint, second.endpoint} == set(BOTH)


def test_a_lane_that_is_being_taken_is_passed_over(store: Store) -> None:
    """Nobody waits for a worker that has not committed yet."""
    with store.beside() as session:
        take(session, "z", seconds=OVER)  # the lanes are there
    with store.beside() as one, store.beside() as other:
        (first,) = take(one, "a", most=1)
        (second,) = take(other, "b")
    assert first.endpoint != second.endpoint


def test_lanes_with_nothing_due_are_nobodys(store: Store) -> None:
    """A worker takes no lane to keep it empty-handed."""
    with store.transaction() as session:
        finish(session, lanes.claim(session, AT, {"web": 9}))
    with store.beside() as session:
        assert [one.endpoint for one in take(session, "a")] == ["ops"]


@pytest.mark.parametrize("strict", [True, False])
def test_a_lane_whose_work_waits_for_what_is_before_it_is_nobodys(
    store: Store, *, strict: bool
) -> None:
    """Who took it would give it back at once, and again: others wait meanwhile."""
    with store.transaction() as session:
        run = session.connection().exec_driver_sql
        run("UPDATE delivery SET next_at = next_at + 60 WHERE message = 'ops0'")
        if not strict:  # all is about one post
            run("UPDATE delivery SET subject = 's' WHERE endpoint = 'ops'")
    with store.beside() as session:
        (found,) = leases.take(session, "a", BOTH, AT, most=1, strict=["ops"] * strict)
    assert found.endpoint == "web"


def test_a_strict_lane_whose_oldest_is_in_nobodys_hand_is_taken(store: Store) -> None:
    """It was left so by a database that was copied: whoever takes the lane makes it again."""
    with store.transaction() as session:
        lanes.claim(session, AT, {"ops": 1})
    with store.beside() as session:
        (found,) = leases.take(session, "a", ["ops"], AT, most=1, strict=["ops"])
    assert found.endpoint == "ops"


def test_taking_lanes_reads_no_delivery_through(store: Store) -> None:
    """Its partial indexes serve, whatever the planner would choose for a few rows."""
    noted: list[tuple[str, Any]] = []
    event.listen(store._engine, "before_cursor_execute", lambda *args: noted.append(args[2:4]))
    with store.beside() as session:
        leases.take(session, "a", BOTH, AT, most=1, strict=["ops"])
        leases.guard(session)
    asked = [(sql, values) for sql, values in noted if "delivery" in sql]
    assert len(asked) == 2
    with store.transaction() as session:
        connection = session.connection()
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for sql, values in asked:
            plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}", values)]
            assert [line for line in plan if "Seq Scan on delivery" in line] == [], plan


def notice() -> Notice:
    """Return one that takes the place of what is owed about the same post, if never tried."""
    about = owed("ops0").subject
    return Notice(
        key="k",
        endpoint="ops",
        kind="post.published",
        subject=about,
        seq=2,
        at=AT,
        body=b"",
        replaces="untried",
    )


def test_what_a_worker_takes_in_hand_no_pass_calls_off(store: Store) -> None:
    """What is owed next waits for it, as ever: it would overtake what is on its way."""
    with store.beside() as session:
        leases.take(session, "a", ["ops"], AT, most=1)
        lanes.claim(session, AT, {"ops": 1})
        with store.transaction() as other:
            assert outbox.older(other, notice()) == []


def test_what_a_pass_calls_off_no_worker_takes_in_hand(store: Store) -> None:
    """It is passed over until the pass is through."""
    with store.transaction() as session:
        assert outbox.older(session, notice()) == ["ops0"]
        with store.beside() as other:
            found = lanes.claim(other, AT, {"ops": 1})
    assert [one.message for one in found] == ["ops1"]


def test_no_worker_waits_for_a_pass_that_writes(store: Store) -> None:
    """The writer's lock is for those who publish."""
    with store.transaction():
        with store.beside() as session:
            (lease, _) = take(session, "a")
            parcels = claim(session, lease)
        with store.beside() as session:
            assert leases.hold(session, [lease]) == {lease}
            finish(session, parcels)
    assert states(store, lease.endpoint) == [("done", 1, 0)] * 3


def test_who_comes_back_past_its_lease_finishes_nothing(store: Store) -> None:
    """Another took the lane and sent it all; the first is told, and no delivery ends twice."""
    with store.beside() as session:
        (late,) = take(session, "a", most=1, seconds=OVER)
        had = claim(session, late)
    with store.beside() as session:
        taken = {one.endpoint: one for one in take(session, "b")}
        lease = taken[late.endpoint]
        leases.reclaim(session, lease.endpoint, AT, says=SAYS, wait=5)
        again = []
        while one := lanes.claim_interrupted(session, AT, lease.endpoint):
            again.append(one)
        finish(session, again)
    with store.beside() as session:
        assert leases.hold(session, [late, lease]) == {lease}
    assert lease.token == late.token + 1
    assert [one.message for one in again] == [one.message for one in had]
    assert states(store, late.endpoint) == [("done", 2, 0)] * 3
    assert tries(store) == 6


def test_a_lease_that_is_over_and_was_taken_by_nobody_still_holds(store: Store) -> None:
    """Nobody else sent anything: what it did is not to be done again."""
    with store.beside() as session:
        late, *_ = take(session, "a", seconds=OVER)
    with store.beside() as session:
        assert leases.hold(session, [late]) == {late}
    with store.beside() as session:
        assert late.endpoint not in {one.endpoint for one in take(session, "b")}


def test_what_was_given_back_is_held_no_more(store: Store) -> None:
    """Another may have it at once, and the one that had it has lost it even if nobody does."""
    with store.beside() as session:
        had = take(session, "a")
        leases.give_back(session, had)
    with store.beside() as session:
        assert leases.hold(session, had) == set()
    with store.beside() as session:
        assert {one.endpoint for one in take(session, "b")} == set(BOTH)


def test_what_a_worker_left_on_its_way_is_an_interrupted_attempt(store: Store) -> None:
    """It counts, is made again alone, and its lane is taken though nothing else is due in it."""
    with store.beside() as session:
        left, *_ = take(session, "a", seconds=OVER)
        had = claim(session, left)
    with store.beside() as session:
        found = [one.endpoint for one in take(session, "b")]
        assert leases.in_hand(session, left.endpoint) == [one.message for one in had]
        leases.reclaim(session, left.endpoint, AT, says=SAYS, wait=5)
        assert interrupted.endpoints(session) == {left.endpoint: 5}
    assert left.endpoint in found
    assert states(store, left.endpoint) == [("pending", 1, 5)] * 3


def test_what_a_worker_has_in_hand_is_not_interrupted_by_a_publisher(store: Store) -> None:
    """Both may have begun the same attempt, one after the other: it is the worker's now."""
    with store.beside() as session:
        (theirs,) = take(session, "a", most=1)
        parcels = claim(session, theirs)
        (ours,) = take(session, PUBLISHER)
        parcels += claim(session, ours)
    begun = [Begun(one.delivery, one.attempts, AT.isoformat(), 0.0) for one in parcels]
    with store.transaction() as session:
        interrupted.note(session, begun, SAYS, 5)
    assert states(store, theirs.endpoint) == [("leased", 0, 0)] * 3
    assert states(store, ours.endpoint) == [("pending", 1, 5)] * 3


def test_who_is_stopped_in_a_transaction_loses_it(store: Store) -> None:
    """The server ends it: its lane is free again, and nothing of it was done."""
    with store.beside() as session:
        take(session, "a", seconds=OVER)
    found: list[leases.Lease] = []
    with pytest.raises(StoreError):
        _be_stopped(store, found)
    assert {one.endpoint for one in found} == set(BOTH)


def _be_stopped(store: Store, others: list[leases.Lease]) -> None:
    """Take lanes and do nothing until the server has had enough, and another has them."""
    with store.beside(patience=7) as stopped:
        take(stopped, "stopped")
        asked = stopped.connection().exec_driver_sql(f"SELECT current_setting('{IDLE}')")
        assert asked.scalar() == "7s"
        stopped.connection().exec_driver_sql(f"SET LOCAL {IDLE} = '1ms'")
        with store.transaction() as session:  # it waits for the server to end the other
            session.connection().exec_driver_sql("SELECT 1 FROM lane FOR UPDATE")
        with store.beside() as session:
            others += take(session, "b")


@pytest.mark.parametrize("lock", [WORKER, LEADER])
def test_who_is_stopped_between_two_statements_loses_its_lanes(
    place: Server, store: Store, lock: int
) -> None:
    """No time limit of the server ends that: another worker does, also if it had no lease yet."""
    with alive(place, lock), stopped(place) as pid:
        with store.beside() as session:
            assert take(session, "b", seconds=OVER) == []
        until(lambda: not stands(place, pid))
        with store.beside() as session:
            found = take(session, "b")
    assert {one.endpoint for one in found} == set(BOTH)


@pytest.mark.parametrize("name", ["", PUBLISHER, NAME])
def test_a_session_that_is_no_workers_is_left_alone(
    place: Server, store: Store, name: str
) -> None:
    """Whatever it is called, and however long it takes: a person's, another program's, a copy."""
    with store.beside() as session:
        take(session, name, most=1, seconds=OVER)
    with alive(place, WORKER, "syndicator other"), stopped(place, name) as pid:
        with store.beside() as session:
            assert take(session, "b", seconds=OVER) == []
        assert stands(place, pid)


def test_who_is_heard_of_is_left_alone_however_long_it_takes(place: Server, store: Store) -> None:
    """Its transaction may be old, and an earlier session of it silent: it lives."""
    with alive(place, WORKER), stopped(place) as pid, store.beside() as session:
        age = f"clock_timestamp() - xact_start > make_interval(secs => {BRIEF})"
        until(lambda: stands(place, pid, age))
        session.connection().exec_driver_sql("SET LOCAL application_name = 'syndicator stopped'")
        asked = f"SELECT pg_advisory_xact_lock_shared({WORKER}, hashtext(current_schema()))"
        session.connection().exec_driver_sql(asked)
        assert take(session, "b", seconds=BRIEF) == []
        assert stands(place, pid)


def test_where_it_may_end_nobody_it_takes_what_is_free(
    place: Server, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Sites may take that right from all: it says once what it lacks, where it lacks it."""
    leases._forbidden.cache_clear()
    with store.beside() as session:
        for one in POWERLESS:
            session.connection().exec_driver_sql(one)
        with alive(place, WORKER):
            with stopped(place) as pid:
                assert take(session, "b", seconds=OVER) == []
                assert take(session, "b", seconds=OVER) == []
                assert stands(place, pid)
            until(lambda: not stands(place, pid))
        assert len(take(session, "b")) == len(BOTH)
        session.rollback()
    assert caplog.text.count("pg_terminate_backend") == 1


@contextmanager
def alive(place: Server, lock: int, name: str = NAME) -> Iterator[None]:
    """Let a process be counted among workers, or as the one that publishes."""
    with psycopg.connect(place.url, application_name=name, autocommit=True) as made:
        made.execute(
            f"SELECT pg_advisory_lock_shared({lock}, hashtext(current_schema()))".encode()
        )
        yield


@contextmanager
def stopped(place: Server, name: str = NAME) -> Iterator[int]:
    """Have a session wait for the rest of several statements, with all lanes locked; name it."""
    ended = suppress(psycopg.OperationalError)
    with ended, psycopg.connect(place.url, application_name=name) as made, made.pipeline():
        pid = made.info.backend_pid
        made.execute("SELECT 1 FROM lane FOR UPDATE")
        made.pgconn.send_flush_request()
        until(lambda: not made.pgconn.flush())
        waits = "state = 'active' AND wait_event = 'ClientRead' AND xact_start IS NOT NULL"
        until(lambda: stands(place, pid, waits))
        yield pid


def stands(place: Server, pid: int, how: str = "TRUE") -> bool:
    """Tell whether a session is there, and so."""
    with psycopg.connect(place.url, autocommit=True) as made:
        asked = f"SELECT 1 FROM pg_stat_activity WHERE pid = %s AND {how}"  # noqa: S608  # a constant
        return made.execute(asked.encode(), (pid,)).fetchone() is not None


def until(ready: Callable[[], bool]) -> None:
    """Look until it is so; fail where that is in vain."""
    end = time.monotonic() + 300
    while not ready():
        assert time.monotonic() < end
