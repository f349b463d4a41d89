"""The one way to change the archive: files first, then the journal, then the database.

A batch gathers kept bytes, documents and records. At its end the bytes are made durable in a
scratch folder, the records are appended to the journal (from here on it has happened), the files
get their final names, and one transaction of the database follows. After a crash at any line,
opening the ledger finishes what the journal says or forgets what it does not.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from syndicator.doors import blobs, files, journal, lines, links, redact
from syndicator.doors.batch import Batch, scratch
from syndicator.doors.index import ADRIFT
from syndicator.doors.layout import Layout, source_name
from syndicator.doors.store import Session, Store, custody, tray
from syndicator.doors.store.apply import apply
from syndicator.doors.store.leases import call, owing
from syndicator.doors.store.rows import drop, get, put
from syndicator.errors import StoreError
from syndicator.model.custody import Collected, Damaged, Forgotten, Repaired
from syndicator.model.records import Capture, Copy, Kept, Record

POSITION = "journal"  # the key under which the database keeps where in the journal it stands
REPLAY = 2000  # records in one transaction while the journal is read again


class Ledger:
    """An archive that is open for writing; whoever opens one holds the lock."""

    def __init__(self, layout: Layout, store: Store, *, dry: bool = False) -> None:
        """Open it, and finish what an interrupted instance began."""
        self.layout = layout
        self.store = store
        self.dry = dry
        self._shared = not isinstance(store.where, Path)  # with workers
        self.replayed = self._recover()
        with store.transaction() as session:
            self.barred = custody.barred(session)
            unclean = get(session, custody.WIPE) != ""
        if unclean:
            self._wipe()

    @property
    def underway(self) -> Path:
        """Where attempts are noted before they are made."""
        return self.layout.underway

    @contextmanager
    def batch(self, *, lasting: bool = True) -> Iterator[Batch]:
        """Gather changes; all of them happen at the end of the block, or none when it raises.

        What is recorded lasts in any case: the journal brings it back. Without ``lasting``, a
        power cut may undo what else was done to the database.
        """
        with self.store.transaction(lasting=lasting) as session:
            batch = Batch(self.layout, session, self.barred, dry=self.dry)
            yield batch
            if self.dry:
                return
            if self._shared:
                self._share(session, batch)
            files.flush([aside for aside, _ in batch.moves])
            if batch.records:
                written = lines.encode_batch(batch.records)
                month = lines.month(batch.records)
                end = journal.append(self.layout.journal, month, written)
                put(session, POSITION, str(end))
            files.rename(batch.moves)
            _link(batch.links)
            files.remove(batch.withdrawn)
            self._act(batch.records)
        if any(isinstance(record, Forgotten) for record in batch.records):
            with self.store.transaction() as session:
                self.barred = custody.barred(session)
            self._wipe()

    def _share(self, session: Session, batch: Batch) -> None:
        """Write what workers settled meanwhile before what is new; call them if there is work."""
        if owing(batch.records) and not isinstance(self.store.where, Path):
            call(session)
        batch.records[:0] = tray.take(session)
        if isinstance(self.store.where, Path):
            drop(session, tray.LEFT)  # no worker lays down any more

    def relink(self, names: Iterable[str]) -> list[str]:
        """Make sure that readers can get these kept pictures; tell those whose blob is gone."""
        if self.dry:
            return []
        here, lost = [], []
        blobs_at, media = str(self.layout.blobs), str(self.layout.media)
        for name in names:
            kept = files.stat(f"{blobs_at}/{name[:2]}/{name}").size
            shown = files.stat(f"{media}/{name}").size
            if kept >= 0 and shown != kept:
                here.append((self.layout.blob(name), self.layout.media / name))
            elif kept < 0 and shown < 0:
                lost.append(name)
        _link(here)
        return lost

    def _recover(self) -> int:
        """Bring the database to the end of the journal; tell how many records that took."""
        self._sound()
        if not self.dry:
            files.make_folder(self.layout.scratch)
            journal.mend(self.layout.journal, lines.MORE)
        with self.store.transaction() as session:
            at = journal.position(get(session, POSITION))
            # workers' lines came along, where a store was copied from a server
            self._shared = self._shared or get(session, tray.LEFT) != ""
        count, collected = 0, set[str]()
        for chunk, end in self._tail(at):
            with self.store.transaction() as session:
                self._finish(chunk)
                # a crash came before they were taken from there: workers have done these already
                apply(session, tray.drop(session, chunk) if self._shared else chunk)
                put(session, POSITION, str(end))
                put(session, ADRIFT, "1")
            count += len(chunk)
            collected = _still_collected(collected, chunk)
        if not self.dry:
            blobs.collect(self.layout, sorted(collected))
            files.clear(self.layout.scratch, keep=self._own())
        return count

    def _sound(self) -> None:
        """Raise StoreError where going on would lose something.

        No blob is without its line: where there are blobs and no journal, the journal is lost, and
        with it which posts were forgotten. What is in the scratch folder is deleted: a link there
        could lead anywhere.
        """
        if self.layout.scratch.is_symlink():
            says = f"{self.layout.scratch} is a link, and what is in that folder is deleted"
            raise StoreError(says, hint="delete the link; an archive lies on one disk")
        if journal.end(self.layout.journal) == journal.START and blobs.any_kept(self.layout):
            says = f"{self.layout.blobs} has files, but {self.layout.journal} has no line"
            hint = "bring the journal back: from a backup, or a bucket (archive restore)"
            raise StoreError(says, hint=f"{hint}; or move blobs away, to begin anew")

    def _own(self) -> set[str]:
        """Tell the files of the database itself, if it is being made in the scratch folder."""
        state = self.layout.state
        if not isinstance(state, Path) or state.parent != self.layout.scratch:
            return set()
        return {state.name + ending for ending in ("", "-wal", "-shm")}

    def _tail(self, at: journal.Position) -> Iterator[tuple[list[Record], journal.Position]]:
        chunk: list[Record] = []
        for end, line in journal.read(self.layout.journal, at):
            chunk.append(lines.decode(line))
            at = end
            if len(chunk) == REPLAY:
                yield chunk, at
                chunk = []
        if chunk:
            yield chunk, at

    def _finish(self, records: Sequence[Record]) -> None:
        """Give the files of these records their final names, if a crash came between."""
        if self.dry:
            return
        aside = self.layout.scratch
        left = {item.name for item in aside.iterdir()}
        moves: dict[Path, Path] = {}
        linked: dict[str, int] = {}  # sizes
        for record in records:
            if isinstance(record, Copy):
                if (name := scratch(record)) in left:
                    moves[aside / name] = self.layout.media / record.name
                if record.public == record.digest:
                    linked[record.name] = record.size
            elif (name := _blob(record)) in left:
                moves[aside / name] = self.layout.blob(name)
        files.rename(sorted(moves.items()))
        media = str(self.layout.media)
        at = linked.items()
        self.relink(
            sorted(name for name, size in at if files.stat(f"{media}/{name}").size != size)
        )
        self._act(record for record in records if not isinstance(record, Collected))

    def _act(self, records: Iterable[Record]) -> None:
        """Do to the files what records say was done to them; twice is once."""
        for record in records:
            if isinstance(record, Damaged):
                blobs.set_aside(self.layout, record)
            elif isinstance(record, Collected):
                blobs.collect(self.layout, (*record.names, *record.copies))
            elif isinstance(record, Forgotten):
                blobs.erase(self.layout, record.digests)
                redact.redact(self.layout.journal, self.layout.scratch, record)

    def _wipe(self) -> None:
        if not self.dry:
            self.store.wipe()
            with self.store.transaction() as session:
                put(session, custody.WIPE, "")


def _still_collected(collected: set[str], records: Iterable[Record]) -> set[str]:
    """Tell which blobs are gone after these records: what was deleted may have come again."""
    for record in records:
        if isinstance(record, Collected):
            collected |= {*record.names, *record.copies}
        elif collected and isinstance(record, Copy):
            collected.discard(record.name)
        elif collected and (name := _blob(record)):
            collected.discard(name)
    return collected


def _blob(record: Record) -> str:
    """Tell the name of the blob that a record says is kept, "" for none."""
    if isinstance(record, Kept):
        return source_name(record.digest, record.path)
    if isinstance(record, Capture) and record.digest:
        return record.digest + record.extension
    return record.name if isinstance(record, Repaired) and record.place == "blobs" else ""


def _link(wanted: Iterable[tuple[Path, Path]]) -> None:
    made = set()
    for blob, name in wanted:
        links.link(blob, name)
        made.add(name.parent)
    files.flush(sorted(made))
