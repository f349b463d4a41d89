"""Where the right bytes of a damaged file may still be: a mirror, this disk, the network."""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from syndicator.archive.capture import Terms
from syndicator.archive.catalogue import Item
from syndicator.archive.fetch import Fetches
from syndicator.doors import blobs, files
from syndicator.doors.http import Web
from syndicator.doors.layout import Layout
from syndicator.errors import Failed
from syndicator.model.pictures import Want

_BACK = "its own place: it reads right again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The right bytes of a file, and where they were."""

    item: Item
    data: bytes
    source: str


class Mirror(Protocol):
    """A copy of the archive, wherever it is."""

    def fetch(self, item: Item) -> tuple[bytes, str] | None:
        """Return what it has under the name of a file, and where that is; raises nothing."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A copy of the archive in a folder."""

    root: Path

    def fetch(self, item: Item) -> tuple[bytes, str] | None:
        """Read the file of this name."""
        place = Layout(self.root).blob(item.name)
        with suppress(Failed):
            return files.read(place, item.size)[0], str(place)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where to look: copies of the archive, and this machine."""

    layout: Layout
    content: Path
    mirrors: Sequence[Mirror] = ()

    def find(self, item: Item) -> Found | None:
        """Look in its own place, in mirrors, among the site's posts and pictures, in public."""
        own = self.layout.blob(item.name)
        if (data := self._right(item, own)) is not None:
            return Found(item=item, data=data, source=_BACK)
        for mirror in self.mirrors:
            fetched = mirror.fetch(item)
            if fetched is not None and sha256(fetched[0]).hexdigest() == item.digest:
                return Found(item=item, data=fetched[0], source=fetched[1])
        for place in self._near(item):
            if (data := self._right(item, place)) is not None:
                return Found(item=item, data=data, source=str(place))
        return None

    def _right(self, item: Item, place: Path) -> bytes | None:
        """Return the bytes that lie there, if they are the right ones."""
        if files.stat(place).size != item.size:
            return None
        with suppress(Failed):
            data, _ = files.read(place, item.size)
            return data if sha256(data).hexdigest() == item.digest else None
        return None

    def _near(self, item: Item) -> Iterator[Path]:
        for kept in item.sources:
            if (place := files.within(self.content, kept.path)) is not None:
                yield place
        for capture in item.captures:
            if capture.came_from.startswith("/"):
                yield Path(capture.came_from)
        yield self.layout.media / item.name
        yield from (
            place for place in blobs.quarantined(self.layout) if place.name.startswith(item.digest)
        )


async def refetch(
    items: Sequence[Item], web: Web, *, limit: int, clock: Callable[[], datetime]
) -> AsyncGenerator[Found, None]:
    """Ask for damaged pictures where they came from; yield those whose bytes are the same."""
    by_url = {
        capture.url: item
        for item in items
        for capture in item.captures
        if not capture.came_from.startswith("/")
    }
    wants = [Want(url=url) for url in sorted(by_url)]
    found: set[str] = set()
    async with Fetches(wants, web, terms=Terms(limit=limit), clock=clock) as fetches:
        while (outcome := await fetches.next()) is not None:
            item = by_url[outcome.want.url]
            digest = outcome.capture.digest if outcome.capture else ""
            if digest == item.digest and item.digest not in found:
                found.add(item.digest)
                yield Found(item=item, data=outcome.data, source=outcome.want.url)
