"""The page on which people subscribe: every feed, and what they would get."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import AfterValidator, Field

from syndicator.config.checks import unfit
from syndicator.config.tables import Publisher
from syndicator.config.values import Line
from syndicator.model.feeds import Announced, Document, Edition
from syndicator.model.pictures import Asset, Entry
from syndicator.model.posts import Site
from syndicator.publish.items import MEDIA, item, title
from syndicator.publish.settings import FeedPath
from syndicator.publish.style import markup, template
from syndicator.publish.text import language, line, rfc3339

MEDIA_TYPE = "text/html"
STYLE = "page.css"
FORMATS: Mapping[str, str] = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}
_VARIANTS: Mapping[str, str] = {
    "": "",
    "summaries": ", summaries only",
    "Markdown": ", with the Markdown of each post",
}
_READERS: Mapping[str, str] = {
    "Feedly": "https://feedly.com/i/subscription/feed/{url}",
    "Inoreader": "https://www.inoreader.com/?add_feed={url}",
    "NewsBlur": "https://www.newsblur.com/?url={url}",
    "The Old Reader": "https://theoldreader.com/feeds/subscribe?url={url}",
}
_ADDRESS = "{url}"


def _reader(address: str) -> str:
    if _ADDRESS not in address:
        raise unfit("needs {url} where the feed's address goes", f"such as {_READERS['Feedly']}")
    return address


Reader = Annotated[str, AfterValidator(_reader)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Feeds of the same posts, which differ in their format."""

    title: str
    feeds: tuple[Mapping[str, str], ...]
    readers: tuple[tuple[str, str], ...]
    whole: bool  # whether they hold all posts


class Page(Publisher):
    """A page on which people subscribe: every feed, links to readers, the newest posts."""

    type: Literal["page"]
    path: FeedPath = "index.html"
    """File of the page, below the folder public of the archive; page.css lies beside it."""
    limit: Annotated[int, Field(ge=0, le=100)] = 10
    """How many of the newest posts it shows."""
    readers: dict[Line, Reader] = dict(_READERS)  # noqa: RUF012  # pydantic copies it
    """Readers it links to, by name: an address with {url} where the feed's goes."""

    def publish(self, edition: Edition) -> Iterator[Document]:
        """Yield the page and its stylesheet."""
        yield Document(path=self.path, media_type=MEDIA_TYPE, body=self._page(edition).encode())
        style = "/".join((*self.path.split("/")[:-1], STYLE))
        yield Document(path=style, media_type="text/css", body=template(STYLE).encode())

    def companions(self, site: Site) -> Iterator[Announced]:
        """Tell the page, by the address of its folder for an index.html."""
        yield Announced(
            path=self.path,
            title=title(site),
            url=site.feeds + quote(self.path.removesuffix("index.html")),
            media_type=MEDIA_TYPE,
            type=self.type,
        )

    def _page(self, edition: Edition) -> str:
        site = edition.site
        groups = self._groups(edition.feeds)
        up = "../" * self.path.count("/")
        return (
            markup()
            .from_string(template("page.html"))
            .render(
                up=up,
                language=language(site.language) or "en",
                title=title(site),
                description=line(site.description),
                home=site.url,
                url=next(self.companions(site)).url,
                favicon=site.channel.favicon,
                rights=line(site.channel.rights),
                license=site.channel.license,
                feeds=[feed for group in groups for feed in group.feeds],
                main=[group for group in groups if group.whole],
                more=[group for group in groups if not group.whole],
                opml=next((one.url for one in edition.companions if one.type == "opml"), ""),
                entries=[_shown(entry, site, up) for entry in self._newest(edition)],
            )
        )

    def _newest(self, edition: Edition) -> Iterator[Entry]:
        return edition.entries(self.limit) if self.limit else iter(())

    def _groups(self, feeds: Sequence[Announced]) -> list[Group]:
        """Put feeds of the same posts together, in their order."""
        together: dict[tuple[object, str], list[Announced]] = {}
        for feed in feeds:
            if feed.type in FORMATS:
                together.setdefault((feed.chosen, feed.title), []).append(feed)
        return [self._group(group) for group in together.values()]

    def _group(self, feeds: Sequence[Announced]) -> Group:
        best = min(feeds, key=lambda one: (bool(one.variant), list(FORMATS).index(one.type)))
        links = [
            (name, address.replace(_ADDRESS, quote(best.url, safe="")))
            for name, address in self.readers.items()
        ]
        return Group(
            title=feeds[0].title,
            feeds=tuple(
                {
                    "url": feed.url,
                    "title": feed.title,
                    "format": FORMATS[feed.type] + _VARIANTS[feed.variant],
                    "media_type": feed.media_type,
                }
                for feed in feeds
            ),
            readers=tuple(links),
            whole=not feeds[0].chosen,
        )


def _shown(entry: Entry, site: Site, up: str) -> Mapping[str, object]:
    """Return what the page shows of an entry; its picture by the way from the page."""
    said = item(entry, site)
    picture = said.lead or _first(entry)
    return {
        "url": said.url if said.url.startswith(("http://", "https://")) else "",
        "title": said.title,
        "summary": said.summary,
        "authors": ", ".join(said.authors),
        "language": said.language,
        "moment": rfc3339(said.published),
        "day": said.published.date().isoformat(),
        "picture": f"{up}{MEDIA}/{picture.name}" if picture else "",
        "width": picture.width if picture else 0,
        "height": picture.height if picture else 0,
    }


def _first(entry: Entry) -> Asset | None:
    """Return the first kept picture of the text."""
    kept = (entry.assets.get(image.url) for image in entry.post.images)
    return next((asset for asset in kept if asset is not None), None)
