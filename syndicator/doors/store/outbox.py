"""The outbox: what is owed, to whom, and what came of each try."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, text, update
from sqlmodel import Session, col, select

from syndicator.doors.store.dialects import said
from syndicator.doors.store.lanes import THEIRS
from syndicator.doors.store.rows import among, moment, seconds
from syndicator.doors.store.schema_outbox import Delivery, Endpoint, Message
from syndicator.model.feeds import Notice, Waiting
from syndicator.model.records import Owed

# Spelled out, as in ``lanes``: with a parameter in its place no partial index would be used.
_OPEN, _WAITS = text("delivery.state IN ('pending', 'leased')"), text("delivery.waits")
_FREE = text(f"""
    UPDATE delivery SET state = 'pending'
    WHERE state = 'leased' AND NOT {THEIRS.format("delivery")}
""")  # noqa: S608  # put together of constants
# Asked so that PostgreSQL has one index for it, of the subject, whatever it knows of the table.
_LINE_UP = said("""
    WITH ahead AS (
        SELECT one.id, (SELECT max(CASE older.state WHEN 'pending' THEN older.next_at END)
            FROM delivery AS older
            WHERE older.endpoint = one.endpoint AND older.subject = one.subject
            AND older.id < one.id AND older.state IN ('pending', 'leased')) AS last
        FROM delivery AS one
        WHERE one.message IN (SELECT value FROM {each}(:messages)) AND one.state = 'pending')
    UPDATE delivery SET next_at = ahead.last FROM ahead
    WHERE delivery.id = ahead.id AND ahead.last > delivery.next_at
""")
_HERE = "(SELECT value FROM {each}(:here))"
_HOLD = tuple(
    said(f"UPDATE delivery SET state = '{new}' WHERE state = '{old}' AND {which} {_HERE}")  # noqa: S608  # constants
    for old, new, which in (
        ("pending", "held", "endpoint NOT IN"),
        ("dead", "left", "endpoint NOT IN"),
        ("held", "pending", "state IN ('held', 'left') AND endpoint IN"),
        ("left", "dead", "state IN ('held', 'left') AND endpoint IN"),
    )
)
# What a worker is taking in hand just now is passed over, and it takes none of these until the end
# of the transaction: what is on its way stays before what is owed next.
_OLDER = said("""
    SELECT found.message FROM (
        SELECT * FROM (SELECT id, message, attempts FROM delivery AS one
            WHERE endpoint = :endpoint AND subject = :subject
            AND state IN ('pending', 'leased') AND state = 'pending' {skip}) AS waiting
        UNION ALL SELECT id, message, attempts FROM delivery
        WHERE endpoint = :endpoint AND subject = :subject AND state = 'unconfirmed') AS found
    JOIN message ON message.id = found.message
    WHERE message.kind = :kind AND message.key != :key AND (:tried OR found.attempts = 0)
    ORDER BY found.id
""")
_UNCONFIRMED = said("""
    SELECT message, endpoint FROM delivery WHERE state = 'unconfirmed'
    AND endpoint IN (SELECT value FROM {each}(:here)) ORDER BY id
""")
RESTING = func.coalesce(Endpoint.rest_until, 0)


def joined(session: Session) -> dict[str, str]:
    """Tell the endpoints that were configured before, with their ``since``."""
    return dict(session.exec(select(Endpoint.name, Endpoint.since)).all())


def free_leases(session: Session) -> None:
    """Make deliveries that an interrupted instance had in hand due again."""
    session.connection().execute(_FREE)


def line_up(session: Session, messages: Sequence[str]) -> None:
    """Let none of these pass an older one about the same post that waits at the same endpoint.

    What is about other posts may: one message that a receiver refuses must not stop the rest.
    """
    session.connection().execute(_LINE_UP, {"messages": json.dumps(list(messages))})


def awaiting(session: Session, now: datetime) -> list[Waiting]:
    """Tell the deliveries that wait for their post's pictures, and may still do so."""
    rows = session.exec(
        select(Delivery, Message)
        .join(Message, col(Message.id) == col(Delivery.message))
        .where(_WAITS, Delivery.state == "pending", Delivery.next_at > seconds(now))
        .order_by(col(Delivery.id))
    )
    return [
        Waiting(
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


def reword(session: Session, records: Sequence[Owed]) -> None:
    """Put a later wording in the place of one that still waits for pictures."""
    final = {one.message: one for one in reversed(records) if one.not_before is None}
    told = among(Delivery.message, final)
    for message in session.exec(select(Delivery.message).where(told, _WAITS)).all():
        record = final[message]
        words = {"body": record.body, "media_type": record.media_type}
        session.exec(update(Message).where(col(Message.id) == message).values(**words))
        let_go(session, [message], record.at)


def waiting(session: Session) -> dict[str, tuple[int, datetime]]:
    """Tell, for each endpoint that is asked, how much it is owed and when the next is due."""
    rows = session.exec(
        select(Delivery.endpoint, func.count(), func.min(Delivery.next_at), RESTING)
        .join(Endpoint, col(Endpoint.name) == col(Delivery.endpoint), isouter=True)
        .where(_OPEN, func.coalesce(Endpoint.state, "active") == "active")
        .group_by(Delivery.endpoint, RESTING)
        .order_by(Delivery.endpoint)
    )
    return {name: (count, moment(max(at, rest))) for name, count, at, rest in rows}


def hold(session: Session, endpoints: Sequence[str]) -> None:
    """Lay aside what endpoints that are not configured now are owed, until they are again.

    What was given up for them is laid aside too: nobody needs to look after it any more.
    """
    for statement in _HOLD:
        session.connection().execute(statement, {"here": json.dumps(list(endpoints))})


def older(session: Session, notice: Notice) -> list[str]:
    """Tell the messages that a notice takes the place of."""
    if notice.replaces == "nothing":
        return []
    found = session.connection().execute(
        _OLDER,
        {
            "endpoint": notice.endpoint,
            "subject": notice.subject,
            "kind": notice.kind,
            "key": notice.key,
            "tried": notice.replaces == "unsettled",
        },
    )
    return [row[0] for row in found]


def unconfirmed(session: Session, endpoints: Iterable[str]) -> list[tuple[str, str]]:
    """Tell what waits for a person at these endpoints, by message and endpoint, oldest first."""
    rows = session.connection().execute(_UNCONFIRMED, {"here": json.dumps(list(endpoints))})
    return [(row[0], row[1]) for row in rows]
