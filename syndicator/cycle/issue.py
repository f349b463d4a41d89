"""The publishing of one pass: who is told what, decided and written in one transaction."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from syndicator.config.tables import Settings
from syndicator.cycle.deciding import Deciding
from syndicator.cycle.edition import edition
from syndicator.cycle.history import Past
from syndicator.cycle.notes import Notes
from syndicator.cycle.press import Press
from syndicator.cycle.restore import restore
from syndicator.deliver import documents
from syndicator.deliver.owing import confirm, news, owed, supersede, temper
from syndicator.doors.batch import Batch
from syndicator.doors.index import ADRIFT
from syndicator.doors.layout import Layout
from syndicator.doors.store import content, images, outbox, posts, problems
from syndicator.doors.store.documents import ACCEPTED, LISTS, STALE
from syndicator.doors.store.rows import batches, drop, get, put
from syndicator.errors import PublisherError
from syndicator.model.feeds import Change, Edition, Notice, Waiting
from syndicator.model.pictures import Entry
from syndicator.model.posts import ChangeKind, Problem, Site
from syndicator.model.records import Joined, Record, Removal, Version
from syndicator.publish.style import PATH as STYLE
from syndicator.publish.style import stylesheet

_WITH_PICTURES: tuple[ChangeKind, ...] = ("published", "updated")


@dataclass(slots=True, kw_only=True)
class Issue:
    """What one pass publishes; everything happens in ``batch`` or not at all."""

    batch: Batch
    layout: Layout
    settings: Settings
    site: Site
    now: datetime
    notes: Notes
    damaged: bool = False  # published files were changed by somebody else
    intact: Container[str] = frozenset()  # paths of those that were not
    confirm: bool = False  # many pushes at once are meant
    records: list[Record] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)  # documents that were taken away
    failures: list[PublisherError] = field(default_factory=list)
    settled: list[Waiting] = field(default_factory=list)  # messages whose pictures came, or can't

    def make(self, gone_paths: Iterable[str], taken: str) -> None:
        """Decide what readers are to be told, and let every publisher put it in its form."""
        session = self.batch.session
        paths = list(gone_paths)
        gone = {post.id: post for post in posts.at_paths(session, paths)}
        deciding = Deciding(
            batch=self.batch,
            site=self.site,
            now=self.now,
            notes=self.notes,
            vanished=paths,
        )
        self.records += deciding.decide(gone)
        left = [record.id for record in self.records if isinstance(record, Removal)]
        self._restore(posts.unread(session, ids=left))
        bare = {entry.id: entry for entry in posts.bare(session, left)}
        departed = bare | {entry.id: entry for entry in posts.of_ids(session, left)}
        content.forget(session, paths)
        self.notes.forget(paths)
        self._restore(self._unread(deciding.decided))
        joined = outbox.joined(session)
        self._join(joined)
        self.settled = self._settled()
        self.damaged = not documents.recognise(self.batch, self.layout) or self.damaged
        past = self._past(taken)
        made = edition(
            session,
            self.settings,
            self.site,
            lambda name: chain(self._changes(name, joined, departed), self._reworded(name)),
            past,
        )
        put_down = self._print(made, joined, whole=past.whole)
        if self.confirm:
            confirm(self.batch, [endpoint.name for endpoint in self.settings.endpoints], self.now)
        outbox.hold(session, [endpoint.name for endpoint in self.settings.endpoints])
        drop(session, ADRIFT)
        self._close(put_down, taken)
        put(session, LISTS, past.facets)

    def _close(self, made: documents.Put, taken: str) -> None:
        """Note that documents follow what was said, and what they read."""
        session, accepted = self.batch.session, "" if self.failures else taken
        documents.note(self.batch, made, accepted, self.now)
        if self.failures:  # what failed is tried again by the next pass
            put(session, STALE, "1")
        else:
            drop(session, STALE)
            posts.untouch(session)

    def _print(self, made: Edition, joined: dict[str, str], *, whole: bool) -> documents.Put:
        """Let every publisher put the edition in its form; ``whole``: these are all documents."""
        press = Press(layout=self.layout)
        made_now = chain(press.print(self.settings.publish, made), press.add(stylesheet(made)))
        shelf = documents.Shelf(
            batch=self.batch, layout=self.layout, compress=self.settings.serve.compress
        )
        shelf.put(made_now)
        self.failures = press.failures
        self._owe(press.notices, joined)
        laid = shelf.close(absent=press.absent, void=press.void, whole=whole and not self.failures)
        self.written = [path for path in laid.written if path != STYLE]  # which is no news
        self.gone = laid.gone
        self._tell(press.problems, whole=whole)
        self._owe(news(self.settings.endpoints, made, self.written, joined, self.now), joined)
        return laid

    def _tell(self, found: Sequence[Problem], *, whole: bool) -> None:
        """Tell what feeds can't carry; what was told of other posts that are touched is past."""
        session = self.batch.session
        past = set(posts.touched_paths(session))
        past |= problems.at_stage(session, "published") if whole else set()
        self.notes.put("published", {*past, *(one.path for one in found)}, found)

    def _past(self, taken: str) -> Past:
        """Bring the lists that feeds select from to what posts say now."""
        past = Past(
            session=self.batch.session,
            layout=self.layout,
            whole=get(self.batch.session, ACCEPTED) != taken,
            damaged=self.damaged,
            intact=self.intact,
        )
        past.follow(self.site, [publisher.lists() for publisher in self.settings.publish])
        return past

    def _unread(self, decided: set[str]) -> list[tuple[str, str, datetime]]:
        """Find the live posts whose text is not at hand.

        That is none but those decided about now and those whose bytes are lost, unless the journal
        told more than was read.
        """
        session = self.batch.session
        if get(session, ADRIFT):
            return posts.unread(session)
        return posts.unread(session, paths=decided | problems.at_stage(session, "kept"))

    def _restore(self, unread: Iterable[tuple[str, str, datetime]]) -> None:
        restore(unread, batch=self.batch, layout=self.layout, site=self.site, notes=self.notes)

    def _join(self, joined: dict[str, str]) -> None:
        self.batch.record(
            Joined(at=self.now, endpoint=endpoint.name, since=endpoint.since)
            for endpoint in self.settings.endpoints
            if endpoint.name not in joined
        )

    def _changes(
        self, name: str, joined: dict[str, str], departed: dict[str, Entry]
    ) -> Iterator[Change]:
        """Yield what an endpoint has not been told: oldest first; to a new one all or nothing."""
        session = self.batch.session
        if name not in joined:
            since = {endpoint.name: endpoint.since for endpoint in self.settings.endpoints}
            if since.get(name) == "all":
                for entry in posts.oldest_first(session):
                    yield Change(kind="published", entry=entry, at=self.now)
            return
        # An address may go from a post to one that comes back: only the last of both is told.
        last = {one.id: one for one in self.records if isinstance(one, Version | Removal)}
        versions = [one for one in last.values() if isinstance(one, Version)]
        versions.sort(key=lambda one: (one.published, one.path))
        kinds: dict[str, ChangeKind] = {
            one.id: one.kind
            for one in versions
            if one.kind == "published" or one.kind == "updated"  # noqa: PLR1714  # mypy narrows this
        }
        for some in batches(kinds, posts.WINDOW):
            for entry in posts.of_ids(session, some):
                yield Change(kind=kinds[entry.id], entry=entry, at=self.now)
        for record in last.values():
            if isinstance(record, Removal) and record.id in departed:
                entry = replace(departed[record.id], seq=record.seq)
                yield Change(kind="removed", entry=entry, at=self.now)

    def _settled(self) -> list[Waiting]:
        """Find the messages that waited for pictures and need not do so any longer."""
        session = self.batch.session
        waiting = outbox.awaiting(session, self.now)
        late = images.awaited(session, [one.subject for one in waiting], self._late)
        return [one for one in waiting if one.subject not in late]

    @property
    def _late(self) -> datetime:
        """Until when a push of now waits for pictures."""
        return self.now + timedelta(seconds=self.settings.archive.wait)

    def _reworded(self, name: str) -> Iterator[Change]:
        """Yield again the changes whose messages waited: now they can show the pictures."""
        mine = {one.subject: one for one in self.settled if one.endpoint == name}
        for entry in posts.of_ids(self.batch.session, list(mine)):
            if entry.seq == mine[entry.id].seq:
                for kind in _WITH_PICTURES:
                    yield Change(kind=kind, entry=entry, at=mine[entry.id].at)

    def _owe(self, notices: Sequence[Notice], joined: dict[str, str]) -> None:
        """Record what is owed: new messages, and better words for those that waited till now."""
        session, wait = self.batch.session, self.settings.archive.wait
        old = {(one.endpoint, one.message): one for one in self.settled}
        again = {(one.endpoint, one.subject, one.seq) for one in self.settled}
        fresh, reworded = [], []
        for notice in notices:
            record = owed(notice)
            waited = old.get((record.endpoint, record.message))
            if waited is not None and waited.body != record.body:
                reworded.append(record)
            elif (record.endpoint, record.subject, record.seq) not in again:
                fresh.append(notice)
        supersede(self.batch, fresh, self.now)
        known = () if self.confirm else tuple(joined)  # who is new is meant to get all
        new = temper(self.settings.endpoints, fresh, self.site, known)
        late = images.awaited(session, [one.subject for one in new], self._late) if wait else ()
        self.batch.record(
            replace(one, not_before=self._late) if one.subject in late else one for one in new
        )
        self.batch.record(reworded)
        outbox.let_go(session, [one.message for one in self.settled], self.now)

    def check(self) -> None:
        """Raise the first publisher's failure, once everything else is done."""
        if self.failures:
            raise self.failures[0]

    def figures(self) -> dict[str, object]:
        """Tell what was published, as fields of the report."""
        kinds = [one.kind for one in self.records if isinstance(one, Version)]
        return {
            "published": kinds.count("published"),
            "updated": kinds.count("updated"),
            "removed": sum(isinstance(one, Removal) for one in self.records),
            "documents": tuple(self.written),
        }
