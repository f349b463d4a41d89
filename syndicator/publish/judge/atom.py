"""Atom 1.0 beyond its grammar, and what XML feeds of both kinds share."""

from collections import Counter

from syndicator.publish.judge.outline import ATOM, MEDIA, Element, at
from syndicator.publish.judge.verdict import Verdict, short

_TYPES = {"", "text", "html", "xhtml"}


def atom(feed: Element, verdict: Verdict) -> None:
    """Judge what the grammar can't say (RFC 4287, 4.1.1, 4.1.2 and 4.2.7)."""
    authored = feed.find(f"{ATOM}author") is not None
    _links(feed, verdict)
    for entry in feed.findall(f"{ATOM}entry"):
        line = at(entry)
        _links(entry, verdict)
        own = entry.find(f"{ATOM}author") is not None
        if not (authored or own or entry.find(f"{ATOM}source/{ATOM}author") is not None):
            verdict.find("FEED013", "error", "entry: no author, and none of the feed", line=line)
        content = entry.find(f"{ATOM}content")
        links = [one.get("rel", "alternate") for one in entry.findall(f"{ATOM}link")]
        if content is None and "alternate" not in links:
            verdict.find("FEED017", "error", "entry: neither content nor alternate", line=line)
        elsewhere = content is not None and content.get("src") is not None
        if elsewhere and entry.find(f"{ATOM}summary") is None:
            verdict.find("FEED017", "error", "entry: content elsewhere, no summary", line=line)
        for source in entry.findall(f"{ATOM}source"):
            if source.find(f"{ATOM}id") is None or source.find(f"{ATOM}updated") is None:
                verdict.find("FEED017", "warning", "source: no id or no updated", line=line)
        for name in ("title", "summary"):
            _typed(entry.find(f"{ATOM}{name}"), verdict)
    for name in ("title", "subtitle", "rights"):
        _typed(feed.find(f"{ATOM}{name}"), verdict)


def _typed(element: Element | None, verdict: Verdict) -> None:
    if element is not None and element.get("type", "") not in _TYPES:
        line = at(element)
        verdict.find("FEED002", "error", f"type {short(element.get('type', ''))!r}", line=line)


def _links(element: Element, verdict: Verdict) -> None:
    """One alternate for a type and language, one self; enclosures say what they are."""
    links = element.findall(f"{ATOM}link")
    keys = Counter(
        (one.get("rel", "alternate"), one.get("type", ""), one.get("hreflang", ""))
        for one in links
        if one.get("rel", "alternate") in {"alternate", "self"}
    )
    for (rel, kind, _), count in keys.items():
        if count > 1:
            says = f"{count} links of rel {rel} and type {kind or 'none'}"
            verdict.find("FEED014", "error", says, line=at(element))
    enclosures = [one for one in links if one.get("rel") == "enclosure"]
    if len(enclosures) > 1:
        says = f"{len(enclosures)} enclosures: readers show one"
        verdict.find("FEED012", "warning", says, line=at(enclosures[1]))
    for one in enclosures:
        if not (one.get("type") and one.get("length", "").isdecimal()):
            line = at(one)
            verdict.find("FEED012", "error", "enclosure: no type or no length", line=line)


def media(root: Element, verdict: Verdict) -> None:
    """Judge Media RSS (1.5.1): what readers make of groups and descriptions."""
    for group in root.iter(f"{MEDIA}group"):
        if len(group.findall(f"{MEDIA}content")) < 2:  # noqa: PLR2004  # one is no choice
            line = at(group)
            verdict.find("FEED010", "error", "media:group without alternatives", line=line)
    for one in root.iter(f"{MEDIA}description"):
        verdict.find(
            "FEED010",
            "warning",
            "media:description: readers take it for the summary",
            hint="put the alternative text on the picture in the text",
            line=at(one),
        )
