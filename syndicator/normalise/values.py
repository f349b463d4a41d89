"""What front matter holds: tables that know where each of their keys stands in the file."""

from datetime import date, datetime, time
from functools import lru_cache
from typing import NamedTuple, TypeAlias

Value: TypeAlias = "str | int | bool | float | date | datetime | time | list[Value] | Table | None"


class Mark(NamedTuple):
    """Where a key stands (line and column from 1, in the file), and its value as written.

    Offsets are in characters of the text without its byte order mark; -1 is not known.
    """

    line: int
    column: int
    text: str = ""  # empty where the value is no plain scalar
    at: int = -1  # of the key
    start: int = -1  # of the value, its quotes included
    end: int = -1

    @property
    def place(self) -> tuple[int, int]:
        """Line and column, as a problem wants them."""
        return self.line, self.column


class Table(dict[str, Value]):
    """A mapping of front matter, its keys in the order of the file, each with its mark."""

    __slots__ = ("marks",)

    def __init__(self) -> None:
        super().__init__()
        self.marks: dict[str, Mark] = {}


class Found(NamedTuple):
    """A key that was looked for: its name as written, its value, its place."""

    name: str
    value: Value
    mark: Mark

    @property
    def place(self) -> tuple[int, int]:
        """Line and column of the key."""
        return self.mark.place

    @property
    def text(self) -> str:
        """Return the value as the author wrote it, where it is one scalar; else empty."""
        if isinstance(self.value, str):
            return self.value
        if self.mark.text:
            return self.mark.text
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        if isinstance(self.value, (int, float, date, time)):
            return str(self.value)
        return ""


@lru_cache(maxsize=1024)  # a site says the same few keys again and again
def folded(key: str) -> str:
    """Return a key without case, hyphens and underscores: ``publishDate`` is ``publish_date``."""
    return key.replace("_", "").replace("-", "").lower()


class Front:
    """A table whose keys are found in any of their spellings."""

    def __init__(self, table: Table) -> None:
        """Index the keys; of two spellings of one key the first one written counts."""
        self._keys: dict[str, str] = {}
        for key in table:
            self._keys.setdefault(folded(key), key)
        self._table = table

    def get(self, name: str) -> Found | None:
        """Return the key of this (folded) name, unless it is absent, null or an empty text."""
        key = self._keys.get(name)
        if key is None or self._table[key] in (None, ""):
            return None
        return Found(key, self._table[key], self._table.marks.get(key, Mark(0, 0)))

    def every(self, *names: str) -> list[Found]:
        """Return the keys of these (folded) names that are present, in the order asked for."""
        if self._keys.keys().isdisjoint(names):
            return []
        found = [self.get(name) for name in names if name in self._keys]
        return [one for one in found if one is not None]

    def custom(self, *names: str) -> list[Found]:
        """Return keys as ``every`` does, then those where Zola and Hugo put keys of one's own."""
        found = self.every(*names)
        for outer in ("extra", "params"):
            if outer in self._keys:
                found += self.inside(outer, *names)
        return found

    def inside(self, outer: str, *names: str) -> list[Found]:
        """Keys of these names within the table ``outer``; their place is the inner key's."""
        found = self.get(outer)
        if found is None or not isinstance(found.value, Table):
            return []
        inner = Front(found.value).every(*names)
        return [one if one.mark.line else one._replace(mark=found.mark) for one in inner]
