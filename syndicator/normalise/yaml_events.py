"""YAML front matter, built from the parser's events: bounded, with a place for every key.

PyYAML's own constructors recurse, merge and guess types: a short post can end the process, or
turn ``12:30`` into 750. Here events are read one by one and the first that breaks a limit ends
it. Scalars are those of YAML 1.2's core schema (10.3.2) that survive every tool: null, true,
false and canonical decimal integers; all other plain text stays as it is written.
"""

import re
from typing import Any, Final

import yaml

from syndicator.normalise.characters import UNFIT
from syndicator.normalise.findings import Flaw, Place, shown
from syndicator.normalise.values import Mark, Table, Value

DEPTH: Final = 32
NODES: Final = 20_000

# libyaml where PyYAML was built with it; the same events from Python elsewhere
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")
# YAML 1.1 ends lines at these, no editor and no YAML 1.2 does: noncharacters stand in for them
_ODD_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
_HIDE: Final = {0x85: 0xFDD0, 0x2028: 0xFDD1, 0x2029: 0xFDD2}
_SHOW: Final = {there: here for here, there in _HIDE.items()}
_NO_SPACE: Final = re.compile(r"[A-Za-z_][\w-]*:[^\s/]")


def load(front: str, first: int = 1) -> Value:
    """Read one YAML document whose first line is line ``first`` of the file.

    Raises ``Flaw``: FM003 not YAML, FM005 a key twice, FM006 an unfit character by an escape,
    FM008 over a limit, FM009 a tag, an alias or a merge.
    """
    build = _Build(first, odd=_ODD_BREAKS.search(front) is not None)
    try:
        for event in yaml.parse(front.translate(_HIDE) if build.odd else front, Loader=_LOADER):
            build.take(event)
    except Flaw:
        raise
    except (yaml.YAMLError, ValueError, OverflowError) as e:
        raise _syntax(e, front, first) from None
    return build.root


class _Build:
    """Grows the document from its events; a stack of its own, so depth costs no recursion."""

    def __init__(self, first: int, *, odd: bool) -> None:
        self.root: Value = None
        self.odd = odd
        self._first = first
        self._nodes = 0
        self._documents = 0
        self._stack: list[tuple[Table | list[Value], str | None]] = []  # container, key to fill

    def take(self, event: Any) -> None:  # noqa: ANN401  # PyYAML's two parsers share no class
        """Add what one event says."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._node(event)
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._node(event)
            container: Table | list[Value] = Table() if kind is yaml.MappingStartEvent else []
            self._put(container, "", event)
            self._stack.append((container, None))
            if len(self._stack) > DEPTH:
                raise Flaw(
                    "FM008",
                    f"front matter nests more than {DEPTH} levels deep",
                    "write it flatter, or put quotes around text that holds brackets",
                    self._at(event),
                )
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._stack.pop()
        elif kind is yaml.AliasEvent:
            raise self._forbidden(f"the alias *{shown(event.anchor, 30)}", event)
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                raise Flaw(
                    "FM003", "a second YAML document", "keep one block of keys", self._at(event)
                )

    def _node(self, event: Any) -> None:  # noqa: ANN401
        self._nodes += 1
        if self._nodes > NODES:
            raise Flaw(
                "FM008",
                f"front matter holds more than {NODES:,} values",
                "move the data into a file of its own",
                self._at(event),
            )
        if event.anchor is not None:
            raise self._forbidden(f"the anchor &{shown(event.anchor, 30)}", event)
        if event.tag is not None:
            raise self._forbidden(f"the tag {shown(event.tag, 30)}", event)

    def _scalar(self, event: Any) -> None:  # noqa: ANN401
        text: str = event.value.translate(_SHOW) if self.odd else event.value
        plain: bool = event.implicit[0]
        if not plain and (bad := UNFIT.search(text)):
            raise Flaw(
                "FM006",
                f"the character U+{ord(bad.group()):04X} can't be published",
                "remove the escape",
                self._at(event),
            )
        if self._stack and isinstance(self._stack[-1][0], Table) and self._stack[-1][1] is None:
            self._key(text, plain=plain, event=event)
        else:
            self._put(_typed(text) if plain else text, text if plain else "", event)

    def _key(self, key: str, *, plain: bool, event: Any) -> None:  # noqa: ANN401
        table = self._stack[-1][0]
        assert isinstance(table, Table)  # noqa: S101  # the caller asked
        if plain and key == "<<":
            raise self._forbidden("the merge key <<", event)
        line, column = self._at(event)
        if key in table.marks:
            raise Flaw(
                "FM005",
                f"{shown(key)!r} stands twice, on line {table.marks[key].line} and line {line}",
                "keep one of the two",
                (line, column),
            )
        table.marks[key] = Mark(line, column)
        self._stack[-1] = (table, key)

    def _put(self, value: Value, written: str, event: Any) -> None:  # noqa: ANN401
        if not self._stack:
            self.root = value
            return
        container, key = self._stack[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is None:
            raise Flaw(
                "FM003",
                "a key must be text, here it is a list or a mapping",
                "put quotes around text that starts with [ or {",
                self._at(event),
            )
        else:
            container[key] = value
            if written:
                container.marks[key] = container.marks[key]._replace(text=written)
            self._stack[-1] = (container, None)

    def _forbidden(self, what: str, event: Any) -> Flaw:  # noqa: ANN401
        return Flaw(
            "FM009",
            f"{what} is not read in front matter",
            "write the value out; put quotes around text that starts with *, & or !",
            self._at(event),
        )

    def _at(self, event: Any) -> Place:  # noqa: ANN401
        return event.start_mark.line + self._first, event.start_mark.column + 1


def _typed(text: str) -> Value:
    if text in _CORE:
        return _CORE[text]
    return int(text) if _INTEGER.fullmatch(text) else text


def _syntax(error: Exception, front: str, first: int) -> Flaw:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Flaw("FM003", f"not YAML: {shown(error, 100)}", "", (first, 1))
    lines = re.split(r"\r\n|\r|\n", front)
    # at the end of the text the fault lies in the last line that says something
    row = min(mark.line, len(lines) - 1)
    what = getattr(error, "problem", None) or "can't be read"
    said = lines[row].strip()
    return Flaw(
        "FM003",
        f"not YAML: {shown(what, 100)}" + (f", at {shown(said)!r}" if said else ""),
        _hint(lines[max(0, row - 1) : row + 1]),
        (row + first, mark.column + 1 if row == mark.line else 1),
    )


def _hint(lines: list[str]) -> str:
    """Return what most likely is wrong with the last of these lines, or the one before it."""
    for line in reversed(lines):
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            return "indent with spaces, not tabs"
        if _NO_SPACE.match(line):
            return "put a space after the colon that follows the key"
        value = line.partition(": ")[2].strip()
        if value[:1] in ("'", '"'):
            return "close the quotes, and double those inside, or use the other kind outside"
        if value[:2] in ("{{", "{%") or value[:1] in tuple("@`%[]{}!&*|>"):
            return f"put quotes around a value that starts with {value[:1]}"
        if ": " in value or value.endswith(":"):
            return 'put quotes around a value that holds ": "'
    return "compare it with its neighbours: key, colon, space, value; lists indented with spaces"
