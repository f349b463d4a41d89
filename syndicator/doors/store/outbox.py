"""The outbox: what is owed, to whom, and what came of each try."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from syndicator import model
from syndicator.doors.store.rows import moment, seconds
from syndicator.doors.store.schema import Attempt, Delivery, Endpoint, Message

OPEN = ("pending", "leased")


def joined(session: Session) -> dict[str, str]:
    """Tell the endpoints that were configured before, with their ``since``."""
    return dict(session.exec(select(Endpoint.name, Endpoint.since)).all())


def free_leases(session: Session) -> None:
    """Make deliveries that an interrupted instance had in hand due again."""
    session.exec(update(Delivery).where(col(Delivery.state) == "leased").values(state="pending"))


def claim(
    session: Session, now: datetime, endpoints: Sequence[str], limit: int
) -> list[model.Parcel]:
    """Lease what is due at these endpoints, oldest first; a crash gives it back.

    Nothing overtakes an older delivery to the same endpoint that waits for its next attempt.
    """
    older = aliased(Delivery)
    waits = (
        select(older.id)
        .where(
            col(older.endpoint) == col(Delivery.endpoint),
            col(older.state) == "pending",
            col(older.next_at) > seconds(now),
            col(older.id) < col(Delivery.id),
        )
        .exists()
    )
    rows = session.exec(
        select(Delivery, Message)
        .join(Message, col(Message.id) == col(Delivery.message))
        .where(
            Delivery.state == "pending",
            col(Delivery.next_at) <= seconds(now),
            col(Delivery.endpoint).in_(endpoints),
            ~waits,
        )
        .order_by(col(Delivery.id))
        .limit(limit)
    ).all()
    for delivery, _ in rows:
        delivery.state = "leased"
        session.add(delivery)
    return [
        model.Parcel(
            delivery=delivery.id or 0,
            message=message.id,
            endpoint=delivery.endpoint,
            kind=message.kind,
            subject=message.subject,
            body=message.body.encode(),
            attempts=delivery.attempts,
        )
        for delivery, message in rows
    ]


def finish(
    session: Session,
    parcel: model.Parcel,
    verdict: model.Verdict,
    *,
    at: datetime,
    milliseconds: int,
    status: int,
) -> None:
    """Record an attempt and what it means for the delivery."""
    n = parcel.attempts + 1
    session.add(
        Attempt(
            delivery=parcel.delivery,
            n=n,
            at=at.isoformat(),
            milliseconds=milliseconds,
            status=status,
            error=verdict.says,
        )
    )
    values: dict[str, object] = {"attempts": n, "last_status": status, "last_error": verdict.says}
    if verdict.state == "again" and verdict.at is not None:
        values |= {"state": "pending", "next_at": seconds(verdict.at)}
    else:
        values["state"] = verdict.state
    session.exec(update(Delivery).where(col(Delivery.id) == parcel.delivery).values(**values))


def waiting(session: Session) -> dict[str, tuple[int, datetime]]:
    """Tell, for each endpoint that is owed something, how much and when the next is due."""
    rows = session.exec(  # with min(), SQLite takes the bare column from the row that has it
        select(Delivery.endpoint, func.count(), Delivery.next_at, func.min(Delivery.id))
        .where(col(Delivery.state).in_(OPEN))
        .group_by(Delivery.endpoint)
        .order_by(Delivery.endpoint)
    )
    return {endpoint: (count, moment(at)) for endpoint, count, at, _ in rows}


def release(session: Session, deliveries: Sequence[int]) -> None:
    """Give back leased deliveries that were not tried."""
    session.exec(update(Delivery).where(col(Delivery.id).in_(deliveries)).values(state="pending"))


def hold(session: Session, endpoints: Sequence[str]) -> None:
    """Lay aside what endpoints that are not configured now are owed, until they are again.

    What was given up for them is laid aside too: nobody needs to look after it any more.
    """
    here = col(Delivery.endpoint).in_(endpoints)
    away, back = (("pending", "held"), ("dead", "left")), (("held", "pending"), ("left", "dead"))
    turns = [*((old, new, ~here) for old, new in away), *((old, new, here) for old, new in back)]
    for old, new, which in turns:
        session.exec(update(Delivery).where(col(Delivery.state) == old, which).values(state=new))
