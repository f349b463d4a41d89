"""Lanes leased to workers: an endpoint is one worker's at a time, wherever it runs.

On PostgreSQL only. Who holds a lane alone claims and finishes its deliveries, so that order, caps,
rate and breaker of an endpoint hold as they do in one process. Every transaction begins with
``hold``: it prolongs the lease, locks the lane until the commit, and tells which lanes have gone
to another. What it does not name must not be touched in that transaction: that is the fence.
Times are the server's, whose clock is the only one that all workers share.
"""

import json
import logging
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from syndicator.doors.server import (
    CHANNEL,
    FORBIDDEN,
    LEADER,
    LEASE,
    OURS,
    PUBLISHER,
    WORKER,
    holders,
)
from syndicator.doors.store import interrupted
from syndicator.doors.store.dialects import said
from syndicator.doors.store.lanes import HEAD, each, release
from syndicator.doors.store.rows import begun
from syndicator.doors.underway import Begun
from syndicator.model.feeds import Parcel
from syndicator.model.records import Owed, Record, Reopened, Switched

SECONDS: Final = 20.0  # of a lease, which is prolonged at least every five while its worker lives
_NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"
# Only those that are not there: ON CONFLICT would wait for a worker that is changing one.
_MADE = said("""
    INSERT INTO lane (endpoint, token, owner, until)
    SELECT value, 0, '', 0 FROM {each}(:names) AS asked
    WHERE NOT EXISTS (SELECT 1 FROM lane WHERE endpoint = value) ON CONFLICT DO NOTHING
""")
# Free are those that nobody holds, or whose lease is over; what waited longest comes first. A lane
# in which what is due waits for what is before it would be given back at once, and taken again.
# One that another worker is at work on is locked, and passed over.
_FREE = f"""
    SELECT lane.endpoint, due.next_at FROM lane JOIN endpoint ON endpoint.name = lane.endpoint
    CROSS JOIN LATERAL (SELECT CASE WHEN lane.endpoint IN (SELECT value FROM {{each}}(:strict))
        THEN (SELECT CASE state WHEN 'pending' THEN next_at ELSE 0 END FROM delivery
            WHERE delivery.endpoint = lane.endpoint AND state IN ('pending', 'leased')
            ORDER BY id LIMIT 1)
        ELSE (SELECT next_at FROM delivery AS one
            WHERE one.endpoint = lane.endpoint AND one.state = 'pending' AND next_at <= :now
            AND {HEAD} ORDER BY next_at, one.id LIMIT 1) END AS next_at) AS due
    WHERE lane.endpoint IN (SELECT value FROM {{each}}(:names)) AND until <= {_NOW}
    AND endpoint.state = 'active' AND rest_until <= :now AND due.next_at <= :now
    ORDER BY due.next_at, lane.endpoint LIMIT :most FOR UPDATE OF lane SKIP LOCKED
"""  # noqa: S608  # put together of constants
# And those that were left in the middle: what was in hand there is nobody's.
_LEFT = f"""
    SELECT lane.endpoint, 0 FROM lane
    WHERE lane.endpoint IN (SELECT value FROM {{each}}(:names)) AND until <= {_NOW} AND token > 0
    AND owner != '' ORDER BY until LIMIT :most FOR UPDATE SKIP LOCKED
"""  # noqa: S608  # put together of constants
# Who stands still in the middle of a transaction keeps its lanes locked past its leases, and where
# the server waits for the rest of several statements, no time limit of its own ends that. Its last
# sign of life tells, not its leases: in its first transaction it has none yet that others see.
_STOPPED = f"""{OURS} AND xact_start < clock_timestamp() - make_interval(secs => :seconds)
    AND application_name IN (SELECT application_name
        FROM ({holders(WORKER)} UNION ALL {holders(LEADER)}) AS found
        GROUP BY application_name HAVING min(silent) >= :seconds)"""  # noqa: S608  # constants
_ANY_STOPPED = text(f"SELECT 1 {_STOPPED} LIMIT 1")
_END = text(f"SELECT pg_terminate_backend(pid) {_STOPPED}")
_UNTIL = f"{_NOW} + CAST(:seconds * 1000 AS bigint)"
_CHOSEN_LEFT, _CHOSEN_FREE = (
    said(f"""
        WITH free AS MATERIALIZED ({chosen})
        UPDATE lane SET token = token + 1, owner = :owner, until = {_UNTIL}
        FROM free WHERE lane.endpoint = free.endpoint RETURNING lane.endpoint, lane.token
    """)  # noqa: S608  # put together of constants
    for chosen in (_LEFT, _FREE)
)
_HOLD = text(f"""
    UPDATE lane SET until = {_UNTIL}
    FROM json_to_recordset(CAST(:leases AS json)) AS held (endpoint text, token bigint)
    WHERE lane.endpoint = held.endpoint AND lane.token = held.token AND owner != ''
    RETURNING lane.endpoint, lane.token
""")  # noqa: S608  # put together of constants
_GUARD = text(f"""
    SELECT 1 FROM lane WHERE owner IN ('', '{PUBLISHER}')
    AND endpoint IN (SELECT endpoint FROM delivery WHERE state = 'leased') FOR UPDATE
""")  # noqa: S608  # constants
_GIVE_BACK = text("""
    UPDATE lane SET owner = '', until = 0 WHERE endpoint = :endpoint AND token = :token
""")
_LEAVE = text(f"UPDATE lane SET owner = '', until = 0 WHERE owner = '{PUBLISHER}'")  # noqa: S608
_REVOKE = text("UPDATE lane SET token = token + 1, owner = '', until = 0")
_OF = text("SELECT endpoint, token FROM lane WHERE owner = :owner ORDER BY endpoint")
_STILL = text("""
    SELECT id, attempts FROM delivery WHERE state = 'leased' AND id IN (
        SELECT CAST(value AS bigint)
        FROM json_array_elements_text(CAST(:deliveries AS json)) AS value)
    FOR UPDATE
""")
_WORKERS = text(f"SELECT count(*) FROM ({holders(WORKER)}) AS found WHERE silent < {LEASE}")  # noqa: S608
_CALL = text(f"SELECT pg_notify('{CHANNEL}', current_schema())")
_IN_HAND = text("""
    SELECT id, attempts, message FROM delivery WHERE endpoint = :endpoint AND state = 'leased'
    ORDER BY id
""")
_log = logging.getLogger(__name__)


class Lease(NamedTuple):
    """A lane that is one worker's, as long as its token is the lane's."""

    endpoint: str
    token: int


def prepare(session: Session, names: Iterable[str]) -> None:
    """Let there be lanes of these names to be taken."""
    session.connection().execute(_MADE, {"names": json.dumps(sorted(names))})


def take(
    session: Session,
    owner: str,
    names: Collection[str],
    now: datetime,
    *,
    most: int,
    strict: Collection[str] = (),
    seconds: float = SECONDS,
) -> list[Lease]:
    """Lease at most so many of these lanes: those left in the middle, then those with work due.

    In a ``strict`` one, that is so where its oldest message is due. It waits for no other worker;
    of one that was not heard of for a lease, a transaction is ended that is as old: what it keeps
    locked can be taken next time. Whoever takes a lane calls ``reclaim`` in the same transaction.
    """
    asked = json.dumps(sorted(names))
    values = {"names": asked, "owner": owner, "seconds": seconds}
    found: list[Lease] = []
    free = {"now": begun(now), "strict": json.dumps(sorted(strict))}
    for statement, more in ((_CHOSEN_LEFT, {}), (_CHOSEN_FREE, free)):
        if len(found) < most:
            wants = {**values, **more, "most": most - len(found)}
            rows = session.connection().execute(statement, wants)
            found += [Lease(row[0], row[1]) for row in rows]
    if len(found) < most:
        _end(session, seconds)
    return found


def _end(session: Session, seconds: float) -> None:
    """End who is stopped; only where there is somebody is asked whether this user may."""
    connection, values = session.connection(), {"seconds": seconds}
    if connection.execute(_ANY_STOPPED, values).first() is None:
        return
    try:
        with connection.begin_nested():
            connection.execute(_END, values)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != FORBIDDEN:
            raise
        _forbidden()


@cache
def _forbidden() -> None:
    """Say once that somebody else must end it."""
    _log.warning(
        "a worker that is stopped keeps endpoints locked, and the database's user may not end its"
        " session: it needs EXECUTE of pg_terminate_backend"
    )


def hold(session: Session, leases: Iterable[Lease], *, seconds: float = SECONDS) -> set[Lease]:
    """Prolong these leases and lock their lanes; return those that are still the worker's.

    One that is over, and that nobody took meanwhile, is: nobody else sent anything.
    """
    asked = json.dumps([one._asdict() for one in leases])
    rows = session.connection().execute(_HOLD, {"leases": asked, "seconds": seconds})
    return {Lease(row[0], row[1]) for row in rows}


def give_back(session: Session, leases: Iterable[Lease]) -> None:
    """Let others have these lanes now; what was in hand has been released or finished."""
    each(session, _GIVE_BACK, [one._asdict() for one in sorted(leases)])


def still(session: Session, parcels: Iterable[Parcel]) -> set[tuple[int, int]]:
    """Lock these deliveries; tell those that are in hand yet, and were not tried since.

    They are named by number and attempts. A pass may have let another message say it all.
    """
    asked = json.dumps([one.delivery for one in parcels])
    rows = session.connection().execute(_STILL, {"deliveries": asked})
    return {(row[0], row[1]) for row in rows}


def of(session: Session, owner: str) -> list[Lease]:
    """Tell the leases that the tables say somebody has."""
    rows = session.connection().execute(_OF, {"owner": owner})
    return [Lease(row[0], row[1]) for row in rows]


def stray(session: Session, endpoint: str, known: Collection[tuple[int, int]]) -> list[str]:
    """Let what is in hand in a held lane be due again, but for the ``known``; name its messages.

    They are known by number and attempts. These were not sent since they were tried so often:
    whoever claimed them did not hear that it had.
    """
    rows = session.connection().execute(_IN_HAND, {"endpoint": endpoint})
    found = {row[0]: row[2] for row in rows if (row[0], row[1]) not in known}
    release(session, found)
    return list(found.values())


def guard(session: Session) -> None:
    """Let no worker take a lane in which no worker has what is in hand, until the commit.

    One that is taking it is waited for: what is in hand there is its own then.
    """
    session.connection().execute(_GUARD)


def leave(session: Session) -> None:
    """Let go of what the publisher had: there is no other one."""
    session.connection().execute(_LEAVE)


def revoke(session: Session) -> None:
    """Take all lanes from whoever has them: what they have in hand is not what it was."""
    session.connection().execute(_REVOKE)


def workers(session: Session) -> int:
    """Tell how many workers live."""
    return int(session.connection().execute(_WORKERS).scalar() or 0)


def owing(records: Iterable[Record]) -> bool:
    """Tell whether workers find something to do after these."""
    return any(isinstance(one, Owed | Reopened | Switched) for one in records)


def call(session: Session) -> None:
    """Call the workers, once this transaction is through."""
    session.connection().execute(_CALL)


def in_hand(session: Session, endpoint: str) -> list[str]:
    """Tell the messages that who had a lane before left on their way, oldest first."""
    rows = session.connection().execute(_IN_HAND, {"endpoint": endpoint})
    return [row[2] for row in rows]


def reclaim(session: Session, endpoint: str, now: datetime, *, says: str, wait: int) -> bool:
    """Let what was left on its way in a lane be interrupted attempts, to be made again.

    Each counts: its worker may have sent it, and can't say so any more. Tells whether any was.
    """
    rows = list(session.connection().execute(_IN_HAND, {"endpoint": endpoint}))
    begun = [Begun(row[0], row[1], now.isoformat(), 0.0) for row in rows]
    interrupted.note(session, begun, says, wait, theirs=True)
    return bool(begun)
