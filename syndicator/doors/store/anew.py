"""Pictures that a person has asked for again: due now, whoever rests, and what came of it."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from syndicator.doors.hosts import host
from syndicator.doors.store.images import EVERYWHERE
from syndicator.doors.store.rows import among, batches, seconds
from syndicator.doors.store.schema import Image, Post, Rest, Use

_HERE = "/"  # how the place begins of what lies on this disk, and is looked at in every pass
_UNSHOWN = "no published post shows it"


def unasked(session: Session) -> set[str]:
    """Tell the pictures of published posts that were never asked for."""
    tried = select(Image.url).where(col(Image.url) == col(Use.url)).exists()
    live = select(Post.id).where(col(Post.live), col(Post.path) == col(Use.path)).exists()
    return set(session.exec(select(Use.url).where(~tried, live)))


def ask(session: Session, urls: Collection[str], now: datetime) -> None:
    """Let these pictures be due now, whatever their plan says, and end their hosts' rests."""
    at = seconds(now)
    for some in batches(urls):
        far = ~col(Image.came_from).startswith(_HERE)
        session.exec(update(Image).where(among(Image.url, some), far).values(retry_at=at))
    for some in batches({host(url) for url in urls} - {EVERYWHERE}):
        rests = update(Rest).where(among(Rest.host, some), col(Rest.until) >= at)
        session.exec(rests.values(until=at - 1))


def passed_over(session: Session, urls: Iterable[str], asked: datetime) -> dict[str, str]:
    """Tell which of these were not asked for although they were due, ``asked`` then, and why."""
    at = seconds(asked)
    found: dict[str, str] = {}
    rests = {one.host: one.reason for one in session.exec(select(Rest)) if one.until > at}
    for some in batches(urls):
        here = col(Image.came_from).startswith(_HERE)
        again = or_(here, col(Image.retry_at).is_(None), col(Image.retry_at) > at)
        through = set(session.exec(select(Image.url).where(among(Image.url, some), again)))
        for url in set(some) - through:
            found[url] = rests.get(EVERYWHERE) or rests.get(host(url)) or _UNSHOWN
    return found
