"""What feeds select from: live posts in lists by facet, and the history of each list in parts.

The list of everything is the table of posts itself; the others hold a row for every list a post
is in. All have the same columns, and an index each for the order of feeds and of the history.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, literal, tuple_
from sqlalchemy import select as select_many
from sqlmodel import Session, col, select

from syndicator.doors.store import posts
from syndicator.doors.store.rows import Asked, among, batches, upsert
from syndicator.doors.store.schema import Post
from syndicator.doors.store.schema_custody import Tombstone
from syndicator.doors.store.schema_lists import Listed
from syndicator.model.feeds import EVERYTHING, Facet, Part, Selection
from syndicator.model.pictures import Entry


class Row(NamedTuple):
    """That a post is in a list: ``label`` is the last of its values as it is written."""

    chosen: Selection
    label: str


class Spot(NamedTuple):
    """A post in a list: where it stands in its history."""

    id: str
    chosen: Selection
    label: str
    month: str
    place: int


Table = type[Post] | type[Listed]


def name(chosen: Selection) -> tuple[str, str]:
    """Return the facets and the key under which a selection is listed."""
    return " ".join(facet for facet, _ in chosen), "\n".join(value for _, value in chosen)


def _source(chosen: Selection) -> tuple[Table, ColumnElement[bool]]:
    """Return the table that lists a selection, and what its rows fulfil."""
    if chosen == EVERYTHING:
        return Post, and_(col(Post.live))
    facets, key = name(chosen)
    return Listed, (col(Listed.facets) == facets) & (col(Listed.key) == key)


def touched(session: Session) -> list[tuple[str, bool, str, int]]:
    """Tell the posts that documents may not show as they are: id, live, month, place."""
    columns = select(Post.id, Post.live, Post.month, Post.place)
    return list(session.exec(columns.where(col(Post.touched)).order_by(Post.id)).all())


def spots(session: Session, ids: Iterable[str]) -> Iterator[Spot]:
    """Tell the lists these posts are in."""
    for batch in batches(ids):
        for row in session.exec(select(Listed).where(among(Listed.id, batch))):
            facets, values = row.facets.split(" "), row.key.split("\n")
            chosen: Any = tuple(zip(facets, values, strict=True))
            yield Spot(row.id, chosen, row.label, row.month, row.place)
    session.expunge_all()


def clear(session: Session) -> None:
    """Let no post be in a list."""
    session.exec(delete(Listed))


def put(session: Session, rows: Sequence[tuple[str, Sequence[Row]]]) -> None:
    """Let posts be in exactly these lists; by id, none for those that are gone."""
    for batch in batches(rows):
        ids = [key for key, _ in batch]
        session.exec(delete(Listed).where(among(Listed.id, ids)))
        columns = (Post.id, Post.published_us, Post.path, Post.month, Post.place)
        here = select_many(*map(col, columns)).where(among(Post.id, ids))
        found = {row[0]: tuple(row) for row in session.connection().execute(here)}
        names = ("facets", "key", "label", "id", "published_us", "path", "month", "place")
        new = [
            dict(zip(names, (*name(row.chosen), row.label, *found[key]), strict=True))
            for key, some in batch
            if key in found
            for row in some
        ]
        for part in batches(new):
            upsert(session, Listed, part)


def label(session: Session, chosen: Selection) -> str | None:
    """Tell how the oldest live post of a selection writes its last value."""
    facets, key = name(chosen)
    mine = select(Listed.label).where(col(Listed.facets) == facets, col(Listed.key) == key)
    order = (col(Listed.published_us), col(Listed.path))
    return session.exec(mine.order_by(*order).limit(1)).first()


def values(session: Session, chosen: Selection, facet: Facet) -> list[str]:
    """Tell the values of a facet that live posts of a selection have, in the order of their keys.

    Each as the oldest of these posts writes it. The index is skipped through: what it costs
    depends on how many values there are, not on how many posts.
    """
    facets, prefix = name((*chosen, (facet, "")))
    of_facets = col(Listed.facets) == facets
    key, found = prefix, list[str]()
    while True:
        first = select(Listed.key, Listed.label).where(of_facets, col(Listed.key) > key)
        order = (Listed.key, col(Listed.published_us), col(Listed.path))
        row = session.exec(first.order_by(*order).limit(1)).first()
        if row is None or not row[0].startswith(prefix):
            return found
        key = row[0]
        found.append(row[1])


def entries(session: Session, limit: int, chosen: Selection = EVERYTHING, /) -> Iterator[Entry]:
    """Yield live entries, newest first by date and then path, ``limit`` of them (0 = all)."""
    table, fits = _source(chosen)
    order = (col(table.published_us).desc(), col(table.path).desc())
    ids = select(table.id).where(fits).order_by(*order)
    yield from _of_ids(session, session.exec(ids.limit(limit) if limit else ids).all())


def _of_ids(session: Session, ids: Iterable[str]) -> Iterator[Entry]:
    for batch in batches(ids, posts.WINDOW):
        yield from posts.of_ids(session, batch)


def exceeds(session: Session, chosen: Selection, limit: int) -> bool:
    """Tell whether a selection has more than ``limit`` live posts."""
    table, fits = _source(chosen)
    order = (col(table.published_us).desc(), col(table.path).desc())
    more = select(table.id).where(fits).order_by(*order).offset(limit).limit(1)
    return session.exec(more).first() is not None


def parts(session: Session, chosen: Selection, size: int) -> dict[Part, int]:
    """Tell the parts that hold a live post, oldest first, and how many."""
    table, fits = _source(chosen)
    number = col(table.place) // size
    each = select(table.month, number, func.count()).where(fits).group_by(table.month, number)
    found = {Part(month, at, size): count for month, at, count in session.exec(each)}
    return dict(sorted(found.items()))


def before(session: Session, chosen: Selection, part: Part | None, size: int) -> Part | None:
    """Tell the next older part that holds a live post; of None, the newest."""
    table, fits = _source(chosen)
    here = tuple_(col(table.month), col(table.place))
    found = select(table.month, table.place).where(fits)
    if part is not None:
        found = found.where(here < tuple_(literal(part.month), literal(part.number * part.size)))
    found = found.order_by(col(table.month).desc(), col(table.place).desc()).limit(1)
    row = session.exec(found).first()
    return None if row is None else Part(row[0], row[1] // size, size)


def after(session: Session, chosen: Selection, part: Part) -> Part | None:
    """Tell the next newer part that holds a live post."""
    table, fits = _source(chosen)
    here = tuple_(col(table.month), col(table.place))
    behind = here >= tuple_(literal(part.month), literal((part.number + 1) * part.size))
    found = select(table.month, table.place).where(fits, behind)
    row = session.exec(found.order_by(table.month, col(table.place)).limit(1)).first()
    return None if row is None else Part(row[0], row[1] // part.size, part.size)


_Place = tuple[int, str, str]  # published_us, path, id


_HERE = and_(
    col(Post.live),
    col(Post.month) == bindparam("month"),
    col(Post.place) >= bindparam("first"),
    col(Post.place) < bindparam("end"),
)
_THERE = and_(
    col(Listed.facets) == bindparam("facets"),
    col(Listed.key) == bindparam("key"),
    col(Listed.month) == bindparam("month"),
    col(Listed.place) >= bindparam("first"),
    col(Listed.place) < bindparam("end"),
)
_WITHIN = {
    Post: Asked(select_many(*map(col, (Post.published_us, Post.path, Post.id))).where(_HERE)),
    Listed: Asked(
        select_many(*map(col, (Listed.published_us, Listed.path, Listed.id))).where(_THERE)
    ),
}
_COUNT = {
    Post: Asked(select_many(func.count()).select_from(Post).where(_HERE)),
    Listed: Asked(select_many(func.count()).select_from(Listed).where(_THERE)),
}


def _inside(chosen: Selection, part: Part) -> tuple[Table, dict[str, object]]:
    """Tell the table that lists a part of a selection, and the values that say which."""
    first = part.number * part.size
    where: dict[str, object] = {"month": part.month, "first": first, "end": first + part.size}
    if chosen == EVERYTHING:
        return Post, where
    facets, key = name(chosen)
    return Listed, {**where, "facets": facets, "key": key}


def _within(session: Session, chosen: Selection, part: Part) -> list[_Place]:
    table, where = _inside(chosen, part)
    return sorted((tuple(row) for row in _WITHIN[table].rows(session, **where)), reverse=True)


def count(session: Session, chosen: Selection, part: Part) -> int:
    """Tell how many live posts a part holds."""
    table, where = _inside(chosen, part)
    found: int = _COUNT[table].rows(session, **where)[0][0]
    return found


def of_part(session: Session, chosen: Selection, part: Part) -> Iterator[Entry]:
    """Yield the live entries of a part, newest first."""
    yield from _of_ids(session, [row[2] for row in _within(session, chosen, part)])


def head(session: Session, chosen: Selection, limit: int, last: Part | None) -> Iterator[Entry]:
    """Yield all entries of the part ``last``, and the newest others up to ``limit``."""
    table, fits = _source(chosen)
    kept = set(_within(session, chosen, last)) if last else set()
    order = (col(table.published_us).desc(), col(table.path).desc())
    newest = select(table.published_us, table.path, table.id).where(fits).order_by(*order)
    for us, path, key in session.exec(newest.limit(limit) if limit else newest):
        if limit and len(kept) >= limit:
            break
        kept.add((us, path, key))
    yield from _of_ids(session, [key for _, _, key in sorted(kept, reverse=True)])


def removed(session: Session, limit: int) -> list[tuple[str, int]]:
    """Tell the posts removed last, newest first: id and microseconds; none that was forgotten."""
    forgotten = select(Tombstone.subject).where(Tombstone.kind == "id")
    gone = select(Post.id, Post.removed_us).where(Post.removed_us != 0, ~col(Post.live))
    gone = gone.where(col(Post.id).not_in(forgotten))
    order = (col(Post.removed_us).desc(), col(Post.id).desc())
    return list(session.exec(gone.order_by(*order).limit(limit)).all())
