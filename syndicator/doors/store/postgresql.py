"""The same tables in a database of a PostgreSQL server; imported where one is configured."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from syndicator.doors.server import (
    BEGIN_LASTING,
    BEGIN_PASSING,
    Server,
    connect,
    fence,
    opened,
    unusable,
)


@lru_cache(maxsize=4)
def engine(server: Server, lasting: str, reading: str) -> Engine:
    """Return the engine for a database; its execution options mean what SQLite's do.

    The same database has the same engine, as in ``connect``.
    """
    # a server may be started anew while a daemon lives: each connection is tried before its use
    made = create_engine(
        "postgresql+psycopg://", creator=lambda: connect(server), pool_pre_ping=True
    )

    @event.listens_for(made, "begin")
    def _begin(connection: Any) -> None:  # noqa: ANN401  # SQLAlchemy's event is untyped
        wishes = connection.get_execution_options()
        if wishes.get(reading):
            return
        lasts = wishes.get(lasting, True)
        connection.exec_driver_sql(BEGIN_LASTING if lasts else BEGIN_PASSING)
        fence(server, connection.exec_driver_sql)

    return made


@contextmanager
def plain_errors(server: Server) -> Iterator[None]:
    """Turn the database's own errors into StoreErrors that say what to do."""
    try:
        yield
    except DBAPIError as error:
        raise unusable(server, error.orig) from error


def wipe(server: Server) -> None:
    """Write the tables anew, so that nothing of deleted rows is left in their files.

    It may stand in the server's log for recovery, and in backups, for as long as these are kept.
    """
    with opened(server) as db:
        ours = ", ".join(f'"{name}"' for name in sorted(SQLModel.metadata.tables))
        db.execute(f"VACUUM (FULL) {ours}")
