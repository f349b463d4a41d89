"""What was seen last time, read without the ORM: all that an unchanged pass needs.

The tables are those of ``doors.store.schema`` (a test holds the statements against it); the
statements are plain SQL because importing the ORM costs more than such a pass.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from syndicator.doors.files import Stat
from syndicator.errors import StoreError
from syndicator.model import Known

HEAD = "0001"  # the newest migration; a test compares
CLOCK = "clock"  # the key under which the last whole pass noted its time, in seconds since 1970
SET_BACK = 60  # seconds: by less, a clock is corrected, not set


PROBLEMS = """
    SELECT path, code, says, hint, "line", "column", severity
    FROM problem ORDER BY path, "line", "column", code, says
"""
PENDING = """
    SELECT count(*)
    FROM (SELECT path FROM reading WHERE pending = 1
        UNION SELECT path FROM reading WHERE stale = 1)
"""
POSTS = """
    SELECT id, path, url, title, seq, source, post, declared, published, updated, live
    FROM post ORDER BY path, id
"""
_KNOWN = ("id", "path", "url", "title", "seq", "source", "post", "declared")
REST = "(SELECT max(until) FROM rest WHERE rest.host IN (use.host, ''))"
WHY = "(SELECT reason FROM rest WHERE rest.host IN (use.host, '') ORDER BY until DESC LIMIT 1)"
# A picture whose host rests is due when both may be asked again; one that was never asked has no
# row of its own.
MISSING = f"""
    SELECT use.url, coalesce(reason, {WHY}), coalesce(plan, 'waiting'),
        CASE WHEN image.url IS NULL OR retry_at IS NOT NULL
            THEN max(coalesce(retry_at, 0), coalesce({REST}, 0)) END, path
    FROM use JOIN post USING (path) LEFT JOIN image ON image.url = use.url
    WHERE live AND (digest = '' OR (image.url IS NULL AND {REST} IS NOT NULL))
    ORDER BY use.url, path
"""  # noqa: S608  # put together of constants
OUTLIVED = """
    SELECT image.url, reason, plan, retry_at, path
    FROM image JOIN use ON use.url = image.url JOIN post USING (path)
    WHERE live AND digest != '' AND plan != 'kept' ORDER BY image.url, path
"""
# Three searches, not one: each reads a partial index, and none what is over.
LANES = """
    WITH left_over AS (
        SELECT endpoint, state, next_at FROM delivery WHERE state IN ('pending', 'leased')
        UNION ALL SELECT endpoint, state, 0 FROM delivery WHERE state = 'dead'
        UNION ALL SELECT endpoint, state, 0 FROM delivery WHERE state = 'unconfirmed')
    SELECT endpoint, sum(left_over.state IN ('pending', 'leased')), sum(left_over.state = 'dead'),
        min(CASE WHEN left_over.state IN ('pending', 'leased')
            AND coalesce(endpoint.state, 'active') = 'active'
            THEN max(next_at, coalesce(rest_until, 0)) END),
        coalesce(
            (SELECT last_error FROM delivery AS one WHERE one.endpoint = left_over.endpoint
                AND one.state IN ('pending', 'leased') AND last_error != ''
                ORDER BY one.id DESC LIMIT 1),
            (SELECT last_error FROM delivery AS one WHERE one.endpoint = left_over.endpoint
                AND one.state = 'dead' AND last_error != '' ORDER BY one.id DESC LIMIT 1),
            ''),
        coalesce(endpoint.state, 'active'), coalesce(endpoint.says, ''),
        sum(left_over.state = 'unconfirmed')
    FROM left_over LEFT JOIN endpoint ON endpoint.name = left_over.endpoint
    GROUP BY endpoint ORDER BY endpoint
"""
RETRY_AT = f"""
    SELECT min(max(coalesce(retry_at, 0), coalesce({REST}, 0)))
    FROM use JOIN post USING (path) LEFT JOIN image ON image.url = use.url
    WHERE live AND (image.url IS NULL OR (retry_at IS NOT NULL AND digest = ''))
"""  # noqa: S608
CHECK_AT = f"""
    SELECT min(max(retry_at, coalesce({REST}, 0)))
    FROM use JOIN post USING (path) JOIN image ON image.url = use.url
    WHERE live AND retry_at IS NOT NULL AND digest != ''
"""  # noqa: S608
JOBS = "SELECT name, at, good_at, result, says, failures, milliseconds, next_at FROM job"
ALERTS = "SELECT kind, name, at, failures, says FROM alert"
PUSH_AT = """
    SELECT min(CASE delivery.state WHEN 'leased' THEN 0
        ELSE max(next_at, coalesce(rest_until, 0)) END)
    FROM delivery LEFT JOIN endpoint ON endpoint.name = delivery.endpoint
    WHERE delivery.state IN ('pending', 'leased') AND coalesce(endpoint.state, 'active') = 'active'
"""


OWED = "SELECT count(*) FROM delivery WHERE state IN ('pending', 'leased')"
DEAD = "SELECT count(*) FROM delivery WHERE state = 'dead'"


class Remembered(NamedTuple):
    """A file as it was when its bytes were last read."""

    stat: Stat
    digest: str
    state: str


class Kept(NamedTuple):
    """How it stands with a picture; ``digest`` is "" where no copy is kept."""

    digest: str
    extension: str
    size: int
    plan: str  # what the newest attempt came to, as in model.Capture
    reason: str
    tries: int
    at: str  # of the newest attempt, ISO 8601


class Index(NamedTuple):
    """What a pass left behind. Moments are whole seconds since 1970, None for never."""

    accepted: str  # the configuration and program the state was made with
    journal: str  # the journal's position the state stands at
    seen: dict[str, Remembered]
    local: dict[str, Stat]  # pictures on this disk that were looked at, by absolute path
    documents: dict[str, Stat]
    pending: int  # readings, or kept pictures, that what is told does not follow yet
    wake_at: int | None  # a scheduled post is due, a live one expires
    retry_at: int | None  # a picture that is missing is due again
    check_at: int | None  # one that is kept is due to be looked at again; nobody is woken for it
    push_at: int | None  # a delivery is due, or was interrupted
    owed: int
    dead: int
    live: int
    problems: list[tuple[Any, ...]]  # path, code, says, hint, line, column, severity
    missing: list[tuple[str, str, str, int | None, str]]  # url, reason, plan, retry_at, path
    outlived: list[tuple[str, str, str, int | None, str]]  # the same, of those that are kept
    lanes: list[tuple[Any, ...]]  # endpoint, open, dead, next, last error, state, alarm, held
    media: str = ""  # when readers' pictures came or went last, as files.entered tells it
    jobs: Sequence[tuple[Any, ...]] = ()  # as JOBS has them, of a daemon
    alerts: Sequence[tuple[Any, ...]] = ()  # as ALERTS has them
    passed: str = ""  # names the files that look like posts and were passed over
    clock: int = 0  # when the last whole pass was made


def revision(path: Path, *, alone: bool = False) -> str:
    """Tell the schema's revision of a database, "" for a new or missing one."""
    if not path.exists():
        return ""
    with opened(path, alone=alone) as db:
        if not _one(db, "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"):
            return ""
        return str(_one(db, "SELECT version_num FROM alembic_version") or "")


def load(path: Path, *, alone: bool = False) -> Index | None:
    """Read the index, or None where there is no database of this version's schema.

    Raises StoreError when the file is damaged.
    """
    if revision(path, alone=alone) != HEAD:
        return None
    with opened(path, alone=alone) as db:
        meta = dict(db.execute("SELECT key, value FROM meta"))
        return Index(
            accepted=meta.get("accepted", ""),
            journal=meta.get("journal", ""),
            seen={
                row[0]: Remembered(Stat(*row[1:4]), row[4], row[5])
                for row in db.execute(
                    "SELECT path, size, mtime_ns, inode, digest, state FROM seen"
                )
            },
            local=_stats(db, "SELECT path, size, mtime_ns, inode FROM local"),
            documents=_stats(db, "SELECT path, size, mtime_ns, inode FROM document"),
            pending=(_one(db, PENDING) or 0) + ("stale" in meta),
            wake_at=_one(db, "SELECT min(wake_at) FROM reading WHERE wake_at IS NOT NULL"),
            retry_at=_one(db, RETRY_AT),
            check_at=_one(db, CHECK_AT),
            push_at=_one(db, PUSH_AT),
            owed=_one(db, OWED) or 0,
            dead=_one(db, DEAD) or 0,
            live=_one(db, "SELECT count(*) FROM post WHERE live = 1") or 0,
            problems=db.execute(PROBLEMS).fetchall(),
            missing=db.execute(MISSING).fetchall(),
            outlived=db.execute(OUTLIVED).fetchall(),
            lanes=db.execute(LANES).fetchall(),
            media=meta.get("media", ""),
            jobs=db.execute(f"{JOBS} ORDER BY name").fetchall(),
            alerts=db.execute(f"{ALERTS} ORDER BY kind, name").fetchall(),
            passed=meta.get("passed", ""),
            clock=int(meta.get(CLOCK) or 0),
        )


def refresh(path: Path, stats: dict[str, Stat]) -> None:
    """Remember new stats of files whose bytes proved to be the old ones."""
    with opened(path) as db, db:
        db.executemany(
            "UPDATE seen SET size = ?, mtime_ns = ?, inode = ? WHERE path = ?",
            [(*found, name) for name, found in stats.items()],
        )


def pictures(path: Path) -> dict[str, Kept]:
    """Read every picture that was ever asked for, by its URL."""
    with opened(path) as db:
        rows = db.execute(
            "SELECT url, digest, extension, size, plan, reason, tries, at FROM image ORDER BY url"
        )
        return {row[0]: Kept(*row[1:]) for row in rows}


class Custody(NamedTuple):
    """What the checks of an archive left behind; moments are ISO 8601."""

    checked: str  # the last check, "" for none
    shelves: dict[str, str]  # when each folder of blobs was checked
    damages: list[tuple[str, str]]  # name and place of what is damaged
    loose: int
    forgotten: int


def custody(path: Path) -> Custody:
    """Read how it stands with kept files."""
    with opened(path) as db:
        return Custody(
            checked=dict(db.execute("SELECT key, value FROM meta")).get("checked", ""),
            shelves=dict(db.execute("SELECT name, at FROM shelf")),
            damages=db.execute("SELECT name, place FROM damage ORDER BY name, place").fetchall(),
            loose=_one(db, "SELECT count(*) FROM loose") or 0,
            forgotten=_one(db, "SELECT count(DISTINCT at) FROM tombstone") or 0,
        )


def posts(path: Path) -> list[Known]:
    """Read every post that readers know, live or gone."""
    with opened(path) as db:
        return [
            Known(
                **dict(zip(_KNOWN, row[:8], strict=True)),
                published=datetime.fromisoformat(row[8]),
                updated=datetime.fromisoformat(row[9]),
                live=bool(row[10]),
            )
            for row in db.execute(POSTS)
        ]


@contextmanager
def opened(path: Path, *, alone: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the database; whoever is ``alone`` with it (holds the lock) leaves no trace of that.

    Opening a database in WAL mode makes files beside it and removes them again, unless it is told
    that nobody else writes; and that must not be said while a log from a crash is still there.
    """
    whole = not path.with_name(f"{path.name}-wal").exists()
    name = f"{path.as_uri()}?immutable=1" if alone and whole else path.as_uri()
    try:
        with closing(sqlite3.connect(name, timeout=5, uri=True)) as db:
            db.execute("PRAGMA synchronous=FULL")
            yield db
    except sqlite3.OperationalError as error:
        says = f"{path} could not be used: {error}"
        raise StoreError(says, hint="another program may hold it, or the disk is full") from error
    except sqlite3.DatabaseError as error:
        hint = "move it away (keep it) and run again: it is rebuilt from the journal and the blobs"
        raise StoreError(f"{path} is damaged: {error}", hint=hint) from error


def _one(db: sqlite3.Connection, statement: str) -> int | None:
    row = db.execute(statement).fetchone()
    return row[0] if row else None


def _stats(db: sqlite3.Connection, statement: str) -> dict[str, Stat]:
    return {row[0]: Stat(*row[1:]) for row in db.execute(statement)}
