"""How things stand after a pass, for people; read without the ORM, as what ``index`` has is."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from syndicator.doors.index import (
    HEAD,
    PUSH_AT,
    REST,
    RETRY_AT,
    WAKE_AT,
    Where,
    number,
    opened,
    revision,
)
from syndicator.model.report import TEMPLATE_FAILS
from syndicator.model.report import UNWORDED as UNWORDED_TYPE

PROBLEMS = """
    SELECT path, code, says, hint, "line", "column", severity
    FROM problem ORDER BY path, "line", "column", code, says
"""
WHY = "(SELECT reason FROM rest WHERE rest.host IN (use.host, '') ORDER BY until DESC LIMIT 1)"
# A picture whose host rests is due when both may be asked again; one that was never asked has no
# row of its own. Each half reads an index of some rows: those not kept, those never asked for
# (``then`` joins in the order in which it stands).
MISSING = f"""
    SELECT use.url, reason, plan,
        CASE WHEN retry_at IS NOT NULL THEN {{most}}(retry_at, coalesce({REST}, 0)) END, path
    FROM image {{then}} use ON use.url = image.url {{then}} post USING (path)
    WHERE live {{yes}} AND digest = ''
    UNION ALL
    SELECT use.url, {WHY}, 'waiting', {REST}, path
    FROM use {{then}} post USING (path)
    WHERE live {{yes}} AND asked {{no}} AND {REST} IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM image WHERE image.url = use.url)
    ORDER BY 1, 5
"""  # noqa: S608  # put together of constants
OUTLIVED = """
    SELECT image.url, reason, plan, retry_at, path
    FROM image {by_outlived} {then} use ON use.url = image.url {then} post {by_path} USING (path)
    WHERE live {yes} AND digest != '' AND plan != 'kept' ORDER BY image.url, path
"""
# Three searches, not one: each reads a partial index, and none what is over.
LANES = """
    WITH left_over AS (
        SELECT endpoint, state, next_at FROM delivery WHERE state IN ('pending', 'leased')
        UNION ALL SELECT endpoint, state, 0 FROM delivery WHERE state = 'dead'
        UNION ALL SELECT endpoint, state, 0 FROM delivery WHERE state = 'unconfirmed')
    SELECT endpoint, count(*) FILTER (WHERE left_over.state IN ('pending', 'leased')),
        count(*) FILTER (WHERE left_over.state = 'dead'),
        min(CASE WHEN left_over.state IN ('pending', 'leased')
            AND coalesce(endpoint.state, 'active') = 'active'
            THEN {most}(next_at, coalesce(rest_until, 0)) END),
        coalesce(
            (SELECT last_error FROM delivery AS one WHERE one.endpoint = left_over.endpoint
                AND one.state IN ('pending', 'leased') AND last_error != ''
                ORDER BY one.id DESC LIMIT 1),
            (SELECT last_error FROM delivery AS one WHERE one.endpoint = left_over.endpoint
                AND one.state = 'dead' AND last_error != '' ORDER BY one.id DESC LIMIT 1),
            ''),
        coalesce(endpoint.state, 'active'), coalesce(endpoint.says, ''),
        count(*) FILTER (WHERE left_over.state = 'unconfirmed')
    FROM left_over LEFT JOIN endpoint ON endpoint.name = left_over.endpoint
    GROUP BY endpoint, endpoint.state, endpoint.says ORDER BY endpoint
"""
# What a template still failed at when it was to be sent.
UNWORDED = f"""
    SELECT delivery.endpoint, coalesce(post.path, delivery.subject), last_error
    FROM delivery JOIN message ON message.id = delivery.message
    LEFT JOIN post ON post.id = delivery.subject
    WHERE delivery.state = 'dead' AND media_type = '{UNWORDED_TYPE}' AND body != ''
        AND substr(last_error, 1, {len(TEMPLATE_FAILS)}) = '{TEMPLATE_FAILS}'
    ORDER BY delivery.endpoint, delivery.id
"""  # noqa: S608  # a constant
# Jobs that are done no more are left out, and that they failed.
JOBS = """
    SELECT name, at, good_at, result, says, failures, milliseconds, next_at
    FROM job WHERE result != 'left'
"""
ALERTS = """
    SELECT kind, name, at, failures, says FROM alert
    WHERE kind != 'job' OR name NOT IN (SELECT name FROM job WHERE result = 'left')
"""
LIVE = "SELECT count(*) FROM post WHERE live {yes}"
STATES = "SELECT state, count(*) FROM seen WHERE state != 'published' GROUP BY state"
HELD = "SELECT path FROM seen WHERE state = 'held' AND state != 'published' ORDER BY path"
OWED = "SELECT count(*) FROM delivery WHERE state IN ('pending', 'leased')"
DEAD = "SELECT count(*) FROM delivery WHERE state = 'dead'"


class Standing(NamedTuple):
    """How things stand after a pass, for people. Moments as in ``Index``."""

    seen: int
    live: int
    states: dict[str, int]  # how many files are in which, but for those published
    held: list[str]  # paths
    owed: int
    dead: int
    wake_at: int | None
    retry_at: int | None
    push_at: int | None
    problems: list[tuple[Any, ...]]  # path, code, says, hint, line, column, severity
    missing: list[tuple[str, str, str, int | None, str]]  # url, reason, plan, retry_at, path
    outlived: list[tuple[str, str, str, int | None, str]]  # the same, of those that are kept
    lanes: list[tuple[Any, ...]]  # endpoint, open, dead, next, last error, state, alarm, held
    jobs: Sequence[tuple[Any, ...]] = ()  # as JOBS has them, of a daemon
    alerts: Sequence[tuple[Any, ...]] = ()  # as ALERTS has them
    unworded: Sequence[tuple[str, str, str]] = ()  # endpoint, path of a post, why


def standing(where: Where, *, alone: bool = False) -> Standing | None:
    """Read how things stand, or None where there is no database of this version's schema.

    Raises StoreError when the file is damaged.
    """
    if revision(where, alone=alone) != HEAD:
        return None
    with opened(where, alone=alone) as db:
        return Standing(
            seen=number(db, "SELECT count(*) FROM seen") or 0,
            live=number(db, LIVE) or 0,
            states=dict(db.execute(STATES)),
            held=[row[0] for row in db.execute(HELD)],
            owed=number(db, OWED) or 0,
            dead=number(db, DEAD) or 0,
            wake_at=number(db, WAKE_AT),
            retry_at=number(db, RETRY_AT),
            push_at=number(db, PUSH_AT),
            problems=db.execute(PROBLEMS).fetchall(),
            missing=db.execute(MISSING).fetchall(),
            outlived=db.execute(OUTLIVED).fetchall(),
            lanes=db.execute(LANES).fetchall(),
            jobs=db.execute(f"{JOBS} ORDER BY name").fetchall(),
            alerts=db.execute(f"{ALERTS} ORDER BY kind, name").fetchall(),
            unworded=db.execute(UNWORDED).fetchall(),
        )


def counts(where: Where) -> dict[str, int] | None:
    """Tell how many files are in which state, and how many posts readers have: "published".

    None and StoreError as of ``standing``.
    """
    if revision(where) != HEAD:
        return None
    with opened(where) as db:
        return {**dict(db.execute(STATES)), "published": number(db, LIVE) or 0}


def position(where: Where) -> str:
    """Tell how far in the journal a database is, "" for one of another version or none."""
    if revision(where) != HEAD:
        return ""
    with opened(where) as db:
        return str(dict(db.execute("SELECT key, value FROM meta")).get("journal", ""))


class Custody(NamedTuple):
    """What the checks of an archive left behind; moments are ISO 8601."""

    checked: str  # the last check, "" for none
    shelves: dict[str, str]  # when each folder of blobs was checked
    damages: list[tuple[str, str]]  # name and place of what is damaged
    loose: int
    forgotten: int


def custody(where: Where) -> Custody:
    """Read how it stands with kept files."""
    with opened(where) as db:
        return Custody(
            checked=dict(db.execute("SELECT key, value FROM meta")).get("checked", ""),
            shelves=dict(db.execute("SELECT name, at FROM shelf")),
            damages=db.execute("SELECT name, place FROM damage ORDER BY name, place").fetchall(),
            loose=number(db, "SELECT count(*) FROM loose") or 0,
            forgotten=number(db, "SELECT count(DISTINCT at) FROM tombstone") or 0,
        )
