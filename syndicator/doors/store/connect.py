"""Opening the store: transactions that write from the start, migrations, plain errors.

What PostgreSQL has otherwise is in ``postgresql``; imported where a server is configured.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlmodel import Session

from syndicator.doors.index import HEAD, Where, revision, unusable
from syndicator.errors import StoreError

_LASTING = "lasting"
_READING = "reading"
DAMAGED = "move it away (keep it) and run again: it is rebuilt from the journal and the blobs"


def engine(where: Where, *, scratch: bool = False) -> Engine:
    """Return the engine for a store: commits that survive power loss, one writer at a time.

    A ``scratch`` one is worth nothing before it is whole: it waits for no disk at all.

    A commit without ``lasting`` survives the end of the process; after a power cut it may be gone,
    whole, as if it had not been made. The same store has the same engine: it keeps the statements
    that were compiled, and to compile them would cost a daemon's pass more than all else it does.
    """
    if isinstance(where, Path):
        return _file(where, scratch=scratch)
    from syndicator.doors.store import postgresql  # noqa: PLC0415  # few have it

    return postgresql.engine(where, _LASTING, _READING)


@lru_cache(maxsize=4)
def _file(path: Path, *, scratch: bool) -> Engine:
    """Return the engine for a state.db: in WAL mode, which whoever opens a scratch one sets."""
    made = create_engine(f"sqlite:///{path}", connect_args={"timeout": 5})

    @event.listens_for(made, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's "begin" event below decides
        # of a scratch one pages stay in memory, 16 MiB of them, as long as rows still come
        fast = ("journal_mode=MEMORY", "cache_size=-16384")
        for pragma in (*(fast if scratch else ("journal_mode=WAL",)), "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(made, "begin")
    def _begin(connection: Any) -> None:  # noqa: ANN401  # SQLAlchemy's event is untyped
        wishes = connection.get_execution_options()
        if wishes.get(_READING):
            connection.exec_driver_sql("BEGIN")
            return
        lasting = wishes.get(_LASTING, True)
        level = "OFF" if scratch else "FULL" if lasting else "NORMAL"  # NORMAL waits for no disk
        connection.connection.execute(f"PRAGMA synchronous={level}")
        # A deferred transaction that turns from reading to writing fails at once when another
        # process wrote in between, whatever the timeout says.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return made


def plain_errors(where: Where) -> AbstractContextManager[None]:
    """Turn the database's own errors into StoreErrors that say what to do."""
    if isinstance(where, Path):
        return _errors_of_file(where)
    from syndicator.doors.store import postgresql  # noqa: PLC0415  # few have it

    return postgresql.plain_errors(where)


@contextmanager
def _errors_of_file(path: Path) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise unusable(path, error.orig) from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise StoreError(f"{path} is damaged: {cause}", hint=DAMAGED) from error


def wipe(where: Where, made: Engine) -> None:
    """Write the tables anew, so that nothing of deleted rows is left in them or beside them."""
    if not isinstance(where, Path):
        from syndicator.doors.store import postgresql  # noqa: PLC0415  # few have it

        postgresql.wipe(where)
        return
    connection = made.raw_connection()
    try:
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            connection.cursor().execute(statement)
    finally:
        connection.close()


def migrate(where: Where, made: Engine) -> None:
    """Bring the schema up to this version's; do nothing, and import nothing, when it is.

    Raises StoreError when a newer version of the program wrote the database, or an older one that
    was never released.
    """
    found = revision(where)
    if found == HEAD:
        return
    from alembic import command  # noqa: PLC0415  # half a second, needed once
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    if found and found < HEAD and found not in known:
        says = f"{where} was written by an older version of syndicator (schema {found})"
        raise StoreError(says, hint=DAMAGED)
    if found and found not in known:
        raise newer(where, found)
    with made.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def newer(where: Where, found: str) -> StoreError:
    """Return what is said of a database with a schema that this version does not know yet."""
    says = f"{where} was written by a newer version of syndicator (schema {found})"
    return StoreError(says, hint="upgrade syndicator, or restore the state of this version")


def begin(made: Engine, *, lasting: bool) -> Session:
    """Start a transaction that may write; another program's lock is waited for up to 5 seconds."""
    session = Session(made.execution_options(**{_LASTING: lasting}), expire_on_commit=False)
    try:
        session.connection()
    except BaseException:
        session.close()
        raise
    return session


def reading(made: Engine) -> Connection:
    """Start a transaction that reads, as things are now; no lock is waited for."""
    other = made.dialect.name != "sqlite"  # whose transactions are so by themselves
    level = {"isolation_level": "REPEATABLE READ"} if other else {}
    return made.execution_options(**{_READING: True}, **level).connect()


def beside(made: Engine, patience: float) -> Session:
    """Start a transaction that writes beside whoever writes; of lanes only, and on a server.

    It waits half a second for a row: less than after which PostgreSQL looks for who waits for each
    other, so of a worker and a pass it is the worker that gives way. Who does nothing in it for
    ``patience`` seconds, being stopped or cut off, loses it, and with it the rows it locked.
    """
    session = Session(made.execution_options(**{_READING: True}), expire_on_commit=False)
    try:
        session.connection().exec_driver_sql(
            "SELECT set_config('lock_timeout', '500ms', true),"
            f" set_config('idle_in_transaction_session_timeout', '{patience * 1000:.0f}ms', true)"
        )
    except BaseException:
        session.close()
        raise
    return session
