"""The short look that begins every pass, and ends most: whether there is anything to do.

Nothing heavy is imported here: no ORM, no HTTP client, no parser.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from syndicator.content.globs import matcher
from syndicator.content.sweep import Sweep, same_bytes, sure, sweep
from syndicator.doors import files, index, journal
from syndicator.doors.index import SET_BACK, Index
from syndicator.doors.layout import Layout


class Look(NamedTuple):
    """What a look found: everything a pass needs to know to begin, or that it need not."""

    known: Index | None  # None: there is no state yet, or it is another version's
    sweep: Sweep
    anew: bool  # the configuration or the program changed: every file is to be read again
    local: list[str]  # pictures on this disk that changed
    damaged: bool  # a published file is not as it was written, or a picture came or went
    quiet: bool  # nothing to do


class Place(NamedTuple):
    """What a look needs of the configuration."""

    root: Path
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    layout: Layout


def look(place: Place, accepted: str, *, now_ns: int, force: bool, dry: bool = False) -> Look:
    """Compare content, outputs and what is due with what the last pass left.

    ``accepted`` names the configuration's bytes and the program's version; ``now_ns`` is the time
    in nanoseconds since 1970; a dry look writes nothing. Raises ContentError for a missing or
    emptied content folder, StoreError for a damaged state.db.
    """
    second = -(-now_ns // 10**9)  # rounded up, as the moments are: what is owed now is due now
    known = index.load(place.layout.state, now=second, alone=not dry)
    anew = known is None or known.accepted != accepted
    found = sweep(
        place.root,
        matcher(place.include, place.exclude),
        known.seen if known else {},
        skip=[place.layout.root],
        force=force,
        anew=anew,
    )
    if found.outside:
        excluded = matcher(place.exclude, ())
        left = tuple(path for path in found.outside if not excluded(path))
        found = found._replace(outside=left)
    if known is None:
        return Look(None, found, anew=True, local=[], damaged=True, quiet=False)
    if not anew and found.changed and not found.gone:
        digests = index.digests(place.layout.state, found.changed, alone=not dry)
        same = same_bytes(place.root, found.changed, digests)
        if same is not None:
            if not dry:
                fresh = {path: sure(stat, now_ns) for path, stat in same.items()}
                index.refresh(place.layout.state, fresh)
            found = found._replace(changed={})
    local = _changed(known.local, Path)
    damaged = not _whole(known, place.layout)
    moments = (known.wake_at, known.retry_at, known.push_at)
    due = known.check_due or any(at is not None and at <= second for at in moments)
    due = due or known.clock - second >= SET_BACK  # what waits was planned by another clock
    end = journal.end(place.layout.journal)
    behind = end != journal.position(known.journal) or _lacks(known.bucket, end, second)
    behind = behind or passed(found) != known.passed or wished(place.layout)
    behind = behind or known.adrift or known.pending > 0
    quiet = found.quiet and not (anew or local or damaged or due or behind)
    return Look(known, found, anew, local, damaged, quiet)


def _lacks(bucket: str, end: journal.Position, second: int) -> bool:
    """Tell whether a bucket is behind the journal, and to be asked by now."""
    at, _, position = bucket.partition(" ")
    return bool(bucket) and int(at) <= second and journal.position(position) != end


def as_written(known: Index, layout: Layout) -> bool:
    """Tell whether readers find all that the last pass wrote, and nothing is ahead of it."""
    return not known.adrift and _whole(known, layout)


def _whole(known: Index, layout: Layout) -> bool:
    if _changed(known.documents, lambda path: layout.public / path):
        return False
    return files.entered(layout.media) == known.media


def wished(layout: Layout) -> bool:
    """Say whether a person left a wish while another instance was at work (``doors.wishes``)."""
    return any(layout.wishes.glob("*.jsonl")) if layout.wishes.is_dir() else False


def passed(found: Sweep) -> str:
    """Name the files that look like posts and were passed over: "" where there are none."""
    names = "\n".join((*found.unread, *found.outside))
    return sha256(names.encode("utf-8", "surrogateescape")).hexdigest() if names else ""


def accepted(configuration: bytes, version: str) -> str:
    """Name a configuration as a version of the program takes it."""
    return f"{sha256(configuration).hexdigest()} {version}"


def _changed(remembered: Mapping[str, files.Mark], place: Callable[[str], Path]) -> list[str]:
    return [path for path, stat in remembered.items() if files.stat(place(path)) != stat]
