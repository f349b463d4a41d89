"""Front matter keys of Jekyll, Hugo, Eleventy, Pelican, Zola, Hexo, Astro and Obsidian.

Keys are found in any spelling (case, hyphens, underscores). Where a post uses several keys for
one thing, the first of the lists below counts.
"""

import re
from datetime import date
from typing import Final, NamedTuple

from syndicator.normalise import plain
from syndicator.normalise.findings import Findings, Place, shown
from syndicator.normalise.pictures import Pictures
from syndicator.normalise.values import Found, Front, Table, Value, folded

PUBLISHED: Final = ("date", "publishdate", "pubdate", "publisheddatetime", "published")
PUBLISHED_ELSE: Final = ("created", "posted")
UPDATED: Final = ("updated", "lastmod", "modified", "updateddate", "lastmodifiedat")
EXPIRES: Final = ("expirydate", "unpublishdate", "expires")
_SUMMARY: Final = ("summary", "description", "excerpt", "subtitle")
_IMAGE: Final = (
    "image",
    "images",
    "cover",
    "featuredimage",
    "featureimage",
    "thumbnail",
    "banner",
    "heroimage",
    "header",
    "ogimage",
)
_IN_IMAGE: Final = ("path", "url", "src", "image", "teaser", "overlayimage")
_AUTHORS: Final = ("author", "authors", "creator", "by")
_TAGS: Final = ("tags", "keywords", "topics")
_CATEGORIES: Final = ("category", "categories")
_ON: Final = frozenset(("true", "yes", "on", "y", "1"))
_OFF: Final = frozenset(("false", "no", "off", "n", "0"))
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")
_NESTED: Final = 8  # lists within lists that anybody writes


class Named(NamedTuple):
    """A plain text and the place of its key."""

    text: str
    place: Place


def truth(value: Value) -> bool | None:
    """Return what a switch says, in the words of YAML 1.1 too; None when it is no switch."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    return True if word in _ON else False if word in _OFF else None


def draft(front: Front, path: str, findings: Findings) -> bool:
    """Whether a post is not to be published: a switch, a status, or its folder says so."""
    if "_drafts" in path.split("/")[:-1]:
        return True
    for found in front.every("draft", "eleventyexcludefromcollections"):
        said = truth(found.value)
        if said is None and found.name.lower() == "draft":
            findings.warn(
                "FM019",
                f"{found.name}: {shown(found.value)!r} is neither true nor false; taken as true",
                "write true or false",
                found.place,
            )
        if said or (said is None and found.name.lower() == "draft"):
            return True
    for found in front.every("published", "publish", "render"):
        if truth(found.value) is False:
            return True
    status = front.get("status")
    return status is not None and status.text.strip().lower() in ("draft", "hidden")


def title(front: Front, findings: Findings) -> str:
    """Return the title as plain text; empty when there is none."""
    found = front.get("title")
    if found is None:
        return ""
    if plain.tagged(found.text):
        findings.warn(
            "TXT002",
            f"HTML in the title: {shown(found.text)!r}",
            "write it as plain text; feeds get it without the tags",
            found.place,
        )
    if isinstance(found.value, (list, Table)):
        _strange(found, "text", findings)
    return _clean(found.text, "the title", found.place, findings)


def summary(front: Front, findings: Findings) -> str:
    """Return the summary that the keys give, as plain text; empty when they give none."""
    for found in front.every(*_SUMMARY):
        if isinstance(found.value, (list, Table, bool)):
            _strange(found, "text", findings)
        elif text := _clean(found.text, "the summary", found.place, findings):
            return text
    return ""


def authors(front: Front, findings: Findings) -> tuple[str, ...]:
    """Return the names of the authors, in their order, each once; "A and B" is one name."""
    for found in front.every(*_AUTHORS):
        marks = ",;" if found.name.lower() == "authors" else ";"
        names = _names(found.value, found.text, marks)
        clean = (_clean(name, "an author's name", found.place, findings) for name in names)
        if several := tuple(dict.fromkeys(name for name in clean if name)):
            return several
    return ()


def tags(front: Front, findings: Findings) -> tuple[str, ...]:
    """Return tags, then categories, each once. A text is split on commas, else, as Jekyll does
    with tags and categories, on blanks.
    """  # noqa: D205  # one sentence, too long for one line
    several = [*front.every(*_TAGS), *front.inside("taxonomies", "tags")]
    several += [*front.every(*_CATEGORIES), *front.inside("taxonomies", "categories")]
    kept: dict[str, None] = {}
    for found in several:
        blanks = folded(found.name) in ("tags", "categories") and "," not in found.text
        text = ",".join(found.text.split()) if blanks else found.text
        value = text if isinstance(found.value, str) else found.value
        for name in _names(value, text, ",;"):
            kept[_clean(name.lstrip("#"), "a tag", found.place, findings)] = None
    kept.pop("", None)
    return tuple(kept)


def language(front: Front, findings: Findings) -> str:
    """Return the language of a post as a tag (BCP 47); empty when it names none."""
    for found in front.every("lang", "language", "locale"):
        tag = found.text.strip().replace("_", "-")
        if isinstance(found.value, str) and _LANGUAGE.fullmatch(tag):
            return tag
        _strange(found, "a language such as en or zh-TW", findings)
    return ""


def lead(front: Front, pictures: Pictures) -> str:
    """Return the URL of the first usable picture of the keys, taken; empty when there is none."""
    for found in front.every(*_IMAGE):
        for written in _images(found.value):
            if url := pictures.take_named(written, found.place):
                return url
    return ""


def datelike(found: Found) -> bool:
    """Whether a key means a date: ``published: true`` and ``published: no`` are switches."""
    return folded(found.name) != "published" or truth(found.value) is None


def _images(value: Value, depth: int = 0) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list) and depth < _NESTED:
        return [one for inner in value for one in _images(inner, depth + 1)]
    if isinstance(value, Table) and depth < _NESTED:
        inner = Front(value).every(*_IN_IMAGE)
        return [one for found in inner for one in _images(found.value, depth + 1)]
    return []


def _names(value: Value, text: str, marks: str, depth: int = 0) -> list[str]:
    """Return the names in a text, a list (however nested), or a mapping with a ``name``."""
    if isinstance(value, list):
        if depth >= _NESTED:
            return []
        return [name for one in value for name in _names(one, _plain(one), "", depth + 1)]
    if isinstance(value, Table):
        named = Front(value).every("name", "title", "label")
        return [named[0].text] if named else []
    if value is None or isinstance(value, bool):
        return []
    return re.split(f"[{re.escape(marks)}]", text) if marks else [text]


def _plain(value: Value) -> str:
    return str(value) if isinstance(value, (str, int, float, date)) else ""


def _clean(text: str, what: str, place: Place, findings: Findings) -> str:
    line = plain.line(text)
    clean = plain.folded(plain.seen(line))
    if clean != line:
        findings.warn(
            "TXT007",
            f"{what} holds characters that can't be seen and change how it reads: {shown(line)!r}",
            "delete them; they were left out",
            place,
        )
    return clean


def _strange(found: Found, wanted: str, findings: Findings) -> None:
    value = "a list" if isinstance(found.value, list) else shown(found.text)
    said = "a mapping" if isinstance(found.value, Table) else value
    findings.warn(
        "FM019", f"{found.name}: {said!r} is not {wanted}", "it was not used", found.place
    )
