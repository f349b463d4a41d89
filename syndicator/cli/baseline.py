"""A baseline: the problems an old site is known to have, so that only new ones are told.

A problem is known by its post, its code and what it says; lines may move. The archive's and the
site's own problems are never in it: a damaged archive is not old news.
"""

import json
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from syndicator.doors import files
from syndicator.errors import ConfigError, Failed, StoreError
from syndicator.model.posts import Problem

FORMAT = 1

Key = tuple[str, str, str]  # path, code, hash of what it says


class Split(NamedTuple):
    """What is new, and how many known problems are no longer there."""

    new: list[Problem]
    mended: int


def read(file: Path) -> Counter[Key]:
    """Return the known problems and how often each is there; raise ConfigError where it can't."""
    try:
        data, _ = files.read(file)
        return _counted(json.loads(data))
    except Failed as error:
        hint = f"write it first: syndicate check --baseline {file} --write-baseline"
        raise ConfigError(error.says, hint=hint) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        says = f"{file} is no baseline: {type(error).__name__}: {error}"
        raise ConfigError(says, hint="write it again with --write-baseline") from error


def _counted(whole: Any) -> Counter[Key]:  # noqa: ANN401  # whatever JSON holds
    if whole["format"] != FORMAT:
        raise ValueError(f"its format is {whole['format']!r}, not {FORMAT}")
    counts: Counter[Key] = Counter()
    for one in whole["problems"]:
        counts[str(one["path"]), str(one["code"]), str(one["hash"])] += int(one.get("count", 1))
    return counts


def split(problems: Iterable[Problem], known: Counter[Key]) -> Split:
    """Take the known problems away, each as often as it is known."""
    left = known.copy()
    new = []
    for problem in problems:
        key = _key(problem)
        if _lasting(problem) and left[key] > 0:
            left[key] -= 1
        else:
            new.append(problem)
    return Split(new, left.total())


def write(file: Path, problems: Iterable[Problem]) -> int:
    """Replace a baseline by one of these problems; return how many those are."""
    counts = Counter(_key(problem) for problem in problems if _lasting(problem))
    lines = []
    for (path, code, said), count in sorted(counts.items()):
        one: dict[str, object] = {"path": path, "code": code, "hash": said}
        lines.append(json.dumps(one if count == 1 else {**one, "count": count}))
    body = ",\n  ".join(lines)
    text = f'{{"format": {FORMAT}, "problems": [\n  {body}\n]}}\n'
    aside = file.with_name(f".{file.name}.part")
    try:
        files.write(aside, text.encode())
        files.flush([aside])
        files.rename([(aside, file)])
    except StoreError as error:
        raise ConfigError(
            f"could not write the baseline: {error.says}", hint=error.hint
        ) from error
    return counts.total()


def said(problem: Problem) -> str:
    """Return the hash of what a problem says: the first 16 hexadecimal digits of a SHA-256."""
    return sha256(problem.says.encode("utf-8", "replace")).hexdigest()[:16]


def _key(problem: Problem) -> Key:
    return problem.path, problem.code, said(problem)


def _lasting(problem: Problem) -> bool:
    return not problem.code.startswith(("ARC", "SITE", "SRC"))
