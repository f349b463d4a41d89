"""The same tables in a database of a PostgreSQL server; imported where one is configured."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import SQLModel

from syndicator.doors.server import Server
from syndicator.errors import StoreError

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.types.string import StrDumperUnknown
except ImportError as error:  # pragma: no cover  # the tests' environment has it
    says = f"a store on PostgreSQL needs psycopg: {error}"
    raise StoreError(says, hint="pip install 'syndicator[postgresql]'") from error

_PATIENCE: Final = 5  # seconds: for an answer of the server, and for another writer
_OTHER_SCHEMA: Final = {"42P01", "42703"}  # undefined_table, undefined_column
# One transaction writes at a time, as SQLite has it: a lock of this database and schema, held
# until the transaction ends. The first half of its name is ours: "synd".
_BEGIN: Final = f"""
    SELECT set_config('lock_timeout', '{_PATIENCE}s', true),
        set_config('synchronous_commit', {{}}, true),
        pg_advisory_xact_lock(x'73796e64'::int, hashtext(current_schema()))
"""
_BEGIN_LASTING: Final = _BEGIN.format("current_setting('synchronous_commit')")
_BEGIN_PASSING: Final = _BEGIN.format("'off'")


class _Text(StrDumperUnknown):
    """Texts as PostgreSQL takes them: it has no U+0000, which a receiver's reply may have."""

    def dump(self, obj: str) -> Any:  # noqa: ANN401  # bytes, or a buffer
        return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)


@lru_cache(maxsize=4)
def engine(server: Server, lasting: str) -> Engine:
    """Return the engine for a database; its execution option ``lasting`` is as SQLite's.

    The same database has the same engine, as in ``connect``.
    """

    def connection() -> psycopg.Connection[Any]:
        wishes: dict[str, Any] = {
            "connect_timeout": _PATIENCE,
            "application_name": "syndicator",
            **conninfo_to_dict(server.url),
        }
        if server.password:
            wishes["password"] = server.password
        made = psycopg.connect(**wishes)
        made.adapters.register_dumper(str, _Text)
        return made

    # a server may be started anew while a daemon lives: each connection is tried before its use
    made = create_engine("postgresql+psycopg://", creator=connection, pool_pre_ping=True)

    @event.listens_for(made, "begin")
    def _begin(connection: Any) -> None:  # noqa: ANN401  # SQLAlchemy's event is untyped
        lasts = connection.get_execution_options().get(lasting, True)
        connection.exec_driver_sql(_BEGIN_LASTING if lasts else _BEGIN_PASSING)

    return made


@contextmanager
def plain_errors(server: Server) -> Iterator[None]:
    """Turn the database's own errors into StoreErrors that say what to do."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        lines = str(cause).strip().splitlines()
        says = f"{server} could not be used: {lines[0] if lines else type(cause).__name__}"
        raise StoreError(says, hint=_hint(error, cause)) from error


def _hint(error: Exception, cause: object) -> str:
    if getattr(cause, "sqlstate", None) in _OTHER_SCHEMA:
        return "another version of syndicator made it: `syndicate archive reindex`"
    if isinstance(error, OperationalError | psycopg.OperationalError):
        return "is the server up, may this user connect, does another program hold the lock?"
    return "the server's log may say more"


def revision(made: Engine) -> str:
    """Tell the schema's revision, "" for a database that has none of our tables."""
    with made.connect() as connection:
        here = "SELECT to_regclass('alembic_version') IS NOT NULL"
        if not connection.exec_driver_sql(here).scalar():
            return ""
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return str(found or "")


def wipe(made: Engine) -> None:
    """Write the tables anew, so that nothing of deleted rows is left in their files.

    It may stand in the server's log for recovery, and in backups, for as long as these are kept.
    """
    ours = ", ".join(f'"{name}"' for name in sorted(SQLModel.metadata.tables))
    connection = made.raw_connection()
    try:
        driver: Any = connection.driver_connection
        driver.autocommit = True
        driver.execute(f"VACUUM (FULL) {ours}")
    finally:
        connection.invalidate()  # the next one does not commit by itself
