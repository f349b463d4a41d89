"""RSS 2.0, as the RSS Advisory Board's Best Practices Profile reads it."""

import re
from collections.abc import Iterator
from typing import ClassVar, Literal

from syndicator.model import Document, Edition
from syndicator.publish import feeds
from syndicator.publish.items import title
from syndicator.publish.settings import Feed, FeedPath
from syndicator.publish.text import line

MEDIA_TYPE = "application/rss+xml"

# Content is escaped, never CDATA: "<title>" occurs nowhere but as the element.
_TITLE = re.compile(rb"(?<=<title>)[^<]*(?=</title>)")
_PLAIN = {b"&amp;": b"&#x26;", b"&lt;": b"&#x3C;", b"&gt;": b"&#x3E;"}
_NAMED = re.compile(rb"&(?:amp|lt|gt);")


class Rss(Feed):
    """An RSS 2.0 feed: full text in content:encoded, the summary before it."""

    media_type: ClassVar[str] = MEDIA_TYPE

    type: Literal["rss"]
    path: FeedPath = "feed.xml"
    """File of this feed, below the folder public of the archive."""

    def publish(self, edition: Edition) -> Iterator[Document]:
        """Yield the one document."""
        made = feeds.build(edition, self, MEDIA_TYPE)
        site = edition.site
        made.description(line(site.description) or title(site))  # RSS needs one
        xml: bytes = made.rss_str(pretty=True)
        yield Document(path=self.path, media_type=MEDIA_TYPE, body=_TITLE.sub(_plain, xml))


def _plain(found: re.Match[bytes]) -> bytes:
    """Write & < > of a title so that readers that decode it once or twice show the same.

    The profile (RSS Best Practices Profile, item title) asks for hexadecimal references.
    """
    return _NAMED.sub(lambda name: _PLAIN[name[0]], found[0])
