"""Dialling: a name is resolved once, every answer is judged, and only judged ones are dialled.

The judgement sits where connections are opened, not where URLs are read: what was judged is what
is dialled, so a name that changes its answer (DNS rebinding) gains nothing, and no redirect,
retry or odd spelling gets around it.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import httpcore
import httpx

from syndicator.doors.http.addresses import (
    LOOPBACK,
    Address,
    Network,
    inside,
    is_loopback_name,
    judge_address,
    literal,
)
from syndicator.doors.http.urls import host_of, port_of
from syndicator.errors import Refused

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
SocketOptions = Iterable[httpcore.SOCKET_OPTION]

FORBIDDEN = "address not allowed"  # one text for all: a guard that explains itself maps the net
ALLOW_HINT = "if it is a machine of yours, put its network into [network] allow"
PORTS_HINT = "put the port into [network] ports, or the network into [network] allow"

_DIAL_SECONDS = 5.0  # per address: one dead address must not eat the deadline of the others
_DIAL_AT_MOST = 6
_RESOLVING = 4  # names at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What one host is told when it is asked for a picture; "" = what the others are told."""

    user_agent: str = ""
    referer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where requests may go and how long they may take; seconds throughout."""

    proxy: str = ""  # URL of an HTTP proxy, or "" for none
    ca_file: Path | None = None  # replaces the built-in authorities
    ports: tuple[int, ...] = (80, 443)
    allow: tuple[Network, ...] = ()  # reachable although private, directly, on any port
    timeout: float = 60.0  # of one fetch or send as a whole
    user_agent: str = ""  # "" = the program's own
    patience: float = 10.0  # before the minimum rate counts
    hosts: Mapping[str, Manners] = field(default_factory=dict)  # by host, in lower case


class Resolver:
    """The system's resolver, in threads of its own: one that hangs holds up nothing else."""

    def __init__(self) -> None:
        """Start no thread yet."""
        self._threads = ThreadPoolExecutor(_RESOLVING, thread_name_prefix="resolver")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Ask once; ``OSError`` when it knows no address."""
        loop = asyncio.get_running_loop()
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        return [
            str(sockaddr[0]) for *_, sockaddr in await loop.run_in_executor(self._threads, ask)
        ]

    def close(self) -> None:
        """Wait for no answer any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def judge(
    addresses: Sequence[Address], port: int, allow: Sequence[Network], ports: Sequence[int]
) -> None:
    """Raise Refused unless this port of all these addresses may be dialled.

    The port comes first: what is said of it must not depend on what the address is.
    """
    if port not in ports and not all(inside(address, allow) for address in addresses):
        raise Refused(f"port {port} not allowed", hint=PORTS_HINT)
    if not all(judge_address(address, allow) for address in addresses):
        raise Refused(FORBIDDEN, hint=ALLOW_HINT)


class Guard(httpcore.AsyncNetworkBackend):
    """Opens connections to addresses that ``judge_address`` lets pass, and to no others."""

    def __init__(
        self, limits: Limits, resolve: Resolve, inner: httpcore.AsyncNetworkBackend
    ) -> None:
        self._limits = limits
        self._resolve = resolve
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109  # the overridden signature
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Dial the judged addresses of ``host`` in the resolver's order until one answers.

        Raises ``Refused`` when one address of them is forbidden, or the port is.
        """
        addresses = await self._addresses(host, port)
        judge(addresses, port, self._limits.allow, self._limits.ports)
        failure: httpcore.NetworkError | httpcore.TimeoutException
        failure = httpcore.ConnectError("host not found")
        for address in addresses[:_DIAL_AT_MOST]:
            try:
                return await self._inner.connect_tcp(
                    str(address),
                    port,
                    timeout=_DIAL_SECONDS,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except httpcore.ConnectTimeout:
                failure = httpcore.ConnectTimeout("the connection was not taken")
            except httpcore.ConnectError as error:
                failure = httpcore.ConnectError(_said_by_system(error))
        raise failure

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: SocketOptions | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: nothing is asked through a local socket."""
        raise Refused(FORBIDDEN)

    async def sleep(self, seconds: float) -> None:
        """Wait, for the pool's own purposes."""
        await self._inner.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[Address]:
        if is_loopback_name(host):
            # both are this machine: one of them allowed is enough, and no resolver is asked
            known = [one for one in LOOPBACK if judge_address(one, self._limits.allow)]
            return known or list(LOOPBACK)
        address = literal(host)
        if address is not None:
            return [address]
        try:
            answers = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("host not found") from error
        return list(dict.fromkeys(ip_address(answer) for answer in answers))


class ToProxy(httpcore.AsyncNetworkBackend):
    """Opens connections to the configured proxy, and to nothing else."""

    def __init__(self, proxy: httpx.URL, inner: httpcore.AsyncNetworkBackend) -> None:
        self._proxy = (host_of(proxy), port_of(proxy))
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109  # the overridden signature
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Dial the proxy, whose address was configured and is not judged."""
        if (host, port) != self._proxy:
            raise Refused(FORBIDDEN)
        try:
            return await self._inner.connect_tcp(
                host,
                port,
                timeout=_DIAL_SECONDS,
                local_address=local_address,
                socket_options=socket_options,
            )
        except (httpcore.ConnectTimeout, httpcore.ConnectError) as error:
            raise httpcore.ConnectError(f"the proxy: {_said_by_system(error)}") from error

    async def sleep(self, seconds: float) -> None:
        """Wait, for the pool's own purposes."""
        await self._inner.sleep(seconds)


def _said_by_system(error: BaseException) -> str:
    """Find the operating system's word for why a connection failed."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno).lower()  # asyncio's own text repeats the address
        cause = cause.__cause__
    return "no connection"
