"""Who subscribed to which feed: a file for each, replaced whole; the files are the truth.

They hold the secrets of subscribers, by which these know what we send them: nobody else may read
them, and they are in no journal and no database.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from syndicator.doors import files
from syndicator.errors import SyndicatorError

_LARGEST = 16 * 1024  # bytes of a file that is believed


@dataclass(slots=True, kw_only=True)
class Subscription:
    """One subscriber of one feed; times in seconds of the epoch."""

    callback: str
    topic: str  # the feed's address
    path: str  # the feed's path below public/
    expires: float
    secret: str = field(default="", repr=False)
    has: str = ""  # the tag of the version it was sent last
    failures: int = 0  # since it took something last
    due: float = 0.0  # not before this is it tried again

    @property
    def key(self) -> str:
        """What there is one subscription of: a callback and a topic (WebSub, 5.1)."""
        return key(self.callback, self.topic)


def key(callback: str, topic: str) -> str:
    """Return the name of a subscription, whether there is one or not."""
    return sha256(f"{callback}\n{topic}".encode()).hexdigest()[:32]


def standing(folder: Path, now: float) -> tuple[int, int]:
    """Tell how many subscriptions there are, and how many of them failed last; reads only."""
    live = [one for one in _read(folder) if one.expires > now]
    return len(live), sum(one.failures > 0 for one in live)


def _read(folder: Path) -> Iterator[Subscription]:
    for file in sorted(folder.glob("*.json")):
        with suppress(SyndicatorError, OSError, ValueError, TypeError):
            found = Subscription(**json.loads(files.read(file, _LARGEST)[0]))
            if file.stem == found.key:
                yield found


class Subscriptions:
    """All of them, in memory and on the disk; for one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Read what is there; a file that can't be read is left alone, and out of account."""
        self._folder = folder
        files.make_folder(folder)
        folder.chmod(0o700)
        self._all = {one.key: one for one in _read(folder)}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Subscription]:
        return iter(tuple(self._all.values()))

    def get(self, name: str) -> Subscription | None:
        """Return one by its name."""
        return self._all.get(name)

    def put(self, one: Subscription) -> None:
        """Keep one, in place of another of its name; durably."""
        file = self._file(one.key)
        aside = file.with_suffix(".part")
        files.write(aside, json.dumps(asdict(one)).encode(), mode=0o600)
        files.flush([aside])
        files.rename([(aside, file)])
        self._all[one.key] = one

    def drop(self, one: Subscription) -> None:
        """Forget one, durably."""
        files.remove([self._file(one.key)])
        self._all.pop(one.key, None)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"
