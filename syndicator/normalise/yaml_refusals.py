"""What is refused of YAML, seen in its events: nothing is made of what ends here.

Anchors, tags, aliases and merges, a key that stands twice or is no text, characters that can't be
published, a second document, and too much or too deep of anything.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import yaml

from syndicator.normalise.characters import UNFIT
from syndicator.normalise.findings import Flaw, Place, shown

DEPTH: Final = 32
NODES: Final = 20_000
# YAML 1.1 ends lines at these, no editor and no YAML 1.2 does: noncharacters stand in for them
HIDE: Final = {0x85: 0xFDD0, 0x2028: 0xFDD1, 0x2029: 0xFDD2}
SHOW: Final = {there: here for here, there in HIDE.items()}
_MERGE: Final = "<<"
_OPENING: Final = {yaml.MappingStartEvent, yaml.SequenceStartEvent}
_NODES: Final = {yaml.ScalarEvent, *_OPENING}
_REST: Final = {yaml.AliasEvent, yaml.DocumentStartEvent}
_CLOSING: Final = {yaml.MappingEndEvent, yaml.SequenceEndEvent}


def judged(events: Iterable[Any], first: int) -> Iterator[Any]:
    """Yield the events of one document, up to the first that has to be refused.

    Line ``first`` of the file is the document's first. Raises ``Flaw``: FM003 a key that is no
    text, or a second document; FM005, FM006, FM008, FM009. This
    loop is most of what it costs to refuse a long document.
    """
    outer: list[dict[str, int] | None] = []
    seen: dict[str, int] | None = None  # the lines of the keys of the innermost mapping
    key = False  # whether its next node is one
    nodes = documents = 0
    for event in events:
        kind = type(event)
        if kind in _NODES:
            nodes += 1
            if nodes > NODES or event.anchor is not None or event.tag is not None:
                raise _refused(event, nodes, first)
        if kind is yaml.ScalarEvent:
            if not event.implicit[0] and (bad := UNFIT.search(event.value)):
                raise _unfit(bad.group(), _at(event, first))
            if key and seen is not None:
                _keep(seen, event, first)
            key = not key
        elif kind in _OPENING:
            _open(event, len(outer), first, key=key and seen is not None)
            outer.append(seen)
            seen, key = ({} if kind is yaml.MappingStartEvent else None), True
        elif kind in _CLOSING:
            seen, key = outer.pop(), True
        elif kind in _REST:
            documents = _other(event, documents, first)
        yield event


def _keep(seen: dict[str, int], event: Any, first: int) -> None:  # noqa: ANN401  # PyYAML's two parsers share no class
    key = event.value
    if key in seen:
        at = _at(event, first)
        raise Flaw(
            "FM005",
            f"{shown(key.translate(SHOW))!r} stands twice, on line {seen[key]} and line {at[0]}",
            "keep one of the two",
            at,
        )
    if key == _MERGE and event.implicit[0]:
        raise _forbidden(f"the merge key {_MERGE}", _at(event, first))
    seen[key] = event.start_mark.line + first


def _open(event: Any, depth: int, first: int, *, key: bool) -> None:  # noqa: ANN401
    if key:
        raise Flaw(
            "FM003",
            "a key must be text, here it is a list or a mapping",
            "put quotes around text that starts with [ or {",
            _at(event, first),
        )
    if depth >= DEPTH:
        raise Flaw(
            "FM008",
            f"front matter nests more than {DEPTH} levels deep",
            "write it flatter, or put quotes around text that holds brackets",
            _at(event, first),
        )


def _other(event: Any, documents: int, first: int) -> int:  # noqa: ANN401
    """Judge an alias or the beginning of a document; return how many have begun."""
    if type(event) is yaml.AliasEvent:
        raise _forbidden(f"the alias *{shown(event.anchor, 30)}", _at(event, first))
    if documents:
        at = _at(event, first)
        raise Flaw("FM003", "a second YAML document", "keep one block of keys", at)
    return 1


def _at(event: Any, first: int) -> Place:  # noqa: ANN401
    return event.start_mark.line + first, event.start_mark.column + 1


def _refused(event: Any, nodes: int, first: int) -> Flaw:  # noqa: ANN401
    if nodes > NODES:
        return Flaw(
            "FM008",
            f"front matter holds more than {NODES:,} values",
            "move the data into a file of its own",
            _at(event, first),
        )
    anchor, tag = event.anchor, event.tag
    what = f"the anchor &{shown(anchor, 30)}" if anchor else f"the tag {shown(tag, 30)}"
    return _forbidden(what, _at(event, first))


def _forbidden(what: str, at: Place) -> Flaw:
    return Flaw(
        "FM009",
        f"{what} is not read in front matter",
        "write the value out; put quotes around text that starts with *, & or !",
        at,
    )


def _unfit(character: str, at: Place) -> Flaw:
    return Flaw(
        "FM006",
        f"the character U+{ord(character):04X} can't be published",
        "remove the escape",
        at,
    )
