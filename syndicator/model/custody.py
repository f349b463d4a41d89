"""The lines of the journal about what became of kept bytes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """All files in these folders of ``blobs/sha256`` were read, and compared with their names."""

    at: datetime
    shelves: tuple[str, ...]  # "00" to "ff"
    files: int
    size: int  # bytes read
    bad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A kept file was not what its name says (or gone); what was there went to quarantine."""

    at: datetime
    name: str  # of the file: digest and ending
    place: Literal["blobs", "public"]
    found: str = ""  # digest of the bytes that were there instead, "" for none
    size: int = 0  # of these bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """A damaged file has the right bytes again."""

    at: datetime
    name: str
    place: Literal["blobs", "public"]
    source: str  # the URL or the file they were taken from


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """From now on nothing refers to these blobs (``names``), or something does again."""

    at: datetime
    names: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Blobs that nothing had referred to for long were deleted, with readers' copies of them."""

    at: datetime
    names: tuple[str, ...]
    copies: tuple[str, ...] = ()  # names of files that readers could get in their place


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Bytes were taken down for good, and must not come back: the tombstone.

    The files of these ``digests`` are deleted wherever they lie; ``paths`` and ``ids`` are those
    of a post that is not to be published again.
    """

    at: datetime
    kind: Literal["url", "digest", "post"]
    subject: str  # the address, the digest, or the path that was asked for
    reason: str
    digests: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
