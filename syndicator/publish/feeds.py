"""RSS and Atom through feedgen, and the one extension for what it lacks or does wrong.

feedgen 1.0.0 loses rel and type of an entry's links in Atom (lkiesow/python-feedgen#135), knows
no authors without e-mail addresses in RSS, sets ``media:content`` into a group that validators
refuse, formats dates by switching the locale of the process, and fills dates that nobody gave it
from the clock. Its public API builds the tree; ``_Channel`` and ``_Entry`` put it right.
"""

from datetime import UTC, datetime
from html import escape
from typing import Protocol

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from syndicator.model import Edition, Entry, Site
from syndicator.publish.items import Item, body, item, title
from syndicator.publish.settings import Feed
from syndicator.publish.text import language, line, rfc822, rfc3339

_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # an Atom feed needs a date, even without an entry
_NAME = "syndicator"  # under which feedgen keeps the extension


def build(edition: Edition, feed: Feed, media_type: str) -> FeedGenerator:
    """Return a feedgen feed with everything that RSS and Atom share, entries in their order.

    ``updated`` is that of the entry changed last, the epoch where there is none. What only one
    of the formats needs (RSS: ``description``, Atom: ``author``) is for the caller to add.
    """
    site = edition.site
    made = FeedGenerator()
    made.register_extension(_NAME, _Channel, _Entry)
    made.title(title(site))
    made.id(feed.tag(site))
    made.link(href=feed.url(site), rel="self", type=media_type)
    made.link(href=site.url, rel="alternate", type="text/html")  # last: RSS takes the last one
    made.language(language(site.language) or None)
    made.generator(line(edition.generator))
    changed = [_add(made, entry, site) for entry in edition.entries(feed.limit)]
    made.syndicator.newest = max(changed, default=None)
    made.updated(made.syndicator.newest or _NEVER)
    return made


def _add(made: FeedGenerator, entry: Entry, site: Site) -> datetime:
    """Append an entry, and return when it was updated."""
    said = item(entry, site)
    one = FeedEntry()
    made.add_entry(one, order="append")
    one.id(said.id)
    one.title(said.title)
    one.link(href=said.url, rel="alternate", type="text/html")
    if said.summary:
        # As html, for plain text besides a content makes rss2email mail nothing but the summary.
        one.summary(escape(said.summary, quote=False), type="html")
    one.content(body(entry, site), type="html")
    for name in said.authors:
        one.author(name=name)
    for tag in said.tags:
        one.category(term=tag)
    one.updated(said.updated)
    one.syndicator.item = said
    return said.updated


class _Element(Protocol):
    """As much of an lxml element as the extension needs."""

    tag: str
    text: str | None

    def find(self, path: str) -> "_Element | None": ...
    def set(self, key: str, value: str) -> None: ...
    def remove(self, element: "_Element") -> None: ...


class _Channel:
    """The extension's part for a feed; feedgen calls it when the head of the feed is built."""

    newest: datetime | None = None

    def extend_ns(self) -> dict[str, str]:
        """Declare on the root what entries use, so that none of them has to."""
        return {"dc": _DC.strip("{}"), "media": _MEDIA.strip("{}")}

    def extend_rss(self, root: _Element) -> None:
        """Write lastBuildDate without the locale; leave it out of a feed without entries."""
        channel = _required(root, "channel")
        built = _required(channel, "lastBuildDate")
        if self.newest is None:
            channel.remove(built)
        else:
            built.text = rfc822(self.newest)

    def extend_atom(self, root: _Element) -> None:
        """Write updated to the second."""
        _required(root, "updated").text = rfc3339(self.newest or _NEVER)


class _Entry:
    """The extension's part for an entry; feedgen calls it when the entry's own part is built."""

    item: Item

    def extend_rss(self, root: _Element) -> None:
        """Add dates, authors, language and picture; full text is content:encoded, always."""
        said = self.item
        if not said.summary:
            _required(root, "description").tag = f"{_CONTENT}encoded"
        _text(root, "pubDate", rfc822(said.published))
        _text(root, f"{_ATOM}updated", rfc3339(said.updated))
        for name in said.authors:
            _text(root, f"{_DC}creator", name)
        if said.language:
            _text(root, f"{_DC}language", said.language)
        _picture(root, said)

    def extend_atom(self, root: _Element) -> None:
        """Mend the link, write the dates to the second, add language and picture."""
        said = self.item
        link = _required(root, "link")
        link.set("rel", "alternate")
        link.set("type", "text/html")
        _required(root, "updated").text = rfc3339(said.updated)
        _text(root, "published", rfc3339(said.published))
        if said.language:
            root.set(f"{_XML}lang", said.language)
        _picture(root, said)


def _picture(root: _Element, said: Item) -> None:
    """Add media:content and media:thumbnail (Media RSS 1.5.1), without group and description.

    A group of one is invalid, and readers take media:description for the summary.
    """
    if said.lead is None:
        return
    size: dict[str, str] = {}
    if said.lead.width and said.lead.height:
        size = {"width": str(said.lead.width), "height": str(said.lead.height)}
    kind = {"type": said.lead.media_type, "medium": "image", "fileSize": str(said.lead.size)}
    xml_elem(f"{_MEDIA}content", root, url=said.image, **kind, **size)
    xml_elem(f"{_MEDIA}thumbnail", root, url=said.image, **size)


def _text(root: _Element, name: str, text: str) -> None:
    xml_elem(name, root).text = text


def _required(root: _Element, name: str) -> _Element:
    """Return a child that feedgen always builds; if it stops to, say so instead of guessing."""
    found = root.find(name)
    if found is None:
        raise LookupError(f"feedgen built no <{name}>")
    return found
