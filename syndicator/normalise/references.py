"""What front matter says of other addresses: old ones, the true one, the source's, and an id."""

import re
from typing import Final

from syndicator.normalise import keys, plain, urls
from syndicator.normalise.findings import Findings, shown
from syndicator.normalise.sanitise import accepts
from syndicator.normalise.values import Found, Front, Value

_CANONICAL: Final = keys.spellings("canonical")
_SOURCE: Final = keys.spellings("source_url")
_ID: Final = keys.spellings("declared_id")
_REDIRECTS: Final = keys.spellings("redirects")
_MANY: Final = 1_000
_LONGEST: Final = 2_000
# Obsidian's aliases are other names of a note; an address has a slash, or the ending of a page
_ADDRESS: Final = re.compile(r"\S*/\S*|\S+\.html?", re.IGNORECASE)


def canonical(front: Front, site_url: str, findings: Findings) -> str:
    """Return the address where the same text has its home, absolute; empty when none is named."""
    return _first(front.custom(*_CANONICAL), site_url, findings)


def source_url(front: Front, site_url: str, findings: Findings) -> str:
    """Return the address of what the post tells of, absolute; empty when none is named."""
    return _first(front.custom(*_SOURCE), site_url, findings)


def declared_id(front: Front) -> str:
    """Return the id the front matter gives the post, as written; empty when it gives none."""
    for found in front.every(*_ID):
        if (text := plain.folded(found.text)) and len(text) <= _LONGEST:
            return text
    return ""


def redirects(front: Front, site_url: str) -> tuple[str, ...]:
    """Return the old addresses of the post, absolute, each once."""
    found: dict[str, None] = {}
    for one in front.every(*_REDIRECTS):
        for text in _texts(one.value)[:_MANY]:
            if (
                _ADDRESS.fullmatch(text)
                and len(text) <= _LONGEST
                and (url := _web(site_url, text))
            ):
                found[url] = None
    return tuple(found)


def _first(every: list[Found], site_url: str, findings: Findings) -> str:
    for found in every:
        if isinstance(found.value, bool):
            continue
        text = urls.trimmed(found.text)
        if text and len(text) <= _LONGEST and (url := _web(site_url, text)):
            return url
        findings.warn(
            "FM019",
            f"{found.name}: {shown(found.text or found.value)!r} is not a web address",
            "write https://… or a path from the top of the site",
            found.place,
        )
    return ""


def _web(site_url: str, text: str) -> str:
    """Return a reference as an absolute web address, or nothing."""
    if urls.templated(text) or " " in text:
        return ""
    given = urls.parts(text)
    rooted = text if given.scheme or text.startswith("/") else "/" + text
    home = urls.parts(site_url)
    below = rooted.startswith("/") and given.authority is None
    url = urls.resolve(site_url, home.path.rstrip("/") + rooted if below else rooted)
    return url if url.startswith(("http://", "https://")) and accepts(url) else ""


def _texts(value: Value) -> list[str]:
    several = value if isinstance(value, list) else [value]
    return [one.strip() for one in several if isinstance(one, str)]
