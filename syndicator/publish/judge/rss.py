"""RSS 2.0 beyond being well-formed: its specification, its profile, and what validators ask."""

from collections.abc import Iterable
from typing import Final

from syndicator.publish.judge.dates import is_rfc822
from syndicator.publish.judge.outline import ATOM, CONTENT, DC, MEDIA, Element, at
from syndicator.publish.judge.verdict import Verdict, short

_CHANNEL: Final = frozenset(
    {
        *("title", "link", "description", "language", "copyright", "managingEditor", "webMaster"),
        *("pubDate", "lastBuildDate", "category", "generator", "docs", "cloud", "ttl", "image"),
        *("rating", "textInput", "skipHours", "skipDays", "item"),
    }
)
_ITEM: Final = frozenset(
    {
        *("title", "link", "description", "author", "category", "comments", "enclosure", "guid"),
        *("pubDate", "source"),
    }
)
_DATES = ("pubDate", "lastBuildDate")
_WIDEST, _HIGHEST = 144, 400  # pixels of a channel's image (RSS 2.0)
_PICTURES = (".jpg", ".jpeg", ".png", ".gif")
_SYNDICATION = "{http://purl.org/rss/1.0/modules/syndication/}"
_FREQUENT = {f"{_SYNDICATION}{name}" for name in ("updatePeriod", "updateFrequency", "updateBase")}
# Prefixes that validators reserve for one namespace each.
_RESERVED: Final = {
    "content": CONTENT.strip("{}"),
    "dc": DC.strip("{}"),
    "media": MEDIA.strip("{}"),
    "atom": ATOM.strip("{}"),
    "sy": _SYNDICATION.strip("{}"),
    "cc": "http://web.resource.org/cc/",
}


def rss(root: Element, verdict: Verdict) -> None:
    """Judge a feed of version 2.0; one of another version is only said to be that."""
    if root.tag != "rss" or root.get("version") != "2.0":
        verdict.find("FEED002", "error", "rss: version is not 2.0", line=at(root))
        return
    for prefix, name in root.nsmap.items():
        if prefix in _RESERVED and _RESERVED[prefix] != name:
            verdict.find("FEED016", "warning", f"the prefix {prefix} is used for {short(name)}")
    channels = root.findall("channel")
    if len(channels) != 1:
        verdict.find("FEED002", "error", f"rss: {len(channels)} channels")
    for channel in channels:
        _required(channel, ("title", "link", "description"), verdict)
        _known(channel, _CHANNEL, verdict)
        _people(channel, verdict)
        _image(channel, verdict)
        for item in channel.findall("item"):
            _item(item, verdict)


def _item(item: Element, verdict: Verdict) -> None:
    line = at(item)
    if item.find("title") is None and item.find("description") is None:
        verdict.find("FEED002", "error", "item: neither title nor description", line=line)
    _known(item, _ITEM, verdict)
    _people(item, verdict)
    guid = item.find("guid")
    if guid is None:
        verdict.find("FEED004", "warning", "item: no guid", line=line)
    elif guid.get("isPermaLink", "true") == "true" and not _web(guid.text):
        verdict.find("FEED004", "error", f"guid: {short(guid.text or '')!r} is no URL", line=line)
    if item.find("pubDate") is not None and item.find(f"{DC}date") is not None:
        verdict.find("FEED005", "warning", "item: both pubDate and dc:date", line=line)
    for source in item.findall("source"):
        if not _web(source.get("url")):
            verdict.find("FEED002", "error", "source: no url", line=at(source))
    _order(item, verdict)
    _enclosures(item.findall("enclosure"), verdict)


def _order(item: Element, verdict: Verdict) -> None:
    """Readers that know one of the two take the first, or the last, they see."""
    names = [one.tag for one in item]
    both = f"{CONTENT}encoded" in names and "description" in names
    if both and names.index(f"{CONTENT}encoded") < names.index("description"):
        says = "content:encoded stands before description"
        verdict.find("FEED011", "warning", says, line=at(item))


def _required(channel: Element, names: Iterable[str], verdict: Verdict) -> None:
    for name in names:
        found = channel.find(name)
        if found is None or not (found.text or "").strip():
            line = at(channel)
            verdict.find("FEED002", "error", f"channel: {name} is missing or empty", line=line)


def _known(element: Element, names: frozenset[str], verdict: Verdict) -> None:
    """Find elements that RSS does not define, and those that stand twice."""
    seen = set()
    for one in element:
        if not isinstance(one.tag, str):
            continue
        line = at(one)
        plain = not one.tag.startswith("{")
        strange = plain and one.tag not in names
        misspelt = one.tag.startswith(_SYNDICATION) and one.tag not in _FREQUENT
        if strange or misspelt or one.tag.startswith("{http://www.w3.org/1999/xhtml}"):
            verdict.find("FEED016", "error", f"{short(one.tag)} is not defined here", line=line)
        if plain and one.tag in seen and one.tag not in {"category", "item", "enclosure"}:
            verdict.find("FEED002", "error", f"{one.tag} stands twice", line=line)
        seen.add(one.tag)
        if one.tag in _DATES and not is_rfc822(one.text or ""):
            says = f"{one.tag}: {short(one.text or '')!r} is no date of RFC 822"
            verdict.find("FEED005", "error", says, line=line)


def _people(element: Element, verdict: Verdict) -> None:
    """Find authors that are no e-mail addresses: names go into dc:creator."""
    for name in ("author", "managingEditor", "webMaster"):
        for one in element.findall(name):
            if "@" not in (one.text or ""):
                line = at(one)
                says = f"{name}: {short(one.text or '')!r} holds no e-mail address"
                verdict.find("FEED013", "error", says, hint="names go into dc:creator", line=line)
    if element.find("author") is not None and element.find(f"{DC}creator") is not None:
        line = at(element)
        verdict.find("FEED013", "warning", "both author and dc:creator", line=line)


def _image(channel: Element, verdict: Verdict) -> None:
    image = channel.find("image")
    if image is None:
        return
    line = at(image)
    for name, most in (("width", _WIDEST), ("height", _HIGHEST)):
        text = image.findtext(name)
        if text is not None and not (text.isdecimal() and int(text) <= most):
            verdict.find("FEED015", "error", f"image: {name} is more than {most}", line=line)
    url = (image.findtext("url") or "").partition("?")[0].lower()
    if not url.endswith(_PICTURES):
        verdict.find("FEED015", "warning", "image: no JPEG, PNG or GIF", line=line)


def _enclosures(found: list[Element], verdict: Verdict) -> None:
    if len(found) > 1:
        line = at(found[1])
        verdict.find("FEED012", "warning", f"{len(found)} enclosures: readers show one", line=line)
    for one in found:
        length = one.get("length", "")
        if not (_web(one.get("url")) and length.isdecimal() and "/" in one.get("type", "")):
            line = at(one)
            verdict.find("FEED012", "error", "enclosure: url, length or type is wrong", line=line)


def _web(url: str | None) -> bool:
    return (url or "").strip().lower().startswith(("http://", "https://"))
