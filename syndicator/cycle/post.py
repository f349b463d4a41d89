"""The post office: what is due is sent, for a pass and for alerts; and what fails is told."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from syndicator import __version__
from syndicator.config.secret import known as at_hand
from syndicator.config.tables import Settings
from syndicator.content.look import Look, as_written
from syndicator.cycle import Order
from syndicator.cycle.custody import opened
from syndicator.cycle.keeping import limits
from syndicator.deliver.owing import owed, recover
from syndicator.doors import index
from syndicator.doors.batch import Batch
from syndicator.doors.ledger import Ledger
from syndicator.doors.server import LAG, PUBLISHER
from syndicator.doors.store import alerts, lanes, leases, outbox, resting
from syndicator.doors.store.rows import drop, get, put
from syndicator.model.feeds import Notice
from syndicator.model.posts import Site
from syndicator.model.records import Alerted
from syndicator.publish.messages import headline

if TYPE_CHECKING:
    from syndicator.deliver.send import Sender

UNSENT = "unsent"  # the key that is set from a publishing on until its pushes were tried
PUSH_TIMEOUT = 15.0  # seconds: what Standard Webhooks gives a receiver; a pass waits for it
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An open outbox, and how its endpoints are reached; ``keys`` are their secrets by name."""

    order: Order
    settings: Settings
    ledger: Ledger
    keys: dict[str, str]

    def left(self, found: Look) -> bool:
        """Tell whether the last pass was interrupted before it sent what its feeds tell already.

        That need not wait for this pass. Where files or database are behind the journal, it does:
        who is told of a post must find it; a look at some files alone can't tell. And where a post
        changed since: what it says now may take the place of what is owed.
        """
        if found.known is None or found.damaged or found.sweep.partial or not found.sweep.quiet:
            return False
        if self.ledger.replayed or self.ledger.dry:
            return False
        with self.ledger.store.transaction() as session:
            return bool(get(session, UNSENT))

    def owes(self, batch: Batch) -> None:
        """Note, with what becomes public, that there is something to be sent for it."""
        if lanes.untried(batch.session, self.keys, self.order.clock()):
            put(batch.session, UNSENT, "1")
        if self.settings.archive.bucket and self.settings.archive.bucket_serves:
            resting.hold_up(batch.session)

    def sent(self) -> None:
        """Note that a pass came to the end of its sending."""
        with self.ledger.store.transaction() as session:
            if get(session, UNSENT):
                drop(session, UNSENT)

    async def send(
        self,
        stay: float,
        stop: asyncio.Event,
        hurry: asyncio.Event | None = None,
        *,
        whole: bool = False,
    ) -> int:
        """Send what is due, and what falls due in ``stay`` seconds; tell how much was taken.

        Who fails too often by then, or no more, is told of to the others, at once. A ``whole``
        one stays for what was interrupted, too.
        """
        if not isinstance(self.ledger.store.where, Path):
            self.alert()  # of what workers saw
        here = [one for one in self.settings.endpoints if one.name in self.keys]
        if stop.is_set() or not here or self._owed().isdisjoint(one.name for one in here):
            return 0
        from syndicator.deliver.attempt import Target  # noqa: PLC0415  # once something is owed
        from syndicator.doors.http import Web  # noqa: PLC0415  # heavy: the client, as above

        targets = {one.name: Target(endpoint=one, secret=self.keys[one.name]) for one in here}
        site = self.settings.site_values()
        async with Web(limits(self.settings, PUSH_TIMEOUT), agent=agent(site)) as web:
            sender = self._kind(stay)(
                ledger=self.ledger,
                web=web,
                targets=targets,
                site=site,
                clock=self.order.clock,
                jitter=self.order.jitter,
                age=self.order.age,
                stop=stop,
                hurry=hurry or asyncio.Event(),
            )
            await sender.drain(stay, whole=whole)
            if self.alert() and not stop.is_set():
                await sender.drain(0.0)
        return sender.done

    def _kind(self, stay: float) -> "Callable[..., Sender]":
        """Tell what sends: beside workers, where a server has the store.

        Where there are some, only what they leave for half a minute.
        """
        if isinstance(self.ledger.store.where, Path):
            from syndicator.deliver.send import Sender  # noqa: PLC0415  # once something is owed

            return Sender
        from syndicator.deliver.shift import Shift  # noqa: PLC0415  # few have a server

        with self.ledger.store.transaction() as session:
            reach = -LAG if leases.workers(session) else stay
        span = timedelta(seconds=stay)
        return partial(Shift, owner=PUBLISHER, reach=timedelta(seconds=reach), kept=span)

    def alert(self) -> int:
        """Owe what is to be told of jobs and endpoints that fail, or go well again.

        That it was told is recorded with what is owed: it is told once, whatever happens. Returns
        how many messages that came to.
        """
        endpoints, count = self.settings.endpoints, 0
        here = [one.name for one in endpoints]
        after, now = self.settings.schedule.alert_after, self.order.clock()
        with self.ledger.store.transaction() as session:
            found = list(alerts.news(session, now, after, here=here))
        if not found or self.order.dry_run:
            return 0
        with self.ledger.batch() as batch:
            for alerted in found:
                about = {"event": "alert.owed", alerted.kind: alerted.name}
                words = [headline(alerted), alerted.says]
                _log.warning(": ".join(filter(None, words)), extra=about)
                notices = self._notices(alerted)
                batch.record([alerted, *map(owed, notices)])
                count += len(notices)
        return count

    def _notices(self, alerted: Alerted) -> list[Notice]:
        """Word an alert for everybody but the endpoint it is about, if that is still there."""
        if alerted.says == alerts.LEFT:
            return []
        about = alerted.name if alerted.kind == "endpoint" else ""
        site = self.settings.site_values()
        others = [one for one in self.settings.endpoints if one.name != about]
        said = [one.alert(alerted, site) for one in others]
        return [notice for notice in said if notice is not None]

    def _owed(self) -> set[str]:
        with self.ledger.store.transaction() as session:
            return set(outbox.waiting(session))


def tell(order: Order, settings: Settings) -> int:
    """Tell what fails, and send what is due, where no pass could do it; return what was taken.

    ``settings`` are those in force: the file may be what fails. The archive's lock is the
    caller's. Where readers may not find what a push tells of, it waits, and so does the alert. A
    secret that can't be had, which may be what fails, keeps from its own endpoint alone.
    """
    with opened(order, settings) as care:
        recover(care.ledger, settings.endpoints, order.clock())
        keys = at_hand(settings, order.environ)
        post = Post(order=order, settings=settings, ledger=care.ledger, keys=keys)
        post.alert()
        known = index.load(care.layout.state)
        if care.ledger.replayed or known is None or not as_written(known, care.layout):
            says = "nothing is pushed until a pass has written all feeds anew"
            _log.warning(says, extra={"event": "push.waits", "job": "pass"})
            return 0
        if settings.archive.bucket_serves and not _through(order, settings, care.ledger):
            return 0
        return asyncio.run(_send(post))


def take_up(order: Order, settings: Settings) -> None:
    """Write into the journal what workers settled, and tell what fails or goes well again.

    The archive's lock is the caller's.
    """
    with opened(order, settings) as care:
        with care.ledger.batch():
            pass
        Post(order=order, settings=settings, ledger=care.ledger, keys={}).alert()


def _through(order: Order, settings: Settings, ledger: Ledger) -> bool:
    """Tell whether readers find in the bucket what pushes tell of."""
    if not settings.archive.bucket:
        return True
    from syndicator.cycle.bucket import Depot  # noqa: PLC0415  # an extra, and few need it

    place = Depot(order=order, settings=settings, layout=ledger.layout, store=ledger.store)
    return place.through() is None


async def _send(post: Post) -> int:
    with post.order.stop.heard() as stop:
        return await post.send(0.0, stop)


def agent(site: Site) -> str:
    """Return what requests call themselves."""
    return f"syndicator/{__version__} (+{site.url})"
