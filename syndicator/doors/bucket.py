"""A bucket of an S3 service: things under keys, written whole or not at all, on conditions.

The client dials by itself, so where it would go is judged before it is made (``judged``). Nothing
it says is passed on but a status and the service's own word for it: errors quote what was signed.
"""

import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from syndicator.doors.http.addresses import (
    LOOPBACK,
    Address,
    Network,
    inside,
    is_loopback_name,
    literal,
)
from syndicator.doors.http.dial import PORTS_HINT, judge
from syndicator.errors import Failed, Refused

if TYPE_CHECKING:
    from obstore.store import S3Credential  # it is nowhere else

Resolve = Callable[[str, int], Sequence[str]]

DIGEST = "sha256"  # the metadata under which a thing says what its bytes should be
RETRIES = 2  # in process; what fails longer waits for the next pass
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_CONNECT = timedelta(seconds=5)
_NOBODY, _ALL = "http://127.0.0.1:9", "*,0.0.0.0/0,::/0"  # the proxy that is asked for nothing
_LISTED = 1000  # keys a request
_ENCRYPTS = ("AWS_SERVER_SIDE_ENCRYPTION", "AWS_SSE_")  # names in the environment that begin so


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a bucket is, what opens it, and where requests may go."""

    name: str
    prefix: str
    endpoint: str
    region: str
    access: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    allow: tuple[Network, ...] = ()
    ports: tuple[int, ...] = (80, 443)
    proxy: str = ""
    ca_file: Path | None = None
    timeout: float = 60.0


class Kind(NamedTuple):
    """How a thing is told to whoever asks for it over HTTP."""

    media_type: str = "application/octet-stream"
    cache: str = "private"


class Thing(NamedTuple):
    """What lies under a key; ``digest`` is "" where it was not told."""

    key: str
    size: int
    etag: str
    digest: str = ""


class Bucket:
    """An open bucket; its calls block, and may be made from several threads."""

    def __init__(self, spot: Spot, *, resolve: Resolve | None = None) -> None:
        """Judge where it is, and make the client; nothing is asked yet.

        Raises Refused for an address that may not be dialled, and where the environment would have
        things encrypted; Failed for a name without an address.
        """
        self.spot = spot
        _plain()
        direct = judged(spot, resolve or _resolve)
        options: dict[str, object] = {
            "allow_http": direct and spot.endpoint.startswith("http://"),
            "timeout": timedelta(seconds=spot.timeout),
            "connect_timeout": _CONNECT,
        }
        # without a proxy of ours the client would ask one of the environment
        options["proxy_url"] = _NOBODY if direct else spot.proxy
        if direct:
            options["proxy_excludes"] = _ALL
        if spot.ca_file is not None:
            options["root_certificate"] = spot.ca_file.read_bytes()
        config = {  # what is not said here would be taken from the environment
            "region": spot.region,
            "endpoint": spot.endpoint,
            "aws_endpoint_url_s3": spot.endpoint,  # it would go before the other
            "skip_signature": False,
            "unsigned_payload": False,
            "virtual_hosted_style_request": False,
            "checksum_algorithm": DIGEST,  # the service compares what came with what was sent
            "conditional_put": "etag",
            "s3_express": False,
            "request_payer": False,
        }
        self._store = S3Store(
            spot.name,
            prefix=spot.prefix or None,
            credential_provider=lambda: _keys(spot),
            config=config,  # type: ignore[arg-type]  # a TypedDict, whose keys are all right
            client_options=options,  # type: ignore[arg-type]  # as above
            retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=30)},
        )

    def create(self, key: str, data: bytes, kind: Kind, digest: str) -> str | None:
        """Write under a key that is free, and tell the ETag; None where something lies there."""
        return self._put(key, data, kind, digest, "create")

    def replace(self, key: str, data: bytes, kind: Kind, digest: str, etag: str) -> str | None:
        """Write in the place of what has this ETag; None where something else lies there."""
        return self._put(key, data, kind, digest, {"e_tag": etag})

    def _put(self, key: str, data: bytes, kind: Kind, digest: str, mode: object) -> str | None:
        attributes = {
            "Content-Type": kind.media_type,
            "Cache-Control": kind.cache,
            DIGEST: digest,
        }
        with _worded(f"write {key}"), suppress(AlreadyExistsError, PreconditionError):
            made = obstore.put(
                self._store,
                key,
                data,
                attributes=attributes,
                mode=mode,  # type: ignore[arg-type]  # one of the two above
                use_multipart=False,  # conditions are on the whole
            )
            return made["e_tag"] or ""
        return None

    def look(self, key: str) -> Thing | None:
        """Tell what lies under a key, without its bytes."""
        with _worded(f"look at {key}"), suppress(FileNotFoundError):
            found = obstore.get(self._store, key, options={"head": True})
            told: Mapping[str, str] = {str(k): str(v) for k, v in found.attributes.items()}
            meta = found.meta
            return Thing(key, meta["size"], meta["e_tag"] or "", told.get(DIGEST, ""))
        return None

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Return the bytes under a key, and their ETag."""
        with _worded(f"read {key}"), suppress(FileNotFoundError):
            found = obstore.get(self._store, key)
            return bytes(found.bytes()), found.meta["e_tag"] or ""
        return None

    def each(self, prefix: str = "") -> Iterator[Thing]:
        """Yield what lies below a prefix, which ends where a name does."""
        with _worded("list what it holds"):
            for some in obstore.list(self._store, prefix or None, chunk_size=_LISTED):
                for one in some:
                    yield Thing(one["path"], one["size"], one["e_tag"] or "")

    def delete(self, keys: Iterable[str]) -> None:
        """Delete; what is not there is no matter."""
        wanted = sorted(keys)
        if wanted:
            with _worded("delete from it"), suppress(FileNotFoundError):
                obstore.delete(self._store, wanted)


@contextmanager
def _worded(what: str) -> Iterator[None]:
    """Turn what the client raises into a door's error, of which nothing can be secret."""
    try:
        yield
    except (AlreadyExistsError, PreconditionError, FileNotFoundError):
        raise
    except (PermissionDeniedError, UnauthenticatedError) as error:
        says = f"the bucket did not let us {what}: {_said(error)}"
        hint = "check the keys, and what they may do: get, put, delete, list"
        raise Refused(says, hint=hint) from None
    except (BaseError, OSError) as error:
        raise Failed(f"the bucket could not {what}: {_said(error)}") from None


def _said(error: Exception) -> str:
    text = str(error)
    status, code = _STATUS.search(text), _CODE.search(text)
    words = [found[1] for found in (status, code) if found]
    if words:
        return " ".join(words)
    return "it took too long" if "timed out" in text else "no whole answer"


def _plain() -> None:
    """Refuse what the client would take from the environment, and can't be told otherwise."""
    for name in sorted(os.environ):
        if name.upper().startswith(_ENCRYPTS):
            hint = "unset it, and let the bucket itself encrypt what is written to it"
            raise Refused(f"the bucket is not asked with {name} in the environment", hint=hint)


def _keys(spot: Spot) -> "S3Credential":
    return {
        "access_key_id": spot.access,
        "secret_access_key": spot.secret,
        "token": spot.token or None,
        "expires_at": None,
    }


def judged(spot: Spot, resolve: Resolve) -> bool:
    """Say whether the endpoint is dialled by ourselves, not by the proxy; raise Refused for never.

    Every address its name has now is judged, as ``doors.http.dial`` does. The client asks for the
    name once more when it dials: a resolver that changes its answer in between is not caught.
    """
    parts = urlsplit(spot.endpoint)
    if not (parts.hostname or "").isascii():  # a resolver, or a proxy, would read it its own way
        raise Refused("the bucket's name is not plain ASCII", hint="write it as xn--...")
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    known = _literal(host)
    proxied = bool(spot.proxy) and not (known and all(inside(one, spot.allow) for one in known))
    addresses = known or ([] if proxied else _asked(host, port, resolve))
    if proxied and port not in spot.ports:  # it need not have an address that is judged
        raise Refused(f"the bucket's port {port} not allowed", hint=PORTS_HINT)
    try:
        judge(addresses, port, spot.allow, spot.ports)
    except Refused as error:
        raise Refused(f"the bucket's {error.says}", hint=error.hint) from None
    allowed = addresses and all(inside(one, spot.allow) for one in addresses)
    if parts.scheme == "http" and not allowed:
        raise Refused("the bucket is not asked in the clear", hint="write https://")
    return not proxied


def _literal(host: str) -> list[Address]:
    if is_loopback_name(host):
        return list(LOOPBACK)
    try:
        found = literal(host)
    except ValueError:
        raise Refused(f"{host} is no address") from None
    return [found] if found is not None else []


def _asked(host: str, port: int, resolve: Resolve) -> list[Address]:
    try:
        found = [ip_address(one) for one in resolve(host, port)]
    except (OSError, UnicodeError, ValueError):
        found = []
    if not found:
        raise Failed("the bucket's host was not found")
    return found


def _resolve(host: str, port: int) -> Sequence[str]:
    return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
