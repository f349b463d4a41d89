"""What every feed owes its readers, whatever the format: ids, dates, addresses, safe text."""

import re
from collections import Counter
from html import unescape
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from syndicator.publish.judge.dates import is_rfc822, is_rfc3339
from syndicator.publish.judge.outline import Outline, Seen
from syndicator.publish.judge.verdict import Verdict, short

LARGE = 1_000_000  # bytes; JSON Feed 1.1 calls one megabyte a burden
_BAD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd-\uffff]")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:amp|lt|gt|quot|nbsp|#\d+|#x[0-9a-fA-F]+);")
_BARE = re.compile(r"&(?!(?:[a-zA-Z][a-zA-Z0-9]*|#\d+|#[xX][0-9a-fA-F]+);)|<(?![a-zA-Z/!?])")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_POWERFUL = "script, iframe, object, embed, form, meta, link, style, base, frame, applet"
_STYLE = re.compile(r"expression|behaviou?r|javascript|position|@import", re.IGNORECASE)
_LEADING = ("href", "src", "poster", "action", "cite", "data")


def feed(seen: Outline, verdict: Verdict, address: str) -> None:
    """Judge a feed as a whole; ``address`` is where it is served, "" where that is not known."""
    if not seen.title.strip():
        verdict.find("FEED002", "error", "the feed has no title")
    if seen.format == "opml":
        return
    if not seen.address:
        verdict.find("FEED003", "warning", "the feed does not say its own address (rel=self)")
    elif address and seen.address != address:
        says = f"the feed says it is {short(seen.address)}, and is served as {short(address)}"
        verdict.find("FEED003", "error", says, hint="hubs and readers keep the one it says")
    for name, url in (("home", seen.home), ("next", seen.following), ("self", seen.address)):
        if url and not _absolute(url):
            verdict.find("FEED006", "error", f"{name}: {short(url)!r} is no absolute web address")
    if seen.language and not _LANGUAGE.fullmatch(seen.language):
        verdict.find("FEED018", "error", f"language: {short(seen.language)!r} is no language tag")
    _characters("title", seen.title, verdict, 0)
    _plain("title of the feed", seen.title, verdict, 0)
    _identity(seen, verdict)
    for entry in seen.entries:
        _entry(entry, seen.format, verdict)


def size(count: int, verdict: Verdict) -> None:
    """Judge how much every reader has to fetch."""
    if count > LARGE:
        says = f"{count:,} bytes: readers fetch all of it each time a post is new"
        verdict.find("FEED020", "warning", says, hint="fewer entries, or summaries")


def _identity(seen: Outline, verdict: Verdict) -> None:
    """Each id and address once; the feed as new as its newest entry."""
    for name, values in (
        ("id", [entry.id for entry in seen.entries]),
        ("address", [entry.url for entry in seen.entries if entry.url]),
    ):
        for value, count in Counter(values).items():
            if count > 1:
                says = f"{count} entries have the {name} {short(value)!r}"
                verdict.find("FEED004", "error" if name == "id" else "warning", says)
    newest = max((one.updated for one in seen.entries if one.updated), default=None)
    if seen.updated and newest and seen.updated < newest:
        verdict.find("FEED005", "warning", "the feed is older than its newest entry")


def _entry(entry: Seen, kind: str, verdict: Verdict) -> None:
    line = entry.line
    name = short(entry.title or entry.id)
    if not entry.id:
        verdict.find("FEED004", "error", f"{name}: no id", line=line)
    _dates(entry, name, kind, verdict)
    for which, url in (("address", entry.url), ("picture", entry.image)):
        if url and not _absolute(url):
            says = f"{name}: the {which} {short(url)!r} is no absolute web address"
            verdict.find("FEED006", "error", says, line=line)
    _characters(name, f"{entry.title} {entry.summary} {entry.html}", verdict, line)
    if _BIDI.search(entry.title):
        verdict.find("FEED008", "warning", f"{name}: turns the direction of writing", line=line)
    _plain(name, entry.title, verdict, line)
    if kind == "rss" and _BARE.search(entry.summary):
        says = f"{name}: the description is HTML, and holds a bare & or <"
        verdict.find("FEED009", "warning", says, line=line)
    for html in (entry.html, entry.summary if kind != "json" else ""):
        if "<" in html:
            _html(name, html, verdict, line)
    _pictures(entry, name, verdict)


def _dates(entry: Seen, name: str, kind: str, verdict: Verdict) -> None:
    for date in entry.dates:
        rfc822 = kind == "rss" and is_rfc822(date)
        if not (rfc822 or is_rfc3339(date)):
            says = f"{name}: {short(date)!r} is no date with its offset"
            verdict.find("FEED005", "error", says, line=entry.line)
    if not entry.dates:
        verdict.find("FEED005", "warning", f"{name}: no date", line=entry.line)


def _characters(name: str, text: str, verdict: Verdict, line: int) -> None:
    found = _BAD.search(text)
    if found:
        says = f"{name}: holds the character U+{ord(found[0]):04X}"
        verdict.find("FEED008", "warning", says, line=line)


def _plain(name: str, title: str, verdict: Verdict, line: int) -> None:
    if _MARKUP.search(title) or "\n" in title:
        verdict.find("FEED009", "warning", f"{name}: markup in a title", line=line)


def _html(name: str, html: str, verdict: Verdict, line: int) -> None:
    """Judge what a reader would have to sanitise, and what would lead nowhere."""
    tree = LexborHTMLParser(html, is_fragment=True)
    for node in tree.css(_POWERFUL):
        verdict.find("FEED007", "warning", f"{name}: holds <{node.tag}>", line=line)
    for node in tree.css("*"):
        for key, written in node.attributes.items():
            value = (written or "").strip()
            if key.startswith("on") or (key == "style" and _STYLE.search(value)):
                verdict.find("FEED007", "warning", f"{name}: {key} on <{node.tag}>", line=line)
            if key in _LEADING:
                _address(f"{name}: {key} of <{node.tag}>", value, verdict, line)


def _address(name: str, value: str, verdict: Verdict, line: int) -> None:
    scheme = value.partition(":")[0].lower()
    if scheme in {"javascript", "vbscript", "data"} and ":" in value:
        verdict.find("FEED007", "warning", f"{name} is {scheme}:", line=line)
    elif not _absolute(value) and scheme not in {"mailto", "tel", "tag", "urn", "cid", "xmpp"}:
        says = f"{name} is {short(value)!r}, which is relative"
        verdict.find("FEED006", "warning", says, line=line)


def _pictures(entry: Seen, name: str, verdict: Verdict) -> None:
    """Readers show a picture twice when the text names it otherwise than the head does."""
    if not entry.image or not entry.html:
        return
    shown = {unescape(url) for url in re.findall(r'<img[^>]*\bsrc="([^"]*)"', entry.html)}
    file = urlsplit(entry.image).path.rpartition("/")[2]
    others = [url for url in shown if urlsplit(url).path.rpartition("/")[2] == file]
    if others and entry.image not in shown:
        says = f"{name}: one picture under two addresses: {short(entry.image)}, {short(others[0])}"
        verdict.find("FEED019", "warning", says, line=entry.line)


def _absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
