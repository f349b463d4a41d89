"""What the feeds of every format can be told: the file they are, and how long they get."""

import abc
from collections.abc import Iterator
from typing import Annotated, ClassVar
from urllib.parse import quote

from pydantic import AfterValidator, Field

from syndicator.config.checks import unfit
from syndicator.config.tables import Publisher
from syndicator.model import Announced, Site, Values
from syndicator.publish import items

_LONGEST = 255  # bytes in a file name, on every file system we know


def _below_public(path: str) -> str:
    hint = 'a path below archive/public, such as "feed.xml" or "news/feed.xml"'
    parts = path.split("/")
    if not path or path.startswith("/") or "\\" in path or not path.isprintable():
        raise unfit("must be a relative path with forward slashes", hint)
    if any(part in {"", ".", ".."} for part in parts):
        raise unfit("can't have an empty part, . or ..", hint)
    if any(len(part.encode()) > _LONGEST for part in parts):
        raise unfit(f"has a part of more than {_LONGEST} bytes", hint)
    if parts[0] == items.MEDIA:
        raise unfit("can't lie in media: kept pictures do", hint)
    return path


FeedPath = Annotated[str, AfterValidator(_below_public)]


class Feed(Publisher, abc.ABC):
    """Settings that a feed of every format has."""

    media_type: ClassVar[str]

    path: FeedPath
    """File of this feed, below the folder public of the archive."""
    limit: Annotated[int, Field(ge=0)] = 20
    """How many of the newest posts it holds; 0 = all."""

    def announce(self, site: Site, values: Values) -> Iterator[Announced]:  # noqa: ARG002  # one
        """Tell the one feed there is."""
        yield Announced(
            path=self.path,
            title=items.title(site),
            url=self.url(site),
            media_type=self.media_type,
            type=self.type,
        )

    def url(self, site: Site) -> str:
        """Return where readers find this feed."""
        return site.feeds + quote(self.path)

    def tag(self, site: Site) -> str:
        """Return the id of this feed (RFC 4151), which outlives its URL (RFC 4287, 4.2.6).

        It names the site's authority and the feed's path, but not where feeds are served. The
        year is part of the form, the same for every site: a clock or a post's date would move.
        """
        return f"tag:{site.authority},2020:feeds/{quote(self.path)}"
