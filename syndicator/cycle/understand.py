"""What one file by itself says: all that may be found out of it in another process."""

from typing import NamedTuple

from syndicator.cycle.selection import heard
from syndicator.model import Problem, Reading, Site, Source
from syndicator.normalise import normalise


class Understood(NamedTuple):
    """A reading, and what the file wishes not to be told of it."""

    reading: Reading
    silenced: tuple[str, ...]  # codes, or beginnings of codes
    in_vain: tuple[Problem, ...]  # wishes that silence nothing

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with the file."""
        return (*self.reading.problems, *self.in_vain)


def understand(source: Source, site: Site) -> Understood:
    """Read one file; a pure function."""
    return Understood(normalise(source, site), *heard(source))
