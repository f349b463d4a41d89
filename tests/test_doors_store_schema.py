"""state.db: one schema, told three times (migrations, tables, plain statements), kept equal."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

from syndicator.doors import index
from syndicator.doors.store import Session, Store, connect
from syndicator.doors.store.rows import get, put
from syndicator.errors import StoreError

MIGRATIONS = Path(connect.__file__).parent / "migrations"


def tables(path: Path) -> dict[str, str]:
    """Return the statements a database was made with, by name."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: re.sub(r"[\s\"]+", "", sql) for name, sql in rows if name != "alembic_version"}


def test_the_migrations_end_in_the_tables_of_the_program(tmp_path: Path) -> None:
    """Alembic finds nothing to do between a fresh database and the models."""
    with Store(tmp_path / "state.db") as store, store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_indexes_and_options_are_equal_too(tmp_path: Path) -> None:
    """What Alembic does not compare: partial indexes, WITHOUT ROWID, order of columns."""
    Store(tmp_path / "a.db").close()
    engine = create_engine(f"sqlite:///{tmp_path / 'b.db'}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    migrated, made = tables(tmp_path / "a.db"), tables(tmp_path / "b.db")
    assert migrated.keys() == made.keys()
    for name in made:
        if name.startswith("ix_") or "WITHOUTROWID" in made[name] + migrated[name]:
            assert migrated[name].endswith("WITHOUTROWID") == made[name].endswith("WITHOUTROWID")
        if name.startswith("ix_"):
            assert migrated[name] == made[name]


def test_the_newest_migration_is_the_one_the_index_expects() -> None:
    """A pass that finds nothing changed compares a string, and imports no Alembic."""
    script = ScriptDirectory(str(MIGRATIONS))
    assert script.get_heads() == [index.HEAD]


def test_the_migrations_can_be_taken_back(tmp_path: Path) -> None:
    """Down to nothing and up again: the same tables."""
    path = tmp_path / "state.db"
    with Store(path) as store:
        before = tables(path)
        settings = Config()
        settings.set_main_option("script_location", str(MIGRATIONS))
        for way, target in ((command.downgrade, "base"), (command.upgrade, "head")):
            with store._engine.begin() as connection:
                settings.attributes["connection"] = connection
                way(settings, target)
    assert tables(path) == before


def _fail_after(session: Session) -> None:
    put(session, "a", "3")
    raise RuntimeError


def test_a_store_opens_again_where_it_was(tmp_path: Path) -> None:
    """What was committed is there, what was not is not."""
    path = tmp_path / "state.db"
    with Store(path) as store, store.transaction() as session:
        put(session, "a", "1")
        put(session, "a", "2")
    with Store(path) as store:
        with pytest.raises(RuntimeError), store.transaction() as session:
            _fail_after(session)
        with store.transaction() as session:
            assert (get(session, "a"), get(session, "b")) == ("2", "")


def test_commits_outlive_a_power_cut_and_references_hold(tmp_path: Path) -> None:
    """The pragmas that every connection must have."""
    with Store(tmp_path / "state.db") as store, store._engine.connect() as connection:
        told = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_only_what_need_not_outlive_a_power_cut_waits_for_no_disk(tmp_path: Path) -> None:
    """Each transaction says so for itself: the next one is lasting again."""
    levels = []
    with Store(tmp_path / "state.db") as store:
        for lasting in (False, True):
            with store.transaction(lasting=lasting) as session:
                levels.append(session.connection().execute(text("PRAGMA synchronous")).scalar())
        with store.transaction() as session:
            levels.append(session.connection().execute(text("PRAGMA synchronous")).scalar())
    assert levels == [1, 2, 2]


def test_one_that_is_made_anew_waits_for_no_disk_and_is_as_any_other_then(tmp_path: Path) -> None:
    """Whole or lost; whoever opens it next finds what was put there, and has it as usual."""
    path = tmp_path / "made/state.db"
    path.parent.mkdir()
    with Store(path, lasting=False) as store, store.transaction() as session:
        pragmas = ("synchronous", "journal_mode")
        told = [session.connection().execute(text(f"PRAGMA {name}")).scalar() for name in pragmas]
        put(session, "a", "1")
    assert told == [0, "memory"]
    final = path.rename(tmp_path / "state.db")
    with Store(final) as store, store.transaction() as session:
        assert session.connection().execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert get(session, "a") == "1"


def test_a_database_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    """It is not migrated, not emptied; the message says what to do."""
    path = tmp_path / "state.db"
    Store(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer version of syndicator") as caught:
        Store(path)
    assert "upgrade" in caught.value.hint
    assert path.read_bytes() == before
    assert index.revision(path) == "9999"
    assert index.load(path) is None


def test_a_database_of_an_older_build_is_refused_untouched(tmp_path: Path) -> None:
    """Its rows would be misread: it is to be moved away, and made anew."""
    path = tmp_path / "state.db"
    Store(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StoreError, match="older version of syndicator") as caught:
        Store(path)
    assert "rebuilt from the journal" in caught.value.hint
    assert index.load(path) is None


@pytest.mark.parametrize(
    "data", [b"this is no database" * 100, b"SQLite format 3\0" + b"x" * 5000]
)
def test_a_damaged_database_is_told_and_left_alone(tmp_path: Path, data: bytes) -> None:
    """It is for a person to move away; a rebuilt one takes its place."""
    path = tmp_path / "state.db"
    path.write_bytes(data)
    for open_it in (Store, index.load, index.revision):
        with pytest.raises(StoreError, match="is damaged") as caught:
            open_it(path)
        assert "rebuilt from the journal" in caught.value.hint
    assert path.read_bytes() == data


def test_a_folder_in_its_place_is_an_error_with_words(tmp_path: Path) -> None:
    """No traceback for a mishap with names."""
    (tmp_path / "state.db").mkdir()
    with pytest.raises(StoreError, match="could not be used"):
        Store(tmp_path / "state.db")


def test_a_schema_of_another_version_is_called_that(tmp_path: Path) -> None:
    """Whichever way it is read; it is not said that another program holds it."""
    path = tmp_path / "state.db"
    Store(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE rest")
        db.execute("ALTER TABLE seen RENAME COLUMN digest TO former")
        db.commit()
    says = "could not be used: no such column|could not be used: no such table"
    hints = []
    with pytest.raises(StoreError, match=says) as caught, index.opened(path) as plain:
        plain.execute(index.DIGEST, {"path": "a.md"})
    hints.append(caught.value.hint)
    with (
        Store(path) as store,
        pytest.raises(StoreError, match=says) as caught,
        store.transaction() as session,
    ):
        session.connection().exec_driver_sql("SELECT * FROM rest")
    hints.append(caught.value.hint)
    assert [hint.startswith("another version of syndicator made it") for hint in hints] == [
        True
    ] * 2
    assert all("syndicate archive reindex" in hint for hint in hints)


def test_a_second_writer_is_told_after_waiting(tmp_path: Path) -> None:
    """Another program that holds the database is named as the likely cause."""
    path = tmp_path / "state.db"
    with Store(path) as store:
        store._engine.dispose()
        store._engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 0})
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with (
                pytest.raises(StoreError, match="locked") as caught,
                store.transaction() as session,
            ):
                put(session, "a", "1")
    assert "another program may hold it" in caught.value.hint
