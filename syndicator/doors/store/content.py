"""What the files say: their stats, and the last good reading of each."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, update
from sqlalchemy import select as select_many
from sqlmodel import Session, col, select

from syndicator.doors.bodies import Said, pack, unpack, uses
from syndicator.doors.files import Stat
from syndicator.doors.store import images
from syndicator.doors.store.rows import (
    BATCH,
    among,
    batches,
    microseconds,
    moment,
    put_rows,
    seconds,
    upsert,
)
from syndicator.doors.store.schema import Post, Reading, Seen, Use
from syndicator.model.posts import Candidate, State
from syndicator.model.posts import Post as PostValue

GALLERY = 50  # posts held in memory while their pictures are looked at


def digests(session: Session, paths: Iterable[str]) -> dict[str, str]:
    """Tell the digests of these files as they were read last, else as readers' state has them."""
    found: dict[str, str] = {}
    for batch in batches(paths):
        live = select(Post.path, Post.source).where(col(Post.live), among(Post.path, batch))
        seen = select(Seen.path, Seen.digest).where(among(Seen.path, batch))
        found |= {**dict(session.exec(live).all()), **dict(session.exec(seen).all())}
    return found


def remember(session: Session, found: Iterable[tuple[str, Stat, str, str]]) -> None:
    """Remember files as they were when read: path, stat, digest, state."""
    for batch in batches(found):
        names = ("path", "size", "mtime_ns", "inode", "digest", "state")
        put_rows(session, Seen, names, [(p, *s, d, t) for p, s, d, t in batch])


def put_readings(
    session: Session,
    readings: Sequence[Said],
    silenced: Mapping[str, str] = MappingProxyType({}),
    *,
    anew: bool = True,
    told: Collection[str] = (),
) -> dict[str, str]:
    """Take in what sources say; a held one keeps the text of its last good version.

    ``silenced`` has, by path, what a file wishes not to be told, parted by blanks. A file that
    says what it said is left as it is, unless all is taken ``anew``, and readers' state follows
    those of ``told`` already; return the states of these and those.
    """
    rows = {one.path: _row(one) | {"silenced": silenced.get(one.path, "")} for one in readings}
    same = {} if anew else _same(session, rows)
    new = [one for one in readings if one.path not in same]
    upsert(session, Reading, [_follows(rows[one.path], one) for one in new if one.path in told])
    others = [rows[one.path] for one in new if one.path not in told]
    upsert(session, Reading, [row for row in others if row["body"] is not None])
    held = [row for row in others if row["body"] is None]
    upsert(session, Reading, held, keep=("good", "body", "published_us", "shown_of"))
    read = [one for one in new if one.body is not None]
    before = _unused(session, [one.path for one in read])
    _use(session, [(one.path, *use) for one in read for use in one.uses])
    images.unwatch(session, before)
    return same | dict.fromkeys(told, "published")


def _follows(row: Mapping[str, object], one: Said) -> dict[str, object]:
    """Return the row of a published post that readers' state follows, until it expires."""
    wake = seconds(one.expires) if one.expires else None
    return {**row, "state": "published", "pending": False, "stale": False, "wake_at": wake}


_SAID = ("source", "standing", "body", "silenced", "modified")


def _same(session: Session, rows: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """Tell which of these say what was taken in already: the states, by path."""
    new = {path: tuple(row[name] for name in _SAID) for path, row in rows.items()}
    columns: list[Any] = [getattr(Reading, name) for name in ("path", "state", *_SAID)]
    said = select_many(*columns)
    return {
        path: state
        for batch in batches(new)
        for path, state, *was in session.connection().execute(
            said.where(among(Reading.path, batch))
        )
        if tuple(was) == new[path]
    }


def _unused(session: Session, paths: Sequence[str]) -> set[str]:
    """Let these files refer to no picture; tell to which they did."""
    before: set[str] = set()
    for batch in batches(paths):
        mine = among(Use.path, batch)
        before.update(session.exec(select(Use.url).where(mine)))
        session.exec(delete(Use).where(mine))
    return before


_USE = ("path", "url", "written", "beside", "static", "inline", "host", "asked")


def _use(session: Session, uses: Iterable[tuple[str, ...]]) -> None:
    """Let files refer to these pictures: path, and what ``Said`` has."""
    for batch in batches(uses):
        known = images.known(session, {url for _, url, *_ in batch})
        put_rows(session, Use, _USE, [(*use, use[1] in known) for use in batch])


def _row(one: Said) -> dict[str, object]:
    return {
        "path": one.path,
        "source": one.source,
        "good": one.source if one.body is not None else "",
        "modified": one.modified.isoformat(),
        "standing": one.standing,
        "state": one.standing,
        "pending": True,
        "body": one.body,
        "published_us": microseconds(one.published) if one.published else 0,
        "shown_of": "",
        "stale": True,
    }


def forget(session: Session, paths: Sequence[str]) -> None:
    """Forget files that are gone: stat, reading, uses. What readers know stays."""
    for batch in batches(paths):
        for table in (Seen, Reading):
            session.exec(delete(table).where(among(table.path, batch)))
    images.unwatch(session, _unused(session, paths))


def pending(session: Session) -> set[str]:
    """Tell the files whose readings readers' state does not follow yet."""
    return set(session.exec(select(Reading.path).where(col(Reading.pending))))


def candidates(session: Session, now: int) -> Iterator[list[Candidate]]:
    """Yield, in batches, the readings that readers' state must follow: by date, then path.

    Those are the new ones, those held back for their address, and those whose moment has come.
    """
    each = (
        col(Reading.pending),
        col(Reading.wake_at) <= now,
        (col(Reading.state) == "held") & (col(Reading.standing) == "post"),
    )
    # Three searches, not one: each reads an index of some rows.
    found = {
        path: at
        for due in each
        for path, at in session.exec(select(Reading.path, Reading.published_us).where(due))
    }
    rows = sorted(found, key=lambda path: (found[path], path))
    for paths in batches(rows, BATCH):
        some = session.exec(select(Reading).where(among(Reading.path, paths))).all()
        by_path = {row.path: _candidate(row) for row in some}
        session.expunge_all()
        yield [by_path[path] for path in paths]


def _candidate(row: Reading) -> Candidate:
    readable = row.standing == "post" and row.body is not None
    return Candidate(
        path=row.path,
        source=row.source,
        modified=datetime.fromisoformat(row.modified),
        standing=row.standing,  # type: ignore[arg-type]  # written by put_readings from a Standing
        post=unpack(row.body) if readable and row.body else None,
        wake=None if row.wake_at is None else moment(row.wake_at),
    )


def settle(session: Session, states: Mapping[str, tuple[State, int | None]]) -> None:
    """Note what became of readings: their state, and when to look at them again."""
    rows = [{"at": path, "to": to, "wake": wake} for path, (to, wake) in states.items()]
    if rows:
        values = {"state": bindparam("to"), "pending": False, "wake_at": bindparam("wake")}
        here: BindParameter[str] = bindparam("at")
        follow = update(Reading).where(col(Reading.path) == here).values(**values)
        session.connection().execute(follow, rows)
        note = update(Seen).where(col(Seen.path) == here).values(state=bindparam("to"))
        session.connection().execute(note, [{"at": row["at"], "to": row["to"]} for row in rows])


def stale(session: Session) -> Iterator[list[tuple[str, str, PostValue | None]]]:
    """Yield, in batches, the files with whose pictures it may stand otherwise than was told.

    Path, digest of the bytes, and the post they hold; None where it shows no picture. They are
    stale no longer.
    """
    rows = session.exec(select(Reading.path).where(col(Reading.stale)).order_by(Reading.path))
    shows = select(Use.path).where(col(Use.path) == col(Reading.path)).exists()
    for paths in batches(list(rows), GALLERY):
        here = select(Reading.path, Reading.source, Reading.body).where(among(Reading.path, paths))
        posts = here.where(shows, Reading.standing == "post", col(Reading.good) == Reading.source)
        found = {path: (source, body) for path, source, body in session.exec(posts)}
        session.exec(update(Reading).where(among(Reading.path, paths)).values(stale=False))
        blank = ("", None)
        both = ((path, *found.get(path, blank)) for path in paths)
        yield [(path, source, unpack(body) if body else None) for path, source, body in both]


def doubt(session: Session) -> None:
    """Have the texts of broken files made again from their blobs: the configuration changed."""
    session.exec(update(Reading).where(col(Reading.good) != col(Reading.source)).values(good=""))
    session.exec(update(Reading).values(shown=None, shown_of=""))


def show(session: Session, path: str, source: str, post: PostValue) -> None:
    """Put at hand the text readers have of a file that says something else by now, or nothing."""
    row = {
        "path": path,
        "source": "",
        "good": "",
        "modified": post.published.isoformat(),
        "standing": "held",
        "state": "held",
        "pending": False,
        "body": None,
        "published_us": microseconds(post.published),
        "shown": pack(post),
        "shown_of": source,
    }
    upsert(session, Reading, [row], keep=set(row) - {"shown", "shown_of"})
    _use(session, [(path, *use) for use in uses(post)])
