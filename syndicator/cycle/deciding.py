"""Which reading is which post, and what that changes: decided batch by batch, and recorded."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from syndicator.cycle.compare import name, traits, waiting
from syndicator.cycle.notes import Comparison, Notes
from syndicator.doors.batch import Batch
from syndicator.doors.store import adoptions, content, posts
from syndicator.doors.store.rows import seconds
from syndicator.model.posts import Adoption, Candidate, Known, Site
from syndicator.model.records import Record
from syndicator.publish.adoption import plain
from syndicator.publish.decide import decide, remove
from syndicator.publish.identity import first_ids


@dataclass(slots=True, kw_only=True)
class Deciding:
    """The decisions of one pass; afterwards ``decided`` names the files they were about."""

    batch: Batch
    site: Site
    now: datetime
    notes: Notes
    vanished: Collection[str]  # paths of files that are no more
    decided: set[str] = field(default_factory=set)
    records: list[Record] = field(default_factory=list)

    def decide(self, gone: dict[str, Known]) -> list[Record]:
        """Decide about all that readers' state does not follow yet; return what happened.

        ``gone`` are the posts of the files that are no more, by their ids.
        """
        claimed: set[str] = set()
        comparison = Comparison(notes=self.notes)
        comparison.take(dict.fromkeys(self.vanished, ()))
        while self._round(gone, claimed, comparison):
            pass  # an address given up in one batch may be what a post of another waits for
        comparison.close()
        self._record(remove((post for key, post in gone.items() if key not in claimed), self.now))
        return self.records

    def _round(self, gone: dict[str, Known], claimed: set[str], comparison: Comparison) -> bool:
        """Decide batch by batch; tell whether one held back may find its address free now."""
        session, authority, changed, held = self.batch.session, self.site.authority, False, False
        for batch in content.candidates(session, seconds(self.now)):
            candidates = [one for one in batch if one.path not in self.vanished]
            ids = [key for one in candidates if one.post for key in first_ids(authority, one)]
            adopted = self._adopted(candidates)
            ids += [told.id for told in adopted.values()]
            known = posts.known(session, candidates, ids)
            free = {key: post for key, post in gone.items() if key not in claimed}
            made = decide(
                candidates, known, free, authority=authority, now=self.now, adopted=adopted
            )
            self._record(made.records)
            states = {
                path: (state, seconds(at) if at else None)
                for path, (state, at) in made.states.items()
            }
            content.settle(session, states)
            self.decided |= states.keys()
            early = [one for post in candidates for one in waiting(post, states[post.path][0])]
            self.notes.put("decided", states, [*made.problems, *early])
            comparison.take(
                {
                    one.path: [name(one.path), *traits(one, states[one.path][0], self.site.url)]
                    for one in candidates
                }
            )
            claimed |= made.claimed
            changed, held = changed or bool(made.records), held or bool(made.problems)
        return changed and held

    def _adopted(self, found: Iterable[Candidate]) -> dict[str, Adoption]:
        """Find what other feeds told of these posts."""
        urls = [plain(one.post.url) for one in found if one.post]
        return adoptions.of(self.batch.session, urls)

    def _record(self, records: Iterable[Record]) -> None:
        new = list(records)
        self.records += new
        self.batch.record(new)
