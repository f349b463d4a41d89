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

# tags that the long way does more to than to give them a URL
_LONG: Final = ("<h1", "<input", "<sup")
_TAG: Final = re.compile(r"<[^>]*>")  # Markdown writes ``>`` as ``&gt;`` in every attribute


def fits(body: str, rendered: str) -> bool:
    """Whether a body and what Markdown made of it may go the short way."""
    return (
        "<" not in body
        and "[[" not in body
        and not urls.templated(body)
        and bounds.slight(rendered)
        and not any(tag in rendered for tag in _LONG)
    )


class Passing:
    """Sees pictures and links of one body while it is cleaned; keeps them once that is done."""

    def __init__(self, pictures: Pictures, links: Links, spots: Spots) -> None:
        self._pictures = pictures
        self._links = links
        self._spots = spots
        self._led: list[str] = []  # links as written, in their order
        self._sources: list[str] = []
        self._texts: list[str] = []

    def clean(self, rendered: str) -> str | None:
        """Return what feeds may carry; None, and nothing kept, where a picture can't be used."""
        cleaned = sanitise.clean_through(rendered, self._look)
        if len(self._sources) < rendered.count("<img "):
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
