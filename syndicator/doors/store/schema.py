"""The tables of state.db: an index of the journal, and the readings of the files.

An index of some rows serves a query that says which in the same words: ``live = 1``, as SQLAlchemy
writes what is true, and not ``live``.

Moments that are compared are whole seconds since 1970 (``*_at``: when something falls due); dates
that readers see are ISO 8601 text with their own offset, as the journal has them.
"""

from typing import ClassVar

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field

from syndicator.doors.store import (  # noqa: F401  # their tables too
    schema_custody,
    schema_lists,
    schema_outbox,
)
from syndicator.doors.store.dialects import NUMBER, some
from syndicator.doors.store.table import Row


class Meta(Row, table=True):
    """A few single facts: the journal's position, the configuration last accepted."""

    __tablename__: ClassVar[str] = "meta"
    key: str = Field(primary_key=True)
    value: str


class Seen(Row, table=True):
    """A file's stat when its bytes were last read; an absolute path is a local picture."""

    __tablename__: ClassVar[str] = "seen"
    __table_args__: ClassVar[object] = (
        some("ix_seen_apart", "state", where="state != 'published'"),
        {"sqlite_with_rowid": False},
    )
    path: str = Field(primary_key=True)
    size: int = Field(sa_type=BigInteger)
    mtime_ns: int = Field(sa_type=BigInteger)
    inode: int = Field(sa_type=BigInteger)
    digest: str
    state: str


class Reading(Row, table=True):
    """What a file says: the last good reading of it, and whether readers' state follows it yet."""

    __tablename__: ClassVar[str] = "reading"
    __table_args__: ClassVar[object] = (
        some("ix_reading_pending", "path", where="pending = 1"),
        some(
            "ix_reading_waits",
            "path",
            where="state = 'held' AND standing = 'post'",
        ),
        some("ix_reading_stale", "path", where="stale = 1"),
        some("ix_reading_wake", "wake_at", where="wake_at IS NOT NULL"),
    )
    path: str = Field(primary_key=True)
    source: str  # digest of the file's bytes
    good: str = (
        ""  # digest of the bytes that ``body`` was read from: an older version's while held
    )
    modified: str
    standing: str
    state: str
    pending: bool
    published_us: int = Field(
        default=0, sa_type=BigInteger
    )  # the order in which posts are looked at, and get their ids
    wake_at: int | None = Field(
        default=None, sa_type=BigInteger
    )  # when a scheduled post is due, or a live one expires
    body: bytes | None = Field(default=None, sa_type=LargeBinary)  # the Post, as compressed JSON
    shown: bytes | None = Field(
        default=None, sa_type=LargeBinary
    )  # what readers have, if not body
    shown_of: str = ""  # digest of the bytes that ``shown`` was read from
    silenced: str = ""  # what the file wishes not to be told, parted by blanks
    stale: bool = False  # how it stands with its pictures may be otherwise than was told


class Trouble(Row, table=True):
    """A problem of a file, kept for ``status`` and for passes that find nothing changed.

    ``stage`` tells who found it, and takes it away again: see ``store.problems``.
    """

    __tablename__: ClassVar[str] = "problem"
    __table_args__: ClassVar[object] = (Index("ix_problem_stage", "stage", "path"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    path: str = Field(index=True)
    stage: str
    code: str
    says: str
    hint: str
    line: int
    column: int
    severity: str


class Likeness(Row, table=True):
    """By what files may be like others: ``model.Trait``, in the order in which groups are led."""

    __tablename__: ClassVar[str] = "likeness"
    __table_args__: ClassVar[object] = (
        some("ix_likeness_spelling", "key", "value", where="kind = 'source'"),
        {"sqlite_with_rowid": False},
    )
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    rank: int = Field(primary_key=True, sa_type=BigInteger)
    path: str = Field(primary_key=True, index=True)
    value: str


class Post(Row, table=True):
    """A post as readers know it, live or gone; its identity is here for ever."""

    __tablename__: ClassVar[str] = "post"
    __table_args__: ClassVar[object] = (
        some("ix_post_newest", "published_us", "path", where="live = 1"),
        Index("ix_post_place", "month", "place"),
        some("ix_post_removed", "removed_us", "id", where="removed_us != 0"),
        some("ix_post_touched", "id", where="touched = 1"),
    )
    id: str = Field(primary_key=True)
    path: str = Field(index=True)
    url: str = Field(index=True)
    title: str
    seq: int
    source: str = Field(index=True)
    post: str
    modified: str
    published: str
    published_us: int = Field(
        sa_type=BigInteger
    )  # microseconds since 1970: the order of the feeds
    updated: str
    live: bool
    declared: str  # the id its front matter gave
    month: str  # of ``published``, as it is written: "2020-11"
    place: int  # how many came to that month before it; part of its address in the history
    removed_us: int = Field(default=0, sa_type=BigInteger)  # microseconds since 1970; 0: live
    touched: bool = True  # documents may show it otherwise than it is


class Image(Row, table=True):
    """A picture by its URL: the copy that is kept, and when to ask for it again."""

    __tablename__: ClassVar[str] = "image"
    __table_args__: ClassVar[object] = (
        Index("ix_image_digest", "digest"),
        some("ix_image_due", "retry_at", where="retry_at IS NOT NULL"),
        some("ix_image_outlived", "url", where="digest != '' AND plan != 'kept'"),
        some(
            "ix_image_unplanned",
            "url",
            where="digest != '' AND retry_at IS NULL AND substr(came_from, 1, 4) = 'http'",
        ),
    )
    url: str = Field(primary_key=True)
    digest: str
    media_type: str
    extension: str
    size: int = Field(sa_type=BigInteger)
    width: int = Field(sa_type=BigInteger)
    height: int = Field(sa_type=BigInteger)
    came_from: str
    plan: str
    reason: str
    tries: int
    retry_at: int | None = Field(
        default=None, sa_type=BigInteger
    )  # when to ask again: for a copy, or, where one is kept, whether it is still the same
    at: str
    seen: str  # digest of the last bytes that came, and the validators that came with them
    etag: str
    modified: str


class Rest(Row, table=True):
    """A host that is left alone as a whole; "" is every host."""

    __tablename__: ClassVar[str] = "rest"
    host: str = Field(primary_key=True)
    since: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)
    reason: str


class Copy(Row, table=True):
    """What readers get of a kept picture, by the digest of its bytes."""

    __tablename__: ClassVar[str] = "copy"
    __table_args__: ClassVar[object] = {"sqlite_with_rowid": False}
    digest: str = Field(primary_key=True)
    extension: str
    public: str  # digest of what readers get
    size: int = Field(sa_type=BigInteger)
    rules: int


class Use(Row, table=True):
    """Which file refers to which picture."""

    __tablename__: ClassVar[str] = "use"
    __table_args__: ClassVar[object] = (
        some("ix_use_asked", "url", where="asked = 0"),
        {"sqlite_with_rowid": False},
    )
    path: str = Field(primary_key=True)
    url: str = Field(primary_key=True, index=True)
    written: str
    beside: str  # where the file may lie below the content root, or ""
    static: str  # where the file may lie below a static root, or ""
    inline: str = ""  # its bytes in base64, when it stands within the post
    host: str  # of the URL, or ""
    asked: bool = False  # an attempt is known; and if it found a file here, that is watched


class Local(Row, table=True):
    """A file that was looked for on behalf of a picture's URL; size -1: it was not there."""

    __tablename__: ClassVar[str] = "local"
    path: str = Field(primary_key=True)
    url: str = Field(primary_key=True, index=True)
    size: int = Field(sa_type=BigInteger)
    mtime_ns: int = Field(sa_type=BigInteger)
    inode: int = Field(sa_type=BigInteger)


class Document(Row, table=True):
    """A published file as it was last written."""

    __tablename__: ClassVar[str] = "document"
    __table_args__: ClassVar[object] = (some("ix_document_unseen", "path", where="size < -1"),)
    path: str = Field(primary_key=True)
    digest: str
    size: int = Field(sa_type=BigInteger)
    mtime_ns: int = Field(sa_type=BigInteger)
    inode: int = Field(sa_type=BigInteger)
