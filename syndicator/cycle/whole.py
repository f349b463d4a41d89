"""A whole pass: content, normalise, archive, publish, deliver, in this order.

Each stage leaves the archive whole: what a crash interrupts, the next pass finishes.
"""

import asyncio
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from syndicator.archive import copies
from syndicator.config.load import load
from syndicator.config.secret import secrets
from syndicator.config.tables import Settings
from syndicator.content.look import Look, Place
from syndicator.cycle import Order, open_archive
from syndicator.cycle.behind import installed
from syndicator.cycle.issue import Issue
from syndicator.cycle.keeping import Keeping, limits, roots
from syndicator.cycle.notes import Notes, look_around, look_at_pictures
from syndicator.cycle.pictures import Pictures
from syndicator.cycle.post import Post, agent
from syndicator.cycle.reading import Ahead, Reader, begun
from syndicator.cycle.report import standing, together
from syndicator.cycle.selection import Selection, patterns
from syndicator.cycle.unworded import unworded
from syndicator.deliver.owing import recover
from syndicator.doors import affairs, files, wishes, workers
from syndicator.doors.batch import Batch
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store, custody, history, resting
from syndicator.doors.store.rows import get, put
from syndicator.doors.store.transfer import snapshot
from syndicator.model.pictures import Want
from syndicator.model.posts import Problem, Site
from syndicator.model.report import Report
from syndicator.publish import registered

RETENTION = timedelta(days=90)  # after which the database forgets what is done
_log = logging.getLogger(__name__)


def make(order: Order, place: Place, found: Look, taken: str, now: datetime) -> Report:
    """Make a whole pass after a look that found something to do; ``taken`` names the settings."""
    settings = load(order.file, registered())
    keys = {} if order.dry_run else secrets(settings, order.environ)
    if settings.archive.bucket:
        installed()
    with ExitStack() as stack:
        if order.dry_run:
            place = stack.enter_context(_copy(place))
        else:
            open_archive(place.layout)
        site = settings.site_values()
        ahead = stack.enter_context(begun(place, found, site, settings.scheduler))
        store = stack.enter_context(Store(place.layout.state))
        ledger = Ledger(place.layout, store, dry=order.dry_run)
        work = Pass(
            order=order,
            place=place,
            settings=settings,
            site=site,
            ledger=ledger,
            found=found,
            ahead=ahead,
            taken=taken,
            now=now,
        )
        work.take_over()
        if work.post(keys).left(found):
            asyncio.run(work.catch_up(keys))
        work.read()
        asyncio.run(work.go_on(keys))
        known = affairs.standing(place.layout.state)
        assert known is not None  # noqa: S101  # the store is open, at this version's schema
        extra = [*unworded(order.file, known), *work.problems]
        return standing(known, extra, order.clock() - now, **work.figures())


@dataclass(slots=True, kw_only=True)
class Pass:
    """One pass under way."""

    order: Order
    place: Place
    settings: Settings
    site: Site
    ledger: Ledger
    found: Look
    ahead: Ahead
    taken: str  # names the configuration, and the program that takes it
    now: datetime
    problems: list[Problem] = field(default_factory=list)  # of this pass alone
    unread: list[Problem] = field(default_factory=list)  # files that could not be read
    gone: list[str] = field(default_factory=list)
    done: dict[str, object] = field(default_factory=dict)

    def take_over(self) -> None:
        """Free what an interrupted instance had in hand; do what people wished for meanwhile."""
        recover(self.ledger, self.settings.endpoints, self.now)
        wishes.fulfil(self.ledger)
        with self.ledger.store.transaction() as session:
            history.prune(session, self.now - RETENTION)
            resting.expect(session, bucket=bool(self.settings.archive.bucket))

    async def catch_up(self, keys: dict[str, str]) -> None:
        """Send what the last pass owed."""
        with self.order.stop.heard() as stop, self.order.hurry.heard() as hurry:
            await self.send(keys, 0.0, stop, hurry)

    def read(self) -> None:
        """Read what changed, keep its bytes, and note what it says."""
        reader = Reader(
            root=self.place.root,
            site=self.site,
            ledger=self.ledger,
            found=self.found,
            ahead=self.ahead,
            taken=self.taken,
            now=self.now,
            notes=self._notes,
            progress=self.order.progress,
        )
        reader.read(force=self.order.force)
        self.gone, self.unread = reader.gone, reader.unread
        self.problems += reader.problems

    def keeping(self) -> Keeping:
        """Return what keeps the pictures of this pass."""
        return Keeping(
            order=self.order,
            settings=self.settings,
            ledger=self.ledger,
            found=self.found,
            now=self.now,
        )

    async def go_on(self, keys: dict[str, str]) -> None:
        """Keep pictures, publish, and send, until a wish to stop is heard in between."""
        keeping = self.keeping()
        far = [] if self.order.dry_run else keeping.nearby()
        issues: list[Issue] = []
        with self.order.stop.heard() as stop, self.order.hurry.heard() as hurry:
            if far:
                issues += await self._with_pictures(keeping, far, keys, stop, hurry)
            elif not stop.is_set():
                issues.append(self.publish(self.now, keys))
            self.problems += keeping.problems
            self.done |= keeping.figures()
            await self.send(keys, self.order.drain, stop, hurry, whole=True)
            if not stop.is_set():
                self.post(keys).sent()
            await self.through()
        for issue in issues[-1:]:
            self.remember()
            issue.check()

    async def through(self) -> None:
        """Bring the bucket, if there is one, to what the folder holds; in a thread, as it waits.

        Where readers get the feeds from it and it has them not, endpoints rest.
        """
        if self.order.dry_run or not self.settings.archive.bucket:
            return
        from syndicator.cycle.bucket import Depot  # noqa: PLC0415  # an extra, and few need it

        depot = Depot(
            order=self.order,
            settings=self.settings,
            layout=self.place.layout,
            store=self.ledger.store,
        )
        found = await asyncio.to_thread(depot.through)
        self.problems = [one for one in self.problems if one.code != "ARC008"]
        self.problems += [found] if found else []

    def remember(self) -> None:
        """Remember how readers' pictures stand, for the next look: all were there just now."""
        here = files.entered(self.place.layout.media)
        with self.ledger.store.transaction() as session:
            if get(session, "media") != here:
                put(session, "media", here)

    async def _with_pictures(
        self,
        keeping: Keeping,
        far: Sequence[Want],
        keys: dict[str, str],
        stop: asyncio.Event,
        hurry: asyncio.Event,
    ) -> list[Issue]:
        """Publish with the pictures that come soon; fetch on, and publish again with those.

        What is due is sent as soon as readers can find it. Publishing has a thread of its own, so
        that it holds up no answer that is on its way.
        """
        from syndicator.doors.http import Web, by  # noqa: PLC0415  # heavy, and of use here alone

        issues: list[Issue] = []
        bounds = limits(self.settings)
        with workers.far(len(far), self.settings.scheduler, lasts=bounds.timeout) as pool:
            async with (
                Web(bounds, agent=agent(self.site)) as web,
                keeping.fetches(far, by(pool, web), stop) as fetches,
            ):
                await keeping.soon(fetches)
                if not stop.is_set():
                    issues.append(await asyncio.to_thread(self.publish, self.now, keys))
                if fetches.left and not stop.is_set():
                    await self.send(keys, 0.0, stop)
                    await keeping.later(fetches, hurry)
                    if not stop.is_set():
                        now = self.order.clock()
                        issues.append(await asyncio.to_thread(self.publish, now, keys))
        return issues

    def publish(self, now: datetime, keys: dict[str, str]) -> Issue:
        """Bring readers' state to what the content says; write the feeds; owe the pushes."""
        with self.ledger.batch() as batch:
            notes = self._notes(batch)
            issue = Issue(
                batch=batch,
                layout=self.place.layout,
                settings=self.settings,
                site=self.site,
                now=now,
                notes=notes,
                damaged=self.found.damaged and self.found.known is not None,
                intact=self.found.known.documents if self.found.known else (),
                confirm=self.order.confirm,
            )
            issue.make(self.gone, self.taken)
            self.post(keys).owes(batch)
            look_at_pictures(notes, self.place.root, self._pictures())
            look_around(notes, self.found.sweep, self.place.root, self.unread)
            notes.close()
        if self.found.damaged and not self.done:
            lost = copies.mend(self.ledger, self.order.clock)
            self.problems += [custody.gone(name) for name in lost]
        self.done = together(self.done, issue.figures())
        return issue

    def _notes(self, batch: Batch) -> Notes:
        check = self.settings.check
        selection = Selection(configured=check.ignore, per_path=patterns(check.per_path))
        return Notes(batch=batch, selection=selection, now=self.now)

    def _pictures(self) -> Pictures:
        limit = self.settings.network.max_image_bytes
        return Pictures(
            roots=roots(self.settings, self.place.layout), limit=limit, kept={}, attempts=False
        )

    async def send(
        self,
        keys: dict[str, str],
        stay: float,
        stop: asyncio.Event,
        hurry: asyncio.Event | None = None,
        *,
        whole: bool = False,
    ) -> None:
        """Send the pushes that are due, and those that fall due while the pass stays."""
        for one in self.settings.endpoints:
            if why := one.idle(self.site):
                _log.warning("endpoint %s: %s", one.name, why, extra={"endpoint": one.name})
        if self.settings.archive.bucket_serves:  # who is told must find it there
            await self.through()
        sent = await self.post(keys).send(stay, stop, hurry, whole=whole)
        self.done = together(self.done, {"sent": sent})

    def post(self, keys: dict[str, str]) -> Post:
        """Return what sends pushes, with these secrets by endpoint."""
        return Post(order=self.order, settings=self.settings, ledger=self.ledger, keys=keys)

    def figures(self) -> dict[str, object]:
        """Tell what was done, as fields of the report."""
        return {**self.done, "dry_run": self.order.dry_run}


@contextmanager
def _copy(place: Place) -> Iterator[Place]:
    """Work on a copy of the state, for a pass that must change nothing."""
    with tempfile.TemporaryDirectory(prefix="syndicator-") as folder:
        copy = Layout(place.layout.root)
        copy.state = file = Path(folder) / "state.db"
        snapshot(place.layout.state, file)
        yield place._replace(layout=copy)
