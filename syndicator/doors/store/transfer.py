"""All rows of a store into another one, of whichever kind: the tables are the same."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlmodel import SQLModel

from syndicator.doors.index import Where, revision
from syndicator.doors.store import Store, leases, tray
from syndicator.doors.store.apply import apply
from syndicator.doors.store.rows import batches, put

_STAY = {"lane", "tray"}
_ROWS = 1000  # in memory at a time


def copy(source: Where, target: Where) -> int:
    """Let a store hold what another one holds, and nothing else; tell how many rows that is.

    The other is read as it was at one moment, and held up by nothing; the store itself is filled
    in one transaction: whoever reads it sees what it held, or all of this.
    """
    with (
        Store(source) as old,
        Store(target) as new,
        old.reading() as there,
        new.transaction() as session,
    ):
        here = session.connection()
        leases.revoke(session)
        # those that others refer to come first; lanes and what workers settled stay as they are
        tables = [one for one in SQLModel.metadata.sorted_tables if one.name not in _STAY]
        for table in reversed(tables):
            here.execute(delete(table))
        count = sum(_fill(table, there, here) for table in tables)
        if left := tray.read(there):
            tray.lay(session, left)
            put(session, tray.LEFT, "1")
        apply(session, tray.read(here))
        return count


def snapshot(source: Where, file: Path) -> None:
    """Copy a store into a new state.db, if there is one."""
    if not isinstance(source, Path):
        if revision(source):
            copy(source, file)
    elif source.exists():
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(file)) as new:
            old.backup(new)


def _fill(table: Table, there: Connection, here: Connection) -> int:
    found = there.execution_options(yield_per=_ROWS).execute(select(table))
    count = 0
    for rows in batches(found.mappings(), _ROWS):
        here.execute(insert(table), [dict[str, Any](row) for row in rows])
        count += len(rows)
    if here.dialect.name == "postgresql" and "id" in table.columns:
        _count_on(table, here)
    return count


def _count_on(table: Table, here: Connection) -> None:
    """Let the numbers that the server gives go on behind those that were copied."""
    counted = here.execute(
        text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name}
    ).scalar()
    if counted is not None:
        last = here.execute(select(func.max(table.c.id))).scalar()
        values = {"counted": counted, "last": last or 1, "used": last is not None}
        here.execute(text("SELECT setval(CAST(:counted AS regclass), :last, :used)"), values)
