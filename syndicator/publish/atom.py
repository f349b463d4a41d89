"""Atom 1.0 (RFC 4287)."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from syndicator.model import Document, Edition
from syndicator.publish import feeds
from syndicator.publish.items import title
from syndicator.publish.settings import Feed, FeedPath
from syndicator.publish.text import line

MEDIA_TYPE = "application/atom+xml"


class Atom(Feed):
    """An Atom 1.0 feed: summary and full text, both as escaped HTML."""

    media_type: ClassVar[str] = MEDIA_TYPE

    type: Literal["atom"]
    path: FeedPath = "atom.xml"
    """File of this feed, below the folder public of the archive."""

    def publish(self, edition: Edition) -> Iterator[Document]:
        """Yield the one document.

        RFC 4287, 4.1.1 asks for an author of the feed unless every entry has one. It is named
        always, so that it does not come and go with the entries: the site's author or its title.
        """
        made = feeds.build(edition, self, MEDIA_TYPE)
        site = edition.site
        made.author(name=line(site.author) or title(site))
        made.subtitle(line(site.description) or None)
        xml: bytes = made.atom_str(pretty=True)
        yield Document(path=self.path, media_type=MEDIA_TYPE, body=xml)
