"""The tables of the outbox: endpoints, messages, what is owed of them, and each try."""

from typing import ClassVar

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from syndicator.doors.store.dialects import NUMBER, some
from syndicator.doors.store.table import Row


class Endpoint(Row, table=True):
    """An endpoint that was configured once; it hears of nothing before that."""

    __tablename__: ClassVar[str] = "endpoint"
    name: str = Field(primary_key=True)
    joined: str
    since: str
    state: str = "active"
    says: str = ""  # what a person should look at
    streak: int = 0  # failures in a row
    failing_since: int = Field(default=0, sa_type=BigInteger)
    rest_until: int = Field(default=0, sa_type=BigInteger)  # it failed as a whole: ask later


class Lane(Row, table=True):
    """Whose an endpoint is, where several workers send; on SQLite it stays empty."""

    __tablename__: ClassVar[str] = "lane"
    endpoint: str = Field(primary_key=True)
    token: int = Field(sa_type=BigInteger)  # counts on with each that takes it
    owner: str  # "" for nobody
    until: int = Field(sa_type=BigInteger)  # milliseconds since 1970, by the server's clock


class Tray(Row, table=True):
    """A line for the journal, of a worker; it stays until the publisher takes it up."""

    __tablename__: ClassVar[str] = "tray"
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    line: str


class Message(Row, table=True):
    """What is owed, frozen byte for byte."""

    __tablename__: ClassVar[str] = "message"
    id: str = Field(primary_key=True)
    key: str
    kind: str
    subject: str = Field(index=True)
    seq: int
    at: str
    media_type: str
    body: str


class Delivery(Row, table=True):
    """A message owed to an endpoint.

    States: pending, leased, done, dead, superseded, cancelled, and unconfirmed: one of many at
    once, that waits for a person. At an endpoint that is not configured now, ``held`` stands for
    pending and ``left`` for dead.
    """

    __tablename__: ClassVar[str] = "delivery"
    __table_args__: ClassVar[object] = (
        UniqueConstraint("message", "endpoint"),
        some("ix_delivery_due", "endpoint", "next_at", "id", where="state = 'pending'"),
        some(
            "ix_delivery_subject",
            "endpoint",
            "subject",
            "id",
            where="state IN ('pending', 'leased')",
        ),
        some(
            "ix_delivery_open",
            "endpoint",
            "id",
            where="state IN ('pending', 'leased')",
        ),
        some(
            "ix_delivery_over",
            "next_at",
            where="state IN ('done', 'superseded', 'cancelled')",
        ),
        some("ix_delivery_dead", "endpoint", "id", where="state = 'dead'"),
        some("ix_delivery_leased", "id", where="state = 'leased'"),
        some(
            "ix_delivery_unconfirmed",
            "endpoint",
            "id",
            where="state = 'unconfirmed'",
        ),
        some("ix_delivery_aside", "endpoint", "id", where="state IN ('held', 'left')"),
        some("ix_delivery_waits", "id", where="waits"),
        some(
            "ix_delivery_interrupted",
            "endpoint",
            "id",
            where="state = 'pending' AND interrupted > 0",
        ),
        some("ix_delivery_remote", "endpoint", "subject", where="remote != ''"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    message: str = Field(foreign_key="message.id")
    endpoint: str
    subject: str
    state: str
    attempts: int = 0
    next_at: int = Field(sa_type=BigInteger)
    since_at: int = Field(default=0, sa_type=BigInteger)  # owed, or let go again: its age
    waits: bool = False  # for its post's pictures, until next_at; no attempt was made yet
    interrupted: int = 0  # nobody knows how the last attempt ended: seconds to live before another
    last_status: int = 0
    last_error: str = ""
    remote: str = ""  # what the receiver calls what it made of it


class Attempt(Row, table=True):
    """One try of a delivery; the only thing here that the journal does not know."""

    __tablename__: ClassVar[str] = "attempt"
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    delivery: int = Field(foreign_key="delivery.id", index=True, sa_type=NUMBER)
    endpoint: str = Field(index=True)  # the delivery's: which try was its last
    n: int
    at: str
    milliseconds: int
    status: int
    error: str
    peer: str = ""  # the address that answered
    reply: str = ""  # what it said, where that was no acknowledgement; bounded, without secrets
