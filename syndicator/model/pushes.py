"""What is told of pushes to a person who asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syndicator.model.report import EndpointState


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Which pushes are meant; what is empty leaves out none."""

    endpoint: str = ""
    states: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    since: datetime | None = None
    limit: int = 0  # the newest so many


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A message owed to an endpoint, and how it stands with it."""

    message: str
    endpoint: str
    kind: str
    subject: str
    seq: int
    at: datetime
    state: str
    attempts: int
    next_at: datetime | None
    status: int
    says: str
    remote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt at a push."""

    n: int
    at: datetime
    milliseconds: int
    status: int
    says: str
    peer: str = ""  # the address that answered
    reply: str = ""  # what it said, where that was no acknowledgement; without secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands with an endpoint; ``counts`` are its pushes by their state."""

    endpoint: str
    state: EndpointState
    says: str
    streak: int
    until: datetime | None
    joined: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    configured: bool = True
    type: str = ""
    address: str = ""  # as much of it as may be shown
