"""The one that publishes: what it hears of, and that nobody writes who leads no more."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from records import AT, owed
from trial import Trial, webhook

from syndicator.config.load import load
from syndicator.config.tables import Settings
from syndicator.doors import index, leader
from syndicator.doors import server as door
from syndicator.doors.server import Server
from syndicator.doors.store import Store, tray
from syndicator.doors.store.apply import apply
from syndicator.errors import Busy
from syndicator.model.records import Alerted, Joined
from syndicator.publish import registered

pytestmark = pytest.mark.slow


@pytest.fixture
def store(place: Server) -> Iterator[Store]:
    """Open a store with an endpoint that is owed a message."""
    with Store(place) as made:
        with made.transaction() as session:
            apply(session, [Joined(at=AT, endpoint="ops", since="all"), owed("m")])
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Have it configured, with alerts after three failures."""
    site = Trial(root=tmp_path, tables=webhook())
    site.order()
    return load(site.file, registered())


def change(store: Store, *statements: str) -> None:
    """Let a worker have done something."""
    with store.beside() as session:
        for one in statements:
            session.connection().exec_driver_sql(one)


STANDS = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
ANSWERED = """
    INSERT INTO attempt (delivery, endpoint, n, at, milliseconds, status, error, peer, reply)
    SELECT id, endpoint, 1, '2026-11-22', 1, {}, '', '', '' FROM delivery
"""
DONE = "UPDATE delivery SET state = 'done'"


def test_who_leads_no_more_writes_nothing(
    place: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in a transaction of the store, nor with plain statements."""
    monkeypatch.setitem(door.LED, place, 1)  # a session that is gone
    with pytest.raises(Busy, match="another instance publishes"), store.transaction():
        pass
    with index.opened(place) as db, pytest.raises(Busy, match="another instance"), db.writing():
        pass
    monkeypatch.delitem(door.LED, place)
    with index.opened(place) as db, db.writing():
        pass


def test_it_hears_of_what_workers_left(place: Server, store: Store, settings: Settings) -> None:
    """Lines for the journal; an endpoint that fails, and that one answers, until it was told."""
    told = Alerted(at=AT, kind="endpoint", name="ops", state="failing", failures=3, says="")

    def hears() -> bool:
        with door.connect(place) as connection:
            return leader.mail(connection, settings)

    assert not hears()
    with store.beside() as session:
        tray.lay(session, [told])
    assert hears()
    change(store, "DELETE FROM tray")
    assert not hears()
    change(store, "UPDATE endpoint SET streak = 2")
    assert not hears()
    change(store, "UPDATE endpoint SET streak = 3")
    assert hears()
    with store.transaction() as session:
        apply(session, [told])
    assert not hears()
    change(store, "UPDATE endpoint SET streak = 0")
    assert not hears()  # nobody knows of an answer
    change(store, ANSWERED.format(500))
    assert not hears()  # it was no good one
    change(store, ANSWERED.format(204), DONE)
    assert hears()


def test_an_endpoint_that_is_not_configured_is_told_of_to_nobody(
    place: Server, store: Store, settings: Settings
) -> None:
    """It would be heard of for ever."""
    change(store, "UPDATE endpoint SET streak = 9, name = 'other'")
    with door.connect(place) as connection:
        assert not leader.mail(connection, settings)


@contextmanager
def silent(place: Server, name: str) -> Iterator[tuple[int, int]]:
    """Let a process lead that gives no sign of life; name its session, and another one of it."""
    leads = psycopg.connect(place.url, application_name=name, autocommit=True)
    other = psycopg.connect(place.url, application_name=name, autocommit=True)
    with closing(leads), closing(other):
        leads.execute(leader._TAKE.encode())
        yield leads.info.backend_pid, other.info.backend_pid


def wait_for_the_end(place: Server, pid: int) -> None:
    """Look until a session is gone; fail where that is in vain."""
    end = time.monotonic() + 300
    with psycopg.connect(place.url, autocommit=True) as made:
        while made.execute(STANDS, (pid,)).fetchone():
            assert time.monotonic() < end


@pytest.mark.parametrize("name", ["syndicator other", "", "psql"])
def test_who_stands_by_ends_one_that_is_not_heard_of(
    place: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """All sessions of that process, and nobody's that only happens to have its name."""
    monkeypatch.setattr(leader, "LEASE", 0.0)
    with silent(place, name) as (leads, other):
        with pytest.raises(Busy, match="not heard of"), leader.Leader(place):
            pass
        wait_for_the_end(place, leads)
        if name.startswith("syndicator"):
            wait_for_the_end(place, other)
        else:
            with psycopg.connect(place.url) as made:
                assert made.execute(STANDS, (other,)).fetchone()
        with leader.Leader(place):
            pass


def test_who_may_end_nobody_stands_by(place: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits until the other one ends by itself, and says what it lacks."""
    monkeypatch.setattr(leader, "LEASE", 0.0)
    with silent(place, "syndicator other"), closing(psycopg.connect(place.url)) as made:
        made.execute("CREATE ROLE powerless")
        made.execute("GRANT pg_read_all_data, pg_read_all_stats TO powerless")
        made.execute("REVOKE EXECUTE ON FUNCTION pg_terminate_backend FROM PUBLIC")
        made.execute("SET LOCAL ROLE powerless")
        found = str(leader._taken(made))
    assert "pg_terminate_backend" in found


def test_a_table_that_is_locked_does_not_take_its_voice(place: Server, store: Store) -> None:
    """As by VACUUM FULL: while it waited, it would be taken for dead."""
    change(store)  # the tables are there
    with closing(psycopg.connect(place.url)) as other, leader.Leader(place) as leads:
        other.execute("SET idle_in_transaction_session_timeout = '20s'")
        other.execute("LOCK TABLE tray IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            leader.mail(leads._connection, None)
        assert leader._true(leads._connection, "SELECT true")


def test_who_finds_tables_of_a_newer_version_leads_no_more(
    place: Server, store: Store, settings: Settings
) -> None:
    """Its session broke meanwhile, and no waiting helps: it ends, as one that begins does."""
    leads = leader.Leader(place)
    leads._again()
    assert not leads.lost
    leads._connection.close()
    change(store, "UPDATE alembic_version SET version_num = '9999'")
    leads._again()
    with pytest.raises(Busy, match="another instance publishes"):
        leads.mailed(settings)
    door.LED.pop(place)


def test_the_server_has_its_name_as_it_is(place: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine is called: by that name others find its sessions."""
    monkeypatch.setattr(socket, "gethostname", lambda: "büro" * 20)
    with door.connect(place) as made:
        row = made.execute(
            "SELECT application_name FROM pg_stat_activity WHERE pid = %s",
            (made.info.backend_pid,),
        ).fetchone()
    assert row == (door.who(),)
