"""What feedgen lacks or does wrong, put right by one extension through its public API.

feedgen 1.0.0 loses rel and type of an entry's links in Atom (lkiesow/python-feedgen#135), knows
no authors without e-mail addresses in RSS, writes no link but self into a channel, sets
``media:content`` into a group that validators refuse, formats dates by switching the locale of the
process, and fills dates that nobody gave it from the clock.
"""

from datetime import UTC, datetime
from html import escape
from typing import Final, Protocol

from feedgen.util import xml_elem
from lxml.etree import ProcessingInstruction

from syndicator.model.posts import Site
from syndicator.publish.items import Item
from syndicator.publish.papers import Paper
from syndicator.publish.style import address
from syndicator.publish.text import rfc822, rfc3339, utc

_ATOM = "{http://www.w3.org/2005/Atom}"
_AT = "{http://purl.org/atompub/tombstones/1.0}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_FH = "{http://purl.org/syndication/history/1.0}"
_SOURCE = "{http://source.scripting.com/}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)  # an Atom feed needs a date, even without an entry
NAME: Final = "syndicator"  # under which feedgen keeps the extension
_HISTORY = ("first", "previous", "next", "last", "current", "prev-archive", "next-archive")


class _Element(Protocol):
    """As much of an lxml element as the extension needs."""

    tag: str
    text: str | None

    def find(self, path: str) -> "_Element | None": ...
    def set(self, key: str, value: str) -> None: ...
    def remove(self, element: "_Element") -> None: ...
    def addprevious(self, element: object) -> None: ...


class Channel:
    """The extension's part for a feed; feedgen calls it when the head of the feed is built."""

    newest: datetime | None = None
    paper: Paper
    site: Site

    def extend_ns(self) -> dict[str, str]:
        """Declare on the root what entries use, so that none of them has to."""
        names = {"dc": _DC, "media": _MEDIA}
        if self.paper.archive or self.paper.complete:
            names["fh"] = _FH
        if self.paper.removed:
            names["at"] = _AT
        if self.paper.markdown:
            names["source"] = _SOURCE
        return {name: space.strip("{}") for name, space in names.items()}

    def extend_rss(self, root: _Element) -> None:
        """Write lastBuildDate without the locale; leave it out of a feed without entries."""
        self._style(root)
        channel = _required(root, "channel")
        built = _required(channel, "lastBuildDate")
        if self.newest is None:
            channel.remove(built)
        else:
            built.text = rfc822(self.newest)
        self._links(channel, f"{_ATOM}link")
        self._history(channel)

    def extend_atom(self, root: _Element) -> None:
        """Write updated to the second; add links, and what was removed (RFC 6721)."""
        self._style(root)
        _required(root, "updated").text = rfc3339(self.newest or NEVER)
        self._links(root, "link")
        self._history(root)
        for key, when in self.paper.removed:
            xml_elem(f"{_AT}deleted-entry", root, ref=key, when=utc(when))

    def _style(self, root: _Element) -> None:
        if self.site.channel.stylesheet:
            where = f'type="text/css" href="{escape(address(self.site))}"'
            root.addprevious(ProcessingInstruction("xml-stylesheet", where))

    def _links(self, parent: _Element, name: str) -> None:
        channel, links = self.site.channel, dict(self.paper.links)
        if not self.paper.archive:  # who subscribes to a hub wants the feed itself
            for hub in channel.hubs:
                xml_elem(name, parent, rel="hub", href=hub)
        for relation in _HISTORY:
            if relation in links:
                kind = self.paper.feed.media_type
                xml_elem(name, parent, rel=relation, href=links[relation], type=kind)
        if channel.license:
            xml_elem(name, parent, rel="license", href=channel.license)

    def _history(self, parent: _Element) -> None:
        """Say that this is an archive document, or all there is (RFC 5005, 2 and 4)."""
        if self.paper.archive:
            xml_elem(f"{_FH}archive", parent)
        elif self.paper.complete:
            xml_elem(f"{_FH}complete", parent)


class Extra:
    """The extension's part for an entry; feedgen calls it when the entry's own part is built."""

    item: Item
    markdown: str = ""

    def extend_rss(self, root: _Element) -> None:
        """Add dates, authors, language and picture; full text is content:encoded, always."""
        said = self.item
        if not said.summary and root.find("description") is not None:
            _required(root, "description").tag = f"{_CONTENT}encoded"
        _text(root, "pubDate", rfc822(said.published))
        _text(root, f"{_ATOM}updated", rfc3339(said.updated))
        if said.via:
            xml_elem(f"{_ATOM}link", root, rel="via", href=said.via)
        for name in said.authors:
            _text(root, f"{_DC}creator", name)
        if said.language:
            _text(root, f"{_DC}language", said.language)
        if self.markdown:
            _text(root, f"{_SOURCE}markdown", self.markdown)
        _picture(root, said)

    def extend_atom(self, root: _Element) -> None:
        """Mend the link, write the dates to the second, add language and picture."""
        said = self.item
        link = _required(root, "link")
        link.set("rel", "alternate")
        link.set("type", "text/html")
        if said.via:
            xml_elem("link", root, rel="via", href=said.via)
        source = root.find("source")
        if source is not None:  # without id and updated it would be half of one
            root.remove(source)
        updated = _required(root, "updated").text = rfc3339(said.updated)
        same = said.published == said.updated and said.published.tzinfo == said.updated.tzinfo
        _text(root, "published", updated if same else rfc3339(said.published))
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
