"""The first two stages of a pass: what changed is read, kept, understood and noted."""

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from syndicator.content.look import Look
from syndicator.content.read import alone, folders, unreadable
from syndicator.content.sweep import still_there, sure
from syndicator.cycle.compare import name, traits
from syndicator.cycle.notes import Notes
from syndicator.cycle.understand import Understood, understand_among
from syndicator.doors import workers
from syndicator.doors.files import Stat
from syndicator.doors.index import ADRIFT
from syndicator.doors.layout import source_name
from syndicator.doors.ledger import Batch, Ledger
from syndicator.doors.store import Session, alike, content, posts, problems
from syndicator.doors.store.documents import ACCEPTED
from syndicator.doors.store.problems import BESIDE
from syndicator.doors.store.rows import BATCH, batches, get, put
from syndicator.errors import ContentError, Failed
from syndicator.model import Candidate, Kept, Problem, Reading, Site, Source

_Taken = Sequence[tuple[tuple[Source, Stat], Understood]]


@dataclass(slots=True)
class Ahead:
    """Files that are being read and understood, ahead of who takes what they say."""

    paths: list[str]
    made: Iterator[tuple[tuple[Source, Stat], Understood]]
    failed: list[Problem]  # those that could not be read


@contextmanager
def begun(root: Path, found: Look, site: Site) -> Iterator[Ahead]:
    """Have the files read that changed; other processes begin with many at once."""
    paths = sorted(found.sweep.found if found.anew else found.sweep.changed)
    failed: list[Problem] = []
    names = folders(root, paths)
    with workers.hired(len(paths)) as pool:
        do = partial(_understood, site=site, names=names)
        yield Ahead(paths, workers.each(pool, do, _sources(root, paths, failed)), failed)


def _sources(
    root: Path, paths: Iterable[str], failed: list[Problem]
) -> Iterator[tuple[Source, Stat]]:
    for path in paths:
        try:
            yield alone(root, path)
        except Failed as error:
            failed.append(unreadable(path, error.says))


def _understood(
    found: tuple[Source, Stat], site: Site, names: Mapping[str, frozenset[str]]
) -> Understood:
    return understand_among(found[0], site, names)


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
        for batch in batches(self.ahead.made, BATCH):
            self._take(batch)
            (last, _), _ = batch[-1]
            self.progress("posts", bisect(paths, last.path), len(paths))
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

    def _take(self, taken: _Taken) -> None:
        now_ns, barred = int(self.now.timestamp() * 10**9), self.ledger.barred
        taken = [
            (found, made if barred.lets(found[0]) else _forgotten(found[0]))
            for found, made in taken
        ]
        paths = [source.path for (source, _), _ in taken]
        with self.ledger.batch() as batch:
            known = content.digests(batch.session, paths)
            fresh = [
                source
                for (source, _), _ in taken
                if known.get(source.path) != source.digest and barred.lets(source)
            ]
            for source in fresh:
                batch.keep(source_name(source.digest, source.path), source.data)
            batch.record(_kept(source, self.now) for source in fresh)
            told = self._follow(batch.session, taken)
            same = content.put_readings(
                batch.session,
                [(source, made.reading) for (source, _), made in taken],
                {source.path: " ".join(made.silenced) for (source, _), made in taken},
                anew=self.found.anew,
                told=told,
            )
            again = [
                source.path
                for (source, _), _ in taken
                if known.get(source.path) == source.digest and source.path not in same
            ]
            if not self.found.anew:  # the same bytes read otherwise: other files lie beside them
                posts.touch(batch.session, again)
            lost = problems.at_stage(batch.session, "kept")
            posts.touch(batch.session, sorted(lost.intersection(paths)))  # it is here again
            notes = self.notes(batch)
            notes.put("read", paths, [one for _, made in taken for one in made.problems])
            notes.put("kept", paths, [])
            notes.close()
            content.remember(
                batch.session,
                [
                    (
                        source.path,
                        sure(stat, now_ns),
                        source.digest,
                        same.get(source.path, made.reading.standing),
                    )
                    for (source, stat), made in taken
                ],
            )

    def _follow(self, session: Session, taken: _Taken) -> set[str]:
        """Find the posts that are as the journal tells; take in by what they are like others.

        The journal tells too what is wrong with them, and that nothing shows beside others.
        """
        posts_of = [
            _candidate(source, made.reading)
            for (source, _), made in taken
            if self._told.get(source.path) == source.digest and made.reading.post is not None
        ]
        home = self.site.url
        found = [one for each in posts_of for one in traits(each, "published", home)]
        alike.change(session, (), [*found, *(name(one.path) for one in posts_of)])
        return {one.path for one in posts_of}


def _candidate(source: Source, reading: Reading) -> Candidate:
    return Candidate(
        path=source.path,
        source=source.digest,
        modified=source.modified,
        standing=reading.standing,
        post=reading.post,
    )


def _forgotten(source: Source) -> Understood:
    problem = Problem(
        path=source.path,
        code="ARC006",
        says="this post was forgotten (syndicate archive forget) and is not published again",
        hint="delete the file; or write under another name what may be published",
        severity="warning",
    )
    return Understood(Reading(path=source.path, standing="skipped", problems=(problem,)), (), ())


def _kept(source: Source, now: datetime) -> Kept:
    return Kept(
        at=now,
        path=source.path,
        digest=source.digest,
        size=len(source.data),
        modified=source.modified,
    )
