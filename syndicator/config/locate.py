"""On which line and column a key of a TOML text stands; ``tomllib`` does not say.

The text has been parsed before, so it is known to be right TOML and only statements must be told
from values: a header or ``key =`` where a line starts, and after it strings, brackets and
comments up to the end of the line that no bracket holds open.
"""

import re
import tomllib
from collections.abc import Mapping

Key = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, from 1, in characters

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_DOTTED = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_STATEMENT = re.compile(rf"\s*(?:(\[\[?)[ \t]*({_DOTTED})[ \t]*\]\]?|({_DOTTED})[ \t]*=)?")
_STRING = r'''"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*\''''
_TOKEN = re.compile(rf"""{_STRING}|#[^\n]*|[\[{{]|[\]}}]|\n|[^"'#\[\]{{}}\n]+|.""", re.DOTALL)


def positions(text: str) -> dict[Key, Place]:
    """Return the place of every table and key of a right TOML text.

    Arrays of tables count from 0: ``("publish", 2, "url")``. What stands inside an inline table
    or an array has the place of the key in front of it (see ``nearest``).
    """
    found: dict[Key, Place] = {}
    arrays: dict[Key, int] = {}  # how many tables each array of tables has so far
    table: Key = ()
    at = 0
    while at < len(text) and (statement := _STATEMENT.match(text, at)):
        brackets, header, key = statement.groups()
        if header is not None:
            table = _table(_names(header), arrays, new=brackets == "[[")
            found.setdefault(table, _place(text, statement.start(1)))
        elif key is not None:
            for end in range(len(table) + 1, len(path := table + _names(key)) + 1):
                found.setdefault(path[:end], _place(text, statement.start(3)))
        at = _after(text, statement.end())
    return found


def nearest(found: Mapping[Key, Place], key: Key) -> Place:
    """Return the place of the key, or of the closest thing around it; (0, 0) if there is none."""
    return next((found[key[:end]] for end in range(len(key), 0, -1) if key[:end] in found), (0, 0))


def _names(dotted: str) -> tuple[str, ...]:
    """Split a dotted key; TOML's own reader knows what its quotes and escapes mean."""
    names: list[str] = []
    rest: object = tomllib.loads(f"{dotted} = 0")
    while isinstance(rest, dict):
        ((name, rest),) = rest.items()
        names.append(name)
    return tuple(names)


def _table(names: tuple[str, ...], arrays: dict[Key, int], *, new: bool) -> Key:
    """Return the key of a header: a name that is an array of tables means its last table."""
    table: Key = ()
    for count, name in enumerate(names, 1):
        table += (name,)
        if new and count == len(names):
            arrays[table] = arrays.get(table, 0) + 1
        if table in arrays:
            table += (arrays[table] - 1,)
    return table


def _after(text: str, at: int) -> int:
    """Return where the line ends that no bracket or string holds open."""
    depth = 0
    while token := _TOKEN.match(text, at):
        at = token.end()
        if token[0] == "\n" and not depth:
            break
        depth += (token[0] in {"[", "{"}) - (token[0] in {"]", "}"})
    return at


def _place(text: str, at: int) -> Place:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
