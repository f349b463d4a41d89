"""Putting right what can be put right: edits of the bytes they name, and of no others.

A post is edited in memory until no edit is left, and read again after each step. What would make
of a post that goes out one that is held back is not written.
"""

import difflib
import os
import shutil
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from stat import S_IWUSR
from typing import NamedTuple

from syndicator.content.read import read
from syndicator.cycle.examine import Examiner
from syndicator.doors import files
from syndicator.errors import Failed
from syndicator.model.posts import Edit, Problem, Source, Standing

ROUNDS = 100  # an edit may uncover another, or have stood in the way of one


class Applied(NamedTuple):
    """Bytes after edits, and the problems whose edits they are."""

    data: bytes
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What is to become of one file."""

    source: Source
    data: bytes
    problems: tuple[Problem, ...]  # put right, in the order of the edits


def apply(data: bytes, problems: Iterable[Problem]) -> Applied:
    """Make the edits of problems, all those of one or none; where two meet, the first counts.

    Edits that can't be of these bytes (beyond the end, or overlapping each other) are not made.
    """
    taken: list[Edit] = []  # in their order, apart
    done = []
    for problem in problems:
        if problem.edits and _fit(taken, problem.edits, len(data)):
            for edit in problem.edits:
                insort(taken, edit, key=_start)
            done.append(problem)
    parts, at = [], 0
    for edit in taken:
        parts += [data[at : edit.start], edit.text.encode()]
        at = edit.end
    return Applied(b"".join((*parts, data[at:])), tuple(done))


def _fit(taken: Sequence[Edit], edits: Iterable[Edit], size: int) -> bool:
    """Tell whether edits lie within the bytes, and apart from each other and from those taken."""
    ordered = sorted(edits, key=_start)
    for one in ordered:
        at = bisect_left(taken, one.start, key=_start)
        around = (*taken[max(at - 1, 0) : at], one, *taken[at : at + 1])
        if not (0 <= one.start <= one.end <= size and _apart(around) and _text(one)):
            return False
    return _apart(ordered)


def _apart(ordered: Iterable[Edit]) -> bool:
    return all(a.end <= b.start and a.start < b.start for a, b in pairwise(ordered))


def _start(edit: Edit) -> int:
    return edit.start


def _text(edit: Edit) -> bool:
    try:
        edit.text.encode()
    except UnicodeEncodeError:
        return False
    return True


def mend(examiner: Examiner, source: Source, wanted: Callable[[Problem], bool]) -> Fix | None:
    """Edit one post until nothing that is ``wanted`` is left to edit; None where nothing is.

    A post stays what it is, a post or a draft; only one that is held back may become either.
    Edits that undo each other are not made at all.
    """
    done: list[Problem] = []
    now, look = source, examiner.one(source)
    before = look.reading.standing
    seen = {source.data}
    for _ in range(ROUNDS):
        some = [one for one in look.problems if one.edits and wanted(one)]
        changed, made = _step(examiner, now, some, before)
        if not made:
            return Fix(source=source, data=now.data, problems=tuple(done)) if done else None
        if changed.data in seen:
            return None
        seen.add(changed.data)
        now, look = changed, examiner.one(changed)
        done += made
    return None


def _step(
    examiner: Examiner, now: Source, problems: Sequence[Problem], before: Standing
) -> tuple[Source, Sequence[Problem]]:
    """Make what can be made at once; where that would spoil the post, what spoils it is left."""

    def made(some: Iterable[Problem]) -> tuple[Source, Sequence[Problem]] | None:
        data, taken = apply(now.data, some)
        changed = replace(now, data=data, digest=sha256(data).hexdigest())
        good = before in {"held", examiner.one(changed).reading.standing}
        return (changed, taken) if good else None

    if not problems:
        return now, ()
    if (whole := made(problems)) is not None:
        return whole
    kept: tuple[Source, Sequence[Problem]] = (now, ())
    for problem in problems:
        kept = made((*kept[1], problem)) or kept
    return kept


def fixes(
    examiner: Examiner, paths: Iterable[str], wanted: Callable[[Problem], bool]
) -> Iterator[Fix]:
    """Yield what is to become of these files; those that can't be read are left alone."""
    for path in paths:
        try:
            source, _ = read(examiner.root, path)
        except Failed:
            continue
        if (fix := mend(examiner, source, wanted)) is not None:
            yield fix


def write(root: Path, fix: Fix) -> str:
    """Replace a file whole; return why it was left alone, or nothing where it was replaced.

    Owner, permissions and extended attributes stay. Left alone is what changed or went meanwhile,
    what its owner may not write to, and what has other names: they would keep the old text.
    Raises StoreError where the disk refuses.
    """
    path = root / fix.source.path
    try:
        found = path.stat()
    except OSError:
        return "gone meanwhile"
    if not found.st_mode & S_IWUSR:
        return "read-only"
    if found.st_nlink > 1:
        return f"{found.st_nlink} hard links name it; edit it by hand"
    # short, whatever the name is: names have a limit
    aside = path.with_name(f".{sha256(os.fsencode(path.name)).hexdigest()[:16]}.part")
    try:
        files.write(aside, fix.data, mode=0o600)
        if not _dressed(aside, path, found):
            return "its owner can't be kept"
        files.flush([aside])
        if not _still(path, fix.source.data):
            return "changed meanwhile"
        files.rename([(aside, path)])
    finally:
        aside.unlink(missing_ok=True)
    return ""


def _dressed(aside: Path, path: Path, found: os.stat_result) -> bool:
    """Give a new file the owner, permissions and attributes of the one it will replace."""
    try:
        made = aside.stat()
        if (made.st_uid, made.st_gid) != (found.st_uid, found.st_gid):
            os.chown(aside, found.st_uid, found.st_gid)
        shutil.copystat(path, aside)
        os.utime(aside)
    except OSError:
        return False
    return True


def _still(path: Path, data: bytes) -> bool:
    try:
        return files.read(path)[0] == data
    except Failed:
        return False


def diff(fix: Fix, shown: str) -> Iterator[str]:
    """Yield the lines of a unified diff, without their ends; ``shown`` is the file's name."""
    old, new = (
        data.decode("utf-8", "backslashreplace").splitlines(keepends=False)
        for data in (fix.source.data, fix.data)
    )
    yield from difflib.unified_diff(old, new, shown, shown, lineterm="")
