"""The short way to where the keys of TOML stand: lines that can be read in one way only.

Made for text that ``tomllib`` has taken, or has refused for a key that stands twice. Most of it is
a key and its value, or a table's name, on a line of its own, or a list of plain values on several.
What else goes on on the next line leaves one behind that is none of these, and then all is walked
over (``tokens.TomlPlaces``). ``tests/properties/test_short_ways.py`` holds both to the same.
"""

import re
from typing import Final

from syndicator.normalise.findings import Flaw, place_in
from syndicator.normalise.tokens import twice
from syndicator.normalise.values import Mark, Path

_KEY: Final = "[A-Za-z0-9_-]+"
_END: Final = r"[ \t]*(?:\n|\Z)"
# a list, or what stands on the rest of a line
_VALUE: Final = (
    rf"""\[(?:[^\[\]{{}}#"'=]|"[^"\\\n]*"|'[^'\n]*')*+\](?={_END})|[^ \t\n#{{][^\n#{{]*+"""
)
_LINE: Final = re.compile(
    rf"[ \t]*(?:({_KEY})[ \t]*=[ \t]*({_VALUE})|\[({_KEY})\]|(?:#[^\n]*)?){_END}"
)
# without groups, which re mixes up where nothing may be given back
_LINES: Final = re.compile(
    rf"(?:(?!\Z)[ \t]*(?:{_KEY}[ \t]*=[ \t]*(?:{_VALUE})|\[{_KEY}\]|(?:#[^\n]*)?){_END})*+"
)
_NAMES: Final = re.compile(rf"^[ \t]*(?:({_KEY})[ \t]*=|\[({_KEY})\])", re.MULTILINE)


def fits(front: str) -> bool:
    """Whether a text holds nothing but what can be read here."""
    lines = '"""' not in front and "'''" not in front and "\r" not in front
    return lines and _LINES.fullmatch(front) is not None


def marks(front: str, first: int, base: int) -> dict[Path, Mark]:
    """Return where the keys of a text that ``fits`` stand, as ``TomlPlaces`` does.

    The text's first line is line ``first`` of the file, its first character number ``base``.
    """
    found: dict[Path, Mark] = {}
    prefix: Path = ()
    at, line = 0, first
    while at < len(front):
        match = _LINE.match(front, at)
        assert match is not None  # noqa: S101  # it fits
        key, value, table = match.groups()
        if key is not None:
            start, begin = match.start(1), match.start(2) + base
            value = value.rstrip(" \t")
            text = "" if value[0] in "\"'[" else value
            end = begin + len(value)
            found[*prefix, key] = Mark(line, start - at + 1, text, start + base, begin, end)
            line += value.count("\n")
        elif table is not None:
            start, prefix = match.start(3), (table,)
            found[prefix] = Mark(line, start - at + 1, "", start + base)
        at, line = match.end(), line + 1
    return found


def first_twice(front: str, first: int) -> Flaw | None:
    """Return what is said of the first key that stands twice in a text that ``fits``."""
    seen: dict[Path, int] = {}
    prefix: Path = ()
    for match in _NAMES.finditer(front):
        key = match[1]
        path: Path = (*prefix, key) if key is not None else (match[2],)
        prefix = prefix if key is not None else path
        if path in seen:
            before = Mark(*place_in(front, seen[path], first))
            return twice(
                str(path[-1]), before, *place_in(front, match.start(match.lastindex or 0), first)
            )
        seen[path] = match.start(match.lastindex or 0)
    return None
