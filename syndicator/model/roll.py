"""How it stands with single posts, for a person who looks at them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Told = Literal["owed", "told", "given up", "to confirm", "called off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """How it stands with what an endpoint is to hear of a post."""

    endpoint: str
    state: Told
    count: int  # of pushes that stand so
    next_at: datetime | None = None  # of what is owed
    says: str = ""  # what went wrong last


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A file of the content: its post, if readers have one of it, its pictures and its pushes."""

    path: str
    title: str = ""
    url: str = ""
    published: datetime | None = None  # None: readers have nothing of it
    updated: datetime | None = None
    state: str = "published"  # of the file as it is now
    pending: bool = False  # feeds may not show it yet as it is
    wake: datetime | None = None  # when it is published, or expires
    why: str = ""  # it is held back
    pictures: int = 0
    missing: int = 0  # of them
    pushes: tuple[Pushed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """Some of the files in one state, and how many there are in all."""

    state: str
    rows: tuple[Row, ...]
    page: int  # from 1 on
    pages: int
    counts: dict[str, int]  # files by state; under "published" the posts that readers have
