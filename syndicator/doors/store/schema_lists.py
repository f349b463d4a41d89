"""The lists that feeds select from."""

from typing import ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from syndicator.doors.store.table import Row


class Listed(Row, table=True):
    """A live post in one of the lists that configured feeds select from.

    ``facets`` names what the list is by ("tag", "language tag"), ``key`` the values, folded.
    """

    __tablename__: ClassVar[str] = "listed"
    __table_args__: ClassVar[object] = (
        Index("ix_listed_place", "facets", "key", "month", "place"),
        {"sqlite_with_rowid": False},
    )
    facets: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    published_us: int = Field(primary_key=True, sa_type=BigInteger)
    path: str = Field(primary_key=True)
    id: str = Field(index=True)
    month: str
    place: int
    label: str  # the last of the values, as it is written
