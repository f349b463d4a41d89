"""When content changed: an event is only an alarm clock, a sweep over stats is the truth.

What was written is waited for until it rests: a tenth of a second for what is new or edited, two
seconds where something went away, so that a deploy that deletes first takes nothing back.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from syndicator.content.look import Place
from syndicator.doors import watcher
from syndicator.doors.files import Mark
from syndicator.doors.scan import scan
from syndicator.doors.watcher import Identity, identity, is_passing

SECOND = 1.0  # between two looks whether the folder is still the same one
SWEEP = 5.0  # seconds between two sweeps that no event asked for
SHARE = 0.01  # of a core that such sweeps may take
POLL = 0.05  # the same where there are no events
REST = 0.1  # seconds without a change after which what was written is read
GONE = 2.0  # the same where something went away
LIMIT = 30.0  # seconds after which it is read although it goes on changing
Found = dict[str, Mark | None]


class Watching:
    """Watches the content of a place; ``lame`` hears once that there are no events to be had."""

    def __init__(self, place: Place, lame: Callable[[str], object]) -> None:
        """Remember what is there now: what changes after that is told."""
        self._place = place
        self._lame = lame
        self._ring = asyncio.Event()
        self._same = identity(place.root)
        self._before = self._sweep()
        self._cost = 0.0
        self._deaf = False
        self._swept = time.monotonic()
        self._listener: asyncio.Task[None] | None = None
        self.sweeps = 0

    async def changed(self) -> None:
        """Return when content is another than it was, and at rest."""
        while True:
            rang = await self._wait()
            found = await self._look()
            if found != self._before:
                if not rang:  # the ear is deaf there: to a folder that was missed, or is no more
                    self._anew()
                self._before = await self._rest(found)
                return

    def end(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.cancel()

    def _anew(self) -> None:
        """Let the next wait listen anew."""
        self.end()
        self._listener = None

    async def _wait(self) -> bool:
        """Wait for an alarm, for another folder in the place of ours, or for the next sweep.

        Tells whether it was one of the first two.
        """
        while True:
            self._listen()
            with suppress(TimeoutError):
                async with asyncio.timeout(SECOND):
                    await self._ring.wait()
            share = POLL if self._deaf else SHARE
            pause = max(SECOND if self._deaf else SWEEP, self._cost / share)
            now = identity(self._place.root)
            late = time.monotonic() - self._swept >= pause
            told = self._ring.is_set() or now != self._same
            if told or late:
                if now != self._same:
                    self._same = now
                    self._anew()
                self._ring.clear()
                return told

    def _listen(self) -> None:
        """Listen to the folder that is there now, if any."""
        if self._deaf or self._same is None:
            return
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._hear(self._same))

    async def _hear(self, same: Identity) -> None:
        try:
            await watcher.listen(self._place.root, self._ring.set)
        except OSError as error:
            self._deaf = True
            self._lame(str(error))
        if same == self._same:
            await asyncio.sleep(SECOND)  # the folder went: no haste to ask for it again

    async def _look(self) -> Found:
        began = time.monotonic()
        found = await asyncio.to_thread(self._sweep)
        self._swept = time.monotonic()
        self._cost = self._swept - began
        self.sweeps += 1
        return found

    def _sweep(self) -> Found:
        """Tell the stats of all that is not on its way."""
        below = scan(self._place.root, skip=[self._place.layout.root])
        return {path: stat for path, stat in below if not is_passing(path)}

    async def _rest(self, found: Found) -> Found:
        """Look again until nothing changes any more; what went away may be on its way back."""
        end = time.monotonic() + LIMIT
        went = bool(self._before.keys() - found.keys())
        while True:
            await asyncio.sleep(max(GONE if went else REST, self._cost))
            again = await self._look()
            if again == found or time.monotonic() > end:
                return again
            found = again
            went = bool(self._before.keys() - found.keys())
