"""Pictures by their URL: which are wanted now, which are kept, which files were looked at."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from syndicator import model
from syndicator.doors.files import Stat
from syndicator.doors.index import Kept
from syndicator.doors.store.rows import batches, microseconds, seconds, upsert
from syndicator.doors.store.schema import Image, Local, Post, Reading, Use


def wanted(
    session: Session, now: datetime, files: Sequence[str], *, anew: bool = False
) -> list[model.Want]:
    """Tell the pictures to get now: those never asked for first, then by URL.

    Those are the ones of posts that are live, or about to be, that were never asked for; the ones
    whose time has come again; the ones looked for in ``files``, which changed since; the ones kept
    from a file that a rebuilt database does not watch yet; and, where the configuration is taken
    ``anew``, the ones that an older one refused.
    """
    want = select(Use, Image).join(Image, col(Image.url) == col(Use.url), isouter=True)
    live = select(Post.id).where(col(Post.live), col(Post.path) == col(Use.path)).exists()
    coming = (
        select(Reading.path)
        .where(col(Reading.path) == col(Use.path), Reading.standing == "post")
        .where(col(Reading.published_us) <= microseconds(now))
        .exists()
    )
    unwatched = (
        want.join(Local, col(Local.url) == col(Use.url), isouter=True)
        .where(col(Image.came_from).startswith("/"))
        .where(col(Local.url).is_(None))
    )
    asked = [
        want.where(col(Image.url).is_(None), or_(live, coming)),
        want.where(col(Image.retry_at) <= seconds(now)),
        unwatched,
    ]
    if anew:
        asked.append(want.where(Image.digest == "", col(Image.retry_at).is_(None)))
    found = [row for each in asked for row in session.exec(each)]
    for batch in batches(files):
        urls = select(Local.url).where(col(Local.path).in_(batch))
        found += session.exec(want.where(col(Use.url).in_(urls)))
    uses: dict[str, dict[str, Use]] = {}
    known: dict[str, Image | None] = {}
    for use, image in found:
        uses.setdefault(use.url, {})[use.path] = use
        known[use.url] = image
    session.expunge_all()
    new_first = sorted(uses, key=lambda url: (known[url] is not None, url))
    return [_want(uses[url], known[url]) for url in new_first]


def _want(by_path: dict[str, Use], known: Image | None) -> model.Want:
    users = [by_path[path] for path in sorted(by_path)]
    return model.Want(
        url=users[0].url,
        written=users[0].written,
        posts=tuple(use.path for use in users),
        tries=known.tries if known else 0,
        beside=tuple(dict.fromkeys(use.beside for use in users if use.beside)),
        static=tuple(dict.fromkeys(use.static for use in users if use.static)),
        inline=users[0].inline,
        kept=known.digest if known else "",
    )


def looked_at(session: Session, url: str, found: Iterable[tuple[str, Stat]]) -> None:
    """Remember which files were looked at for a picture, and how they were."""
    rows = list(found)
    session.exec(delete(Local).where(col(Local.url) == url))
    names = ("path", "size", "mtime_ns", "inode", "url")
    upsert(session, Local, [dict(zip(names, (p, *s, url), strict=True)) for p, s in rows])
    if rows:
        doubt(session, url)


def doubt(session: Session, url: str) -> None:
    """Have the posts that show a picture told again how it stands with it."""
    users = select(Use.path).where(Use.url == url)
    session.exec(update(Reading).where(col(Reading.path).in_(users)).values(stale=True))


def states(session: Session, urls: Iterable[str]) -> dict[str, Kept]:
    """Tell how it stands with pictures, by URL; nothing of those never asked for."""
    return {
        row.url: Kept(row.digest, row.extension, row.size, row.plan, row.reason, row.tries, row.at)
        for batch in batches(urls)
        for row in session.exec(select(Image).where(col(Image.url).in_(batch)))
    }


def unwatch(session: Session) -> None:
    """Forget which files were looked at for pictures that no post refers to any more."""
    session.exec(delete(Local).where(col(Local.url).not_in(select(Use.url))))
