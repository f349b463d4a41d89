"""How it stands with single posts, some at a time; read without the ORM, as ``index`` is.

Four statements a page, and every one reads an index: what a page costs depends on its length, not
on how many posts there are, but for the pages that are passed over.
"""

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from syndicator.doors import index
from syndicator.model.roll import Pushed, Row, Told

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LIVE = """
    SELECT post.path, title, url, published, updated, coalesce(seen.state, 'published'),
        touched, post.id, wake_at
    FROM post LEFT JOIN seen ON seen.path = post.path LEFT JOIN reading ON reading.path = post.path
    WHERE live {yes} ORDER BY post.published_us DESC, post.path DESC LIMIT :limit OFFSET :first
"""
APART = """
    SELECT seen.path, coalesce(title, ''), coalesce(url, ''), published, updated, seen.state,
        touched, post.id, wake_at
    FROM seen LEFT JOIN post ON post.path = seen.path AND live {yes}
        LEFT JOIN reading ON reading.path = seen.path
    WHERE seen.state = :state AND seen.state != 'published'
    ORDER BY seen.path LIMIT :limit OFFSET :first
"""
# Of all rows of a page at once: what is joined is looked up by an index, once for each.
PICTURES = """
    SELECT use.path, count(*), count(*) FILTER (WHERE coalesce(digest, '') = '')
    FROM {each}(:paths) AS asked {then} use ON use.path = asked.value
        LEFT JOIN image ON image.url = use.url
    GROUP BY use.path
"""
WHY = """
    SELECT file, code, says FROM (
        SELECT problem.path AS file, code, says, row_number() OVER (
            PARTITION BY problem.path ORDER BY "line", "column", problem.id) AS place
        FROM {each}(:paths) AS asked {then} problem ON problem.path = asked.value
        WHERE severity = 'error') AS found
    WHERE place = 1
"""
PUSHES = """
    SELECT message.subject, delivery.endpoint, delivery.state,
        CASE WHEN endpoint.state = 'active' THEN {most}(next_at, rest_until) ELSE 0 END, last_error
    FROM {each}(:ids) AS asked {then} message ON message.subject = asked.value
        {then} delivery ON delivery.message = message.id
        {then} endpoint ON endpoint.name = delivery.endpoint
    ORDER BY message.subject, delivery.endpoint, delivery.id
"""
_WORDS: Final[dict[str, Told]] = {
    "pending": "owed",
    "leased": "owed",
    "done": "told",
    "dead": "given up",
    "unconfirmed": "to confirm",
    "cancelled": "called off",
}
_OPEN: Final[tuple[Told, ...]] = (
    "given up",
    "to confirm",
    "owed",
)  # told of whatever came after them


def standing(
    where: index.Where, state: str, first: int, limit: int, endpoints: Collection[str]
) -> Iterator[Row]:
    """Yield ``limit`` files in a state from the ``first`` on: "published", newest first, or other.

    Of pushes, those to the ``endpoints`` named. Raises StoreError where the database can't be
    used.
    """
    asked = {"state": state, "limit": limit, "first": first}
    with index.opened(where) as db:
        rows = db.execute(*((LIVE, asked) if state == "published" else (APART, asked))).fetchall()
        paths = {"paths": json.dumps([row[0] for row in rows])}
        pictures = {path: found for path, *found in db.execute(PICTURES, paths)}
        whys = {path: f"{code} {says}" for path, code, says in db.execute(WHY, paths)}
        ids = {"ids": json.dumps([row[7] for row in rows if row[7]])}
        told = {
            key: [one[1:] for one in some if one[1] in endpoints]
            for key, some in groupby(db.execute(PUSHES, ids), lambda one: one[0])
        }
    for path, title, url, published, updated, now, touched, key, wake in rows:
        many, missing = pictures.get(path, (0, 0))
        yield Row(
            path=path,
            title=title,
            url=url,
            published=datetime.fromisoformat(published) if published else None,
            updated=datetime.fromisoformat(updated) if updated else None,
            state=now,
            pending=bool(touched),
            wake=_moment(wake),
            why=whys.get(path, "") if now == "held" else "",
            pictures=many,
            missing=missing,
            pushes=tuple(_pushed(told.get(key, []))),
        )


def _pushed(rows: list[Any]) -> Iterator[Pushed]:
    """Yield what is open at each endpoint; where nothing is, what became of the newest."""
    known = [(row[0], _WORDS[row[1]], *row[2:]) for row in rows if row[1] in _WORDS]
    for endpoint, group in groupby(known, lambda row: row[0]):
        mine = list(group)
        told = [state for state in _OPEN if any(row[1] == state for row in mine)]
        for state in told:
            found = [row for row in mine if row[1] == state]
            yield Pushed(
                endpoint=endpoint,
                state=state,
                count=len(found),
                next_at=_moment(found[0][2]) if state == "owed" else None,
                says=found[-1][3],
            )
        if not told:
            yield Pushed(endpoint=endpoint, state=mine[-1][1], count=1)


def _moment(at: int | None) -> datetime | None:
    return _EPOCH + timedelta(seconds=at) if at else None
