"""Documents that lie elsewhere by now, or nowhere: what their old addresses answer."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator

from syndicator.config import checks

MOVED, GONE = 301, 410  # readers rewrite what they keep for 301; 410 tells them to stop asking
Moves = Mapping[str, tuple[int, str]]  # by path below archive/public: status and new address


def _old(path: str) -> str:
    hint = 'a path below archive/public, such as "rss.xml" or "feed/index.xml"'
    parts = path.split("/")
    if not path.isprintable() or "\\" in path or any(part in {"", ".", ".."} for part in parts):
        raise checks.unfit("must be a relative path with forward slashes", hint)
    return path


def _new(target: str) -> str:
    return checks.web_url(target) if "://" in target else _old(target)


OldPath = Annotated[str, AfterValidator(_old)]
Target = Annotated[str, AfterValidator(_new)]


def moves(url: str, moved: Mapping[str, str], gone: tuple[str, ...]) -> Moves:
    """Tell what old paths answer; ``url`` is where the folder public is reachable.

    Who follows one arrives: a path that moved twice leads to the last place at once.
    """
    found = {}
    for old, first in moved.items():
        new, seen = first, {old}
        while new in moved and new not in seen:
            seen.add(new)
            new = moved[new]
        found[old] = (GONE, "") if new in gone else (MOVED, _absolute(url, new))
    return found | dict.fromkeys(gone, (GONE, ""))


def circles(moved: Mapping[str, str]) -> list[str]:
    """Tell the old paths that lead to themselves in the end."""
    wrong = []
    for old in moved:
        new, steps = moved[old], 0
        while new in moved and new != old and steps <= len(moved):
            new, steps = moved[new], steps + 1
        if new == old:
            wrong.append(old)
    return wrong


def _absolute(url: str, target: str) -> str:
    return target if urlsplit(target).scheme else url + quote(target)
