"""What readers know: posts with their identity, live or gone, and the entries of an edition."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import and_, case, func, literal_column, or_, update
from sqlalchemy import select as select_many
from sqlmodel import Session, col, select

from syndicator.doors.bodies import unpack
from syndicator.doors.store.rows import Asked, among, batches, one_of
from syndicator.doors.store.schema import Copy, Image, Post, Reading, Use
from syndicator.model.pictures import Asset, Entry
from syndicator.model.posts import Candidate, Known
from syndicator.model.posts import Post as PostValue
from syndicator.model.records import Version

WINDOW = 50  # entries held in memory while an edition is read


def known(session: Session, found: Sequence[Candidate], ids: Sequence[str]) -> list[Known]:
    """Tell every post, live or gone, that shares a path, source or address with a candidate.

    And those that have one of the ids.
    """
    addresses = [candidate.post.url for candidate in found if candidate.post]
    shares = or_(
        among(Post.path, (candidate.path for candidate in found)),
        among(Post.source, (candidate.source for candidate in found)),
        among(Post.url, addresses),
        among(Post.id, ids),
    )
    return [_known(row) for row in session.exec(select(Post).where(shares).order_by(Post.id))]


def at_paths(session: Session, paths: Iterable[str]) -> list[Known]:
    """Tell the live posts of these files."""
    return [
        _known(row)
        for batch in batches(paths)
        for row in session.exec(select(Post).where(col(Post.live), among(Post.path, batch)))
    ]


def sources(session: Session) -> dict[str, str]:
    """Tell the live posts: path, and digest of the bytes readers' state was made from."""
    return dict(session.exec(select(Post.path, Post.source).where(col(Post.live))).all())


def any_live(session: Session) -> bool:
    """Tell whether readers have any post."""
    return session.exec(select(Post.id).where(col(Post.live)).limit(1)).first() is not None


def _known(row: Post) -> Known:
    return Known(
        id=row.id,
        path=row.path,
        url=row.url,
        title=row.title,
        seq=row.seq,
        source=row.source,
        post=row.post,
        published=datetime.fromisoformat(row.published),
        updated=datetime.fromisoformat(row.updated),
        live=row.live,
        declared=row.declared,
    )


def month(record: Version) -> str:
    """Tell the month a post belongs to in the history: that of its date as it is written."""
    return record.published.isoformat()[:7]


def places(session: Session, records: Sequence[Version]) -> dict[str, tuple[str, int]]:
    """Tell the month and place of each post: those it has, or the next place that is free.

    Places follow the order of the journal, and are the same whenever that is read again.
    """
    ids = [record.id for record in records]
    rows = session.exec(select(Post.id, Post.month, Post.place).where(among(Post.id, ids)))
    found = {key: (here, place) for key, here, place in rows}
    free: dict[str, int] = {}
    for record in records:
        if record.id not in found:
            here = month(record)
            if here not in free:
                last = select(func.max(Post.place)).where(Post.month == here)
                newest: int | None = session.exec(last).one()
                free[here] = 0 if newest is None else newest + 1
            found[record.id] = (here, free[here])
            free[here] += 1
    return found


def touch(session: Session, paths: Iterable[str]) -> None:
    """Let documents follow these files: what readers get of them may be something else now."""
    for batch in batches(paths):
        session.exec(update(Post).where(among(Post.path, batch)).values(touched=True))


def touch_showing(session: Session, urls: Iterable[str]) -> None:
    """Let documents follow the posts that show one of these pictures."""
    for batch in batches(urls):
        users = select(Use.path).where(among(Use.url, batch))
        session.exec(update(Post).where(col(Post.path).in_(users)).values(touched=True))


def touched_paths(session: Session) -> list[str]:
    """Tell the files of the posts that documents may not show as they are."""
    return list(session.exec(select(Post.path).where(col(Post.touched))))


def untouch(session: Session) -> None:
    """Let no post be touched: the documents show all of them as they are."""
    session.exec(update(Post).where(col(Post.touched)).values(touched=False))


def oldest_first(session: Session) -> Iterator[Entry]:
    """Yield all live entries by date, and then path."""
    statement = select(Post.id).where(col(Post.live)).order_by(col(Post.published_us), Post.path)
    for batch in batches(session.exec(statement).all(), WINDOW):
        yield from of_ids(session, batch)


_BODY = case(
    (and_(col(Reading.body).is_not(None), col(Reading.good) == col(Post.source)), Reading.body),
    (col(Reading.shown_of) == col(Post.source), Reading.shown),
)  # the text readers know, which need not be the newest the file has
_TEXTS = Asked(
    select_many(col(Post.id), col(Post.seq), col(Post.published), col(Post.updated), _BODY)
    .join(Reading, col(Reading.path) == col(Post.path))
    .where(one_of(Post.id, "ids"))
)
_KEPT = Asked(
    select_many(
        *map(col, (Image.url, Copy.public, Image.media_type, Image.extension, Copy.size)),
        *map(col, (Image.width, Image.height, Image.came_from)),
    )
    .join(Copy, col(Copy.digest) == col(Image.digest))
    .where(one_of(Image.url, "urls"), col(Image.digest) != literal_column("''"))
)
_ASSET = ("digest", "media_type", "extension", "size", "width", "height", "came_from")


def of_ids(session: Session, ids: Sequence[str]) -> Iterator[Entry]:
    """Yield the entries of these posts, in this order, with the pictures kept so far."""
    found = {
        key: (*facts, unpack(body))
        for key, *facts, body in _TEXTS.rows(session, ids=list(ids))
        if body is not None
    }
    urls = {image.url for *_, text in found.values() for image in text.images}
    kept = {
        url: Asset(**dict(zip(_ASSET, facts, strict=True)))
        for batch in batches(sorted(urls))
        for url, *facts in _KEPT.rows(session, urls=batch)
    }
    for key in ids:
        if key in found:
            seq, published, updated, text = found[key]
            yield Entry(
                id=key,
                seq=seq,
                post=text,
                published=datetime.fromisoformat(published),
                updated=datetime.fromisoformat(updated),
                assets={image.url: kept[image.url] for image in text.images if image.url in kept},
            )


def bare(session: Session, ids: Sequence[str]) -> Iterator[Entry]:
    """Yield the entries of these posts with what the table alone knows: address, title, dates."""
    for batch in batches(ids):
        for row in session.exec(select(Post).where(among(Post.id, batch))):
            published = datetime.fromisoformat(row.published)
            text = PostValue(
                path=row.path,
                url=row.url,
                title=row.title,
                summary="",
                html="",
                published=published,
            )
            yield Entry(
                id=row.id,
                seq=row.seq,
                post=text,
                published=published,
                updated=datetime.fromisoformat(row.updated),
            )


def unread(
    session: Session, *, ids: Sequence[str] | None = None, paths: Iterable[str] | None = None
) -> list[tuple[str, str, datetime]]:
    """Tell the posts whose text is not at hand: path, digest of the bytes, modified.

    Of those with these ids; or of the live ones at these paths; or of all that are live. Their
    file says something else by now, or the database was rebuilt, or the configuration changed; the
    text is in their blob.
    """
    lacking = (
        select(Post.path, Post.source, Post.modified)
        .join(Reading, col(Reading.path) == col(Post.path), isouter=True)
        .where(
            or_(
                col(Reading.path).is_(None),
                and_(
                    col(Reading.good) != col(Post.source),
                    col(Reading.shown_of) != col(Post.source),
                ),
            ),
        )
    )
    if ids is not None:
        each = [lacking.where(among(Post.id, some)) for some in batches(ids)]
    elif paths is not None:
        here = lacking.where(col(Post.live))
        each = [here.where(among(Post.path, some)) for some in batches(paths)]
    else:
        each = [lacking.where(col(Post.live))]
    rows = sorted(tuple(row) for one in each for row in session.exec(one))
    return [(path, source, datetime.fromisoformat(modified)) for path, source, modified in rows]
