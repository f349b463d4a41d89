"""Keeping the pictures posts refer to: files of the site first, then the network."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from syndicator.archive import copies, local
from syndicator.archive.capture import Came, Terms
from syndicator.archive.local import Roots
from syndicator.doors import files
from syndicator.doors.batch import Batch
from syndicator.doors.files import Stat
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import images
from syndicator.doors.store.rows import batches
from syndicator.model.pictures import Want

if TYPE_CHECKING:  # they bring the client, and most passes fetch nothing
    from syndicator.archive.fetch import Fetches, Outcome

GROUP = 32  # captures made durable together: what a crash may have fetched in vain
NEAR = 250  # files of this disk that are: nothing is fetched again for them
HEAVY = 6 << 20  # bytes that are held in memory while more come, and as many again
CHECKS = 500  # looks at sources that are noted together


@dataclass(slots=True, kw_only=True)
class Collector:
    """The third stage's work on pictures, for one pass."""

    ledger: Ledger
    roots: Roots
    terms: Terms
    clock: Callable[[], datetime]
    progress: Callable[[str, int, int], None]
    floor: int = 0  # bytes that stay free on the disk
    kept: int = 0
    failed: int = 0
    checked: int = 0  # kept ones whose source was looked at
    full: bool = False  # the disk: nothing more is fetched
    _done: int = 0
    _group: list[Came] = field(default_factory=list)
    _weight: int = 0  # of the group, in bytes
    _keeping: asyncio.Task[None] | None = None  # the group before, on its way to the disk
    _same: "list[Outcome]" = field(default_factory=list)

    def nearby(self, wants: Sequence[Want]) -> list[Want]:
        """Keep those that lie on this disk; return those that must be fetched.

        A picture that was kept and whose file is gone stays as it was kept.
        """
        far: list[Want] = []
        for some in batches(wants, NEAR):
            with self.ledger.batch() as batch:
                looked: dict[str, Sequence[tuple[str, Stat]]] = {}
                for group in self._near(some, far, looked):
                    self._take(batch, group)
                images.looked_at(batch.session, looked)
        return far

    def _near(
        self, wants: Iterable[Want], far: list[Want], looked: dict[str, Sequence[tuple[str, Stat]]]
    ) -> Iterator[list[Came]]:
        """Yield what lies on this disk, so much at once as may be held in memory."""
        group: list[Came] = []
        for want in wants:
            if want.inline:
                group.append(local.inline(want, self.clock()))
                continue
            found = local.find(want, self.roots)
            looked[want.url] = found.looked
            if found.file is None:
                far += [want] if want.copy is None or _is_far(want) else []
                continue
            got = local.capture(want, found.file, self.terms.limit, self.clock())
            if not want.kept or got.capture.digest != want.kept:
                group.append(got)
            if sum(one.weight for one in group) > HEAVY:
                yield group
                group = []
        if group:
            yield group

    def room(self, more: int = 0) -> bool:
        """Tell whether the disk has room for so many bytes; once it has not, it is ``full``."""
        self.full = self.full or files.free(self.ledger.layout.root) - more < self.floor
        return not self.full

    async def fetch(
        self, fetches: "Fetches", *, until: float, only: set[str] | None = None
    ) -> None:
        """Keep what comes until that loop time; every failure is recorded with its plan.

        With ``only``, end when all of these URLs have come; they are taken out of it.
        """
        while (only is None or only) and not self.full:
            outcome = await fetches.next(until)
            if outcome is None:
                break
            if only is not None:
                only.discard(outcome.want.url)
            self._done += 1
            self.progress("pictures", self._done, self._done + fetches.left)
            self._note(outcome)
            if len(self._group) >= GROUP or self._weight > HEAVY:
                await self._flush()
            if len(self._same) >= CHECKS:
                await self._flush()
                await self._settled()
                self._flush_checks(fetches)
        await self._flush()
        await self._settled()
        self._flush_checks(fetches)

    def _note(self, outcome: "Outcome") -> None:
        self.checked += outcome.want.copy is not None
        if outcome.capture is None:
            self._same.append(outcome)
        else:
            came = Came(outcome.capture, outcome.data, outcome.picture)
            self._group.append(came)
            self._weight += came.weight

    async def _flush(self) -> None:
        """Begin to make what came durable, in a thread, once the group before it is."""
        await self._settled()
        group, weight, self._group, self._weight = self._group, self._weight, [], 0
        if group and self.room(weight):
            self._keeping = asyncio.create_task(asyncio.to_thread(self._keep, group))

    async def _settled(self) -> None:
        if self._keeping is not None:
            keeping, self._keeping = self._keeping, None
            await keeping

    def _keep(self, group: Sequence[Came]) -> None:
        with self.ledger.batch() as batch:
            self._take(batch, group)

    def _flush_checks(self, fetches: "Fetches") -> None:
        rests = fetches.hosts.news()
        if self._same or rests:
            with self.ledger.store.transaction() as session:
                found = [
                    (one.want.url, one.again, _validators(one.headers))
                    for one in self._same
                    if one.again is not None
                ]
                images.checked(session, found)
                images.rest(session, rests)
        self._same = []

    def _take(self, batch: Batch, group: Sequence[Came]) -> None:
        for one in group:
            good = one.capture.plan == "kept"
            self.kept += good
            self.failed += not good
        copies.keep(batch, group)


def _is_far(want: Want) -> bool:
    return want.copy is not None and want.copy.came_from.startswith("http")


def _validators(headers: Mapping[str, str] | None) -> tuple[str, str] | None:
    if headers is None:
        return None
    return headers.get("etag", ""), headers.get("last-modified", "")
