"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import ClassVar, Literal

from syndicator.model.pictures import Entry
from syndicator.model.posts import Problem, Site
from syndicator.publish.feeds import trouble
from syndicator.publish.items import Item, body, measured
from syndicator.publish.papers import Paper
from syndicator.publish.settings import Feed, FeedPath
from syndicator.publish.text import language, line, rfc3339

MEDIA_TYPE = "application/feed+json"
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
VERSION = "https://jsonfeed.org/version/1.1"


class JsonFeed(Feed):
    """A JSON Feed 1.1: one member a line, so that a change of one post is a small diff."""

    media_type: ClassVar[str] = MEDIA_TYPE

    type: Literal["json"]
    path: FeedPath = "feed.json"
    """File of this feed, below the folder public of the archive."""

    def write(self, paper: Paper, site: Site, generator: str) -> Iterator[bytes | Problem]:  # noqa: ARG002  # it has no place for it
        """Yield the document, and what is wrong with entries that are not in it."""
        items, problems = [], []
        for entry in paper.entries:
            try:
                one = _json(_item(entry, site, brief=entry.id in paper.brief))
                one.encode()
            except Exception as error:  # noqa: BLE001  # whatever a post brings about is its own
                problems.append(trouble(entry, error))
            else:
                items.append(one)
        head = _json(_head(paper, site)).removesuffix("\n}")
        inside = ",\n    ".join(one.replace("\n", "\n    ") for one in items)
        listed = f"[\n    {inside}\n  ]" if inside else "[]"
        yield f'{head},\n  "items": {listed}\n}}\n'.encode()
        yield from problems


def _head(paper: Paper, site: Site) -> dict[str, object]:
    channel = site.channel
    hubs = () if paper.archive else channel.hubs
    return {
        "version": VERSION,
        **_said(
            {
                "title": line(paper.feed.title) or site.url,
                "home_page_url": site.url,
                "feed_url": paper.url,
                "description": line(site.description),
                "next_url": paper.link("next"),
                "icon": channel.icon,
                "favicon": channel.favicon,
                "language": language(paper.feed.language or site.language),
                "authors": _people((line(site.author),)),
                "hubs": [{"type": "WebSub", "url": hub} for hub in hubs],
            }
        ),
    }


def _item(entry: Entry, site: Site, *, brief: bool) -> dict[str, object]:
    said = measured(entry, site)
    before = {"id": said.id, "url": said.url, "external_url": said.about, "title": said.title}
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
    text = _short(said) if brief else body(entry, site)
    return {**_said(before), "content_html": text, **_said(after)}


def _short(said: Item) -> str:
    return f"<p>{escape(said.summary, quote=False)}</p>" if said.summary else ""


def _people(names: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"name": name} for name in names if name]


def _said(members: Mapping[str, object]) -> dict[str, object]:
    """Leave out members with nothing in them."""
    return {name: value for name, value in members.items() if value}


def _json(members: Mapping[str, object]) -> str:
    """Write an object as ``json.dumps`` does with an indent of two.

    With an indent it goes without the encoder in C, which nearly all of a feed can be left to.
    """
    each = (f"  {_ENCODE(name)}: {_value(value)}" for name, value in members.items())
    return "{\n" + ",\n".join(each) + "\n}"


def _value(value: object) -> str:
    if isinstance(value, str):
        return _ENCODE(value)
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")
