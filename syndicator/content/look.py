"""The short look that begins every pass, and ends most: whether there is anything to do.

Nothing heavy is imported here: no ORM, no HTTP client, no parser.
"""

from collections.abc import Collection, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from syndicator.content.globs import matcher
from syndicator.content.sweep import Sweep, glance, same_bytes, sure, sweep
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


def look(
    place: Place,
    accepted: str,
    *,
    now_ns: int,
    force: bool = False,
    dry: bool = False,
    written: Collection[str] | None = None,
    stay: float = 0.0,
) -> Look:
    """Compare content, outputs and what is due with what the last pass left.

    Nothing but the files of the content that were ``written``, where somebody saw that, they are
    posts, the last pass came to its end, and no push is due now or in the seconds that a pass will
    ``stay`` for it: who is told of a post must find the feeds, and only a look at all tells
    whether they are there. The sweep is ``partial`` then. Else everything.
    ``accepted`` names the configuration's bytes and the program's version; ``now_ns`` is the time
    in nanoseconds since 1970; a dry look writes nothing. Raises ContentError for a missing or
    emptied content folder, StoreError for a damaged state.db.
    """
    second = -(-now_ns // 10**9)  # rounded up, as the moments are: what is owed now is due now
    load = partial(index.load, place.layout.state, now=second, alone=not dry)
    end = journal.end(place.layout.journal)
    some = None
    if written is not None:
        known, until = load(only=written), second + stay
        some = _glance(place, known, written, accepted=accepted, end=end, until=until)
    known, found = some or _sweep(place, load(), accepted, force=force)
    if known is None:
        return Look(None, found, anew=True, local=[], damaged=True, quiet=False)
    anew = known.accepted != accepted
    if not anew and found.changed and not found.gone:
        found = _touched(place, found, now_ns, dry=dry)
    local = _changed(known.local)
    damaged = not _whole(known, place.layout)
    behind = _behind(place, known, found, end, second)
    quiet = found.quiet and not (anew or local or damaged or behind or _due(known, second))
    return Look(known, found, anew, local, damaged, quiet)


def _glance(
    place: Place,
    known: Index | None,
    written: Collection[str],
    *,
    accepted: str,
    end: journal.Position,
    until: float,
) -> tuple[Index, Sweep] | None:
    """Look at some files, if that can do: a pass has done all, and none sends an old push now."""
    if known is None or known.accepted != accepted or known.adrift:
        return None
    if end != journal.position(known.journal):
        return None
    if known.push_at is not None and known.push_at <= until:
        return None
    matches, skip = matcher(place.include, place.exclude), [place.layout.root]
    found = glance(place.root, matches, known.seen, written, skip=skip)
    return (known, found) if found is not None else None


def _sweep(
    place: Place, known: Index | None, accepted: str, *, force: bool
) -> tuple[Index | None, Sweep]:
    """Look at all files."""
    anew = known is None or known.accepted != accepted
    matches, skip = matcher(place.include, place.exclude), [place.layout.root]
    seen = known.seen if known else {}
    found = sweep(place.root, matches, seen, skip=skip, force=force, anew=anew)
    if found.outside:
        excluded = matcher(place.exclude, ())
        left = tuple(path for path in found.outside if not excluded(path))
        found = found._replace(outside=left)
    return known, found


def _behind(place: Place, known: Index, found: Sweep, end: journal.Position, second: int) -> bool:
    """Tell whether something was said or seen that readers' files do not follow yet."""
    told = end != journal.position(known.journal) or _lacks(known.bucket, end, second)
    told = told or wished(place.layout) or known.adrift or known.pending > 0
    return told or not (found.partial or passed(found) == known.passed)


def _touched(place: Place, found: Sweep, now_ns: int, *, dry: bool) -> Sweep:
    """Take files whose bytes are the old ones for what they are, where all that changed are so."""
    state = place.layout.state
    digests = index.digests(state, found.changed, alone=not dry)
    same = same_bytes(place.root, found.changed, digests)
    if same is None:
        return found
    if not dry:
        index.refresh(state, {path: sure(stat, now_ns) for path, stat in same.items()})
    return found._replace(changed={})


def _due(known: Index, second: int) -> bool:
    """Tell whether something is to be done by now, or waits for a time of another clock."""
    moments = (known.wake_at, known.retry_at, known.push_at)
    due = known.check_due or any(at is not None and at <= second for at in moments)
    return due or known.clock - second >= SET_BACK


def _lacks(bucket: str, end: journal.Position, second: int) -> bool:
    """Tell whether a bucket is behind the journal, and to be asked by now."""
    at, _, position = bucket.partition(" ")
    return bool(bucket) and int(at) <= second and journal.position(position) != end


def as_written(known: Index, layout: Layout) -> bool:
    """Tell whether readers find all that the last pass wrote, and nothing is ahead of it."""
    return not known.adrift and _whole(known, layout)


def _whole(known: Index, layout: Layout) -> bool:
    if _changed(known.documents, f"{layout.public}/"):
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


def _changed(remembered: Mapping[str, files.Mark], below: str = "") -> list[str]:
    return [path for path, stat in remembered.items() if files.stat(below + path) != stat]
