"""A database of a PostgreSQL server in the place of state.db: where it is, and how it is asked.

psycopg is imported where one is asked: few have it.
"""

import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from syndicator.errors import Busy, StoreError, SyndicatorError

if TYPE_CHECKING:
    import psycopg

PATIENCE: Final = 5  # seconds: for an answer of the server, and for another writer
FORBIDDEN: Final = "42501"  # insufficient_privilege
_OTHER_SCHEMA: Final = {"42P01", "42703"}  # undefined_table, undefined_column
# One transaction writes at a time, as SQLite has it: a lock of this database and schema, held
# until the transaction ends. The first half of its name is ours: "synd".
WRITER: Final = int.from_bytes(b"synd")
LEADER: Final = int.from_bytes(b"synl")  # held by the session of the one that publishes
WORKER: Final = int.from_bytes(b"synw")  # shared by those of workers
CHANNEL: Final = "syndicator"  # where workers are called
PUBLISHER: Final = "publisher"  # as the owner of a lane: there is one, and no more
WORKERS_HAVE: Final = f"lane.owner NOT IN ('', '{PUBLISHER}')"  # a lane: it is leased to a worker
LEASE: Final = 15.0  # seconds without a sign of life until a session's process is taken for dead
LAG: Final = 30  # seconds that the publisher leaves to workers what is due, where there are any
_BEGIN: Final = f"""
    SELECT set_config('lock_timeout', '{PATIENCE}s', true),
        set_config('synchronous_commit', {{}}, true),
        pg_advisory_xact_lock({WRITER}, hashtext(current_schema()))
"""
BEGIN_LASTING: Final = _BEGIN.format("current_setting('synchronous_commit')")
BEGIN_PASSING: Final = _BEGIN.format("'off'")


def holders(lock: int) -> str:
    """Say which sessions hold a lock, their names, and for how long they are silent."""
    return f"""
        SELECT pid, application_name,
            extract(epoch FROM clock_timestamp() - state_change) AS silent
        FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND granted AND objsubid = 2
        AND classid = CAST({lock} AS oid) AND objid = CAST(hashtext(current_schema()) AS oid)
        AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """  # noqa: S608  # constants


HOLDS: Final = f"SELECT 1 FROM ({holders(LEADER)}) AS found WHERE pid = %s"  # noqa: S608  # constants
# The words of ``index.WORDS``, as PostgreSQL has them.
WORDS: Final = {
    "each": "json_array_elements_text",
    "pair": "json_array_elements",
    "first": "(asked.value ->> 0)",
    "second": "(asked.value ->> 1)",
    "most": "greatest",
    "least": "least",
    "yes": "= true",
    "no": "= false",
    "then": "JOIN",
    "by_outlived": "",
    "by_path": "",
    "skip": "FOR UPDATE OF one SKIP LOCKED",
    "leased": f"LEFT JOIN lane ON lane.endpoint = delivery.endpoint AND {WORKERS_HAVE}",
    "until": "coalesce(lane.until / 1000 + 1, 0)",
    "lag": f"""(SELECT CASE WHEN EXISTS (SELECT 1 FROM ({holders(WORKER)}) AS found
        WHERE silent < {LEASE}) THEN {LAG} ELSE 0 END)""",  # noqa: S608  # constants
}
# Sessions of processes of ours (``who``) but this one, as which they have logged in.
OURS: Final = """
    FROM pg_stat_activity WHERE datname = current_database() AND usename = session_user
    AND starts_with(application_name, 'syndicator ') AND pid != pg_backend_pid()
"""
_END: Final = f"""
    SELECT pg_terminate_backend(pid)
    FROM (SELECT pid {OURS} AND application_name = %s UNION SELECT CAST(%s AS int)) AS found
"""  # noqa: S608  # constants
_NAME = re.compile(r"(?<!:):([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Server:
    """A database by its address, as libpq reads it, without a password.

    That libpq gets where it always does: ``PGPASSWORD``, ``PGPASSFILE`` or ``~/.pgpass``, a
    client's certificate, the user of a Unix socket.
    """

    url: str  # postgresql://user@host:port/name?option=…

    def __str__(self) -> str:
        """Return the address."""
        return self.url


LED: Final[dict[Server, int]] = {}  # what this process leads, and by which session of the server


def lost() -> Busy:
    """Return what is said to one that publishes no more."""
    says = "another instance publishes now: this one was not heard of for too long"
    return Busy(says, hint="start it again: it waits until it is needed")


def fence(server: Server, ask: Callable[..., Any]) -> None:
    """Raise Busy where this process led and does no more; ``ask`` runs a statement of psycopg's.

    Whatever writes asks so at its beginning.
    """
    ours = LED.get(server)
    if ours and ask(HOLDS, (ours,)).fetchone() is None:
        raise lost()


def who() -> str:
    """Name this process to others: each of its sessions bears this name, and no other process'."""
    name = f"syndicator {_mark(pid := os.getpid())}, process {pid} of {socket.gethostname()}"
    return name.encode("ascii", "replace").decode()[:63]  # as PostgreSQL would have it


@cache
def _mark(_pid: int) -> str:
    """Tell processes apart that have one number, as in two containers."""
    return token_hex(3)


def end(connection: "psycopg.Connection[Any]", pid: int, name: str = "") -> bool:
    """End a session, and all of the process of this name: with them goes what they have locked.

    Tell whether this user may.
    """
    import psycopg  # noqa: PLC0415  # few have a server

    try:
        connection.execute(_END, (name, pid))
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def connect(server: Server) -> "psycopg.Connection[Any]":
    """Connect; raises psycopg's errors."""
    try:
        import psycopg  # noqa: PLC0415  # few have a server
        from psycopg.types.string import StrDumperUnknown  # noqa: PLC0415  # few have a server
    except ImportError as error:  # pragma: no cover  # the tests' environment has it
        says = f"a store on PostgreSQL needs psycopg: {error}"
        raise StoreError(says, hint="pip install 'syndicator[postgresql]'") from error

    class Text(StrDumperUnknown):
        """Texts as PostgreSQL takes them: it has no U+0000, which a receiver's reply may have."""

        def dump(self, obj: str) -> Any:  # noqa: ANN401  # bytes, or a buffer
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    made = psycopg.connect(**wishes(server))
    made.adapters.register_dumper(str, Text)
    return made


def wishes(server: Server) -> dict[str, Any]:
    """Tell what to connect with; a peer that does not answer for 15 seconds is gone."""
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415  # few have a server

    return {
        "connect_timeout": PATIENCE,
        "tcp_user_timeout": round(LEASE * 1000),
        **conninfo_to_dict(server.url),
        "application_name": who(),
    }


def unusable(server: Server, cause: object) -> StoreError:
    """Return what is said of a database that could not be used; ``cause`` is psycopg's error."""
    import psycopg  # noqa: PLC0415  # few have a server

    lines = str(cause).strip().splitlines()
    says = f"{server} could not be used: {lines[0] if lines else type(cause).__name__}"
    away = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
    if getattr(cause, "sqlstate", None) in _OTHER_SCHEMA:
        hint = "another version of syndicator made it: `syndicate archive reindex`"
    elif away:
        hint = "is the server up, may this user connect, does another program hold the lock?"
    else:
        hint = "the server's log may say more"
    return StoreError(says, hint=hint, away=away)


class Plain:
    """A connection for plain statements, as ``index.Plain`` is one; each commits by itself."""

    TABLES = """
        SELECT table_name FROM information_schema.tables
        WHERE table_schema = current_schema() AND table_name = 'alembic_version'
    """
    MAIL = "SELECT count(*) FROM (SELECT 1 FROM tray LIMIT 1) AS found"

    def __init__(
        self, server: Server, connection: "psycopg.Connection[Any]", *, lasting: bool
    ) -> None:
        self._server = server
        self._connection = connection
        self._begin = BEGIN_LASTING if lasting else BEGIN_PASSING

    def execute(
        self, statement: str, values: Mapping[str, object] | None = None
    ) -> "psycopg.Cursor[Any]":
        """Run a statement whose values are named, as in ``:name``."""
        return self._connection.execute(_said(statement), values or None)

    def executemany(self, statement: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Run a statement for each row."""
        with self._connection.cursor() as cursor:
            cursor.executemany(_said(statement), rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write all of the block or nothing, alone."""
        with self._connection.transaction():
            self._connection.execute(self._begin.encode())
            fence(self._server, self._connection.execute)
            yield


def _said(statement: str) -> Any:  # noqa: ANN401  # psycopg wants a literal
    return _NAME.sub(r"%(\1)s", statement.format_map(WORDS))


@contextmanager
def opened(server: Server, *, lasting: bool = True) -> Iterator[Plain]:
    """Open a connection for plain statements; raise StoreError with what to do."""
    with plain_errors(server), connect(server) as connection:
        connection.autocommit = True
        yield Plain(server, connection, lasting=lasting)


@contextmanager
def plain_errors(server: Server) -> Iterator[None]:
    """Turn psycopg's errors into StoreErrors that say what to do."""
    try:
        yield
    except SyndicatorError:
        raise  # psycopg may be what is missing
    except Exception as error:
        import psycopg  # noqa: PLC0415  # few have a server

        if isinstance(error, psycopg.Error):
            raise unusable(server, error) from error
        raise
