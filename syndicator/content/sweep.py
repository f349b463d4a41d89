"""What changed since last time: found by stat, as git's index does, proved by bytes.

A file whose size, time and inode are those remembered is not read. A file written in the very
moment it was read could change again without a trace; it is remembered as unsure, and read again.
"""

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from syndicator.doors import files
from syndicator.doors.files import Mark, Stat
from syndicator.doors.scan import FEW, scan, spot
from syndicator.errors import ContentError, Failed

MARKDOWN = (".md", ".markdown", ".mdown", ".mkd", ".mkdn")
GRAIN = 2_000_000_000  # nanoseconds: the coarsest clock of a file system in use (FAT)
UNSURE = 0  # an mtime no file has that was just read


class Sweep(NamedTuple):
    """What a look at the content folder found; ``changed`` must be read again."""

    found: Mapping[str, Mark]
    changed: Mapping[str, Mark]
    gone: list[str]
    unread: list[str]  # links, what can't be read ("x/" is a folder), names that are not UTF-8
    outside: tuple[str, ...] = ()  # Markdown that is not matched
    partial: bool = False  # a look at some files, all of them posts: it tells nothing of others

    @property
    def quiet(self) -> bool:
        """Tell whether everything is as it was."""
        return not self.changed and not self.gone


def sweep(
    root: Path,
    matches: Callable[[str], bool],
    seen: Mapping[str, Mark],
    *,
    skip: Iterable[Path] = (),
    force: bool = False,
    anew: bool = True,
) -> Sweep:
    """Compare the folder with what is remembered of it: stats, by path.

    Unless it is taken ``anew``, what is as it was is a post as it was, whatever ``matches``.
    Raises ContentError when the folder is missing, or holds no post where posts were before and
    ``force`` is not set: an unmounted disk must not empty the feeds.
    """
    if not root.is_dir():
        says = f"the content folder {root} is missing"
        raise ContentError(says, hint="mount it, or set [content] root in the configuration")
    found: dict[str, Mark] = {}
    changed: dict[str, Mark] = {}
    others: dict[str, list[str]] = {"unread": [], "outside": [], "": []}
    for path, stat in scan(root, skip=skip):
        same = stat is not None and seen.get(path) == stat
        kind = "post" if same and not anew else _kind(path, stat, matches)
        if stat is None or kind != "post":
            others[kind].append(path)
            continue
        found[path] = stat
        if not same:
            changed[path] = stat
    unread, outside = others["unread"], others["outside"]
    if "" in unread:
        raise ContentError(
            f"the content folder {root} can't be read", hint="check its permissions"
        )
    hidden = frozenset(unread)
    gone = [path for path in seen if path not in found and not still_there(path, hidden)]
    if seen and not found and not force:
        were = "1 was" if len(seen) == 1 else f"{len(seen)} were"
        says = f"{root} holds no posts, but {were} there before"
        hint = "mount the disk; or, if they are really gone: syndicate run --force"
        raise ContentError(says, hint=hint)
    return Sweep(found, changed, sorted(gone), sorted(unread), tuple(sorted(outside)))


def glance(
    root: Path,
    matches: Callable[[str], bool],
    seen: Mapping[str, Mark],
    paths: Collection[str],
    *,
    skip: Iterable[Path] = (),
) -> Sweep | None:
    """Compare these files alone with what is remembered of them.

    None unless all are posts that are there: what else happened only a whole sweep can tell.
    """
    if len(paths) > FEW:
        return None
    found: dict[str, Mark] = {}
    for path in paths:
        stat = spot(root, path, skip=skip)
        if stat is None or _kind(path, stat, matches) != "post":
            return None
        found[path] = stat
    changed = {path: stat for path, stat in found.items() if seen.get(path) != stat}
    return Sweep(found, changed, [], [], partial=True)


def still_there(path: str, unread: Container[str]) -> bool:
    """Tell whether a path that was not found is only hidden: by itself or by a folder above it.

    ``unread`` is a sweep's; a set where many are asked for. What is hidden is not gone.
    """
    above = (path[: at + 1] for at, mark in enumerate(path) if mark == "/")
    return path in unread or any(folder in unread for folder in above)


def same_bytes(
    root: Path, changed: Iterable[str], digests: Mapping[str, str]
) -> dict[str, Stat] | None:
    """Tell the stats to remember when all these files hold the bytes they held, else None."""
    same = {}
    for path in changed:
        try:
            data, stat = files.read(root / path)
        except Failed:
            return None
        if sha256(data).hexdigest() != digests.get(path):
            return None
        same[path] = stat
    return same


def sure(stat: Stat, looked_at_ns: int) -> Stat:
    """Tell what to remember of a file read in a look that began at ``looked_at_ns``."""
    return stat if stat.mtime_ns < looked_at_ns - GRAIN else stat._replace(mtime_ns=UNSURE)


def _kind(path: str, stat: Mark | None, matches: Callable[[str], bool]) -> str:
    """Say what something is: a post, what should be one, Markdown that is none, or nothing."""
    if stat is None and (path.endswith("/") or not path):
        return "unread"
    if matches(path):
        return "unread" if stat is None or not _is_text(path) else "post"
    return "outside" if stat is not None and path.lower().endswith(MARKDOWN) else ""


def _is_text(path: str) -> bool:
    if path.isascii():
        return True
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
