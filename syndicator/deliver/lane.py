"""A lane: what one endpoint has in hand, and how much more may be given to it."""

import asyncio
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syndicator.deliver.attempt import Sent, Target
from syndicator.deliver.health import is_open
from syndicator.model.feeds import Health, Parcel

AHEAD = 8  # deliveries of one endpoint in hand at once
Memory = tuple[Health, deque[Parcel], datetime | None, bool, bool, int]


@dataclass(slots=True, kw_only=True)
class Lane:
    """One endpoint's; ``due`` is when to look for more: None for never, unless told."""

    target: Target
    health: Health
    due: datetime | None
    ready: deque[Parcel] = field(default_factory=deque)
    flying: dict[asyncio.Task[Sent], Parcel] = field(default_factory=dict)
    ended: bool = False  # that it was disabled has been told
    free: datetime | None = None  # when its rate lets the next go
    leaves: bool = False  # it is to go to another worker: nothing more is begun in it
    broken: int = 0  # seconds a process has to have lived to make its interrupted attempts again

    @property
    def name(self) -> str:
        """What the endpoint is called."""
        return self.target.endpoint.name

    @property
    def strict(self) -> bool:
        """Whether all its messages go in order."""
        return self.target.endpoint.order == "strict"

    @property
    def once(self) -> bool:
        """Whether nothing may be sent to it twice."""
        return self.target.endpoint.mode == "at-most-once"

    def room(self, now: datetime) -> int:
        """Tell how many more may be on their way now."""
        if self.leaves or self.health.state != "active" or self._rests(now):
            return 0
        single = self.strict or is_open(self.health)
        most = 1 if single else self.target.endpoint.max_inflight
        return max(0, most - len(self.flying))

    def wants(self, now: datetime) -> int:
        """Tell how many more deliveries to lease for it now."""
        room = self.room(now)
        if self.due is None or now < self.due or len(self.ready) >= room:
            return 0
        # what is leased counts as sent where nothing may be twice
        return (room if self.once or self.strict or is_open(self.health) else AHEAD) - len(
            self.ready
        )

    def resumes(self, now: datetime) -> bool:
        """Say whether an attempt that was interrupted may be made again: one at a time."""
        if not self.broken or not self.room(now):
            return False
        return not any(one.interrupted for one in self.parcels())

    def next(self, now: datetime) -> datetime | None:
        """Tell when there is something to do that nothing on its way will bring about."""
        if self.health.state != "active":
            return None
        rests = self._rests(now)
        if self.ready or self.due is None:
            return rests if self.ready or self.broken else None
        if rests:
            return max(self.due, rests)
        return self.due if self.room(now) else None

    def idle(self, now: datetime, until: datetime) -> bool:
        """Say whether nothing is to be done in it before that moment."""
        if self.leaves or self.ready or self.flying:
            return self.leaves and not self.flying
        at = self.next(now)
        return not (self.broken and self.room(now)) and (at is None or at > until)

    def parcels(self) -> list[Parcel]:
        """Return what is in hand."""
        return [*self.ready, *self.flying.values()]

    def sent(self, now: datetime) -> None:
        """Take note that one is on its way."""
        if rate := self.target.endpoint.rate:
            self.free = now + timedelta(seconds=1 / rate)

    def keep(self, open_: Collection[tuple[int, int]]) -> None:
        """Let go of what was to be sent, but for these, by number and attempts."""
        self.ready = deque(one for one in self.ready if one.nth in open_)

    def memory(self) -> "Memory":
        """Tell what a transaction may change in it."""
        return self.health, deque(self.ready), self.due, self.ended, self.leaves, self.broken

    def recall(self, memory: "Memory") -> None:
        """Let it be as it was: the transaction came to nothing."""
        self.health, self.ready, self.due, self.ended, self.leaves, self.broken = memory

    def kept(self, now: datetime) -> Health:
        """Return what the next pass has to know of it."""
        return replace(self.health, until=self._rests(now))

    def _rests(self, now: datetime) -> datetime | None:
        """Tell until when nothing is sent to it, None if something may be now."""
        moments = (self.health.until, self.free)
        return max((one for one in moments if one is not None and now < one), default=None)
