"""A feed as a reader sees it, whoever wrote it: RSS 0.9 to 2.0, Atom 1.0, JSON Feed.

feedparser, which reads more, loses the offset of dates and the line of an entry, and knows no JSON
Feed. Entities of a document type are never expanded, nothing outside the bytes is ever read.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urljoin

from lxml import etree

from syndicator.publish.judge.dates import moment

Format = Literal["rss", "atom", "json", "opml", ""]

ATOM: Final = "{http://www.w3.org/2005/Atom}"
CONTENT: Final = "{http://purl.org/rss/1.0/modules/content/}"
DC: Final = "{http://purl.org/dc/elements/1.1/}"
DCTERMS: Final = "{http://purl.org/dc/terms/}"
MEDIA: Final = "{http://search.yahoo.com/mrss/}"
XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_SPACE = " \t\r\n"  # XML's, and no more: what else Python strips is a fault in a feed
_ORIGIN = "{http://rssnamespace.org/feedburner/ext/1.0}origLink"
_RSS1 = "{http://purl.org/rss/1.0/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"

Element = etree._Element  # noqa: SLF001  # lxml's own name for it in annotations


class Unreadable(ValueError):  # noqa: N818  # what it says, as errors.py names them
    """The bytes are no feed that could be read; says why, and in which line."""

    def __init__(self, says: str, line: int = 0) -> None:
        """Keep both."""
        super().__init__(says)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An entry as a reader sees it; URLs absolute where the feed allows it, "" for what is not."""

    id: str
    url: str = ""
    title: str = ""
    summary: str = ""  # as written: HTML where the format says so
    html: str = ""
    image: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    dates: tuple[str, ...] = ()  # as written
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed: what it is, what it is called, and its entries in their order."""

    format: Format
    title: str = ""
    home: str = ""
    address: str = ""  # what it says its own is
    following: str = ""  # the next page of it (RFC 5005, 3)
    earlier: str = ""  # the archive before it (RFC 5005, 4)
    language: str = ""
    hubs: tuple[str, ...] = ()
    updated: datetime | None = None
    entries: tuple[Seen, ...] = ()
    tree: Element | None = field(default=None, repr=False, compare=False)
    data: Any = field(default=None, repr=False, compare=False)


def at(element: Element) -> int:
    """Tell in which line an element begins; 0 where that is not known."""
    return int(element.sourceline or 0)  # type: ignore[no-any-return, truthy-bool, call-overload]  # the stubs leave its type open


def outline(body: bytes) -> Outline:
    """Read a feed; raise Unreadable where the bytes are none."""
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return _json(body)
    tree = parse(body)
    if tree.tag == f"{ATOM}feed":
        return _atom(tree)
    if tree.tag in {"rss", f"{_RDF}RDF"}:
        return _rss(tree)
    if tree.tag == "opml":
        return Outline(format="opml", title=_text(tree.find("head/title")), tree=tree)
    raise Unreadable(f"the root element is {str(tree.tag)[:80]}: neither RSS, Atom nor OPML", 1)


def parse(body: bytes) -> Element:
    """Parse XML: no entity is expanded, no file or address is read, no depth without end."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"not well-formed: {error.msg}", error.lineno or 0) from error
    except ValueError as error:
        raise Unreadable(f"not well-formed: {error}") from error


# --- Atom ---------------------------------------------------------------------------------------


def _atom(feed: Element) -> Outline:
    base = feed.get(f"{XML}base", "")
    return Outline(
        format="atom",
        title=_text(feed.find(f"{ATOM}title")),
        home=_link(feed, "alternate", base),
        address=_link(feed, "self", base),
        following=_link(feed, "next", base),
        earlier=_link(feed, "prev-archive", base),
        language=feed.get(f"{XML}lang", ""),
        hubs=tuple(_links(feed, "hub", base)),
        updated=moment(_text(feed.find(f"{ATOM}updated"))),
        entries=tuple(_atom_entry(one, base) for one in feed.findall(f"{ATOM}entry")),
        tree=feed,
    )


def _atom_entry(entry: Element, base: str) -> Seen:
    base = urljoin(base, entry.get(f"{XML}base", ""))
    published = _text(entry.find(f"{ATOM}published"))
    updated = _text(entry.find(f"{ATOM}updated"))
    content = entry.find(f"{ATOM}content")
    return Seen(
        id=_text(entry.find(f"{ATOM}id")),
        url=_link(entry, "alternate", base),
        title=_text(entry.find(f"{ATOM}title")),
        summary=_text(entry.find(f"{ATOM}summary")),
        html=_inner(content),
        image=_image(entry),
        authors=tuple(_text(one) for one in entry.findall(f"{ATOM}author/{ATOM}name")),
        tags=tuple(one.get("term", "") for one in entry.findall(f"{ATOM}category")),
        published=moment(published),
        updated=moment(updated),
        dates=tuple(filter(None, (published, updated))),
        line=at(entry),
    )


def _links(element: Element, rel: str, base: str) -> Iterator[str]:
    for one in element.findall(f"{ATOM}link"):
        if one.get("rel", "alternate") == rel:
            yield urljoin(base, one.get("href", ""))


def _link(element: Element, rel: str, base: str = "") -> str:
    return next(_links(element, rel, base), "")


def _inner(element: Element | None) -> str:
    """Return HTML: escaped, or of an XHTML div as it would be escaped."""
    if element is None:
        return ""
    if element.get("type") == "xhtml" and len(element):
        return etree.tostring(element[0], encoding="unicode", method="html", with_tail=False)
    return _text(element)


# --- RSS ----------------------------------------------------------------------------------------


def _rss(root: Element) -> Outline:
    """Read RSS; 1.0 has its items beside the channel, and everything in a namespace."""
    for one in root.iter(f"{_RSS1}*"):
        one.tag = str(one.tag).removeprefix(_RSS1)
    channel = root.find("channel")
    if channel is None:
        raise Unreadable("RSS without a channel", at(root))
    return Outline(
        format="rss",
        title=_text(channel.find("title")),
        home=_text(channel.find("link")),
        address=_link(channel, "self"),
        following=_link(channel, "next"),
        earlier=_link(channel, "prev-archive"),
        language=_text(channel.find("language")),
        hubs=tuple(_links(channel, "hub", "")),
        updated=moment(_text(channel.find("lastBuildDate"))),
        entries=tuple(_item(one) for one in root.iter("item")),
        tree=root,
    )


def _item(item: Element) -> Seen:
    guid = item.find("guid")
    key = _text(guid)
    permanent = guid is not None and guid.get("isPermaLink", "true").lower() == "true"
    url = _text(item.find(_ORIGIN)) or _text(item.find("link"))
    posted = _text(item.find("pubDate")) or _text(item.find(f"{DC}date"))
    changed = _text(item.find(f"{ATOM}updated")) or _text(item.find(f"{DCTERMS}modified"))
    authors = [*item.findall(f"{DC}creator"), *item.findall("author")]
    return Seen(
        id=key or item.get(f"{_RDF}about", "") or url,
        url=url or (key if permanent else ""),
        title=_text(item.find("title")),
        summary=_text(item.find("description")),
        html=_text(item.find(f"{CONTENT}encoded")),
        image=_image(item),
        authors=tuple(filter(None, map(_text, authors))),
        tags=tuple(filter(None, map(_text, item.findall("category")))),
        published=moment(posted),
        updated=moment(changed),
        dates=tuple(filter(None, (posted, changed))),
        line=at(item),
    )


def _image(element: Element) -> str:
    found = element.find(f"{MEDIA}content")
    return found.get("url", "") if found is not None else ""


def _text(element: Element | None) -> str:
    return "".join(map(str, element.itertext())).strip(_SPACE) if element is not None else ""


# --- JSON Feed ----------------------------------------------------------------------------------


def _json(body: bytes) -> Outline:
    try:
        data: Any = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unreadable("not UTF-8", body.count(b"\n", 0, error.start) + 1) from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error.msg}", error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {str(error)[:80]}") from error
    if "jsonfeed.org" not in str(data.get("version", "")):
        raise Unreadable("JSON, but no feed: version names no version of JSON Feed", 1)
    items = data.get("items")
    hubs = data.get("hubs")
    return Outline(
        format="json",
        title=_said(data, "title"),
        home=_said(data, "home_page_url"),
        address=_said(data, "feed_url"),
        following=_said(data, "next_url"),
        language=_said(data, "language"),
        hubs=tuple(_said(hub, "url") for hub in hubs) if isinstance(hubs, list) else (),
        entries=tuple(map(_json_item, items)) if isinstance(items, list) else (),
        data=data,
    )


def _json_item(item: object) -> Seen:
    people = item.get("authors") if isinstance(item, dict) else None
    tags = item.get("tags") if isinstance(item, dict) else None
    posted, changed = _said(item, "date_published"), _said(item, "date_modified")
    return Seen(
        id=_said(item, "id"),
        url=_said(item, "url"),
        title=_said(item, "title"),
        summary=_said(item, "summary"),
        html=_said(item, "content_html") or _said(item, "content_text"),
        image=_said(item, "image"),
        authors=tuple(_said(one, "name") for one in people) if isinstance(people, list) else (),
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        published=moment(posted),
        updated=moment(changed),
        dates=tuple(filter(None, (posted, changed))),
    )


def _said(table: object, key: str) -> str:
    value = table.get(key) if isinstance(table, dict) else None
    return value.strip(_SPACE) if isinstance(value, str) else ""
