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
from syndicator.model import (
    Adopted,
    Alerted,
    Capture,
    Checked,
    Collected,
    Copy,
    Damaged,
    Forgotten,
    Joined,
    Kept,
    Loose,
    Note,
    Noted,
    Owed,
    Record,
    Removal,
    Reopened,
    Repaired,
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
    for part in fields(value):
        held = getattr(value, part.name)
        if held != _default(part):
            told[part.name] = held.isoformat() if isinstance(held, datetime) else held
        if part.name == "problems" and held:
            told[part.name] = [_told(one) for one in held]
    return told


def decode(line: bytes) -> Record:
    """Read a line that ``encode`` wrote; raise StoreError for any other."""
    try:
        values = json.loads(line)
        kind = EVENTS[values.pop("event")]
        known = _FIELDS[kind]
        return kind(
            **{name: _value(name, value) for name, value in values.items() if name in known}
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        says = f"the journal holds a line that can't be read: {line[:80]!r} ({error})"
        hint = "it is damaged, or a newer version of syndicator wrote it: restore it, or upgrade"
        raise StoreError(says, hint=hint) from error


def month(records: Iterable[Record]) -> str:
    """Tell the month a batch belongs to: that of its last record, in UTC ("2026-11")."""
    return max(record.at for record in records).strftime("%Y-%m")


def _value(name: str, value: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
    if name in _TIMES:
        return datetime.fromisoformat(value)
    if name == "problems":
        known = {part.name for part in fields(Note)}
        return tuple(Note(**{n: one[n] for n in one if n in known}) for one in value)
    return tuple(value) if name in _LISTS else value


def _default(part: Field[Any]) -> object:
    if part.default_factory is not MISSING:
        return part.default_factory()
    return part.default
