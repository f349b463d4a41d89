"""An entry as every publisher words it: one reading of its fields, cleaned once."""

from dataclasses import dataclass
from datetime import datetime

from syndicator.model import Asset, Entry, Site
from syndicator.publish.content import content, lead
from syndicator.publish.text import clean, language, line, lines

MEDIA = "media"  # the folder of the kept pictures, beside the feeds


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


def item(entry: Entry, site: Site) -> Item:
    """Return what readers are told of an entry.

    Who wrote it: the post's authors, else the source it names, else the site's author.
    """
    post = entry.post
    picture = lead(entry)
    url = clean(post.url)
    tag = language(post.language)
    return Item(
        id=clean(entry.id),
        url=url,
        title=line(post.title) or url,
        summary=line(post.summary),
        authors=lines(post.authors) or lines((post.source_name,)) or lines((site.author,)),
        tags=lines(post.tags),
        language="" if tag.lower() == language(site.language).lower() else tag,
        published=entry.published,
        updated=entry.updated,
        lead=picture,
        image=media(site) + picture.name if picture else "",
    )


def body(entry: Entry, site: Site) -> str:
    """Return the whole text of an entry as HTML, its pictures under the site's media URL."""
    return content(entry, media(site))


def media(site: Site) -> str:
    """Return the URL under which readers get kept pictures; it ends in a slash."""
    return f"{site.feeds}{MEDIA}/"


def title(site: Site) -> str:
    """Return the name of a site's feeds, never empty."""
    return line(site.title) or site.url
