"""The keys that are read, in the words of eight generators: one table, for code and documents.

A key is found in any spelling: case, hyphens and underscores do not count. Where a post uses
several keys for one thing, the first of its line counts.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from syndicator.normalise.values import folded


class Key(NamedTuple):
    """What a post may say, the keys that say it in their order, and what to know of them."""

    field: str
    spellings: tuple[str, ...]
    note: str = ""


TABLE: Final = (
    Key("title", ("title",), "else the first heading, else the file name"),
    Key(
        "published",
        (
            *("date", "publishDate", "pubDate", "publishedDateTime", "published"),
            *("created", "posted"),
        ),
        "`published` is a date or a switch, whichever it looks like",
    ),
    Key(
        "updated",
        (
            *("updated", "lastmod", "modified", "updatedDate", "last_modified_at"),
            *("modified_date", "last_modified", "last_updated"),
        ),
    ),
    Key("expires", ("expiryDate", "unpublishDate", "expires", "expire_date", "expiration_date")),
    Key(
        "summary",
        ("summary", "description", "excerpt", "subtitle"),
        "else the text before `<!--more-->`, else the first paragraph",
    ),
    Key(
        "image",
        (
            *("image", "images", "cover", "featured_image", "featureimage", "thumbnail", "banner"),
            *("heroImage", "header", "og_image"),
        ),
        "a text, a list, or a mapping with `path`, `url`, `src`, `image`, `teaser` or"
        " `overlay_image`; the first usable one leads, all are kept",
    ),
    Key(
        "authors",
        ("author", "authors", "creator", "by"),
        "a text, a list, or mappings with a `name`; “A and B” is one name",
    ),
    Key(
        "tags",
        ("tags", "tag", "keywords", "topics", "taxonomies.tags"),
        "a list, or a text parted by commas, else by blanks",
    ),
    Key("categories", ("category", "categories", "taxonomies.categories"), "follow the tags"),
    Key(
        "draft",
        (
            *("draft", "published", "publish", "status", "render"),
            "eleventyExcludeFromCollections",
        ),
        "`draft: true`, `published: false`, `publish: false`, `render: false`, `status: draft`,"
        " `status: hidden`, `eleventyExcludeFromCollections: true`; a folder `_drafts`",
    ),
    Key("language", ("lang", "language", "locale")),
    Key(
        "address",
        ("permalink", "url", "path", "save_as", "slug"),
        "words such as `:year` and `:title` are filled in; `slug` names the last part only",
    ),
    Key("redirects", ("aliases", "redirect_from"), "those that look like addresses"),
    Key("canonical", ("canonical_url", "canonical")),
    Key("source_url", ("sourceUrl", "external_url", "link", "original_url")),
    Key("declared_id", ("id", "guid", "uuid")),
)
# of generators and their themes; nothing is read from them, but they are no slips
_OTHERS: Final = (
    "abstract alt amp archive archived audio authors_bio avatar bibliography bio body build "
    "caption cascade children city collection collections color comment comments company "
    "content copyright country credit cssclass cssclasses deprecated discussion_id disqus "
    "duration editor editors eleventyComputed eleventyNavigation email emoji enclosure end "
    "event excerpt_separator extra featured feed footer gallery generate_feeds github head "
    "heading headless headline hidden hide_title icon in_search_index insert_anchor_links intro "
    "isCJKLanguage journal katex keywords_extra label lastmodifier layout lead license "
    "license_url linkTitle location markup mastodon math mathjax menu menus mermaid meta name "
    "nav nav_order noindex order outdated outputs page_template pagination parent photos pin "
    "place podcast preview private publication publisher rating reading_time readingTime "
    "redirect redirect_to references related resources robots role rss script scripts search "
    "section sections seo series show_reading_time sidebar sitemap sort_by source sources start "
    "sticky style styles subtitle_image syndicate tagline taxonomies team teaser template text "
    "theme toc top translationKey translator translators transparent twitter type version via "
    "video visibility website weight word_count"
)


def spellings(field: str) -> tuple[str, ...]:
    """Return the folded names of the top-level keys of a field, in their order."""
    chosen = next(key for key in TABLE if key.field == field)
    return tuple(dict.fromkeys(folded(name) for name in chosen.spellings if "." not in name))


KNOWN: Final = {folded(name): name for name in _OTHERS.split()} | {
    folded(name): name for key in TABLE for name in key.spellings if "." not in name
}


def _shortened(name: str) -> set[str]:
    return {name[:at] + name[at + 1 :] for at in range(len(name))}


_NEAR: Final[dict[str, list[str]]] = {}
for _key in TABLE:
    for _name in _key.spellings:
        for _short in _shortened(folded(_name)) | {folded(_name)}:
            _NEAR.setdefault(_short, []).append(_name)


@lru_cache(maxsize=1024)  # a site says the same few keys again and again
def meant(name: str) -> str:
    """Return the key that a misspelt one is one letter away from; empty where none is.

    A letter too many, too few, another one, or two that changed places.
    """
    wanted = folded(name)
    if wanted in KNOWN or not 5 <= len(wanted) <= 40:  # noqa: PLR2004  # short words are near to all
        return ""
    for short in (wanted, *sorted(_shortened(wanted))):
        for near in _NEAR.get(short, ()):
            if _one_apart(wanted, folded(near)):
                return near
    return ""


def _one_apart(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1:
        return False
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if same is None:
        return True
    left, right = one[same:], other[same:]
    swapped = left[1::-1] + left[2:] == right
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]


def markdown() -> str:
    """Return the table as Markdown, for the page that explains how posts are read."""
    rows = ["| what | keys | |", "|---|---|---|"]
    for key in TABLE:
        spelt = ", ".join(f"`{name}`" for name in key.spellings)
        rows.append(f"| {key.field.replace('_', ' ')} | {spelt} | {key.note} |")
    return "\n".join(rows)
