"""YAML front matter, built from the parser's events: bounded, with a place for every key.

PyYAML's own constructors recurse, merge and guess types: a short post can end the process, or
turn ``12:30`` into 750. Here events are read one by one and the first that breaks a limit ends
it. Scalars are those of YAML 1.2's core schema (10.3.2) that survive every tool: null, true,
false and canonical decimal integers; all other plain text stays as it is written.
"""

import re
from typing import Any, Final

import yaml

from syndicator.normalise import yaml_keys
from syndicator.normalise.characters import UNFIT
from syndicator.normalise.findings import Flaw, Place, shown
from syndicator.normalise.remarks import Remark, of_plain
from syndicator.normalise.syntax import no_yaml
from syndicator.normalise.values import Mark, Table, Value
from syndicator.normalise.yaml_keys import STEPS

DEPTH: Final = 32
NODES: Final = 20_000
_EVENTS: Final = 2 * NODES + 8  # begin and end of each node and of what is around them, and more
_MERGE: Final = "<<"
_SMALL: Final = 1 << 14  # characters, in which no count of nodes costs much
_NEVER: Final = 1 << 62  # a line below which nothing stands

# libyaml where PyYAML was built with it; the same events from Python elsewhere
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
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


def load(front: str, first: int = 1, base: int = 0, remarks: list[Remark] | None = None) -> Value:
    """Read one YAML document whose first line is line ``first`` of the file.

    Its first character is number ``base`` of the text; what is read here and lost or changed
    elsewhere goes to ``remarks``. Raises ``Flaw``: FM003 not YAML, FM005 a key twice, FM006 an
    unfit character by an escape, FM008 over a limit, FM009 a tag, an alias or a merge.
    """
    if front[:1] == "\ufeff":  # the parser would drop it, and count from the next one
        front, base = front[1:], base + 1
    odd = not front.isascii() and _ODD_BREAKS.search(front) is not None
    build = _Build(front, first, base, odd=odd, remarking=remarks is not None)
    loader = None
    try:
        loader = _LOADER(front.translate(_HIDE) if odd else front)
        few = len(front) <= _SMALL
        events = iter(loader.get_event, None) if few else _events(loader)
        if isinstance(events, list) and _MERGE not in front and "\\" not in front and not odd:
            yaml_keys.once(events[:NODES], first)  # in what follows may be one too many
        take = build.taking()
        for event in events:
            if step := take.get(type(event)):
                step(event)
    except Flaw:
        raise
    except (yaml.YAMLError, ValueError, OverflowError) as e:
        raise no_yaml(e, front, first) from None
    finally:
        if loader is not None:
            loader.dispose()
    if remarks is not None:
        remarks += build.remarks()
    return build.root


def _events(loader: Any) -> list[Any]:  # noqa: ANN401  # PyYAML's two parsers share no class
    """Return all events, or those up to one too deep or too many.

    What is no YAML is known by this alone, before anything is made of what is.
    """
    events: list[Any] = []
    depth, take, steps = 0, loader.get_event, STEPS
    while (event := take()) is not None:
        events.append(event)
        depth += steps.get(type(event), 0)
        if depth > DEPTH or len(events) > _EVENTS:
            break
    return events


class _Build:
    """Grows the document from its events; a stack of its own, so depth costs no recursion."""

    def __init__(self, front: str, first: int, base: int, *, odd: bool, remarking: bool) -> None:
        self.root: Value = None
        self._front = front
        self._odd = odd
        self._first = first
        self._base = base
        # plain values, to be looked at when all is known to be right: with the key they belong
        # to, and the line below which a mapping would stand
        self._plain: list[tuple[str, Value, str, int, Any]] | None = [] if remarking else None
        self._nodes = 0
        self._documents = 0
        self._stack: list[Table | list[Value]] = []
        self._keys: list[str | None] = [None]  # the key to fill, of each container and the root
        self._names = [""]  # the key under which each container stands, and the root
        self._table: Table | None = None  # the innermost container, if it is one
        self._spot = (0, 0, 0)  # line, column and offset of the key that waits for its value

    def taking(self) -> dict[type, Any]:
        """Return what to do with each kind of event; the others say nothing."""
        return {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }

    def _scalar(self, event: Any) -> None:  # noqa: ANN401  # PyYAML's two parsers share no class
        self._nodes += 1
        if self._nodes > NODES or event.anchor is not None or event.tag is not None:
            self._refuse(event)
        text: str = event.value.translate(_SHOW) if self._odd else event.value
        plain: bool = event.implicit[0]
        if not plain and (bad := UNFIT.search(text)):
            raise Flaw(
                "FM006",
                f"the character U+{ord(bad.group()):04X} can't be published",
                "remove the escape",
                self._at(event),
            )
        key = self._keys[-1]
        table = self._table
        if table is not None and key is None:
            self._key(text, plain=plain, event=event)
            return
        value: Value = text
        if plain:
            value = typed(text)
            if self._plain is not None:
                above = self._spot[0] if table is not None else _NEVER if self._stack else 0
                self._plain.append((text, value, key or self._names[-1], above, event))
        if table is not None and key is not None:
            table[key] = value
            line, column, at = self._spot
            start, end = event.start_mark.index + self._base, event.end_mark.index + self._base
            table.marks[key] = Mark(line, column, text if plain else "", at, start, end)
            self._keys[-1] = None
        else:
            self._put(value, event)

    def _open(self, event: Any) -> None:  # noqa: ANN401
        self._nodes += 1
        if self._nodes > NODES or event.anchor is not None or event.tag is not None:
            self._refuse(event)
        container: Table | list[Value] = Table() if type(event) is yaml.MappingStartEvent else []
        self._names.append(self._keys[-1] or self._names[-1])
        self._put(container, event)
        self._stack.append(container)
        self._keys.append(None)
        self._table = container if isinstance(container, Table) else None
        if len(self._stack) > DEPTH:
            raise Flaw(
                "FM008",
                f"front matter nests more than {DEPTH} levels deep",
                "write it flatter, or put quotes around text that holds brackets",
                self._at(event),
            )

    def _close(self, _event: Any) -> None:  # noqa: ANN401
        self._stack.pop()
        self._keys.pop()
        self._names.pop()
        outer = self._stack[-1] if self._stack else None
        self._table = outer if isinstance(outer, Table) else None

    def _document(self, event: Any) -> None:  # noqa: ANN401
        self._documents += 1
        if self._documents > 1:
            raise Flaw(
                "FM003", "a second YAML document", "keep one block of keys", self._at(event)
            )

    def _key(self, key: str, *, plain: bool, event: Any) -> None:  # noqa: ANN401
        table = self._table
        assert table is not None  # noqa: S101  # the caller asked
        if plain and key == _MERGE:
            raise self._forbidden("the merge key <<", event)
        mark = event.start_mark
        line: int = mark.line + self._first
        if key in table:
            raise yaml_keys.twice(key, table.marks[key].line, (line, mark.column + 1))
        self._spot = line, mark.column + 1, mark.index + self._base
        self._keys[-1] = key

    def _put(self, value: Value, event: Any) -> None:  # noqa: ANN401
        if not self._stack:
            self.root = value
            return
        container, key = self._stack[-1], self._keys[-1]
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
            line, column, at = self._spot
            container.marks[key] = Mark(line, column, "", at)
            self._keys[-1] = None

    def remarks(self) -> list[Remark]:
        """Return what is to be said of plain values, in their order."""
        said = []
        for text, value, key, above, event in self._plain or ():
            start, end = event.start_mark, event.end_mark
            found = of_plain(text, self._front, end.index)
            if found is None or (found[0] == "glued" and start.line + self._first <= above):
                continue
            at, until = start.index + self._base, end.index + self._base
            said.append(Remark(found[0], key, found[1], value, self._at(event), at, until))
        return said

    def _refuse(self, event: Any) -> None:  # noqa: ANN401
        if self._nodes > NODES:
            raise Flaw(
                "FM008",
                f"front matter holds more than {NODES:,} values",
                "move the data into a file of its own",
                self._at(event),
            )
        anchor, tag = event.anchor, event.tag
        raise self._forbidden(
            f"the anchor &{shown(anchor, 30)}" if anchor else f"the tag {shown(tag, 30)}", event
        )

    def _alias(self, event: Any) -> None:  # noqa: ANN401
        raise self._forbidden(f"the alias *{shown(event.anchor, 30)}", event)

    def _forbidden(self, what: str, event: Any) -> Flaw:  # noqa: ANN401
        return Flaw(
            "FM009",
            f"{what} is not read in front matter",
            "write the value out; put quotes around text that starts with *, & or !",
            self._at(event),
        )

    def _at(self, event: Any) -> Place:  # noqa: ANN401
        return event.start_mark.line + self._first, event.start_mark.column + 1


def typed(text: str) -> Value:
    """Return what a plain scalar says: null, a truth, a canonical integer, else its text."""
    if text in _CORE:
        return _CORE[text]
    return int(text) if text[0] in "-0123456789" and _INTEGER.fullmatch(text) else text
