"""The first two stages of a pass: what changed is read, kept, understood and noted."""

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from syndicator.config.cluster import Scheduler
from syndicator.content.look import Look, Place
from syndicator.content.read import alone, folders, unreadable
from syndicator.content.sweep import still_there, sure
from syndicator.cycle.notes import Notes
from syndicator.cycle.understand import Told, tell
from syndicator.doors import journal, workers
from syndicator.doors.batch import Batch
from syndicator.doors.bodies import said
from syndicator.doors.files import Stat
from syndicator.doors.index import ADRIFT
from syndicator.doors.layout import source_name
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Session, alike, content, posts, problems
from syndicator.doors.store.documents import ACCEPTED
from syndicator.doors.store.problems import BESIDE
from syndicator.doors.store.rows import BATCH, batches, get, put
from syndicator.errors import ContentError, Failed
from syndicator.model.posts import Problem, Reading, Site, Source
from syndicator.model.records import Kept


@dataclass(slots=True)
class Ahead:
    """Files that are being read and understood, ahead of who takes what they say."""

    paths: list[str]
    made: Iterator[tuple[tuple[Source, Stat], Told]]
    failed: list[Problem]  # of files that can't be read, as far as ``made`` was taken


class Taken(NamedTuple):
    """A file that was read, and what is to be recorded of it."""

    source: Source
    stat: Stat
    told: Told


@contextmanager
def begun(place: Place, found: Look, site: Site, scheduler: Scheduler | None) -> Iterator[Ahead]:
    """Have the files read that changed; other processes, or machines, begin with many at once."""
    paths = sorted(found.sweep.found if found.anew else found.sweep.changed)
    failed: list[Problem] = []
    do = partial(
        tell,
        site=site,
        names=folders(place.root, paths, far=len(paths) >= workers.FEW),
        compared=found.known is None and journal.end(place.layout.journal) != journal.START,
    )
    with workers.hired(len(paths), scheduler) as pool:
        yield Ahead(paths, workers.each(pool, do, _sources(place.root, paths, failed)), failed)


def _sources(
    root: Path, paths: Iterable[str], failed: list[Problem]
) -> Iterator[tuple[Source, Stat]]:
    for path in paths:
        try:
            yield alone(root, path)
        except Failed as error:
            failed.append(unreadable(path, error.says))


@dataclass(slots=True, kw_only=True)
class Reader:
    """Reads for one pass; afterwards ``gone`` names the files that are no more."""

    root: Path
    site: Site
    ledger: Ledger
    found: Look
    ahead: Ahead
    taken: str
    now: datetime
    notes: Callable[[Batch], Notes]
    progress: Callable[[str, int, int], None]
    problems: list[Problem] = field(default_factory=list)  # of this pass alone
    unread: list[Problem] = field(default_factory=list)  # files that could not be read
    gone: list[str] = field(default_factory=list)
    _told: dict[str, str] = field(default_factory=dict)  # digests by path: readers' state is known

    def read(self, *, force: bool) -> None:
        """Take in what changed, keep its bytes, and note what it says.

        Raises ContentError where posts were and none are, unless by ``force``.
        """
        self.gone = sorted({*self.found.sweep.gone, *self._lost(force=force)})
        paths = self.ahead.paths
        for batch in batches((Taken(*file, told) for file, told in self.ahead.made), BATCH):
            self._take(batch)
            self.progress("posts", bisect(paths, batch[-1].source.path), len(paths))
        if paths:  # the last ones may be unreadable
            self.progress("posts", len(paths), len(paths))
        for one in self.ahead.failed:
            (self.problems if one.severity == "info" else self.unread).append(one)

    def _lost(self, *, force: bool) -> list[str]:
        """Tell the files that readers' state is made from, and that were never seen, nor are now.

        That can only be where the journal told more than this database had seen.
        """
        looked, known = self.found.sweep, self.found.known
        with self.ledger.store.transaction() as session:
            if self.found.anew:
                content.doubt(session)
                put(session, ADRIFT, "1")
            elif not get(session, ADRIFT):
                return []
            live = posts.sources(session)
            noted = problems.known(session) if known is None else set()
            if known is None and get(session, ACCEPTED) == self.taken:
                others = problems.at_stage(session, *BESIDE)
                self._told = {path: live[path] for path in live.keys() - others}
        # A rebuilt state.db knows of posts from the journal whose files it has never seen.
        lost = [
            path
            for path in (*live, *(noted - live.keys()))
            if path not in looked.found and not still_there(path, looked.unread)
        ]
        published = len({*lost} & live.keys() - self.ledger.barred.paths)
        if published and not looked.found and not force:
            some = "1 is" if published == 1 else f"{published} are"
            says = f"{self.root} holds no posts, but {some} published"
            raise ContentError(says, hint="mount the disk; or, if they are really gone: --force")
        return lost

    def _take(self, taken: Sequence[Taken]) -> None:
        now_ns, barred = int(self.now.timestamp() * 10**9), self.ledger.barred
        taken = [one if barred.lets(one.source) else _forgotten(one) for one in taken]
        paths = [one.source.path for one in taken]
        with self.ledger.batch() as batch:
            known = content.digests(batch.session, paths)
            fresh = [
                one.source
                for one in taken
                if known.get(one.source.path) != one.source.digest and barred.lets(one.source)
            ]
            for source in fresh:
                batch.keep(source_name(source.digest, source.path), source.data)
            batch.record(_kept(source, self.now) for source in fresh)
            told = self._follow(batch.session, taken)
            same = content.put_readings(
                batch.session,
                [one.told.said for one in taken],
                {one.source.path: " ".join(one.told.silenced) for one in taken},
                anew=self.found.anew,
                told=told,
            )
            again = [
                one.source.path
                for one in taken
                if known.get(one.source.path) == one.source.digest and one.source.path not in same
            ]
            if not self.found.anew:  # the same bytes read otherwise: other files lie beside them
                posts.touch(batch.session, again)
            lost = problems.at_stage(batch.session, "kept")
            posts.touch(batch.session, sorted(lost.intersection(paths)))  # it is here again
            notes = self.notes(batch)
            notes.put("read", paths, [problem for one in taken for problem in one.told.problems])
            notes.put("kept", paths, [])
            notes.close()
            content.remember(
                batch.session,
                [
                    (
                        one.source.path,
                        sure(one.stat, now_ns),
                        one.source.digest,
                        same.get(one.source.path, one.told.said.standing),
                    )
                    for one in taken
                ],
            )

    def _follow(self, session: Session, taken: Sequence[Taken]) -> set[str]:
        """Find the posts that are as the journal tells; take in by what they are like others.

        The journal tells too what is wrong with them, and that nothing shows beside others.
        """
        follow = [
            one
            for one in taken
            if self._told.get(one.source.path) == one.source.digest
            and one.told.said.body is not None
        ]
        alike.change(session, (), [trait for one in follow for trait in one.told.traits])
        return {one.source.path for one in follow}


def _forgotten(one: Taken) -> Taken:
    path = one.source.path
    problem = Problem(
        path=path,
        code="ARC006",
        says="this post was forgotten (syndicate archive forget) and is not published again",
        hint="delete the file; or write under another name what may be published",
        severity="warning",
    )
    nothing = said(one.source, Reading(path=path, standing="skipped"))
    return one._replace(told=Told(nothing, (), (problem,), ()))


def _kept(source: Source, now: datetime) -> Kept:
    return Kept(
        at=now,
        path=source.path,
        digest=source.digest,
        size=len(source.data),
        modified=source.modified,
    )
