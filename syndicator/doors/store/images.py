"""Pictures by their URL: which are wanted now, which are kept, which files were looked at."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, bindparam, delete, func, or_, text, update
from sqlmodel import Session, col, select

from syndicator.doors.files import Stat
from syndicator.doors.index import Kept
from syndicator.doors.store.rows import among, batches, microseconds, moment, seconds, upsert
from syndicator.doors.store.schema import Image, Local, Post, Reading, Rest, Use
from syndicator.model.pictures import Asset, Shown, Want
from syndicator.model.pictures import Rest as RestValue

EVERYWHERE = ""  # the host of a rest that is for all of them
_MICROSECOND = timedelta(microseconds=1)


def wanted(
    session: Session, now: datetime, files: Sequence[str], *, anew: bool = False
) -> list[Want]:
    """Tell the pictures to ask for now: never asked for, then failed, then kept; each by URL.

    Those are the ones of posts that are live, or about to be, that were never asked for; the ones
    whose time has come again; the ones looked for in ``files``, which changed since; the ones kept
    from a file that a rebuilt database does not watch yet; and, where the configuration is taken
    ``anew``, the ones that an older one refused. Hosts that rest are left alone.
    """
    want = select(Use, Image).join(Image, col(Image.url) == col(Use.url), isouter=True)
    live = select(Post.id).where(col(Post.live), col(Post.path) == col(Use.path)).exists()
    coming = (
        select(Reading.path)
        .where(col(Reading.path) == col(Use.path), Reading.standing == "post")
        .where(col(Reading.published_us) <= microseconds(now))
        .exists()
    )
    unwatched = col(Image.came_from).startswith("/") & ~(
        select(Local.url).where(col(Local.url) == col(Use.url)).exists()
    )
    first = col(Image.url).is_(None) & or_(live, coming)
    asked = [
        want.where(~col(Use.asked), or_(first, unwatched)),
        want.where(col(Image.retry_at) <= seconds(now)),
    ]
    if anew:
        asked.append(want.where(Image.digest == "", col(Image.retry_at).is_(None)))
    # what may lie on this disk is looked for there, whoever rests
    open_to = or_(col(Use.beside) != "", col(Use.static) != "", ~_resting(seconds(now)))
    found = [row for each in asked for row in session.exec(each.where(open_to))]
    for batch in batches(files):
        urls = select(Local.url).where(among(Local.path, batch))
        found += session.exec(want.where(col(Use.url).in_(urls)))
    uses: dict[str, dict[str, Use]] = {}
    known: dict[str, Image | None] = {}
    for use, image in found:
        uses.setdefault(use.url, {})[use.path] = use
        known[use.url] = image
    around = _around(session, sorted({path for by_path in uses.values() for path in by_path}))
    session.expunge_all()
    wants = [_want(uses[url], known[url], around) for url in uses]
    return sorted(wants, key=lambda one: (one.kept != "", known[one.url] is not None, one.url))


def _resting(now: int) -> ColumnElement[bool]:
    hosts = col(Rest.host).in_((col(Use.host), EVERYWHERE))
    return select(Rest.host).where(hosts, col(Rest.until) > now).exists()


def _around(session: Session, paths: Sequence[str]) -> dict[str, datetime]:
    """Tell when posts were published."""
    rows = (
        row
        for batch in batches(paths)
        for row in session.exec(
            select(Reading.path, Reading.published_us).where(among(Reading.path, batch))
        )
    )
    return {path: moment(0) + at * _MICROSECOND for path, at in rows if at}


def _want(by_path: dict[str, Use], known: Image | None, around: dict[str, datetime]) -> Want:
    users = [by_path[path] for path in sorted(by_path)]
    return Want(
        url=users[0].url,
        written=users[0].written,
        posts=tuple(use.path for use in users),
        tries=known.tries if known else 0,
        beside=tuple(dict.fromkeys(use.beside for use in users if use.beside)),
        static=tuple(dict.fromkeys(use.static for use in users if use.static)),
        inline=users[0].inline,
        copy=asset(known) if known and known.digest else None,
        shown=_shown(known) if known else Shown(),
        around=min((around[use.path] for use in users if use.path in around), default=None),
    )


def asset(row: Image) -> Asset:
    """Return the kept copy of a picture."""
    return Asset(
        digest=row.digest,
        media_type=row.media_type,
        extension=row.extension,
        size=row.size,
        width=row.width,
        height=row.height,
        came_from=row.came_from,
    )


def _shown(row: Image) -> Shown:
    return Shown(
        digest=row.seen,
        etag=row.etag,
        modified=row.modified,
        plan=row.plan,
        reason=row.reason,
    )


def known(session: Session, urls: Iterable[str]) -> set[str]:
    """Tell of which of these pictures an attempt is known, and its file, if any, is watched."""
    watched = select(Local.url).where(col(Local.url) == col(Image.url)).exists()
    here = col(Image.came_from).startswith("/")
    found = select(Image.url).where(or_(~here, watched))
    return {
        url
        for batch in batches(urls)
        for url in session.exec(found.where(among(Image.url, batch)))
    }


def plan_checks(
    session: Session, when: Callable[[str], datetime] | None, *, anew: bool = False
) -> None:
    """Set the time at which kept pictures of other hosts are looked at again: ``when(url)``.

    Of those that have none yet, or ``anew`` of all that are as they were kept. None: never.
    """
    kept = (text("digest != '' AND substr(came_from, 1, 4) = 'http'"),)
    planned = col(Image.retry_at).is_not(None)
    if when is None:
        session.exec(update(Image).where(*kept, planned).values(retry_at=None))
        return
    if anew:
        as_kept = update(Image).where(*kept, planned, col(Image.plan) == "kept")
        session.exec(as_kept.values(retry_at=None))
    new = session.exec(select(Image.url).where(*kept, col(Image.retry_at).is_(None))).all()
    if new:
        checked(session, [(url, when(url), None) for url in new])


def checked(
    session: Session, found: Iterable[tuple[str, datetime, tuple[str, str] | None]]
) -> None:
    """Note that a source still shows what it did: when to look again, and new validators if any.

    Not journalled: after a loss of the database the kept pictures are looked at anew in time.
    """
    of: BindParameter[str] = bindparam("of")
    note = update(Image.__table__).where(col(Image.url) == of)  # type: ignore[attr-defined]  # SQLModel hides it
    rows = list(found)
    again = [{"of": url, "retry_at": seconds(at)} for url, at, _ in rows]
    if again:
        session.connection().execute(note.values(retry_at=bindparam("retry_at")), again)
    new = [{"of": url, "e": both[0], "m": both[1]} for url, _, both in rows if both]
    if new:
        values: dict[str, BindParameter[str]] = {
            "etag": bindparam("e"),
            "modified": bindparam("m"),
        }
        session.connection().execute(note.values(**values), new)


def resting(session: Session) -> list[RestValue]:
    """Tell the hosts that are left alone, or were until the next attempt."""
    return [
        RestValue(
            host=row.host, since=moment(row.since), until=moment(row.until), reason=row.reason
        )
        for row in session.exec(select(Rest).order_by(Rest.host))
    ]


def rest(session: Session, hosts: Mapping[str, RestValue | None]) -> None:
    """Leave hosts alone (``EVERYWHERE``: all of them), or, with None, no longer.

    Not journalled: a database made anew tries them, and learns it again.
    """
    for host, one in sorted(hosts.items()):
        session.exec(delete(Rest).where(col(Rest.host) == host))
        if one is not None:
            since, until = seconds(one.since), seconds(one.until)
            session.add(Rest(host=host, since=since, until=until, reason=one.reason))


def awaited(session: Session, ids: Sequence[str], until: datetime) -> set[str]:
    """Tell which of these posts have pictures that may still come before ``until``.

    Never asked for, or to be asked for again by then, and their host does not rest until then.
    """
    at = func.coalesce(Image.retry_at, 0)
    may_come = (
        select(Post.id)
        .join(Use, col(Use.path) == col(Post.path))
        .join(Image, col(Image.url) == col(Use.url), isouter=True)
        .where(
            or_(
                col(Image.url).is_(None),
                (col(Image.digest) == "")
                & col(Image.retry_at).is_not(None)
                & (at < seconds(until)),
            )
        )
        .where(~_resting(seconds(until) - 1))
    )
    found = (session.exec(may_come.where(among(Post.id, batch))) for batch in batches(ids))
    return {key for keys in found for key in keys}


def looked_at(session: Session, found: Mapping[str, Sequence[tuple[str, Stat]]]) -> None:
    """Remember, by URL, which files were looked at for a picture, and how they were."""
    for urls in batches(found):
        session.exec(delete(Local).where(among(Local.url, urls)))
    names = ("path", "size", "mtime_ns", "inode", "url")
    rows = [(path, *stat, url) for url, looked in found.items() for path, stat in looked]
    for some in batches(rows):
        upsert(session, Local, [dict(zip(names, row, strict=True)) for row in some])
    note_asked(session, known(session, found))
    doubt(session, [url for url, looked in found.items() if looked])


def note_asked(session: Session, urls: Iterable[str]) -> None:
    """Note of pictures that they need not be asked for as if they had never been."""
    for some in batches(urls):
        new = update(Use).where(among(Use.url, some), ~col(Use.asked))
        session.exec(new.values(asked=True))


def doubt(session: Session, urls: Iterable[str]) -> None:
    """Have the posts that show these pictures told again how it stands with them."""
    for some in batches(urls):
        users = select(Use.path).where(among(Use.url, some))
        session.exec(update(Reading).where(col(Reading.path).in_(users)).values(stale=True))


def states(session: Session, urls: Iterable[str]) -> dict[str, Kept]:
    """Tell how it stands with pictures, by URL; nothing of those never asked for."""
    names = (Image.digest, Image.extension, Image.size, Image.plan, Image.reason, Image.tries)
    rows = select(Image.url, *names, Image.at)  # type: ignore[call-overload]  # up to four are typed
    return {
        url: Kept(*values)
        for batch in batches(urls)
        for url, *values in session.exec(rows.where(among(Image.url, batch)))
    }


def unwatch(session: Session, urls: Iterable[str]) -> None:
    """Forget which files were looked at for those of these pictures no post refers to any more."""
    for some in batches(urls):
        used = select(Use.url).where(col(Use.url) == col(Local.url)).exists()
        session.exec(delete(Local).where(among(Local.url, some), ~used))
