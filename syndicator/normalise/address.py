"""Where a post stands on its site: the address its front matter names, or one made of its path."""

import re
from typing import Final

from syndicator.normalise import urls
from syndicator.normalise.dates import named_day
from syndicator.normalise.findings import Flaw, shown
from syndicator.normalise.values import Found, Front

_ENDING: Final = re.compile(r"\.(?:md|markdown|mdown|mkd|txt)\Z", re.IGNORECASE)
_PAGE: Final = re.compile(r"\.(?:[sx]?html?|php|aspx?|jsp)\Z", re.IGNORECASE)
_PLACEHOLDER: Final = re.compile(r"(?:^|/):[A-Za-z_]+")
_WAYS_UP: Final = re.compile(r"(?:^|/)(?:\.|%2e){2}(?:/|$)", re.IGNORECASE)
_KEYS: Final = ("permalink", "url", "path")


def address(front: Front, path: str, site_url: str) -> str:
    """Return the absolute ASCII URL of a post, inside ``site_url`` (which ends in a slash).

    Raises ``Flaw``: URL006 a template or no text at all, URL007 a way off the site.
    """
    for found in front.every(*_KEYS):
        if found.value is False and found.name.lower() == "permalink":
            break  # Eleventy and Jekyll: no address of its own
        if named := _named(found, site_url):
            return named
    own = own_path(path)
    slug = front.get("slug")
    if slug is not None and (last := _text(slug).strip().strip("/")):
        own = own[:-1].rpartition("/")[0]
        own = (own + "/" if own else "") + _safe(slug, last) + "/"
    return site_url + own


def page(url: str) -> str:
    """Return the URL against which a post's references are read.

    An address such as ``2017/06/27/title`` is a folder's: servers answer it with a slash.
    """
    found = urls.parts(url)
    if _PAGE.search(found.path) or found.path.endswith("/"):
        return url
    return f"{found.scheme}://{found.authority}{found.path}/"


def stem(path: str) -> str:
    """Return the name by which a file is known, without ending: a bundle's is its folder's."""
    folder, _, name = path.rpartition("/")
    name = _ENDING.sub("", name)
    return folder.rpartition("/")[2] if name.lower() == "index" and folder else name


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


def _named(found: Found, site_url: str) -> str:
    """Return the address a key names; empty when it names none."""
    text = urls.trimmed(_text(found))
    if not text:
        return ""
    given = urls.parts(text)
    if not given.scheme and given.authority is None:
        return site_url + _safe(found, text.lstrip("/"))
    whole = urls.resolve(site_url, text)
    home = urls.parts(site_url)
    if given.scheme != home.scheme or not whole or urls.host(whole) != urls.host(site_url):
        raise Flaw(
            "URL007",
            f"{found.name}: {shown(text)!r} is not an address on {home.scheme}://{home.authority}",
            "name a path below the site's address, such as news/my-post/",
            found.place,
        )
    return f"{home.scheme}://{home.authority}{_safe(found, urls.parts(whole).path)}" + (
        urls.quote(given.rest)
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
    """Return a path fit for a URL; raises ``Flaw`` where it is a template or leads upwards."""
    if _PLACEHOLDER.search(text) or urls.templated(text):
        raise Flaw(
            "URL006",
            f"{found.name}: {shown(text)!r} holds a template, which is not filled in here",
            "write the whole address",
            found.place,
        )
    if _WAYS_UP.search(text.partition("?")[0].partition("#")[0]) or "\\" in text:
        raise Flaw(
            "URL007",
            f"{found.name}: {shown(text)!r} leads out of the site",
            "write it without .. and backslashes",
            found.place,
        )
    return urls.quote(text.removeprefix("./"))
