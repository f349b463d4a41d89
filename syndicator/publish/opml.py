"""OPML 2.0: a list of the feeds, for readers that import lists (http://opml.org/spec2.opml)."""

from collections.abc import Iterator, Sequence
from typing import Literal
from urllib.parse import quote

from lxml import etree

from syndicator.config.tables import Publisher
from syndicator.model.feeds import Announced, Document, Edition
from syndicator.model.posts import Site
from syndicator.publish.items import title
from syndicator.publish.page import FORMATS
from syndicator.publish.settings import FeedPath
from syndicator.publish.text import line

MEDIA_TYPE = "text/x-opml"
_BEST = ("atom", "rss", "json")  # what readers know and what says most, first


class Opml(Publisher):
    """A list of all feeds as OPML 2.0, for readers that import lists."""

    type: Literal["opml"]
    path: FeedPath = "feeds.opml"
    """File of the list, below the folder public of the archive."""
    formats: Literal["best", "all"] = "best"
    """Of feeds that differ in their format alone: "best" lists one, "all" lists each."""

    def companions(self, site: Site) -> Iterator[Announced]:
        """Tell the list."""
        yield Announced(
            path=self.path,
            title=title(site),
            url=site.feeds + quote(self.path),
            media_type=MEDIA_TYPE,
            type=self.type,
        )

    def publish(self, edition: Edition) -> Iterator[Document]:
        """Yield the list; it says no date, which would be the clock's."""
        site = edition.site
        root = etree.Element("opml", version="2.0")
        head = etree.SubElement(root, "head")
        etree.SubElement(head, "title").text = title(site)
        if line(site.author):
            etree.SubElement(head, "ownerName").text = line(site.author)
        body = etree.SubElement(root, "body")
        for feed in self._listed(edition.feeds):
            told = {
                "type": "rss",  # of every format, says the specification
                "text": feed.title,
                "title": feed.title,
                "xmlUrl": feed.url,
                "htmlUrl": site.url,
                "language": feed.language or site.language,
            }
            etree.SubElement(body, "outline", told)
        xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
        yield Document(path=self.path, media_type=MEDIA_TYPE, body=xml)

    def _listed(self, feeds: Sequence[Announced]) -> list[Announced]:
        """Choose the feeds: whoever imports two formats of one sees every post twice."""
        told = [feed for feed in feeds if feed.type in FORMATS]
        if self.formats == "all":
            return told
        best: dict[tuple[object, str], Announced] = {}
        for feed in told:
            key = (feed.chosen, feed.title)
            if key not in best or _rank(feed) < _rank(best[key]):
                best[key] = feed
        return list(best.values())


def _rank(feed: Announced) -> tuple[bool, int]:
    return bool(feed.variant), _BEST.index(feed.type)
