"""Where values stand in a file, and what no safe edit may change: names, addresses, code.

No pattern asks for its closing sign: so each eats what it has looked at, and a hostile text is
looked at once. At worst an edit is left out.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Final

from syndicator.normalise import keys
from syndicator.normalise.values import Table, Value, folded

Span = tuple[int, int]

CODE: Final = re.compile(r"```|~~~|<pre|<textarea|^(?: {4}|\t)", re.MULTILINE | re.IGNORECASE)
_INLINE: Final = re.compile(r"<(?:code|kbd|samp|tt|script|style)\b", re.IGNORECASE)
_REFERENCES: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"\]\(\s*(?:[^()\n\\]+|\\.?|\([^()\n]*\)?){0,999}\)?",  # targets of links and pictures
        r"\[\[[^]\n]*",
        r"""<[A-Za-z/!?](?:[^>"']+|"[^"]*"?|'[^']*'?){0,999}""",
        r"\{[{%:][^}]*",  # templates and attributes
        r"^[ \t>]{0,20}\[[^]\n]{0,200}\]:\s*.*$",
        r"(?:://|www\.|mailto:)\S*",
    )
)
_RUN: Final = re.compile(r"\\?`+")
# where a paragraph ends, or an item of a list: no code goes on behind it
_BREAK: Final = re.compile(r"[\r\n](?=[ \t]*(?:[\r\n#*+-]|[0-9]{1,9}[.)]))")
_NAMING: Final = frozenset(
    name
    for field in ("address", "image", "redirects", "canonical", "source_url", "declared_id")
    for name in keys.spellings(field)
)
_ENDING: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}\Z")
_MOST: Final = 50_000  # names, addresses and pieces of code that are told apart in one text


class Spans:
    """The spans of one file; its body begins at ``begin``. Each kind is found when asked for."""

    def __init__(self, text: str, table: Table, begin: int) -> None:
        """Keep what will be looked through: most files have nothing to be asked about."""
        self._text = text
        self._table = table
        self.begin = begin

    @cached_property
    def values(self) -> list[Span]:
        """The values of front matter."""
        return _values(self._table)

    @cached_property
    def plain(self) -> frozenset[Span]:
        """The values of front matter that are texts without quotes."""
        return frozenset(_plain(self._table, self._text))

    @cached_property
    def fixed(self) -> list[Span]:
        """Names of files, addresses and code: another letter makes another one."""
        text, begin = self._text, self.begin
        named, whole = list(_named(self._table)), (begin, len(text))
        if (
            CODE.search(text, begin)
            or _INLINE.search(text, begin)
            or text.count("`", begin) > _MOST
        ):
            return _merged([*named, whole])
        found = list(islice(_references(text, begin), _MOST))
        return _merged([*named, whole] if len(found) == _MOST else [*named, *found])


def around(spans: list[Span], at: int) -> Span | None:
    """Return the span in which an offset lies, of spans that are in order and don't meet."""
    found = bisect_left(spans, (at + 1, 0)) - 1
    return spans[found] if found >= 0 and at < spans[found][1] else None


def _merged(spans: Iterable[Span]) -> list[Span]:
    made: list[Span] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def _references(text: str, begin: int) -> Iterator[Span]:
    for pattern in _REFERENCES:
        yield from (match.span() for match in pattern.finditer(text, begin))
    runs: list[Span] = []
    for match in _RUN.finditer(text, begin):
        if runs and _BREAK.search(text, runs[-1][1], match.start()):
            yield from _paired(text, runs)
            runs = []
        runs.append(match.span())
    yield from _paired(text, runs)


def _paired(text: str, runs: list[Span]) -> Iterator[Span]:
    """Yield code between runs of as many backticks; all of it where that is not sure."""
    sure, opened, found = True, None, []
    for start, end in runs:
        sure = sure and text[start] == "`"
        if opened is None:
            opened = (start, end)
        elif end - start == opened[1] - opened[0]:
            found.append((opened[0], end))
            opened = None
    if sure and opened is None:
        yield from found
    elif runs:
        yield runs[0][0], runs[-1][1]


def _values(table: Table) -> list[Span]:
    spans = [(mark.start, mark.end) for mark in table.marks.values() if mark.start >= 0]
    inner = [_values(one) for one in table.values() if isinstance(one, Table)]
    return sorted([*spans, *(span for one in inner for span in one)])


def _plain(table: Table, text: str) -> Iterator[Span]:
    for key, value in table.items():
        mark = table.marks.get(key)
        if isinstance(value, Table):
            yield from _plain(value, text)
        elif mark and mark.text and text[mark.start : mark.end] == mark.text == value:
            yield mark.start, mark.end


def _named(table: Table) -> Iterator[Span]:
    """Yield values that name something, by their key or by how they look."""
    for key, value in table.items():
        mark, named = table.marks.get(key), folded(key) in _NAMING
        if mark and mark.start >= 0 and (named or _names(value)):
            yield mark.start, mark.end
        if isinstance(value, Table):
            yield from _values(value) if named else _named(value)


def _names(value: Value) -> bool:
    """Whether a text looks like an address or the name of a file, or a list has such a one."""
    if isinstance(value, list):
        return any(_names(one) for one in value)
    if isinstance(value, Table):
        return any(_names(one) for one in value.values())
    if not isinstance(value, str):
        return False
    one = len(value.split(None, 1)) == 1
    return "://" in value or (one and "/" in value) or _ENDING.search(value.rstrip()) is not None
