"""A line of a source with a caret under the place, fit for a terminal of any width."""

import unicodedata
from typing import NamedTuple

from syndicator.cli.show import plain

TAB = 4
_MORE = "…"
_FAR = 4  # widths to either side within which all that can be shown lies
_AHEAD = 2 / 3  # of the width is for what stands before the caret of a long line


class Excerpt(NamedTuple):
    """A line as it can be shown, and the caret below it ("" where no column is known)."""

    line: str
    caret: str


def excerpt(line: str, column: int, width: int) -> Excerpt:
    """Return a line and its caret in at most ``width`` cells; ``column`` counts characters from 1.

    Wide characters take two cells, combining ones none; control characters and invisible ones are
    written as escapes, so that nothing in a post has power over the terminal.
    """
    line, at = line.rstrip("\r\n"), max(column - 1, 0)
    begin = max(0, at - _FAR * width)  # the line may hold megabytes
    cells = [_cell(char) for char in line[begin : at + _FAR * width]]
    at = first = min(at - begin, len(cells))
    left = width * _AHEAD
    while first and (left := left - cells[first - 1][1]) >= 0:
        first -= 1
    more = _MORE if begin + first else ""
    text, used = more, len(more)
    for last, (shown, size) in enumerate(cells[first:], start=begin + first + 1):
        if used + size > width - (last < len(line)):
            text += _MORE
            break
        text, used = text + shown, used + size
    before = len(more) + sum(size for _, size in cells[first:at])
    return Excerpt(text, f"{' ' * before}^" if column else "")


def _cell(char: str) -> tuple[str, int]:
    """Return how a character is shown, and how many cells that takes (Unicode's UAX 11)."""
    if char == "\t":
        return " " * TAB, TAB
    if not char.isprintable():
        shown = plain(char)
        return shown, len(shown)
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me"}:
        return char, 0
    return char, 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
