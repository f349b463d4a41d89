"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from syndicator.model import Document, Edition, Entry, Site
from syndicator.publish.items import body, item, title
from syndicator.publish.settings import Feed, FeedPath
from syndicator.publish.text import language, line, rfc3339

MEDIA_TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"


class JsonFeed(Feed):
    """A JSON Feed 1.1: one member a line, so that a change of one post is a small diff."""

    media_type: ClassVar[str] = MEDIA_TYPE

    type: Literal["json"]
    path: FeedPath = "feed.json"
    """File of this feed, below the folder public of the archive."""

    def publish(self, edition: Edition) -> Iterator[Document]:
        """Yield the one document."""
        site = edition.site
        head = {
            "version": VERSION,
            "title": title(site),
            "home_page_url": site.url,
            "feed_url": self.url(site),
            "description": line(site.description),
            "language": language(site.language),
            "authors": _people((line(site.author),)),
        }
        items = [_item(entry, site) for entry in edition.entries(self.limit)]
        text = json.dumps({**_said(head), "items": items}, ensure_ascii=False, indent=2)
        yield Document(path=self.path, media_type=MEDIA_TYPE, body=f"{text}\n".encode())


def _item(entry: Entry, site: Site) -> dict[str, object]:
    said = item(entry, site)
    before = {"id": said.id, "url": said.url, "title": said.title}
    after = {
        "summary": said.summary,
        "image": said.image,
        "date_published": rfc3339(said.published),
        "date_modified": rfc3339(said.updated),
        "authors": _people(said.authors),
        "tags": list(said.tags),
        "language": said.language,
    }
    # An item without content_html is invalid, one with an empty one is not.
    return {**_said(before), "content_html": body(entry, site), **_said(after)}


def _people(names: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"name": name} for name in names if name]


def _said(members: Mapping[str, object]) -> dict[str, object]:
    """Leave out members with nothing in them."""
    return {name: value for name, value in members.items() if value}
