"""How front matter is written: five dresses, each a handler of python-frontmatter's interface.

Handlers of our own (``detect``, ``split``, ``load``), because the package's YAML handler strips
the body, its loader recurses, and TOML needs one more package.
"""

import json
import re
import tomllib
from datetime import date, datetime, time
from typing import Any, Final, NamedTuple, NoReturn

from frontmatter.default_handlers import BaseHandler, YAMLHandler

from syndicator.normalise import limits, toml_lines, yaml_events, yaml_lines
from syndicator.normalise.characters import LINE_END
from syndicator.normalise.findings import Flaw, line_of, place_in, shown
from syndicator.normalise.keys import spellings
from syndicator.normalise.tokens import (
    INTEGER,
    TomlPlaces,
    json_table,
    json_twice,
    json_unfit,
    toml_unfit,
)
from syndicator.normalise.values import Mark, Path, Places, Table, Value, folded

FRONT_LIMIT: Final = 1024 * 1024

_OPEN: Final = r"(?:[ \t]*(?:\r\n|\n|\r))?"  # one blank line before the fence is forgiven
_END: Final = r"[ \t]*(?:\r\n|\n|\r|\Z)"
_LONGEST: Final = 100  # digits, of which nothing has to be asked
_DATED: Final = {one for name in ("published", "updated", "expires") for one in spellings(name)}
_TOML_DAY: Final = re.compile(r"([^=#]*)=[ \t]*([0-9]{4}-[0-9]{2}-[0-9]{2}[^#]*)")
_TOML_PLACE: Final = re.compile(r"(.*?)\s*\(at line (\d+), column (\d+)\)", re.DOTALL)


class Front(NamedTuple):
    """Where front matter stands: its first line, and the offset of its first character."""

    first: int = 1
    base: int = 0


class _Fenced:
    """Front matter between two lines."""

    FM_BOUNDARY: re.Pattern[str]
    CLOSE: re.Pattern[str]

    def split(self, text: str, limit: int = FRONT_LIMIT) -> tuple[str, str]:
        return _between(text, self.FM_BOUNDARY, self.CLOSE, limit)


class _Yaml(_Fenced, YAMLHandler):  # type: ignore[misc, unused-ignore]  # typed in some versions
    """``---`` up to ``---`` or ``...``, as Jekyll reads it."""

    FM_BOUNDARY = re.compile(rf"{_OPEN}---(?:yaml)?{_END}")
    CLOSE = re.compile(r"\n(?:---|\.\.\.)[ \t]*(?=\n|\Z)")

    def load(self, fm: str, **kwargs: Any) -> Any:  # noqa: ANN401  # the interface says so
        at: Front = kwargs.get("at", Front())
        short = yaml_lines.read(fm, at.first, at.base)
        if short is not None:
            return short
        return yaml_events.load(fm, at.first, at.base, kwargs.get("remarks"))


class _Toml(_Fenced, BaseHandler):
    """``+++`` up to ``+++``, as Hugo and Zola read it, or fences with a language."""

    FM_BOUNDARY = re.compile(rf"{_OPEN}(?:\+\+\+(?:toml)?|---toml){_END}")
    CLOSE = re.compile(r"\n(?:\+\+\+|---)[ \t]*(?=\n|\Z)")

    def load(self, fm: str, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401
        at: Front = kwargs.get("at", Front())
        text = LINE_END.sub("\n", fm) if "\r" in fm else fm
        limits.toml(text, at.first)
        try:
            found = tomllib.loads(text, parse_float=str)
        except (ValueError, RecursionError) as e:
            _refuse_toml(e, fm, at)

        def placed() -> Table:
            if toml_lines.fits(fm):
                return _table(found, toml_lines.marks(fm, at.first, at.base))
            return _table(found, TomlPlaces(fm, at.first, at.base).marks)

        if "\\" in fm and (flaw := toml_unfit(fm, at.first)):
            raise flaw
        return _unplaced(found, Places(placed))


class _Json(_Fenced, BaseHandler):
    """One JSON object at the start of the file, as Hugo reads it, or between fences."""

    FM_BOUNDARY = re.compile(rf"{_OPEN}(?:(?=\{{\s*[\"}}])|---json{_END})")
    CLOSE = re.compile(r"\n---[ \t]*(?=\n|\Z)")

    def split(self, text: str, limit: int = FRONT_LIMIT) -> tuple[str, str]:
        opening = self.FM_BOUNDARY.match(text)
        if opening is None or "---" in opening.group():
            return super().split(text, limit)
        start = opening.end()
        window = text[: start + limit]
        end = limits.json(window, start, line_of(text, start))
        if end == len(window) and len(text) > end:
            raise _too_long(limit)
        rest = LINE_END.match(text, end)
        return text[start:end], text[rest.end() if rest else end :]

    def load(self, fm: str, **kwargs: Any) -> Any:  # noqa: ANN401
        at: Front = kwargs.get("at", Front())
        if limits.many(fm):
            limits.json(fm, 0, at.first)
        objects = _Objects()
        try:
            found = json.loads(
                fm,
                parse_float=str,
                parse_int=_integer,
                parse_constant=_refuse_constant,
                object_pairs_hook=objects.take,
            )
        except json.JSONDecodeError as e:
            raise Flaw(
                "FM003",
                f"not JSON: {e.msg}",
                "check commas, quotes and brackets here and on the line above",
                place_in(fm, e.pos, at.first),
            ) from None
        except (ValueError, RecursionError) as e:
            raise Flaw("FM003", f"not JSON: {shown(e, 80)}", "", (at.first, 1)) from None
        if not isinstance(found, dict):
            return found

        def placed() -> Table:
            return json_table(fm, at.first, at.base)

        if objects.twice and (flaw := json_twice(fm, at.first)):
            raise flaw
        if "\\" in fm and (flaw := json_unfit(fm, at.first)):
            raise flaw
        return _unplaced(found, Places(placed))


class _Objects:
    """Sees each object that the parser of JSON has read."""

    def __init__(self) -> None:
        self.twice = False  # whether a key stands twice in any of them

    def take(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return the pairs as a dictionary."""
        made = dict(pairs)
        if len(made) < len(pairs):
            self.twice = True
        return made


class _Members(_Json):
    """Members of a JSON object up to ``;;;``, with or without one before them: Hexo's own."""

    FM_BOUNDARY = re.compile(rf'{_OPEN}(?:;;;{_END}|(?=[ \t]*"[^"\r\n]{{1,80}}"[ \t]*:))')
    CLOSE = re.compile(r"\n;;;[ \t]*(?=\n|\Z)")

    def detect(self, text: str) -> bool:
        opening = self.FM_BOUNDARY.match(text)
        return opening is not None and (";" in opening.group() or "\n;;;" in text[:FRONT_LIMIT])

    def split(self, text: str, limit: int = FRONT_LIMIT) -> tuple[str, str]:
        return _Fenced.split(self, text, limit)

    def load(self, fm: str, **kwargs: Any) -> Any:  # noqa: ANN401
        at: Front = kwargs.get("at", Front())
        # the braces stand on lines of their own, so that columns are those of the file
        braced = Front(at.first - 1, at.base - 2)
        return super().load("{\n" + fm.rstrip().removesuffix(",") + "\n}", at=braced)


HANDLERS: Final = (_Yaml(), _Toml(), _Json(), _Members())


def _between(
    text: str, opening: re.Pattern[str], closing: re.Pattern[str], limit: int
) -> tuple[str, str]:
    begin = opening.match(text)
    start = begin.end() if begin else 0
    # from the line end before the front matter, which may be empty, to a little beyond the limit
    window = text[max(0, start - 1) : start + limit + 8]
    close = closing.search(window.replace("\r", "\n") if "\r" in window else window)
    if close is None:
        if len(text) > start + limit:
            raise _too_long(limit)
        fence = begin.group().strip() if begin else ""
        raise Flaw(
            "FM002",
            "the front matter is never closed",
            f"end it with a line of {fence[:3]}",
            (line_of(text, start) - 1 or 1, 1),
        )
    ends = max(0, start - 1) + close.start() + 1
    front = text[start:ends]
    if len(front) * 4 > limit and len(front.encode()) > limit:
        raise _too_long(limit)
    after = max(0, start - 1) + close.end()
    rest = LINE_END.match(text, after)
    return front, text[rest.end() if rest else after :]


def _too_long(limit: int) -> Flaw:
    size = "1 MiB" if limit == FRONT_LIMIT else f"{limit // 1024} KiB, all a file so long may have"
    return Flaw(
        "FM008", f"front matter is longer than {size}", "is the closing line missing?", (1, 1)
    )


def _table(found: dict[str, Any], marks: dict[Path, Mark], path: Path = ()) -> Table:
    """Return a parser's dictionary as a table; the limits keep the depth small."""
    table = Table()
    for key, value in found.items():
        here = (*path, key)
        mark = marks.get(here)
        table[key] = _value(value, marks, here)
        if mark is not None:
            table.marks[key] = mark
    return table


def _unplaced(found: dict[str, Any], places: Places, path: Path = ()) -> Table:
    """Return a dictionary as ``_table`` does, its places to be found out if they are asked for."""
    table = Table(places, path)
    for key, value in found.items():
        plain = isinstance(value, (str, int))
        table[key] = value if plain else _inner(value, places, (*path, key))
    return table


def _inner(value: object, places: Places, path: Path) -> Value:
    if isinstance(value, dict):
        return _unplaced(value, places, path)
    if isinstance(value, list):
        return [
            one if isinstance(one, (str, int)) else _inner(one, places, (*path, at))
            for at, one in enumerate(value)
        ]
    return _scalar(value)


def _value(value: object, marks: dict[Path, Mark], path: Path) -> Value:
    if isinstance(value, dict):
        return _table(value, marks, path)
    if isinstance(value, list):
        return [_value(one, marks, (*path, at)) for at, one in enumerate(value)]
    return _scalar(value)


def _scalar(value: object) -> Value:
    if value is None or isinstance(value, (str, int, float, date, datetime, time)):
        return value
    return str(value)


def _integer(digits: str) -> int | str:
    """Return a whole number, or its digits where nobody means a number by so many."""
    number = int(digits)  # raises ValueError for even more
    return number if len(digits) <= _LONGEST or INTEGER.fullmatch(digits) else digits


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _refuse_toml(error: Exception, front: str, at: Front) -> NoReturn:
    match, last = _TOML_PLACE.fullmatch(str(error)), str(line_of(front.rstrip()))
    says, line, column = match.groups() if match else (str(error), last, "1")
    if "overwrite" in says or "twice" in says:
        short = toml_lines.fits(front)
        known = (
            toml_lines.first_twice(front, at.first)
            if short
            else TomlPlaces(front, at.first, at.base).twice
        )
        if known is not None:
            raise known from None
    place = (at.first + int(line) - 1, int(column))
    day = _TOML_DAY.match(LINE_END.split(front)[int(line) - 1]) if match else None
    if day and folded(day.group(1).strip(" \t\"'")) in _DATED:
        code = "DATE003" if "Invalid date" in says else "DATE001"
        says = f"{shown(day.group(2).strip())!r} is no day or time that TOML knows"
        raise Flaw(code, says, "correct it", (place[0], day.start(2) + 1)) from None
    hint = "text needs quotes, lists need [ and ]"
    raise Flaw("FM003", f"not TOML: {shown(says, 100)}", hint, place) from None
