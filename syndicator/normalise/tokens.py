"""TOML and JSON with a place for every key: their parsers know none.

The parser judges the text first; then one walk over the tokens of what is known to be right
tells where its keys and values stand.
"""

import re
from collections.abc import Iterator
from json import loads
from typing import Final, NamedTuple

from syndicator.normalise.characters import UNFIT
from syndicator.normalise.findings import Flaw, place_in, shown
from syndicator.normalise.values import Mark, Path, Table, Value
from syndicator.normalise.yaml_refusals import DEPTH

_JSON: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s"{}\[\],:]+|\n|\r\n?', re.DOTALL)
# texts, names among them, and brackets
_JSON_NAMES: Final = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}\[\]]', re.DOTALL)
# what TOML may write for one character (1.0.0, "String")
_TOML_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_TOML_SHORT: Final = {"b": "\b", "f": "\f"}  # of what can't be published
_TOML: Final = re.compile(
    r'"""[^"\\]*(?:(?:\\.|""?(?!"))[^"\\]*)*"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'
    r"|'[^'\r\n]*'"
    r"""|\#[^\r\n]*|\n|\r\n?|[\[\]{}=,.]|[^\s\[\]{}=,."'#]+""",
    re.DOTALL,
)
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
INTEGER: Final = re.compile(r"-?[0-9]{1,4000}")
_BREAK: Final = re.compile(r"\r\n?|\n")
_ENDS: Final = frozenset(",]}")


class Token(NamedTuple):
    """A piece of a text that is no blank, and where it stands."""

    text: str
    at: int
    line: int
    column: int


def _tokens(pattern: re.Pattern[str], text: str, first: int) -> Iterator[Token]:
    """Yield the tokens of a text whose first line is number ``first``."""
    line, begins = first, 0
    for match in pattern.finditer(text):
        piece = match.group()
        if piece in ("\n", "\r\n", "\r"):
            line, begins = line + 1, match.end()
            continue
        yield Token(piece, match.start(), line, match.start() - begins + 1)
        if piece[0] in "\"'" and ("\n" in piece or "\r" in piece):
            breaks = [one.end() for one in _BREAK.finditer(piece)]
            line, begins = line + len(breaks), match.start() + breaks[-1]


def json_table(text: str, first: int, base: int) -> Table:
    """Return an object that ``json.loads`` has taken as a table.

    Its first line is number ``first``, its first character number ``base`` of the file's text.
    """
    root: list[Value] = []
    stack: list[Table | list[Value]] = [root]
    key: Token | None = None
    for token in _tokens(_JSON, text, first):
        piece, inner = token.text, stack[-1]
        if piece in "}]":
            stack.pop()
        elif isinstance(inner, Table) and key is None:
            key = token
        else:
            value: Value = Table() if piece == "{" else [] if piece == "[" else _scalar(token)
            if isinstance(inner, list):
                inner.append(value)
            elif key is not None:
                _keep(inner, key, value, token, base)
                key = None
            if isinstance(value, (Table, list)):
                stack.append(value)
    table = root[0]
    assert isinstance(table, Table)  # noqa: S101  # the caller asked
    return table


def _keep(table: Table, key: Token, value: Value, token: Token, base: int) -> None:
    """Put a value into a table, with its place."""
    name = _said(key.text)
    piece, start, end = token.text, token.at + base, token.at + base + len(token.text)
    if piece in "{[":
        piece, start, end = "", -1, -1
    plain = "" if piece[:1] == '"' else piece
    table[name] = value
    table.marks[name] = Mark(key.line, key.column, plain, key.at + base, start, end)


def _scalar(token: Token) -> Value:
    piece = token.text
    if piece[0] == '"':
        return _said(piece)
    if piece in _CONSTANTS:
        return _CONSTANTS[piece]
    return int(piece) if INTEGER.fullmatch(piece) else piece


def _said(quoted: str) -> str:
    return str(loads(quoted)) if "\\" in quoted else quoted[1:-1]


def json_twice(text: str, first: int) -> Flaw | None:
    """Return what is said of the first key that stands twice, in text that is JSON.

    Nothing is built of a text that is refused: only brackets and names are looked at.
    """
    stack: list[dict[str, int]] = []
    for match in _JSON_NAMES.finditer(text):
        if match[2] is None:
            if match[0] == "{" or match[0] == "[":
                stack.append({})
            elif match[0] in "}]":
                stack.pop()
            continue
        name = _said(match[1])
        if name in stack[-1]:
            before = Mark(*place_in(text, stack[-1][name], first))
            return twice(name, before, *place_in(text, match.start(), first))
        stack[-1][name] = match.start()
    return None


def json_unfit(text: str, first: int) -> Flaw | None:
    """Return what is said of the first escape in JSON for a character that can't be published."""
    for match in _JSON_NAMES.finditer(text):
        piece = match[1]
        if piece and "\\" in piece and (bad := UNFIT.search(_said(piece))):
            return _unfit(bad.group(), place_in(text, match.start(), first))
    return None


def toml_unfit(text: str, first: int) -> Flaw | None:
    """Return what ``json_unfit`` does, of TOML that its parser has taken."""
    for match in _TOML.finditer(text):
        piece = match.group()
        if piece[0] == '"' and "\\" in piece and (bad := UNFIT.search(_escaped(piece))):
            return _unfit(bad.group(), place_in(text, match.start(), first))
    return None


def _escaped(piece: str) -> str:
    """Return the characters for which the escapes of a text in TOML stand."""
    found = _TOML_ESCAPE.findall(piece)
    return "".join(_TOML_SHORT.get(c, "") if c else chr(int(u or w, 16)) for u, w, c in found)


def _unfit(character: str, at: tuple[int, int]) -> Flaw:
    says = f"the character U+{ord(character):04X} can't be published"
    return Flaw("FM006", says, "remove the escape", at)


def twice(name: str, before: Mark, line: int, column: int) -> Flaw:
    """Return what is said of a key that stood ``before`` and stands here again."""
    return Flaw(
        "FM005",
        f"{shown(name)!r} stands twice, on line {before.line} and line {line}",
        "keep one of the two",
        (line, column),
    )


class TomlPlaces:
    """Where the keys of TOML stand, by their path from the top; arrays count from 0.

    Made for text that ``tomllib`` has taken. Of other text it tells only ``twice``: the first key
    that stands twice, if it comes to one.
    """

    def __init__(self, front: str, first: int, base: int) -> None:
        """Walk over the text; its first character is number ``base`` of the file's text."""
        self.marks: dict[Path, Mark] = {}
        self.twice: Flaw | None = None
        self._front = front
        self._base = base
        self._declared: set[Path] = set()
        self._lengths: dict[Path, int] = {}  # of the arrays of tables
        tokens = _tokens(_TOML, front, first)
        self._all = [token for token in tokens if token.text[0] != "#"]
        at = 0
        prefix: Path = ()
        try:
            while at < len(self._all):
                if self._all[at].text == "[":
                    at, prefix = self._header(at + 1)
                else:
                    at = self._pair(at, prefix)
        except (IndexError, ValueError):  # what tomllib refused need not make sense
            return

    def _header(self, at: int) -> tuple[int, Path]:
        """Read ``[a.b]`` or ``[[a.b]]``; return what comes next, and the path of the table."""
        many = self._all[at].text == "["
        at, names = self._names(at + many, "]")
        path: Path = ()
        for token, name in names:
            path = (*path, name)
            last = token is names[-1][0]
            if last and not many:
                self._mark(path, token)
            else:
                self.marks.setdefault(path, self._of(token))
            if last and many:
                self._lengths[path] = self._lengths.get(path, 0) + 1
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        return at + many, path

    def _pair(self, at: int, prefix: Path) -> int:
        """Read a key and its value; return what comes next."""
        at, names = self._names(at, "=")
        path = prefix
        for token, name in names[:-1]:
            path = (*path, name)
            self.marks.setdefault(path, self._of(token))
        token, name = names[-1]
        path = (*path, name)
        self._mark(path, token)
        start = self._all[at]
        at = self._value(at, path)
        stop = self._all[at - 1].at + len(self._all[at - 1].text)
        plain = start.text[0] not in "\"'[{"
        self.marks[path] = self.marks[path]._replace(
            text=self._front[start.at : stop] if plain else "",
            start=start.at + self._base,
            end=stop + self._base,
        )
        return at

    def _value(self, at: int, path: Path) -> int:
        token = self._all[at]
        if token.text == "[":
            at, count = at + 1, 0
            while self._all[at].text != "]":
                if self._all[at].text == ",":
                    at += 1
                    continue
                at = self._value(at, (*path, count))
                count += 1
            return at + 1
        if token.text == "{":
            at += 1
            while self._all[at].text != "}":
                at = at + 1 if self._all[at].text == "," else self._pair(at, path)
            return at + 1
        at += 1
        if token.text[0] in "\"'":
            return at
        while at < len(self._all) and self._all[at].line == token.line:
            if self._all[at].text in _ENDS:
                break
            at += 1
        return at

    def _names(self, at: int, end: str) -> tuple[int, list[tuple[Token, str]]]:
        """Read the parts of a key up to ``end``; return what comes after it, and the parts."""
        names = []
        while self._all[at].text != end:
            token = self._all[at]
            if token.text != ".":
                names.append((token, _unquoted(token.text)))
            if token.line != names[0][0].line or len(names) > DEPTH:
                raise ValueError("no key of TOML")
            at += 1
        if not names:
            raise ValueError("a key without a name")
        return at + 1, names

    def _mark(self, path: Path, token: Token) -> None:
        if self.twice is None and path in self._declared:
            self.twice = twice(str(path[-1]), self.marks[path], token.line, token.column)
        self._declared.add(path)
        self.marks[path] = self._of(token)

    def _of(self, token: Token) -> Mark:
        return Mark(token.line, token.column, "", token.at + self._base)


def _unquoted(name: str) -> str:
    if name[0] == '"' and "\\" in name:
        return str(loads(name))
    return name[1:-1] if name[0] in "\"'" else name
