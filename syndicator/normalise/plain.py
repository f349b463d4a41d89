"""Plain text out of markup: titles, summaries, names."""

import html
import re
from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from syndicator.normalise.characters import UNFIT

_HIDDEN: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u00ad\ufeff]")
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
# known tags only: "Vec<T>" and "a < b" are text
_TAGS: Final = (
    "a abbr acronym b bdi bdo big blockquote br center cite code del dfn div em font h[1-6] hr i"
    " img ins kbd label li mark noscript ol p pre q rp rt ruby s samp small span strike strong"
    " sub sup table td th tr tt u ul var wbr"
)
_TAG: Final = re.compile(rf"</?(?:{'|'.join(_TAGS.split())})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_SCRIPT: Final = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BLOCKS: Final = frozenset(
    "address article aside blockquote br caption dd details div dl dt figcaption figure footer"  # noqa: SIM905  # a list is easier to read so
    " h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th"
    " thead tr ul".split()
)
_CODE: Final = frozenset(("code", "pre", "kbd", "samp"))
_SILENT: Final = frozenset(("script", "style", "template", "head", "title", "textarea"))


def folded(text: str) -> str:
    """Return text on one line: runs of white space are one blank."""
    return " ".join(text.split())


def fit(text: str) -> str:
    """Return text without the characters that XML can't carry (XML 1.0, 2.2)."""
    return text if text.isprintable() else UNFIT.sub("", text)


def seen(text: str) -> str:
    """Return text without marks that can't be seen and turn or split what is."""
    return text if text.isascii() else _HIDDEN.sub("", text)


def hidden(text: str) -> bool:
    """Whether ``seen`` would take anything out of the text."""
    return not text.isascii() and _HIDDEN.search(text) is not None


def straight(html: str) -> str:
    """Return HTML without the marks that turn text around; those that only divide words stay."""
    return html if html.isascii() else _TURNING.sub("", html)


def decoded(text: str) -> str:
    """Return text with its HTML entities decoded, once; ``AT&T`` and unknown ones stay."""
    return _ENTITY.sub(lambda match: html.unescape(match.group()), text) if "&" in text else text


def tagged(text: str) -> bool:
    """Whether HTML tags stand in the text."""
    return "<" in text and _TAG.search(text) is not None


def line(text: str) -> str:
    """Return one line of plain text from what may hold HTML: tags off, entities decoded once."""
    if text.isprintable() and "<" not in text and "&" not in text:
        return folded(text)  # most lines
    if "<" in text:
        text = _TAG.sub("", _SCRIPT.sub("", text))
    return folded(fit(decoded(text)))


def text_of(node: LexborNode, until: LexborNode | None = None) -> str:
    """Return the text below a node, up to another one; blocks and line breaks part words."""
    said: list[str] = []
    end = until.mem_id if until is not None else 0
    for one in node.traverse(include_text=True):
        if one.mem_id == end:
            break
        if one.is_text_node:
            parent, before = one.parent, one.prev
            if parent is not None and (parent.tag in _SILENT or _note(parent)):
                continue
            if before is not None and before.tag in _BLOCKS:
                said.append(" ")
            said.append(one.text_content or "")
        elif one.tag in _BLOCKS:
            said.append(" ")
    return folded(straight(fit("".join(said))))


def spoken(page: LexborHTMLParser, mark: re.Pattern[str]) -> Iterator[LexborNode]:
    """Yield the nodes of text in which something is found; in code it is an example."""
    root = page.root
    for node in root.traverse(include_text=True) if root is not None else ():
        text = (node.text_content or "") if node.is_text_node else ""
        if text and mark.search(text) and not _in_code(node):
            yield node


def _in_code(node: LexborNode) -> bool:
    above = node.parent
    while above is not None:
        if above.tag in _CODE:
            return True
        above = above.parent
    return False


def _note(node: LexborNode) -> bool:
    """Whether a node is the raised number of a footnote, which says nothing without the note."""
    return node.tag == "a" and "data-footnote-ref" in node.attributes
