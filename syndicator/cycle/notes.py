"""What a pass finds wrong: kept by the stage that found it, and journalled where it changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from syndicator.content.look import passed
from syndicator.content.read import nothing, outside, unread
from syndicator.content.sweep import Sweep
from syndicator.cycle.compare import LEADS, LED_BY, Group, judge
from syndicator.cycle.pictures import Pictures
from syndicator.cycle.selection import Selection, holds
from syndicator.doors import files
from syndicator.doors.batch import Batch
from syndicator.doors.store import alike, content, images, posts, problems
from syndicator.doors.store.problems import Stage
from syndicator.doors.store.rows import batches, put
from syndicator.errors import Failed
from syndicator.model.posts import Post, Problem, Trait
from syndicator.model.records import Note, Noted


@dataclass(slots=True, kw_only=True)
class Notes:
    """The problems of one batch of the ledger; ``close`` journals what became different.

    What nobody wants to be told is not kept, unless it holds a post back: that is always told.
    """

    batch: Batch
    selection: Selection
    now: datetime
    _before: dict[str, tuple[Note, ...]] = field(default_factory=dict)

    def put(self, stage: Stage, paths: Iterable[str], found: Sequence[Problem]) -> None:
        """Let these be all the problems a stage knows of these files."""
        paths = list(paths)
        self._watch(paths)
        wishes = problems.silenced(self.batch.session, {one.path for one in found})
        selection = replace(self.selection, silenced=wishes)
        told = [one for one in found if selection.tells(one) or holds(one)]
        problems.put(self.batch.session, stage, paths, told)

    def forget(self, paths: Sequence[str]) -> None:
        """Forget what is wrong with files that are gone."""
        self._watch(paths)
        problems.forget(self.batch.session, paths)

    def close(self) -> None:
        """Journal what is wrong with each file of which something else is wrong than before."""
        now = problems.notes(self.batch.session, self._before)
        self.batch.record(
            Noted(at=self.now, path=path, problems=now.get(path, ()))
            for path, before in sorted(self._before.items())
            if now.get(path, ()) != before
        )

    def _watch(self, paths: Iterable[str]) -> None:
        new = [path for path in paths if path not in self._before]
        here = problems.notes(self.batch.session, new)
        self._before |= {path: here.get(path, ()) for path in new}


@dataclass(slots=True, kw_only=True)
class Comparison:
    """Compares the posts a pass decides about with all others, through an index.

    Only where the leader of a group changes, those it leads are looked at.
    """

    notes: Notes
    _changed: set[str] = field(default_factory=set)
    _before: dict[Group, Trait | None] = field(default_factory=dict)  # leaders of touched groups

    def take(self, traits: Mapping[str, Sequence[Trait]]) -> None:
        """Let files have these traits from now on; none for files that are gone."""
        session = self.notes.batch.session
        old = alike.of(session, traits)
        new = {one for some in traits.values() for one in some}
        touched = {(one.kind, one.key) for one in old ^ new} - self._before.keys()
        self._before |= dict.fromkeys(touched)
        self._before |= alike.leaders(session, touched)
        differ = {one.path for one in old ^ new}
        alike.change(session, differ, [one for one in new if one.path in differ])
        self._changed |= traits.keys()

    def close(self) -> None:
        """Tell what the comparison shows."""
        session = self.notes.batch.session
        # of a group that is new every member is; but old addresses and links may have been there
        led = [group for group, first in self._before.items() if first or group[0] in LEADS]
        after = alike.leaders(session, led)
        followers = [
            (kind, group[1])
            for group in led
            for kind in LEADS.get(group[0], (group[0],))
            if _led(self._before[group]) != _led(after.get(group))
        ]
        self._changed |= alike.members(session, followers)
        for paths in batches(sorted(self._changed)):
            self.notes.put("alike", paths, self._judged(paths))

    def _judged(self, paths: Sequence[str]) -> list[Problem]:
        session = self.notes.batch.session
        traits = [one for one in alike.of(session, paths) if one.kind != "address"]
        groups = {one: (LED_BY.get(one.kind, one.kind), one.key) for one in traits}
        leaders = alike.leaders(session, set(groups.values()))
        pairs = ((one, leaders.get(group)) for one, group in groups.items())
        return [found for one, first in pairs if (found := judge(one, first))]


def _led(first: Trait | None) -> tuple[str, str] | None:
    """Return what the members of a group are told of its leader."""
    return None if first is None else (first.path, first.value)


def look_at_pictures(notes: Notes, root: Path, pictures: Pictures) -> None:
    """Tell how it stands with the pictures of posts of which that may have changed."""
    session = notes.batch.session
    for some in content.stale(session):
        shown = [(path, digest, post) for path, digest, post in some if post is not None]
        urls = {ref.url for _, _, post in shown for ref in post.images}
        here = replace(pictures, kept=images.states(session, sorted(urls)))
        found = [one for each in shown for one in _examined(here, root, *each)]
        notes.put("pictures", [path for path, _, _ in some], found)


def _examined(pictures: Pictures, root: Path, path: str, digest: str, post: Post) -> list[Problem]:
    def read() -> bytes:
        data, _ = files.read(root / path)
        if sha256(data).hexdigest() != digest:
            raise Failed(f"{path} has changed since")
        return data

    try:
        return list(pictures.examine(path, read, post))
    except Failed:  # the next pass reads it
        return []


def look_around(notes: Notes, looked: Sweep, root: Path, unreadable: Iterable[Problem]) -> None:
    """Tell what is wrong with the site beyond what its posts say: files passed over, no feeds."""
    session = notes.batch.session
    found = [unread(root, path) for path in looked.unread]
    found += [outside(path) for path in looked.outside]
    found += unreadable
    if looked.found and not posts.any_live(session):
        found.append(nothing(root))
    before = problems.at_stage(session, "site")
    if looked.partial:  # of other files nothing is known that is new
        before &= {*looked.found, *([str(root)] if looked.found else ())}
    else:
        put(session, "passed", passed(looked))
    notes.put("site", before | {one.path for one in found}, found)
