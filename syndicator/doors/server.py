"""Which database of a PostgreSQL server stands in the place of state.db."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Server:
    """A database by its address, as libpq reads it; shown, it has no password.

    Without a password libpq asks its own places: ``PGPASSWORD``, ``~/.pgpass``.
    """

    url: str  # postgresql://user@host:port/name?option=…, without a password
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Return the address."""
        return self.url
