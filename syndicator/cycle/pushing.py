"""What people ask of pushes: to see them, send them again, call them off, try a receiver.

Where a daemon is at work, it is asked to: what is wished for happens in its next pass.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeVar

from syndicator.config.secret import secret
from syndicator.config.tables import Endpoint, Settings
from syndicator.cycle import Order, subscribers
from syndicator.cycle.custody import exists, opened, settings
from syndicator.cycle.keeping import limits
from syndicator.cycle.post import PUSH_TIMEOUT, agent
from syndicator.deliver.attempt import Target
from syndicator.deliver.attempt import make as attempt
from syndicator.doors import wishes, writer
from syndicator.doors.http import Web, shown
from syndicator.doors.layout import Layout
from syndicator.doors.store import Session, Store, history, lanes, outbox
from syndicator.errors import Busy, ConfigError
from syndicator.model.feeds import Notice, Parcel
from syndicator.model.posts import Site
from syndicator.model.pushes import Ask, Push, Standing, Try
from syndicator.model.records import Record, Reopened, Settled, Switched
from syndicator.model.report import EndpointState

T = TypeVar("T")


def listed(order: Order, ask: Ask) -> list[Push]:
    """Tell the pushes that are asked for, newest first; the built-in hub's subscribers by name.

    Raises ConfigError for an endpoint that nobody ever configured.
    """
    known = tuple(one for one in ask.messages if one.startswith(subscribers.PREFIX))
    if ask.endpoint not in ("", subscribers.NAME) or not (ask.endpoint or known):
        return _listed(order, ask)
    here = subscribers.listed(Layout(settings(order).archive_root), ask)
    others = tuple(one for one in ask.messages if one not in known)
    if ask.endpoint or not others:
        return here
    return [*here, *_listed(order, replace(ask, messages=others))]


def _listed(order: Order, ask: Ask) -> list[Push]:
    here = {one.name for one in settings(order).endpoints}

    def look(session: Session) -> list[Push]:
        if ask.endpoint and ask.endpoint not in here | outbox.joined(session).keys():
            raise _unknown(ask.endpoint)
        return history.pushes(session, ask)

    return _read(order, look)


def one(order: Order, message: str) -> tuple[list[Push], list[Try], str]:
    """Tell all that is known of a push: how it stands, its attempts, its body."""

    def look(session: Session) -> tuple[list[Push], list[Try], str]:
        found = history.pushes(session, Ask(messages=(message,)))
        return found, history.tries(session, message), history.body(session, message)

    if message.startswith(subscribers.PREFIX):
        return subscribers.one(Layout(settings(order).archive_root), message)
    return _read(order, look)


def standings(order: Order) -> list[Standing]:
    """Tell how it stands with each endpoint, those first that are configured."""
    made = settings(order)

    def look(session: Session) -> dict[str, Standing]:
        return history.standings(session, lanes.health(session))

    found = _read(order, look)
    site = made.site_values()
    here = [_described(one, found.pop(one.name, None), site) for one in made.endpoints]
    hub = subscribers.standing(Layout(made.archive_root), order.clock())
    left = (replace(one, configured=False) for one in found.values())
    return [*here, *left, *([hub] if hub else [])]


def again(order: Order, ask: Ask) -> list[Push]:
    """Let these pushes be sent again, from their first attempt on; return them, oldest first."""
    found = listed(order, ask)[::-1]
    now, (owed, hub) = order.clock(), subscribers.split(found)
    _do(order, [Reopened(at=now, message=one.message, endpoint=one.endpoint) for one in owed])
    if not order.dry_run:
        subscribers.again(Layout(settings(order).archive_root), hub)
    return found


def cancel(order: Order, ask: Ask) -> list[Push]:
    """Call these pushes off; return them, oldest first."""
    found = listed(order, replace(ask, states=("pending", "unconfirmed", "held", "dead", "left")))
    now, says, (owed, hub) = order.clock(), "called off", subscribers.split(found)
    _do(
        order,
        [
            Settled(
                at=now,
                message=one.message,
                endpoint=one.endpoint,
                verdict="cancelled",
                status=one.status,
                says=says,
            )
            for one in reversed(owed)
        ],
    )
    if not order.dry_run:
        subscribers.cancel(Layout(settings(order).archive_root), hub)
    return found[::-1]


def switch(order: Order, name: str, state: EndpointState, says: str = "") -> None:
    """Ask an endpoint no more, or again; raise ConfigError for one nobody knows."""
    if name == subscribers.NAME:
        says = "whoever subscribed is sent what is new until the lease ends: WebSub wants it so"
        raise ConfigError(says, hint="[serve] hub = false ends the hub")
    if name not in {one.endpoint for one in standings(order)}:
        raise _unknown(name)
    _do(order, [Switched(at=order.clock(), endpoint=name, state=state, says=says)])


def _unknown(name: str) -> ConfigError:
    return ConfigError(f"no endpoint is called {name!r}", hint="syndicate push endpoints")


def trial(order: Order, name: str) -> dict[str, object]:
    """Send a sample to an endpoint, signed as a real one; tell what it answered.

    Nothing is recorded. Raises ConfigError for an endpoint that is not configured.
    """
    made = settings(order)
    endpoint = endpoint_of(made, name)
    target = Target(endpoint=endpoint, secret=secret(endpoint, order.environ, made.folder))
    now = order.clock()
    notice = _sample(made, endpoint, now)
    if notice is None:
        says = f"an endpoint of type {endpoint.type!r} knows no sample"
        raise ConfigError(endpoint.idle(made.site_values()) or says)
    parcel = Parcel(
        delivery=0,
        message=f"msg_test{sha256(f'{name}{now.isoformat()}'.encode()).hexdigest()[:24]}",
        endpoint=name,
        kind=notice.kind,
        subject=notice.subject,
        body=notice.body,
        attempts=0,
        media_type=notice.media_type,
    )
    return asyncio.run(_try(order, made, target, parcel))


def _sample(made: Settings, endpoint: Endpoint, now: datetime) -> Notice | None:
    """Return what an endpoint is tried with: its sample, or else news of the first feed."""
    site = made.site_values()
    notice = endpoint.sample(site, now)
    if notice is not None:
        return notice
    feeds = [
        feed for one in made.publish for feed in one.announce(site, lambda _selection, _facet: ())
    ]
    return next(iter(endpoint.news(feeds[:1], site, now)), None)


def endpoint_of(made: Settings, name: str) -> Endpoint:
    """Return the endpoint that is configured under a name, or raise ConfigError."""
    for endpoint in made.endpoints:
        if endpoint.name == name:
            return endpoint
    known = ", ".join(one.name for one in made.endpoints) or "none"
    raise ConfigError(f"no endpoint is called {name!r}", hint=f"configured: {known}")


async def _try(order: Order, made: Settings, target: Target, parcel: Parcel) -> dict[str, object]:
    secrets = [target.secret]
    for endpoint in made.endpoints:
        with suppress(ConfigError):  # that of another endpoint, which is not asked now
            secrets.append(secret(endpoint, order.environ, made.folder))
    async with Web(limits(made, PUSH_TIMEOUT), agent=agent(made.site_values())) as web:
        sent = await attempt(parcel, target, web, order.clock)
    return {
        "message": parcel.message,
        "endpoint": parcel.endpoint,
        "means": sent.outcome.means,
        "status": sent.outcome.status,
        "says": sent.outcome.says,
        "milliseconds": sent.milliseconds,
        "peer": sent.peer,
        "reply": sent.reply(secrets),
        "body": parcel.body.decode() if sent.requests else "",
    }


def _described(endpoint: Endpoint, found: Standing | None, site: Site) -> Standing:
    """Say of a configured endpoint what may be shown: of an address the host alone."""
    url = getattr(endpoint, "url", "")
    blank = Standing(
        endpoint=endpoint.name,
        state="active",
        says="",
        streak=0,
        until=None,
        joined=datetime(1970, 1, 1, tzinfo=UTC),
    )
    address = shown(url, secret=True) if isinstance(url, str) and url else ""
    found = found or blank
    says = found.says or endpoint.idle(site)
    return replace(found, type=endpoint.type, address=address, says=says)


def _read(order: Order, look: Callable[[Session], T]) -> T:
    made = settings(order)
    layout = Layout(made.archive_root, made.store.url)
    exists(layout)
    with closing(Store(layout.state)) as store, store.transaction() as session:
        return look(session)


def _do(order: Order, records: Sequence[Record]) -> None:
    """Let this have happened; where another instance is at work, ask it to."""
    if not records or order.dry_run:
        return
    made = settings(order)
    layout = Layout(made.archive_root, made.store.url)
    try:
        with writer.alone(layout), opened(order) as care, care.ledger.batch() as batch:
            batch.record(records)
    except Busy:
        wishes.leave(layout, records)
