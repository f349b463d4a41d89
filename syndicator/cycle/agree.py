"""Whether the database says what the journal and the files say."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from syndicator.doors import blobs
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store, documents, tray
from syndicator.doors.store.apply import apply
from syndicator.doors.store.transfer import snapshot
from syndicator.errors import StoreError
from syndicator.model.posts import Problem, Severity

# What replaying the journal must bring back, as rows that tell which thing they are about first.
_ROWS: Final = {
    "post": "id, path, url, title, seq, source, post, published, updated, live",
    "image": "url, digest, media_type, extension, size, width, height, plan, reason, tries",
    "copy": "digest, extension, public, size, rules",
    "endpoint": "name, joined, since",
    "message": "id, key, kind, subject, seq, at, body",
    "delivery": "message, endpoint, CASE WHEN state IN ('pending', 'leased', 'held') THEN 'open'"
    " ELSE replace(state, 'left', 'dead') END",
    "tombstone": "kind, subject",
    "adoption": "address, id, published, updated",
    "damage": "name, place, at",
}
# What the database must have of these; it forgets in time what is over.
_OPEN: Final = "state NOT IN ('done', 'superseded', 'cancelled')"
_NEEDED: Final = {
    "message": f"id IN (SELECT message FROM other.delivery WHERE {_OPEN})",  # noqa: S608  # ours
    "delivery": _OPEN,
}
_SHOWN = 10  # differences of one table that are worded


def agree(layout: Layout, ledger: Ledger) -> Iterator[Problem]:
    """Yield where the database differs from the journal, or a feed from what was written."""
    yield from _documents(layout, ledger)
    with tempfile.TemporaryDirectory(prefix="syndicator-") as folder:
        other = Layout(layout.root)
        other.state = replayed = Path(folder) / "state.db"
        try:
            with Store(other.state) as store:
                Ledger(other, store, dry=True)
        except StoreError as error:
            says = f"the journal can't be read to its end: {error.says}"
            yield _problem("journal", "ARC005", says, error.hint)
            return
        state = layout.state
        if not isinstance(state, Path):
            snapshot(state, Path(folder) / "copy.db")
            state = Path(folder) / "copy.db"
            _catch_up(state, replayed)
        yield from _differences(state, replayed)


def _catch_up(state: Path, replayed: Path) -> None:
    """Let the one that was made from the journal have what workers settled since."""
    with Store(state) as store, store.reading() as connection, Store(replayed) as other:
        settled = tray.read(connection)
        with other.transaction() as session:
            apply(session, settled)


def _differences(state: Path, other: Path) -> Iterator[Problem]:
    with closing(sqlite3.connect(state)) as db:
        db.execute("ATTACH ? AS other", (str(other),))
        for table, columns in _ROWS.items():
            here = f"SELECT {columns} FROM main.{table}"  # noqa: S608  # names of ours
            there = f"SELECT {columns} FROM other.{table}"  # noqa: S608
            rows = db.execute(f"SELECT * FROM ({here} EXCEPT {there})").fetchall()  # noqa: S608
            there += f" WHERE {_NEEDED.get(table, True)}"
            rows += db.execute(f"SELECT * FROM ({there} EXCEPT {here})").fetchall()  # noqa: S608
            for which in sorted({str(row[0]) for row in rows})[:_SHOWN]:
                says = f"state.db and the journal tell different things of the {table} {which}"
                yield _problem("state.db", "ARC005", says, "syndicate archive reindex")


def _documents(layout: Layout, ledger: Ledger) -> Iterator[Problem]:
    with ledger.store.transaction() as session:
        known = documents.digests(session)
    for path, digest in sorted(known.items()):
        if blobs.look(layout.public / path).digest != digest:
            says = "this feed is not as it was written"
            hint = "syndicate run writes it again"
            yield _problem(f"public/{path}", "ARC001", says, hint, "warning")


def _problem(path: str, code: str, says: str, hint: str, severity: Severity = "error") -> Problem:
    return Problem(path=path, code=code, says=says, hint=hint, severity=severity)
