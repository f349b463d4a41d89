"""Blanking what journal lines say of something forgotten; the one change a line ever suffers.

A line keeps its length, so that every position in the journal stays what it is: blanks are put
behind its opening brace. A file is replaced as a whole, under its own name.
"""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from syndicator.doors import files
from syndicator.errors import StoreError
from syndicator.model.custody import Forgotten

# what a line says beside naming its subject, by the field that names it
_SAID: Final = {"path": ("title",), "subject": ("body",), "id": ("title",)}
_BYTES: Final = ("url", "written", "came_from")  # of a capture, where they hold the bytes: data:


def redact(folder: Path, scratch: Path, forgotten: Forgotten) -> int:
    """Blank titles and bodies of a forgotten post, and data: URLs of forgotten bytes.

    Returns the number of lines that were changed; none the second time.
    """
    subjects = {"path": set(forgotten.paths), "subject": set(forgotten.ids)}
    subjects |= {"id": subjects["subject"]}
    marks = [_mark(one) for one in (*forgotten.paths, *forgotten.ids, *forgotten.digests)]
    count = 0
    for path in sorted(folder.glob("*.jsonl")):
        lines = path.read_bytes().splitlines(keepends=True)
        changed = 0
        for at, line in enumerate(lines):
            if any(mark in line for mark in marks):
                new = _blank(line, subjects, forgotten.digests)
                changed += new != line
                lines[at] = new
        if changed:
            aside = scratch / f"redacted-{path.name}"
            files.write(aside, b"".join(lines))
            files.flush([aside])
            files.rename([(aside, path)])
        count += changed
    return count


def _mark(subject: str) -> bytes:
    """Return a subject as a line holds it."""
    return json.dumps(subject, ensure_ascii=False).encode("utf-8", "replace")


def _blank(line: bytes, subjects: dict[str, set[str]], digests: Collection[str]) -> bytes:
    values: dict[str, Any] = json.loads(line)
    if values["event"] == "forgotten":
        return line
    before = dict(values)
    for name, said in _SAID.items():
        if values.get(name) in subjects[name]:
            values |= {field: "" for field in said if field in values}
    if values.get("path") in subjects["path"] and "problems" in values:
        values["problems"] = [one | {"says": ""} for one in values["problems"]]
    if values.get("digest") in digests and str(values.get("url", "")).startswith("data:"):
        values |= {field: "" for field in _BYTES if field in values}
    if values == before:
        return line
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    room = len(line) - 1 - len(text)
    if room < 0:
        raise StoreError(f"a line of the journal can't be blanked in its place: {line[:80]!r}")
    return b"{" + b" " * room + text[1:] + b"\n"
