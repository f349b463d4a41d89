"""The server's life: a thread with an event loop of its own, so that no pass delays an answer."""

import asyncio
import logging
import resource
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import uvicorn
import uvloop

from syndicator.doors.http import Web
from syndicator.errors import DoorError
from syndicator.serve.app import Feeds, Monitor, Watch
from syndicator.serve.connection import IDLE, SPARE, SWEEP, Connection, sweep
from syndicator.serve.front import Front, House
from syndicator.serve.hub import Hub
from syndicator.serve.page import Status
from syndicator.serve.ring import Ring
from syndicator.serve.shelf import Shelf
from syndicator.serve.sockets import Sockets

GRACE = 5  # seconds in which answers under way may end
TICK = 1.0  # seconds between two looks at the date, and at whether to end
_OTHER = 256  # descriptors beside those of connections


@dataclass(slots=True, kw_only=True)
class Server:
    """Serves from ``start`` to ``stop``."""

    root: Path
    ring: Ring
    house: House
    sockets: Sockets
    watch: Watch
    limit: int
    hub: Callable[[Shelf], Hub] | None = None  # made in the server's thread
    web: Web | None = None  # the hub's way out
    status: Status | None = None  # what the operator's page is made of
    held: ExitStack = field(default_factory=ExitStack)  # what is let go at the end
    _servers: "list[_Calm]" = field(default_factory=list)
    _front: Front | None = None
    _thread: threading.Thread | None = None
    _failed: list[BaseException] = field(default_factory=list)

    def start(self, failed: Callable[[], object]) -> None:
        """Begin to answer; ``failed`` is called, in the server's thread, if it ends early."""
        _raise_limit(self.limit + SPARE + _OTHER)
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what clients do wrong
        shelf = Shelf(self.root, self.ring)
        front = self._front = Front(shelf, self.house)
        probes = not self.sockets.monitor
        hub = self.hub(shelf) if self.hub else None
        self.watch.hub = hub
        feeds = Feeds(front, shelf, self.watch, limit=self.limit, probes=probes, hub=hub)
        self._servers = [_server(feeds, self._sweep)]
        places = [self.sockets.public]
        if self.sockets.monitor:
            self._servers.append(_server(Monitor(self.watch, self.status), None))
            places.append(self.sockets.monitor)
        self.watch.connections = lambda: len(self._servers[0].server_state.connections)

        async def serve() -> None:
            async with self._distributing(hub):
                pairs = zip(self._servers, places, strict=True)
                await asyncio.gather(*(one.serve(sockets=place) for one, place in pairs))

        def live() -> None:
            try:
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    runner.run(serve())
            except BaseException as error:  # noqa: BLE001  # told in the thread that waits for it
                self._failed.append(error)
                failed()

        self._thread = threading.Thread(target=live, name="serve")
        self._thread.start()

    def renew(self, house: House) -> None:
        """Say something else of the site from now on; from any thread."""
        self.house = house
        if self._front is not None and self._servers:
            self._servers[0].soon(partial(self._front.renew, house))

    def stop(self) -> None:
        """End: no new connection, answers under way within ``GRACE``; raise what went wrong."""
        for one in self._servers:
            one.end()
        if self._thread is not None:
            self._thread.join()
        self.sockets.close()
        self.held.close()
        for error in self._failed:
            raise DoorError(f"the server broke off: {error}", hint="report this") from error

    @asynccontextmanager
    async def _distributing(self, hub: Hub | None) -> AsyncIterator[None]:
        """Let the hub work for the block, if there is one."""
        if hub is None or self.web is None:
            yield
            return
        async with self.web as web:
            work = asyncio.get_running_loop().create_task(hub.work(web))
            try:
                yield
            finally:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)

    async def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        self.watch.counts.ended += sweep(self._servers[0].server_state.connections, now)


class _Calm(uvicorn.Server):
    """uvicorn's, which itself wakes ten times a second while nobody asks for anything."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()

    async def main_loop(self) -> None:
        """Make the date anew once a second, until the end."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await self._woken.wait()

    def end(self) -> None:
        """Ask for the end, from any thread."""
        self.should_exit = True
        self.soon(self._woken.set)

    def soon(self, call: Callable[[], object]) -> None:
        """Call in the server's thread, if it is at work."""
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended already
                self._loop.call_soon_threadsafe(call)


def _server(app: object, sweeping: "Callable[[], object] | None") -> _Calm:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # ours is as ASGI 3 has it
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=int(IDLE),
        timeout_graceful_shutdown=GRACE,
        timeout_notify=SWEEP,
        callback_notify=sweeping,  # type: ignore[arg-type]
    )
    return _Calm(config)


def _raise_limit(wanted: int) -> None:
    """Let this process open as many files as it may have to."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted and soft != resource.RLIM_INFINITY:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
