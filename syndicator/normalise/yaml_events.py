"""YAML front matter, built from the parser's events: bounded, with a place for every key.

PyYAML's own constructors recurse, merge and guess types: a short post can end the process, or
turn ``12:30`` into 750. Here its events are judged one by one (``yaml_refusals``). Scalars are
those of YAML 1.2's core schema (10.3.2) that survive every tool: null, true, false and canonical
decimal integers; all other plain text stays as it is written.
"""

import re
from collections import deque
from typing import Any, Final

import yaml

from syndicator.normalise.findings import Flaw, Place
from syndicator.normalise.remarks import Remark, of_plain
from syndicator.normalise.syntax import no_yaml
from syndicator.normalise.values import Mark, Table, Value
from syndicator.normalise.yaml_refusals import HIDE, SHOW, judged

_SMALL: Final = 1 << 14  # characters, of which nothing costs much
_NEVER: Final = 1 << 62  # a line below which nothing stands

# libyaml where PyYAML was built with it; the same events from Python elsewhere
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_CORE: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")
_ODD_BREAKS: Final = re.compile("[\x85\u2028\u2029]")


def load(front: str, first: int = 1, base: int = 0, remarks: list[Remark] | None = None) -> Value:
    """Read one YAML document whose first line is line ``first`` of the file.

    Its first character is number ``base`` of the text; what is read here and lost or changed
    elsewhere goes to ``remarks``. Raises ``Flaw``: FM003 not YAML, FM005 a key twice, FM006 an
    unfit character by an escape, FM008 over a limit, FM009 a tag, an alias or a merge.
    """
    if front[:1] == "\ufeff":  # the parser would drop it, and count from the next one
        front, base = front[1:], base + 1
    odd = not front.isascii() and _ODD_BREAKS.search(front) is not None
    text = front.translate(HIDE) if odd else front
    build = _Build(front, first, base, odd=odd, remarking=remarks is not None)
    take = build.taking()
    try:
        events = judged(iter(_LOADER(text).get_event, None), first)
        if len(text) > _SMALL:
            # to read a long text twice is cheaper than to build, or keep, what will be refused
            deque(events, maxlen=0)
            events = iter(_LOADER(text).get_event, None)
        for event in events:
            if step := take.get(type(event)):
                step(event)
    except Flaw:
        raise
    except (yaml.YAMLError, ValueError, OverflowError) as e:
        raise no_yaml(e, front, first) from None
    if remarks is not None:
        remarks += build.remarks()
    return build.root


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
        }

    def _scalar(self, event: Any) -> None:  # noqa: ANN401  # PyYAML's two parsers share no class
        text: str = event.value.translate(SHOW) if self._odd else event.value
        plain: bool = event.implicit[0]
        key = self._keys[-1]
        table = self._table
        if table is not None and key is None:
            mark = event.start_mark
            self._spot = mark.line + self._first, mark.column + 1, mark.index + self._base
            self._keys[-1] = text
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
            self._put(value)

    def _open(self, event: Any) -> None:  # noqa: ANN401
        container: Table | list[Value] = Table() if type(event) is yaml.MappingStartEvent else []
        self._names.append(self._keys[-1] or self._names[-1])
        self._put(container)
        self._stack.append(container)
        self._keys.append(None)
        self._table = container if isinstance(container, Table) else None

    def _close(self, _event: Any) -> None:  # noqa: ANN401
        self._stack.pop()
        self._keys.pop()
        self._names.pop()
        outer = self._stack[-1] if self._stack else None
        self._table = outer if isinstance(outer, Table) else None

    def _put(self, value: Value) -> None:
        if not self._stack:
            self.root = value
            return
        container, key = self._stack[-1], self._keys[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is not None:
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

    def _at(self, event: Any) -> Place:  # noqa: ANN401
        return event.start_mark.line + self._first, event.start_mark.column + 1


def typed(text: str) -> Value:
    """Return what a plain scalar says: null, a truth, a canonical integer, else its text."""
    if text in _CORE:
        return _CORE[text]
    return int(text) if text[0] in "-0123456789" and _INTEGER.fullmatch(text) else text
