"""The publishers of a pass: each is asked once, and held to its promises."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from syndicator.config.tables import Endpoint, Publisher
from syndicator.doors.layout import Layout
from syndicator.errors import PublisherError
from syndicator.model import Absent, Document, Edition, Notice, Problem


@dataclass(slots=True, kw_only=True)
class Press:
    """What publishers made: documents and notices, in the order they were asked."""

    layout: Layout
    documents: list[Document] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)  # paths of documents that should not be there
    notices: list[Notice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    failures: list[PublisherError] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)

    def ask(self, publisher: Publisher, edition: Edition) -> None:
        """Take what one makes; what it breaks is its own, unless a push would be lost."""
        try:
            made = [self._checked(item) for item in publisher.publish(edition)]
        except Exception as error:
            says = f"the publisher {publisher.type!r} failed: {type(error).__name__}: {error}"
            failure = PublisherError(
                says, hint="a post it can't express, or a fault in it: report it"
            )
            if isinstance(publisher, Endpoint):
                raise failure from error
            failure.__cause__ = error
            self.failures.append(failure)
            return
        self.documents += [item for item in made if isinstance(item, Document)]
        self.absent += [item.path for item in made if isinstance(item, Absent)]
        self.notices += [item for item in made if isinstance(item, Notice)]
        self.problems += [item for item in made if isinstance(item, Problem)]

    def add(self, more: Iterable[Document]) -> None:
        """Take documents that no publisher makes."""
        self.documents += [one for one in map(self._checked, more) if isinstance(one, Document)]

    def _checked(self, item: object) -> Document | Absent | Notice | Problem:
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
