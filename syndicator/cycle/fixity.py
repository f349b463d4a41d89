"""Checking kept bytes against their names; putting right what can be; alarm for the rest."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

from syndicator.archive import copies
from syndicator.archive.catalogue import Catalogue, Item
from syndicator.archive.repair import Found, Places, refetch
from syndicator.cycle import Order
from syndicator.cycle.agree import agree
from syndicator.cycle.clockwork import Clockwork
from syndicator.cycle.copies import mirrors
from syndicator.cycle.custody import Care, opened
from syndicator.cycle.takedown import note_waste
from syndicator.deliver.owing import owed
from syndicator.doors import blobs, files, workers
from syndicator.doors.blobs import SHELVES, Bytes
from syndicator.doors.layout import Layout
from syndicator.doors.store import custody
from syndicator.model.custody import Checked, Damaged, Repaired
from syndicator.model.keeping import Mended, Verification
from syndicator.model.posts import Problem

Place = Literal["blobs", "public"]
Record = Callable[[list[Repaired]], object]
Look = Callable[[Iterable[Path]], Iterator[Bytes]]
GROUP = 500  # files whose check is recorded together: what a crash lets be read again
_STRANGER = "if part of the journal is lost, restore it; otherwise move the file away"


def verify(order: Order, *, whole: bool) -> Verification:
    """Check a share of the archive, or the ``whole`` of it with journal and database.

    What is damaged goes to quarantine and is repaired from wherever the right bytes still are;
    otherwise endpoints are told. The archive's lock is the caller's.
    """
    began = order.clock()
    with opened(order) as care:
        check = _Check(care=care, catalogue=care.catalogue())
        shelves = list(SHELVES) if whole else Clockwork(care.layout, care.now).slice
        done = 0
        with _readers(care, len(check.catalogue.items) * len(shelves) // len(SHELVES)) as look:
            for group in _groups(care.layout, shelves):
                check.read(group, look)
                done += len(group)
                order.progress("shelves", done, len(shelves))
                if order.stop.is_set():
                    break
        note_waste(care, check.catalogue)
        if whole:
            check.problems += [*check.catalogue.problems, *agree(care.layout, care.ledger)]
        return check.mend().result(began)


@contextmanager
def _readers(care: Care, count: int) -> Iterator[Look]:
    """Give what reads so many files: this process, or a cluster whose workers see this disk."""
    with workers.far(count, care.settings.scheduler) as pool:
        if pool is None:
            yield blobs.look_all
            return
        files.make_folder(care.layout.scratch)
        with NamedTemporaryFile(dir=care.layout.scratch, prefix="seen-") as probe:
            yield lambda paths: blobs.look_with(pool, paths, Path(probe.name))


def _groups(layout: Layout, shelves: Sequence[str]) -> Iterator[list[str]]:
    """Cut shelves into groups of some hundred files."""
    group: list[str] = []
    count = 0
    for shelf in shelves:
        group.append(shelf)
        count += len(blobs.on_shelves(layout, [shelf]))
        if count >= GROUP:
            yield group
            group, count = [], 0
    if group:
        yield group


def repair(order: Order, *, act: bool = True) -> Verification:
    """Put right what earlier checks found damaged, and what is missing by a look at the names.

    Unless told to ``act``, only say what that is.
    """
    began = order.clock()
    with opened(order) as care:
        check = _Check(care=care, catalogue=care.catalogue())
        if not act:
            with care.ledger.store.transaction() as session:
                found = {(one.name, one.place): one for one in check.missing(SHELVES)}
                found |= {(one.name, one.place): one for one in custody.damages(session)}
            check.problems += map(custody.problem, found.values())
            return check.result(began)
        check.note(check.missing(SHELVES))
        return check.mend().result(began)


def _taken(item: Item) -> Problem:
    return Problem(
        path=custody.place_of(item.name, "blobs"),
        code="ARC002",
        says="a folder is in the place of this kept file",
        hint="move it away, then: syndicate archive repair",
    )


@dataclass(slots=True, kw_only=True)
class _Check:
    """One check under way."""

    care: Care
    catalogue: Catalogue
    made: Verification = field(default_factory=Verification)
    problems: list[Problem] = field(default_factory=list)

    def read(self, shelves: Sequence[str], look: Look) -> None:
        """Read the files of some shelves, and record what was found."""
        layout = self.care.layout
        kept = list(look(blobs.on_shelves(layout, shelves)))
        shown = list(look(blobs.public(layout, shelves)))
        bad = [
            *self._bad(kept, "blobs"),
            *self.missing(shelves),
            *self._bad(shown, "public"),
        ]
        self.problems += self._strangers(kept)
        read = [*kept, *shown]
        self.note(
            bad,
            Checked(
                at=self.care.order.clock(),
                shelves=tuple(shelves),
                files=len(read),
                size=sum(one.size for one in read),
                bad=len(bad),
            ),
        )

    def _bad(self, found: Iterable[Bytes], place: Place) -> list[Damaged]:
        """Tell the damaged among files that the journal knows; in public, among all."""
        at = self.care.order.clock()
        return [
            Damaged(
                at=at,
                name=one.path.name,
                place=place,
                found=one.digest,
                size=one.size,
            )
            for one in found
            if not one.is_right and (place != "blobs" or self._knows(one))
        ]

    def _knows(self, one: Bytes) -> bool:
        return one.path.name in self.catalogue.items

    def _strangers(self, found: Iterable[Bytes]) -> list[Problem]:
        return [
            Problem(
                path=custody.place_of(one.path.name, "blobs"),
                code="ARC003",
                says="no line of the journal names this file",
                hint=_STRANGER,
                severity="warning",
            )
            for one in found
            if not self._knows(one)
        ]

    def missing(self, shelves: Collection[str]) -> list[Damaged]:
        """Tell the files that the journal names and that are not there."""
        at, wanted = self.care.order.clock(), set(shelves)
        return [
            Damaged(at=at, name=item.name, place="blobs")
            for item in self.catalogue.present()
            if item.digest[:2] in wanted and files.stat(self.care.layout.blob(item.name)).size < 0
        ]

    def note(self, bad: Sequence[Damaged], checked: Checked | None = None) -> None:
        """Record what was found; what is known to be damaged already is not told twice."""
        with self.care.ledger.batch() as batch:
            known = {(one.name, one.place) for one in custody.damages(batch.session)}
            fresh = [one for one in bad if (one.name, one.place) not in known or one.found]
            batch.record([*fresh, *([checked] if checked else [])])
        made = self.made
        self.made = replace(
            made,
            damaged=(*made.damaged, *(custody.place_of(one.name, one.place) for one in fresh)),
            shelves=made.shelves + (len(checked.shelves) if checked else 0),
            files=made.files + (checked.files if checked else 0),
            size=made.size + (checked.size if checked else 0),
        )

    def mend(self) -> "_Check":
        """Repair what this check or an earlier one found; raise the alarm for the rest."""
        with self.care.ledger.store.transaction() as session:
            damages = custody.damages(session)
        kept = [one for one in damages if one.place == "blobs"]
        known = self.catalogue.items
        items = [known[one.name] for one in kept if one.name in known]
        places = Places(
            layout=self.care.layout,
            content=self.care.settings.content_root,
            mirrors=mirrors(self.care.settings, self.care.order),
        )
        left = []
        for item in items:
            if self.care.layout.blob(item.name).is_dir():
                self.problems.append(_taken(item))
            elif (found := places.find(item)) is not None:
                self._put_back(found)
            else:
                left.append(item)
        pictures = [item for item in left if item.captures]
        if pictures and not self.care.order.stop.is_set():
            asyncio.run(self._refetch(pictures))
        self._show([one for one in damages if one.place == "public"])
        self._alarm()
        return self

    def _show(self, damages: Iterable[Damaged]) -> None:
        """Make readers' pictures anew that are missing, from the blobs that are well."""
        copies.mend(self.care.ledger, self.care.order.clock)
        for damage in damages:
            if blobs.look(self.care.layout.media / damage.name).is_right:
                with self.care.ledger.batch() as batch:
                    self._done(batch.record, damage.name, "public", "its blob")

    def _put_back(self, found: Found) -> None:
        item = found.item
        with self.care.ledger.batch() as batch:
            batch.keep(item.name, found.data, anew=True)
            self._done(batch.record, item.name, "blobs", found.source)

    async def _refetch(self, items: Sequence[Item]) -> None:
        limit, clock = self.care.settings.network.max_image_bytes, self.care.order.clock
        async with (
            self.care.web() as web,
            aclosing(refetch(items, web, limit=limit, clock=clock)) as results,
        ):
            async for found in results:
                self._put_back(found)

    def _done(self, record: Record, name: str, place: Place, source: str) -> None:
        record([Repaired(at=self.care.order.clock(), name=name, place=place, source=source)])
        mended = Mended(path=custody.place_of(name, place), source=source)
        self.made = replace(self.made, repaired=(*self.made.repaired, mended))

    def _alarm(self) -> None:
        """Owe every endpoint that wants it one notice for each damage that is left."""
        site, alarms = self.care.settings.site_values(), 0
        with self.care.ledger.batch() as batch:
            told = {one.path for one in self.problems if one.code == "ARC002"}
            for damage in custody.damages(batch.session):
                if (problem := custody.problem(damage)).path not in told:
                    self.problems.append(problem)
                for endpoint in self.care.settings.endpoints:
                    notice = endpoint.alarm(damage, self._users(damage), site)
                    if notice is None or custody.is_owed(batch.session, owed(notice).message):
                        continue
                    batch.record([owed(notice)])
                    alarms += 1
        self.made = replace(self.made, alarms=alarms)

    def _users(self, damage: Damaged) -> list[str]:
        item = self.catalogue.items.get(damage.name)
        if item is None:
            return []
        paths = {kept.path for kept in item.sources}
        return sorted(paths | {path for capture in item.captures for path in capture.posts})

    def result(self, began: datetime) -> Verification:
        """Tell what came of it."""
        order = {"error": 0, "warning": 1, "info": 2}
        found = sorted(self.problems, key=lambda one: (order[one.severity], one.path, one.line))
        took = (self.care.order.clock() - began).total_seconds()
        lines = self.catalogue.lines
        return replace(self.made, problems=tuple(found), lines=lines, seconds=took)
