"""Endpoints that rest together, because readers could not find what pushes tell of."""

from sqlalchemy import text
from sqlmodel import Session

_REST = text("UPDATE endpoint SET rest_until = :until WHERE rest_until < :until")
_WAKE = text("UPDATE endpoint SET rest_until = 0 WHERE rest_until = :rested")


def rest(session: Session, rested: int, until: int) -> None:
    """Let all rest ``until`` then, in seconds since 1970; 0: let go on who ``rested`` so."""
    if until:
        session.connection().execute(_REST, {"until": until})
    elif rested:
        session.connection().execute(_WAKE, {"rested": rested})
