"""What is counted in TOML and JSON before their parsers see it.

Neither parser has limits: the one recurses, both build everything before they fail. What is too
deep or too much is found here by counting, so that refusing costs less than reading.
"""

import re
from typing import Final

from syndicator.normalise.findings import Flaw, line_of
from syndicator.normalise.yaml_refusals import DEPTH, NODES

# of TOML, whose parser is slow: 3 us a value or key, and it goes letter by letter but through
# comments and single quotes (docs/decisions/0030)
TOML_NODES: Final = 5_000  # where YAML and JSON may have 20,000
TOML_ESCAPES: Final = 10_000
TOML_LINES: Final = 10_000
TOML_LETTERS: Final = 125_000
# what may hold brackets that open nothing; an unclosed text runs to the end of its line
_TOML_SILENT: Final = re.compile(
    r'"""[^"\\]*(?:(?:\\.|""?(?!"))[^"\\]*)*(?:"{3,5}|\Z)'
    r"|'''.*?(?:'{3,5}|\Z)"
    r'|"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*(?:"|\\?(?=\n)|\\?\Z)'
    r"|'[^'\n]*(?:'|(?=\n)|\Z)"
    r"|\#[^\n]*",
    re.DOTALL,
)
_TOML_SHAPE: Final = re.compile(r"[\[\]{}.=,\n]")
_JSON_SHAPE: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)|[{}\[\],:]', re.DOTALL)


def toml(front: str, first: int) -> None:
    """Raise ``Flaw`` FM008 for TOML that is too deep, or too much; lines end in LF."""
    if front.count("\n") > TOML_LINES:
        raise Flaw(
            "FM008",
            f"front matter has more than {TOML_LINES:,} lines",
            "move the data into a file of its own",
            (first + TOML_LINES, 1),
        )
    if front.count("\\") > TOML_ESCAPES:
        raise Flaw(
            "FM008",
            f"front matter holds more than {TOML_ESCAPES:,} backslashes",
            "write texts with many of them between single quotes, or in a file of their own",
            (first, 1),
        )
    if front.count('"') > 4 * TOML_NODES:  # around each key and each value
        raise _too_many((first, 1), kind="TOML", limit=TOML_NODES)
    if len(front) > TOML_LETTERS:
        _letters(front, first)
    lean = _TOML_SILENT.sub("", front)
    nodes = sum(map(lean.count, "==,[{."))  # a key and its value are two
    if nodes > TOML_NODES:
        raise _too_many((first, 1), kind="TOML", limit=TOML_NODES)
    if nodes > DEPTH and _deep(lean) >= 0:
        padded = _TOML_SILENT.sub(lambda match: "\n" * match.group().count("\n"), front)
        raise _too_deep((first + line_of(padded, _deep(padded)) - 1, 1))


def _letters(front: str, first: int) -> None:
    silent = _TOML_SILENT.findall(front)
    if len(front) - sum(len(one) for one in silent if one[0] != '"') > TOML_LETTERS:
        raise Flaw(
            "FM008",
            f"front matter holds more than {TOML_LETTERS:,} characters outside of single quotes",
            "write long texts between single quotes, or in a file of their own",
            (first, 1),
        )


def _deep(lean: str) -> int:
    """Return where TOML without its texts and comments gets too deep, or -1."""
    depth = dots = 0
    for match in _TOML_SHAPE.finditer(lean):
        mark = match.group()
        dots = dots + 1 if mark == "." else 0
        depth += (mark in "[{") - (mark in "]}")
        if depth + dots > DEPTH:
            return match.start()
    return -1


def many(front: str) -> bool:
    """Whether JSON may be too deep or too much at all: most can't be, and needs no counting."""
    openings = front.count("{") + front.count("[")
    return openings > DEPTH or openings + front.count(",") + front.count(":") > NODES


def json(text: str, start: int, first: int) -> int:
    """Return where the object at ``start`` ends; the length of the text when it is never closed.

    Raises ``Flaw`` FM008 where it is too deep, or too much; ``first`` is its first line.
    """
    depth = nodes = 0
    for match in _JSON_SHAPE.finditer(text, start):
        mark = match.group()
        if mark[0] == '"':
            continue
        if mark in "{[":
            depth += 1
        elif mark in "}]":
            depth -= 1
            if depth == 0:
                return match.end()
            continue
        nodes += 1
        if depth > DEPTH:
            raise _too_deep(_place(text, start, match.start(), first))
        if nodes > NODES:  # one for each mark before a value; a name and its value are two
            raise _too_many(_place(text, start, match.start(), first))
    return len(text)


def _place(text: str, start: int, at: int, first: int) -> tuple[int, int]:
    return first + line_of(text[start:at]) - 1, 1


def _too_deep(at: tuple[int, int]) -> Flaw:
    return Flaw(
        "FM008", f"front matter nests more than {DEPTH} levels deep", "write it flatter", at
    )


def _too_many(at: tuple[int, int], *, kind: str = "", limit: int = NODES) -> Flaw:
    return Flaw(
        "FM008",
        f"{kind + ' ' if kind else ''}front matter holds more than {limit:,} values",
        "move the data into a file of its own",
        at,
    )
