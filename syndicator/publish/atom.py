"""Atom 1.0 (RFC 4287)."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from feedgen.feed import FeedGenerator
from pydantic import Field

from syndicator.model.posts import Problem, Site
from syndicator.publish import feeds
from syndicator.publish.items import title
from syndicator.publish.papers import Paper
from syndicator.publish.settings import Feed, FeedPath, tag
from syndicator.publish.text import line

MEDIA_TYPE = "application/atom+xml"


class Atom(Feed):
    """An Atom 1.0 feed: summary and full text, both as escaped HTML."""

    media_type: ClassVar[str] = MEDIA_TYPE

    type: Literal["atom"]
    path: FeedPath = "atom.xml"
    """File of this feed, below the folder public of the archive."""
    tombstones: Annotated[int, Field(ge=0, le=1000)] = 0
    """How many of the posts removed last it names (RFC 6721), so that readers can drop them."""

    @property
    def told_removals(self) -> int:
        """How many removals it tells of."""
        return self.tombstones

    def write(self, paper: Paper, site: Site, generator: str) -> Iterator[bytes | Problem]:
        """Yield the document, and what is wrong with entries that are not in it.

        RFC 4287, 4.1.1 asks for an author of the feed unless every entry has one. It is named
        always, so that it does not come and go with the entries: the site's author or its title.
        """

        def dressed(made: FeedGenerator, /) -> bytes:
            made.author(name=line(site.author) or title(site))
            made.subtitle(line(site.description) or None)
            made.icon(site.channel.icon or site.channel.favicon or None)
            made.logo(site.channel.logo or None)
            xml: bytes = made.atom_str(pretty=True)
            return xml

        yield from feeds.build(paper, site, generator, tag(site, paper.feed.path), dressed)
