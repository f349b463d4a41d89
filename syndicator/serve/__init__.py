"""Published files, probes and metrics over HTTP: a floor between ``daemon`` and ``cycle``.

``prepare`` makes a ``Server`` of the configuration: it serves ``archive/public`` as the writer
leaves it, needs no database and no lock, and reads nothing else but for the operator's page.

::

    sockets     opened here, or passed by a service manager
    server      a thread with a loop of its own; uvicorn in it
    connection  an end to clients that keep it waiting
    app         a request to an answer; probes and metrics
    page        how things stand, for the operator alone; sheets makes it HTML
    front       what RFC 9110 says about conditions, encodings, ranges; wishes reads the headers
    delta       only what is new in a feed; ring knows what its last versions had
    hub         WebSub: takes subscriptions; wish reads what is asked of it
    distribution  sends feeds to those who subscribed (callback), in turns
    shelf       files in memory until they are replaced; tree finds them, kinds tells what they are
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from syndicator import __version__
from syndicator.config.secret import known
from syndicator.config.tables import Settings
from syndicator.doors import files
from syndicator.doors.http import Web
from syndicator.doors.layout import Layout
from syndicator.doors.subscriptions import Subscriptions
from syndicator.serve.app import Request, Watch
from syndicator.serve.front import House
from syndicator.serve.hub import Hub
from syndicator.serve.metrics import Pulse
from syndicator.serve.page import Status
from syndicator.serve.ring import Ring
from syndicator.serve.server import Server
from syndicator.serve.sockets import listen

__all__ = ["Pulse", "Server", "follow", "prepare"]
_PUSH_TIMEOUT = 10.0  # seconds a subscriber has
_PATIENCE = 3  # intervals without a good pass after which the daemon is not ready


def prepare(
    settings: Settings,
    environ: Mapping[str, str],
    clock: Callable[[], datetime],
    *,
    draw: Callable[[], str],
    pulse: Pulse | None = None,
    log: Callable[[Request], None] | None = None,
) -> Server | None:
    """Open the sockets and return a server to be started; None where none is configured.

    ``draw`` makes texts that nobody can guess; ``pulse`` is what a daemon notes its passes in.
    Raises DoorError where an address can't be had, Busy where another process is the hub.
    """
    table = settings.serve
    sockets = listen(table.listen, table.monitor, environ, os.getpid())
    if not sockets.public:
        sockets.close()
        return None
    watch = Watch(
        pulse=pulse,
        patience=_PATIENCE * settings.schedule.span,
        now=lambda: clock().timestamp(),
        log=log if table.log else None,
    )
    house = House(
        url=table.url,
        hubs=settings.hubs,
        max_age=int(settings.feeds.ttl),  # as the feeds say
        moved=table.moves(),
    )
    place = Layout(settings.archive_root, settings.store.url)
    server = Server(
        root=place.public,
        ring=Ring(place.versions),
        house=house,
        sockets=sockets,
        watch=watch,
        limit=table.connections,
        status=Status(settings.file, clock, table.status, table),
    )
    if table.hub:
        try:
            _add_hub(server, settings, environ, draw)
        except BaseException:
            sockets.close()
            raise
    return server


def follow(server: Server, settings: Settings) -> None:
    """Let a server go by settings that were taken anew, but for ``[serve]``: that is its own."""
    server.watch.patience = _PATIENCE * settings.schedule.span
    new = replace(server.house, hubs=settings.hubs, max_age=int(settings.feeds.ttl))
    if new != server.house:
        server.renew(new)


def _add_hub(
    server: Server, settings: Settings, environ: Mapping[str, str], draw: Callable[[], str]
) -> None:
    """Let the server be the hub, if no other process is."""
    from syndicator.cycle.keeping import limits  # noqa: PLC0415  # heavy: for a hub alone

    place = Layout(settings.archive_root, settings.store.url)
    server.held.enter_context(files.lock(place.subscriptions / "lock"))
    subscriptions = Subscriptions(place.subscriptions)
    agent = f"syndicator/{__version__} (+{settings.site.url})"
    server.web = Web(limits(settings, _PUSH_TIMEOUT), agent=agent)
    server.hub = lambda shelf: Hub(
        url=settings.serve.url,
        shelf=shelf,
        subscriptions=subscriptions,
        clock=server.watch.now,
        draw=draw,
        secrets=lambda: known(settings, environ).values(),
    )
