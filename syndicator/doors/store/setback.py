"""A clock that was set back: what waits goes on waiting for as long as it had to, no longer."""

from datetime import datetime, timedelta

from sqlmodel import Session

from syndicator.doors.index import CLOCK, SET_BACK
from syndicator.doors.store.dialects import said
from syndicator.doors.store.rows import begun, get, moment, put

# What was planned by a clock that was ahead lies as far ahead; what is due stays due.
_DELIVERIES = said("""
    UPDATE delivery SET next_at = {most}(:now, next_at - :back), since_at = {least}(since_at, :now)
    WHERE state IN ('pending', 'leased') AND (next_at > :now OR since_at > :now)
""")
_ENDPOINTS = said("""
    UPDATE endpoint SET rest_until = CASE WHEN rest_until > :now
        THEN {most}(:now, rest_until - :back) ELSE rest_until END,
        failing_since = {least}(failing_since, :now)
""")
_PICTURES = said("""
    UPDATE image SET retry_at = {most}(:now, retry_at - :back) WHERE retry_at > :now
""")
_HOSTS = said("""
    UPDATE rest SET since = {least}(since, :now),
        until = CASE WHEN until > :now THEN {most}(:now, until - :back) ELSE until END
""")


def heal(session: Session, now: datetime) -> timedelta:
    """Note the time; bring near what was planned by a clock that was ahead of it.

    Returns by how much the clock was set back: nothing, if it was not.
    """
    known = get(session, CLOCK)
    back = moment(int(known)) - now if known else timedelta()
    put(session, CLOCK, str(begun(now)))
    if back.total_seconds() < SET_BACK:
        return timedelta()
    values = {"now": begun(now), "back": round(back.total_seconds())}
    for statement in (_DELIVERIES, _ENDPOINTS, _PICTURES, _HOSTS):
        session.connection().execute(statement, values)
    return back
