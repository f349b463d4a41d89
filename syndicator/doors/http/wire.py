"""Connections over asyncio's own transports, for httpcore's pools.

What httpcore brings goes through anyio, whose scopes and checkpoints cost a sixth of a small
request and more of a large one.
"""

import asyncio
import select
import ssl
from collections import deque
from collections.abc import Iterable
from typing import Any, cast

import httpcore

_MOST = 128 * 1024  # bytes that wait to be read before their sender has to wait


class Sockets(httpcore.AsyncNetworkBackend):
    """Dials what it is told to: the guard stands before it."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the overridden signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect; raises httpcore's ConnectTimeout or ConnectError."""
        loop = asyncio.get_running_loop()
        local = (local_address, 0) if local_address else None
        try:
            async with asyncio.timeout(timeout):
                _, wire = await loop.create_connection(_Wire, host, port, local_addr=local)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for option in socket_options or ():
            wire.transport.get_extra_info("socket").setsockopt(*option)
        return _Stream(wire)

    async def sleep(self, seconds: float) -> None:
        """Wait, for the pool's own purposes."""
        await asyncio.sleep(seconds)


class _Wire(asyncio.Protocol):
    """What came and was not read yet; it stays the same when TLS comes in between."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.parts: deque[bytes] = deque()
        self.over = False  # nothing more comes
        self.error: Exception | None = None
        self.choked = False  # the peer takes no more for now
        self._size = 0
        self._held = False  # the peer may send no more for now
        self._waiting: set[asyncio.Future[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # as TCP has it; uvloop's is alike

    def data_received(self, data: bytes) -> None:
        self.parts.append(data)
        self._size += len(data)
        if self._size > _MOST and not self._held:
            self._held = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self.over = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.over = True
        self.error = exc
        self._wake()

    def pause_writing(self) -> None:
        self.choked = True

    def resume_writing(self) -> None:
        self.choked = False
        self._wake()

    def take(self, most: int) -> bytes:
        """Take of what came first."""
        data = self.parts.popleft()
        if len(data) > most:
            self.parts.appendleft(data[most:])
            data = data[:most]
        self._size -= len(data)
        if self._held and self._size <= _MOST:
            self._held = False
            self.transport.resume_reading()
        return data

    async def news(self) -> None:
        """Return when something has changed."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)

    def _wake(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)


class _Stream(httpcore.AsyncNetworkStream):
    """One connection, plain or under TLS."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Return what has come, at least a byte; b"" at the end. Raises ReadError, ReadTimeout."""
        wire = self._wire
        while not wire.parts and not wire.over:
            try:
                await (wire.news() if timeout is None else asyncio.wait_for(wire.news(), timeout))
            except TimeoutError as error:
                raise httpcore.ReadTimeout(str(error)) from error
        if wire.parts:
            return wire.take(max_bytes)
        if wire.error is not None:
            raise httpcore.ReadError(str(wire.error)) from wire.error
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Return when the system has taken it, or will. Raises WriteError, WriteTimeout."""
        wire = self._wire
        if buffer and not wire.transport.is_closing():
            wire.transport.write(buffer)
        while wire.choked and not wire.over:
            try:
                await (wire.news() if timeout is None else asyncio.wait_for(wire.news(), timeout))
            except TimeoutError as error:
                raise httpcore.WriteTimeout(str(error)) from error
        if wire.over or wire.transport.is_closing():
            raise httpcore.WriteError(str(wire.error or "the peer has closed")) from wire.error

    async def aclose(self) -> None:
        """Close at once: all that was to be said has been said."""
        self._wire.transport.abort()
        await asyncio.sleep(0)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """Go on under TLS; raises ConnectError where that fails, ConnectTimeout.

        What came in the clear before it is no part of it: read after it, it would pass for what
        the peer said under TLS (CVE-2021-23222 is such a case).
        """
        loop, wire = asyncio.get_running_loop(), self._wire
        if wire.parts:
            await self.aclose()
            raise httpcore.ConnectError("the peer spoke before TLS")
        try:
            async with asyncio.timeout(timeout):
                secure = await loop.start_tls(
                    wire.transport, wire, ssl_context, server_hostname=server_hostname
                )
        except BaseException as error:
            await self.aclose()
            if isinstance(error, TimeoutError):
                raise httpcore.ConnectTimeout(str(error)) from error
            if isinstance(error, OSError):  # ssl.SSLError is one
                raise httpcore.ConnectError(str(error)) from error
            raise
        if secure is None or wire.over:
            await self.aclose()
            raise httpcore.ConnectError("the peer has closed") from wire.error
        wire.transport = secure
        return self

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  # httpcore's own signature
        """Tell what httpcore asks; None for what nobody knows."""
        transport = self._wire.transport
        if info == "is_readable":  # asked while idle: it has ended then, or says too much
            return self._wire.over or bool(self._wire.parts) or _poll(transport)
        names = {"client_addr": "sockname", "server_addr": "peername"}
        return transport.get_extra_info(names.get(info, info))


def _poll(transport: asyncio.Transport) -> bool:
    number = transport.get_extra_info("socket").fileno()
    if number < 0:
        return True
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
