"""URLs: read strictly, joined byte for byte, and shown without their secrets."""

import re

import httpx

from syndicator.doors.http.addresses import literal
from syndicator.errors import Refused

_WHITESPACE = "\t\n\f\r "  # what the WHATWG URL standard trims
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_HOST_AND_PORT = re.compile(r"([^\s\[\]:@\\]+|\[[0-9A-Fa-f:.%]+\])(:[0-9]*)?")
_WEB = re.compile(r"https?:", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_LONGEST_HOST = 253
_LONGEST_SHOWN = 200
_LAST_PORT = 65535


def shown(url: str, *, secret: bool = False) -> str:
    """Return what of ``url`` may stand in a message: never a query, never a password.

    With ``secret`` the path goes too: a webhook's URL is often its only key. Never raises.
    """
    scheme, colon, rest = url.strip(_WHITESPACE).partition(":")
    if not colon or not _SCHEME.fullmatch(scheme + colon):
        return "…"
    if not rest.startswith("//"):
        return f"{scheme}:…"
    authority, slash, path = re.split(r"[?#]", rest[2:], maxsplit=1)[0].partition("/")
    host = authority.rpartition("@")[2]
    if not _HOST_AND_PORT.fullmatch(host):  # perhaps a password with a slash in it
        return f"{scheme}://…"
    text = f"{scheme}://{host}/" + ("…" if secret else path if slash else "")
    text = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def read_url(url: str, *, secret: bool = False) -> httpx.URL:
    """Return ``url`` ready to be asked, its path and query untouched but for illegal characters.

    Raises ``Refused`` for another scheme than http and https, user information, a host that is
    neither a name nor an address, or a port that is none. The fragment is dropped.
    """
    text = url.strip(_WHITESPACE)
    where = shown(text, secret=secret)
    if not _WEB.match(text):
        raise Refused(f"{where}: only http and https are asked")
    try:
        read = httpx.URL(text)
        usable = is_usable(read)
    except (httpx.InvalidURL, ValueError):  # its parser lets a few of Python's own errors out
        usable = False
    if not usable:
        raise Refused(f"{where}: not a usable URL")
    if read.userinfo:
        raise Refused(f"{where}: a URL with a user name or password is not asked")
    return read.copy_with(fragment=None) if "#" in text else read


def is_usable(url: httpx.URL) -> bool:
    """Say whether ``url`` has a host that can be a name or an address, and a possible port.

    Raises ``ValueError`` for a host that ends in a number and is no address.
    """
    host = host_of(url)
    named = len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) is not None
    if not named and ":" not in host:
        return False
    literal(host)
    return url.port is None or 0 < url.port <= _LAST_PORT


def host_of(url: httpx.URL) -> str:
    """Return the host as it is dialled: ASCII, lower case, no brackets."""
    return url.raw_host.decode("ascii")


def port_of(url: httpx.URL) -> int:
    """Return the port, the scheme's own when the URL names none."""
    return url.port or (443 if url.scheme == "https" else 80)


def join(here: httpx.URL, location: str) -> str:
    """Resolve ``location`` against ``here`` (RFC 3986 section 5.2.2), byte for byte.

    ``urllib.parse.urljoin`` would drop empty segments and an empty query: signed URLs break.
    """
    location = location.strip(_WHITESPACE)
    origin = f"{here.scheme}://{here.netloc.decode('ascii')}"
    raw_path = here.raw_path.decode("ascii")
    path = raw_path.partition("?")[0]
    if _SCHEME.match(location):
        return location
    if location.startswith("//"):
        return f"{here.scheme}:{location}"
    if location.startswith("/"):
        return origin + location
    if location.startswith("?"):
        return origin + path + location
    if not location or location.startswith("#"):
        return origin + raw_path
    return origin + path[: path.rindex("/") + 1] + location
