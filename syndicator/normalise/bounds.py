"""How much a text may hold: what would cost minutes is refused by counting.

First in the source, before anything is made of it, then in the HTML that Markdown gives, before
a tree grows from it.
"""

import re
from typing import Final

from syndicator.normalise.findings import Flaw

_DEPTH: Final = 512  # where browsers stop too
_ELEMENTS: Final = 400_000
MARKS: Final = 500_000
MARKUP: Final = b"\r\n*_`[<|&>~#-+"
_NESTING: Final = b">-+*.)"
_FEW: Final = 500  # tags that can neither nest too deep nor grow too many
_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_OPENING: Final = re.compile(r"<([A-Za-z][A-Za-z0-9]*)")
_NESTED: Final = re.compile(
    rf"^(?:[ \t]*(?:>|[-+*]|[0-9]{{1,9}}[.)])){{{_DEPTH + 1}}}", re.MULTILINE
)
_ATTRIBUTES: Final = re.compile(r"<[A-Za-z][^<>]{2000}")
# as Markdown knows a tag (CommonMark 6.6), which no blank line parts; other text after a "<"
# may run on as it likes
_ENDLESS: Final = re.compile(
    rb"""<[A-Za-z][A-Za-z0-9-]*+"""
    rb"""(?:(?:[ \t]++(?:\r?\n[ \t]*+)?+|\r?\n[ \t]*+)[A-Za-z_:][\w.:-]*+"""
    rb"""(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'=<>`]++))?+){%d}""" % (_DEPTH + 1)
)
_MANY_WORDS: Final = re.compile(rf"(?:\S+\s+){{{_DEPTH}}}")
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


def marks(told: bytes) -> int:
    """Return how many marks of Markdown and line ends are among these bytes of ``MARKUP``."""
    returns = told.count(b"\r")
    lines = told.count(b"\n") if returns else 0  # no more than the two together end lines
    return len(told) - min(returns, lines)


def too_many_marks() -> Flaw:
    """Return what is said of a file with more than ``MARKS``."""
    return Flaw(
        "FM008",
        f"the text holds more than {MARKS:,} line ends and marks of Markdown",
        "split the post",
    )


def endless(data: bytes) -> None:
    """Raise ``Flaw`` FM008 for a file with a tag of hundreds of attributes."""
    if b"<" in data and _ENDLESS.search(data):
        raise _too_deep()


def source(text: str) -> None:
    """Raise ``Flaw`` FM008 for Markdown that nests too deep."""
    data = text.encode()
    if len(data) - len(data.translate(None, _NESTING)) > _DEPTH and _NESTED.search(text):
        raise _too_deep()


def slight(html: str) -> bool:
    """Whether HTML holds so little that nothing of it has to be counted further."""
    return html.count("<") <= _FEW and (len(html) <= _AMPERSANDS or html.count("&") <= _AMPERSANDS)


def tags(html: str) -> frozenset[str]:
    """Return the names of the tags in HTML; raises ``Flaw`` FM008 where they are too many."""
    if html.count("<") > 2 * _ELEMENTS:
        raise _too_deep()
    _spread(html)
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


def _spread(html: str) -> None:
    """Refuse a tag with hundreds of attributes: parsers compare each with all before it."""
    for match in _ATTRIBUTES.finditer(html):
        start, end = match.start(), html.find(">", match.start())
        end = end if end >= 0 else len(html)
        if html.count("=", start, end) > _DEPTH or _MANY_WORDS.match(html, start, end):
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
