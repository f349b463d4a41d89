"""The outbox: what is owed, to whom, and what came of each try."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from syndicator import model
from syndicator.doors.store.rows import moment, seconds
from syndicator.doors.store.schema import Delivery, Endpoint, Message

OPEN = ("pending", "leased")
RESTING = func.coalesce(Endpoint.rest_until, 0)


def joined(session: Session) -> dict[str, str]:
    """Tell the endpoints that were configured before, with their ``since``."""
    return dict(session.exec(select(Endpoint.name, Endpoint.since)).all())


def free_leases(session: Session) -> None:
    """Make deliveries that an interrupted instance had in hand due again."""
    session.exec(update(Delivery).where(col(Delivery.state) == "leased").values(state="pending"))


def line_up(session: Session, messages: Sequence[str]) -> None:
    """Let none of these pass an older one about the same post that waits at the same endpoint.

    What is about other posts may: one message that a receiver refuses must not stop the rest.
    """
    older = aliased(Delivery)
    last = (
        select(func.max(older.next_at))
        .where(
            col(older.endpoint) == col(Delivery.endpoint),
            col(older.subject) == col(Delivery.subject),
            col(older.id) < col(Delivery.id),
            col(older.state) == "pending",
        )
        .scalar_subquery()
    )
    session.exec(
        update(Delivery)
        .where(col(Delivery.message).in_(messages), col(Delivery.state) == "pending")
        .where(last > col(Delivery.next_at))
        .values(next_at=last)
        .execution_options(synchronize_session=False)
    )


def awaiting(session: Session, now: datetime) -> list[model.Waiting]:
    """Tell the deliveries that wait for their post's pictures, and may still do so."""
    rows = session.exec(
        select(Delivery, Message)
        .join(Message, col(Message.id) == col(Delivery.message))
        .where(col(Delivery.waits), Delivery.state == "pending", Delivery.next_at > seconds(now))
        .order_by(col(Delivery.id))
    )
    return [
        model.Waiting(
            message=message.id,
            endpoint=delivery.endpoint,
            subject=message.subject,
            seq=message.seq,
            at=datetime.fromisoformat(message.at),
            body=message.body,
        )
        for delivery, message in rows
    ]


def let_go(session: Session, messages: Sequence[str], now: datetime) -> None:
    """Let these wait for pictures no longer."""
    session.exec(
        update(Delivery)
        .where(col(Delivery.message).in_(messages), col(Delivery.waits))
        .values(waits=False, next_at=seconds(now))
    )
    line_up(session, messages)


def reword(session: Session, records: Sequence[model.Owed]) -> None:
    """Put a later wording in the place of one that still waits for pictures."""
    for record in records:
        waits = select(Delivery.id).where(Delivery.message == record.message, col(Delivery.waits))
        if record.not_before is None and session.exec(waits).first() is not None:
            session.exec(
                update(Message).where(col(Message.id) == record.message).values(body=record.body)
            )
            let_go(session, [record.message], record.at)


def waiting(session: Session) -> dict[str, tuple[int, datetime]]:
    """Tell, for each endpoint that is asked, how much it is owed and when the next is due."""
    rows = session.exec(
        select(Delivery.endpoint, func.count(), func.min(Delivery.next_at), RESTING)
        .join(Endpoint, col(Endpoint.name) == col(Delivery.endpoint), isouter=True)
        .where(col(Delivery.state).in_(OPEN), func.coalesce(Endpoint.state, "active") == "active")
        .group_by(Delivery.endpoint, RESTING)
        .order_by(Delivery.endpoint)
    )
    return {name: (count, moment(max(at, rest))) for name, count, at, rest in rows}


def hold(session: Session, endpoints: Sequence[str]) -> None:
    """Lay aside what endpoints that are not configured now are owed, until they are again.

    What was given up for them is laid aside too: nobody needs to look after it any more.
    """
    here = col(Delivery.endpoint).in_(endpoints)
    away, back = (("pending", "held"), ("dead", "left")), (("held", "pending"), ("left", "dead"))
    turns = [*((old, new, ~here) for old, new in away), *((old, new, here) for old, new in back)]
    for old, new, which in turns:
        session.exec(update(Delivery).where(col(Delivery.state) == old, which).values(state=new))


def older(session: Session, notice: model.Notice) -> list[str]:
    """Tell the messages that a notice takes the place of."""
    if notice.replaces == "nothing":
        return []
    statement = (
        select(Delivery.message)
        .join(Message, col(Message.id) == col(Delivery.message))
        .where(
            Delivery.endpoint == notice.endpoint,
            Delivery.subject == notice.subject,
            col(Delivery.state).in_(("pending", "unconfirmed")),
            Message.kind == notice.kind,
            Message.key != notice.key,
        )
        .order_by(col(Delivery.id))
    )
    if notice.replaces == "untried":
        statement = statement.where(Delivery.attempts == 0)
    return list(session.exec(statement))


def unconfirmed(session: Session, endpoints: Iterable[str]) -> list[tuple[str, str]]:
    """Tell what waits for a person at these endpoints, by message and endpoint, oldest first."""
    statement = select(Delivery.message, Delivery.endpoint).where(
        Delivery.state == "unconfirmed", col(Delivery.endpoint).in_(endpoints)
    )
    return [(row[0], row[1]) for row in session.exec(statement.order_by(col(Delivery.id)))]
