"""The body: Markdown to HTML that a feed may carry, and what is found on the way.

One parsed tree serves everything: pictures, links, summary and first heading come from what a
browser would see, never from patterns in the source. The sanitiser reads the result once more.
Of a text without tags of its own the sanitiser's parser sees as much (``shortcut``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from syndicator.normalise import bounds, embeds, markdown, plain, shortcut, urls
from syndicator.normalise.figures import Figures, flatten, poster
from syndicator.normalise.findings import shown
from syndicator.normalise.links import Links
from syndicator.normalise.pictures import Pictures
from syndicator.normalise.sanitise import DROPPED, clean
from syndicator.normalise.spots import Spots

_MORE: Final = re.compile(r"\s*(?:more|truncate|PELICAN_END_SUMMARY)\s*", re.IGNORECASE)
_LOUD: Final = ("script", "iframe", "object", "embed", "applet", "svg", "math")
_GONE: Final = frozenset(DROPPED)
_LINKED: Final = {"a": "href", "audio": "src", "video": "src", "source": "src"}
_MARKED: Final = re.compile(r"[][*_`<>\\&]")
_TEMPLATE: Final = re.compile(r"\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)|<%.*?(?:%>|$)", re.DOTALL)
# [[note]], [[note|words]], ![[note]]; not [[1]] of a list of sources, nor [[ ]] of a shell. Where
# emphasis parts it, ![[note| is what is left of it in one text
_WIKILINK: Final = re.compile(
    r"!?\[\[(?!\d+\]\])[^\s\[\]|][^\[\]]{0,300}\]\]|!\[\[[^\s\[\]|][^\[\]]{0,300}\Z"
)
_TITLES: Final = 20  # headings of the first level that are told
_PARAGRAPHS: Final = frozenset(("p",))
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A body as readers get it."""

    html: str
    summary: str  # plain: what stands before the mark "more", else the first paragraph
    heading: str  # plain: the first heading
    empty: bool  # neither words nor pictures


def read(
    body: str,
    begin: int,
    pictures: Pictures,
    links: Links,
    *,
    titled: bool = False,
) -> Text:
    """Render a body that begins at character ``begin`` of the file's text, and clean it.

    ``titled`` is whether front matter has a title. Raises ``Flaw`` FM008 for a text that would
    cost minutes: nested or repeated beyond all use.
    """
    bounds.source(body)
    raw = markdown.render(body)
    spots = Spots(body, begin, pictures.findings)
    if titled and shortcut.fits(body, raw):
        passing = shortcut.Passing(pictures, links, spots)
        if (cleaned := passing.clean(raw)) is not None:
            return _passed(_finished(cleaned, body), raw)
    return by_tree(body, raw, pictures, links, spots, titled=titled)


def _passed(html: str, raw: str) -> Text:
    """Return the text that went the short way."""
    summary = shortcut.first_paragraph(raw)
    if not summary and html:
        root = LexborHTMLParser(raw, is_fragment=True).root
        summary = plain.text_of(root) if root is not None else ""
    return Text(html=html, summary=summary, heading="", empty=not html)


def _finished(cleaned: str, body: str) -> str:
    """Return clean HTML without the marks and characters that no feed may carry."""
    html = plain.straight(cleaned).strip()
    # an entity is the only way by which an unfit character gets here
    return plain.fit(html) if "&" in body and "&#" in body else html


def by_tree(
    body: str,
    raw: str,
    pictures: Pictures,
    links: Links,
    spots: Spots,
    *,
    titled: bool,
) -> Text:
    """Read a body by the tree that its HTML makes."""
    names = bounds.tags(raw)
    page = LexborHTMLParser(raw, is_fragment=True)
    _silence(page, names, pictures, spots)
    embedded = "![[" in body and embeds.place(page)
    if embedded or not names.isdisjoint(("img", "image", "picture", "video")):
        _figures(page, names, pictures, spots)
    if linked := [name for name in _LINKED if name in names]:
        # most posts hold links alone: a query would make a machine that runs once
        nodes = page.tags("a") if linked == ["a"] else page.css(",".join(linked))
        _links(nodes, links, spots)
    if "input" in names:
        for box in page.css("input[type=checkbox]"):
            _tick(box)
    if titled and "h1" in names:
        _second_title(page, spots)
    if urls.templated(body):
        _templates(page, spots)
    if "[[" in body:
        _wikilinks(page, spots)
    html = _finished(clean(bounds.relieved(page.html or "")), body)
    root = page.root  # another one, where the first node was taken away
    if root is None:
        return Text(html="", summary="", heading="", empty=True)
    return Text(
        html=html,
        summary=(_before_more(root) if "<!--" in raw else "") or _first_paragraph(root),
        heading="" if titled else _first(root, _HEADINGS),
        empty=not html,
    )


def _silence(
    page: LexborHTMLParser, names: frozenset[str], pictures: Pictures, spots: Spots
) -> None:
    """Take away what no feed may carry; ``noscript`` repeats a lazy picture, or is unpacked."""
    if "noscript" in names:
        for node in page.tags("noscript"):
            if any(image.attributes.get("src") for image in node.css("img")) and _twin(node):
                node.decompose()
            else:
                node.unwrap()
    if names.isdisjoint(_GONE):
        return
    for image in page.css("svg image"):
        given = image.attributes
        if source := given.get("href") or given.get("xlink:href"):
            written, place = spots.find(source)
            pictures.take(source, place, written)
    for node in page.css(",".join(DROPPED)):
        if node.tag in _LOUD:
            spots.findings.warn(
                "MD003",
                f"<{node.tag}> is left out of feeds",
                "add a link to it as well, so that readers of feeds can follow it",
                spots.tag(node.tag),
            )
        node.decompose()


def _twin(node: LexborNode) -> bool:
    """Whether a lazy picture stands right before a ``noscript``."""
    before = node.prev
    while before is not None and before.is_text_node and not (before.text_content or "").strip():
        before = before.prev
    if before is None or not before.is_element_node:
        return False
    images = [before] if before.tag == "img" else before.css("img")
    return any(name.startswith("data-") for image in images for name in image.attributes)


def _figures(
    page: LexborHTMLParser, names: frozenset[str], pictures: Pictures, spots: Spots
) -> None:
    """Give every picture its one absolute URL."""
    figures = Figures(pictures, spots)
    if "picture" in names:
        for node in page.tags("picture"):
            flatten(node)
    for image in page.tags("img"):
        figures.read(image)
    if "video" in names:
        for video in page.css("video[poster]"):
            poster(video, pictures, spots)


def _links(nodes: list[LexborNode], links: Links, spots: Spots) -> None:
    """Make links absolute; a reference that leads nowhere leaves its text."""
    for node in nodes:
        name = _LINKED[node.tag or "a"]
        attributes = node.attributes
        if name not in attributes:
            continue
        given = attributes[name] or ""
        url = links.settled(given) if node.tag == "a" else ""
        if not url:
            url = links.url(given)
            if node.tag == "a":
                links.judge(given, spots)
        if not url:
            del node.attrs[name]
        elif url != given:
            node.attrs[name] = url


def _second_title(page: LexborHTMLParser, spots: Spots) -> None:
    for heading in page.tags("h1")[:_TITLES]:
        spots.findings.info(
            "MD001",
            f"a heading of the first level: {shown(plain.text_of(heading))!r}",
            "write it with ##; the title is the heading of the first level",
            spots.heading(plain.text_of(heading)),
        )


def _tick(box: LexborNode) -> None:
    """Write a box of a list of tasks as a character, with one blank after it."""
    text = box.next.text_content if box.next is not None and box.next.is_text_node else None
    blank = "" if text and text[0].isspace() else " "
    box.replace_with(("☑" if "checked" in box.attributes else "☐") + blank)


def _said(page: LexborHTMLParser, mark: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Yield what is found in the text of a page, but not in code."""
    for node in plain.spoken(page, mark):
        yield from mark.finditer(node.text_content or "")


def _templates(page: LexborHTMLParser, spots: Spots) -> None:
    """Say where a template was left in the text."""
    for match in _said(page, _TEMPLATE):
        spots.findings.warn(
            "MD005",
            f"{shown(match.group())!r} is a template, which is not filled in here",
            "write what it stands for; between backticks it is an example",
            spots.find(match.group())[1],
        )


def _wikilinks(page: LexborHTMLParser, spots: Spots) -> None:
    """Say where a note is named in Obsidian's way: only a vault knows where it is."""
    for match in _said(page, _WIKILINK):
        spots.findings.warn(
            "MD007",
            f"{shown(match.group())!r} is Obsidian's way to name a file; readers see the brackets",
            "write [words](other-note.md)",
            spots.find(match.group())[1],
        )


def _before_more(root: LexborNode) -> str:
    """Return the plain text before the mark where an author ends the summary, else nothing."""
    for node in root.traverse(include_text=True):
        if node.is_comment_node and _MORE.fullmatch(node.comment_content or ""):
            return plain.text_of(root, until=node)
    return ""


def _first_paragraph(root: LexborNode) -> str:
    return _first(root, _PARAGRAPHS) or plain.text_of(root)


def _first(root: LexborNode, tags: frozenset[str]) -> str:
    """Return the text of the first element of these tags that has any."""
    for node in root.traverse():
        if node.tag in tags and (text := plain.text_of(node)):
            return text
    return ""


def inline(line: str) -> str:
    """Return one line of Markdown as plain text: a source may be named by a link."""
    if not _MARKED.search(line):
        return line
    root = LexborHTMLParser(markdown.render(line), is_fragment=True).root
    return plain.text_of(root) if root is not None else ""
