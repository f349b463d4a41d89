"""What waits for the bucket, where readers get the feeds from it: pushes, whoever sends them."""

from sqlalchemy import text
from sqlmodel import Session

from syndicator.doors.index import BUCKET
from syndicator.doors.store.rows import drop, get, put

UNSERVED = "unserved"  # the key that is set while what is published is not in the bucket yet
_REST = text("UPDATE endpoint SET rest_until = :until WHERE rest_until < :until")
_WAKE = text("UPDATE endpoint SET rest_until = 0 WHERE rest_until = :rested")


def expect(session: Session, *, bucket: bool) -> None:
    """Let the next look see that a bucket may lack something; forget one that is there no more."""
    asks = bool(get(session, BUCKET))
    if bucket and not asks:
        put(session, BUCKET, "0 ")
    elif asks and not bucket:
        drop(session, BUCKET)
        drop(session, UNSERVED)


def rest(session: Session, rested: int, until: int) -> None:
    """Let all rest ``until`` then, in seconds since 1970; 0: let go on who ``rested`` so."""
    if until:
        session.connection().execute(_REST, {"until": until})
    elif rested:
        session.connection().execute(_WAKE, {"rested": rested})


def hold_up(session: Session) -> None:
    """Let workers take up nothing more, from the commit on with which documents become public.

    The next look asks the bucket, whatever becomes of this pass: they don't wait for ever.
    """
    put(session, UNSERVED, "1")
    put(session, BUCKET, "0 ")


def go_on(session: Session) -> None:
    """Let them: readers find it."""
    if held_up(session):
        drop(session, UNSERVED)


def held_up(session: Session) -> bool:
    """Tell whether workers are to take up nothing."""
    return bool(get(session, UNSERVED))
