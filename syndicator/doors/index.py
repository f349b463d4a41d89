"""What was seen last time, read without the ORM: all that an unchanged pass needs.

The tables are those of ``doors.store.schema`` (a test holds the statements against it); the
statements are plain SQL because importing the ORM costs more than such a pass. What PostgreSQL
says otherwise is a word in braces (``WORDS``, and those of ``doors.server``).
"""

import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Union

from syndicator.doors.files import Mark, Stat
from syndicator.errors import StoreError
from syndicator.model.posts import Known

if TYPE_CHECKING:
    from syndicator.doors import server

Where = Union[Path, "server.Server"]  # state.db, or what stands in its place
HEAD = "0001.2"  # the newest migration; a test compares
ADRIFT = "adrift"  # the key that is set while readers' state is ahead of what was seen and read
BUCKET = "bucket"  # the key under which a pass notes when to ask the bucket, and how far it is
CLOCK = "clock"  # the key under which the last whole pass noted its time, in seconds since 1970
_OTHER_SCHEMA = re.compile("no such (?:column|table)|table .* has no column named")
SET_BACK = 60  # seconds: by less, a clock is corrected, not set
WORDS: Final = {
    "each": "json_each",  # rows of a JSON list of texts
    "pair": "json_each",  # rows of a JSON list of pairs of texts, and what is in one
    "first": "json_extract(asked.value, '$[0]')",
    "second": "json_extract(asked.value, '$[1]')",
    "most": "max",  # of two values in one row
    "least": "min",
    "yes": "= 1",  # as conditions of indexes have it
    "no": "= 0",
    "then": "CROSS JOIN",  # made in the order in which it stands
    "by_outlived": "INDEXED BY ix_image_outlived",
    "by_path": "INDEXED BY ix_post_path",
    "skip": "",  # rows that another transaction is changing
    "leased": "",  # lanes that workers have, until when, and for how long it is all left to them
    "until": "0",
    "lag": "0",
}

PENDING = """
    SELECT count(*)
    FROM (SELECT path FROM reading WHERE pending {yes}
        UNION SELECT path FROM reading WHERE stale {yes}) AS found
"""
POSTS = """
    SELECT id, path, url, title, seq, source, post, declared, published, updated, live
    FROM post ORDER BY path, id
"""
_KNOWN = ("id", "path", "url", "title", "seq", "source", "post", "declared")
ANSWERED = """
    EXISTS (SELECT 1 FROM delivery WHERE state = 'done' AND id =
        (SELECT delivery FROM attempt WHERE endpoint = {} ORDER BY id DESC LIMIT 1))
"""  # whether the newest attempt at an endpoint was acknowledged
REST = "(SELECT max(until) FROM rest WHERE rest.host IN (use.host, ''))"
RETRY_AT = f"""
    SELECT min(at) FROM (
        SELECT {{most}}(retry_at, coalesce({REST}, 0)) AS at
        FROM image {{then}} use ON use.url = image.url {{then}} post USING (path)
        WHERE live {{yes}} AND digest = '' AND retry_at IS NOT NULL
        UNION ALL
        SELECT coalesce({REST}, 0)
        FROM use {{then}} post USING (path)
        WHERE live {{yes}} AND asked {{no}}
            AND NOT EXISTS (SELECT 1 FROM image WHERE image.url = use.url)) AS found
"""  # noqa: S608  # put together of constants
CHECK_DUE = f"""
    SELECT 1 FROM image {{then}} use ON use.url = image.url {{then}} post USING (path)
    WHERE retry_at <= :now AND live {{yes}} AND digest != '' AND coalesce({REST}, 0) <= :now
    LIMIT 1
"""  # noqa: S608
PUSH_AT = """
    SELECT min(CASE delivery.state WHEN 'leased' THEN {until}
        ELSE {most}(next_at, coalesce(rest_until, 0), {until}) + {lag} END)
    FROM delivery LEFT JOIN endpoint ON endpoint.name = delivery.endpoint {leased}
    WHERE delivery.state IN ('pending', 'leased') AND coalesce(endpoint.state, 'active') = 'active'
"""


_SEEN = "SELECT path, size, mtime_ns, inode FROM seen"
_LOCAL = "SELECT path, size, mtime_ns, inode FROM local"
_DOCUMENTS = "SELECT path, size, mtime_ns, inode FROM document"
_OF = {  # of one file of the content
    _SEEN: "WHERE path = :path",
    _LOCAL: "WHERE url IN (SELECT url FROM use WHERE use.path = :path)",
}
WAKE_AT = "SELECT min(wake_at) FROM reading WHERE wake_at IS NOT NULL"
DIGEST = "SELECT path, digest FROM seen WHERE path = :path"
_REFRESH = """
    UPDATE seen SET size = :size, mtime_ns = :mtime_ns, inode = :inode WHERE path = :path
"""


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
    pending: int  # readings, kept pictures, workers' lines, that what is told does not follow yet
    wake_at: int | None  # a scheduled post is due, a live one expires
    retry_at: int | None  # a picture that is missing is due again
    check_due: bool  # one that is kept is to be looked at again; nobody is woken for it
    push_at: int | None  # a delivery is due, or was interrupted
    media: str = ""  # when readers' pictures came or went last, as files.entered tells it
    passed: str = ""  # names the files that look like posts and were passed over
    clock: int = 0  # when the last whole pass was made
    bucket: str = ""  # when it is asked next, and the journal's position it has; "" for none
    adrift: bool = False  # the journal told more than the files that were seen: look at all


def revision(where: Where, *, alone: bool = False) -> str:
    """Tell the schema's revision of a database, "" for a new or missing one."""
    if isinstance(where, Path) and not where.exists():
        return ""
    with opened(where, alone=alone) as db:
        if db.execute(db.TABLES).fetchone() is None:
            return ""
        return str(number(db, "SELECT version_num FROM alembic_version") or "")


def load(
    where: Where, *, now: int = 0, alone: bool = False, only: Collection[str] | None = None
) -> Index | None:
    """Read what a look needs, or None where there is no database of this version's schema.

    ``now`` is in whole seconds since 1970. ``only``: of files none but these of the content, and
    the pictures that they show. Raises StoreError when the file is damaged.
    """
    if revision(where, alone=alone) != HEAD:
        return None
    with opened(where, alone=alone) as db:
        meta = dict(db.execute("SELECT key, value FROM meta"))
        return Index(
            accepted=meta.get("accepted", ""),
            journal=meta.get("journal", ""),
            seen=_marks(db, _SEEN, only),
            local=_marks(db, _LOCAL, only),
            documents=_marks(db, _DOCUMENTS) if only is None else {},
            pending=(number(db, PENDING) or 0) + ("stale" in meta) + (number(db, db.MAIL) or 0),
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


def digests(where: Where, names: Iterable[str], *, alone: bool = False) -> dict[str, str]:
    """Tell the digests of these files of the content as they were read last, by path."""
    with opened(where, alone=alone) as db:
        rows = (db.execute(DIGEST, {"path": name}).fetchone() for name in names)
        return {row[0]: row[1] for row in rows if row}


def refresh(where: Where, stats: dict[str, Stat]) -> None:
    """Remember new stats of files whose bytes proved to be the old ones."""
    with opened(where) as db, db.writing():
        db.executemany(_REFRESH, [{"path": name, **at._asdict()} for name, at in stats.items()])


def pictures(where: Where) -> dict[str, Kept]:
    """Read every picture that was ever asked for, by its URL."""
    with opened(where) as db:
        rows = db.execute(
            "SELECT url, digest, extension, size, plan, reason, tries, at FROM image ORDER BY url"
        )
        return {row[0]: Kept(*row[1:]) for row in rows}


def posts(where: Where) -> list[Known]:
    """Read every post that readers know, live or gone."""
    with opened(where) as db:
        return [
            Known(
                **dict(zip(_KNOWN, row[:8], strict=True)),
                published=datetime.fromisoformat(row[8]),
                updated=datetime.fromisoformat(row[9]),
                live=bool(row[10]),
            )
            for row in db.execute(POSTS)
        ]


class Plain:
    """A connection for plain statements, which have their words in braces."""

    TABLES = "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"
    MAIL = "SELECT 0"  # workers' lines that the journal lacks

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Mapping[str, object] = {}) -> sqlite3.Cursor:
        """Run a statement whose values are named, as in ``:name``."""
        return self._connection.execute(in_sqlite(statement), values)

    def executemany(self, statement: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Run a statement for each row."""
        self._connection.executemany(in_sqlite(statement), rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write all of the block or nothing."""
        with self._connection:
            yield


def in_sqlite(statement: str) -> str:
    """Return a plain statement as SQLite reads it."""
    return statement.format_map(WORDS)


@contextmanager
def opened(
    where: Where, *, alone: bool = False, lasting: bool = True
) -> Iterator["Plain | server.Plain"]:
    """Open the database; whoever is ``alone`` with it (holds the lock) leaves no trace of that.

    Opening a database in WAL mode makes files beside it and removes them again, unless it is told
    that nobody else writes; and that must not be said while a log from a crash is still there.
    What is written need not outlive a power cut unless it is ``lasting``.
    """
    if not isinstance(where, Path):
        from syndicator.doors import server  # noqa: PLC0415  # few have one

        with server.opened(where, lasting=lasting) as there:
            yield there
        return
    whole = not where.with_name(f"{where.name}-wal").exists()
    name = f"{where.as_uri()}?immutable=1" if alone and whole else where.as_uri()
    try:
        with closing(sqlite3.connect(name, timeout=5, uri=True)) as db:
            db.execute(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}")
            yield Plain(db)
    except sqlite3.OperationalError as error:
        raise unusable(where, error) from error
    except sqlite3.DatabaseError as error:
        hint = "move it away (keep it) and run again: it is rebuilt from the journal and the blobs"
        raise StoreError(f"{where} is damaged: {error}", hint=hint) from error


def unusable(path: Path, error: BaseException | None) -> StoreError:
    """Return what is said of a database that SQLite could not use."""
    if _OTHER_SCHEMA.match(str(error)):
        hint = f"another version of syndicator made it: move {path} away (keep it) and run"
        hint = f"{hint} `syndicate archive reindex`"
    else:
        hint = "another program may hold it, or the disk is full or read-only"
    return StoreError(f"{path} could not be used: {error}", hint=hint)


def number(
    db: "Plain | server.Plain",
    statement: str,
    values: Mapping[str, object] = {},
) -> int | None:
    """Ask for a single number; None for no row, or for nothing in it."""
    row = db.execute(statement, values).fetchone()
    return row[0] if row else None


def _marks(
    db: "Plain | server.Plain", statement: str, only: Collection[str] | None = None
) -> dict[str, Mark]:
    """Read stats by path: all of them, or what is ``asked`` for each of these files."""
    if only is None:
        rows: Iterable[Any] = db.execute(statement)
    else:
        asked = f"{statement} {_OF[statement]}"
        rows = chain.from_iterable(db.execute(asked, {"path": path}) for path in only)
    return {path: (size, mtime_ns, inode) for path, size, mtime_ns, inode in rows}
