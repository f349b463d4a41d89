"""A lane: what one endpoint has in hand, and how much more may be given to it."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from syndicator.deliver.attempt import Sent, Target
from syndicator.deliver.health import is_open
from syndicator.model import Health, Parcel

AHEAD = 8  # deliveries of one endpoint in hand at once


@dataclass(slots=True, kw_only=True)
class Lane:
    """One endpoint's; ``due`` is when to look for more: None for never, unless told."""

    target: Target
    health: Health
    due: datetime | None
    ready: deque[Parcel] = field(default_factory=deque)
    flying: dict[asyncio.Task[Sent], Parcel] = field(default_factory=dict)
    ended: bool = False  # that it was disabled has been told

    @property
    def name(self) -> str:
        """What the endpoint is called."""
        return self.target.endpoint.name

    @property
    def strict(self) -> bool:
        """Whether all its messages go in order."""
        return self.target.endpoint.order == "strict"

    def room(self, now: datetime) -> int:
        """Tell how many more may be on their way now."""
        if self.health.state != "active":
            return 0
        if self.health.until is not None and now < self.health.until:
            return 0
        single = self.strict or is_open(self.health)
        most = 1 if single else self.target.endpoint.max_inflight
        return max(0, most - len(self.flying))

    def wants(self, now: datetime) -> int:
        """Tell how many more deliveries to lease for it now."""
        room = self.room(now)
        if self.due is None or now < self.due or len(self.ready) >= room:
            return 0
        once = self.target.endpoint.mode == "at-most-once"  # what is leased counts as sent
        return (room if once or self.strict or is_open(self.health) else AHEAD) - len(self.ready)

    def next(self, now: datetime) -> datetime | None:
        """Tell when there is something to do that nothing on its way will bring about."""
        if self.health.state != "active":
            return None
        until = self.health.until
        resting = until is not None and now < until
        if self.ready or self.due is None:
            return until if self.ready and resting else None
        if not resting and not self.room(now):
            return None
        return max(self.due, until) if until is not None else self.due
