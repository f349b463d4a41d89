"""Keeping the pictures posts refer to: files of the site first, then the network."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from syndicator.archive import copies, local
from syndicator.archive.fetch import gather
from syndicator.archive.local import Roots
from syndicator.doors.http import Web
from syndicator.doors.ledger import Batch, Ledger
from syndicator.doors.store import images
from syndicator.model import Capture, Want

BUDGET = 120.0  # seconds: the longest that new posts wait for pictures of slow hosts
GROUP = 16  # captures made durable together: what a crash may have fetched in vain


@dataclass(slots=True, kw_only=True)
class Collector:
    """The third stage's work on pictures, for one pass."""

    ledger: Ledger
    roots: Roots
    limit: int
    clock: Callable[[], datetime]
    progress: Callable[[str, int, int], None]
    budget: float = BUDGET
    kept: int = 0
    failed: int = 0

    def nearby(self, wants: Sequence[Want]) -> list[Want]:
        """Keep those that lie on this disk; return those that must be fetched.

        A picture that was kept and whose file is gone stays as it was kept.
        """
        far = []
        for start in range(0, len(wants), GROUP):
            with self.ledger.batch() as batch:
                for want in wants[start : start + GROUP]:
                    if want.inline:
                        self._take(batch, [local.inline(want, self.clock())])
                        continue
                    found = local.find(want, self.roots)
                    images.looked_at(batch.session, want.url, found.looked)
                    if found.file is None:
                        far += [] if want.kept else [want]
                        continue
                    got = local.capture(want, found.file, self.limit, self.clock())
                    if not want.kept or got[0].digest != want.kept:
                        self._take(batch, [got])
        return far

    async def fetch(self, wants: Sequence[Want], web: Web, stop: asyncio.Event) -> None:
        """Keep those that can be fetched; every failure is recorded with its plan.

        New posts wait for this, so it has a limit of time: what was not asked for by then is
        asked for by the next pass.
        """
        enough = asyncio.get_running_loop().call_later(self.budget, stop.set)
        try:
            await self._gather(wants, web, stop)
        finally:
            enough.cancel()

    async def _gather(self, wants: Sequence[Want], web: Web, stop: asyncio.Event) -> None:
        group: list[tuple[Capture, bytes]] = []
        done = 0
        async with aclosing(
            gather(wants, web, limit=self.limit, clock=self.clock, stop=stop)
        ) as results:
            async for got in results:
                group.append(got)
                done += 1
                self.progress("pictures", done, len(wants))
                if len(group) == GROUP:
                    self._flush(group)
        self._flush(group)

    def _flush(self, group: list[tuple[Capture, bytes]]) -> None:
        if group:
            with self.ledger.batch() as batch:
                self._take(batch, group)
            group.clear()

    def _take(self, batch: Batch, group: Sequence[tuple[Capture, bytes]]) -> None:
        for capture, _ in group:
            good = capture.plan == "kept"
            self.kept += good
            self.failed += not good
        copies.keep(batch, group)
