"""A PostgreSQL server in the place of state.db: what it must do as SQLite does it."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from outboxes import sent
from postgres import Postgres
from records import AT, owed
from sqlalchemy import MetaData, event, text
from sqlmodel import SQLModel, col, select

from syndicator.doors import server as door
from syndicator.doors.files import Stat
from syndicator.doors.server import Server
from syndicator.doors.store import Store, content, lanes, postgresql
from syndicator.doors.store.apply import apply
from syndicator.doors.store.rows import get, put
from syndicator.doors.store.schema import Seen
from syndicator.errors import StoreError
from syndicator.model.feeds import Verdict
from syndicator.model.records import Joined

SHAPE = """
    SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema = %(schema)s AND table_name != 'alembic_version' UNION ALL
    SELECT tablename, indexname, replace(indexdef, schemaname || '.', ''), ''
    FROM pg_indexes WHERE schemaname = %(schema)s AND tablename != 'alembic_version'
"""
ORDER = """
    SELECT table_name, column_name, collation_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name != 'alembic_version'
    AND data_type IN ('character varying', 'text')
"""
# those that are read through: a handful of rows, one for each endpoint, job or folder
SMALL = {"endpoint"}


@pytest.fixture
def store(place: Server) -> Iterator[Store]:
    """Open a new store."""
    with Store(place) as made:
        yield made


pytestmark = pytest.mark.slow


def schema(store: Store) -> str:
    with store._engine.connect() as connection:
        return str(connection.execute(text("SELECT current_schema()")).scalar())


def shape(store: Store) -> set[tuple[Any, ...]]:
    """Return columns with their types, and indexes with their conditions."""
    with store._engine.connect() as connection:
        rows = connection.exec_driver_sql(SHAPE, {"schema": schema(store)})
        return {tuple(row) for row in rows}


def test_the_migrations_end_in_the_tables_of_the_program(server: Postgres, store: Store) -> None:
    """Alembic finds nothing to do; partial indexes, which it does not compare, are equal too."""
    with store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, _as_the_server_has_it()) == []
    with Store(server.store()) as other, other._engine.begin() as connection:
        made = _as_the_server_has_it()
        made.drop_all(connection)
        made.create_all(connection)
        connection.commit()
        assert shape(store) == shape(other)


def _as_the_server_has_it() -> MetaData:
    """Return the tables with conditions of indexes as PostgreSQL says them."""
    made = MetaData()
    for table in SQLModel.metadata.sorted_tables:
        table.to_metadata(made)
    for index in (one for table in made.tables.values() for one in table.indexes):
        if (where := index.dialect_options["sqlite"]["where"]) is not None:
            said = str(where).replace(" = 1", "").replace("asked = 0", "NOT asked")
            index.dialect_options["postgresql"]["where"] = text(said)
    return made


def test_texts_are_ordered_as_python_orders_them(store: Store) -> None:
    """By code points, whatever the database's own order: what feeds show depends on it."""
    names = ["B.md", "a.md", "é.md", "Z.md", "_.md", "b.md", "𝄞.md", "Ω.md"]
    with store.transaction() as session:
        content.remember(session, ((name, Stat(1, 1, 1), "", "held") for name in names))
        assert list(session.exec(select(Seen.path).order_by(Seen.path))) == sorted(names)
        above = session.exec(select(Seen.path).where(col(Seen.path) > "_.md"))
        assert set(above) == {name for name in names if name > "_.md"}
        orders = session.connection().exec_driver_sql(ORDER).all()
    assert orders
    assert [row for row in orders if row[2] != "C"] == []


def test_several_sites_share_a_database(server: Postgres, store: Store) -> None:
    """Each has a schema of its own, and a writer of its own: neither waits for the other."""
    with Store(server.store()) as other, store.transaction() as here:
        put(here, "a", "1")
        with other.transaction() as there:
            assert get(there, "a") == ""


def test_a_second_writer_waits_and_is_told(
    place: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As SQLite has it: nobody reads what another is about to change."""
    soon = door.BEGIN_LASTING.replace("'5s'", "'1ms'")
    monkeypatch.setattr(postgresql, "BEGIN_LASTING", soon)
    with store.transaction() as session:
        put(session, "a", "1")
        with pytest.raises(StoreError, match="lock timeout") as caught, store.transaction():
            pass
    assert "another program hold the lock" in caught.value.hint
    with Store(place) as again, again.transaction() as session:
        assert get(session, "a") == "1"


def test_only_what_need_not_outlive_a_power_cut_waits_for_no_disk(store: Store) -> None:
    """Each transaction says so for itself: the next one is lasting again."""
    levels = []
    for lasting in (True, False, True):
        with store.transaction(lasting=lasting) as session:
            levels.append(session.connection().execute(text("SHOW synchronous_commit")).scalar())
    assert levels == ["on", "off", "on"]


def test_a_server_that_was_started_anew_is_connected_again(place: Server, store: Store) -> None:
    """A daemon lives on; a transaction that was open is undone, whole."""
    kill = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name LIKE 'syndicator %'
    """
    with store.transaction() as session:
        put(session, "a", "1")
    with psycopg.connect(place.url, autocommit=True) as other:
        with pytest.raises(StoreError, match="could not be used"):
            _write(store, lambda: other.execute(kill))
        with store.transaction() as session:
            assert (get(session, "a"), get(session, "b")) == ("1", "")
        other.execute(kill)
    with store.transaction() as session:
        assert get(session, "a") == "1"


def test_a_database_of_a_newer_version_is_refused(place: Server, store: Store) -> None:
    """It is not migrated, not emptied; the message says what to do."""
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version of syndicator") as caught:
        Store(place)
    assert "upgrade" in caught.value.hint


def test_a_schema_of_another_version_is_called_that(store: Store) -> None:
    """It is not said that the server is down."""
    with store.transaction() as session:
        session.connection().execute(text("DROP TABLE meta"))
    with (
        pytest.raises(StoreError, match="does not exist") as caught,
        store.transaction() as session,
    ):
        get(session, "a")
    assert caught.value.hint.startswith("another version of syndicator made it")


def test_no_error_shows_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """It never passes through our hands: libpq takes it from where it always does."""
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    place = Server("postgresql://me@/site?host=/nowhere")
    with pytest.raises(StoreError, match="could not be used") as caught:
        Store(place)
    told = f"{caught.value} {caught.value.hint} {caught.value.__cause__} {place} {place!r}"
    assert "/nowhere" in told
    assert "hunter2" not in told


def test_a_reply_with_a_zero_byte_is_kept(store: Store) -> None:
    """PostgreSQL's texts have none: U+FFFD stands in its place."""
    with store.transaction() as session:
        apply(session, [Joined(at=AT, endpoint="ops", since="all"), owed("m1")])
        (parcel,) = lanes.claim(session, AT, {"ops": 1})
        dead = Verdict(state="dead", says="no")
        lanes.finish(session, [lanes.Finished(parcel, dead, AT, 1, 400, reply="a\0b")])
        kept = session.connection().execute(text("SELECT reply FROM attempt")).scalar()
    assert kept == "a\ufffdb"


def test_what_was_wiped_is_gone_and_the_rest_is_there(store: Store) -> None:
    """The tables are written anew, and used on."""
    with store.transaction() as session:
        put(session, "a", "1")
    store.wipe()
    with store.transaction() as session:
        assert get(session, "a") == "1"


def test_no_statement_of_the_outbox_reads_a_table_through(store: Store) -> None:
    """Its partial indexes serve, whatever the planner would choose for a few rows."""
    noted: list[tuple[str, Any]] = []
    with store.transaction() as session:
        apply(session, [Joined(at=AT, endpoint="ops", since="all")])
        apply(session, [owed(f"m{n}", subject=f"s{n % 3}") for n in range(9)])
    event.listen(store._engine, "before_cursor_execute", lambda *args: noted.append(args[2:4]))
    with store.transaction() as session:
        sent(session)
    asked = [(sql, values) for sql, values in noted if "delivery" in sql or "attempt" in sql]
    assert asked
    with store.transaction() as session:
        connection = session.connection()
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for sql, values in asked:
            one = values[0] if isinstance(values, list) else values
            plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}", one)]
            assert [line for line in plan if "Seq Scan on" in line] == [], (sql, plan)


def _write(store: Store, between: Callable[[], object]) -> None:
    with store.transaction() as session:
        put(session, "a", "2")
        between()
        put(session, "b", "2")
