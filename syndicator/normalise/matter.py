"""A text taken apart: front matter and body.

Through python-frontmatter's handler interface (``detect``, ``split``, ``load``), with handlers of
our own: the package's YAML handler strips the body, its loader recurses, TOML needs one more
package, and its ``loads`` loses text that starts with a rule.
"""

import json
import re
import tomllib
from datetime import date, datetime, time
from typing import Any, Final, NamedTuple, NoReturn

from frontmatter.default_handlers import BaseHandler, YAMLHandler

from syndicator.normalise import tokens, yaml_events
from syndicator.normalise.characters import LINE_END, UNFIT, line_of
from syndicator.normalise.findings import Findings, Flaw, shown
from syndicator.normalise.values import Mark, Table, Value

FRONT_LIMIT: Final = 1024 * 1024

_OPEN: Final = r"(?:[ \t]*(?:\r\n|\n|\r))?"  # one blank line before the fence is forgiven
_END: Final = r"[ \t]*(?:\r\n|\n|\r|\Z)"
_KEY_LINE: Final = re.compile(r"^[ \t]*[\"']?[A-Za-z_][\w-]*[\"']?[ \t]*[:=]", re.MULTILINE)
_LONG_FENCE: Final = re.compile(r"-{4,}[ \t]*[\r\n]+[A-Za-z_][\w-]*:")
_TOML_PLACE: Final = re.compile(r"(.*?)\s*\(at line (\d+), column (\d+)\)", re.DOTALL)


class Matter(NamedTuple):
    """A text taken apart: its keys, its body byte for byte, and the file's line it starts on."""

    table: Table
    body: str
    line: int
    fenced: bool  # whether there was front matter at all


class _Yaml(YAMLHandler):  # type: ignore[misc, unused-ignore]  # typed in some versions
    """``---`` up to ``---`` or ``...``, as Jekyll reads it."""

    FM_BOUNDARY = re.compile(rf"{_OPEN}---(?:yaml)?{_END}")
    _CLOSE = re.compile(rf"(?:(?<=\n)|(?<=\r))(?:---|\.\.\.){_END}")

    def split(self, text: str) -> tuple[str, str]:
        return _between(text, self.FM_BOUNDARY, self._CLOSE)

    def load(self, fm: str, **kwargs: object) -> Any:  # noqa: ANN401  # the interface says so
        return yaml_events.load(fm, int(str(kwargs.get("first", 1))))


class _Toml(BaseHandler):
    """``+++`` up to ``+++``, as Hugo and Zola read it, or fences with a language."""

    FM_BOUNDARY = re.compile(rf"{_OPEN}(?:\+\+\+(?:toml)?|---toml){_END}")
    _CLOSE = re.compile(rf"(?:(?<=\n)|(?<=\r))(?:\+\+\+|---){_END}")

    def split(self, text: str) -> tuple[str, str]:
        return _between(text, self.FM_BOUNDARY, self._CLOSE)

    def load(self, fm: str, **kwargs: object) -> dict[str, Any]:
        first = int(str(kwargs.get("first", 1)))
        text = LINE_END.sub("\n", fm)
        marks = tokens.toml_marks(text, first)
        try:
            found = tomllib.loads(text, parse_float=str)
        except (ValueError, RecursionError) as e:
            _refuse_toml(e, first)
        return _table(found, marks)


class _Json(BaseHandler):
    """One JSON object at the start of the file, as Hugo reads it, or between fences."""

    FM_BOUNDARY = re.compile(rf"{_OPEN}(?:(?=\{{\s*[\"}}])|---json{_END})")
    _CLOSE = re.compile(rf"(?:(?<=\n)|(?<=\r))---{_END}")

    def split(self, text: str) -> tuple[str, str]:
        opening = self.FM_BOUNDARY.match(text)
        if opening is None or "---" in opening.group():
            return _between(text, self.FM_BOUNDARY, self._CLOSE)
        start = opening.end()
        window = text[: start + FRONT_LIMIT]
        _, end = tokens.json_marks(window, start, 1)
        if end == len(window) and len(text) > end:
            raise _too_long()
        rest = LINE_END.match(text, end)
        return text[start:end], text[rest.end() if rest else end :]

    def load(self, fm: str, **kwargs: object) -> dict[str, Any]:
        first = int(str(kwargs.get("first", 1)))
        start = len(fm) - len(fm.lstrip())
        marks, _ = tokens.json_marks(fm, start, first + len(LINE_END.findall(fm[:start])))
        try:
            found = json.loads(
                fm, parse_float=str, parse_constant=_refuse_constant, object_pairs_hook=_once
            )
        except Flaw as e:
            raise Flaw(e.code, e.says, e.hint, (first, 1)) from None
        except json.JSONDecodeError as e:
            raise Flaw(
                "FM003",
                f"not JSON: {e.msg}",
                "check commas, quotes and brackets here and on the line above",
                (first + e.lineno - 1, e.colno),
            ) from None
        except (ValueError, RecursionError) as e:
            raise Flaw("FM003", f"not JSON: {shown(e, 80)}", "", (first, 1)) from None
        return _table(found, marks) if isinstance(found, dict) else Table()


_HANDLERS: Final = (_Yaml(), _Toml(), _Json())


def take_apart(text: str, findings: Findings) -> Matter:
    """Split a text and read its keys; what can't be read is an error in the findings."""
    whole = Matter(Table(), text, 1, fenced=False)
    for handler in _HANDLERS:
        if not handler.detect(text):
            continue
        try:
            front, body = handler.split(text)
        except Flaw as flaw:
            if _loose(handler, text[:FRONT_LIMIT].partition("\n")[2]):
                return whole  # a text that opens with a rule
            findings.flaw(flaw)
            return whole
        return _load(handler, text, front, body, findings)
    if _LONG_FENCE.match(text):
        findings.warn(
            "FM018", "four dashes or more open no front matter", "write three dashes", (1, 1)
        )
    return whole


def _load(handler: BaseHandler, text: str, front: str, body: str, findings: Findings) -> Matter:
    opening = handler.FM_BOUNDARY.match(text) if handler.FM_BOUNDARY else None
    begin = opening.end() if opening else 0
    first = line_of(text[:begin])
    if opening and opening.group()[:1] in " \t\r\n" and opening.group().strip():
        findings.info("FM018", "a blank line stands before the front matter", "delete it", (1, 1))
    line = line_of(text[: len(text) - len(body)])
    whole = Matter(Table(), text, 1, fenced=False)
    try:
        found = handler.load(front, first=first)  # type: ignore[call-arg]  # ours take it
    except Flaw as flaw:
        if flaw.code in ("FM003", "FM009") and _loose(handler, front):
            _ruled(findings)
            return whole
        findings.flaw(flaw, (first, 1))
        return Matter(Table(), body, line, fenced=True)
    if isinstance(found, Table):
        return Matter(found, body, line, fenced=True)
    if found is None:
        return Matter(Table(), body, line, fenced=True)
    if _KEY_LINE.search(front):
        findings.error(
            "FM004",
            f"front matter is not a set of keys but {shown(found)!r}",
            "write each key on a line of its own: key, colon, space, value",
            (first, 1),
        )
    else:
        _ruled(findings)
    return whole


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


def _between(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> tuple[str, str]:
    begin = opening.match(text)
    start = begin.end() if begin else 0
    # \Z matches at the end of the window too, so the window is a little longer than the limit
    close = closing.search(text, start, start + FRONT_LIMIT + 8)
    if close is None:
        if len(text) > start + FRONT_LIMIT:
            raise _too_long()
        raise Flaw(
            "FM002",
            "the front matter is never closed",
            f"end it with a line of {text.strip()[:3]}",
            (line_of(text[:start]) - 1 or 1, 1),
        )
    if len(text[start : close.start()].encode()) > FRONT_LIMIT:
        raise _too_long()
    return text[start : close.start()], text[close.end() :]


def _too_long() -> Flaw:
    return Flaw(
        "FM008", "front matter is longer than 1 MiB", "is the closing line missing?", (1, 1)
    )


def _table(found: dict[str, Any], marks: dict[str, Mark] | None = None) -> Table:
    """Return a parser's dictionary as a table; the tokens' limits keep the depth small."""
    table = Table()
    for key, value in found.items():
        table[key] = _value(value)
    table.marks = marks or {}
    return table


def _value(value: object) -> Value:
    if isinstance(value, dict):
        return _table(value)
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, str):
        if bad := UNFIT.search(value):
            raise Flaw(
                "FM006",
                f"the character U+{ord(bad.group()):04X} can't be published",
                "remove the escape",
            )
        return value
    if value is None or isinstance(value, (int, float, date, datetime, time)):
        return value
    return str(value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for at, key in enumerate(keys) if key in keys[:at])
        raise Flaw("FM005", f"{shown(twice)!r} stands twice", "keep one of the two")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _refuse_toml(error: Exception, first: int) -> NoReturn:
    match = _TOML_PLACE.fullmatch(str(error))
    says, line, column = match.groups() if match else (str(error), "1", "1")
    twice = "overwrite" in says or "twice" in says
    raise Flaw(
        "FM005" if twice else "FM003",
        f"not TOML: {shown(says, 100)}",
        "keep one of the two" if twice else "text needs quotes, lists need [ and ]",
        (first + int(line) - 1, int(column)),
    ) from None
