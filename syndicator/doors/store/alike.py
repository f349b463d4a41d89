"""By what files are like others, in groups; the first of each group leads it.

Every question is about some files or some groups and answered from an index: what it costs
follows what is asked for, not what there is.
"""

import json
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy import select as select_many
from sqlmodel import Session, col

from syndicator.doors.store.dialects import said
from syndicator.doors.store.rows import Asked, among, batches, one_of, put_rows
from syndicator.doors.store.schema import Likeness
from syndicator.model.posts import Trait, TraitKind

Group = tuple[TraitKind, str]  # kind and key of its traits

_MANY = 5000  # groups asked about in one statement
_FIRST = said("""
    SELECT one.kind, one."key", one.rank, one.path, one.value
    FROM {pair}(:groups) AS asked
    JOIN likeness AS one ON one.kind = {first}
        AND one."key" = {second}
        AND (one.rank, one.path) = (
            SELECT rank, path FROM likeness AS other
            WHERE other.kind = {first}
                AND other."key" = {second}
            ORDER BY rank, path LIMIT 1)
""")
_MEMBERS = said("""
    SELECT DISTINCT one.path FROM {pair}(:groups) AS asked
    JOIN likeness AS one ON one.kind = {first}
        AND one."key" = {second}
""")
_SPELT = text("""
    SELECT (SELECT min(value) FROM likeness WHERE kind = 'source' AND "key" = :key),
        (SELECT max(value) FROM likeness WHERE kind = 'source' AND "key" = :key)
""")
_USUAL = text("""
    SELECT value FROM likeness WHERE kind = 'source' AND "key" = :key
    GROUP BY value ORDER BY count(*) DESC, min(rank), value LIMIT 1
""")


_COLUMNS = map(col, (Likeness.kind, Likeness.key, Likeness.rank, Likeness.path, Likeness.value))
_OF = Asked(select_many(*_COLUMNS).where(one_of(Likeness.path, "paths")))


def of(session: Session, paths: Iterable[str]) -> set[Trait]:
    """Tell the traits of these files."""
    found = set()
    for batch in batches(paths):
        found |= set(map(_trait, _OF.rows(session, paths=batch)))
    return found


def change(session: Session, paths: Iterable[str], new: Iterable[Trait]) -> None:
    """Let these be all the traits of these files."""
    for batch in batches(paths):
        session.exec(delete(Likeness).where(among(Likeness.path, batch)))
    put_rows(session, Likeness, Trait._fields, list(dict.fromkeys(new)))


def members(session: Session, groups: Iterable[Group]) -> set[str]:
    """Tell the files of these groups."""
    return {
        str(row[0])
        for batch in batches(groups, _MANY)
        for row in session.connection().execute(_MEMBERS, {"groups": json.dumps(batch)})
    }


def leaders(session: Session, groups: Collection[Group]) -> dict[Group, Trait]:
    """Tell who leads each group: the first; of sources, any who has the usual spelling."""
    found: dict[Group, Trait] = {}
    for batch in batches([one for one in groups if one[0] != "source"], _MANY):
        rows = session.connection().execute(_FIRST, {"groups": json.dumps(batch)})
        found |= {(row[0], row[1]): _trait(row) for row in rows}
    for kind, key in groups:
        if kind == "source" and (usual := _usual(session, key)):
            found[kind, key] = Trait(kind="source", key=key, path="", value=usual)
    return found


def _usual(session: Session, key: str) -> str:
    """Tell how a source is mostly spelt; they are counted only where there are two ways."""
    one, other = session.connection().execute(_SPELT, {"key": key}).one()
    if one == other:
        return str(one or "")
    return str(session.connection().execute(_USUAL, {"key": key}).scalar_one())


def _trait(row: Iterable[Any]) -> Trait:
    kind, key, rank, path, value = row
    return Trait(kind=kind, key=key, rank=rank, path=path, value=value)
