"""What a copy of the archive must hold after some lines of the journal, and what it must not."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from syndicator.doors.layout import HEX, source_name
from syndicator.model.custody import Collected, Forgotten, Repaired
from syndicator.model.records import Capture, Copy, Kept, Record

CODED = (".gz", ".br", ".zst")


@dataclass(slots=True)
class Wanted:
    """Names of kept files and of readers' pictures; those that went; digests taken down."""

    blobs: set[str] = field(default_factory=set)
    media: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)

    def take(self, records: Iterable[Record]) -> "Wanted":
        """Take more lines in, in their order."""
        for record in records:
            self._take(record)
        return self

    def _take(self, record: Record) -> None:
        match record:
            case Kept():
                self._want(self.blobs, source_name(record.digest, record.path))
            case Capture() if record.digest:
                self._want(self.blobs, record.digest + record.extension)
            case Copy():
                self._want(self.media, record.name)
            case Repaired() if record.place == "blobs":
                self._want(self.blobs, record.name)
            case Collected():
                self._drop((*record.names, *record.copies))
            case Forgotten():
                digests = set(record.digests)
                self.forgotten |= digests
                self._drop(name for name in self.blobs | self.media if name[:HEX] in digests)
            case _:
                pass

    def _want(self, among: set[str], name: str) -> None:
        among.add(name)
        self.gone.discard(name)

    def _drop(self, names: Iterable[str]) -> None:
        went = set(names)
        self.gone |= went
        self.blobs -= went
        self.media -= went
