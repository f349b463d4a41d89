"""Taking over ids and dates from a feed that another program made, by the posts' addresses."""

import re
from urllib.parse import quote, unquote, urlsplit

_INDEX = re.compile(r"/index\.(?:html?|php|xhtml)$")
_TRACE = re.compile(r"^(?:utm_\w+|fbclid|gclid)=")
_SAFE = "/-._~!$&'()*+,;=:@"


def plain(url: str, home: str = "", here: str = "") -> str:
    """Return an address in the one spelling by which addresses are compared; "" for none.

    Scheme, ``www.``, usual ports, a slash or index.html at the end, fragments and what tells of
    campaigns make no difference. An address on the host of ``home`` counts as one on that of
    ``here``: a feed may have been made for another host.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = _host(url), parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host:
        return ""
    if home and here and host == _host(home):
        host, port = _host(here), urlsplit(here).port
    path = quote(unquote(parts.path), safe=_SAFE)
    path = _INDEX.sub("/", path).rstrip("/") or "/"
    query = "&".join(part for part in parts.query.split("&") if part and not _TRACE.match(part))
    shown = f"{host}:{port}" if port not in {None, 80, 443} else host
    return f"{shown}{path}" + (f"?{query}" if query else "")


def _host(url: str) -> str:
    try:
        return (urlsplit(url.strip()).hostname or "").removeprefix("www.").rstrip(".")
    except ValueError:
        return ""
