"""When a host is left alone as a whole: one probe, not five hundred tries. Pure.

A host that gives no answer twice in a row, or asks for it (429, 503), rests: five minutes at
first, twice as long each time, a day at most. After that one picture is asked for; an answer of
any kind ends the rest.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from syndicator.model.pictures import Rest

FIRST = timedelta(minutes=5)
LONGEST = timedelta(days=1)  # of our own; what a host asks for may be longer
LONG = timedelta(days=1)  # a rest as long as this means that the host is down for two days
_STRIKES = 2  # silences in a row: one alone may be chance


class Hosts:
    """What a pass knows of hosts; ``rests`` are those of passes before."""

    def __init__(self, rests: Iterable[Rest]) -> None:
        """Start with hosts that rest, or did so until now."""
        self._rests = {one.host: one for one in rests}
        self._strikes: Counter[str] = Counter()
        self._news: dict[str, Rest | None] = {}

    def news(self) -> dict[str, Rest | None]:
        """Return the rests that began (or, with None, ended) since the last time."""
        news, self._news = self._news, {}
        return news

    def doubtful(self, host: str) -> bool:
        """Tell whether ``host`` is to be probed with one picture before others are asked for."""
        return host in self._rests

    def resting(self, host: str, now: datetime) -> bool:
        """Tell whether ``host`` is to be left alone now."""
        return host in self._rests and self._rests[host].until > now

    def answer(self, host: str, now: datetime) -> None:
        """Note that ``host`` gave an answer, which ends a rest that is over by the clock.

        While it rests, only what was on its way when the rest began can still answer.
        """
        self._strikes[host] = 0
        if host in self._rests and not self.resting(host, now):
            del self._rests[host]
            self._news[host] = None

    def silence(self, host: str, now: datetime, reason: str) -> Rest | None:
        """Note that ``host`` gave none; return its rest, if it is to have one from now on."""
        self._strikes[host] += 1
        if self._strikes[host] < _STRIKES and host not in self._rests:
            return None
        return self.send_to_rest(host, now, reason)

    def send_to_rest(
        self, host: str, now: datetime, reason: str, asked: float = 0.0
    ) -> Rest | None:
        """Let ``host`` rest, ``asked`` seconds at least; None where it does so already."""
        if self.resting(host, now):
            return None
        last = self._rests.get(host)
        span = FIRST if last is None else min(2 * (last.until - last.since), LONGEST)
        until = now + max(span, FIRST, timedelta(seconds=asked))
        rest = Rest(host=host, since=now, until=until, reason=reason)
        self._rests[host] = self._news[host] = rest
        return rest
