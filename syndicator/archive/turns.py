"""Whose turn it is: two pictures of a host at once, and every host in its turn. Pure."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass

from syndicator.model.pictures import Want
from syndicator.model.records import Capture

_PER_HOST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A picture to ask ``url`` of ``host`` for.

    After a ``failure`` at its source, it is one to ask elsewhere for.
    """

    want: Want
    url: str
    host: str
    failure: Capture | None = None


class Turns:
    """Hands out jobs; a host that is ``doubtful`` has one at once until it is ``trusted``."""

    def __init__(self, jobs: Iterable[Job], doubtful: Iterable[str] = ()) -> None:
        """Line them up by host, in their order."""
        self._doubtful = set(doubtful)
        self._waiting: dict[str, deque[Job]] = {}
        self._active: Counter[str] = Counter()
        self._turns: deque[str] = deque()  # hosts that may start one more
        for job in jobs:
            self.add(job)

    def add(self, job: Job) -> None:
        """Line up one more."""
        self._waiting.setdefault(job.host, deque()).append(job)
        self._offer(job.host)

    def next(self) -> Job | None:
        """Return the next job to start; None when all must wait, or there are none."""
        if not self._turns:
            return None
        host = self._turns.popleft()
        job = self._waiting[host].popleft()
        self._active[host] += 1
        self._offer(host)
        return job

    def done(self, host: str) -> None:
        """Note that one of this host's is through."""
        self._active[host] -= 1
        self._offer(host)

    def trust(self, host: str) -> None:
        """Note that the host answers."""
        self._doubtful.discard(host)
        self._offer(host)

    def drop(self, host: str) -> list[Job]:
        """Take back what waits for a host."""
        taken = list(self._waiting.pop(host, ()))
        if host in self._turns:
            self._turns.remove(host)
        return taken

    def _offer(self, host: str) -> None:
        room = 1 if host in self._doubtful else _PER_HOST
        if host not in self._turns and self._waiting.get(host) and self._active[host] < room:
            self._turns.append(host)
