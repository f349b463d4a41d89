"""The built-in hub (WebSub): takes subscriptions, and lets feeds be sent to whoever has one.

No message is queued: a subscriber is owed a feed as long as the version it was sent last is not
the one that is published. So a crash loses nothing, several changes are one, and whoever failed
gets the newest. Who fails rests longer and longer, and stays until the lease ends.
"""

import asyncio
import hmac
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any
from urllib.parse import quote, urlsplit

from syndicator.doors.http import Web
from syndicator.doors.subscriptions import Subscription, Subscriptions, key
from syndicator.errors import DoorError, StoreError
from syndicator.model.feeds import Request
from syndicator.serve import replies, wish
from syndicator.serve.item import Item, Reply
from syndicator.serve.shelf import Shelf
from syndicator.serve.wish import Wish

PATH = "hub"  # below the address of the feeds
MOST = 20_000  # subscriptions
PER_HOST = 200  # of them, of one host that is called back
WAITING = 64  # wishes whose subscribers are being asked
PER_MINUTE = 20  # questions to one host: nobody is flooded through us
ALL_PER_MINUTE = 300  # and to all hosts together
TICK = 1.0  # seconds between two looks at what changed
PAUSE = 60.0  # the same, where subscriptions could not be read or written
_MINUTE = 60.0
_EVERYBODY = "*"
_log = logging.getLogger(__name__)


class Hub:
    """One hub, for the feeds below one address; all of it in the server's loop."""

    def __init__(
        self,
        *,
        url: str,
        shelf: Shelf,
        subscriptions: Subscriptions,
        clock: Callable[[], float],
        draw: Callable[[], str],
        secrets: Callable[[], Iterable[str]],
    ) -> None:
        """Serve the feeds of ``shelf`` below ``url``; ``draw`` makes challenges nobody guesses.

        ``secrets`` tells those of endpoints, which are kept of no reply.
        """
        self._url = url
        self._shelf = shelf
        self._clock = clock
        self._draw = draw
        self.subscriptions = subscriptions
        from syndicator.serve.distribution import Distribution  # noqa: PLC0415  # heavy: for a hub

        self.distribution = Distribution(
            hub=url + PATH,
            shelf=shelf,
            subscriptions=subscriptions,
            clock=clock,
            secrets=secrets,
        )
        self._web: Web | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, deque[float]] = {}

    async def answer(self, body: bytes) -> Reply:
        """Answer a form: 202, and the subscriber is asked; or why not."""
        try:
            wanted = wish.read(body)
        except ValueError as error:
            return _refuse(400, str(error))
        item = await self._topic(wanted.topic)
        if item is None and wanted.mode != "unsubscribe":
            return _refuse(404, "hub.topic is none of the feeds here")
        if wanted.mode == "publish":  # what is published is seen without being told
            return replies.word(202, b"noted\n")
        name = key(wanted.callback, wanted.topic)
        if wanted.mode == "subscribe" and not self._has_room(wanted, name):
            return _refuse(403, "there are too many subscriptions already")
        if self._web is None or name in self._tasks or self._too_often(wanted):
            return replies.plain(503, (b"retry-after", b"60"))
        self._start(name, self._verify(self._web, wanted, item))
        return replies.word(202, b"the callback will be asked\n")

    async def work(self, web: Web) -> None:
        """Send what is owed, and end leases, until cancelled."""
        self._web = web
        try:
            while True:
                pause = await self._looked()
                await asyncio.sleep(pause)
        finally:
            self._web = None
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            await self.distribution.end()

    async def _looked(self) -> float:
        """Look once, and tell for how many seconds not to."""
        try:
            await self.turn()
        except StoreError as error:
            about = {"event": "hub.failed"}  # the error says what to do; a trace does not
            _log.error("the hub: %s", error, extra=about)
            return PAUSE
        return TICK

    async def turn(self) -> None:
        """Look once at who is owed what, and begin to send it."""
        await self.distribution.turn(self._web)

    async def settled(self) -> None:
        """Return when everybody who is being asked or sent to has answered."""
        await asyncio.gather(*self._tasks.values())
        await self.distribution.settled()

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(_told(work))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def _topic(self, url: str) -> Item | None:
        """Find the feed that an address names exactly as the feed does itself."""
        if not url.startswith(self._url) or not url.isascii():
            return None
        item = await self._shelf.fetch(b"/" + url.removeprefix(self._url).encode())
        right = item is not None and item.kind.group == "feed" and item.body is not None
        return item if item and right and url == self._url + quote(item.path) else None

    def _has_room(self, wanted: Wish, name: str) -> bool:
        if self.subscriptions.get(name) is not None:
            return True
        same = self.subscriptions.of_host(urlsplit(wanted.callback).hostname or "")
        return len(self.subscriptions) < MOST and same < PER_HOST

    def _too_often(self, wanted: Wish) -> bool:
        """Tell whether a host, or everybody together, was asked enough in the last minute."""
        if len(self._tasks) >= WAITING:
            return True
        now, host = self._clock(), urlsplit(wanted.callback).hostname or ""
        self._asked = {name: at for name, at in self._asked.items() if at[-1] > now - _MINUTE}
        for name, most in ((host, PER_MINUTE), (_EVERYBODY, ALL_PER_MINUTE)):
            times = self._asked.setdefault(name, deque([now - 2 * _MINUTE], maxlen=most))
            if len(times) == most and times[0] > now - _MINUTE:
                return True
        for name in (host, _EVERYBODY):
            self._asked[name].append(now)
        return False

    async def _verify(self, web: Web, wanted: Wish, item: Item | None) -> None:
        """Ask the subscriber whether it means it (WebSub, 5.3); do so only if it says the word."""
        challenge = self._draw()
        answer = await web.send(Request(url=wanted.question(challenge), method="GET"))
        said = answer.body.strip()
        if answer.status // 100 != 2 or not hmac.compare_digest(said, challenge.encode()):  # noqa: PLR2004  # any 2xx
            return
        old = self.subscriptions.get(key(wanted.callback, wanted.topic))
        if wanted.mode == "unsubscribe" or item is None:
            if old is not None:
                self.subscriptions.drop(old)
            return
        self.subscriptions.put(
            Subscription(
                callback=wanted.callback,
                topic=wanted.topic,
                path=item.path,
                expires=self._clock() + wanted.lease,
                secret=wanted.secret,
                has=old.has if old else item.tag,  # from now on
            )
        )


async def _told(work: Coroutine[Any, Any, None]) -> None:
    """Do one thing for one subscriber; what breaks is its own, and stops nobody else."""
    try:
        await work
    except DoorError:
        return  # it can't be asked: it is not subscribed
    except Exception:
        logging.getLogger(__name__).exception(
            "the hub could not serve a subscriber", extra={"event": "hub.broke"}
        )


def _refuse(status: int, says: str) -> Reply:
    return replies.word(status, f"{says}\n".encode())
