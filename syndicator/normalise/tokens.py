"""Places of keys, and limits, for TOML and JSON: their parsers know neither.

One linear walk over the tokens comes first: what is too deep or too much never reaches a parser
that recurses, and every top-level key gets its line and column.
"""

import re
from typing import Final

from syndicator.normalise.findings import Flaw
from syndicator.normalise.values import Mark
from syndicator.normalise.yaml_events import DEPTH, NODES

# unclosed strings run to the end of the text, so that no byte is looked at twice
_TOML: Final = re.compile(
    r'"""[^"\\]*(?:(?:\\.|""?(?!"))[^"\\]*)*(?:"{3,5}|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:\\.|[^"\\\n])*(?:"|(?=\n)|\Z)'
    r"|'[^'\n]*(?:'|(?=\n)|\Z)"
    r"""|\#[^\n]*|\n|[\[\]{}=,.]|[^\s\[\]{}=,."'#]+""",
    re.DOTALL,
)
_LINE: Final = ("\n",)
_OPENERS: Final = frozenset("[{")
_CLOSERS: Final = frozenset("]}")
_STRUCTURE: Final = frozenset("[]{}=,:.")
_CLOSED: Final = re.compile(
    r"""(?:\"{3}.*\"{3}|'{3}.*'{3}|"(?!"").*(?<!\\)"|'(?!'').*')""", re.DOTALL
)
_DOT: Final = (".",)  # between the parts of a TOML key
_JSON: Final = re.compile(
    r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)|[{}\[\],:]|[^\s"{}\[\],:]+|\n', re.DOTALL
)


def toml_marks(front: str, first: int) -> dict[str, Mark]:
    """Where each top-level key and table of TOML stands; raises ``Flaw`` FM008 over a limit."""
    walk = _Walk(first)
    before = "\n"  # the token before this one, on this line
    for token in _TOML.finditer(front):
        text = token.group()
        if text[0] in "\"'" and token.end() == len(front) and not _CLOSED.fullmatch(text):
            raise Flaw("FM003", "not TOML: a text is never closed", "close the quotes", walk.place)
        walk.count(text, before)
        if walk.depth == 0 and before == "\n" and not walk.tabled and text[0] not in "#\n[]{}=,.":
            walk.mark(text.strip("\"'"), token.start())
        elif text == "[" and before == "\n" and walk.depth == 1:
            walk.header = walk.tabled = True
        elif walk.header and text not in ("[", "]", "."):
            walk.mark(text.strip("\"'"), token.start())
            walk.header = False
        walk.lines(text, token.end())
        before = text
    return walk.found


def json_marks(text: str, start: int, first: int) -> tuple[dict[str, Mark], int]:
    """Where each top-level key of the object at ``start`` stands, and where the object ends.

    The end is the length of the text when it is never closed. Raises ``Flaw`` FM008.
    """
    walk = _Walk(first, start)
    last = ("", 0)
    for token in _JSON.finditer(text, start):
        piece = token.group()
        walk.count(piece, last[0])
        if piece == ":" and walk.depth == 1:
            walk.mark(last[0].strip('"'), last[1])
        walk.lines(piece, token.end())
        if piece == "}" and walk.depth == 0:
            return walk.found, token.end()
        if piece != "\n":
            last = (piece, token.start())
    return walk.found, len(text)


class _Walk:
    """Where the walk stands: line, depth, and how much it has seen."""

    def __init__(self, first: int, start: int = 0) -> None:
        self.found: dict[str, Mark] = {}
        self.depth = 0
        self.header = False  # the name of a table comes next
        self.tabled = False  # the keys from here on belong to a table
        self._line = first
        self._begins = start
        self._nodes = 0
        self._dots = 0

    @property
    def place(self) -> tuple[int, int]:
        """The line that the walk has come to."""
        return self._line, 1

    def mark(self, key: str, offset: int) -> None:
        """Keep the first place of a key."""
        self.found.setdefault(key, Mark(self._line, offset - self._begins + 1))

    def count(self, token: str, before: str) -> None:
        """Follow the nesting, and stop where it goes too far."""
        if token not in _STRUCTURE:
            if before not in _DOT:
                self._dots = 0
            return
        if token in _DOT:
            self._dots += 1
        elif token in _CLOSERS:
            self.depth = max(0, self.depth - 1)
        else:
            self._nodes += 1
            self.depth += token in _OPENERS
        if max(self.depth, self._dots) > DEPTH:
            raise self._over(f"nests more than {DEPTH} levels deep", "write it flatter")
        if self._nodes > NODES:
            raise self._over(
                f"holds more than {NODES:,} values", "move the data into a file of its own"
            )

    def lines(self, token: str, end: int) -> None:
        """Count the line ends within a token."""
        if token in _LINE:
            self._line += 1
            self._begins = end
        elif token[0] in "\"'" and "\n" in token:
            self._line += token.count("\n")
            self._begins = end - (len(token) - token.rindex("\n") - 1)

    def _over(self, says: str, hint: str) -> Flaw:
        return Flaw("FM008", f"front matter {says}", hint, self.place)
