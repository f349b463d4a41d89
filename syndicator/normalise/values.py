"""What front matter holds: tables that know where each of their keys stands in the file."""

from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

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


_NOWHERE: Final = Mark(0, 0)
Path = tuple[str | int, ...]  # keys, and numbers in lists, from the top of a document


class Places:
    """Where the keys of one document stand: found out when they are first asked for.

    Most posts are read without a word about any key, and TOML and JSON know no places.
    """

    def __init__(self, read: "Callable[[], Table]") -> None:
        """Keep what reads the document once more, into the same tables with their marks."""
        self._read = read
        self._whole: Table | None = None

    def of(self, path: Path) -> dict[str, Mark]:
        """Return the marks of the table at this path."""
        if self._whole is None:
            self._whole = self._read()
        inner: Any = self._whole
        for step in path:
            inner = inner[step]
        marks: dict[str, Mark] = inner.marks
        return marks


class Table(dict[str, Value]):
    """A mapping of front matter, its keys in the order of the file, each with its mark."""

    __slots__ = ("_marks", "_path", "_places")

    def __init__(self, places: Places | None = None, path: Path = ()) -> None:
        """Begin without keys; those marks that are not set are at ``path`` of ``places``."""
        super().__init__()
        self._marks: dict[str, Mark] = {}
        self._places = places
        self._path = path

    @property
    def marks(self) -> dict[str, Mark]:
        """Where each key stands."""
        if self._places is not None:
            self._marks, self._places = self._places.of(self._path), None
        return self._marks


class Found:
    """A key that was looked for: its name as written, its value, and where it stands."""

    __slots__ = ("_outer", "_table", "name", "value")

    def __init__(
        self, name: str, value: Value, table: Table, outer: "Found | None" = None
    ) -> None:
        """Keep the table that has the key, and the key of the table, for their places."""
        self.name = name
        self.value = value
        self._table = table
        self._outer = outer

    @property
    def mark(self) -> Mark:
        """The mark of the key, else that of the key around it."""
        mark = self._table.marks.get(self.name, _NOWHERE)
        return self._outer.mark if self._outer is not None and not mark.line else mark

    @property
    def place(self) -> tuple[int, int]:
        """Line and column of the key."""
        return self.mark.place

    @property
    def text(self) -> str:
        """The value as the author wrote it, where it is one scalar; else empty."""
        if isinstance(self.value, str):
            return self.value
        if written := self.mark.text:
            return written
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

    def __init__(self, table: Table, outer: Found | None = None) -> None:
        """Index the keys; of two spellings of one key the first one written counts.

        ``outer`` is the key of the table, where it is not the outermost one.
        """
        self._outer = outer
        self._keys: dict[str, str] = {}
        for key in table:
            self._keys.setdefault(folded(key), key)
        self._table = table

    def has(self, name: str) -> bool:
        """Whether there is a key of this (folded) name, whatever it holds."""
        return name in self._keys

    def get(self, name: str) -> Found | None:
        """Return the key of this (folded) name, unless it is absent, null or an empty text."""
        key = self._keys.get(name)
        if key is None:
            return None
        value = self._table[key]
        if value is None or value == "":
            return None
        return Found(key, value, self._table, self._outer)

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
        return Front(found.value, found).every(*names)
