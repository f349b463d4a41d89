"""What one file by itself says: all that may be found out of it in another process.

Imported by each of these processes: nothing of the database is.
"""

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import NamedTuple

from syndicator.cycle.compare import name, traits
from syndicator.cycle.selection import heard
from syndicator.doors.bodies import Said, said
from syndicator.doors.files import Stat
from syndicator.model.posts import Candidate, Problem, Reading, Site, Source, Trait
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


class Told(NamedTuple):
    """What is to be recorded of a file that was read: plain values, cheap to hand over."""

    said: Said
    silenced: tuple[str, ...]
    problems: tuple[Problem, ...]
    traits: tuple[Trait, ...]  # as one that is published; none unless asked for


def tell(
    found: tuple[Source, Stat],
    site: Site,
    names: Mapping[str, Container[str]],
    *,
    compared: bool,
) -> Told:
    """Tell what is to be recorded of a file; with its traits where it will be ``compared``.

    ``names`` has what lies in which folder: told once for all files, not with each. What comes
    with the stat is for whoever asks.
    """
    source, _ = found
    made = understand_among(source, site, names)
    likes = _traits(source, made.reading, site) if compared and made.reading.post else ()
    return Told(said(source, made.reading), made.silenced, made.problems, likes)


def _traits(source: Source, reading: Reading, site: Site) -> tuple[Trait, ...]:
    one = Candidate(
        path=source.path,
        source=source.digest,
        modified=source.modified,
        standing=reading.standing,
        post=reading.post,
    )
    return (name(source.path), *traits(one, "published", site.url))


def understand_among(
    source: Source, site: Site, names: Mapping[str, Container[str]]
) -> Understood:
    """Read one file; what lies in which folder is told once for all files, not with each."""
    folder = source.path.rpartition("/")[0] or "."
    return understand(replace(source, beside=names[folder]), site)


def understand(source: Source, site: Site) -> Understood:
    """Read one file; a pure function."""
    reading = normalise(source, site)
    if any(one.severity == "error" and one.code.startswith("FM") for one in reading.problems):
        return Understood(reading, (), ())  # all of a broken post is told
    return Understood(reading, *heard(source))
