"""A text taken apart: front matter and body.

Through python-frontmatter's handler interface, but never its ``loads``: that loses text which
starts with a rule, and raises what nobody can place.
"""

import re
from typing import Final, NamedTuple

from frontmatter.default_handlers import BaseHandler, YAMLHandler

from syndicator.normalise import unfenced
from syndicator.normalise.findings import Findings, Flaw, line_of, place_in, shown
from syndicator.normalise.handlers import FRONT_LIMIT, HANDLERS, Front
from syndicator.normalise.remarks import Remark
from syndicator.normalise.values import Table

_KEY_LINE: Final = re.compile(r"^[ \t]*[\"']?[A-Za-z_][\w-]*[\"']?[ \t]*[:=]", re.MULTILINE)
_GLUED: Final = re.compile(r"^[A-Za-z_][\w-]*:[^\s/:].*", re.MULTILINE)
_LONG_FENCE: Final = re.compile(r"-{4,}[ \t]*[\r\n]+[A-Za-z_][\w-]*:")
_NEAR: Final = 1 << 16  # characters in which a likely cause is looked for
_TAB: Final = re.compile(r"^[ ]*\t[ \t]*(?=[^\s#])", re.MULTILINE)


class Matter(NamedTuple):
    """A text taken apart: its keys, its body byte for byte, and the file's line it starts on."""

    table: Table
    body: str
    line: int
    fenced: bool  # whether there was front matter at all
    remarks: tuple[Remark, ...] = ()


def take_apart(text: str, findings: Findings, limit: int = FRONT_LIMIT) -> Matter:
    """Split a text and read its keys; what can't be read is an error in the findings.

    ``limit`` is how many bytes of front matter are read.
    """
    whole = Matter(Table(), text, 1, fenced=False)
    for handler in HANDLERS:
        if not handler.detect(text):
            continue
        try:
            front, body = handler.split(text, limit)
        except Flaw as flaw:
            begin = len(_opening(handler, text))
            if _loose(handler, text[begin : begin + limit]):
                return whole  # a text that opens with a rule
            findings.flaw(flaw)
            return whole
        return _load(handler, text, front, body, findings)
    if _LONG_FENCE.match(text):
        findings.warn(
            "FM018", "four dashes or more open no front matter", "write three dashes", (1, 1)
        )
        return whole
    if (bare := unfenced.read(text)) is not None:
        findings.info("FM018", bare.says, "start and end it with ---", (1, 1))
        return Matter(bare.table, bare.body, bare.line, fenced=True)
    return whole


def _load(handler: BaseHandler, text: str, front: str, body: str, findings: Findings) -> Matter:
    opening = _opening(handler, text)
    begin = len(opening)
    at = Front(line_of(text, begin), begin)
    if opening[:1].isspace() and opening.strip():
        findings.warn("FM018", "a blank line stands before the front matter", "delete it", (1, 1))
    if "\t" in front and isinstance(handler, YAMLHandler):
        _tabs(front, at, findings)
    line = line_of(text, len(text) - len(body))
    whole = Matter(Table(), text, 1, fenced=False)
    remarks: list[Remark] = []
    try:
        found: object = handler.load(front, at=at, remarks=remarks)  # type: ignore[call-arg]  # ours take more
    except Flaw as flaw:
        if flaw.code in ("FM003", "FM009") and _loose(handler, front):
            _ruled(findings)
            return whole
        findings.flaw(flaw, (at.first, 1))
        if flaw.code == "FM003" and isinstance(handler, YAMLHandler):
            _glued(front, at, findings)
        return Matter(Table(), body, line, fenced=True)
    if found is None or isinstance(found, Table):
        table = found if isinstance(found, Table) else Table()
        return Matter(table, body, line, fenced=True, remarks=tuple(remarks))
    if _KEY_LINE.search(front):
        findings.error(
            "FM004",
            f"front matter is not a set of keys but {shown(found)!r}",
            "write each key on a line of its own: key, colon, space, value",
            (at.first, 1),
        )
        _glued(front, at, findings)
        return Matter(Table(), body, line, fenced=True)
    _ruled(findings)
    return whole


def _opening(handler: BaseHandler, text: str) -> str:
    """Return the fence a text starts with, and a blank line before it."""
    match = handler.FM_BOUNDARY.match(text) if handler.FM_BOUNDARY else None
    return match.group() if match else ""


def _tabs(front: str, at: Front, findings: Findings) -> None:
    for tab in _TAB.finditer(front.replace("\r", "\n")):
        findings.warn(
            "FM013",
            "a tab indents this line; YAML tools disagree on how deep that is",
            "indent with spaces, not tabs",
            findings.place(at.base + tab.start(), "FM013"),
        )
        if findings.full("FM013"):
            break


def _glued(front: str, at: Front, findings: Findings) -> None:
    """Name the first key without its space, which may be why nothing can be read."""
    if match := _GLUED.search(front[:_NEAR].replace("\r", "\n")):
        at_colon = at.base + match.start() + match.group().index(":") + 1
        findings.add(
            "warning",
            "FM015",
            f"{shown(match.group())!r} is text, not a key with its value",
            "put a space after the colon that follows the key",
            place_in(front, match.start(), at.first),
            edits=(findings.edit(at_colon, at_colon, " "),),
            safe=False,
        )


def _loose(handler: BaseHandler, front: str) -> bool:
    """Whether what stands after an opening ``---`` holds no key: then it was a rule."""
    return isinstance(handler, YAMLHandler) and not _KEY_LINE.search(front.replace("\r", "\n"))


def _ruled(findings: Findings) -> None:
    findings.warn(
        "FM004",
        "the text between the two rules holds no keys; it is read as part of the post",
        "write *** for a rule at the start of a post",
        (1, 1),
    )
