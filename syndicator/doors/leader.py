"""Who publishes, of several that could: who holds an advisory lock of the store's schema.

The lock is a session's, and its lease is that session's last sign of life. Who is killed loses it
at once, for its connection ends; where a machine is gone, or a process stands still, the next one
finds that nothing was heard for the length of the lease, ends the session and takes the lock.
What writes asks first whether its process has it still (``server.fence``): who wakes up too late
changes nothing.
"""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from syndicator.doors import server as door
from syndicator.doors.index import ANSWERED, HEAD
from syndicator.doors.server import LEASE, Server
from syndicator.errors import Busy, StoreError

if TYPE_CHECKING:
    import psycopg

    from syndicator.config.tables import Settings

SIGN: Final = 3.0  # seconds between two signs of life
_TAKE: Final = (
    f"SELECT pg_try_advisory_lock({door.LEADER}, hashtext(current_schema()))"  # constants
)
# Where a table is locked, as by VACUUM FULL, what asks for mail is a sign of life and no more.
_BRIEF: Final = "SET lock_timeout = '1s'"
# What workers left: lines, or an endpoint that is to be told of, as ``alerts.news`` has it.
_MAIL: Final = f"""
    SELECT EXISTS (SELECT 1 FROM tray) OR EXISTS (
        SELECT 1 FROM endpoint LEFT JOIN alert ON kind = 'endpoint' AND alert.name = endpoint.name
        WHERE endpoint.name = ANY(%(names)s) AND CASE WHEN alert.name IS NULL
            THEN 0 < %(after)s AND %(after)s <= streak
            ELSE streak = 0 AND {ANSWERED.format("endpoint.name")} END)
"""  # noqa: S608  # constants


class Leader:
    """Leads for the length of a block; raises Busy where another one does."""

    def __init__(self, server: Server) -> None:
        """Prepare."""
        self.lost = False  # another one leads
        self._mail = False  # workers left something
        self._settings: Settings | None = None  # as they were when it was asked last
        self._server = server
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="leader", daemon=True)

    def __enter__(self) -> Self:
        """Take the lock."""
        self._connection = self._seated()
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        """Let another one have it."""
        self._over.set()
        self._thread.join()
        door.LED.pop(self._server, None)
        self._connection.close()

    def mailed(self, settings: "Settings") -> bool:
        """Tell whether workers left something since it was asked; raise Busy if another one leads.

        That is lines for the journal, or an endpoint that fails, or answers again, of which
        somebody is to be told.
        """
        if self.lost:
            raise door.lost()
        self._settings = settings
        mail, self._mail = self._mail, False
        return mail

    def _seated(self) -> "psycopg.Connection[Any]":
        with door.plain_errors(self._server):
            made = door.connect(self._server)
            try:
                self._take(made)
            except BaseException:
                made.close()
                raise
        door.LED[self._server] = made.info.backend_pid
        return made

    def _take(self, made: "psycopg.Connection[Any]") -> None:
        made.autocommit = True
        _fits(self._server, made)
        if not _true(made, _TAKE):
            raise _taken(made)
        made.execute(_BRIEF.encode())

    def _live(self) -> None:
        """Give signs of life, and look for mail; where the session broke, begin another."""
        while not (self.lost or self._over.wait(SIGN)):
            try:
                with door.plain_errors(self._server):
                    self._mail = mail(self._connection, self._settings)
            except StoreError:
                if self._connection.closed:
                    self._again()

    def _again(self) -> None:
        try:
            self._connection = self._seated()
        except Busy:
            self.lost = True
        except StoreError as error:
            self.lost = not error.away  # while it is away, nobody else can take it either


def mail(connection: "psycopg.Connection[Any]", settings: "Settings | None") -> bool:
    """Tell whether workers left something."""
    names = [one.name for one in settings.endpoints] if settings else []
    after = settings.schedule.alert_after if settings else 0
    return _true(connection, _MAIL, {"names": names, "after": after})


def _fits(server: Server, connection: "psycopg.Connection[Any]") -> None:
    """Raise StoreError where a newer version made the tables: no waiting changes that."""
    if connection.execute(door.Plain.TABLES.encode()).fetchone() is not None:
        row = connection.execute(b"SELECT version_num FROM alembic_version").fetchone()
        if row and row[0] > HEAD:
            from syndicator.doors.store.connect import newer  # noqa: PLC0415  # it is the end

            raise newer(server, row[0])


def _taken(connection: "psycopg.Connection[Any]") -> Busy:
    """Tell who leads; end one that was not heard of for too long, with all that it has locked.

    Raises StoreError where it is a session of this process, which broke here and not there yet.
    """
    row = connection.execute(door.holders(door.LEADER).encode()).fetchone()
    if row is None:
        return Busy("another process publishes", hint="")
    pid, name, silent = row
    if name == door.who():
        door.end(connection, pid)
        raise StoreError("an earlier session of this process is ended", away=True)
    if silent is None or silent < LEASE:
        return Busy(f"{name} publishes", hint="")
    if door.end(connection, pid, name):
        return Busy(f"{name} publishes, not heard of for {silent:.0f} s: it is ended", hint="")
    says = f"{name} publishes, not heard of for too long; this user of the database may not"
    return Busy(f"{says} end its session, for want of EXECUTE of pg_terminate_backend", hint="")


def _true(
    connection: "psycopg.Connection[Any]",
    statement: str,
    values: Mapping[str, object] | None = None,
) -> bool:
    row = connection.execute(statement.encode(), values).fetchone()
    return bool(row and row[0])
