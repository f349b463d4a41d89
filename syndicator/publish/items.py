"""An entry as every publisher words it: one reading of its fields, cleaned once."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit

from syndicator.model.pictures import Asset, Entry
from syndicator.model.posts import Site
from syndicator.publish.content import content, lead
from syndicator.publish.slug import slug
from syndicator.publish.text import clean, cut, language, line, lines

MEDIA = "media"  # the folder of the kept pictures, beside the feeds
_TITLE, _SUMMARY, _NAME = 1000, 10_000, 200  # characters that every reader can show
_NAMES = 100  # authors, or tags, of one post
_AT_HAND = 128  # entries whose words are kept for the feed of another format
_PLAIN_URL = re.compile(r"https?://[a-zA-Z0-9.-]+(?:/[!-~]*)?")  # what needs no closer look


class _Both:
    """An entry and its site; equal only if they are the same ones, not if they say the same.

    Feeds of several formats are written of the same entries, one after the other.
    """

    __slots__ = ("entry", "site")

    def __init__(self, entry: Entry, site: Site) -> None:
        self.entry, self.site = entry, site

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Both) and self.entry is other.entry and self.site is other.site

    def __hash__(self) -> int:
        return id(self.entry)


class InexpressibleError(ValueError):
    """An entry that no feed can carry; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What readers are told of an entry; plain texts of one line, fit for XML and UTF-8."""

    id: str
    url: str
    title: str  # never empty
    summary: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    language: str  # empty where it is the site's
    published: datetime
    updated: datetime
    lead: Asset | None
    image: str  # URL of the lead picture, or empty
    about: str  # URL of what the post is about, or empty
    via: str  # URL of where it comes from: that, its other home, or the feed of its source
    source: str  # name of its source, where ``source_feed`` is known
    source_feed: str  # URL


def item(entry: Entry, site: Site) -> Item:
    """Return what readers are told of an entry.

    Who wrote it: the post's authors, else the source it names, else the site's author.
    """
    post = entry.post
    picture = lead(entry)
    url = clean(post.url)
    tag = language(post.language)
    source = line(post.source_name)
    feed = dict(site.channel.sources).get(source, "")
    about = _other(post.source_url, url)
    return Item(
        id=clean(entry.id),
        url=url,
        title=line(post.title) or url,
        summary=line(post.summary),
        authors=lines(post.authors) or lines((source,)) or lines((site.author,)),
        tags=lines(post.tags),
        language="" if tag.lower() == language(site.language).lower() else tag,
        published=entry.published,
        updated=entry.updated,
        lead=picture,
        image=media(site) + picture.name if picture else "",
        about=about,
        via=about or _other(post.canonical, url) or feed,
        source=source if feed else "",
        source_feed=feed,
    )


def measured(entry: Entry, site: Site) -> Item:
    """Return what feeds tell of an entry, no field longer than readers can show.

    Raises InexpressibleError where its address, or its id, is none.
    """
    return _measured(_Both(entry, site))


@lru_cache(maxsize=_AT_HAND)
def _measured(both: _Both) -> Item:
    said = item(both.entry, both.site)
    if not _is_web(said.url) or not said.id:
        raise InexpressibleError(f"its address is none that a feed can carry: {said.url[:80]!r}")
    names = (*said.authors, *said.tags)
    short = len(said.title) <= _TITLE and len(said.summary) <= _SUMMARY and len(names) <= _NAMES
    if short and all(len(one) <= _NAME for one in names):
        return said
    return replace(
        said,
        title=cut(said.title, _TITLE),
        summary=cut(said.summary, _SUMMARY),
        authors=_names(said.authors),
        tags=_names(said.tags),
    )


def body(entry: Entry, site: Site) -> str:
    """Return the whole text of an entry as HTML, its pictures under the site's media URL."""
    return _body(_Both(entry, site))


@lru_cache(maxsize=_AT_HAND)
def _body(both: _Both) -> str:
    return content(both.entry, media(both.site))


def media(site: Site) -> str:
    """Return the URL under which readers get kept pictures; it ends in a slash."""
    return f"{site.feeds}{MEDIA}/"


def title(site: Site) -> str:
    """Return the name of a site's feeds, never empty."""
    return line(site.title) or site.url


def tag_page(tag: str, site: Site) -> str:
    """Return the address of the page of a tag, "" where the site has none."""
    written = site.channel.tag_page
    if not written:
        return ""
    whole = written.replace("{tag}", quote(tag, safe=""))
    return whole.replace("{slug}", quote(slug(tag), safe="")) if "{slug}" in whole else whole


def _names(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cut(one, _NAME) for one in texts[:_NAMES]))


def _other(url: str, own: str) -> str:
    """Keep a web address that is not the post's own."""
    written = clean(url) if url else ""
    return written if written != own and _is_web(written) else ""


def _is_web(url: str) -> bool:
    if _PLAIN_URL.fullmatch(url):
        return True
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable()
    except ValueError:  # of a host or port that can't be read
        return False
