"""Content distribution (WebSub, 7): who is owed a feed is sent it as it is.

Attempts are made and judged as those of the outbox are, by the same code and the same schedule.
Only the end differs: who fails is tried daily until its lease ends, and gets the newest.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from syndicator.cycle.subscribers import NAME
from syndicator.deliver import attempt, schedule
from syndicator.deliver.attempt import Sent, Target
from syndicator.deliver.schedule import DELAYS
from syndicator.deliver.send import RETRIES, SLOTS
from syndicator.doors.http import Web
from syndicator.doors.subscriptions import Subscription, Subscriptions
from syndicator.model.feeds import Parcel
from syndicator.serve.callback import Callback
from syndicator.serve.item import Item
from syndicator.serve.shelf import Shelf
from syndicator.serve.turns import Turns

_log = logging.getLogger(__name__)
EACH = 2  # on their way to one host at once, as to an endpoint


class Distribution:
    """What is owed to subscribers, and what is on its way; all of it in the server's loop."""

    def __init__(
        self,
        *,
        hub: str,
        shelf: Shelf,
        subscriptions: Subscriptions,
        clock: Callable[[], float],
        secrets: Callable[[], Iterable[str]],
    ) -> None:
        """Send the feeds of ``shelf`` in the name of the hub at this address.

        ``secrets`` tells those of endpoints, which are kept of no reply.
        """
        self.sent = 0
        self.failed = 0
        self._hub = hub
        self._shelf = shelf
        self._subscriptions = subscriptions
        self._clock = clock
        self._secrets = secrets
        self._items: dict[str, Item] = {}
        self._flying: dict[asyncio.Task[None], str] = {}
        self._away: Counter[str] = Counter()
        self._late = 0  # of those on their way, how many failed before
        self._first, self._again = Turns(self._away, EACH), Turns(self._away, EACH)

    async def turn(self, web: Web | None) -> None:
        """Look once at who is owed what; begin to send it, first attempts before others."""
        now = self._clock()
        self._subscriptions.end(now)
        items = {path: await self.item(path) for path in self._subscriptions.paths()}
        self._items = {path: item for path, item in items.items() if item is not None}
        flying = set(self._flying.values())
        for path, item in self._items.items():
            for one in self._subscriptions.owed(path, item.tag, now):
                if one.key not in flying:
                    (self._again if one.failures else self._first).add(one.key, one.host)
        if web is not None:
            self._fill(web)

    async def settled(self) -> None:
        """Return when all that was begun has come back."""
        while self._flying:
            await asyncio.wait(self._flying)
            await asyncio.sleep(0)  # their callbacks come after them

    async def end(self) -> None:
        """Break off what is on its way: it is owed still."""
        tasks = list(self._flying)
        self._first, self._again = Turns(self._away, EACH), Turns(self._away, EACH)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def item(self, path: str) -> Item | None:
        """Return a file as it is published now."""
        return await self._shelf.fetch(b"/" + quote(path).encode())

    def _fill(self, web: Web) -> None:
        while len(self._flying) < SLOTS:
            late, turn = False, self._first.take()
            if turn is None and self._late < RETRIES:
                late, turn = True, self._again.take()
            if turn is None:
                return
            self._start(web, *turn, late=late)

    def _start(self, web: Web, name: str, host: str, *, late: bool) -> None:
        self._away[host] += 1
        self._late += late
        task = asyncio.get_running_loop().create_task(self._send(web, name))
        self._flying[task] = name

        def back(ended: asyncio.Task[None]) -> None:
            del self._flying[ended]
            self._late -= late
            self._away[host] -= 1
            if not self._away[host]:
                del self._away[host]
            self._first.free(host)
            self._again.free(host)
            if ended.cancelled():
                return
            if error := ended.exception():  # no attempt raises: nothing can be kept now
                about = {"event": "hub.failed"}
                says = "the hub could not keep what came of an attempt: %s"
                _log.error(says, error, extra=about)
            else:
                self._fill(web)

        task.add_done_callback(back)

    async def _send(self, web: Web, name: str) -> None:
        """Send somebody the feed as it is by now, if it is still owed."""
        one = self._subscriptions.get(name)
        item = self._items.get(one.path) if one else None
        if one is None or item is None or item.tag == one.has or one.due > self._clock():
            return
        parcel = Parcel(
            delivery=0,
            message=name,
            endpoint=NAME,
            kind="websub.content",
            subject=one.topic,
            body=item.body or b"",
            attempts=one.failures,
            media_type=item.kind.reader.decode(),
        )
        endpoint = Callback.model_construct(name=NAME, hub=self._hub, callback=one.callback)
        target = Target(endpoint=endpoint, secret=one.secret)
        self._settle(one, item, await attempt.make(parcel, target, web, self._moment))

    def _settle(self, one: Subscription, item: Item, sent: Sent) -> None:
        """Keep what came of it; 410 ends a subscription, nothing else does."""
        if sent.outcome.means == "gone":
            self._subscriptions.drop(one)
            return
        spread = int(one.key[:4], 16) / 0x10000  # those who fail together come back one by one
        verdict = schedule.judge(
            sent.outcome,
            attempt=min(one.failures + 1, len(DELAYS)),
            now=sent.ended,
            jitter=lambda: spread,
        )
        one.at, one.milliseconds, one.peer = sent.ended.timestamp(), sent.milliseconds, sent.peer
        one.status, one.says = sent.outcome.status, verdict.says
        if verdict.state == "done":
            self.sent += 1
            one.has, one.failures, one.due, one.reply = item.tag, 0, 0.0, ""
        else:
            self.failed += 1
            one.due = verdict.at.timestamp() if verdict.at else one.at + DELAYS[-1]
            one.failures, one.reply = one.failures + 1, self._reply(one, sent)
        self._subscriptions.note(one)

    def _reply(self, one: Subscription, sent: Sent) -> str:
        """Tell what was replied, without the secrets of any who may be known there."""
        return sent.reply([*self._secrets(), *self._subscriptions.secrets(one.host)])

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
