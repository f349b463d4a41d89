"""The pushes of one pass: to whom they go, and when they are sent."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from syndicator import __version__
from syndicator.config.tables import Settings
from syndicator.content.look import Look
from syndicator.cycle import Order
from syndicator.cycle.keeping import limits
from syndicator.deliver.attempt import Target
from syndicator.deliver.send import Sender
from syndicator.doors.http import Web
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import lanes, outbox
from syndicator.model import Site

PUSH_TIMEOUT = 15.0  # seconds: what Standard Webhooks gives a receiver; a pass waits for it
_log = logging.getLogger(__name__)


def agent(site: Site) -> str:
    """Return what requests call themselves."""
    return f"syndicator/{__version__} (+{site.url})"


@dataclass(slots=True, kw_only=True)
class Pushes:
    """The fifth stage's second half, for one pass; ``keys`` are the secrets by endpoint."""

    order: Order
    settings: Settings
    ledger: Ledger
    keys: Mapping[str, str]
    sent: int = 0

    def left(self, found: Look) -> bool:
        """Tell whether an earlier pass was interrupted before it sent what its feeds tell already.

        That need not wait for this pass. Where files or database are behind the journal, it does:
        who is told of a post must find it.
        """
        if found.known is None or found.damaged or self.ledger.replayed or self.ledger.dry:
            return False
        with self.ledger.store.transaction() as session:
            return lanes.untried(session, self.keys, self.order.clock())

    async def heed(self) -> None:
        """Send what is due, until a wish to stop is heard."""
        with self.order.stop.heard() as stop:
            await self.send(0.0, stop)

    async def send(
        self, stay: float, stop: asyncio.Event, hurry: asyncio.Event | None = None
    ) -> None:
        """Send the pushes that are due, and those that fall due while the pass stays."""
        site, endpoints = self.settings.site_values(), self.settings.endpoints
        for endpoint in endpoints:
            if why := endpoint.idle(site):
                _log.warning("endpoint %s: %s", endpoint.name, why)
        with self.ledger.store.transaction() as session:
            owed = outbox.waiting(session)
        targets = {
            one.name: Target(endpoint=one, secret=self.keys[one.name])
            for one in endpoints
            if one.name in self.keys
        }
        if not owed.keys() & targets.keys() or stop.is_set():
            return
        async with Web(limits(self.settings, PUSH_TIMEOUT), agent=agent(site)) as web:
            sender = Sender(
                ledger=self.ledger,
                web=web,
                targets=targets,
                site=site,
                clock=self.order.clock,
                jitter=self.order.jitter,
                stop=stop,
                hurry=hurry or asyncio.Event(),
            )
            await sender.drain(stay)
        self.sent += sender.done
