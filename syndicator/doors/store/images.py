"""Pictures by their URL: which are wanted now, which are kept, which files were looked at."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from syndicator import model
from syndicator.doors.files import Stat
from syndicator.doors.store.rows import batches, microseconds, seconds, upsert
from syndicator.doors.store.schema import Image, Local, Reading, Use


def wanted(session: Session, now: datetime, files: Sequence[str]) -> list[model.Want]:
    """Tell the pictures to get now, by URL.

    Those are the ones of new readings that were never asked for, the ones whose time has come
    again, the ones looked for in ``files``, which changed since, and the ones kept from a file
    that a rebuilt database does not watch yet.
    """
    want = select(Use, Image).join(Image, col(Image.url) == col(Use.url), isouter=True)
    never = (
        want.join(Reading, col(Reading.path) == col(Use.path))
        .where(col(Image.url).is_(None), Reading.standing == "post")
        .where(or_(col(Reading.pending), col(Reading.wake_at) <= seconds(now)))
        .where(col(Reading.published_us) <= microseconds(now))
    )
    again = want.where(col(Image.retry_at) <= seconds(now))
    unwatched = (
        want.join(Local, col(Local.url) == col(Use.url), isouter=True)
        .where(col(Image.came_from).startswith("/"))
        .where(col(Local.url).is_(None))
    )
    found = [row for each in (never, again, unwatched) for row in session.exec(each)]
    for batch in batches(files):
        urls = select(Local.url).where(col(Local.path).in_(batch))
        found += session.exec(want.where(col(Use.url).in_(urls)))
    uses: dict[str, dict[str, Use]] = {}
    known: dict[str, Image | None] = {}
    for use, image in found:
        uses.setdefault(use.url, {})[use.path] = use
        known[use.url] = image
    session.expunge_all()
    return [_want(by_path, known[url]) for url, by_path in sorted(uses.items())]


def _want(by_path: dict[str, Use], known: Image | None) -> model.Want:
    users = [by_path[path] for path in sorted(by_path)]
    return model.Want(
        url=users[0].url,
        written=users[0].written,
        posts=tuple(use.path for use in users),
        tries=known.tries if known else 0,
        beside=tuple(dict.fromkeys(use.beside for use in users if use.beside)),
        static=tuple(dict.fromkeys(use.static for use in users if use.static)),
        kept=known.digest if known else "",
    )


def looked_at(session: Session, url: str, found: Iterable[tuple[str, Stat]]) -> None:
    """Remember which files were looked at for a picture, and how they were."""
    session.exec(delete(Local).where(col(Local.url) == url))
    names = ("path", "size", "mtime_ns", "inode", "url")
    upsert(session, Local, [dict(zip(names, (p, *s, url), strict=True)) for p, s in found])


def names(session: Session) -> list[str]:
    """Tell the public file names of all kept pictures."""
    rows = session.exec(select(Image.digest, Image.extension).where(Image.digest != ""))
    return sorted({digest + extension for digest, extension in rows})
