"""Where to listen: ``127.0.0.1:8000``, ``[::1]:8000``, ``:8000`` or ``unix:/run/x.sock``."""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from syndicator.config.checks import unfit

UNIX = "unix:"
_LONGEST = 107  # bytes of a Unix socket's path (sockaddr_un of Linux, less its end)
_PLACE = re.compile(r"(\[[0-9a-fA-F:.]+\]|[0-9.]*):([0-9]{1,5})", re.ASCII)
_SUCH_AS = 'such as "127.0.0.1:8000", "[::1]:8000", ":8000" for every address, "unix:/run/x.sock"'


def address(value: str) -> str:
    """Keep an address that can be listened at: IP and port, or the path of a Unix socket."""
    if value.startswith(UNIX):
        path = value.removeprefix(UNIX)
        if not path.startswith("/") or not path.isprintable() or len(path.encode()) > _LONGEST:
            says = f"the path of a socket must be absolute, and of at most {_LONGEST} bytes"
            raise unfit(says, _SUCH_AS)
        return value
    found = _PLACE.fullmatch(value)
    if found is None:
        raise unfit("names no address and port", _SUCH_AS)
    host, port = found[1], int(found[2])
    if port > 65535:  # noqa: PLR2004  # the largest port there is
        raise unfit(f"there is no port {port}", _SUCH_AS)
    try:
        if host:
            ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        raise unfit(f"{host} is no IP address", _SUCH_AS) from None
    return value


def split(value: str) -> tuple[str, int]:
    """Return host and port of an address that is no Unix socket; no host means every address."""
    host, _, port = value.rpartition(":")
    return host.strip("[]"), int(port)


def _several(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


Address = Annotated[str, AfterValidator(address)]
Addresses = Annotated[
    tuple[Address, ...],
    BeforeValidator(_several),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    ),
]
