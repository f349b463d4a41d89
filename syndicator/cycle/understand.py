"""What one file by itself says: all that may be found out of it in another process."""

from collections.abc import Mapping
from dataclasses import replace
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


def understand_among(
    source: Source, site: Site, names: Mapping[str, frozenset[str]]
) -> Understood:
    """Read one file; what lies in which folder is told once for all files, not with each."""
    folder = source.path.rpartition("/")[0] or "."
    return understand(replace(source, beside=names[folder]), site)


def understand(source: Source, site: Site) -> Understood:
    """Read one file; a pure function."""
    return Understood(normalise(source, site), *heard(source))
