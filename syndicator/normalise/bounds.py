"""How much a text may hold: what would cost minutes is refused by counting.

First in the source, before anything is made of it, then in the HTML that Markdown gives, before
a tree grows from it.
"""

import re
from typing import Final

from syndicator.normalise.findings import Flaw

_DEPTH: Final = 512  # where browsers stop too
_ELEMENTS: Final = 400_000
_MARKS: Final = 500_000
_MARKUP: Final = b"\n*_`[<|&>~#"
_FEW: Final = 500  # tags that can neither nest too deep nor grow too many
_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_OPENING: Final = re.compile(r"<([A-Za-z][A-Za-z0-9]*)")
_NESTED: Final = re.compile(r"^(?:[ \t]*(?:>|[-+*]|[0-9]{1,9}[.)])[ \t]?)+", re.MULTILINE)
_ATTRIBUTES: Final = re.compile(r"<[A-Za-z][^<>]{2000}")
# these close themselves, or one another
_FLAT: Final = frozenset(
    "area base br col dd dt embed hr img input li link meta option p param rp rt source tbody td"  # noqa: SIM905  # words read better
    " tfoot th thead tr track wbr".split()
)
_INLINE: Final = frozenset("a b big code em font i nobr s small strike strong tt u".split())  # noqa: SIM905
# the tree's parser walks over all choices of a form at each of them
_CHOICES: Final = frozenset(("option", "optgroup"))
_AMPERSANDS: Final = 5_000
_PIECE: Final = re.compile(r'<(?:[^">]|"[^"]*")*>|[^<]+')
_ENTITIES: Final = re.compile(r"(?:[^&]*&[^;&]{0,40};){500}")


def source(text: str) -> None:
    """Raise ``Flaw`` FM008 for Markdown that holds too many marks, or nests too deep."""
    data = text.encode()
    marks = len(data) - len(data.translate(None, _MARKUP))
    if marks > _MARKS:
        raise Flaw(
            "FM008",
            f"the text holds {marks:,} line ends and marks of Markdown; the limit is {_MARKS:,}",
            "split the post",
        )
    if "<" in text:
        _spread(text)
    if marks <= _DEPTH and text.count("-") <= _DEPTH:
        return
    for match in _NESTED.finditer(text):
        run = match.group()
        if len(run) > _DEPTH and sum(map(run.count, ">-+*.)")) > _DEPTH:
            raise _too_deep()


def tags(html: str) -> frozenset[str]:
    """Return the names of the tags in HTML; raises ``Flaw`` FM008 where they are too many."""
    if html.count("<") > 2 * _ELEMENTS:
        raise _too_deep()
    names = _OPENING.findall(html)
    if len(names) > _FEW:
        _walk(html)
        if sum(name.lower() in _CHOICES for name in names) > _FEW:
            raise _too_deep()
    return frozenset(map(str.lower, set(names)))


def _walk(html: str) -> None:
    depth = count = inline = widest = 0
    for match in _TAG.finditer(html):
        count += 1
        name = match.group(2).lower()
        if name in _FLAT:
            continue
        step = -1 if match.group(1) else 1
        depth = max(0, depth + step)
        if name in _INLINE:
            # an inline tag left open is opened again in every block that follows
            inline = max(0, inline + step)
            widest = max(widest, inline)
        if depth > _DEPTH:
            raise _too_deep()
    if count * (1 + widest) > _ELEMENTS:
        raise _too_deep()


def _spread(text: str) -> None:
    """Refuse a tag with hundreds of attributes: parsers compare each with all before it."""
    for match in _ATTRIBUTES.finditer(text):
        end = text.find(">", match.start())
        tag = text[match.start() : end if end >= 0 else len(text)]
        if tag.count("=") + len(tag.split()) > _DEPTH:
            raise _too_deep()


def relieved(html: str) -> str:
    """Return serialised HTML with comments between many entities of one text.

    The sanitiser's parser goes through all it has of a text again at every ``&``; a comment
    begins another text, and the sanitiser takes it out.
    """
    if len(html) < 5 * _AMPERSANDS or html.count("&") <= _AMPERSANDS:
        return html
    return _PIECE.sub(_parted, html)


def _parted(match: re.Match[str]) -> str:
    piece = match.group()
    return piece if piece[0] == "<" else _ENTITIES.sub(r"\g<0><!---->", piece)


def _too_deep() -> Flaw:
    return Flaw(
        "FM008",
        "the text holds more HTML tags, or deeper ones, than a page can",
        "close the tags that are left open, or split the post",
    )
