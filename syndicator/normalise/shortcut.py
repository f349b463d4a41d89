"""The short way through a body without a tag of its own: the sanitiser sees all there is to see.

Where no ``<`` stands in the source, every tag is Markdown's, and what Markdown writes is
regular: an ``img`` has one ``src`` and then its ``alt``, a ``p`` holds text and phrases. No tree
has to grow to find pictures and links, for the sanitiser parses it anyway and hands them over.
What needs more than a new URL goes the long way (``text.by_tree``): a picture that can't be used,
task lists, footnotes, templates, wikilinks, headings that are told. Both ways give the same text
and the same problems: ``tests/properties/test_shortcut.py`` holds them together.
"""

import html
import re
from typing import Final

from syndicator.normalise import bounds, plain, sanitise, urls
from syndicator.normalise.figures import told_without_text
from syndicator.normalise.links import Links
from syndicator.normalise.pictures import Pictures
from syndicator.normalise.spots import Spots

_BOXED: Final = frozenset(" \t\n\r\f\vxX^")  # what stands in the box of a task, or marks a note
_TAG: Final = re.compile(r"<[^>]*>")  # Markdown writes ``>`` as ``&gt;`` in every attribute


def fits(body: str, rendered: str) -> bool:
    """Whether a body and what Markdown made of it may go the short way."""
    return (
        "<" not in body
        and not urls.templated(body)
        and bounds.slight(rendered)
        and not (_bracketed(body) and ("[[" in body or "<input" in rendered or "<sup" in rendered))
        and not (("#" in body or "=" in body) and "<h1" in rendered)  # what makes a heading
    )


def _bracketed(body: str) -> bool:
    """Whether a wikilink, a box of a task or a footnote may stand in a body.

    To look at what follows each bracket costs a fraction of three searches through all of it.
    """
    opened = iter(body.split("["))
    next(opened)  # what stands before the first
    return any(not after or after[0] in _BOXED for after in opened)


class Passing:
    """Sees pictures and links of one body while it is cleaned; keeps them once that is done."""

    def __init__(self, pictures: Pictures, links: Links, spots: Spots) -> None:
        self._pictures = pictures
        self._links = links
        self._spots = spots
        self._led: list[str] = []  # links of which something may be told, in their order
        self._sources: list[str] = []
        self._texts: list[str] = []

    def clean(self, rendered: str) -> str | None:
        """Return what feeds may carry; None, and nothing kept, where a picture can't be used."""
        cleaned = sanitise.clean_through(rendered, self._look)
        if len(self._sources) < len(self._texts):  # Markdown gives each picture a text
            return None
        for given, alt in zip(self._sources, self._texts, strict=True):
            written, place = self._spots.find(given)
            self._pictures.take(given, place, written)
            if not alt.strip():
                told_without_text(self._spots.findings, place)
        for given in self._led:
            self._links.judge(given, self._spots)
        return cleaned

    def _look(self, _element: str, attribute: str, value: str) -> str | None:
        if attribute == "href":
            if url := self._links.settled(value):
                return url
            self._led.append(value)
            url = self._links.url(value)
            return url if url and sanitise.accepts(url) else None
        if attribute == "src":
            url = self._pictures.usable(urls.trimmed(value))
            if url:
                self._sources.append(value)
            return url
        if attribute == "alt":
            value = plain.fit(value)
            self._texts.append(value)
        return value


def first_paragraph(rendered: str) -> str:
    """Return the plain text of the first paragraph that has any; empty where none has."""
    begin = rendered.find("<p>")
    while begin >= 0:
        end = rendered.index("</p>", begin)
        said = _TAG.sub("", rendered[begin:end].replace("<br />", " "))
        if text := plain.folded(plain.straight(plain.fit(html.unescape(said)))):
            return text
        begin = rendered.find("<p>", end)
    return ""
