"""Attempts that were begun by a process that did not live to say how they ended."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlmodel import Session

from syndicator.doors.store.lanes import ATTEMPT, THEIRS, each
from syndicator.doors.underway import Begun

_ENDPOINTS = text("""
    SELECT endpoint, max(interrupted) FROM delivery WHERE state = 'pending' AND interrupted > 0
    GROUP BY endpoint
""")
_LEASED = text("SELECT id, attempts, endpoint FROM delivery WHERE state = 'leased'")
_OURS = text(f"""
    SELECT id, attempts, endpoint FROM delivery AS one
    WHERE state = 'leased' AND NOT {THEIRS.format("one")}
""")  # noqa: S608  # put together of constants
_INTERRUPT = text("""
    UPDATE delivery SET state = 'pending', attempts = attempts + 1, waits = FALSE,
        interrupted = :wait, last_status = 0, last_error = :error
    WHERE id = :id AND state = 'leased'
""")


def endpoints(session: Session) -> dict[str, int]:
    """Tell how many seconds to live before interrupted attempts are made again, by endpoint."""
    return {row[0]: row[1] for row in session.connection().execute(_ENDPOINTS)}


def note(
    session: Session, begun: Iterable[Begun], says: str, wait: int, *, theirs: bool = False
) -> None:
    """Note of each attempt that was begun, and has not been recorded, that it was interrupted.

    ``wait``: a process has to have lived for so many seconds to make one of them again. What a
    worker has in hand now is left alone, unless it is ``theirs`` that is noted.
    """
    rows = session.connection().execute(_LEASED if theirs else _OURS)
    leased = {(row[0], row[1]): row[2] for row in rows}
    found = [one for one in begun if one.nth in leased]
    nothing = {"milliseconds": 0, "status": 0, "peer": "", "reply": "", "error": says}
    made = [
        {
            "id": one.delivery,
            "endpoint": leased[one.nth],
            "n": one.attempts + 1,
            "at": one.at,
            **nothing,
        }
        for one in found
    ]
    each(session, ATTEMPT, made)
    each(session, _INTERRUPT, [{"id": one.delivery, "error": says, "wait": wait} for one in found])
