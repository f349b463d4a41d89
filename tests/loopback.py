"""A server on 127.0.0.1 that says exactly what it is told to, and what goes under a client."""

import asyncio
import socket
import ssl
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TypeVar

import httpcore

T = TypeVar("T")
HERE = (ip_network("127.0.0.0/8"),)
GUARD_TIME = 300.0  # seconds; far beyond every deadline of a test: one that needs it has failed

# private addresses in every spelling, and names that mean them
SPELLINGS = [
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1",
    "0X7F.0.0.1", "017700000001",  "0177.0.0x0.1", "127.0.0.1:443", "0", "0.0.0.0", "0x0", "00",  # noqa: S104  # an address to refuse, none to bind
    "10.1.2.3", "0xa.1", "012.1", "172.16.0.1", "192.168.1.1", "3232235777", "192.168.257",
    "100.64.0.1", "100.100.100.200", "169.254.169.254", "169.254.43518", "0xa9fea9fe",
    "2852039166", "168.63.129.16", "192.0.0.192", "192.88.99.1", "198.18.0.1", "203.0.113.9",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::FFFF:169.254.169.254]",
    "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::1]", "[2001::1]",
    "[2001:db8::1]", "[2002:7f00:1::]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]",
    "[fe80::1%25eth0]", "[fec0::1]", "[ff02::1]", "[3fff::1]", "[5f00::1]", "localhost",
    "LOCALHOST", "localhost.", "a.localhost",
]  # fmt: skip

Act = Callable[[asyncio.StreamWriter], Awaitable[None]]
Page = bytes | Act


@dataclass(slots=True, kw_only=True)
class Loopback:
    """What a running server knows: its port, and every request as it came."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # asked for in the TLS greeting
    pages: Mapping[str, Page] = field(default_factory=dict)
    open: int = 0  # connections

    def url(self, path: str = "/") -> str:
        """Return the address of a page."""
        return f"http://127.0.0.1:{self.port}{path}"


def page(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """Return a well-formed answer; a header ``Retry_After`` is sent as ``Retry-After``."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if "Content_Length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1") + body


def moved(location: str, status: str = "302 Found") -> bytes:
    """Return a redirect."""
    return page(status=status, Location=location)


@asynccontextmanager
async def loopback(
    pages: Mapping[str, Page], *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Loopback]:
    """Serve ``pages`` by request target; an act gets the writer after the request was read.

    A page with "Connection: close" in it, and every act, ends its connection.
    """
    known = Loopback(pages=pages)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        known.open += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await _answer(known, reader, writer):
                pass
        known.open -= 1
        writer.close()
        with suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
            await writer.wait_closed()

    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: known.names.append(name or "")
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    known.port = server.sockets[0].getsockname()[1]
    try:
        yield known
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _answer(
    known: Loopback, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    known.requests.append(head + await reader.readexactly(length))
    target = head.split(b" ", 2)[1].decode("latin-1")
    said = known.pages.get(target, page(b"nothing here", "404 Not Found"))
    if not isinstance(said, bytes):
        await said(writer)
        return False
    writer.write(said)
    await writer.drain()
    return b"Connection: close" not in said


@contextmanager
def shut() -> Iterator[str]:
    """Hold a port at which nobody listens, so that nobody else can; yields its address."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


class Dialled(httpcore.AsyncNetworkBackend):
    """Sockets that note whom they were told to dial, and reach nobody."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109  # the overridden signature
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Note and fail."""
        self.seen.append((host, port))
        raise httpcore.ConnectError("noted")


class Names:
    """A resolver that knows a few names (``_`` for ``.``), and gives its answers in turn."""

    def __init__(self, **known: Sequence[Sequence[str]]) -> None:
        self.known = {name.replace("_", "."): list(answers) for name, answers in known.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the next answer for ``host``, the last one again and again."""
        assert port > 0
        self.asked.append(host)
        answers = self.known.get(host)
        if not answers:
            raise OSError("no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]


async def no_wait(_: float) -> None:
    """Stand in for the pause before a second try."""


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run ``work`` in a fresh loop; a client that doesn't end fails the test."""

    async def bounded() -> T:
        async with asyncio.timeout(GUARD_TIME):
            return await work()

    return asyncio.run(bounded())
