"""Published files, probes and metrics over HTTP: a floor between ``daemon`` and ``cycle``.

``prepare`` makes a ``Server`` of the configuration: it serves ``archive/public`` as the writer
leaves it, needs no database and no lock, and reads nothing else.

::

    sockets     opened here, or passed by a service manager
    server      a thread with a loop of its own; uvicorn in it
    connection  an end to clients that keep it waiting
    app         a request to an answer; probes and metrics
    front       what RFC 9110 says about conditions, encodings, ranges; wishes reads the headers
    delta       only what is new in a feed; ring knows what its last versions had
    shelf       files in memory until they are replaced; tree finds them, kinds tells what they are
"""

import os
from collections.abc import Callable, Mapping
from datetime import datetime

from syndicator.config.tables import Settings
from syndicator.doors.layout import Layout
from syndicator.serve.app import Watch
from syndicator.serve.front import House
from syndicator.serve.metrics import Pulse
from syndicator.serve.ring import Ring
from syndicator.serve.server import Server
from syndicator.serve.sockets import listen

__all__ = ["Pulse", "Server", "prepare"]
_PATIENCE = 3  # intervals without a good pass after which the daemon is not ready


def prepare(
    settings: Settings,
    environ: Mapping[str, str],
    clock: Callable[[], datetime],
    *,
    pulse: Pulse | None = None,
    log: Callable[[str], None] | None = None,
) -> Server | None:
    """Open the sockets and return a server to be started; None where none is configured.

    ``pulse`` is what a daemon notes its passes in. Raises DoorError where an address can't be had.
    """
    table = settings.serve
    sockets = listen(table.listen, table.monitor, environ, os.getpid())
    if not sockets.public:
        sockets.close()
        return None
    watch = Watch(
        pulse=pulse,
        patience=_PATIENCE * settings.schedule.every,
        now=lambda: clock().timestamp(),
        log=log if table.log else None,
    )
    feeds = settings.feeds
    house = House(
        url=table.url,
        hubs=feeds.hubs,
        max_age=int(feeds.ttl),  # as the feeds say
        moved=table.moves(),
    )
    place = Layout(settings.archive_root)
    return Server(
        root=place.public,
        ring=Ring(place.versions),
        house=house,
        sockets=sockets,
        watch=watch,
        limit=table.connections,
    )
