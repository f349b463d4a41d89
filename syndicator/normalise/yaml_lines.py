"""The short way through YAML front matter: lines that can be read in one way only.

Most front matter has a key a line, and after it a plain text, a text between quotes without
escapes, a list of words, or keys one level deeper. That is read here by a pattern a line, a
quarter of the time that a parser's events take. It is safe because it gives up at the first line
that is anything else, or of which something is to be remarked: then all is read by the events
(``yaml_events``). ``tests/properties/test_yaml_lines.py`` holds both to the same.
"""

import re
from typing import Final

from syndicator.normalise.remarks import of_plain
from syndicator.normalise.values import Mark, Table, Value
from syndicator.normalise.yaml_events import typed

_MOST: Final = 1 << 14  # characters; what is longer has its nodes counted on the long way
# no blank before a # and none after a colon, where either would mean something
_VALUE: Final = (
    r"""(?:"([^"\\\n]*)"|'([^'\n]*)'|\[([^\[\]\n]*)\]|([\w/.](?:[^:#\n]|:(?=[^\s]))*+))"""
    r"[ ]*(?:\n|\Z)"
)
_LIST: Final = 3  # which group of a value it is
_PLAIN: Final = 4
_KEY: Final = r"([A-Za-z_][A-Za-z0-9_-]{0,99}):"
_ENTRY: Final = re.compile(rf"{_KEY}[ ]+{_VALUE}")
_OUTER: Final = re.compile(rf"{_KEY}[ ]*\n(?=( *)(- )?)")  # and how what is below it begins
_INNER: Final = re.compile(rf"( +){_KEY}[ ]+{_VALUE}")
_ITEM: Final = re.compile(rf"( *)-[ ]+{_VALUE}")
# words between commas, in quotes or without; nothing that means something within brackets
_WORD: Final = r"""(?:[\w/.][^,:#?"'&*!|>%@`{}]*|"[^",\\]*"|'[^',]*')"""
_WORDS: Final = re.compile(rf"[ ]*{_WORD}[ ]*(?:,[ ]*{_WORD}[ ]*)*")


class _Other(Exception):  # noqa: N818  # no error: there is another way
    """Something that is read by its events."""


def read(front: str, first: int = 1, base: int = 0) -> Table | None:
    """Return front matter as ``yaml_events.load`` does; None where that has to read it.

    Its first line is line ``first`` of the file, its first character number ``base`` of the text.
    """
    # line ends but LF, tabs, and what YAML takes for a break or refuses are not printable
    if len(front) > _MOST or not front.replace("\n", "").isprintable():
        return None
    try:
        return _Lines(front, first, base).table()
    except _Other:
        return None


class _Lines:
    """Reads a text from its beginning to its end."""

    def __init__(self, front: str, first: int, base: int) -> None:
        self._front = front
        self._line = first
        self._base = base
        self._at = 0

    def table(self) -> Table:
        """Return the keys that stand at the beginnings of lines."""
        front, table = self._front, Table()
        while self._at < len(front):
            if match := _ENTRY.match(front, self._at):
                self._put(table, match, 1)
            elif match := _OUTER.match(front, self._at):
                self._below(table, match)
            elif front[self._at] == "\n" and table:
                self._at += 1
                self._line += 1
            else:
                raise _Other
        if not table:
            raise _Other
        return table

    def _put(self, table: Table, match: re.Match[str], group: int) -> None:
        """Put the key of this group of a match, and the value in the groups after it."""
        key, at = match[group], match.start(group)
        if key in table:
            raise _Other
        table[key] = value = _value(match, group)
        line, column, at = self._line, at - self._at + 1, at + self._base
        kind = match.lastindex or 0
        start, end = match.span(kind)
        if kind == group + _PLAIN:
            text = match[kind].rstrip(" ")
            start += self._base
            mark = Mark(line, column, text, at, start, start + len(text))
        elif isinstance(value, list):
            mark = Mark(line, column, "", at)
        else:  # its quotes are the value's
            mark = Mark(line, column, "", at, start + self._base - 1, end + self._base + 1)
        table.marks[key] = mark
        self._at = match.end()
        self._line = line + 1

    def _below(self, table: Table, match: re.Match[str]) -> None:
        """Put a key, and the list or the keys on the lines that follow it."""
        key, indent, dash = match.groups()
        if key in table or not (indent or dash):
            raise _Other  # without a value, or twice
        mark = Mark(self._line, 1, "", self._at + self._base)
        self._at = match.end()
        self._line += 1
        table[key] = self._items(indent) if dash else self._keys(indent)
        table.marks[key] = mark

    def _items(self, indent: str) -> list[Value]:
        items: list[Value] = []
        while match := _ITEM.match(self._front, self._at):
            if match[1] != indent:
                raise _Other
            items.append(_value(match, 1))
            self._at = match.end()
            self._line += 1
        return items

    def _keys(self, indent: str) -> Table:
        table = Table()
        while match := _INNER.match(self._front, self._at):
            if match[1] != indent:
                raise _Other
            self._put(table, match, 2)
        return table


def _value(match: re.Match[str], group: int) -> Value:
    """Return the value in the four groups after this one."""
    kind = match.lastindex or 0
    if kind == group + _PLAIN:
        return _plain(match[kind].rstrip(" "))
    return _words(match[kind]) if kind == group + _LIST else match[kind]


def _plain(text: str) -> Value:
    if of_plain(text, "", 0) is not None:
        raise _Other
    return typed(text)


def _words(text: str) -> list[Value]:
    if not text.strip():
        return []
    if not _WORDS.fullmatch(text):
        raise _Other
    words = (word.strip(" ") for word in text.split(","))
    return [word[1:-1] if word[0] in "\"'" else _plain(word) for word in words]
