"""Pictures embedded in Obsidian's way: ``![[gauge.png]]``, ``![[gauge.png|The gauge|300]]``.

A vault names its files as they are called, wherever they lie. So such a picture is looked for
beside the post, then in the static folders; ``![[note]]`` stays as it is and is told. Why:
decision 0037.
"""

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from syndicator.normalise import plain, urls

MARK: Final = "data-embedded"  # an attribute of the pictures that are made here
_EMBED: Final = re.compile(
    r"!\[\[([^][|#^\n]{1,300}\.(?:avif|bmp|gif|jpe?g|png|svg|webp))\s*(?:#[^][|]*)?"
    r"(?:\|([^][]*))?\]\]",
    re.IGNORECASE,
)
_SIZE: Final = re.compile(r"([0-9]{1,5})(?:x([0-9]{1,5}))?")


def place(page: LexborHTMLParser) -> bool:
    """Put a picture wherever one is embedded, but not in code; tell whether there was any."""
    nodes = list(plain.spoken(page, _EMBED))
    for node in nodes:
        text, at = node.text_content or "", 0
        for match in _EMBED.finditer(text):
            node.insert_before(text[at : match.start()])
            node.insert_before(_picture(page, match.group(1), match.group(2) or ""))
            at = match.end()
        node.replace_with(text[at:])
    return bool(nodes)


def reference(name: str) -> str:
    """Return the relative URL of a file that is named as it is called on the disk."""
    return "/".join(map(urls.quote_segment, name.strip().split("/")))


def _picture(page: LexborHTMLParser, name: str, said: str) -> LexborNode:
    """Make a picture; of what follows its name the last may be a size, the rest is its text."""
    *words, last = said.split("|")
    size = _SIZE.fullmatch(last.strip())
    image = page.create_node("img")
    image.attrs["src"] = reference(name)
    image.attrs["alt"] = "|".join(words if size else said.split("|")).strip()
    if size:
        image.attrs["width"] = size.group(1)
    if size and size.group(2):
        image.attrs["height"] = size.group(2)
    image.attrs[MARK] = ""
    return image
