"""Examining a site: everything that is wrong with it, found without changing anything.

Posts are read as a pass reads them, decided about beside what readers know, and compared with each
other; pictures are looked at on this disk, and in the archive where there is one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from syndicator.config.tables import Settings
from syndicator.content.globs import matcher
from syndicator.content.read import alone, folders, nothing, outside, unread, unreadable
from syndicator.content.sweep import Sweep, still_there, sweep
from syndicator.cycle import kept
from syndicator.cycle.compare import compare, name, traits, waiting
from syndicator.cycle.keeping import roots
from syndicator.cycle.pictures import Pictures
from syndicator.cycle.understand import Understood, understand, understand_among
from syndicator.doors import workers
from syndicator.doors.layout import Layout
from syndicator.errors import Failed
from syndicator.model.pictures import Entry
from syndicator.model.posts import Candidate, Known, Post, Problem, Reading, Site, Source, Trait
from syndicator.publish.decide import decide
from syndicator.publish.feeds import carry


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was found, ordered by path, line, column and code."""

    seen: frozenset[str]  # paths of the files that were read
    problems: tuple[Problem, ...]
    held: frozenset[str]  # paths of the posts that a run would hold back
    silenced: Mapping[str, tuple[str, ...]]  # by path: codes, or beginnings, not to be told


class Look(NamedTuple):
    """What one file by itself shows."""

    reading: Reading
    problems: tuple[Problem, ...]
    silenced: tuple[str, ...]


class Examiner:
    """Looks at the files of one site; the archive, where there is one, is read once."""

    def __init__(self, settings: Settings) -> None:
        """Open nothing but the archive's index, for reading."""
        self.root = settings.content_root
        self.site: Site = settings.site_values()
        self._understand = partial(understand, site=self.site)
        self._layout = Layout(settings.archive_root, settings.store.url)
        self._matches = matcher(settings.content.include, settings.content.exclude)
        self._scheduler = settings.scheduler
        self._excluded = matcher(settings.content.exclude, ())
        self._shelf = kept.look(self._layout)
        self._pictures = Pictures(
            roots=roots(settings, self._layout),
            limit=settings.network.max_image_bytes,
            kept=self._shelf.pictures if self._shelf else None,
        )

    def all(self, now: datetime) -> Examination:
        """Examine the whole site as of ``now``; raise ContentError for a missing content root."""
        found = sweep(self.root, self._matches, {}, skip=[self._layout.root])
        tally = _Tally()
        tally.problems += [unread(self.root, path) for path in found.unread]
        if self._shelf:
            tally.problems += (*self._shelf.problems, *kept.unchecked(self._layout, now))
        tally.problems += [outside(path) for path in found.outside if not self._excluded(path)]
        paths = sorted(found.found)
        names = folders(self.root, paths, far=len(paths) >= workers.FEW)
        do = partial(understand_among, site=self.site, names=names)
        with workers.hired(len(paths), self._scheduler) as pool:
            for source, made in workers.each(pool, do, self._sources(paths, tally)):
                tally.take(source, self._look(source, made), self.site)
        tally.compare(found, self._shelf.posts if self._shelf else (), self.site, now)
        if found.found and not tally.published:
            tally.problems.append(nothing(self.root))
        return tally.result(frozenset(found.found))

    def one(self, source: Source) -> Look:
        """Examine one file by itself, its pictures included."""
        return self._look(source, self._understand(source))

    def _look(self, source: Source, made: Understood) -> Look:
        reading = made.reading
        problems = list(reading.problems)
        if reading.standing == "post" and reading.post is not None:
            problems += self._pictures.examine(source.path, lambda: source.data, reading.post)
        return Look(made.reading, (*problems, *made.in_vain), made.silenced)

    def _sources(self, paths: Iterable[str], tally: "_Tally") -> Iterator[Source]:
        for path in paths:
            try:
                yield alone(self.root, path)[0]
            except Failed as error:
                tally.problems.append(unreadable(path, error.says))


@dataclass(slots=True)
class _Tally:
    """What was found so far; of every post only what is compared is held."""

    problems: list[Problem] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    compared: dict[str, list[Trait]] = field(default_factory=dict)
    silenced: dict[str, tuple[str, ...]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    odd: list[Problem] = field(default_factory=list)  # of posts that no feed could carry
    published: bool = False

    def take(self, source: Source, look: Look, site: Site) -> None:
        """Take in what one file shows."""
        self.problems += look.problems
        if look.silenced:
            self.silenced[source.path] = look.silenced
        whole = Candidate(
            path=source.path,
            source=source.digest,
            modified=source.modified,
            standing=look.reading.standing,
            post=look.reading.post if look.reading.standing == "post" else None,
        )
        self.compared[source.path] = traits(whole, None, site.url)
        self.odd += _odd(whole.post, site)
        # what is decided about is enough: thousands are held
        slim = whole.post and replace(whole.post, html="", summary="")
        self.candidates.append(replace(whole, post=slim))

    def compare(self, found: Sweep, known: Sequence[Known], site: Site, now: datetime) -> None:
        """Find out what a pass would make of the posts, and what they have in common."""
        self.candidates.sort(key=lambda one: (one.post.published if one.post else now, one.path))
        hidden = frozenset(found.unread)
        gone = {
            post.id: post
            for post in known
            if post.live and post.path not in found.found and not still_there(post.path, hidden)
        }
        made = decide(self.candidates, known, gone, authority=site.authority, now=now)
        states = {path: state for path, (state, _) in made.states.items()}
        self.held = {path for path, state in states.items() if state == "held"}
        live = {post.path for post in known if post.live}
        self.published = "published" in states.values() or not live.isdisjoint(self.held)
        self.problems += made.problems
        self.problems += [one for one in self.odd if states.get(one.path) == "published"]
        for one in self.candidates:
            self.problems += waiting(one, states.get(one.path))
        out = {path for path, state in states.items() if state in {"held", "expired"}}
        posts = (one for path, some in self.compared.items() if path not in out for one in some)
        self.problems += compare([*map(name, self.compared), *posts])

    def result(self, seen: frozenset[str]) -> Examination:
        """Return what was found, in order."""
        self.problems.sort(key=lambda one: (one.path, one.line, one.column, one.code, one.says))
        return Examination(
            seen=seen,
            problems=tuple(self.problems),
            held=frozenset(self.held),
            silenced=self.silenced,
        )


def _odd(post: Post | None, site: Site) -> Iterator[Problem]:
    """Tell what would keep a post out of every feed, whichever of its pictures are kept."""
    if post is not None:
        entry = Entry(
            id=post.url, seq=1, post=post, published=post.published, updated=post.published
        )
        if (found := carry(entry, site)) is not None:
            yield found
