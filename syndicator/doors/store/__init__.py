"""The store, an index of the journal and the files, and the outbox. SQLModel lives here only."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from syndicator.doors.index import Where
from syndicator.doors.store import connect

__all__ = ["Session", "Store"]


class Store:
    """An open state.db, or what stands in its place; every transaction writes, all or nothing."""

    def __init__(self, where: Where, *, lasting: bool = True) -> None:
        """Open it, made or migrated as needed; raise StoreError when it is damaged or newer.

        One that is not ``lasting`` is lost in a crash: who makes it puts it in place once it is
        whole and on the disk.
        """
        self.where = where
        self._lasting = lasting
        self._engine: Engine = connect.engine(where, scratch=not lasting)
        with connect.plain_errors(where):
            connect.migrate(where, self._engine)

    @contextmanager
    def transaction(self, *, lasting: bool = True) -> Iterator[Session]:
        """Commit at the end of the block, or roll back when it raises.

        Without ``lasting`` a power cut, though no crash, may undo it: for what is told elsewhere,
        or would be undone anyway.
        """
        with (
            connect.plain_errors(self.where),
            connect.begin(self._engine, lasting=lasting and self._lasting) as session,
        ):
            yield session
            session.commit()

    @contextmanager
    def beside(self, patience: float = 3.0) -> Iterator[Session]:
        """Change what is in leased lanes beside whoever writes; on PostgreSQL only.

        Who is stopped in the block for longer than ``patience`` seconds has changed nothing.
        """
        with (
            connect.plain_errors(self.where),
            connect.beside(self._engine, patience) as session,
        ):
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read for the length of the block as things are at its beginning; hold up nobody."""
        with connect.plain_errors(self.where), connect.reading(self._engine) as connection:
            yield connection

    def wipe(self) -> None:
        """Write the tables anew, so that nothing of deleted rows is left in their files."""
        with connect.plain_errors(self.where):
            connect.wipe(self.where, self._engine)

    def close(self) -> None:
        """Let go of it."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Stay open for the block."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close at its end."""
        self.close()
