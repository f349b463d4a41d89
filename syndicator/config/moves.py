"""Documents that lie elsewhere by now, or nowhere: what their old addresses answer."""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator

from syndicator.config import checks

MOVED, GONE = 301, 410  # readers rewrite what they keep for 301; 410 tells them to stop asking
Move = tuple[int, str]  # status and new address
Moves = Mapping[str, Move]  # by path below archive/public; one that ends in / means all below it


def _old(path: str) -> str:
    hint = 'a path below archive/public, such as "rss.xml", or "tags/" for all below it'
    parts = path.removesuffix("/").split("/")
    if not path.isprintable() or "\\" in path or any(part in {"", ".", ".."} for part in parts):
        raise checks.unfit("must be a relative path with forward slashes", hint)
    return path


def _new(target: str) -> str:
    return checks.web_url(target) if "://" in target else _old(target)


OldPath = Annotated[str, AfterValidator(_old)]
Target = Annotated[str, AfterValidator(_new)]


def archives(path: str) -> tuple[str, str]:
    """Tell where the archive documents of a feed are: their folder, and how their names end."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (name, "")
    return f"{folder}{slash}{stem}-archive/", ending


def moves(url: str, moved: Mapping[str, str], gone: tuple[str, ...]) -> Moves:
    """Tell what old paths answer; ``url`` is where the folder public is reachable.

    Who follows one arrives: a path that moved twice leads to the last place at once. The archive
    documents of a feed go where it goes (RFC 5005, 4: their addresses are kept for years).
    """
    found, beside = {}, {}
    for old in moved:
        *_, new = _way(old, moved)
        found[old] = (GONE, "") if _over(new, gone) else (MOVED, _absolute(url, new))
        folder, ending = archives(old)
        if found[old][0] == GONE:
            beside[folder] = found[old]
        elif not old.endswith("/") and "://" not in new and archives(new)[1] == ending:
            beside[folder] = (MOVED, _absolute(url, archives(new)[0]))
    beside |= {archives(old)[0]: (GONE, "") for old in gone if not old.endswith("/")}
    return beside | found | dict.fromkeys(gone, (GONE, ""))


def answer(path: str, known: Moves) -> Move | None:
    """Tell what the path of a file that is not there answers; the longest name of it decides."""
    if path in known:
        return known[path]
    folder = _over(path, known)
    if not folder:
        return None
    status, target = known[folder]
    return status, target and target + quote(path[len(folder) :])


def circles(moved: Mapping[str, str]) -> list[str]:
    """Tell the old paths that lead to themselves in the end, or ever further down."""
    wrong = []
    for old in moved:
        folder = old if old.endswith("/") else None
        for new in _way(old, moved):
            if new == old or (folder and new.startswith(folder)):
                wrong.append(old)
                break
    return wrong


def _way(old: str, moved: Mapping[str, str]) -> Iterator[str]:
    """Follow a path to where it lies now, or for as many steps as there are moves."""
    path = old
    for _ in range(len(moved) + 1):
        name = _over(path, moved)
        if not name:
            return
        rest, to = path[len(name) :], moved[name]
        path = to + (quote(rest) if "://" in to else rest)
        yield path


def _over(path: str, names: Collection[str]) -> str:
    """Return the name that covers a path: its own, else that of the innermost folder; or ""."""
    if path in names:
        return path
    parts = path.split("/")
    ways = ("/".join(parts[:end]) + "/" for end in range(len(parts) - 1, 0, -1))
    return next((way for way in ways if way in names), "")


def _absolute(url: str, target: str) -> str:
    return target if urlsplit(target).scheme else url + quote(target)
