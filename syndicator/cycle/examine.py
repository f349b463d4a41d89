"""Examining a site: everything that is wrong with it, found without changing anything.

Posts are read as a pass reads them, and compared with each other; pictures are looked at on this
disk, and in the archive where there is one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from syndicator.archive.local import Roots
from syndicator.config.tables import Settings
from syndicator.content.globs import matcher
from syndicator.content.read import Folders, read, unread, unreadable
from syndicator.content.sweep import Sweep, sweep
from syndicator.cycle import kept
from syndicator.cycle.compare import Facts, compare, facts
from syndicator.cycle.pictures import Pictures
from syndicator.doors.layout import Layout
from syndicator.doors.scan import scan
from syndicator.errors import Failed
from syndicator.model import Candidate, Post, Problem, Reading, Site, Source, State
from syndicator.normalise import normalise
from syndicator.normalise.silence import Wish, wishes
from syndicator.publish.decide import decide
from syndicator.publish.items import media
from syndicator.rules import named, nearest

_MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mkdn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was found, ordered by path, line, column and code."""

    seen: int
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
        self._layout = Layout(settings.archive_root)
        self._matches = matcher(settings.content.include, settings.content.exclude)
        self._excluded = matcher(settings.content.exclude, ())
        self._shelf = kept.look(self._layout)
        self._pictures = Pictures(
            roots=Roots(
                content=self.root,
                static=settings.static_roots,
                media=self._layout.media,
                media_url=media(settings.site_values()),
            ),
            limit=settings.network.max_image_bytes,
            kept=self._shelf.pictures if self._shelf else None,
        )

    def all(self, now: datetime) -> Examination:
        """Examine the whole site as of ``now``; raise ContentError for a missing content root."""
        found = sweep(self.root, self._matches, {}, skip=[self._layout.root])
        tally, folders = _Tally(), Folders()
        tally.problems += [unread(self.root, path) for path in found.unread]
        tally.problems += self._shelf.problems if self._shelf else ()
        tally.problems += self._outside(found)
        for path in sorted(found.found):
            try:
                source, _ = read(self.root, path, folders)
            except Failed as error:
                tally.problems.append(unreadable(path, error.says))
            else:
                tally.take(source, self.one(source))
        tally.compare(found.found, self.site, now)
        if found.found and not tally.published:
            tally.problems.append(_nothing(self.root))
        return tally.result(len(found.found))

    def one(self, source: Source) -> Look:
        """Examine one file by itself, its pictures included."""
        reading = normalise(source, self.site)
        problems = list(reading.problems)
        if reading.standing == "post" and reading.post is not None:
            problems += self._pictures.examine(source, reading.post)
        asked = wishes(source)
        problems += _in_vain(source.path, asked)
        return Look(reading, tuple(problems), tuple(wish.selector for wish in asked))

    def _outside(self, found: Sweep) -> Iterator[Problem]:
        for path, stat in scan(self.root, skip=[self._layout.root]):
            if stat is None or path in found.found or self._excluded(path):
                continue
            if PurePosixPath(path).suffix.lower() in _MARKDOWN and path not in found.unread:
                yield Problem(
                    path=path.encode("utf-8", "backslashreplace").decode(),
                    code="SITE003",
                    says="no pattern of [content] include or exclude matches this file",
                    hint="add one that does: to publish it, or to say that it is no post",
                    severity="warning",
                )


@dataclass(slots=True)
class _Tally:
    """What was found so far; of every post only what is compared is held."""

    problems: list[Problem] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    compared: dict[str, Facts] = field(default_factory=dict)
    silenced: dict[str, tuple[str, ...]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    published: bool = False

    def take(self, source: Source, look: Look) -> None:
        """Take in what one file shows."""
        self.problems += look.problems
        if look.silenced:
            self.silenced[source.path] = look.silenced
        if look.reading.standing == "held":
            self.held.add(source.path)
        post = look.reading.post
        if look.reading.standing == "post" and post is not None:
            self.candidates.append(_candidate(source, post))
            self.compared[source.path] = facts(post, source.digest)

    def compare(self, paths: Iterable[str], site: Site, now: datetime) -> None:
        """Find out what a first pass would make of the posts, and what they have in common."""
        self.candidates.sort(key=lambda one: (one.post.published if one.post else now, one.path))
        made = decide(self.candidates, [], {}, authority=site.authority, now=now)
        states = {path: state for path, (state, _) in made.states.items()}
        self.held |= {path for path, state in states.items() if state == "held"}
        self.published = "published" in states.values()
        self.problems += made.problems
        for one in self.candidates:
            self.problems += _waiting(one, states.get(one.path))
        out = {path for path, state in states.items() if state in {"held", "expired"}}
        live = [self.compared[one.path] for one in self.candidates if one.path not in out]
        self.problems += compare(paths, live, site.url)

    def result(self, seen: int) -> Examination:
        """Return what was found, in order."""
        self.problems.sort(key=lambda one: (one.path, one.line, one.column, one.code, one.says))
        return Examination(
            seen=seen,
            problems=tuple(self.problems),
            held=frozenset(self.held),
            silenced=self.silenced,
        )


def _waiting(one: Candidate, state: State | None) -> Iterator[Problem]:
    if one.post is not None and state == "scheduled":
        yield Problem(
            path=one.path,
            code="DATE007",
            says=f"its date is still to come: {one.post.published.isoformat()}",
            hint="it is published then; if it was meant for now, correct the date",
            severity="info",
        )
    elif one.post is not None and state == "expired" and one.post.expires is not None:
        yield Problem(
            path=one.path,
            code="DATE010",
            says=f"it expired: {one.post.expires.isoformat()}",
            hint="it is not in the feeds; if it is still wanted, correct the date",
            severity="info",
        )


def _nothing(root: Path) -> Problem:
    return Problem(
        path=str(root),
        code="SITE004",
        says="not one of the files is published now",
        hint="the feeds are empty",
        severity="warning",
    )


def _in_vain(path: str, asked: Iterable[Wish]) -> Iterator[Problem]:
    """Yield the wishes that silence nothing."""
    for selector, (line, column) in asked:
        if not named(selector):
            meant = nearest(selector)
            yield Problem(
                path=path,
                code="FM020",
                says=f"no rule is called {selector[:40]!r}: nothing is silenced by it",
                hint=f"did you mean {meant}?" if meant else "syndicate rule --all lists them",
                line=line,
                column=column,
                severity="warning",
            )


def _candidate(source: Source, post: Post) -> Candidate:
    slim = replace(post, html="", summary="")  # what is compared is enough: thousands are held
    return Candidate(
        path=source.path,
        source=source.digest,
        modified=source.modified,
        standing="post",
        post=slim,
    )
