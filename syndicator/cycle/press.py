"""The publishers of a pass: each is asked once, and held to its promises."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from syndicator.config.tables import Endpoint, Publisher
from syndicator.doors.layout import Layout
from syndicator.errors import PublisherError
from syndicator.model.feeds import Absent, Document, Edition, Notice
from syndicator.model.posts import Problem

_Item = Document | Absent | Notice | Problem


@dataclass(slots=True, kw_only=True)
class _Hand:
    """One publisher at work, and what it made so far but for the documents themselves."""

    publisher: Publisher
    work: Iterator[object]
    paths: list[str] = field(default_factory=list)  # of its documents
    others: list[Absent | Notice | Problem] = field(default_factory=list)
    failed: bool = False


@dataclass(slots=True, kw_only=True)
class Press:
    """What publishers made, in the order they are configured; documents are handed on at once."""

    layout: Layout
    hands: list[_Hand] = field(default_factory=list)
    failures: list[PublisherError] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)

    def print(self, publishers: Sequence[Publisher], edition: Edition) -> Iterator[Document]:
        """Yield the documents that publishers make, one of each in turn.

        So feeds that tell the same posts ask for the same part of their history one after the
        other, and no more than one document has to be in memory. What one breaks is its own,
        unless a push would be lost: its documents, which ``void`` names, are not to be published.
        """
        self.hands = [_Hand(publisher=one, work=_work(one, edition)) for one in publishers]
        busy = self.hands
        while busy:
            left = []
            for hand in busy:
                try:
                    item = self._next(hand)
                except Exception as error:  # noqa: BLE001  # whatever it raises, it failed
                    self._fail(hand, error)
                    continue
                if item is not None:
                    left.append(hand)
                if isinstance(item, Document):
                    yield item
            busy = left

    def _next(self, hand: _Hand) -> _Item | None:
        """Take what a publisher makes next, None when it is done."""
        for made in hand.work:
            item = self._checked(made)
            if isinstance(item, Document):
                hand.paths.append(item.path)
            else:
                hand.others.append(item)
            return item
        return None

    def _fail(self, hand: _Hand, error: Exception) -> None:
        one = hand.publisher
        who = f"{one.type!r} of {one.name}" if isinstance(one, Endpoint) else repr(one.type)
        says = f"the publisher {who} failed: {type(error).__name__}: {error}"
        hint = "a post it can't express, or a fault in it: report it"
        failure = PublisherError(says, hint=hint)
        if isinstance(one, Endpoint):
            raise failure from error
        failure.__cause__ = error
        self.failures.append(failure)
        hand.failed = True

    def add(self, more: Iterable[Document]) -> Iterator[Document]:
        """Yield documents that no publisher makes."""
        for one in more:
            self._checked(one)
            yield one

    @property
    def void(self) -> list[str]:
        """The paths of the documents of those that failed."""
        return [path for hand in self.hands if hand.failed for path in hand.paths]

    @property
    def absent(self) -> list[str]:
        """The paths of documents that should not be there."""
        return [item.path for item in self._others() if isinstance(item, Absent)]

    @property
    def notices(self) -> list[Notice]:
        """What is owed."""
        return [item for item in self._others() if isinstance(item, Notice)]

    @property
    def problems(self) -> list[Problem]:
        """What feeds can't carry."""
        return [item for item in self._others() if isinstance(item, Problem)]

    def _others(self) -> Iterator[Absent | Notice | Problem]:
        for hand in self.hands:
            yield from hand.others if not hand.failed else ()

    def _checked(self, item: object) -> _Item:
        """Hold a publisher to its promise: documents of its own, below the public folder."""
        if isinstance(item, Notice | Problem):
            return item
        if not isinstance(item, Document | Absent):
            raise TypeError(f"yielded {type(item).__name__}, neither a Document nor a Notice")
        parts = item.path.split("/")
        if parts[0] == self.layout.media.name or any(part in {"", ".", ".."} for part in parts):
            raise ValueError(f"the document {item.path!r} does not lie below archive/public")
        if isinstance(item, Absent):
            return item
        if item.path in self.paths:
            raise ValueError(f"two publishers write {item.path}")
        self.paths.add(item.path)
        return item


def _work(publisher: Publisher, edition: Edition) -> Iterator[object]:
    """Ask a publisher when the first of its work is wanted, for a call may fail, too."""
    yield from publisher.publish(edition)
