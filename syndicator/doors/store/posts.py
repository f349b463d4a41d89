"""What readers know: posts with their identity, live or gone, and the entries of an edition."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from syndicator import model
from syndicator.doors.store.content import unpack
from syndicator.doors.store.images import asset
from syndicator.doors.store.rows import batches
from syndicator.doors.store.schema import Copy, Image, Post, Reading

WINDOW = 50  # entries held in memory while an edition is read


def known(
    session: Session, found: Sequence[model.Candidate], ids: Sequence[str]
) -> list[model.Known]:
    """Tell every post, live or gone, that shares a path, source or address with a candidate.

    And those that have one of the ids.
    """
    addresses = [candidate.post.url for candidate in found if candidate.post]
    shares = or_(
        col(Post.path).in_([candidate.path for candidate in found]),
        col(Post.source).in_([candidate.source for candidate in found]),
        col(Post.url).in_(addresses),
        col(Post.id).in_(ids),
    )
    return [_known(row) for row in session.exec(select(Post).where(shares).order_by(Post.id))]


def at_paths(session: Session, paths: Iterable[str]) -> list[model.Known]:
    """Tell the live posts of these files."""
    return [
        _known(row)
        for batch in batches(paths)
        for row in session.exec(select(Post).where(col(Post.live), col(Post.path).in_(batch)))
    ]


def sources(session: Session) -> dict[str, str]:
    """Tell the live posts: path, and digest of the bytes readers' state was made from."""
    return dict(session.exec(select(Post.path, Post.source).where(col(Post.live))).all())


def any_live(session: Session) -> bool:
    """Tell whether readers have any post."""
    return session.exec(select(Post.id).where(col(Post.live)).limit(1)).first() is not None


def _known(row: Post) -> model.Known:
    return model.Known(
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


def values(
    session: Session,  # noqa: ARG001  # no feed selects yet
    chosen: model.Selection,  # noqa: ARG001
    facet: model.Facet,  # noqa: ARG001
) -> list[str]:
    """Tell the values of a facet that live posts of a selection have, as written, in order."""
    return []


def entries(
    session: Session,
    limit: int = 0,
    chosen: model.Selection = model.EVERYTHING,  # noqa: ARG001
    /,
    *,
    oldest_first: bool = False,
) -> Iterator[model.Entry]:
    """Yield live entries, newest first by date and then path, ``limit`` of them (0 = all)."""
    order = [col(Post.published_us), col(Post.path)]
    statement = (
        select(Post.id)
        .where(col(Post.live))
        .order_by(*(part if oldest_first else part.desc() for part in order))
    )
    ids = session.exec(statement.limit(limit) if limit else statement).all()
    for batch in batches(ids, WINDOW):
        yield from of_ids(session, batch)


def of_ids(session: Session, ids: Sequence[str]) -> Iterator[model.Entry]:
    """Yield the entries of these posts, in this order, with the pictures kept so far."""
    found = session.exec(
        select(Post, Reading)
        .join(Reading, col(Reading.path) == col(Post.path))
        .where(col(Post.id).in_(ids))
    ).all()
    posts = {row.id: (row, text) for row, said in found if (text := _text(row, said)) is not None}
    urls = {image.url for _, text in posts.values() for image in text.images}
    kept = {
        row.url: replace(asset(row), digest=copy.public, size=copy.size)
        for batch in batches(sorted(urls))
        for row, copy in session.exec(
            select(Image, Copy)
            .join(Copy, col(Copy.digest) == col(Image.digest))
            .where(col(Image.url).in_(batch), Image.digest != "")
        )
    }
    session.expunge_all()
    for key in ids:
        if key in posts:
            row, text = posts[key]
            yield model.Entry(
                id=row.id,
                seq=row.seq,
                post=text,
                published=datetime.fromisoformat(row.published),
                updated=datetime.fromisoformat(row.updated),
                assets={image.url: kept[image.url] for image in text.images if image.url in kept},
            )


def bare(session: Session, ids: Sequence[str]) -> Iterator[model.Entry]:
    """Yield the entries of these posts with what the table alone knows: address, title, dates."""
    for batch in batches(ids):
        for row in session.exec(select(Post).where(col(Post.id).in_(batch))):
            published = datetime.fromisoformat(row.published)
            text = model.Post(
                path=row.path,
                url=row.url,
                title=row.title,
                summary="",
                html="",
                published=published,
            )
            yield model.Entry(
                id=row.id,
                seq=row.seq,
                post=text,
                published=published,
                updated=datetime.fromisoformat(row.updated),
            )


def _text(row: Post, said: Reading) -> model.Post | None:
    """Take the text readers know, which need not be the newest the file has."""
    if said.body is not None and said.good == row.source:
        return unpack(said.body)
    return unpack(said.shown) if said.shown is not None and said.shown_of == row.source else None


def unread(session: Session, ids: Sequence[str] | None = None) -> list[tuple[str, str, datetime]]:
    """Tell the posts whose text is not at hand: path, digest of the bytes, modified.

    Of those with these ids, or of all that are live. Their file says something else by now, or
    the database was rebuilt, or the configuration changed; the text is in their blob.
    """
    which = col(Post.live) if ids is None else col(Post.id).in_(ids)
    rows = session.exec(
        select(Post.path, Post.source, Post.modified)
        .join(Reading, col(Reading.path) == col(Post.path), isouter=True)
        .where(
            which,
            or_(
                col(Reading.path).is_(None),
                and_(
                    col(Reading.good) != col(Post.source),
                    col(Reading.shown_of) != col(Post.source),
                ),
            ),
        )
        .order_by(Post.path)
    )
    return [(path, source, datetime.fromisoformat(modified)) for path, source, modified in rows]
