"""The first two stages of a pass: what changed is read, kept, understood and noted."""

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from syndicator.content.look import Look
from syndicator.content.read import Folders, read, unreadable
from syndicator.content.sweep import still_there, sure
from syndicator.cycle.notes import Notes
from syndicator.cycle.understand import Understood, understand
from syndicator.doors import workers
from syndicator.doors.files import Stat
from syndicator.doors.layout import source_name
from syndicator.doors.ledger import Batch, Ledger
from syndicator.doors.store import content, posts, problems
from syndicator.doors.store.rows import BATCH, batches
from syndicator.errors import ContentError, Failed
from syndicator.model import Kept, Problem, Reading, Site, Source

_Taken = Sequence[tuple[tuple[Source, Stat], Understood]]


@dataclass(slots=True, kw_only=True)
class Reader:
    """Reads for one pass; afterwards ``gone`` names the files that are no more."""

    root: Path
    site: Site
    ledger: Ledger
    found: Look
    now: datetime
    notes: Callable[[Batch], Notes]
    progress: Callable[[str, int, int], None]
    problems: list[Problem] = field(default_factory=list)  # of this pass alone
    unread: list[Problem] = field(default_factory=list)  # files that could not be read
    gone: list[str] = field(default_factory=list)

    def read(self, *, force: bool) -> None:
        """Read what changed, keep its bytes, and note what it says.

        Raises ContentError where posts were and none are, unless by ``force``.
        """
        known = self._known(force=force)
        paths = sorted(self.found.sweep.found if self.found.anew else self.found.sweep.changed)
        with workers.hired(len(paths)) as pool:
            made = workers.each(pool, partial(_understood, site=self.site), self._sources(paths))
            for batch in batches(made, BATCH):
                self._take(batch, known)
                (last, _), _ = batch[-1]
                self.progress("posts", bisect(paths, last.path), len(paths))
        if paths:  # the last ones may be unreadable
            self.progress("posts", len(paths), len(paths))

    def _known(self, *, force: bool) -> dict[str, str]:
        """Find out what is gone; return the digests of what was seen, or is published, by path."""
        looked, known = self.found.sweep, self.found.known
        with self.ledger.store.transaction() as session:
            live = posts.sources(session)
            if self.found.anew:
                content.doubt(session)
            noted = problems.known(session) if known is None else set()
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
        self.gone = sorted({*looked.gone, *lost})
        seen = {path: past.digest for path, past in known.seen.items()} if known else {}
        return {**live, **seen}

    def _sources(self, paths: Iterable[str]) -> Iterator[tuple[Source, Stat]]:
        folders = Folders()
        for path in paths:
            try:
                yield read(self.root, path, folders)
            except Failed as error:
                one = unreadable(path, error.says)
                (self.problems if one.severity == "info" else self.unread).append(one)

    def _take(self, taken: _Taken, known: dict[str, str]) -> None:
        now_ns, barred = int(self.now.timestamp() * 10**9), self.ledger.barred
        taken = [
            (found, made if barred.lets(found[0]) else _forgotten(found[0]))
            for found, made in taken
        ]
        with self.ledger.batch() as batch:
            fresh = [
                source
                for (source, _), _ in taken
                if known.get(source.path) != source.digest and barred.lets(source)
            ]
            for source in fresh:
                batch.keep(source_name(source.digest, source.path), source.data)
            batch.record(_kept(source, self.now) for source in fresh)
            content.put_readings(
                batch.session,
                [(source, made.reading) for (source, _), made in taken],
                {source.path: " ".join(made.silenced) for (source, _), made in taken},
            )
            paths = [source.path for (source, _), _ in taken]
            notes = self.notes(batch)
            notes.put("read", paths, [one for _, made in taken for one in made.problems])
            notes.put("kept", paths, [])
            notes.close()
            content.remember(
                batch.session,
                [
                    (source.path, sure(stat, now_ns), source.digest, made.reading.standing)
                    for (source, stat), made in taken
                ],
            )


def _understood(found: tuple[Source, Stat], site: Site) -> Understood:
    return understand(found[0], site)


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
