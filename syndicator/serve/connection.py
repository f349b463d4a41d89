"""One connection: uvicorn's, with an end to what a client may keep waiting or send.

uvicorn waits for ever for the rest of a request, takes headers of any length, and for ever for a
client that reads nothing. ``sweep`` looks at all connections once in a while and ends those.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD = 32 * 2**10  # bytes of a request line with its headers
PATIENCE = 15.0  # seconds for these to come, and for a client to take some of an answer
SWEEP = 5  # seconds between two looks
_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class Connection(HttpToolsProtocol):
    """uvicorn's connection, counting the bytes of a head and the seconds of silence."""

    begun = 0.0  # when the head that is awaited began; 0 while none is
    head = 0  # bytes of it so far
    stuck = (0, 0.0)  # bytes that wait to be taken, and since when

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Await a first head."""
        super().connection_made(transport)
        self.begun = self.loop.time()

    def data_received(self, data: bytes) -> None:
        """Take what came, unless a head grows too long."""
        if self.begun:
            self.head += len(data)
            if self.head > HEAD:
                self.transport.write(_TOO_LONG)
                self.transport.close()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Start the clock of a head."""
        super().on_message_begin()
        if not self.begun:
            self.begun = self.loop.time()

    def on_headers_complete(self) -> None:
        """Stop it."""
        self.begun, self.head = 0.0, 0
        super().on_headers_complete()

    def overdue(self, now: float) -> bool:
        """Tell whether this client keeps the server waiting."""
        if self.begun and now - self.begun > PATIENCE:
            return True
        waiting = self.transport.get_write_buffer_size()
        if waiting == 0 or waiting != self.stuck[0]:
            self.stuck = (waiting, now)
        return now - self.stuck[1] > PATIENCE


def sweep(connections: set[Any], now: float) -> int:
    """End every connection whose client keeps the server waiting; tell how many."""
    late = [one for one in connections if isinstance(one, Connection) and one.overdue(now)]
    for one in late:
        one.transport.abort()
    return len(late)
