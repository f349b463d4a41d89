"""Where a post stands on its site: the address its front matter names, or one made of its path."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, time
from typing import Final

from syndicator.model.posts import Site
from syndicator.normalise import permalinks, urls
from syndicator.normalise.dates import named_day
from syndicator.normalise.findings import Findings, Flaw, shown
from syndicator.normalise.permalinks import Facts
from syndicator.normalise.values import Found, Front, folded

_ENDING: Final = re.compile(r"\.(?:md|markdown|mdown|mkd|txt)\Z", re.IGNORECASE)
_PAGE: Final = re.compile(r"\.(?:[sx]?html?|php|aspx?|jsp)\Z", re.IGNORECASE)
_WAYS_UP: Final = re.compile(r"(?:^|/)(?:\.|%2e){2}(?:/|$)", re.IGNORECASE)
_CAPITAL: Final = re.compile(r"%[0-9A-Fa-f]{2}|([A-Z])")
_LONGEST: Final = 8000  # characters that servers take at least (RFC 9110, 4.1)
_KEYS: Final = ("permalink", "url", "path", "saveas")
_FILLED: Final = ("permalink", "url")


def address(
    front: Front, path: str, site: Site, facts: Callable[[], Facts], findings: Findings
) -> str:
    """Return the absolute ASCII URL of a post, inside ``site.url``.

    The front matter's own comes first, then the pattern of its folder, then the file's path.

    Raises ``Flaw``: URL006 a template, no text at all, or no end of it, URL007 a way off the site.
    """
    for found in front.every(*_KEYS):
        if found.value is False and found.name.lower() == "permalink":
            break  # Eleventy and Jekyll: no address of its own
        if named := _named(found, site.url, facts):
            _judge(found, named, dateless(stem(path)), findings)
            return named
    own = own_path(path)
    if pattern := _pattern(path, site.permalinks):
        filled = permalinks.filled(pattern, facts())
        return site.url + _fit("content.permalinks", filled.lstrip("/"), (1, 1))
    slug = front.get("slug")
    if slug is not None and (last := _text(slug).strip().strip("/")):
        own = own[:-1].rpartition("/")[0]
        own = (own + "/" if own else "") + _safe(slug, last) + "/"
        if _capital(last):
            _capitals(slug, findings)
    return site.url + own


def page(url: str) -> str:
    """Return the URL against which a post's references are read.

    An address such as ``2017/06/27/title`` is a folder's: servers answer it with a slash.
    """
    found = urls.parts(url)
    if _PAGE.search(found.path) or found.path.endswith("/"):
        return url
    return f"{found.scheme}://{found.authority}{found.path}/"


def bare(path: str) -> str:
    """Return a path without the ending of its file, and without ``index`` of a bundle."""
    path = _ENDING.sub("", path)
    return path[:-6] if path[-6:].lower() == "/index" else path


def stem(path: str) -> str:
    """Return the name by which a file is known, without ending: a bundle's is its folder's."""
    return bare(path).rpartition("/")[2]


def dateless(name: str) -> str:
    """Return a name without the date it starts with, unless the date is all there is."""
    try:
        return named_day(name)[1] or name
    except Flaw:  # no such day: said where the date is read
        return name


def own_path(path: str) -> str:
    """Return the path of an address made of a file's path: quoted, with a slash at its end.

    Raises ``Flaw`` URL007 when nothing but dots is left of a name.
    """
    folder, _, name = path.rpartition("/")
    name = _ENDING.sub("", name)
    steps = folder.split("/") if folder else []
    if name.lower() != "index":
        steps.append(name)
    if steps:
        steps[-1] = dateless(steps[-1])
    steps = [step.removeprefix("_") or step for step in steps]
    if any(step in (".", "..") for step in steps):
        raise Flaw("URL007", f"{shown(path)!r} gives no address", "rename the file")
    return "".join(urls.quote_segment(step) + "/" for step in steps)


def of_path(path: str, site: Site) -> str:
    """Return the address that a file has by its path alone; empty where that does not settle it.

    Its front matter may name another one.
    """
    if not path:
        return ""
    try:
        if pattern := _pattern(path, site.permalinks):
            return site.url + _by_pattern(pattern, path)
        return site.url + own_path(path.replace("/_index.", "/index."))
    except Flaw:
        return ""


def _by_pattern(pattern: str, path: str) -> str:
    """Fill in a pattern with what a path says; raises ``Flaw`` where it asks for more."""
    day, name = named_day(stem(path))
    at = datetime.combine(day, time(12)) if day else None
    facts = Facts(bare(path), name or stem(path), title="", slug="", categories=(), at=at)
    if permalinks.asks_front_matter(pattern):
        raise Flaw("URL006", "the pattern asks for front matter")
    return urls.quote(permalinks.filled(pattern, facts).lstrip("/"))


def _named(found: Found, site_url: str, facts: Callable[[], Facts]) -> str:
    """Return the address a key names; empty when it names none."""
    text = urls.trimmed(_text(found))
    if not text:
        return ""
    key = folded(found.name)
    if key == "saveas" and text.rpartition("/")[2] == "index.html":
        text = text.removesuffix("index.html")  # Pelican: the file, where others name the folder
    given = urls.parts(text)
    if not given.scheme and given.authority is None:
        if key in _FILLED and ":" in text:
            try:
                text = permalinks.filled(text, facts(), hugo=key == "url")
            except Flaw as flaw:
                says = f"{found.name}: {flaw.says}"
                raise Flaw(flaw.code, says, flaw.hint, found.place) from None
        return site_url + _safe(found, text.lstrip("/"))
    whole = urls.resolve(site_url, text)
    home = urls.parts(site_url)
    there = given.scheme == home.scheme and urls.host(whole) == urls.host(site_url)
    if not (there and (urls.parts(whole).path or "/").startswith(home.path)):
        raise Flaw(
            "URL007",
            f"{found.name}: {shown(text)!r} is not an address below {site_url}",
            "name a path below the site's address, such as news/my-post/",
            found.place,
        )
    own = f"{home.scheme}://{home.authority}{_safe(found, urls.parts(whole).path)}"
    return _bounded(found.name, own + urls.quote(given.rest), found.place)


def _pattern(path: str, patterns: Iterable[tuple[str, str]]) -> str:
    """Return the pattern of the folder nearest to a file, or nothing."""
    over = [one for one in patterns if not one[0] or path.startswith(one[0] + "/")]
    return max(over, key=lambda one: len(one[0]), default=("", ""))[1]


def _judge(found: Found, url: str, name: str, findings: Findings) -> None:
    """Say what is odd about an address that a key names."""
    path = urls.parts(url).path
    if _capital(path):
        _capitals(found, findings)
    key = folded(found.name)
    text = found.text
    if key in _FILLED and text[:1].isalnum() and urls.parts(text).scheme == "":
        at = found.mark.start + (findings.text[found.mark.start : found.mark.start + 1] in "\"'")
        sure = found.mark.start >= 0 and findings.text.startswith(text, at)
        findings.add(
            "info",
            "URL005",
            f"{found.name}: {shown(text)!r} does not start with a slash; it is read from the top",
            "put a slash before it, as every tool understands it",
            found.place,
            edits=(findings.edit(at, at, "/"),) if sure else (),
        )
    last = _PAGE.sub("", path.rstrip("/")).rpartition("/")[2]
    own = urls.quote_segment(name)
    if key in _FILLED and ":" not in text and last and last.lower() != own.lower():
        findings.warn(
            "URL003",
            f"{found.name} ends in {shown(last)!r}, the file is called {shown(name)!r}",
            "rename one of the two, so that the post is found by its address",
            found.place,
        )


def _capital(path: str) -> bool:
    return any(match.group(1) for match in _CAPITAL.finditer(path))


def _capitals(found: Found, findings: Findings) -> None:
    findings.info(
        "URL004",
        f"{found.name} holds capitals; some servers take the address for another one without",
        "write it in small letters",
        found.place,
    )


def _text(found: Found) -> str:
    if isinstance(found.value, (list, dict, bool)):
        raise Flaw(
            "URL006",
            f"{found.name} is not an address but {shown(found.value)}",
            "write it as text, such as news/my-post/",
            found.place,
        )
    return found.text


def _safe(found: Found, text: str) -> str:
    return _fit(found.name, text, found.place)


def _fit(name: str, text: str, place: tuple[int, int]) -> str:
    """Return a path fit for a URL; raises ``Flaw`` where it is a template or leads upwards."""
    if urls.templated(text):
        raise Flaw(
            "URL006",
            f"{name}: {shown(text)!r} holds a template, which is not filled in here",
            "write the whole address",
            place,
        )
    if _WAYS_UP.search(text.partition("?")[0].partition("#")[0]) or "\\" in text:
        raise Flaw(
            "URL007",
            f"{name}: {shown(text)!r} leads out of the site",
            "write it without .. and backslashes",
            place,
        )
    return _bounded(name, urls.quote(text.removeprefix("./")), place)


def _bounded(name: str, address: str, place: tuple[int, int]) -> str:
    """Return an address that servers take; raises ``Flaw`` where it is one beyond all measure."""
    if len(address) > _LONGEST:
        raise Flaw(
            "URL006",
            f"{name}: {shown(address)!r} is longer than {_LONGEST:,} characters",
            "name a shorter one: servers and readers refuse this",
            place,
        )
    return address
