"""The books in which sending is kept: the archive's own, or a worker's, who has no archive."""

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from syndicator.doors.store import Session, Store, tray
from syndicator.doors.store.apply import apply
from syndicator.doors.store.leases import call, owing
from syndicator.model.records import Record


class Page(Protocol):
    """What is to change together."""

    session: Session

    def record(self, records: Iterable[Record]) -> None:
        """Let these have happened."""


class Books(Protocol):
    """What a sender asks of a ledger."""

    @property
    def underway(self) -> Path:
        """Where attempts are noted before they are made."""

    @property
    def store(self) -> Store:
        """The tables."""

    def batch(self, *, lasting: bool = True) -> AbstractContextManager[Page]:
        """Gather changes; all of them happen at the end of the block, or none when it raises."""


class Sheet:
    """A worker's page: what happened is done to the tables, and told to who has the journal."""

    def __init__(self, session: Session) -> None:
        """Start empty."""
        self.session = session
        self.records: list[Record] = []

    def record(self, records: Iterable[Record]) -> None:
        """Let these have happened."""
        new = list(records)
        self.records += new
        apply(self.session, new)


class Desk:
    """A worker's books.

    Whose lease is over counts all that was in hand as begun: nothing is noted on this machine.
    """

    def __init__(self, store: Store) -> None:
        """Keep them in a store on a server."""
        self.store = store
        self.underway = Path(os.devnull)

    @contextmanager
    def batch(self, *, lasting: bool = True) -> Iterator[Sheet]:  # noqa: ARG002  # all of it lasts
        """Gather changes; all of them happen at the end of the block, or none when it raises."""
        with self.store.beside() as session:
            sheet = Sheet(session)
            yield sheet
            tray.lay(session, sheet.records)
            if owing(sheet.records):
                call(session)
