"""What the journal says of every kept file: read from its lines alone, as anyone could."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from syndicator.doors import journal, lines
from syndicator.doors.layout import Layout, source_name
from syndicator.errors import StoreError
from syndicator.model.custody import Checked, Collected, Forgotten
from syndicator.model.posts import Problem
from syndicator.model.records import Adopted, Capture, Copy, Kept, Record, Removal, Version

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Item:
    """One kept file: ``digest`` of its bytes, and every line that tells of them."""

    digest: str
    name: str  # of its blob
    size: int
    sources: list[Kept] = field(default_factory=list)
    captures: list[Capture] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    gone: str = ""  # why it is not there any more: "collected", "forgotten"

    @property
    def is_picture(self) -> bool:
        """Whether readers may get it as a picture."""
        return any(one.plan == "kept" for one in self.captures)


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """Every kept file by its name, every post by its id, and what is wrong with the lines."""

    items: dict[str, Item] = field(default_factory=dict)  # by the name of the blob
    names: dict[str, list[str]] = field(default_factory=dict)  # of blobs, by digest
    paths: dict[str, list[Kept]] = field(default_factory=dict)  # the bytes a file had, in order
    versions: dict[str, list[Version]] = field(default_factory=dict)  # by the post's id
    removals: dict[str, list[Removal]] = field(default_factory=dict)
    former: dict[str, set[str]] = field(default_factory=dict)  # ids that a post gave up, by its id
    forgotten: list[Forgotten] = field(default_factory=list)
    captured: dict[str, list[Capture]] = field(default_factory=dict)  # by URL
    copies: dict[str, set[str]] = field(default_factory=dict)  # names readers got, by the digest
    checked: Checked | None = None  # the last check
    lines: int = 0
    began: datetime = _BEGINNING
    ended: datetime = _BEGINNING
    problems: list[Problem] = field(default_factory=list)

    def take(self, record: Record) -> None:
        """Take one more line in."""
        self.lines += 1
        self.began = record.at if self.lines == 1 else self.began
        self.ended = max(self.ended, record.at)
        match record:
            case Kept():
                name = source_name(record.digest, record.path)
                self._item(record.digest, name, record.size).sources.append(record)
                self.paths.setdefault(record.path, []).append(record)
            case Capture():
                self._capture(record)
            case Version():
                self.versions.setdefault(record.id, []).append(record)
                for item in self.of_digest(record.source):
                    item.versions.append(record)
            case Copy():
                self.copies.setdefault(record.digest, set()).add(record.name)
            case Removal():
                self.removals.setdefault(record.id, []).append(record)
            case Checked():
                self.checked = record
            case _:
                self._correct(record)

    def _correct(self, record: Record) -> None:
        """Take in what changes how lines before it are to be read."""
        match record:
            case Adopted() if record.was:
                self._rename(record.was, record.id)
            case Collected():
                self._leave(record.names, "collected")
            case Forgotten():
                self.forgotten.append(record)
                names = [name for one in record.digests for name in self.names.get(one, ())]
                self._leave(names, "forgotten")
            case _:
                pass

    def _capture(self, record: Capture) -> None:
        self.captured.setdefault(record.url, []).append(record)
        if record.digest:
            name = record.digest + record.extension
            self._item(record.digest, name, record.size).captures.append(record)

    def _rename(self, was: str, now: str) -> None:
        """Let a post have under its new id what lines tell of it under the one it gave up."""
        self.former.setdefault(now, set()).update({was, *self.former.pop(was, ())})
        for told in (self.versions, self.removals):
            told[now] = [*told.pop(was, ()), *told.get(now, ())]

    def _item(self, digest: str, name: str, size: int) -> Item:
        if name not in self.items:
            self.items[name] = Item(digest=digest, name=name, size=size)
            self.names.setdefault(digest, []).append(name)
        item = self.items[name]
        item.gone = ""
        return item

    def _leave(self, names: Iterable[str], why: str) -> None:
        for name in names:
            if name in self.items:
                self.items[name].gone = why

    def present(self) -> Iterator[Item]:
        """Yield what should be there, in the order of the names."""
        return (self.items[name] for name in sorted(self.items) if not self.items[name].gone)

    def shown(self, digests: Iterable[str]) -> set[str]:
        """Tell the names of what readers got of these bytes, and of no others that are kept."""
        gone = set(digests)
        mine = {name for one in gone for name in self.copies.get(one, ())}
        others = {item.digest for item in self.items.values() if not item.gone} - gone
        return mine.difference(*(self.copies.get(one, ()) for one in others)) if mine else mine

    def of_digest(self, digest: str) -> list[Item]:
        """Tell the files with these bytes: mostly one; a post may have two endings."""
        return [self.items[name] for name in self.names.get(digest, ())]


def read(layout: Layout) -> Catalogue:
    """Read the whole journal; a line that can't be read is a problem, not an end."""
    made = Catalogue()
    for end, line in journal.read(layout.journal):
        try:
            made.take(lines.decode(line))
        except StoreError as error:
            number = (layout.journal / end.name).read_bytes()[: end.offset].count(b"\n")
            made.problems.append(
                Problem(
                    path=f"journal/{end.name}",
                    line=number,
                    code="ARC005",
                    says=error.says,
                    hint=error.hint,
                )
            )
    return made
