"""Keys that stand twice, looked for among the events of YAML before anything is made of them."""

from typing import Any, Final

import yaml

from syndicator.normalise.findings import Flaw, Place, shown

STEPS: Final[dict[type, int]] = {
    yaml.MappingStartEvent: 1,
    yaml.SequenceStartEvent: 1,
    yaml.MappingEndEvent: -1,
    yaml.SequenceEndEvent: -1,
}
_NODES: Final = {
    yaml.AliasEvent,
    yaml.ScalarEvent,
    yaml.MappingStartEvent,
    yaml.SequenceStartEvent,
}


def once(events: list[Any], first: int) -> None:
    """Raise ``Flaw`` FM005 for the first key that stands twice, before anything is built.

    Ends with the document, and where something else has to be refused first.
    """
    outer: list[dict[str, int] | None] = []
    seen: dict[str, int] | None = None  # the lines of the keys of the innermost mapping
    key = False  # whether its next node is one
    for event in events:
        kind = type(event)
        step = STEPS.get(kind, 0)
        if kind in _NODES and (event.anchor is not None or event.tag is not None):
            return
        if step > 0:
            if key and seen is not None:
                return
            outer.append(seen)
            seen, key = ({} if kind is yaml.MappingStartEvent else None), True
        elif step < 0:
            seen, key = outer.pop(), True
        elif seen is not None and kind is yaml.ScalarEvent:
            if key:
                _keep(seen, event, first)
            key = not key
        elif kind is yaml.DocumentEndEvent:
            return


def _keep(seen: dict[str, int], event: Any, first: int) -> None:  # noqa: ANN401  # PyYAML's two parsers share no class
    name, line = event.value, event.start_mark.line + first
    if name in seen:
        raise twice(name, seen[name], (line, event.start_mark.column + 1))
    seen[name] = line


def twice(key: str, before: int, at: Place) -> Flaw:
    """Return what is said of a key that stood on line ``before`` and stands here again."""
    return Flaw(
        "FM005",
        f"{shown(key)!r} stands twice, on line {before} and line {at[0]}",
        "keep one of the two",
        at,
    )
