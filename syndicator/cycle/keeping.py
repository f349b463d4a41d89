"""The pictures of one pass: which are wanted, which lie near, and what is fetched when."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from syndicator.archive import copies
from syndicator.archive.capture import Terms, next_check
from syndicator.archive.collect import Collector
from syndicator.archive.local import Roots
from syndicator.config.tables import Settings
from syndicator.config.units import spell_size
from syndicator.content.look import Look
from syndicator.cycle import Order
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import content, images, posts
from syndicator.model.pictures import Rest, Want
from syndicator.model.posts import Problem
from syndicator.publish.items import media

if TYPE_CHECKING:
    from syndicator.archive.fetch import Fetches
    from syndicator.doors.http import Fetcher, Limits

SOON = 10.0  # seconds that new posts wait for their pictures before the feeds show them
BUDGET = 120.0  # seconds that a pass goes on fetching after that; the next one goes on from there
PATIENCE = 3  # times that a picture is broken off for the sake of an edit, and not more often
FULL = timedelta(minutes=15)  # until it is looked again whether the disk has room


@dataclass(slots=True, kw_only=True)
class Keeping:
    """The third stage, for one pass."""

    order: Order
    settings: Settings
    ledger: Ledger
    found: Look
    now: datetime
    problems: list[Problem] = field(default_factory=list)
    left: int = 0
    _fresh: set[str] = field(default_factory=set)  # what feeds wait for
    _collector: Collector | None = None

    @property
    def collector(self) -> Collector:
        """The one that keeps what comes, made when it is first needed."""
        if self._collector is None:
            archive = self.settings.archive
            self._collector = Collector(
                ledger=self.ledger,
                roots=roots(self.settings, self.ledger.layout),
                terms=Terms(
                    limit=self.settings.network.max_image_bytes,
                    follow=archive.policy == "follow",
                    rescue=archive.rescue,
                    **({"period": self._period} if self._period else {}),
                ),
                clock=self.order.clock,
                progress=self.order.progress,
                floor=archive.min_free,
            )
        return self._collector

    @property
    def _period(self) -> timedelta:
        return timedelta(seconds=self.settings.archive.recheck)

    def nearby(self) -> list[Want]:
        """Keep what lies on this disk; return what is to be fetched now, new ones first."""
        copies.renew(self.ledger, self.order.clock)
        if self.found.anew:  # another [archive] min_free may leave room
            with self.ledger.store.transaction() as session:
                images.rest(session, {images.EVERYWHERE: None})
        self.plan_checks(anew=self.found.anew)
        with self.ledger.store.transaction() as session:
            wants = images.wanted(session, self.now, self.found.local, anew=self.found.anew)
        wants = [want for want in wants if want.url not in self.ledger.barred.urls]
        far = self.collector.nearby(wants)
        if far and not self._has_room():
            self.left = len(far)
            return []
        self._fresh = self._awaited(one for one in far if not one.tries)
        return far

    def _awaited(self, wants: Iterable[Want]) -> set[str]:
        """Tell the pictures that feeds wait for: those of posts that are new, or were written.

        What is still to come of posts that stand in the feeds holds up nobody else's edit.
        """
        found = list(wants)
        paths = sorted({path for one in found for path in one.posts})
        with self.ledger.store.transaction() as session:
            stand = {one.path for one in posts.at_paths(session, paths)}
            stand -= content.pending(session)
        return {one.url for one in found if not stand.issuperset(one.posts)}

    def plan_checks(self, *, anew: bool = False) -> None:
        """Give every picture that was kept its own time at which its source is looked at again."""
        when = partial(next_check, after=self.now, period=self._period) if self._period else None
        with self.ledger.store.transaction() as session:
            images.plan_checks(session, when, anew=anew)

    def fetches(self, far: Sequence[Want], web: "Fetcher", stop: asyncio.Event) -> "Fetches":
        """Prepare to fetch these."""
        from syndicator.archive.fetch import Fetches  # noqa: PLC0415  # heavy: it brings the client

        with self.ledger.store.transaction() as session:
            rests = images.resting(session)
        return Fetches(
            far,
            web,
            terms=self.collector.terms,
            clock=self.order.clock,
            stop=stop,
            rests=rests,
        )

    async def soon(self, fetches: "Fetches") -> None:
        """Keep what comes before the feeds must be written, of what they wait for."""
        until = asyncio.get_running_loop().time() + SOON
        await self.collector.fetch(fetches, until=until, only=self._fresh)
        self._note(fetches)

    async def later(self, fetches: "Fetches", hurry: asyncio.Event) -> None:
        """Keep what comes after that, within the time that a pass has for it, or to the ``hurry``.

        Who waits for the end of this pass has written something: the next one fetches on. But a
        slow picture would never come where edits follow upon each other, so one that was broken
        off time and again is waited for, until it came or was given up.
        """
        broken = Counter() if self.order.broken_off is None else self.order.broken_off
        fetches.heed(hurry, [url for url, times in broken.items() if times >= PATIENCE])
        until = asyncio.get_running_loop().time() + BUDGET
        await self.collector.fetch(fetches, until=until)
        again = Counter({url: broken[url] + 1 for url in fetches.under_way})
        broken.clear()
        broken.update(again)
        self._note(fetches)

    def _note(self, fetches: "Fetches") -> None:
        self.left = fetches.left
        self.plan_checks()
        if self.collector.full and not self.problems:
            self._has_room()

    def _has_room(self) -> bool:
        """Tell whether pictures may be fetched; if not, say so once and let all hosts rest."""
        room, now, floor = (
            self.collector.room(),
            self.order.clock(),
            self.settings.archive.min_free,
        )
        why = f"less than {spell_size(floor)} free on the disk of the archive"
        with self.ledger.store.transaction() as session:
            rest = Rest(host=images.EVERYWHERE, since=now, until=now + FULL, reason=why)
            images.rest(session, {rest.host: None if room else rest})
        if not room:
            self.problems.append(
                Problem(
                    path=str(self.ledger.layout.root),
                    code="ARC007",
                    says=f"{why}: no picture is fetched; feeds and pushes go on",
                    hint="free some space, or lower [archive] min_free",
                    severity="warning",
                )
            )
        return room

    def figures(self) -> dict[str, object]:
        """Tell what was kept, as fields of the report."""
        made = self._collector
        if made is None:
            return {}
        return {
            "images_kept": made.kept,
            "images_failed": made.failed,
            "images_checked": made.checked,
            "images_left": self.left,
        }


def roots(settings: Settings, layout: Layout) -> Roots:
    """Return where pictures of the site lie on this disk, readers' own copies among them."""
    return Roots(
        content=settings.content_root,
        static=settings.static_roots,
        media=layout.media,
        media_url=media(settings.site_values()),
    )


def limits(settings: Settings, most: float = float("inf")) -> "Limits":
    """Return where requests may go, and how long they take: at most ``most`` seconds."""
    from syndicator.doors.http import Limits, Manners  # noqa: PLC0415  # heavy: the client

    network = settings.network
    return Limits(
        proxy=network.proxy,
        ca_file=settings.ca_file,
        ports=network.ports,
        allow=network.allow,
        timeout=min(network.timeout, most),
        user_agent=network.user_agent,
        hosts={
            name: Manners(user_agent=one.user_agent, referer=one.referer)
            for name, one in network.hosts.items()
        },
    )
