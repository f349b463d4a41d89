"""The tray: lines for the journal, laid down by workers, taken up by whoever has the journal.

A worker has no archive. What it settles it does to the tables, and lays the line here in the same
transaction; the publisher's next batch writes these lines before its own.
"""

import json
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, text
from sqlmodel import Session

from syndicator.doors import lines
from syndicator.doors.store.dialects import said
from syndicator.doors.store.lanes import each
from syndicator.model.records import Record

LEFT: Final = "tray"  # the key that is set in a file to which lines were copied
_LAY = text("INSERT INTO tray (line) VALUES (:line)")
_READ = text("SELECT line FROM tray ORDER BY id")
_TAKE = text("DELETE FROM tray RETURNING id, line")
_DROP = said("DELETE FROM tray WHERE line IN (SELECT value FROM {each}(:lines)) RETURNING line")


def lay(session: Session, records: Iterable[Record]) -> None:
    """Lay down what happened."""
    each(session, _LAY, [{"line": lines.encode(one).decode()} for one in records])


def read(connection: Connection) -> list[Record]:
    """Tell what lies there, oldest first."""
    return [lines.decode(row[0].encode()) for row in connection.execute(_READ)]


def take(session: Session) -> list[Record]:
    """Take up what lies there, oldest first."""
    rows = sorted(tuple(row) for row in session.connection().execute(_TAKE))
    return [lines.decode(line.encode()) for _, line in rows]


def drop(session: Session, records: Iterable[Record]) -> list[Record]:
    """Let these not lie there any more, for the journal has them; return those that did not."""
    made = [(lines.encode(one).decode(), one) for one in records]
    there = session.connection().execute(_DROP, {"lines": json.dumps([line for line, _ in made])})
    taken = {row[0] for row in there}
    return [one for line, one in made if line not in taken]
