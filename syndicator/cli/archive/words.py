"""How the archive's verbs, and those of feeds, word moments and findings."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from syndicator.cli.show import ahead, as_json, paint, plain, problem_lines
from syndicator.config.units import amount
from syndicator.model.posts import Problem

SHOWN = 20  # lines of a list that are printed; --json has all


def json_option(parser: argparse.ArgumentParser, what: str = "JSON") -> None:
    """Let a verb print what it says as JSON, for programs."""
    parser.add_argument("--json", action="store_true", help=f"as {what}")


def number(count: int, word: str) -> str:
    """Word a number of things with its thousands apart: "1 file", "12,000 files"."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def ago(moment: datetime | None, now: datetime) -> str:
    """Word a moment that is past, None for never."""
    if moment is None:
        return "never"
    word = ahead(now, moment).removeprefix("in ")
    return "just now" if word == "now" else f"{word} ago"


def stamp(moment: datetime) -> str:
    """Word a moment to the second, with its offset."""
    return moment.isoformat(sep=" ", timespec="seconds")


def some(lines: Sequence[str], more: str = "line") -> Iterator[str]:
    """Yield the first of many lines, and how many more there are."""
    yield from (plain(line) for line in lines[:SHOWN])
    left = len(lines) - SHOWN
    if left > 0:
        yield f"and {number(left, f'more {more}')}: --json has all"


def tell(lines: Iterable[str]) -> None:
    """Print lines."""
    for line in lines:
        print(line)


def wrong(problems: Iterable[Problem]) -> None:
    """Print problems where problems go."""
    for line in problem_lines(problems):
        print(line, file=sys.stderr)


def good(text: str) -> str:
    """Colour what is well."""
    return paint(text, "good", sys.stdout)


def bad(text: str) -> str:
    """Colour what is not."""
    return paint(text, "error", sys.stdout)


def listed(values: Iterable[Any]) -> str:
    """Write values of ``model`` as a JSON array."""
    return json.dumps([asdict(value) for value in values], default=_other, **_STYLE)  # type: ignore[arg-type]  # of json.dumps


_STYLE = {"ensure_ascii": False, "indent": 2}


def _other(item: object) -> str:
    if isinstance(item, datetime):
        return item.isoformat()
    raise TypeError(type(item))


def grave(problems: Iterable[Problem]) -> bool:
    """Tell whether one of them needs a person."""
    return any(problem.severity == "error" for problem in problems)


__all__ = [
    "ago",
    "ahead",
    "amount",
    "as_json",
    "bad",
    "good",
    "grave",
    "listed",
    "number",
    "plain",
    "problem_lines",
    "some",
    "stamp",
    "tell",
    "wrong",
]
