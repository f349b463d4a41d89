"""state.db: an index of the journal and the files, and the outbox. SQLModel lives here only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import Engine
from sqlmodel import Session

from syndicator.doors.store import connect

__all__ = ["Session", "Store"]


class Store:
    """One open state.db; every transaction is a writing one and all or nothing."""

    def __init__(self, path: Path, *, lasting: bool = True) -> None:
        """Open it, made or migrated as needed; raise StoreError when it is damaged or newer.

        One that is not ``lasting`` is on the disk once it is closed, and not before.
        """
        self.path = path
        self._lasting = lasting
        self._engine: Engine = connect.engine(path)
        with connect.plain_errors(path):
            connect.migrate(path, self._engine)

    @contextmanager
    def transaction(self, *, lasting: bool = True) -> Iterator[Session]:
        """Commit at the end of the block, or roll back when it raises.

        Without ``lasting`` a power cut, though no crash, may undo it: for what is told elsewhere,
        or would be undone anyway.
        """
        with (
            connect.plain_errors(self.path),
            connect.begin(self._engine, lasting=lasting and self._lasting) as session,
        ):
            yield session
            session.commit()

    def wipe(self) -> None:
        """Write the file anew, so that nothing of deleted rows is left in it or beside it."""
        with connect.plain_errors(self.path):
            connection = self._engine.raw_connection()
            try:
                for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                    connection.cursor().execute(statement)
            finally:
                connection.close()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Stay open for the block."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close at its end."""
        self.close()
