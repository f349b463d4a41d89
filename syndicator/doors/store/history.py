"""What was owed and what came of it, for people who ask."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, text
from sqlmodel import Session, col, select

from syndicator.doors.store.rows import begun, moment
from syndicator.doors.store.schema_outbox import Attempt, Delivery, Endpoint, Message
from syndicator.model.feeds import Health
from syndicator.model.pushes import Ask, Push, Standing, Try

OLD = text("""
    SELECT id FROM delivery WHERE state IN ('done', 'superseded', 'cancelled')
    AND next_at < :before AND remote = '' LIMIT 10000
""")


def pushes(session: Session, ask: Ask) -> list[Push]:
    """Tell the pushes that are asked for, newest first."""
    statement: Any = (
        select(Delivery, Message)
        .join(Message, col(Message.id) == col(Delivery.message))
        .order_by(col(Delivery.id).desc())
    )
    if ask.endpoint:
        statement = statement.where(Delivery.endpoint == ask.endpoint)
    if ask.states:
        statement = statement.where(col(Delivery.state).in_(ask.states))
    if ask.messages:
        statement = statement.where(col(Delivery.message).in_(ask.messages))
    if ask.since is not None:  # journal times may have any offset: compared as moments
        rows = session.exec(statement)
        found = [_push(*row) for row in rows]
        return [one for one in found if one.at >= ask.since][: ask.limit or None]
    if ask.limit:
        statement = statement.limit(ask.limit)
    return [_push(*row) for row in session.exec(statement)]


def tries(session: Session, message: str) -> list[Try]:
    """Tell the attempts at a push, oldest first."""
    statement = (
        select(Attempt)
        .join(Delivery, col(Delivery.id) == col(Attempt.delivery))
        .where(Delivery.message == message)
        .order_by(col(Attempt.id))
    )
    return [
        Try(
            n=one.n,
            at=datetime.fromisoformat(one.at),
            milliseconds=one.milliseconds,
            status=one.status,
            says=one.error,
            peer=one.peer,
            reply=one.reply,
        )
        for one in session.exec(statement)
    ]


def body(session: Session, message: str) -> str:
    """Return what a push says, as it is sent."""
    found = session.get(Message, message)
    return found.body if found else ""


def standings(session: Session, health: dict[str, Health]) -> dict[str, Standing]:
    """Tell how it stands with every endpoint that was ever configured."""
    names = select(Endpoint.name, Endpoint.joined).order_by(Endpoint.name)
    counted = select(Delivery.endpoint, Delivery.state, func.count()).group_by(
        Delivery.endpoint, Delivery.state
    )
    counts: dict[str, dict[str, int]] = {}
    for name, state, count in session.exec(counted):
        counts.setdefault(name, {})[state] = count
    return {
        name: Standing(
            endpoint=name,
            state=health[name].state,
            says=health[name].says,
            streak=health[name].streak,
            until=health[name].until,
            joined=datetime.fromisoformat(joined),
            counts=counts.get(name, {}),
        )
        for name, joined in session.exec(names)
    }


def prune(session: Session, before: datetime) -> int:
    """Forget what was settled well before this; what was given up stays. Tell how many.

    So does what a receiver has a name for: it is what an edit in a year has to name.
    The message stays while another endpoint's delivery of it does; the journal keeps all.
    """
    gone = [row[0] for row in session.connection().execute(OLD, {"before": begun(before)})]
    for start in range(0, len(gone), 500):
        some = gone[start : start + 500]
        names = session.exec(select(Delivery.message).where(col(Delivery.id).in_(some))).all()
        session.exec(delete(Attempt).where(col(Attempt.delivery).in_(some)))
        session.exec(delete(Delivery).where(col(Delivery.id).in_(some)))
        left = select(Delivery.message).where(col(Delivery.message).in_(names))
        session.exec(
            delete(Message).where(col(Message.id).in_(names), col(Message.id).not_in(left))
        )
    return len(gone)


def _push(delivery: Delivery, message: Message) -> Push:
    return Push(
        message=message.id,
        endpoint=delivery.endpoint,
        kind=message.kind,
        subject=message.subject,
        seq=message.seq,
        at=datetime.fromisoformat(message.at),
        state=delivery.state,
        attempts=delivery.attempts,
        next_at=moment(delivery.next_at) if delivery.state == "pending" else None,
        status=delivery.last_status,
        says=delivery.last_error,
        remote=delivery.remote,
    )
