"""What a bucket is known to hold: a small database beside the archive, made anew by a listing.

Lost or damaged, it costs one listing of the bucket and nothing else; so it is not synced to disk.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_TABLES = """
    CREATE TABLE IF NOT EXISTS held (
        key TEXT PRIMARY KEY, size INTEGER NOT NULL, etag TEXT NOT NULL, digest TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
Row = tuple[str, int, str, str]  # key, size, etag, digest


class Inventory:
    """The keys a bucket holds, and how far it follows the journal."""

    def __init__(self, path: Path, of: str) -> None:
        """Open what is known of the bucket ``of`` this name; of another, nothing is."""
        self._db = _opened(path)
        if self.fact("of") != of:
            self.clear()
            self.set(of=of)

    def __enter__(self) -> Self:
        """Use it in a block."""
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """Close it."""
        self._db.close()

    def clear(self) -> None:
        """Know nothing any more, but whose it is."""
        with self._db:
            self._db.execute("DELETE FROM held")
            self._db.execute("DELETE FROM fact WHERE key != 'of'")

    def fact(self, key: str) -> str:
        """Read a single fact, "" when it was never set."""
        row = self._db.execute("SELECT value FROM fact WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def facts(self) -> dict[str, str]:
        """Read all single facts."""
        return dict(self._db.execute("SELECT key, value FROM fact"))

    def set(self, **facts: str) -> None:
        """Set single facts, together."""
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", facts.items())

    def get(self, key: str) -> Row | None:
        """Tell what is known to lie under a key."""
        found: Row | None = self._db.execute("SELECT * FROM held WHERE key = ?", (key,)).fetchone()
        return found

    def put(self, rows: Iterable[Row]) -> None:
        """Know that these are there."""
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?)", rows)

    def drop(self, keys: Iterable[str]) -> None:
        """Know that these are not there any more."""
        with self._db:
            self._db.executemany("DELETE FROM held WHERE key = ?", [(key,) for key in keys])

    def below(self, prefix: str) -> Iterator[Row]:
        """Yield what is known to lie under keys that begin so, in their order."""
        yield from self._db.execute(
            "SELECT * FROM held WHERE key >= ? AND key < ? ORDER BY key",
            (prefix, prefix + "\U0010ffff"),
        ).fetchall()


def facts(path: Path) -> dict[str, str]:
    """Read the single facts of an inventory that may not be there; writes nothing."""
    if path.exists():
        with suppress(sqlite3.DatabaseError), closing(_read_only(path)) as db:
            return dict(db.execute("SELECT key, value FROM fact"))
    return {}


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _made(path)
    except sqlite3.DatabaseError:  # nothing in it can't be told again by the bucket
        path.unlink()
        return _made(path)


def _made(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    try:
        db.execute("PRAGMA synchronous = OFF")
        db.executescript(_TABLES)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db
