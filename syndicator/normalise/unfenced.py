"""Front matter without an opening fence: Pelican's metadata, and Hexo's keys before a rule.

Both look like text, so they are taken for keys only where they can't be anything else: from the
first line on every line is a key with its value, and the title is one of them.
"""

import re
from typing import Final, NamedTuple

from syndicator.normalise import yaml_events
from syndicator.normalise.characters import LINE_END
from syndicator.normalise.findings import Flaw
from syndicator.normalise.values import Mark, Table, folded

_LINES: Final = 200
_WINDOW: Final = 64 * 1024
_KEY: Final = re.compile(r"[ ]{0,3}([A-Za-z][A-Za-z0-9_-]{0,40}):[ \t]*(.*?)[ \t]*")
_MORE: Final = re.compile(r"(?:[ ]{4,}|\t)[ \t]*(\S.*?)[ \t]*")
_ITEM: Final = re.compile(r"[ ]*-[ \t]+\S.*|[ ]{1,3}\S.*")  # of YAML, which a rule has to close
_RULE: Final = re.compile(r"-{3}[ \t]*")
# with a title, one of these makes a block of metadata
_COMPANY: Final = {
    *("date", "category", "categories", "tags", "slug", "author", "authors", "modified", "status"),
    *("summary", "lang", "layout", "permalink", "keywords", "template", "saveas", "updated"),
}


class Bare(NamedTuple):
    """Keys without a fence before them, and the text that follows."""

    table: Table
    body: str
    line: int  # of the body's first line
    says: str


def read(text: str) -> Bare | None:
    """Return the keys a text starts with, or None where it starts like any text."""
    if _KEY.match(text) is None:
        return None
    starts: list[int] = []
    lines: list[str] = []
    at, listed = 0, False
    while at < min(len(text), _WINDOW) and len(lines) < _LINES:
        end = LINE_END.search(text, at)
        line = text[at : end.start() if end else len(text)]
        starts.append(at)
        at = end.end() if end else len(text)
        if not line.strip() or _RULE.fullmatch(line):
            if listed and not line.strip():
                return None
            return _bare(text, lines, starts, at, ruled=bool(line.strip()))
        if not _KEY.fullmatch(line) and not (lines and _MORE.fullmatch(line)):
            if not lines or not _ITEM.fullmatch(line):
                return None
            listed = True
        lines.append(line)
    return _bare(text, lines, starts, at, ruled=False) if at == len(text) and not listed else None


def _bare(text: str, lines: list[str], starts: list[int], at: int, *, ruled: bool) -> Bare | None:
    try:
        front = text[: starts[len(lines)]] if len(starts) > len(lines) else text
        table = yaml_events.load(front) if ruled else _plain(lines, starts)
    except Flaw:
        return None
    if not isinstance(table, Table):
        return None
    names = {folded(key) for key in table}
    if "title" not in names or not names & _COMPANY:
        return None
    says = "keys without an opening fence" if ruled else "keys without fences, as Pelican has them"
    return Bare(table, text[at:], len(starts) + 1, says)


def _plain(lines: list[str], starts: list[int]) -> Table:
    """Read ``Key: value`` lines as they are written: no quotes, no lists, no types."""
    table, key = Table(), ""
    for number, (line, start) in enumerate(zip(lines, starts, strict=False), 1):
        if match := _KEY.fullmatch(line):
            key, value = match.groups()
            if key in table:
                raise Flaw("FM005", f"{key!r} stands twice")
            table[key] = value
            where = start + match.start(2)
            table.marks[key] = Mark(
                number,
                match.start(1) + 1,
                value,
                start + match.start(1),
                where,
                where + len(value),
            )
        elif match := _MORE.fullmatch(line):
            table[key] = f"{table[key]} {match.group(1)}".strip()
            table.marks[key] = table.marks[key]._replace(text="", start=-1, end=-1)
    return table
