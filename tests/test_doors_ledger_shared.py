"""A ledger beside workers: what they settled is in the journal once, and done once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from records import AT, Crash, hook, owed

from syndicator.deliver.owing import recover
from syndicator.doors import files, journal, lines
from syndicator.doors.books import Desk
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.server import PUBLISHER, Server
from syndicator.doors.store import Store, lanes, leases, transfer, tray
from syndicator.doors.store.rows import get
from syndicator.doors.underway import Underway
from syndicator.model.records import Joined, Settled, Tried

pytestmark = pytest.mark.slow


def begin(store: Store, second: int) -> None:
    """Begin, as a worker does, an attempt at what must not come twice."""
    with Desk(store).batch() as sheet:
        (parcel,) = lanes.claim(sheet.session, AT, {"ops": 1})
        moment = AT.replace(second=second)
        sheet.record([Tried(at=moment, message=parcel.message, endpoint="ops", state="begun")])


def leave(store: Store, second: int) -> None:
    """Give it back: it was not sent."""
    with Desk(store).batch() as sheet:
        moment = AT.replace(second=second)
        sheet.record([Tried(at=moment, message="m1", endpoint="ops", state="unsent")])


def crash(at: Layout, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write what lies in the tray into the journal, and be killed before the commit."""

    def end(*_: object) -> None:
        raise Crash

    archive = Ledger(at, store)
    with monkeypatch.context() as patched:
        patched.setattr(files, "rename", end)
        with pytest.raises(Crash), archive.batch():
            pass


def owe(at: Layout, store: Store) -> None:
    """Owe a message."""
    with Ledger(at, store).batch() as batch:
        batch.record([Joined(at=AT, endpoint="ops", since="all"), owed("m1", endpoint="ops")])


def told(at: Layout) -> list[str]:
    """Return what the journal tells of attempts."""
    found = [lines.decode(line) for _, line in journal.read(at.journal)]
    return [one.state for one in found if isinstance(one, Tried)]


def test_what_workers_did_is_not_done_again_over_what_they_do_now(
    at: Layout, place: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One gave back what another has in hand by now: due again, it would be sent twice."""
    with Store(place) as store:
        owe(at, store)
        begin(store, 1)
        leave(store, 2)
        crash(at, store, monkeypatch)
        begin(store, 3)
        assert Ledger(at, store).replayed == 2
        with store.transaction() as session:
            assert lanes.leased(session) == [("m1", "ops")]
        with Ledger(at, store).batch():
            pass
    assert told(at) == ["begun", "unsent", "begun"]


def test_lines_that_came_along_from_a_server_are_journalled_once(
    at: Layout, place: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that it had, and the server did not know yet; then none is looked for."""
    with Store(place) as store:
        owe(at, store)
        begin(store, 1)
        crash(at, store, monkeypatch)
        leave(store, 2)
    assert transfer.copy(place, at.state)
    with Store(at.state) as store:
        archive = Ledger(at, store)
        with archive.batch():
            pass
        assert told(at) == ["begun", "unsent"]
        with store.transaction() as session:
            assert tray.take(session) == []
            assert get(session, tray.LEFT) == ""


def be_killed(at: Layout, store: Store) -> None:
    """Leave a message on its way, as a publisher that was killed."""
    with store.beside() as session:
        leases.prepare(session, ["ops"])
        leases.take(session, PUBLISHER, ["ops"], AT, most=1, seconds=0)
        (parcel,) = lanes.claim(session, AT, {"ops": 1})
    with Underway(at.underway) as underway:
        underway.note(parcel, AT, 60.0)


def wait_for_a_lock(store: Store) -> None:
    """Return once somebody waits for what another has locked."""
    with store.reading() as connection:
        asked = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        end = time.monotonic() + 300
        while not connection.exec_driver_sql(asked).first():
            assert time.monotonic() < end
            connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")


def test_what_a_worker_takes_over_is_its_own_beside_one_that_begins_to_publish(
    at: Layout, place: Server
) -> None:
    """What a killed publisher had on its way: interrupted once, and in one hand."""
    with Store(place) as store, ThreadPoolExecutor(1) as pool:
        owe(at, store)
        be_killed(at, store)
        archive = Ledger(at, store)
        with store.beside() as session:
            leases.take(session, "a", ["ops"], AT, most=1)
            leases.reclaim(session, "ops", AT, says="interrupted", wait=5)
            assert lanes.claim_interrupted(session, AT, "ops") is not None
            done = pool.submit(recover, archive, [hook("ops")], AT)
            wait_for_a_lock(store)
        done.result()
        with store.reading() as connection:
            asked = "SELECT state, attempts, interrupted FROM delivery"
            assert connection.exec_driver_sql(asked).all() == [("leased", 1, 5)]
            assert len(connection.exec_driver_sql("SELECT 1 FROM attempt").all()) == 1


def test_what_must_not_come_twice_is_given_up_once(at: Layout, place: Server) -> None:
    """By the worker that takes it over, or by the one that begins to publish."""
    with Store(place) as store, ThreadPoolExecutor(1) as pool:
        owe(at, store)
        be_killed(at, store)
        archive = Ledger(at, store)
        with Desk(store).batch() as sheet:
            leases.take(sheet.session, "a", ["ops"], AT, most=1)
            (lost,) = leases.in_hand(sheet.session, "ops")
            over = Settled(at=AT, message=lost, endpoint="ops", verdict="dead", status=0)
            sheet.record([over])
            done = pool.submit(recover, archive, [hook("ops", mode="at-most-once")], AT)
            wait_for_a_lock(store)
        done.result()
        with archive.batch():
            pass
    found = [lines.decode(line) for _, line in journal.read(at.journal)]
    assert [one for one in found if isinstance(one, Settled)] == [over]
