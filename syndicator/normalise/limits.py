"""What is counted in TOML and JSON before their parsers see it.

Neither parser has limits: the one recurses, both build everything before they fail. What is too
deep or too much is found here by counting, so that refusing costs less than reading.
"""

import re
from typing import Final

from syndicator.normalise.findings import Flaw, line_of
from syndicator.normalise.yaml_events import DEPTH, NODES

# of TOML, whose parser is slow: it goes letter by letter but through comments and single quotes
LINES: Final = 10_000
LETTERS: Final = 250_000
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
_JSON_SHAPE: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)|[{}\[\],]', re.DOTALL)


def toml(front: str, first: int) -> None:
    """Raise ``Flaw`` FM008 for TOML that is too deep, or too much; lines end in LF."""
    if front.count("\n") > LINES:
        raise Flaw(
            "FM008",
            f"front matter has more than {LINES:,} lines",
            "move the data into a file of its own",
            (first + LINES, 1),
        )
    if front.count("\\") > NODES:
        raise Flaw(
            "FM008",
            f"front matter holds more than {NODES:,} backslashes",
            "write texts with many of them between single quotes, or in a file of their own",
            (first, 1),
        )
    if front.count('"') > 4 * NODES:  # around each key and each value
        raise _too_many((first, 1))
    if len(front) > LETTERS:
        _letters(front, first)
    lean = _TOML_SILENT.sub("", front)
    nodes = sum(map(lean.count, "=,[{."))
    if nodes > NODES:
        raise _too_many((first, 1))
    if nodes > DEPTH and _deep(lean) >= 0:
        padded = _TOML_SILENT.sub(lambda match: "\n" * match.group().count("\n"), front)
        raise _too_deep((first + line_of(padded, _deep(padded)) - 1, 1))


def _letters(front: str, first: int) -> None:
    silent = _TOML_SILENT.findall(front)
    if len(front) - sum(len(one) for one in silent if one[0] != '"') > LETTERS:
        raise Flaw(
            "FM008",
            f"front matter holds more than {LETTERS:,} characters outside of single quotes",
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
    return openings > DEPTH or openings + front.count(",") + front.count('"') > NODES


def json(text: str, start: int, first: int) -> int:
    """Return where the object at ``start`` ends; the length of the text when it is never closed.

    Raises ``Flaw`` FM008 where it is too deep, or too much; ``first`` is its first line.
    """
    depth = nodes = 0
    for match in _JSON_SHAPE.finditer(text, start):
        mark = match.group()
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
        if nodes > 2 * NODES:  # a name and its value are two
            raise _too_many(_place(text, start, match.start(), first))
    return len(text)


def _place(text: str, start: int, at: int, first: int) -> tuple[int, int]:
    return first + line_of(text[start:at]) - 1, 1


def _too_deep(at: tuple[int, int]) -> Flaw:
    return Flaw(
        "FM008", f"front matter nests more than {DEPTH} levels deep", "write it flatter", at
    )


def _too_many(at: tuple[int, int]) -> Flaw:
    return Flaw(
        "FM008",
        f"front matter holds more than {NODES:,} values",
        "move the data into a file of its own",
        at,
    )
