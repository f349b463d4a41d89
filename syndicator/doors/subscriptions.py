"""Who subscribed to which feed, and what each was sent: the built-in hub's own part of the outbox.

It holds the secrets of subscribers, by which these know what we send them: nobody else may read
it, and it is in no journal and not in state.db, which the writer of the archive holds. The server
writes it, and whoever asks for something to be sent again, or not at all, a line; others may look.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from syndicator.doors import files
from syndicator.errors import StoreError

NAME = "hub.db"
_VERSION = 1
_SCHEMA = f"""
    CREATE TABLE subscription (key TEXT PRIMARY KEY, host TEXT NOT NULL, callback TEXT NOT NULL,
        topic TEXT NOT NULL, path TEXT NOT NULL, expires REAL NOT NULL, secret TEXT NOT NULL,
        has TEXT NOT NULL, failures INTEGER NOT NULL, due REAL NOT NULL, at REAL NOT NULL,
        milliseconds INTEGER NOT NULL, peer TEXT NOT NULL, status INTEGER NOT NULL,
        says TEXT NOT NULL, reply TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX ix_owed ON subscription (path, has, due);
    CREATE INDEX ix_expires ON subscription (expires);
    CREATE INDEX ix_host ON subscription (host);
    CREATE TABLE feed (path TEXT PRIMARY KEY, tag TEXT NOT NULL) WITHOUT ROWID;
    PRAGMA user_version = {_VERSION};
"""
PATHS = "SELECT DISTINCT path FROM subscription"
OWED = """
    SELECT key, host, failures FROM subscription WHERE path = :path AND has < :tag AND due <= :now
    UNION ALL
    SELECT key, host, failures FROM subscription WHERE path = :path AND has > :tag AND due <= :now
"""
END = "DELETE FROM subscription WHERE expires <= ?"
OF_HOST = "SELECT count(*) FROM subscription WHERE host = ?"
SECRETS = "SELECT DISTINCT secret FROM subscription WHERE host = ? AND secret != ''"
_NOTE = """
    UPDATE subscription SET has = CASE :failures WHEN 0 THEN :has ELSE has END,
        failures = :failures, due = :due, at = :at,
        milliseconds = :milliseconds, peer = :peer, status = :status, says = :says, reply = :reply
    WHERE key = :key
"""
_PUBLISHED = "coalesce((SELECT tag FROM feed WHERE feed.path = subscription.path), has)"
_ASKED = {
    "retry": "UPDATE subscription SET failures = 0, due = 0 WHERE key = ?",
    "replay": "UPDATE subscription SET has = '', failures = 0, due = 0 WHERE key = ?",
    "cancel": f"UPDATE subscription SET has = {_PUBLISHED}, failures = 0, due = 0 WHERE key = ?",  # noqa: S608  # constants
}
_WAITS = f"has != {_PUBLISHED}"
_COUNT = f"""
    SELECT count(*), coalesce(sum(failures > 0), 0), coalesce(sum({_WAITS}), 0)
    FROM subscription WHERE expires > ?
"""  # noqa: S608  # constants


@dataclass(slots=True, kw_only=True)
class Subscription:
    """One subscriber of one feed, and its last attempt; times in seconds of the epoch."""

    callback: str
    topic: str  # the feed's address
    path: str  # the feed's path below public/
    expires: float
    secret: str = field(default="", repr=False)
    has: str = ""  # the tag of the version it was sent last
    failures: int = 0  # since it took something last
    due: float = 0.0  # not before this is it tried again
    at: float = 0.0  # of the last attempt
    milliseconds: int = 0
    peer: str = ""  # the address that answered
    status: int = 0
    says: str = ""
    reply: str = ""  # what it said, where that was no acknowledgement; without secrets

    @property
    def key(self) -> str:
        """What there is one subscription of: a callback and a topic (WebSub, 5.1)."""
        return key(self.callback, self.topic)

    @property
    def host(self) -> str:
        """Whom it is called back at."""
        return urlsplit(self.callback).hostname or ""


_FIELDS = [one.name for one in fields(Subscription)]
_SELECT = f"SELECT {', '.join(_FIELDS)} FROM subscription"  # noqa: S608  # constants
_PUT = f"""
    INSERT OR REPLACE INTO subscription (key, host, {", ".join(_FIELDS)})
    VALUES (:key, :host, {", ".join(f":{one}" for one in _FIELDS)})
"""  # noqa: S608  # constants


class Owed(NamedTuple):
    """That a subscriber is owed a feed."""

    key: str
    host: str
    failures: int


class Standing(NamedTuple):
    """How many subscriptions there are."""

    subscribers: int = 0
    failing: int = 0  # they took nothing when they were sent something last
    waiting: int = 0  # they are owed what is published now


def key(callback: str, topic: str) -> str:
    """Return the name of a subscription, whether there is one or not."""
    return sha256(f"{callback}\n{topic}".encode()).hexdigest()[:32]


def standing(folder: Path, now: float) -> Standing:
    """Tell how many subscriptions there are, none where there is no hub; reads only."""
    with _looked_at(folder) as db:
        return Standing(*db.execute(_COUNT, (now,)).fetchone()) if db else Standing()


def listed(folder: Path, name: str = "") -> list[tuple[Subscription, bool]]:
    """Tell subscriptions, or the one of this name, with whether each is owed something.

    Those that were tried last come first.
    """
    which = "WHERE key = :name" if name else ""
    statement = f"{_SELECT.replace(' FROM', f', {_WAITS} FROM')} {which} ORDER BY at DESC, key"
    with _looked_at(folder) as db:
        rows = db.execute(statement, {"name": name}) if db else ()
        return [(_read(row[:-1]), bool(row[-1])) for row in rows]


def ask(folder: Path, what: Literal["retry", "replay", "cancel"], names: Sequence[str]) -> None:
    """Let these be sent the feed at the next look, or anew, or not until it changes again.

    It survives a power cut; the server sees it within a second.
    """
    file = folder / NAME
    with _plain(file), closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", 5, uri=True)) as db, db:
        db.execute("PRAGMA synchronous=FULL")
        db.executemany(_ASKED[what], [(name,) for name in names])


@contextmanager
def _looked_at(folder: Path) -> Iterator[sqlite3.Connection | None]:
    file = folder / NAME
    if files.stat(file).size <= 0:
        yield None
        return
    with _plain(file), closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", 5, uri=True)) as db:
        yield db


class Subscriptions:
    """All of them, for one thread at a time; whoever opens them holds the hub's lock."""

    def __init__(self, folder: Path) -> None:
        """Open them; raise StoreError where they can't be used."""
        files.make_folder(folder)
        folder.chmod(0o700)
        self._file = folder / NAME
        self._file.touch(0o600)
        with self._using():
            self._db = sqlite3.connect(
                self._file, timeout=5, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode=WAL")
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                self._db.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
            elif version != _VERSION:
                raise StoreError(f"{self._file} was written by another version", hint=_HINT)

    def __len__(self) -> int:
        return int(self._one("SELECT count(*) FROM subscription"))

    def __iter__(self) -> Iterator[Subscription]:
        return iter([_read(row) for row in self._rows(_SELECT)])

    def get(self, name: str) -> Subscription | None:
        """Return one by its name."""
        found = self._rows(f"{_SELECT} WHERE key = ?", name)
        return _read(found[0]) if found else None

    def put(self, one: Subscription) -> None:
        """Keep one, in place of another of its name; it survives a power cut."""
        values = {name: getattr(one, name) for name in _FIELDS}
        self._lasting(_PUT, {"key": one.key, "host": one.host, **values})

    def drop(self, one: Subscription) -> None:
        """Forget one; it survives a power cut."""
        self._lasting("DELETE FROM subscription WHERE key = :key", {"key": one.key})

    def note(self, one: Subscription) -> None:
        """Keep what came of an attempt; after a power cut it may be made again."""
        values = {name: getattr(one, name) for name in _FIELDS}
        with self._using():
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute(_NOTE, {"key": one.key, **values})

    def end(self, now: float) -> None:
        """Forget those whose lease is over."""
        with self._using():
            self._db.execute(END, (now,))

    def paths(self) -> list[str]:
        """Tell the feeds that somebody subscribed to."""
        return [str(row[0]) for row in self._rows(PATHS)]

    def owed(self, path: str, tag: str, now: float) -> list[Owed]:
        """Tell who is owed a feed that has this tag now; where it changed, all who have it not."""
        with self._using():
            if self._rows("SELECT tag FROM feed WHERE path = ?", path) != [(tag,)]:
                self._db.execute("INSERT OR REPLACE INTO feed VALUES (?, ?)", (path, tag))
            values = {"path": path, "tag": tag, "now": now}
            return [Owed(*row) for row in self._db.execute(OWED, values)]

    def of_host(self, host: str) -> int:
        """Tell how many call back at a host."""
        return int(self._one(OF_HOST, host))

    def secrets(self, host: str) -> list[str]:
        """Tell the secrets of all who call back at a host."""
        return [str(row[0]) for row in self._rows(SECRETS, host)]

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _lasting(self, statement: str, values: dict[str, object]) -> None:
        with self._using():
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute(statement, values)

    def _rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with self._using():
            return self._db.execute(statement, values).fetchall()

    def _one(self, statement: str, *values: object) -> int:
        return self._rows(statement, *values)[0][0]  # type: ignore[return-value]  # a count

    def _using(self) -> AbstractContextManager[None]:
        return _plain(self._file)


_HINT = "move it away (keep it): who still wants to be told subscribes again before its lease ends"


@contextmanager
def _plain(file: Path) -> Iterator[None]:
    """Turn the database's own errors into StoreErrors that say what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        hint = "another program may hold it, or the disk is full or read-only"
        raise StoreError(f"{file} could not be used: {error}", hint=hint) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{file} is damaged: {error}", hint=_HINT) from error


def _read(row: tuple[object, ...]) -> Subscription:
    return Subscription(**dict(zip(_FIELDS, row, strict=True)))  # type: ignore[arg-type]  # as the schema has them
