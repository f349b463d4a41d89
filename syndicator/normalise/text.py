"""The body: Markdown to HTML that a feed may carry, and what is found on the way.

One parsed tree serves everything: pictures, links, summary and first heading come from what a
browser would see, never from patterns in the source. The sanitiser reads the result once more.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from syndicator.normalise import markdown, plain, urls
from syndicator.normalise.characters import LINE_END
from syndicator.normalise.findings import NOWHERE, Findings, Flaw, Place
from syndicator.normalise.pictures import Pictures, best_of, spellings
from syndicator.normalise.sanitise import DROPPED, clean

_MORE: Final = re.compile(r"\s*(?:more|truncate|PELICAN_END_SUMMARY)\s*", re.IGNORECASE)
_LAZY: Final = ("data-src", "data-lazy-src", "data-original")
_LAZY_SETS: Final = ("data-srcset", "data-lazy-srcset")
_KEPT: Final = frozenset(("src", "alt", "title", "width", "height"))
_LOUD: Final = frozenset(("script", "iframe", "object", "embed", "applet", "svg", "math"))
_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
# these close themselves, or one another
_FLAT: Final = frozenset(
    "area base br col dd dt embed hr img input li link meta option p param rp rt source tbody td"  # noqa: SIM905
    " tfoot th thead tr track wbr".split()
)
_INLINE: Final = frozenset("a b big code em font i nobr s small strike strong tt u".split())  # noqa: SIM905  # short
_MARKED: Final = re.compile(r"[][*_`<>\\&]")
_DEPTH: Final = 512  # where browsers stop too
_ELEMENTS: Final = 400_000
_SOUGHT: Final = 100  # pictures not found in the source before looking for them ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A body as readers get it."""

    html: str
    summary: str  # plain: what stands before the mark "more", else the first paragraph
    heading: str  # plain: the first heading
    empty: bool  # neither words nor pictures


def read(body: str, first: int, pictures: Pictures, findings: Findings) -> Text:
    """Render a body whose first line is line ``first`` of the file, and clean it.

    Raises ``Flaw`` FM008 for HTML that would cost minutes: nested or repeated beyond all use.
    """
    raw = markdown.render(body)
    _bounded(raw)
    page = LexborHTMLParser(raw, is_fragment=True)
    _silence(page, findings)
    where = _Where(body, first)
    for picture in page.css("picture"):
        _flatten(picture)
    for image in page.css("img"):
        _picture(image, pictures, where)
    for link in page.css("a[href], video[src], audio[src], source[src]"):
        _link(link, pictures.address)
    for box in page.css("input[type=checkbox]"):
        box.replace_with("☑ " if "checked" in box.attributes else "☐ ")
    html = plain.fit(clean(page.html or "")).strip()
    root = page.root  # another one, where the first node was taken away
    if root is None:
        return Text(html="", summary="", heading="", empty=True)
    return Text(
        html=html,
        summary=(_before_more(root) if "<!--" in raw else "") or _first_paragraph(page),
        heading=_first_heading(page),
        empty=not html,
    )


class _Where:
    """Finds the line of a picture: its URL in the source, after the one before it."""

    def __init__(self, body: str, first: int) -> None:
        self._body = body
        self._first = first
        self._at = 0
        self._starts: list[int] = []
        self._left = _SOUGHT

    def find(self, url: str) -> tuple[str, Place]:
        """Return a URL as its author wrote it, and its place; as it is where it isn't found."""
        if not self._starts:
            self._starts = [0, *(match.end() for match in LINE_END.finditer(self._body))]
        for written in spellings(url) if self._left > 0 else ():
            at = self._body.find(written, self._at)
            at = at if at >= 0 else self._body.find(written)
            if at >= 0:
                self._at = at
                row = bisect_right(self._starts, at)
                return written, (self._first + row - 1, at - self._starts[row - 1] + 1)
        self._left -= 1
        return url, NOWHERE


def _bounded(html: str) -> None:
    """Refuse HTML whose tree would grow far beyond its text."""
    depth = deepest = inline = widest = count = 0
    for match in _TAG.finditer(html):
        count += 1
        if count > _ELEMENTS:
            break
        name = match.group(2).lower()
        if name in _FLAT:
            continue
        step = -1 if match.group(1) else 1
        depth = max(0, depth + step)
        deepest = max(deepest, depth)
        if name in _INLINE:
            # an inline tag left open is opened again in every block that follows
            inline = max(0, inline + step)
            widest = max(widest, inline)
    if deepest > _DEPTH or count * (1 + widest) > _ELEMENTS:
        raise Flaw(
            "FM008",
            "the text holds more HTML tags, or deeper ones, than a page can",
            "close the tags that are left open, or split the post",
        )


def _silence(page: LexborHTMLParser, findings: Findings) -> None:
    """Take away what no feed may carry; ``noscript`` repeats a lazy picture, or is unpacked."""
    for node in page.css("noscript"):
        if any(image.attributes.get("src") for image in node.css("img")) and _twin(node):
            node.decompose()
        else:
            node.unwrap()
    for node in page.css(",".join(DROPPED)):
        if node.tag in _LOUD:
            findings.warn(
                "MD003",
                f"<{node.tag}> is left out of feeds",
                "add a link to it as well, so that readers of feeds can follow it",
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
    return any(name in image.attributes for image in images for name in (*_LAZY, *_LAZY_SETS))


def _flatten(picture: LexborNode) -> None:
    """Leave the ``img`` of a ``picture``, with a source's candidates when it has no URL."""
    image = picture.css_first("img")
    for source in picture.css("source"):
        given = source.attributes.get("srcset") or source.attributes.get("data-srcset")
        if image is not None and given and not image.attributes.get("srcset"):
            image.attrs["srcset"] = given
        source.decompose()
    picture.unwrap()


def _picture(image: LexborNode, pictures: Pictures, where: _Where) -> None:
    """Give an ``img`` its one absolute URL and its text; without a URL the text alone stays."""
    given = dict(image.attributes)
    alt = plain.fit(given.get("alt") or "")
    url = ""
    for candidate in _candidates(given):
        written, place = where.find(candidate)
        url = pictures.take(candidate, place, written)
        if url:
            break
    if not url:
        image.replace_with(alt)
        return
    for name, value in given.items():
        digits = name not in ("width", "height") or (value or "").isdecimal()
        if name not in _KEPT or not digits:
            del image.attrs[name]
    image.attrs["src"] = url
    image.attrs["alt"] = alt


def _candidates(given: dict[str, str | None]) -> list[str]:
    """Return the URLs an ``img`` offers, best first: a lazy one hides behind a placeholder."""
    lazy = [given.get(name) or "" for name in _LAZY]
    sets = [best_of(given.get(name) or "") for name in _LAZY_SETS]
    src = given.get("src") or ""
    late = [best_of(given.get("srcset") or "")]
    offered = (
        [*lazy, *sets, src, *late]
        if urls.parts(src).scheme != "data"
        else [*lazy, *sets, *late, src]
    )
    return [url for url in offered if url.strip()]


def _link(node: LexborNode, address: str) -> None:
    name = "href" if node.tag == "a" else "src"
    url = urls.resolve(address, node.attributes.get(name) or "")
    if url:
        node.attrs[name] = url
    else:
        del node.attrs[name]


def _before_more(root: LexborNode) -> str:
    """Return the plain text before the mark where an author ends the summary, else nothing."""
    for node in root.traverse(include_text=True):
        if node.is_comment_node and _MORE.fullmatch(node.comment_content or ""):
            return plain.text_of(root, until=node)
    return ""


def _first_paragraph(page: LexborHTMLParser) -> str:
    for paragraph in page.css("p"):
        if text := plain.text_of(paragraph):
            return text
    return plain.text_of(page.root) if page.root is not None else ""


def _first_heading(page: LexborHTMLParser) -> str:
    for heading in page.css("h1, h2, h3, h4, h5, h6"):
        if text := plain.text_of(heading):
            return text
    return ""


def inline(line: str) -> str:
    """Return one line of Markdown as plain text: a source may be named by a link."""
    if not _MARKED.search(line):
        return line
    root = LexborHTMLParser(markdown.render(line), is_fragment=True).root
    return plain.text_of(root) if root is not None else ""
