"""The ASGI application: published files at the public addresses, probes and metrics beside."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from syndicator.serve import metrics, replies
from syndicator.serve.front import Asked, Front, joined
from syndicator.serve.hub import PATH, Hub
from syndicator.serve.item import Headers, Reply
from syndicator.serve.metrics import Counts, Pulse
from syndicator.serve.page import PATHS, Page, Status
from syndicator.serve.shelf import Shelf
from syndicator.serve.tree import open_file
from syndicator.serve.wish import LARGEST

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
CHUNK = 2**18  # bytes of a large file in memory for one client
_HUB = b"/" + PATH.encode()
_CLOSE = (b"connection", b"close")
_BODY = frozenset({b"content-length", b"transfer-encoding"})
_AGENT = 80  # characters


class Request(NamedTuple):
    """A request that was answered: no query, no cookie, no address, nothing that forges a line."""

    method: str
    url: str  # its path
    status: int
    sent: int  # bytes of body
    agent: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f'request {self.method} {self.url} {self.status} {self.sent} "{self.agent}"'


@dataclass(slots=True, kw_only=True)
class Watch:
    """What probes and metrics are told from, and where each request is told of."""

    counts: Counts = field(default_factory=Counts)
    pulse: Pulse | None = None  # None: no daemon, only the server
    patience: float = 0.0  # seconds without a good pass after which the daemon is not ready
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = lambda: 0.0  # seconds of the epoch
    connections: Callable[[], int] = lambda: 0
    log: "Callable[[Request], None] | None" = None
    hub: Hub | None = None


class Feeds:
    """Serves the public folder."""

    def __init__(
        self,
        front: Front,
        shelf: Shelf,
        watch: Watch,
        *,
        limit: int,
        probes: bool,
        hub: Hub | None = None,
    ) -> None:
        """Serve; ``limit`` connections at once, and the probes too where nothing else does."""
        self._hub = hub
        self._front = front
        self._shelf = shelf
        self._watch = watch
        self.limit = limit
        self._probes = probes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = self._watch.clock()
        method, raw, headers = scope["method"], scope["raw_path"], scope["headers"]
        if self._watch.connections() > self.limit:
            reply = replies.plain(503, (b"retry-after", replies.BUSY), _CLOSE)
        elif self._hub is not None and raw == _HUB:
            reply = await _form(self._hub, method, receive)
        elif method not in {"GET", "HEAD"}:
            reply = replies.plain(405, *replies.READ_ONLY)
        else:
            asked = joined(headers)
            if method == "HEAD":
                asked.pop(b"range", None)  # defined for GET alone (RFC 9110, 14.2)
            reply = await self._answer(raw, asked)
        sent = 0
        try:
            sent = await _send(reply, method, self._shelf.root, send)
        finally:
            self._count(reply, sent, self._watch.clock() - began)
            self._tell(reply, sent, method, raw, headers)

    def quick(self, target: bytes, headers: Headers, date: bytes, now: float) -> bytes | None:
        """Answer a GET at once, as it goes over the wire; None where that can't be done.

        Called by a connection within the server's loop, before a task is made of the request.
        ``now`` is the loop's time.
        """
        began = self._watch.clock()
        asked = dict(headers)
        if len(asked) != len(headers) or b"host" not in asked or not _BODY.isdisjoint(asked):
            return None
        reply = self._front.known(target.partition(b"?")[0], asked, now)
        if reply is None or reply.place is not None or self._watch.connections() > self.limit:
            return None
        written = reply.wire(date)
        self._count(reply, len(reply.body), self._watch.clock() - began)
        if self._watch.log is not None:
            self._tell(reply, len(reply.body), "GET", target, headers)
        return written

    def _count(self, reply: Reply, sent: int, took: float) -> None:
        self._watch.counts.count(reply.group, reply.status, sent, took)

    def _tell(self, reply: Reply, sent: int, method: str, target: bytes, headers: Headers) -> None:
        """Tell of a request, if anybody wants to hear of it."""
        if self._watch.log is not None:
            agent = next((value for name, value in headers if name == b"user-agent"), b"")
            url = _plain(target.partition(b"?")[0])
            self._watch.log(Request(method, url, reply.status, sent, _plain(agent)))

    async def _answer(self, raw: bytes, asked: Asked) -> Reply:
        reply = self._front.known(raw, asked, self._watch.clock())
        if reply is not None:
            return reply
        if self._probes and raw in PROBES:
            return PROBES[raw](self._watch)
        return await self._front.fetch(raw, asked)


async def _form(hub: Hub, method: str, receive: Receive) -> Reply:
    """Let the hub answer a form, if it is one, and small."""
    if method != "POST":
        return replies.plain(405, (b"allow", b"POST"), _CLOSE)
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST:
            return replies.plain(413, _CLOSE)
        if not message.get("more_body"):
            break
    return await hub.answer(body)


class Monitor:
    """Serves probes, metrics and the operator's pages, at addresses of their own."""

    def __init__(self, watch: Watch, status: Status | None = None) -> None:
        """Tell of what ``watch`` knows, and of ``status`` to those who may see that."""
        self._watch = watch
        self._page = Page(status) if status else None

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        method, raw = scope["method"], scope["raw_path"]
        if method not in {"GET", "HEAD"}:
            reply = replies.plain(405, *replies.READ_ONLY)
        elif raw in PROBES:
            reply = PROBES[raw](self._watch)
        elif raw == b"/metrics":
            reply = _metrics(self._watch)
        elif raw in PATHS and self._page is not None:
            reply = await self._page.answer(scope, self._watch.clock())
        else:
            reply = replies.plain(404)
        await _send(reply, method, Path(), send)


def _alive(_watch: Watch) -> Reply:
    """Tell that requests are answered at all."""
    return replies.word(200, b"alive\n")


def _ready(watch: Watch) -> Reply:
    """Tell whether the passes go well; nothing is done to find out."""
    pulse = watch.pulse
    if pulse is None:
        return replies.word(200, b"ready\n")
    if not pulse.good:
        return replies.word(503, b"no pass was made yet\n")
    if watch.now() - pulse.good > watch.patience:
        return replies.word(503, b"no pass went well for too long\n")
    return replies.word(200, b"ready\n")


PROBES: dict[bytes, Callable[[Watch], Reply]] = {b"/livez": _alive, b"/readyz": _ready}


def _metrics(watch: Watch) -> Reply:
    page = metrics.exposition(watch.counts, watch.pulse, watch.connections(), watch.hub)
    return replies.word(200, page, metrics.TYPE)


async def _send(reply: Reply, method: str, root: Path, send: Send) -> int:
    """Send an answer; return how many bytes of body went out."""
    file = None
    if reply.place is not None and method == "GET":
        opened = open_file(root, str(reply.place.relative_to(root)))
        if opened is None:
            reply = replies.plain(404)
        else:
            file = opened[0]
    try:
        start = {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        await send(start)
        if file is not None:
            return await _stream(file, reply, send)
        body = b"" if method == "HEAD" else reply.body
        await send({"type": "http.response.body", "body": body})
        return len(body)
    finally:
        if file is not None:
            os.close(file)


async def _stream(file: int, reply: Reply, send: Send) -> int:
    """Send bytes of an open file, a piece at a time and no faster than they are taken."""
    at, end = reply.start, reply.start + reply.size
    while at < end:
        piece = await asyncio.to_thread(os.pread, file, min(CHUNK, end - at), at)
        if not piece:  # cut short under our hands: the connection ends with the length unmet
            break
        at += len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": at < end})
    return at - reply.start


def _plain(said: bytes) -> str:
    text = said[:_AGENT].decode("ascii", "backslashreplace")
    return "".join(c if c.isprintable() and c != '"' else "?" for c in text)
