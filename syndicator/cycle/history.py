"""The history of a pass: which posts are in which list, and which documents that touches.

A post is touched when a record of the journal, a new reading, or a picture may have changed how
readers see it. Its lists are made anew from its text; what it was in before, and is in now, is
all that documents have to follow.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

from syndicator.deliver.documents import CODINGS
from syndicator.doors import files
from syndicator.doors.layout import Layout
from syndicator.doors.store import Session, documents, lists, posts
from syndicator.doors.store.lists import Row
from syndicator.doors.store.rows import batches, get
from syndicator.model.feeds import EVERYTHING, Facet, History, Part, Selection
from syndicator.model.pictures import Entry
from syndicator.model.posts import Site
from syndicator.publish.select import lists as lists_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RECENT = 4  # parts of the history that are at hand, each of so few entries
_FEW = 100
_Spots = dict[Selection, set[tuple[str, str, int]]]  # id, month, place


@dataclass(slots=True, kw_only=True)
class Past(History):
    """What was published when, as the store has it, and what of that a pass touches."""

    session: Session
    layout: Layout
    whole: bool
    damaged: bool
    spots: _Spots = field(default_factory=lambda: defaultdict(set))
    labels: dict[Selection, str] = field(default_factory=dict)
    removals: bool = False
    named_anew: frozenset[Selection] = frozenset()
    facets: str = ""  # those by which posts are listed
    intact: Container[str] = frozenset()  # paths of those that lie as they were written
    recent: dict[object, list[Entry]] = field(default_factory=dict)
    every: dict[tuple[Selection, int], dict[Part, int]] = field(default_factory=dict)

    def follow(self, site: Site, wanted: Iterable[tuple[Facet, ...]]) -> None:
        """Bring the lists by the ``wanted`` facets to what posts say; note what that touches."""
        facets = sorted(set(wanted) - {()})
        self.facets = "\n".join(map(" ".join, facets))
        found = lists.touched(self.session)
        listed = get(self.session, documents.LISTS) == self.facets
        if not listed and facets and found:
            self.whole = True  # it is not known which lists these were in before
        self.spots[EVERYTHING] = {(key, month, place) for key, _, month, place in found}
        gone = [key for key, live, _, _ in found if not live]
        self.removals = bool(gone)
        if self.whole or not listed:
            self._note(gone)
            lists.clear(self.session)
            if facets:
                for few in batches(posts.oldest_first(self.session), posts.WINDOW):
                    lists.put(self.session, _rows(few, site, facets))
            return
        if facets:
            rows: list[tuple[str, Sequence[Row]]] = [(key, ()) for key in gone]
            for some in batches([key for key, live, _, _ in found if live], posts.WINDOW):
                rows += _rows(posts.of_ids(self.session, some), site, facets)
            self._relist(rows)

    def _relist(self, rows: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """Let posts be in these lists from now on, and note those they were and are in."""
        ids = [key for key, _ in rows]
        self._note(ids)
        mine = {*self.spots, *(row.chosen for _, some in rows for row in some)} - {EVERYTHING}
        before = {chosen: lists.label(self.session, chosen) for chosen in mine}
        lists.put(self.session, rows)
        self._note(ids)
        changed = {one for one in mine if lists.label(self.session, one) != before[one]}
        self.named_anew = frozenset(changed)

    def _note(self, ids: Sequence[str]) -> None:
        for spot in lists.spots(self.session, ids):
            self.spots[spot.chosen].add((spot.id, spot.month, spot.place))
            self.labels.setdefault(spot.chosen, spot.label)

    def parts(self, chosen: Selection, size: int) -> Iterable[Part]:
        """Tell the parts that hold a live entry, newest first."""
        return reversed(self._every(chosen, size))

    def _every(self, chosen: Selection, size: int) -> dict[Part, int]:
        """Tell all parts, oldest first, and how many live entries each holds."""
        if (chosen, size) not in self.every:
            self.every[chosen, size] = lists.parts(self.session, chosen, size)
        return self.every[chosen, size]

    def before(self, chosen: Selection, part: Part | None, size: int) -> Part | None:
        """Tell the next older part that holds a live entry; of None, the newest."""
        if not self.whole:  # one question is answered from the index, at less than all parts cost
            return lists.before(self.session, chosen, part, size)
        every = list(self._every(chosen, size))
        at = len(every) if part is None else bisect_left(every, part)
        return every[at - 1] if at else None

    def after(self, chosen: Selection, part: Part) -> Part | None:
        """Tell the next newer part that holds a live entry."""
        if not self.whole:
            return lists.after(self.session, chosen, part)
        every = list(self._every(chosen, part.size))
        at = bisect_right(every, part)
        return every[at] if at < len(every) else None

    def entries(self, chosen: Selection, part: Part) -> Iterator[Entry]:
        """Yield the live entries of a part, newest first."""
        return self._once((chosen, part), lambda: lists.of_part(self.session, chosen, part))

    def head(self, chosen: Selection, limit: int, last: Part | None) -> Iterator[Entry]:
        """Yield all entries of the part ``last``, and the newest others up to ``limit``."""
        return self._once(
            (chosen, limit, last), lambda: lists.head(self.session, chosen, limit, last)
        )

    def _once(self, key: object, read: Callable[[], Iterator[Entry]]) -> Iterator[Entry]:
        """Read what the feed of another format has just asked for only once."""
        if key in self.recent:
            yield from self.recent[key]
            return
        entries = read()
        few = list(islice(entries, _FEW + 1))
        if len(few) <= _FEW:
            self.recent[key] = few
            if len(self.recent) > _RECENT:
                del self.recent[next(iter(self.recent))]
        yield from few
        yield from entries

    def count(self, chosen: Selection, part: Part) -> int:
        """Tell how many live entries a part holds."""
        if not self.whole:
            return lists.count(self.session, chosen, part)
        return self._every(chosen, part.size).get(part, 0)

    def exceeds(self, chosen: Selection, limit: int) -> bool:
        """Tell whether a selection has more than ``limit`` live entries."""
        return lists.exceeds(self.session, chosen, limit)

    def touched(self, chosen: Selection, size: int) -> Mapping[Part, int]:
        """Tell how many entries came, went or changed since documents were written, by part."""
        found: dict[Part, int] = defaultdict(int)
        for _, month, place in self.spots.get(chosen, ()):
            found[Part(month, place // size, size)] += 1
        return found

    def renamed(self, chosen: Selection) -> bool:
        """Tell whether its last value is written otherwise than in the documents."""
        return chosen in self.named_anew

    def left(self, chosen: Selection, facet: Facet) -> Sequence[str]:
        """Tell the values that the last live entry of a selection has just lost."""
        names = (*(name for name, _ in chosen), facet)
        mine = [
            one
            for one in self.spots
            if tuple(name for name, _ in one) == names and one[: len(chosen)] == chosen
        ]
        return sorted(self.labels[one] for one in mine if not lists.exceeds(self.session, one, 0))

    def removed(self, limit: int) -> Iterable[tuple[str, datetime]]:
        """Tell the ids of the entries removed last, and when, newest first."""
        found = lists.removed(self.session, limit)
        return [(key, _EPOCH + timedelta(microseconds=at)) for key, at in found]

    def any_removed(self) -> bool:
        """Tell whether an entry was removed since the documents were written."""
        return self.removals

    def written(self, path: str) -> bool:
        """Tell whether there is a document, of whatever bytes."""
        here = files.stat(self.layout.public / path).size >= 0
        return here or path in documents.known(self.session, [path])

    def stands(self, path: str) -> bool:
        """Tell whether a document is on the disk as it was written, and its copies are."""
        if not self.damaged and path in self.intact:  # a look at all of them began this pass
            return True
        copies = [path, *(f"{path}.{coding}" for coding in CODINGS)]
        known = documents.known(self.session, copies)
        return path in known and all(
            files.stat(self.layout.public / one) == stat for one, (_, stat) in known.items()
        )


def _rows(
    entries: Iterable[Entry], site: Site, facets: Sequence[tuple[Facet, ...]]
) -> list[tuple[str, Sequence[Row]]]:
    return [(one.id, [Row(*row) for row in lists_of(one, site, facets)]) for one in entries]
