"""The tables of what became of kept bytes (checked, damaged, loose, forgotten); ids; jobs."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from syndicator.doors.store.table import Row


class Shelf(Row, table=True):
    """A folder of blobs, and when the bytes of all files in it were last checked."""

    __tablename__: ClassVar[str] = "shelf"
    name: str = Field(primary_key=True)
    at: str


class Damage(Row, table=True):
    """A kept file that is not what its name says, and is not repaired yet."""

    __tablename__: ClassVar[str] = "damage"
    name: str = Field(primary_key=True)
    place: str = Field(primary_key=True)  # blobs, public
    at: str
    found: str
    size: int = Field(sa_type=BigInteger)


class Loose(Row, table=True):
    """A blob that nothing refers to, and since when that is known."""

    __tablename__: ClassVar[str] = "loose"
    name: str = Field(primary_key=True)
    since: str


class Adoption(Row, table=True):
    """The id and the dates that a post at an address gets, because another feed gave them."""

    __tablename__: ClassVar[str] = "adoption"
    address: str = Field(primary_key=True)
    id: str
    published: str
    updated: str


class Tombstone(Row, table=True):
    """What was forgotten and must not come back: a url, a digest, a path, or a post's id."""

    __tablename__: ClassVar[str] = "tombstone"
    kind: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    at: str


class Job(Row, table=True):
    """What the daemon does again and again, and what came of it last (``doors.jobs``)."""

    __tablename__: ClassVar[str] = "job"
    name: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    good_at: int | None = Field(default=None, sa_type=BigInteger)
    result: str
    says: str
    failures: int
    milliseconds: int = Field(sa_type=BigInteger)
    next_at: int | None = Field(default=None, sa_type=BigInteger)


class Alert(Row, table=True):
    """A job or an endpoint that was told to fail, and was not told to go well since."""

    __tablename__: ClassVar[str] = "alert"
    kind: str = Field(primary_key=True)  # job, endpoint
    name: str = Field(primary_key=True)
    at: str
    failures: int
    says: str
