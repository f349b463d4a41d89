"""The ways out: one small connection pool an origin, straight or through the proxy."""

import ssl
from functools import cache
from pathlib import Path

import httpcore
import httpx

from syndicator.doors.http.addresses import (
    LOOPBACK,
    inside,
    is_local_name,
    is_loopback_name,
    judge_address,
    literal,
)
from syndicator.doors.http.dial import (
    ALLOW_HINT,
    FORBIDDEN,
    PORTS_HINT,
    Guard,
    Limits,
    Resolve,
    ToProxy,
)
from syndicator.doors.http.urls import host_of, is_usable, port_of
from syndicator.errors import ConfigError, Refused

_CONNECTIONS = 10  # per origin; httpcore's pool scans itself at every step, so it stays small
_KEEPALIVE_SECONDS = 5.0
_LANES = 32  # pools kept open; more only while they are in use


class _Lane(httpx.AsyncHTTPTransport):
    """httpx's transport over a pool of our making: the one private name we lean on.

    httpx passes no network backend through; ``Web`` proves on entry that this still works.
    """

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool
        self._entering = 0  # requests the pool may not know of yet

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request to the pool."""
        self._entering += 1
        try:
            return await super().handle_async_request(request)
        finally:
            self._entering -= 1

    def is_idle(self) -> bool:
        """Say whether nothing is under way here."""
        return not self._entering and all(one.is_idle() for one in self._pool.connections)


class Lanes(httpx.AsyncBaseTransport):
    """A small pool for each origin: a host that hangs takes no connection from another.

    It also decides between the proxy and the direct way. Behind a proxy names are resolved by the
    proxy, so literal addresses and local names are judged here, before the proxy sees them.
    """

    def __init__(
        self, limits: Limits, resolve: Resolve, inner: httpcore.AsyncNetworkBackend
    ) -> None:
        self._limits = limits
        self._tls = _trust(limits.ca_file)
        self._proxy = _read_proxy(limits.proxy)
        self._guard = Guard(limits, resolve, inner)
        self._inner = inner
        self._lanes: dict[tuple[str, str, int], _Lane] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request to its origin's pool; raises ``Refused`` for what must not be asked."""
        host, port = host_of(request.url), port_of(request.url)
        key = (request.url.scheme, host, port)
        if key not in self._lanes:
            proxied = self._proxy is not None and self._goes_out(host, port)
            self._lanes[key] = _Lane(self._through_proxy() if proxied else self._straight())
        try:
            return await self._lanes[key].handle_async_request(request)
        finally:
            await self._retire()

    async def aclose(self) -> None:
        """Close every connection."""
        lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            await lane.aclose()

    def _goes_out(self, host: str, port: int) -> bool:
        allow = self._limits.allow
        address = literal(host)
        if address is not None and inside(address, allow):
            return False
        if is_loopback_name(host) and any(inside(one, allow) for one in LOOPBACK):
            return False
        if port not in self._limits.ports:
            raise Refused(f"port {port} not allowed", hint=PORTS_HINT)
        if not judge_address(address, ()) if address is not None else is_local_name(host):
            raise Refused(FORBIDDEN, hint=ALLOW_HINT)
        return True

    async def _retire(self) -> None:
        """Close idle pools, oldest first, while there are too many."""
        if len(self._lanes) <= _LANES:
            return
        idle = [key for key, lane in self._lanes.items() if lane.is_idle()]
        spare = [self._lanes.pop(key) for key in idle[: max(len(self._lanes) - _LANES, 0)]]
        for lane in spare:
            await lane.aclose()

    def _straight(self) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._tls,
            max_connections=_CONNECTIONS,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            network_backend=self._guard,
        )

    def _through_proxy(self) -> httpcore.AsyncConnectionPool:
        if self._proxy is None:
            raise Refused(FORBIDDEN)
        url, auth = self._proxy.url, self._proxy.raw_auth
        return httpcore.AsyncHTTPProxy(
            proxy_url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=port_of(url), target=b"/"
            ),
            proxy_auth=auth,
            ssl_context=self._tls,
            proxy_ssl_context=self._tls if url.scheme == "https" else None,
            max_connections=_CONNECTIONS,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            network_backend=ToProxy(url, self._inner),
        )


@cache
def _usual() -> ssl.SSLContext:
    """Trust whom most do; to read their certificates costs more than a push, and is done once."""
    return httpx.create_ssl_context(trust_env=False)


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is None:
        return _usual()
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"[network] ca_file can't be used: {ca_file}",
            hint="name a file of certificates in PEM form, or leave it empty",
        ) from error


def _read_proxy(proxy: str) -> httpx.Proxy | None:
    if not proxy:
        return None
    try:
        read = httpx.Proxy(proxy)
        usable = read.url.scheme in {"http", "https"} and is_usable(read.url)
    except (httpx.InvalidURL, ValueError):
        usable = False
    if not usable:
        # without its cause: the message would repeat a password
        raise ConfigError(
            "[network] proxy is not the URL of an HTTP proxy",
            hint='write it as "http://host:port"',
        ) from None
    return read
