"""What is said of front matter that is no YAML: the line, and what is likely wrong with it."""

import re
from typing import Final

from syndicator.normalise.findings import Flaw, place_in, shown

_NO_SPACE: Final = re.compile(r"[A-Za-z_][\w-]*:[^\s/]")
_LONGEST: Final = 2_000  # characters of a line that a hint looks at


def no_yaml(error: Exception, front: str, first: int) -> Flaw:
    """Return what is said of text that is no YAML; line ``first`` of the file is its first."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Flaw("FM003", f"not YAML: {shown(error, 100)}", "", (first, 1))
    # at the end of the text the fault lies in the last line that says something
    at = min(mark.index, len(front.rstrip("\r\n"))) if mark.index >= len(front) else mark.index
    begins = max(front.rfind("\n", 0, at), front.rfind("\r", 0, at)) + 1
    ends = min((e for e in (front.find("\n", at), front.find("\r", at)) if e >= 0), default=-1)
    line = front[begins : ends if ends >= 0 else len(front)]
    before = front[:begins].rstrip("\r\n")[-_LONGEST:].splitlines()[-1:]
    what = getattr(error, "problem", None) or "can't be read"
    said = line.strip()
    return Flaw(
        "FM003",
        f"not YAML: {shown(what, 100)}" + (f", at {shown(said)!r}" if said else ""),
        _hint([*before, line[:_LONGEST]]),
        place_in(front, at, first) if at == mark.index else place_in(front, begins, first),
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
