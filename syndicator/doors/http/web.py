"""The one client of the program: fetches and sends within limits, and says plainly why not.

It stands on httpx's transports, not on its ``AsyncClient``: all that the client adds would have
to be switched off again (cookies, environment, redirects, decoding, a log of whole URLs), and it
can't be kept from reading a hostile Location even when it is told to follow nothing.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from types import TracebackType
from typing import Self

import httpcore
import httpx
import tenacity

from syndicator.doors.http.body import read_start, read_whole, retry_after
from syndicator.doors.http.dial import FORBIDDEN, Limits, Resolve, Resolver
from syndicator.doors.http.lanes import Lanes
from syndicator.doors.http.told import UNSENT, Hop, told, untrusted
from syndicator.doors.http.urls import host_of, join, read_url, shown
from syndicator.doors.http.wire import Sockets
from syndicator.errors import DoorError, Failed, Refused
from syndicator.model.feeds import Answer, Request, Validators

ACCEPT = "image/*,*/*;q=0.5"  # no bargaining over formats: the archive wants the original
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_OK = 200
_ANSWER = 16 * 1024  # bytes read of an answer whose status alone counts
_HEADERS = (
    "content-type",
    "content-length",
    "etag",
    "last-modified",
    "retry-after",
    "location",
    "server",
    "date",
    "webhook-delivery",
)
_LONGEST_HEADER = 1024
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_QUICK_TRIES = 2
_QUICK_WAIT = 0.2  # seconds

Sleep = Callable[[float], Awaitable[None]]


class Web:
    """Fetches and sends under ``limits``; an async context manager, safe for many tasks at once.

    ``agent`` is what we call ourselves unless ``limits.user_agent`` says otherwise. ``transport``
    replaces everything below the HTTP client (then nothing is dialled and no self-test is made);
    ``resolve`` and ``backend`` replace the resolver and the sockets under the guard.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        agent: str,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve | None = None,
        backend: httpcore.AsyncNetworkBackend | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.limits = limits
        self.agent = limits.user_agent or agent
        self._transport = transport
        self._resolver = Resolver()
        self._resolve = resolve or self._resolver
        self._backend = backend or Sockets()
        self._sleep = sleep
        self._way: httpx.AsyncBaseTransport | None = None

    async def __aenter__(self) -> Self:
        """Open the way out and prove that the guard stands in it.

        Raises ``ConfigError`` for an unusable proxy or CA file, ``DoorError`` when the guard is
        not where it should be.
        """
        # it logs whole URLs and headers, and those of webhooks are secrets
        logging.getLogger("httpcore").setLevel(logging.WARNING)
        self._way = self._transport or Lanes(self.limits, self._resolve, self._backend)
        if self._transport is None:
            try:
                await self._prove()
            except BaseException:
                await self._close()
                raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close every connection."""
        await self._close()

    async def fetch(
        self, url: str, *, limit: int, accept: str = ACCEPT, known: Validators | None = None
    ) -> Answer:
        """GET ``url``, following at most five redirects; each hop is judged like the first.

        A 200 comes with its whole body, at most ``limit`` bytes; any other status with at most
        16 KiB of it. The hop whose URL is that of ``known`` is asked for other bytes than those,
        and answers 304 if it has none. Raises ``Refused`` for what will never work (address,
        scheme, port, size, coding, redirects without end), ``Failed`` for what may (name,
        connection, TLS, time). The message is ``URL: why``, where the URL is that of the hop that
        went wrong.
        """
        until = asyncio.get_running_loop().time() + self.limits.timeout
        chain: list[str] = []
        target = read_url(url)
        while True:
            with self._told(shown(str(target) if chain else url), target) as hop:
                headers = [("Accept", accept), *self._manners(target), *_conditions(known, target)]
                request = self._request("GET", target, headers)
                async with self._ask(request, until) as response:
                    hop.answered = True
                    if response.status_code not in _REDIRECTS:
                        body = await self._body(response, until, limit)
                        return _answer(response, body, target, chain)
                    location = response.headers.get("location", "")
                if not location:
                    raise Failed("a redirect to nowhere", status=response.status_code)
                if len(chain) == _MOST_REDIRECTS:
                    raise Refused(f"more than {_MOST_REDIRECTS} redirects")
            chain.append(str(target))
            target = read_url(join(target, location))

    async def send(self, request: Request) -> Answer:
        """Send ``request`` as it is; follows nothing and reads at most ``request.most``, raw.

        Raises as ``fetch`` does; the message names the host, and neither path nor query. Once a
        status has come it stands, whatever happens to the body after it.
        """
        until = asyncio.get_running_loop().time() + self.limits.timeout
        target = read_url(request.url, secret=True)
        with self._told(shown(request.url, secret=True), target):
            whole = self._request(request.method, target, request.headers, request.body)
            async with self._ask(whole, until) as response:
                patience = self.limits.patience
                body = await read_start(
                    response, most=request.most, until=until, patience=patience
                )
                return _answer(response, body, target)

    def _manners(self, target: httpx.URL) -> Iterator[tuple[str, str]]:
        """Yield what this one host is told otherwise than the others."""
        one = self.limits.hosts.get(host_of(target))
        if one is not None and one.user_agent:
            yield "User-Agent", one.user_agent
        if one is not None and one.referer:
            yield "Referer", one.referer

    def _request(
        self,
        method: str,
        url: httpx.URL,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
    ) -> httpx.Request:
        """Build a request; raises ``Refused`` for a header that contradicts its framing."""
        names = {name.lower() for name, _ in headers}
        if names & _OURS or any(re.search(r"[\r\n\0]", name + value) for name, value in headers):
            raise Refused("one of its headers can't be sent")
        ours = [("User-Agent", self.agent), ("Accept-Encoding", "identity")]
        ours = [(name, value) for name, value in ours if name.lower() not in names]
        return httpx.Request(method, url, headers=[*ours, *headers], content=body)

    @asynccontextmanager
    async def _ask(self, request: httpx.Request, until: float) -> AsyncIterator[httpx.Response]:
        """Yield the answer with its body unread."""
        way = self._way
        if way is None:
            raise DoorError("Web is not open: use it in an async with block")
        async with asyncio.timeout_at(until):
            try:
                response = await way.handle_async_request(request)
            except UNSENT as error:
                if untrusted(error):
                    raise
                response = await self._once_more(way, request, error)
        try:
            yield response
        finally:
            await response.aclose()

    async def _once_more(
        self, way: httpx.AsyncBaseTransport, request: httpx.Request, error: Exception
    ) -> httpx.Response:
        """Make a quick second try after a first that failed before a byte of it was sent.

        A receiver must never get twice what it may have taken the first time.
        """
        first = [error]  # tenacity costs a tenth of a request: it is asked once one has failed

        async def attempt() -> httpx.Response:
            if first:
                raise first.pop()
            return await way.handle_async_request(request)

        quick = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(_QUICK_TRIES),
            wait=tenacity.wait_fixed(_QUICK_WAIT),
            retry=tenacity.retry_if_exception_type(UNSENT),
            sleep=self._sleep,
            reraise=True,
        )
        return await quick(attempt)

    async def _body(self, response: httpx.Response, until: float, limit: int) -> bytes:
        patience = self.limits.patience
        if response.status_code == _OK:
            return await read_whole(response, limit=limit, until=until, patience=patience)
        return await read_start(response, most=_ANSWER, until=until, patience=patience)

    def _told(self, where: str, target: httpx.URL) -> AbstractContextManager[Hop]:
        return told(where, host_of(target), self.limits.timeout)

    async def _prove(self) -> None:
        """Ask for an address that is never allowed, through the very client that will be used.

        The guard hangs on a name inside httpx. Should an update drop it, this fails closed.
        """
        port = self.limits.ports[0] if self.limits.ports else 80
        target = httpx.URL(f"http://0.0.0.0:{port}/")
        until = asyncio.get_running_loop().time() + self.limits.timeout
        outcome = "an answer came"
        try:
            async with self._ask(self._request("GET", target), until):
                pass
        except Refused as refusal:
            if refusal.says in {FORBIDDEN, f"port {port} not allowed"}:
                return
            outcome = refusal.says
        except Exception as error:  # noqa: BLE001  # anything but the refusal is the same alarm
            outcome = f"{type(error).__name__}: {error}"
        raise DoorError(
            f"the guard against private addresses is not in place ({outcome}); nothing is asked",
            hint="an update of httpx or httpcore may bypass it: install the locked versions",
        )

    async def _close(self) -> None:
        way, self._way = self._way, None
        self._resolver.close()
        if way is not None:
            await way.aclose()


def _conditions(known: Validators | None, target: httpx.URL) -> Iterator[tuple[str, str]]:
    """Yield the headers by which only other bytes than the known ones are asked for.

    A validator as long as what is kept of a header may be cut, and is of no use.
    """
    if known is None or known.url != str(target):
        return
    for name, value in (("If-None-Match", known.etag), ("If-Modified-Since", known.modified)):
        if value.isascii() and value.isprintable() and 0 < len(value) < _LONGEST_HEADER:
            yield name, value


def _answer(
    response: httpx.Response, body: bytes, url: httpx.URL, chain: Sequence[str] = ()
) -> Answer:
    headers = dict(response.headers.items())  # to ask httpx for one is to read them all
    return Answer(
        status=response.status_code,
        headers={name: headers[name][:_LONGEST_HEADER] for name in _HEADERS if name in headers},
        body=body,
        url=str(url),
        chain=tuple(chain),
        retry_after=retry_after(headers),
        peer=_peer(response),
    )


def _peer(response: httpx.Response) -> str:
    """Tell who answered; "" where a replaced transport has no connection."""
    stream = response.extensions.get("network_stream")
    there = stream.get_extra_info("server_addr") if stream is not None else None
    if not there:
        return ""
    host, port = there[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
