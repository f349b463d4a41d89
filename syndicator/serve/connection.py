"""One connection: uvicorn's, with an end to what a client may do, and a short way to answers.

uvicorn waits for ever for the rest of a request, takes headers of any length, and for ever for a
client that reads nothing. ``sweep`` looks at all connections once in a while and ends those.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from syndicator.serve.item import Headers

HEAD = 32 * 2**10  # bytes of a request line with its headers
SPARE = 128  # connections beyond the limit that are told so; the rest end unheard
PATIENCE = 15.0  # seconds for these to come, and for a client to take some of an answer
IDLE = 75.0  # seconds a connection is kept for the next request
SWEEP = 5  # seconds between two looks
Quick = Callable[[bytes, Headers, bytes, float], bytes | None]  # target, headers, date, now
_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with an eye on clients, and a short way to answers that are ready.

    An answer that is in memory is written as soon as the head of its request is there: without a
    task, a timer and a dozen calls. Everything else goes uvicorn's way to the application.
    """

    begun = 0.0  # when the head that is awaited began; 0 while none is
    head = 0  # bytes of it so far
    seen = 0.0  # when something came last
    stuck = (0, 0.0)  # bytes that wait to be taken, and since when
    short = False  # whether the request at hand was answered the short way
    quick: Quick | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Await a first head."""
        super().connection_made(transport)
        if len(self.connections) > getattr(self.app, "limit", len(self.connections)) + SPARE:
            transport.abort()  # even saying why would take what is needed for others
            return
        self.begun = self.seen = self.loop.time()
        self.quick = getattr(self.app, "quick", None)

    def data_received(self, data: bytes) -> None:
        """Take what came, unless a head grows too long."""
        self.seen = self.loop.time()
        if self.begun:
            self.head += len(data)
            if self.head > HEAD:
                self.transport.write(_TOO_LONG)
                self.transport.close()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Start the clock of a head."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        if not self.begun:
            self.begun = self.seen

    def on_headers_complete(self) -> None:
        """Stop it, and answer: the short way, or uvicorn's."""
        self.begun, self.head = 0.0, 0
        self.short = self._answer()
        if self.short:
            return
        if self.parser.get_http_version() == "1.1" and _hosts(self.headers) != 1:
            raise ValueError("a request names one host")  # uvicorn answers 400 (RFC 9112, 3.2)
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers  # the list that uvicorn has put into the scope
        super().on_headers_complete()

    def _answer(self) -> bool:
        """Write an answer that is ready, if this is a plain question and it is its turn."""
        said = self.server_state.default_headers  # uvicorn's: the date, made once a second
        if self.quick is None or self._busy() or self.flow.write_paused or not said:
            return False
        if self.parser.get_method() != b"GET" or self.parser.should_upgrade():
            return False
        if self.parser.get_http_version() != "1.1" or not self.parser.should_keep_alive():
            return False  # the answer is to say so
        written = self.quick(self.url, self.headers, said[0][1], self.seen)
        if written is None:
            return False
        self.transport.write(written)
        return True

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        if not self.short:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of a request."""
        if not self.short:
            super().on_message_complete()

    def overdue(self, now: float) -> bool:
        """Tell whether this client keeps the server waiting, or has nothing more to ask."""
        if self.begun and now - self.begun > PATIENCE:
            return True
        waiting = self.transport.get_write_buffer_size()
        if waiting == 0 or waiting != self.stuck[0]:
            self.stuck = (waiting, now)
        idle = waiting == 0 and not self._busy()
        return now - self.stuck[1] > PATIENCE or (idle and now - self.seen > IDLE)

    def _busy(self) -> bool:
        """Tell whether the application has a request of this connection in hand."""
        cycle: object = self.cycle  # None until the first, whatever uvicorn's types say
        return cycle is not None and (not self.cycle.response_complete or bool(self.pipeline))


def _hosts(headers: Headers) -> int:
    return sum(name == b"host" for name, _ in headers)


def sweep(connections: set[Any], now: float) -> int:
    """End every connection whose client keeps the server waiting; tell how many."""
    late = [one for one in connections if isinstance(one, Connection) and one.overdue(now)]
    for one in late:
        one.transport.abort()
    return len(late)
