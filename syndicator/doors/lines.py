"""The journal's lines: what happened, as JSON an archivist can read, and back.

One object a line: ``event`` first, then the fields of the value of ``model`` in their order, those
left out that hold nothing. Times are ISO 8601 with an offset. What happened together is written
together: every line of a batch but its last ends in ``"more":true``.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, Field, fields
from datetime import datetime
from typing import Any

from syndicator.errors import StoreError
from syndicator.model.custody import Checked, Collected, Damaged, Forgotten, Loose, Repaired
from syndicator.model.records import (
    Adopted,
    Alerted,
    Capture,
    Copy,
    Joined,
    Kept,
    Note,
    Noted,
    Owed,
    Record,
    Removal,
    Reopened,
    Settled,
    Switched,
    Tried,
    Version,
    Written,
)

EVENTS: dict[str, type[Record]] = {
    "kept": Kept,
    "adopted": Adopted,
    "version": Version,
    "removal": Removal,
    "capture": Capture,
    "copy": Copy,
    "joined": Joined,
    "owed": Owed,
    "settled": Settled,
    "reopened": Reopened,
    "tried": Tried,
    "switched": Switched,
    "alerted": Alerted,
    "problems": Noted,
    "checked": Checked,
    "damaged": Damaged,
    "repaired": Repaired,
    "loose": Loose,
    "collected": Collected,
    "forgotten": Forgotten,
    "written": Written,
}
_NAMES = {kind: name for name, kind in EVENTS.items()}
_FIELDS = {kind: frozenset(part.name for part in fields(kind)) for kind in EVENTS.values()}
_TIMES = frozenset({"at", "modified", "published", "updated", "retry_at", "not_before", "began"})
_LISTS = frozenset(
    {
        *("chain", "posts", "without", "shelves", "names", "again", "copies"),
        *("digests", "urls", "paths", "ids", "gone"),
    }
)
_ODD = frozenset({"problems", *_TIMES, *_LISTS})


def _default(part: Field[Any]) -> object:
    return part.default if part.default_factory is MISSING else part.default_factory()


_DEFAULTS = {
    kind: [(part.name, _default(part)) for part in fields(kind)]
    for kind in (Note, *EVENTS.values())
}
MORE = b',"more":true}\n'  # how a line ends that is not the last of its batch


def encode_batch(records: Sequence[Record]) -> list[bytes]:
    """Write what happened together as lines that are read together, or not at all."""
    *rest, last = [encode(record) for record in records]
    return [*(line[:-2] + MORE for line in rest), last]


def encode(record: Record) -> bytes:
    """Write a record as one line of UTF-8 JSON that ends in a line feed."""
    line = {"event": _NAMES[type(record)], **_told(record)}
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def _told(value: Record | Note) -> dict[str, Any]:
    """Return the fields that hold something, as JSON has them."""
    told: dict[str, Any] = {}
    for name, default in _DEFAULTS[type(value)]:
        held = getattr(value, name)
        if held != default:
            told[name] = held.isoformat() if isinstance(held, datetime) else held
        if name == "problems" and held:
            told[name] = [_told(one) for one in held]
    return told


def decode(line: bytes) -> Record:
    """Read a line that ``encode`` wrote; raise StoreError for any other."""
    try:
        values = json.loads(line.decode())
        kind = EVENTS[values.pop("event")]
        known = _FIELDS[kind]
        for name in values.keys() - known:
            del values[name]
        for name in values.keys() & _ODD:
            values[name] = _value(name, values[name])
        return kind(**values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        says = f"the journal holds a line that can't be read: {line[:80]!r} ({error})"
        hint = "it is damaged, or a newer version of syndicator wrote it: restore it, or upgrade"
        raise StoreError(says, hint=hint) from error


def month(records: Iterable[Record]) -> str:
    """Tell the month a batch belongs to: that of its last record, in UTC ("2026-11")."""
    return max(record.at for record in records).strftime("%Y-%m")


def _value(name: str, value: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
    """Read what JSON has no form for."""
    if name in _TIMES:
        return datetime.fromisoformat(value)
    if name == "problems":
        known = {part.name for part in fields(Note)}
        return tuple(Note(**{n: one[n] for n in one if n in known}) for one in value)
    return tuple(value)
