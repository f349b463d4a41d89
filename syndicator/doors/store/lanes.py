"""What is due at each endpoint, leased and given back: the hot loop's statements.

They are SQL as SQLite reads it, because a partial index is used only where its condition stands in
the statement as it stands in the index; a test holds them against the query planner.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from syndicator.doors.server import WORKERS_HAVE
from syndicator.doors.store.dialects import said
from syndicator.doors.store.rows import begun, moment, seconds
from syndicator.model.feeds import Health, Parcel, Verdict
from syndicator.model.records import Settled, Tried

# What is about the same post goes in order: the first that is open, and no other.
HEAD: Final = """
    NOT EXISTS (SELECT 1 FROM delivery AS older
        WHERE older.endpoint = one.endpoint AND older.subject = one.subject
        AND older.id < one.id AND older.state IN ('pending', 'leased'))
"""
_FIRST = """
    one.id = (SELECT min(older.id) FROM delivery AS older
        WHERE older.endpoint = :endpoint AND older.state IN ('pending', 'leased'))
"""
_REMOTE = """
    coalesce((SELECT earlier.remote FROM delivery AS earlier
        WHERE earlier.endpoint = one.endpoint AND earlier.subject = one.subject
        AND earlier.remote != '' ORDER BY earlier.id DESC LIMIT 1), '')
"""
THEIRS: Final = f"""EXISTS (SELECT 1 FROM lane WHERE lane.endpoint = {{}}.endpoint
    AND {WORKERS_HAVE})"""  # noqa: S608  # a constant: what a worker has in hand
_CLAIM = f"""
    SELECT one.id, message, one.endpoint, kind, one.subject, body, attempts, seq, since_at,
        media_type, {_REMOTE}, interrupted
    FROM delivery AS one JOIN message ON message.id = one.message
    WHERE one.endpoint = :endpoint AND one.state = 'pending' AND next_at <= :now AND {{}}
    LIMIT :limit {{{{skip}}}}
"""  # noqa: S608  # put together of constants
_IN_TURN = "one.interrupted = 0 AND {} ORDER BY next_at, one.id"
CLAIM = said(_CLAIM.format(_IN_TURN.format(HEAD)))
CLAIM_STRICT = said(_CLAIM.format(_IN_TURN.format(_FIRST)))
CLAIM_INTERRUPTED = said(_CLAIM.format(f"one.interrupted > 0 AND {HEAD} ORDER BY one.id"))
_DUE = """
    SELECT next_at FROM delivery AS one
    WHERE one.endpoint = :endpoint AND one.state = 'pending' AND one.interrupted = 0 AND {}
    ORDER BY next_at LIMIT 1
"""
DUE, DUE_STRICT = text(_DUE.format(HEAD)), text(_DUE.format(_FIRST))
_UNTRIED = text(f"""
    SELECT 1 FROM delivery AS one
    WHERE one.endpoint = :endpoint AND one.state = 'pending' AND next_at <= :now
    AND attempts = 0 AND {HEAD} LIMIT 1
""")  # noqa: S608  # put together of constants
_LEASE = text("UPDATE delivery SET state = 'leased' WHERE id = :id AND state = 'pending'")
_RELEASE = text("UPDATE delivery SET state = 'pending' WHERE id = :id AND state = 'leased'")
# What was acknowledged stays so, though a pass that did not know yet called it off.
_SETTLED = text("""
    UPDATE delivery SET state = :state, next_at = :at,
        last_status = :status, last_error = :says, remote = :remote
    WHERE message = :message AND endpoint = :endpoint AND (state != 'done' OR :state = 'done')
""")
_BEGUN = text("""
    UPDATE delivery SET state = 'leased'
    WHERE message = :message AND endpoint = :endpoint AND state = 'pending'
""")
_UNSENT = text("""
    UPDATE delivery SET state = 'pending'
    WHERE message = :message AND endpoint = :endpoint AND state = 'leased'
""")
# Fenced: a delivery that is not leased any more, or was tried since, stays as it is.
_FINISH = text("""
    UPDATE delivery SET state = :state, attempts = :attempts, waits = FALSE,
        interrupted = :interrupted, next_at = coalesce(:next_at, next_at),
        last_status = :status, last_error = :error, remote = :remote
    WHERE id = :id AND state = 'leased' AND attempts = :before
""")
# A row that a pass is changing is passed over: what is behind waits for what is before it anyway.
_BEHIND = said("""
    UPDATE delivery SET next_at = :next_at WHERE id IN (SELECT id FROM delivery AS one
        WHERE endpoint = :endpoint AND subject = :subject AND state IN ('pending', 'leased')
        AND state = 'pending' AND id > :id AND next_at < :next_at {skip})
""")
ATTEMPT = text("""
    INSERT INTO attempt (delivery, endpoint, n, at, milliseconds, status, error, peer, reply)
    VALUES (:id, :endpoint, :n, :at, :milliseconds, :status, :error, :peer, :reply)
""")
_OTHERS = text("""
    SELECT 1 FROM delivery WHERE endpoint = :endpoint AND state IN ('pending', 'leased')
    AND id != :id LIMIT 1
""")
_LEASED = text(f"""
    SELECT one.message, one.endpoint FROM delivery AS one
    WHERE one.state = 'leased' AND NOT {THEIRS.format("one")}
""")  # noqa: S608  # put together of constants
_HEALTH = text("""
    SELECT name, state, streak, failing_since, rest_until, says FROM endpoint ORDER BY name
""")
_KEEP = text("""
    UPDATE endpoint SET streak = :streak, failing_since = :since, rest_until = :until, says = :says
    WHERE name = :name
""")


class Finished(NamedTuple):
    """One attempt that is over, and what it means for its delivery."""

    parcel: Parcel
    verdict: Verdict
    at: datetime
    milliseconds: int
    status: int
    burnt: bool = True  # the attempt counts
    peer: str = ""  # the address that answered
    reply: str = ""  # what it said to that, without secrets
    interrupted: int = 0  # nobody knows how it ended: seconds to live before it is made again


def claim(
    session: Session, now: datetime, wants: Mapping[str, int], strict: Collection[str] = ()
) -> list[Parcel]:
    """Lease what is due, at most so much for each endpoint; a crash gives it back.

    Of what is about the same post only the first comes; of a ``strict`` endpoint, only the first.
    """
    found = []
    for name, limit in wants.items():
        statement = CLAIM_STRICT if name in strict else CLAIM
        values = {"endpoint": name, "now": begun(now), "limit": limit}
        found += [_parcel(row) for row in session.connection().execute(statement, values)]
    each(session, _LEASE, [{"id": one.delivery} for one in found])
    return found


def claim_interrupted(session: Session, now: datetime, name: str) -> Parcel | None:
    """Lease one of an endpoint's whose last attempt was interrupted, None where none is due."""
    values = {"endpoint": name, "now": begun(now), "limit": 1}
    row = session.connection().execute(CLAIM_INTERRUPTED, values).first()
    if row is None:
        return None
    parcel = _parcel(row)
    each(session, _LEASE, [{"id": parcel.delivery}])
    return parcel


def due(session: Session, name: str, *, strict: bool = False) -> datetime | None:
    """Tell when the next delivery of an endpoint falls due, None where nothing waits."""
    row = session.connection().execute(DUE_STRICT if strict else DUE, {"endpoint": name}).first()
    return None if row is None else moment(row[0])


def untried(session: Session, endpoints: Iterable[str], now: datetime) -> bool:
    """Tell whether anything is due at these that was never tried."""
    due = ({"endpoint": name, "now": begun(now)} for name in endpoints)
    return any(session.connection().execute(_UNTRIED, one).first() for one in due)


def settle(session: Session, records: Sequence[Settled]) -> None:
    """Let deliveries be over, as the journal says, from when it says: they are kept so long."""
    rows = [
        {
            "at": begun(one.at),
            "message": one.message,
            "endpoint": one.endpoint,
            "state": one.verdict,
            "status": one.status,
            "says": one.says,
            "remote": one.remote,
        }
        for one in records
    ]
    each(session, _SETTLED, rows)


def mark(session: Session, tried: Tried) -> None:
    """Let a delivery be leased, or due again, as the journal says."""
    values = {"message": tried.message, "endpoint": tried.endpoint}
    session.connection().execute(_BEGUN if tried.state == "begun" else _UNSENT, values)


def release(session: Session, deliveries: Iterable[int]) -> None:
    """Give back leased deliveries that were not tried."""
    each(session, _RELEASE, [{"id": one} for one in deliveries])


def finish(session: Session, finished: Sequence[Finished]) -> None:
    """Record attempts and what they mean for their deliveries."""
    each(session, ATTEMPT, [_attempt(one) for one in finished])
    each(session, _FINISH, [_finish(one) for one in finished])
    each(
        session,
        _BEHIND,
        [
            {
                "id": one.parcel.delivery,
                "endpoint": one.parcel.endpoint,
                "subject": one.parcel.subject,
                "next_at": seconds(one.verdict.at),
            }
            for one in finished
            if one.verdict.at is not None
        ],
    )


def has_others(session: Session, parcel: Parcel) -> bool:
    """Say whether anything else waits at the endpoint of a parcel."""
    values = {"endpoint": parcel.endpoint, "id": parcel.delivery}
    return session.connection().execute(_OTHERS, values).first() is not None


def leased(session: Session) -> list[tuple[str, str]]:
    """Tell what an interrupted instance had in hand, by message and endpoint."""
    return [(row[0], row[1]) for row in session.connection().execute(_LEASED)]


def health(session: Session) -> dict[str, Health]:
    """Tell how each endpoint that was ever configured has been answering."""
    return {
        name: Health(
            state=state,
            streak=streak,
            since=moment(since) if since else None,
            until=moment(until) if until else None,
            says=says,
        )
        for name, state, streak, since, until, says in session.connection().execute(_HEALTH)
    }


def keep(session: Session, found: Mapping[str, Health]) -> None:
    """Remember how endpoints have been answering; their state is the journal's."""
    rows = [
        {
            "name": name,
            "streak": one.streak,
            "since": begun(one.since) if one.since else 0,
            "until": seconds(one.until) if one.until else 0,
            "says": one.says,
        }
        for name, one in found.items()
    ]
    each(session, _KEEP, rows)


def each(session: Session, statement: object, rows: Sequence[Mapping[str, object]]) -> None:
    """Do this with each of these values."""
    if rows:
        session.connection().execute(statement, rows)  # type: ignore[call-overload]  # a text of ours


def _parcel(row: Sequence[object]) -> Parcel:
    delivery, message, endpoint, kind, subject, body, attempts, seq, since, media_type, *rest = row
    remote, broken = rest
    return Parcel(
        delivery=delivery,  # type: ignore[arg-type]  # columns have the types of the schema
        message=message,  # type: ignore[arg-type]
        endpoint=endpoint,  # type: ignore[arg-type]
        kind=kind,  # type: ignore[arg-type]
        subject=subject,  # type: ignore[arg-type]
        body=str(body).encode(),
        attempts=attempts,  # type: ignore[arg-type]
        seq=seq,  # type: ignore[arg-type]
        since=moment(since) if since else None,  # type: ignore[arg-type]
        media_type=media_type,  # type: ignore[arg-type]
        remote=remote,  # type: ignore[arg-type]
        interrupted=broken,  # type: ignore[arg-type]
    )


def _attempt(one: Finished) -> dict[str, object]:
    return {
        "id": one.parcel.delivery,
        "endpoint": one.parcel.endpoint,
        "n": one.parcel.attempts + 1,
        "at": one.at.isoformat(),
        "milliseconds": one.milliseconds,
        "status": one.status,
        "error": one.verdict.says,
        "peer": one.peer,
        "reply": one.reply,
    }


def _finish(one: Finished) -> dict[str, object]:
    return {
        "id": one.parcel.delivery,
        "before": one.parcel.attempts,
        "attempts": one.parcel.attempts + one.burnt,
        "state": "pending" if one.verdict.state == "again" else one.verdict.state,
        "next_at": seconds(one.verdict.at) if one.verdict.at else None,
        "status": one.status,
        "error": one.verdict.says,
        "remote": one.verdict.remote,
        "interrupted": one.interrupted,
    }
