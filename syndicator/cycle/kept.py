"""A cheap look at an archive: whether what it should keep is there, and nothing else is.

Sizes are compared, bytes are not: that takes as long as reading the whole archive.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from syndicator.archive.slices import PERIOD
from syndicator.cycle.clockwork import Clockwork
from syndicator.doors import files, index, journal
from syndicator.doors.index import Kept
from syndicator.doors.layout import Layout, source_name
from syndicator.doors.scan import scan
from syndicator.errors import StoreError
from syndicator.model.posts import Known, Problem, Severity

_DIGEST = re.compile(rb'"digest":\s*"([0-9a-f]{64})"')
_NAME = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})\..*")
_RESTORE = "restore it from a backup of the archive"


class Shelf(NamedTuple):
    """What an archive says of pictures, by their URL, what readers know, and what is wrong."""

    pictures: dict[str, Kept]
    posts: list[Known]
    problems: list[Problem]


def look(layout: Layout) -> Shelf | None:
    """Look at an archive without changing it; None where no pass was made yet."""
    try:
        known = index.load(layout.state)
        if known is None:
            return None
        pictures = index.pictures(layout.state)
        posts = index.posts(layout.state)
        problems = [
            *_behind(layout, known.journal),
            *_pictures(layout, pictures),
            *_sources(layout, [(one.path, one.source) for one in posts if one.live]),
            *_strangers(layout),
        ]
    except (StoreError, OSError) as error:
        hint = error.hint if isinstance(error, StoreError) else "check its permissions"
        return Shelf({}, [], [_problem(str(layout.state), "ARC005", str(error), hint)])
    return Shelf(pictures, posts, problems)


def unchecked(layout: Layout, now: datetime) -> list[Problem]:
    """Return ARC004 where some kept bytes were not compared with their names for 30 days.

    Nothing of an archive that can't be read: ``look`` says that.
    """
    try:
        apart = now - Clockwork(layout, now).oldest
    except (StoreError, OSError):
        return []
    if apart <= PERIOD:
        return []
    says = f"some kept files were not compared with their names for {apart.days} days"
    hint = "syndicate archive verify; or a share a day, as a daemon does: verify --slice"
    return [_problem(str(layout.root), "ARC004", says, hint, "warning")]


def _behind(layout: Layout, position: str) -> Iterator[Problem]:
    stands, end = journal.position(position), journal.end(layout.journal)
    if stands > end:
        yield _problem(
            str(layout.journal),
            "ARC005",
            f"the journal ends at {end if end.name else 'nothing'}, state.db stands at {stands}",
            "restore the journal; or move state.db away: the next run makes it anew of what is "
            "left",
        )


def _pictures(layout: Layout, pictures: dict[str, Kept]) -> Iterator[Problem]:
    names = {one.digest + one.extension: one.size for one in pictures.values() if one.digest}
    for name, size in sorted(names.items()):
        blob = layout.blob(name)
        found = files.stat(blob).size
        if found < 0:
            yield _problem(str(blob), "ARC002", "a kept picture is missing", _RESTORE)
        elif found != size:
            says = f"a kept picture has {found} bytes and should have {size}"
            yield _problem(str(blob), "ARC001", says, _RESTORE)


def _sources(layout: Layout, sources: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    for path, digest in sources:
        blob = layout.blob(source_name(digest, path))
        if files.stat(blob).size < 0:
            says = f"the kept bytes of {path} are missing"
            yield _problem(str(blob), "ARC002", says, _RESTORE)


def _strangers(layout: Layout) -> Iterator[Problem]:
    """Yield blobs no line of the journal names; a line is written before its blob appears."""
    root = layout.root / "blobs" / "sha256"
    found = sorted(path for path, stat in scan(root) if stat is not None and path)
    named: set[bytes] = set()
    for _, line in journal.read(layout.journal):
        named.update(_DIGEST.findall(line))
    for path in found:
        name = _NAME.fullmatch(path)
        if name is None or name[1].encode() not in named:
            yield _problem(
                str(root / path),
                "ARC003",
                "no line of the journal names this file",
                "if part of the journal is lost, restore it; otherwise move the file away",
                "warning",
            )


def _problem(path: str, code: str, says: str, hint: str, severity: Severity = "error") -> Problem:
    return Problem(path=path, code=code, says=says, hint=hint, severity=severity)
