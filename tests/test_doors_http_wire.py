"""Connections over asyncio's transports: every byte in order, and no more than has room."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable

import httpcore
import pytest

from syndicator.doors.http.wire import Sockets

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Work = Callable[[httpcore.AsyncNetworkStream], Awaitable[None]]
BIG = bytes(range(256)) * 16384  # 4 MiB: more than waits to be read


def play(peer: Peer, work: Work) -> None:
    """Connect to a peer, and work with it."""

    async def go() -> None:
        ended = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await peer(reader, writer)
            writer.transport.abort()
            ended.set()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            stream = await Sockets().connect_tcp("127.0.0.1", port)
            try:
                await work(stream)
            finally:
                await stream.aclose()
            await ended.wait()
            await asyncio.sleep(0)

    asyncio.run(go())


async def generous(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send very much, and close."""
    writer.write(BIG)
    await writer.drain()
    writer.write_eof()
    await reader.read()


async def dumb(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Say nothing, until the other side closes."""
    await reader.read()


def test_every_byte_comes_in_order_and_never_more_than_asked_for() -> None:
    """However much the peer sends before it is read; at the end there is nothing."""

    async def work(stream: httpcore.AsyncNetworkStream) -> None:
        await asyncio.sleep(0)
        parts = []
        while part := await stream.read(50_000):
            parts.append(part)
        assert max(map(len, parts)) <= 50_000
        assert b"".join(parts) == BIG
        assert await stream.read(1) == b""
        assert stream.get_extra_info("is_readable")

    play(generous, work)


def test_a_deadline_ends_a_read_and_a_write() -> None:
    """Where the caller names one."""

    async def work(stream: httpcore.AsyncNetworkStream) -> None:
        assert not stream.get_extra_info("is_readable")
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(1, timeout=0.001)

    play(dumb, work)


def test_what_nobody_takes_is_not_written_for_ever() -> None:
    """A peer that reads nothing holds a writer up; one that is gone ends it."""
    leave = asyncio.Event()

    async def deaf(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await leave.wait()

    async def work(stream: httpcore.AsyncNetworkStream) -> None:
        with pytest.raises(httpcore.WriteTimeout):
            await stream.write(BIG * 16, timeout=0.001)
        leave.set()
        with pytest.raises(httpcore.WriteError):
            await stream.write(BIG)

    play(deaf, work)


def test_what_came_in_the_clear_is_never_taken_for_what_was_said_under_tls() -> None:
    """Whoever sits on the way could else put an answer before the peer's own."""

    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
        await reader.read()

    async def work(stream: httpcore.AsyncNetworkStream) -> None:
        while not stream.get_extra_info("is_readable"):  # noqa: ASYNC110  # nothing else tells
            await asyncio.sleep(0)
        await asyncio.sleep(0)  # it is in the program's hands, not in the system's
        await asyncio.sleep(0)
        with pytest.raises(httpcore.ConnectError, match="spoke before TLS"):
            await stream.start_tls(ssl.create_default_context(), "pictures.example")

    play(hasty, work)


def test_a_refused_connection_says_so() -> None:
    """With the system's own error as its cause."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        async def go() -> None:
            with pytest.raises(httpcore.ConnectError) as caught:
                await Sockets().connect_tcp("127.0.0.1", port)
            assert isinstance(caught.value.__cause__, ConnectionRefusedError)

        asyncio.run(go())
