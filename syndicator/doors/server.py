"""A database of a PostgreSQL server in the place of state.db: where it is, and how it is asked.

psycopg is imported where one is asked: few have it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from syndicator.errors import StoreError

if TYPE_CHECKING:
    import psycopg

PATIENCE: Final = 5  # seconds: for an answer of the server, and for another writer
_OTHER_SCHEMA: Final = {"42P01", "42703"}  # undefined_table, undefined_column
# One transaction writes at a time, as SQLite has it: a lock of this database and schema, held
# until the transaction ends. The first half of its name is ours: "synd".
_BEGIN: Final = f"""
    SELECT set_config('lock_timeout', '{PATIENCE}s', true),
        set_config('synchronous_commit', {{}}, true),
        pg_advisory_xact_lock(x'73796e64'::int, hashtext(current_schema()))
"""
BEGIN_LASTING: Final = _BEGIN.format("current_setting('synchronous_commit')")
BEGIN_PASSING: Final = _BEGIN.format("'off'")
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
}
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


def connect(server: Server) -> "psycopg.Connection[Any]":
    """Connect; raises psycopg's errors."""
    try:
        import psycopg  # noqa: PLC0415  # few have a server
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415  # few have a server
        from psycopg.types.string import StrDumperUnknown  # noqa: PLC0415  # few have a server
    except ImportError as error:  # pragma: no cover  # the tests' environment has it
        says = f"a store on PostgreSQL needs psycopg: {error}"
        raise StoreError(says, hint="pip install 'syndicator[postgresql]'") from error

    class Text(StrDumperUnknown):
        """Texts as PostgreSQL takes them: it has no U+0000, which a receiver's reply may have."""

        def dump(self, obj: str) -> Any:  # noqa: ANN401  # bytes, or a buffer
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    wishes: dict[str, Any] = {
        "connect_timeout": PATIENCE,
        "application_name": "syndicator",
        **conninfo_to_dict(server.url),
    }
    made = psycopg.connect(**wishes)
    made.adapters.register_dumper(str, Text)
    return made


def unusable(server: Server, cause: object) -> StoreError:
    """Return what is said of a database that could not be used; ``cause`` is psycopg's error."""
    import psycopg  # noqa: PLC0415  # few have a server

    lines = str(cause).strip().splitlines()
    says = f"{server} could not be used: {lines[0] if lines else type(cause).__name__}"
    if getattr(cause, "sqlstate", None) in _OTHER_SCHEMA:
        hint = "another version of syndicator made it: `syndicate archive reindex`"
    elif isinstance(cause, psycopg.OperationalError):
        hint = "is the server up, may this user connect, does another program hold the lock?"
    else:
        hint = "the server's log may say more"
    return StoreError(says, hint=hint)


class Plain:
    """A connection for plain statements, as ``index.Plain`` is one; each commits by itself."""

    TABLES = """
        SELECT table_name FROM information_schema.tables
        WHERE table_schema = current_schema() AND table_name = 'alembic_version'
    """

    def __init__(self, connection: "psycopg.Connection[Any]", *, lasting: bool) -> None:
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
            yield


def _said(statement: str) -> Any:  # noqa: ANN401  # psycopg wants a literal
    return _NAME.sub(r"%(\1)s", statement.format_map(WORDS))


@contextmanager
def opened(server: Server, *, lasting: bool = True) -> Iterator[Plain]:
    """Open a connection for plain statements; raise StoreError with what to do."""
    import psycopg  # noqa: PLC0415  # few have a server

    try:
        with connect(server) as connection:
            connection.autocommit = True
            yield Plain(connection, lasting=lasting)
    except psycopg.Error as error:
        raise unusable(server, error) from error
