"""What was seen last time, read without the ORM: all that an unchanged pass needs.

The tables are those of ``doors.store.schema`` (a test holds the statements against it); the
statements are plain SQL because importing the ORM costs more than such a pass.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from syndicator.doors.files import Mark, Stat
from syndicator.errors import StoreError
from syndicator.model import Known

HEAD = "0001"  # the newest migration; a test compares
ADRIFT = "adrift"  # the key that is set while readers' state is ahead of what was seen and read
BUCKET = "bucket"  # the key under which a pass notes when to ask the bucket, and how far it is
CLOCK = "clock"  # the key under which the last whole pass noted its time, in seconds since 1970
_OTHER_SCHEMA = re.compile("no such (?:column|table)|table .* has no column named")
SET_BACK = 60  # seconds: by less, a clock is corrected, not set


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
RETRY_AT = f"""
    SELECT min(at) FROM (
        SELECT max(retry_at, coalesce({REST}, 0)) AS at
        FROM image CROSS JOIN use ON use.url = image.url CROSS JOIN post USING (path)
        WHERE live = 1 AND digest = '' AND retry_at IS NOT NULL
        UNION ALL
        SELECT coalesce({REST}, 0)
        FROM use CROSS JOIN post USING (path)
        WHERE live = 1 AND asked = 0
            AND NOT EXISTS (SELECT 1 FROM image WHERE image.url = use.url))
"""  # noqa: S608
CHECK_DUE = f"""
    SELECT 1 FROM image CROSS JOIN use ON use.url = image.url CROSS JOIN post USING (path)
    WHERE retry_at <= :now AND live = 1 AND digest != '' AND coalesce({REST}, 0) <= :now LIMIT 1
"""  # noqa: S608
PUSH_AT = """
    SELECT min(CASE delivery.state WHEN 'leased' THEN 0
        ELSE max(next_at, coalesce(rest_until, 0)) END)
    FROM delivery LEFT JOIN endpoint ON endpoint.name = delivery.endpoint
    WHERE delivery.state IN ('pending', 'leased') AND coalesce(endpoint.state, 'active') = 'active'
"""


WAKE_AT = "SELECT min(wake_at) FROM reading WHERE wake_at IS NOT NULL"
DIGEST = "SELECT path, digest FROM seen WHERE path = ?"


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
    """What a look needs to know of what a pass left. Moments are whole seconds since 1970."""

    accepted: str  # the configuration and program the state was made with
    journal: str  # the journal's position the state stands at
    seen: dict[str, Mark]  # the content, by path: as it was when its bytes were last read
    local: dict[str, Mark]  # pictures on this disk that were looked at, by absolute path
    documents: dict[str, Mark]
    pending: int  # readings, or kept pictures, that what is told does not follow yet
    wake_at: int | None  # a scheduled post is due, a live one expires
    retry_at: int | None  # a picture that is missing is due again
    check_due: bool  # one that is kept is to be looked at again; nobody is woken for it
    push_at: int | None  # a delivery is due, or was interrupted
    media: str = ""  # when readers' pictures came or went last, as files.entered tells it
    passed: str = ""  # names the files that look like posts and were passed over
    clock: int = 0  # when the last whole pass was made
    bucket: str = ""  # when it is asked next, and the journal's position it has; "" for none
    adrift: bool = False  # the journal told more than the files that were seen: look at all


def revision(path: Path, *, alone: bool = False) -> str:
    """Tell the schema's revision of a database, "" for a new or missing one."""
    if not path.exists():
        return ""
    with opened(path, alone=alone) as db:
        if not number(db, "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"):
            return ""
        return str(number(db, "SELECT version_num FROM alembic_version") or "")


def load(path: Path, *, now: int = 0, alone: bool = False) -> Index | None:
    """Read what a look needs, or None where there is no database of this version's schema.

    ``now`` is in whole seconds since 1970. Raises StoreError when the file is damaged.
    """
    if revision(path, alone=alone) != HEAD:
        return None
    with opened(path, alone=alone) as db:
        meta = dict(db.execute("SELECT key, value FROM meta"))
        return Index(
            accepted=meta.get("accepted", ""),
            journal=meta.get("journal", ""),
            seen=_marks(db, "seen"),
            local=_marks(db, "local"),
            documents=_marks(db, "document"),
            pending=(number(db, PENDING) or 0) + ("stale" in meta),
            wake_at=number(db, WAKE_AT),
            retry_at=number(db, RETRY_AT),
            check_due=db.execute(CHECK_DUE, {"now": now}).fetchone() is not None,
            push_at=number(db, PUSH_AT),
            media=meta.get("media", ""),
            passed=meta.get("passed", ""),
            clock=int(meta.get(CLOCK) or 0),
            bucket=meta.get(BUCKET, ""),
            adrift=ADRIFT in meta,
        )


def digests(path: Path, names: Iterable[str], *, alone: bool = False) -> dict[str, str]:
    """Tell the digests of these files of the content as they were read last, by path."""
    with opened(path, alone=alone) as db:
        rows = (db.execute(DIGEST, (name,)).fetchone() for name in names)
        return {row[0]: row[1] for row in rows if row}


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
            loose=number(db, "SELECT count(*) FROM loose") or 0,
            forgotten=number(db, "SELECT count(DISTINCT at) FROM tombstone") or 0,
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
        raise unusable(path, error) from error
    except sqlite3.DatabaseError as error:
        hint = "move it away (keep it) and run again: it is rebuilt from the journal and the blobs"
        raise StoreError(f"{path} is damaged: {error}", hint=hint) from error


def unusable(path: Path, error: BaseException | None) -> StoreError:
    """Return what is said of a database that SQLite could not use."""
    if _OTHER_SCHEMA.match(str(error)):
        hint = f"another version of syndicator made it: move {path} away (keep it) and run"
        hint = f"{hint} `syndicate archive reindex`"
    else:
        hint = "another program may hold it, or the disk is full or read-only"
    return StoreError(f"{path} could not be used: {error}", hint=hint)


def number(db: sqlite3.Connection, statement: str) -> int | None:
    """Ask for a single number; None for no row, or for nothing in it."""
    row = db.execute(statement).fetchone()
    return row[0] if row else None


def _marks(db: sqlite3.Connection, table: str) -> dict[str, Mark]:
    rows = db.execute(f"SELECT path, size, mtime_ns, inode FROM {table}")  # noqa: S608  # one of ours
    return {path: (size, mtime_ns, inode) for path, size, mtime_ns, inode in rows}
