"""When content changed: an event is only an alarm clock, a sweep over stats is the truth.

An alarm names files. They are looked at, and nothing else where they are plain files; a sweep of
all follows before long, and at once where an alarm tells of anything else, or of many.

What was written is waited for until it rests: a tenth of a second for what is new or edited, two
seconds where something went away, so that a deploy that deletes first takes nothing back.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from syndicator.content.look import Place
from syndicator.doors import watcher
from syndicator.doors.files import GONE, Mark
from syndicator.doors.scan import FEW, scan, spot
from syndicator.doors.watcher import Identity, identity, is_passing

SECOND = 1.0  # between two looks whether the folder is still the same one
SWEEP = 5.0  # seconds between two sweeps that no event asked for
SHARE = 0.01  # of a core that such sweeps may take
POLL = 0.05  # the same where there are no events
REST = 0.1  # seconds without a change after which what was written is read
AWAY = 2.0  # the same where something went away
LIMIT = 30.0  # seconds after which it is read although it goes on changing
Found = dict[str, Mark | None]  # in news, GONE is what is no more


class Watching:
    """Watches the content of a place; ``lame`` hears once that there are no events to be had."""

    def __init__(self, place: Place, lame: Callable[[str], object]) -> None:
        """Remember what is there now: what changes after that is told."""
        self._place = place
        self._lame = lame
        self._ring = asyncio.Event()
        self._heard: set[str] = set()  # what alarms named since the last look
        self._named: set[str] | None = None  # what is looked at; None: everything
        self._same = identity(place.root)
        self._before = self._found()
        self._cost = 0.0
        self._deaf = False
        self._swept = time.monotonic()
        self._listener: asyncio.Task[None] | None = None
        self.sweeps = 0

    async def changed(self) -> frozenset[str]:
        """Name the files of the content that are otherwise than they were, once all is at rest."""
        while True:
            told = await self._wait()
            if news := await self._look():
                if not told:  # the ear is deaf there: to a folder that was missed, or is no more
                    self._anew()
                if news := await self._rest(news):
                    self._remember(news)
                    return frozenset(news)

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
            other = now != self._same
            if other:
                self._same = now
                self._anew()
            if other or late or self._ring.is_set():
                self._named = None if other or late else set()
                return other or self._ring.is_set()

    def _listen(self) -> None:
        """Listen to the folder that is there now, if any."""
        if self._deaf or self._same is None:
            return
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._hear(self._same))

    async def _hear(self, same: Identity) -> None:
        try:
            await watcher.listen(self._place.root, self._heed)
        except OSError as error:
            self._deaf = True
            self._lame(str(error))
        if same == self._same:
            await asyncio.sleep(SECOND)  # the folder went: no haste to ask for it again

    def _heed(self, paths: Iterable[str]) -> None:
        """Hear an alarm; what lies in the archive, or is hidden, is none of ours."""
        root, archive = f"{self._place.root}/", f"{self._place.layout.root}/"
        for path in paths:
            name = path.removeprefix(root)
            if not (path.startswith(archive) or "/." in f"/{name}"):
                self._heard.add("" if name == path else name)
                self._ring.set()

    async def _look(self) -> Found:
        """Tell what is otherwise than it was: of what was named, or, if that won't do, of all."""
        self._ring.clear()
        heard, self._heard = self._heard, set()
        if self._named is not None:
            self._named |= heard
            if (news := await asyncio.to_thread(self._glance, self._named)) is not None:
                return news
            self._named = None
        began = time.monotonic()
        news = await asyncio.to_thread(self._sweep)
        self._swept = time.monotonic()
        self._cost = self._swept - began
        self.sweeps += 1
        return news

    def _glance(self, names: set[str]) -> Found | None:
        """Compare a few plain files; None where they are not few, or not there, or no such."""
        if len(names) > FEW or any(self._was_folder(name) for name in names):
            return None
        skip = [self._place.layout.root]
        marks = {name: spot(self._place.root, name, skip=skip) for name in names}
        return None if None in marks.values() else self._differing(marks)

    def _was_folder(self, name: str) -> bool:
        """Tell whether files are known below this name: where a file is now, they are gone."""
        if name in self._before:
            return False
        return any(path.startswith(f"{name}/") for path in self._before)

    def _sweep(self) -> Found:
        """Compare all files; none is remembered a second time unless one is gone."""
        before, news, known = self._before, Found(), 0
        for path, stat in self._scan():
            was = before.get(path, GONE)
            if was == stat:
                known += 1
            elif was != GONE or not is_passing(path):
                known += was != GONE
                news[path] = stat
        if known == len(before):
            return news
        found = self._found()
        return self._differing(found) | dict.fromkeys(before.keys() - found.keys(), GONE)

    def _scan(self) -> Iterator[tuple[str, Mark | None]]:
        return scan(self._place.root, skip=[self._place.layout.root])

    def _found(self) -> Found:
        """Tell the stats of all that is not on its way."""
        return {path: stat for path, stat in self._scan() if not is_passing(path)}

    def _differing(self, found: Found) -> Found:
        before = self._before
        return {path: stat for path, stat in found.items() if before.get(path, GONE) != stat}

    def _remember(self, news: Found) -> None:
        self._before |= news
        for path in [path for path, stat in news.items() if stat == GONE]:
            del self._before[path]

    async def _rest(self, news: Found) -> Found:
        """Look again until nothing changes any more; what went away may be on its way back."""
        end = time.monotonic() + LIMIT
        while True:
            pause = AWAY if GONE in news.values() else REST
            await asyncio.sleep(pause if self._named is not None else max(pause, self._cost))
            again = await self._look()
            if again == news or time.monotonic() > end:
                return again
            news = again
