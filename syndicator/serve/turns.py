"""Whose turn it is: hosts one after another, and of each only so many at once."""

from collections import Counter, deque


class Turns:
    """Those who wait to be sent something; a host that hangs takes no place from another."""

    def __init__(self, away: Counter[str], most: int) -> None:
        """Share with others how many are ``away`` at each host, at most ``most``."""
        self._away = away
        self._most = most
        self._waiting: dict[str, deque[str]] = {}
        self._order: deque[str] = deque()  # hosts with somebody waiting
        self._full: set[str] = set()  # those of them that are out of order until one comes back
        self._names: set[str] = set()

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: str, host: str) -> None:
        """Let one wait, behind the others of its host, unless it does so already."""
        if name in self._names:
            return
        self._names.add(name)
        if host not in self._waiting:
            self._waiting[host] = deque()
            self._order.append(host)
        self._waiting[host].append(name)

    def take(self) -> tuple[str, str] | None:
        """Return who is next, and its host; None where nobody may be."""
        while self._order:
            host = self._order.popleft()
            if self._away[host] >= self._most:
                self._full.add(host)
                continue
            name = self._waiting[host].popleft()
            self._names.discard(name)
            if self._waiting[host]:
                self._order.append(host)
            else:
                del self._waiting[host]
            return name, host
        return None

    def free(self, host: str) -> None:
        """Note that one came back from a host."""
        if host in self._full:
            self._full.discard(host)
            self._order.append(host)
