"""RSS 2.0, as the RSS Advisory Board's Best Practices Profile reads it."""

import re
from collections.abc import Iterator
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from feedgen.feed import FeedGenerator

from syndicator.model.posts import Problem, Site
from syndicator.publish import feeds
from syndicator.publish.papers import Paper
from syndicator.publish.settings import Feed, FeedPath, tag
from syndicator.publish.text import line

MEDIA_TYPE = "application/rss+xml"

# Content is escaped, never CDATA: "<title>" occurs nowhere but as the element.
_TITLE = re.compile(rb"<title>[^<]*</title>")
_PLAIN = {b"&amp;": b"&#x26;", b"&lt;": b"&#x3C;", b"&gt;": b"&#x3E;"}
_NAMED = re.compile(rb"&(?:amp|lt|gt);")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif")  # that every reader of RSS can show


class Rss(Feed):
    """An RSS 2.0 feed: full text in content:encoded, the summary before it."""

    media_type: ClassVar[str] = MEDIA_TYPE

    type: Literal["rss"]
    path: FeedPath = "feed.xml"
    """File of this feed, below the folder public of the archive."""
    markdown: bool = False
    """Whether posts are told as they were written, too (source:markdown), comments and all."""

    def asks_markdown(self) -> bool:
        """Tell whether posts are told as they were written."""
        return self.markdown and self.content == "full"

    def write(self, paper: Paper, site: Site, generator: str) -> Iterator[bytes | Problem]:
        """Yield the document, and what is wrong with entries that are not in it."""

        def dressed(made: FeedGenerator, /) -> bytes:
            made.description(line(site.description) or line(paper.feed.title) or site.url)
            if site.channel.ttl and not paper.archive:
                made.ttl(site.channel.ttl)
            if urlsplit(site.channel.logo).path.lower().endswith(_PICTURES):
                made.image(url=site.channel.logo, title=made.title(), link=site.url)
            xml: bytes = made.rss_str(pretty=True)
            return _TITLE.sub(_plain, xml)

        yield from feeds.build(paper, site, generator, tag(site, paper.feed.path), dressed)


def _plain(found: re.Match[bytes]) -> bytes:
    """Write & < > of a title so that readers that decode it once or twice show the same.

    The profile (RSS Best Practices Profile, item title) asks for hexadecimal references.
    """
    return _NAMED.sub(lambda name: _PLAIN[name[0]], found[0])
