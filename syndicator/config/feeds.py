"""The table ``[feeds]``: what all feeds say of themselves."""

from typing import Annotated

from pydantic import AfterValidator, Field

from syndicator.config import checks
from syndicator.config.table import Table
from syndicator.config.values import Line, OptionalUrl, Seconds, WebUrl
from syndicator.model.posts import Channel


class FeedsTable(Table):
    """What all feeds say of themselves."""

    icon: OptionalUrl = ""
    """Address of a square picture of the site, best 512 pixels or more; empty: none."""
    logo: OptionalUrl = ""
    """Address of a picture twice as wide as high, at most 144 pixels wide; empty: none."""
    favicon: OptionalUrl = ""
    """Address of a small square picture, best 64 pixels or more; empty: none."""
    rights: Line = ""
    """Who has which rights in the posts, for people, such as "© 2026 Site"."""
    license: OptionalUrl = ""
    """Address of the licence the posts are under; empty: none."""
    ttl: Annotated[Seconds, Field(ge=0)] = 3600.0
    """How long a reader should wait before it asks again; 0s: not told."""
    hubs: tuple[WebUrl, ...] = ()
    """Addresses of WebSub hubs that are told of news."""
    stylesheet: bool = True
    """Whether feeds name a stylesheet, so that a browser shows them as a page."""
    tag_page: Annotated[str, AfterValidator(checks.tag_page)] = ""
    """Address of the page of a tag, with {tag} or {slug} in it; empty: there are none."""
    sources: dict[Line, WebUrl] = {}  # noqa: RUF012  # pydantic copies it
    """By the name of a source, as posts give it: the address of its feed."""

    def channel(self) -> Channel:
        """Return what the pure rooms need to know of this."""
        return Channel(
            **self.model_dump(exclude={"hubs", "sources", "ttl"}),
            hubs=self.hubs,
            sources=tuple(self.sources.items()),
            ttl=round(self.ttl / 60),
        )
