"""A worker: it sends what is owed, beside others and without the archive."""

import asyncio
import logging
from collections.abc import Mapping
from math import inf

from syndicator.config.secret import secrets
from syndicator.config.tables import Settings
from syndicator.cycle import Order
from syndicator.cycle.keeping import limits
from syndicator.cycle.post import PUSH_TIMEOUT, agent
from syndicator.deliver.attempt import Target
from syndicator.deliver.shift import Shift
from syndicator.doors import index
from syndicator.doors.books import Desk
from syndicator.doors.calls import hear
from syndicator.doors.http import Web
from syndicator.doors.server import Server, who
from syndicator.doors.store import Store
from syndicator.errors import ConfigError, StoreError

_log = logging.getLogger(__name__)


def server_of(settings: Settings) -> Server:
    """Tell which store is shared; raise ConfigError where it is a file."""
    if not settings.store.url:
        says = "state.db has one writer, which sends as well: workers need a PostgreSQL server"
        raise ConfigError(says, hint="set [store] url; docs/how-to/send-from-several-machines.md")
    return Server(settings.store.url)


def work(order: Order, settings: Settings) -> int:
    """Send what is owed until told to stop; tell how much was taken.

    Raises StoreError where no pass was made yet, and where the database is away for a minute.
    """
    server = server_of(settings)
    keys = secrets(settings, order.environ)
    if index.revision(server) != index.HEAD:
        says = f"{server} has no tables of this version of syndicator"
        raise StoreError(says, hint="syndicate db upgrade, or start the daemon first")
    with Store(server) as store:
        return asyncio.run(_work(order, settings, store, keys))


async def _work(order: Order, settings: Settings, store: Store, keys: Mapping[str, str]) -> int:
    site = settings.site_values()
    assert isinstance(store.where, Server)  # noqa: S101  # as made above
    with order.stop.heard() as stop:
        async with Web(limits(settings, PUSH_TIMEOUT), agent=agent(site)) as web:
            shift = Shift(
                ledger=Desk(store),
                web=web,
                targets={
                    one.name: Target(endpoint=one, secret=keys[one.name])
                    for one in settings.endpoints
                    if one.name in keys
                },
                site=site,
                clock=order.clock,
                jitter=order.jitter,
                age=order.age,
                stop=stop,
                owner=who(),
                steady=True,
            )
            ear = asyncio.create_task(hear(store.where, shift.ring))
            try:
                await shift.drain(inf)
            finally:
                ear.cancel()
    return shift.done
