"""URLs as they are written: resolved and made ASCII, never re-quoted.

A picture's URL may be signed byte by byte, so ``%25``, ``//`` and a nested ``https://`` stay as
they are; only what no URL may hold is percent-encoded.
"""

import ipaddress
import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import unquote

import idna

_BREAKS: Final = re.compile("[\t\r\n]")  # the URL standard drops them wherever they stand
_EDGES: Final = "".join(map(chr, range(0x21))) + "\u00a0\u3000\ufeff"
# what RFC 3986 allows nowhere in a URL (2.2, 2.3), the percent sign left out
_FORBIDDEN: Final = re.compile(r"[^!#-;=?-\[\]_a-z~]+")
_NO_SEGMENT: Final = re.compile(r"[^!$&-.0-;=@A-Z_a-z~]+")
_SPLIT: Final = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(.*)", re.DOTALL
)
_HOST: Final = re.compile(r"[A-Za-z0-9._~-]+")
_AUTHORITY: Final = re.compile(r"(?:([^@]*)@)?(\[[0-9A-Fa-f:.]+\]|[^:\[\]@]*)(?::([0-9]*))?")
_ENCODED: Final = ("%7b%7b", "%7b%")
# the last name of letters: no address in numbers; no hyphens in pairs: no name in Punycode
_USUAL: Final = re.compile(
    r"https?://(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,63}/[A-Za-z0-9/._~%!$*+,;:=@?#-]{0,500}"
)
# a path from the top of a site, of plain names: no dots to remove, nothing to encode or decode
_ROOTED: Final = re.compile(r"(?:/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)+/?")
_BRIEF: Final = 500  # characters of a path that `usual` takes
_MARK: Final = re.compile(  # Markdown writes braces and bars percent-encoded
    r"@/|(?:\{|%7B)(?:filename|static|attach)(?:\}|%7D)|(?:\||%7C)filename(?:\||%7C)"
)
_PORTS: Final = 65_535
_LONGEST: Final = 2_000  # characters of a URL that is worth remembering


class Parts(NamedTuple):
    """A URL taken apart; put together again it is the same, byte for byte."""

    scheme: str  # lower case; empty in a relative reference
    authority: str | None  # None where there is no ``//``
    path: str
    rest: str  # query and fragment, with their marks


def parts(url: str) -> Parts:
    """Take a URL apart by RFC 3986, appendix B; never fails."""
    return _remembered(url) if len(url) <= _LONGEST else _parts(url)


def _parts(url: str) -> Parts:
    match = _SPLIT.fullmatch(url)
    assert match is not None  # noqa: S101  # every part of the pattern may be empty
    scheme, authority, path, rest = match.groups()
    return Parts((scheme or "").lower(), authority, path, rest)


# one URL is taken apart several times in a row: to resolve it, to judge it, to find its file
_remembered: Final = lru_cache(maxsize=64)(_parts)


def trimmed(url: str) -> str:
    """Return a URL without blanks around it and line ends within it, as browsers read it."""
    if url.isascii() and url.isprintable():
        return url.strip(" ")
    return _BREAKS.sub("", url.strip(_EDGES))


def unmarked(reference: str) -> tuple[str, str]:
    """Return the mark of Zola or Pelican for a file of the site, and the reference without it."""
    if reference[:1] not in ("@", "{", "|", "%") or not (mark := _MARK.match(reference)):
        return "", reference
    return mark.group(), reference[mark.end() :]


def templated(text: str) -> bool:
    """Whether a template was left in the text (``{{ site.url }}/a.jpg``)."""
    if "{" in text and ("{{" in text or "{%" in text):
        return True
    if "%" not in text:
        return False
    return "<%" in text or any(mark in text.lower() for mark in _ENCODED)


def quote(text: str) -> str:
    """Percent-encode, as UTF-8, what no URL may hold; all else stays."""
    return _FORBIDDEN.sub(_encoded, text) if _FORBIDDEN.search(text) else text


def quote_segment(name: str) -> str:
    """Percent-encode one file or folder name, so that it is one segment of a path."""
    return _NO_SEGMENT.sub(_encoded, name)


def _encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "replace"))


def resolve(address: str, reference: str) -> str:
    """Return the absolute ASCII URL of a reference found at ``address``; empty when there is none.

    RFC 3986, 5.2, but for URLs that are absolute already: those keep their dots. An http(s) URL
    without a possible host is none.
    """
    if usual(reference):
        return reference
    reference = trimmed(reference)
    given = parts(reference)
    if given.scheme and given.scheme not in ("http", "https"):
        return quote(reference)
    base = parts(address)
    if given.scheme or given.authority is not None:
        authority = _authority(given.authority or "")
        scheme = given.scheme or base.scheme
        return f"{scheme}://{authority}{quote(given.path + given.rest)}" if authority else ""
    origin = f"{base.scheme}://{base.authority}"
    if not given.path:
        kept = base.rest.partition("#")[0] if not given.rest.startswith("?") else ""
        return origin + base.path + kept + quote(given.rest)
    path = given.path if given.path[0] == "/" else base.path.rpartition("/")[0] + "/" + given.path
    return origin + quote((_without_dots(path) if "/." in path else path) + given.rest)


def origin(address: str) -> str:
    """Return scheme and host of an address where plain paths make usual URLs; else nothing."""
    found = parts(address)
    return _usual_origin(f"{found.scheme}://{found.authority}")


@lru_cache(maxsize=8)
def _usual_origin(text: str) -> str:
    return text if usual(text + "/") else ""


def settled(reference: str, home: str) -> str:
    """Return the absolute URL of a reference of which only one thing can be made; else nothing.

    A usual URL, or a plain path from the top of the site whose ``origin`` is ``home``: ``resolve``
    and ``sanitise.accepts`` would say the same of it, and it holds no template, mark or file.
    """
    if reference[:1] == "/":
        plain = home and len(reference) <= _BRIEF and _ROOTED.fullmatch(reference)
        return home + reference if plain else ""
    return reference if "%" not in reference and usual(reference) else ""


def usual(url: str) -> bool:
    """Whether a URL is absolute, of plain names, and holds nothing that is read otherwise."""
    return _USUAL.fullmatch(url) is not None


def host(url: str) -> str:
    """Return the host and port of a URL in lower case, a standard port left out."""
    return _host(url) if len(url) <= _LONGEST else _host.__wrapped__(url)


@lru_cache(maxsize=64)  # that of the site is asked for again and again
def _host(url: str) -> str:
    found = parts(url)
    name = (found.authority or "").rpartition("@")[2].lower()
    standard = {"http": ":80", "https": ":443"}.get(found.scheme, ":")
    return name.removesuffix(standard).removesuffix(":")


def below(path: str, reference: str) -> str:
    """Return a reference as a file path, from the folder ``path``; empty when it leaves the root.

    Percent-decoded, without query and fragment; both paths relative to one root.
    """
    name = unquote(parts(trimmed(reference)).path)
    kept: list[str] = [] if name.startswith("/") else [p for p in path.split("/") if p]
    for step in name.split("/"):
        if step == "..":
            if not kept:
                return ""
            kept.pop()
        elif step not in ("", "."):
            kept.append(step)
    found = "/".join(kept)
    return "" if "\\" in found or not found.isprintable() or name.endswith("/") else found


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986, 5.2.4); empty segments stay."""
    kept: list[str] = []
    steps = path.split("/")[1:]
    for step in steps:
        if step == "..":
            del kept[-1:]
        elif step != ".":
            kept.append(step)
    if steps and steps[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _authority(text: str) -> str:
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        return ""
    user, name, port = match.groups()
    if port and int(port[:6]) > _PORTS:
        return ""
    try:
        ascii_name = _ascii_host(unquote(name) if "%" in name else name)
    except (idna.IDNAError, ValueError):
        return ""
    login = quote(user) + "@" if user else ""
    return login + ascii_name + (f":{port}" if port else "")


def _ascii_host(name: str) -> str:
    """Return a host as DNS knows it; raises ValueError when it can't be one."""
    if name.startswith("["):
        return f"[{ipaddress.IPv6Address(name[1:-1])}]"
    if not name.isascii():
        name = idna.encode(name[:255], uts46=True).decode("ascii")
    if not _HOST.fullmatch(name) or ".." in name or name.startswith("."):
        raise ValueError("no host")
    last = name.rstrip(".").rpartition(".")[2]
    if last.isdigit() or last.lower().startswith("0x"):
        ipaddress.IPv4Address(name)
    return name
