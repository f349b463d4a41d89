"""Attempts that were begun by a process that did not live to say how they ended."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlmodel import Session

from syndicator.doors.store.lanes import ATTEMPT, each
from syndicator.doors.underway import Begun

_ENDPOINTS = text("""
    SELECT DISTINCT endpoint FROM delivery WHERE state = 'pending' AND interrupted
""")
_LEASED = text("SELECT id, attempts, endpoint FROM delivery WHERE state = 'leased'")
_INTERRUPT = text("""
    UPDATE delivery SET state = 'pending', attempts = attempts + 1, waits = 0, interrupted = 1,
        last_status = 0, last_error = :error
    WHERE id = :id AND state = 'leased'
""")


def endpoints(session: Session) -> set[str]:
    """Tell the endpoints to which an attempt was interrupted, and not made again."""
    return {row[0] for row in session.connection().execute(_ENDPOINTS)}


def note(session: Session, begun: Iterable[Begun], says: str) -> None:
    """Note of each attempt that was begun, and has not been recorded, that it was interrupted."""
    leased = {(row[0], row[1]): row[2] for row in session.connection().execute(_LEASED)}
    found = [one for one in begun if (one.delivery, one.attempts) in leased]
    nothing = {"milliseconds": 0, "status": 0, "peer": "", "reply": "", "error": says}
    rows = [
        {
            "id": one.delivery,
            "endpoint": leased[one.delivery, one.attempts],
            "n": one.attempts + 1,
            "at": one.at,
            **nothing,
        }
        for one in found
    ]
    each(session, ATTEMPT, rows)
    each(session, _INTERRUPT, [{"id": one.delivery, "error": says} for one in found])
