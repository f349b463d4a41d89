"""Where the right bytes of a damaged file may still be: a mirror, this disk, the network."""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from syndicator.archive.catalogue import Item
from syndicator.archive.fetch import Fetches, Terms
from syndicator.doors import blobs, files
from syndicator.doors.http import Web
from syndicator.doors.layout import Layout
from syndicator.errors import Failed
from syndicator.model import Want


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The right bytes of a file, and where they were."""

    item: Item
    data: bytes
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where to look on this machine."""

    layout: Layout
    content: Path
    mirror: Path | None

    def find(self, item: Item) -> Found | None:
        """Look in the mirror, among the posts and pictures of the site, and in public."""
        for place in self._near(item):
            if files.stat(place).size != item.size:
                continue
            try:
                data, _ = files.read(place, item.size)
            except Failed:
                continue
            if sha256(data).hexdigest() == item.digest:
                return Found(item=item, data=data, source=str(place))
        return None

    def _near(self, item: Item) -> Iterator[Path]:
        if self.mirror is not None:
            yield Layout(self.mirror).blob(item.name)
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
