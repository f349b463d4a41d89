"""Front matter keys of Jekyll, Hugo, Eleventy, Pelican, Zola, Hexo, Astro and Obsidian.

Found in any spelling (case, hyphens, underscores); of several for one thing the first one counts.
"""

import re
from datetime import date
from typing import Final

from syndicator.model.posts import Edit
from syndicator.normalise import keys, plain, remarks, sanitise
from syndicator.normalise.dates import day_of
from syndicator.normalise.findings import Findings, shown
from syndicator.normalise.pictures import Pictures
from syndicator.normalise.values import Found, Front, Table, Value, folded

PUBLISHED: Final = keys.spellings("published")
UPDATED: Final = keys.spellings("updated")
EXPIRES: Final = keys.spellings("expires")
_SUMMARY: Final = keys.spellings("summary")
_IMAGE: Final = keys.spellings("image")
_IN_IMAGE: Final = ("path", "url", "src", "image", "teaser", "overlayimage")
_AUTHORS: Final = keys.spellings("authors")
_TAGS: Final = keys.spellings("tags")
_CATEGORIES: Final = keys.spellings("categories")
_LANGUAGES: Final = keys.spellings("language")
_ON: Final = frozenset(("true", "yes", "on", "y", "1"))
_OFF: Final = frozenset(("false", "no", "off", "n", "0"))
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")
_NESTED: Final = 8  # lists within lists that anybody writes
_MANY: Final = 1_000  # tags, authors, pictures: nobody means more
_STOPPED: Final = re.compile(
    "[.!?\u2026\u3002\uff01\uff1f\u2025][\"'\u201d\u2019\u00bb)\\]\uff09\u300d\u300f]*\\Z"
)
_BRIEF: Final = 30  # characters; a shorter summary may well be no sentence


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


def title(front: Front, findings: Findings) -> tuple[str, str]:
    """Return the title as plain text, and as HTML where it holds tags; empty without one."""
    found = front.get("title")
    if found is None:
        return "", ""
    html = ""
    if plain.tagged(found.text):
        html = plain.straight(plain.fit(sanitise.phrase(found.text)))
        findings.warn(
            "TXT002",
            f"HTML in the title: {shown(found.text)!r}",
            "write it as plain text; feeds get it without the tags",
            found.place,
        )
    if isinstance(found.value, (list, Table)):
        _strange(found, "text", findings)
    elif not isinstance(found.value, str) or (found.mark.text and _typed_elsewhere(found.text)):
        findings.add(
            "warning",
            "TXT011",
            f"the title is not text to every tool: {shown(found.text)!r}",
            "put quotes around it",
            found.place,
            edits=quoting(found, findings),
        )
    return _clean(found.text, "the title", found, findings), html


def _typed_elsewhere(text: str) -> bool:
    return day_of(text) is not None or remarks.changed(text)


def quoting(found: Found, findings: Findings) -> tuple[Edit, ...]:
    """Return the edit that puts a plain value between quotes, where its place is known."""
    start, end = found.mark.start, found.mark.end
    if start < 0 or findings.text[start:end] != found.text:
        return ()
    return (findings.edit(start, end, quoted(found.text)),)


def quoted(text: str) -> str:
    """Return a text between quotes, as YAML, TOML and JSON read it wherever they can."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def summary(front: Front, findings: Findings) -> str:
    """Return the summary that the keys give, as plain text; empty when they give none."""
    for found in front.every(*_SUMMARY):
        if isinstance(found.value, (list, Table, bool)):
            _strange(found, "text", findings)
            continue
        if plain.tagged(found.text):
            findings.info(
                "TXT012",
                f"HTML in {found.name}: {shown(found.text)!r}",
                "write it as plain text; feeds get it without the tags",
                found.place,
            )
        if text := _clean(found.text, "the summary", found, findings):
            if len(text) >= _BRIEF and not _STOPPED.search(text):
                findings.info(
                    "TXT004",
                    f"{found.name} ends without a full stop: {shown('…' + text[-40:])!r}",
                    "end it with a sentence; tools that cut at a length leave halves",
                    found.place,
                )
            return text
    return ""


def repeated(front: Front, said: str, first: str, findings: Findings) -> None:
    """Say where a summary of front matter only repeats how the text begins."""
    if said and said == first and (found := next(iter(front.every(*_SUMMARY)), None)):
        findings.info(
            "TXT010",
            f"{found.name} repeats the first paragraph",
            "take it out: the first paragraph is the summary where no key gives one",
            found.place,
        )


def authors(front: Front, findings: Findings) -> tuple[str, ...]:
    """Return the names of the authors, in their order, each once; "A and B" is one name."""
    for found in front.every(*_AUTHORS):
        marks = ",;" if found.name.lower() == "authors" else ";"
        names = _names(found.value, found.text, marks)[:_MANY]
        clean = (_clean(name, "an author's name", found, findings) for name in names)
        if several := tuple(dict.fromkeys(name for name in clean if name)):
            return several
    return ()


def tags(front: Front, findings: Findings) -> tuple[str, ...]:
    """Return tags, then categories, each once.

    A text is split on commas, else, as Jekyll does with tags and categories, on blanks.
    """
    several = [*front.every(*_TAGS), *front.inside("taxonomies", "tags")]
    return _named([*several, *_categories(front)], findings)


def categories(front: Front) -> tuple[str, ...]:
    """Return the categories alone, as an address wants them."""
    return _named(_categories(front), Findings(""))


def _categories(front: Front) -> list[Found]:
    return [*front.every(*_CATEGORIES), *front.inside("taxonomies", "categories")]


def _named(several: list[Found], findings: Findings) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for found in several:
        blanks = folded(found.name) in ("tags", "categories") and "," not in found.text
        text = ",".join(found.text.split()) if blanks else found.text
        value = text if isinstance(found.value, str) else found.value
        for name in _names(value, text, ",;")[:_MANY]:
            kept[_clean(name.lstrip("#"), "a tag", found, findings)] = None
    kept.pop("", None)
    return tuple(kept)


def language(front: Front, findings: Findings) -> str:
    """Return the language of a post as a tag (BCP 47); empty when it names none."""
    for found in front.every(*_LANGUAGES):
        tag = found.text.strip().replace("_", "-")
        if isinstance(found.value, str) and _LANGUAGE.fullmatch(tag):
            return tag
        _strange(found, "a language such as en or zh-TW", findings)
    return ""


def lead(front: Front, pictures: Pictures) -> str:
    """Return the URL of the first usable picture of the keys; all that are usable are taken."""
    first = ""
    for found in front.custom(*_IMAGE):
        for written, key in _images(found.value, found)[:_MANY]:
            url = pictures.take_named(written, key)
            first = first or url
    return first


def datelike(found: Found) -> bool:
    """Whether a key means a date: ``published: true`` is a switch, ``perhaps`` is neither."""
    if folded(found.name) != "published":
        return True
    return truth(found.value) is None and (
        not isinstance(found.value, str) or any(c.isdigit() for c in found.value)
    )


def two_meanings(front: Front, findings: Findings) -> None:
    """Say where ``published`` is neither date nor switch, or another key says otherwise."""
    found = front.get("published")
    if found is None:
        return
    switch, date_like = truth(found.value), datelike(found)
    other = front.get("draft")
    says = ""
    if switch is None and not date_like:
        says = f"{shown(found.text)!r} is neither a date nor a switch; it was not used"
    elif switch is not None and other is not None and truth(other.value) is switch:
        says = f"says {shown(found.text)!r}, but {other.name} says {shown(other.text)!r}"
    elif date_like and (day := front.get("date")) is not None and day.text[:10] != found.text[:10]:
        says = f"says {shown(found.text)!r}, but {day.name} says {shown(day.text)!r}, which counts"
    if says:
        findings.warn(
            "FM017",
            f"{found.name} {says}",
            "write date: for the day, and draft: true or nothing for the switch",
            found.place,
        )


def _images(value: Value, key: Found, depth: int = 0) -> list[tuple[str, Found]]:
    """Return the pictures of a value, each with the innermost key it stands under."""
    if isinstance(value, str):
        return [(value, key)] if value.strip() else []
    if isinstance(value, list) and depth < _NESTED:
        return [one for inner in value for one in _images(inner, key, depth + 1)]
    if isinstance(value, Table) and depth < _NESTED:
        inner = Front(value, key).every(*_IN_IMAGE)
        return [one for found in inner for one in _images(found.value, found, depth + 1)]
    return []


def _names(value: Value, text: str, marks: str, depth: int = 0) -> list[str]:
    """Return the names in a text, a list (however nested), or a mapping with a ``name``."""
    if isinstance(value, list):
        if depth >= _NESTED:
            return []
        each = ([x] if isinstance(x, str) else _names(x, _plain(x), "", depth + 1) for x in value)
        return [name for some in each for name in some]
    if isinstance(value, Table):
        named = Front(value).every("name", "title", "label")
        return [named[0].text] if named else []
    if value is None or isinstance(value, bool):
        return []
    for mark in marks[1:]:
        text = text.replace(mark, marks[0])
    return text.split(marks[0]) if marks else [text]


def _plain(value: Value) -> str:
    return str(value) if isinstance(value, (str, int, float, date)) else ""


def _clean(text: str, what: str, found: Found, findings: Findings) -> str:
    line = plain.line(text)
    if line.isascii():
        return line
    clean = plain.folded(plain.seen(line))
    # what stands in the file as it is was told with its place already
    if clean != line and not plain.hidden(findings.text):
        findings.warn(
            "TXT007",
            f"{what} holds characters that can't be seen and change how it reads: {shown(line)!r}",
            "delete them; they were left out",
            found.place,
        )
    return clean


def _strange(found: Found, wanted: str, findings: Findings) -> None:
    value = "a list" if isinstance(found.value, list) else shown(found.text)
    said = "a mapping" if isinstance(found.value, Table) else value
    says = f"{found.name}: {said!r} is not {wanted}"
    findings.warn("FM019", says, "it was not used", found.place)
