r"""What travels between the rooms: frozen values, no behaviour beyond one-line properties.

The river: ``Source`` -> ``Reading`` (a ``Post``, or the ``Problem``\ s that forbid it) ->
``Entry`` (the post with its identity and its ``Asset``\ s) -> ``Edition`` -> ``Document`` and
``Notice`` -> ``Answer`` -> ``Verdict``. Beside it the journal's lines (``Kept``, ``Version``,
``Removal``, ``Capture``, ``Joined``, ``Owed``, ``Settled``), from which the database can be
rebuilt, and the ``Report`` of a pass.

Every ``datetime`` is aware. A ``digest`` is a lower-case hexadecimal SHA-256.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

Severity = Literal["error", "warning", "info"]
Standing = Literal["post", "draft", "held", "skipped"]
State = Literal["published", "draft", "scheduled", "expired", "held", "skipped"]
ChangeKind = Literal["published", "updated", "removed"]

# the labels of the lines at the end of a text that name its source, in any case
TRAILER: Final = ("Date", "Source", "日期", "來源", "来源")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Put ``text`` in the place of the bytes from ``start`` up to ``end`` of a source.

    Offsets count bytes of the file as it lies on disk, from 0; equal ones insert. The text is
    written as UTF-8, without its own line endings being translated.
    """

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, where, and what to do; an ``error`` in a post holds it back.

    ``edits`` together put it right, in the bytes that were examined; they are ``safe`` where no
    reader of any other tool would see another value than the author meant.
    """

    path: str
    code: str
    says: str
    hint: str = ""
    line: int = 0
    column: int = 0
    severity: Severity = "error"
    edits: tuple[Edit, ...] = ()
    safe: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the pure rooms need to know of the site; ``url`` ends in a slash."""

    title: str
    url: str
    timezone: str
    feeds: str  # the URL under which archive/public is reachable; ends in a slash
    authority: str
    description: str = ""
    language: str = "en"
    author: str = ""
    trailer: tuple[str, ...] = TRAILER


# --- content and normalise ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file as it was found; ``path`` is relative to the content root, with forward slashes."""

    path: str
    data: bytes
    digest: str
    modified: datetime
    beside: frozenset[str] = frozenset()  # names in its folder, its own among them


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRef:
    """A picture a post refers to, and where it may be found."""

    url: str  # absolute; what a capture is filed under, and what stands in Post.html
    written: str  # byte for byte as the author wrote it
    beside: str = ""  # path below the content root, when it may be a file beside the post
    static: str = ""  # path below a static root, when it may be a file of the site
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a source says, read right: a pure function of its bytes, its path and the site."""

    path: str
    url: str
    title: str  # plain text
    summary: str  # plain text
    html: str  # sanitised; URLs absolute; pictures still under ImageRef.url
    published: datetime
    updated: datetime | None = None  # the front matter's own, if it names one
    expires: datetime | None = None
    dated_by: str = (
        ""  # where ``published`` came from: front matter, file name, path, trailer, mtime
    )
    source_name: str = ""
    source_date: date | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    redirects: tuple[str, ...] = ()  # old addresses of the post, absolute
    canonical: str = ""  # absolute; where else the same text has its home
    source_url: str = ""  # absolute; what the post is about, or was taken from
    declared_id: str = ""  # the front matter's own id, guid or uuid, as written
    title_html: str = ""  # sanitised inline HTML, only where the title holds tags
    lead: ImageRef | None = None  # the front matter's picture
    images: tuple[ImageRef, ...] = ()  # every picture, the lead first, each URL once
    digest: str = ""  # of what a reader would notice; white space in the source is not in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of one source: a post, or the reasons why there is none."""

    path: str
    standing: Standing
    post: Post | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A reading that readers' state does not follow yet."""

    path: str
    source: str  # digest of the bytes
    modified: datetime
    standing: Standing
    post: Post | None = None
    wake: datetime | None = None  # when its last good text is due, or expires


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What readers know of a post, live or gone."""

    id: str
    path: str
    url: str
    title: str
    seq: int
    source: str
    post: str
    published: datetime
    updated: datetime
    live: bool


# --- archive -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A picture some post refers to that is to be kept now; ``tries`` were made before."""

    url: str  # absolute; what the capture is filed under
    written: str = ""  # as the author wrote it
    posts: tuple[str, ...] = ()  # paths of the posts
    tries: int = 0
    beside: tuple[str, ...] = ()  # where it may lie below the content root
    static: tuple[str, ...] = ()  # where it may lie below a static root
    kept: str = ""  # digest of the copy there is, "" for none


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A kept picture; width and height in pixels as shown (orientation applied)."""

    digest: str
    media_type: str
    extension: str  # with its dot: ".jpg"
    size: int
    width: int
    height: int
    came_from: str

    @property
    def name(self) -> str:
        """The file name under which readers get it."""
        return self.digest + self.extension


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A post as readers know it: with its identity, its dates and its kept pictures."""

    id: str
    seq: int  # counts what readers were told of this post, from 1
    post: Post
    published: datetime  # never moves
    updated: datetime
    assets: Mapping[str, Asset] = field(default_factory=dict)  # by ImageRef.url


# --- publish and deliver -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something readers are to be told: the entry as it now is (or was, when removed)."""

    kind: ChangeKind
    entry: Entry
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What readers get now; ``entries`` yields the live ones newest first, read lazily."""

    site: Site
    entries: Callable[[int], Iterator[Entry]]  # entries(limit); 0 = all
    changes: Callable[[str], Iterable[Change]]  # changes(endpoint): what it has not been told yet
    generator: str = "syndicator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """This file below archive/public should read so."""

    path: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request, complete but for what depends on the attempt (time, signature)."""

    url: str
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """This request is owed; equal keys at one endpoint are one notice, however often said."""

    key: str
    endpoint: str
    kind: str
    subject: str  # the entry's id
    seq: int
    at: datetime
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A delivery that is due: the message as it was frozen, and how often it was tried before."""

    delivery: int
    message: str  # the webhook-id
    endpoint: str
    kind: str
    subject: str
    body: bytes
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: status, chosen headers (lower-case names), the bytes read, the hops."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str  # the last one asked
    chain: tuple[str, ...] = ()  # the URLs asked before it
    retry_after: float = 0.0  # seconds we were asked to wait (RFC 9110, 10.2.3), 0 if not


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an attempt means for its delivery."""

    state: Literal["done", "again", "dead"]
    at: datetime | None = None  # when to try again
    rest: bool = False  # the endpoint failed, not the message: let it rest as a whole until then
    says: str = ""


# --- the journal: one value a line -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The bytes of a source were kept as a blob."""

    at: datetime
    path: str
    digest: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A post as it stands for readers from now on.

    ``published`` for the first time (or again after a removal), ``updated`` by its author,
    ``moved`` to another file with the same content, ``revised`` where the same text now reads
    otherwise (white space, configuration, a new version of the program). Only the first two
    are told to anybody.
    """

    at: datetime
    kind: Literal["published", "updated", "moved", "revised"]
    id: str
    path: str
    url: str
    title: str
    seq: int
    source: str  # digest of the bytes
    post: str  # digest of the normalised post
    modified: datetime
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A post left the feeds."""

    at: datetime
    id: str
    path: str
    seq: int
    reason: Literal["removed", "draft", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """An attempt to keep a picture, good (``digest`` set) or bad (``reason`` set)."""

    at: datetime
    url: str
    written: str = ""
    came_from: str = ""  # the URL or file it was read from in the end
    chain: tuple[str, ...] = ()
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    declared: str = ""
    digest: str = ""
    media_type: str = ""
    extension: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    reason: str = ""
    plan: Literal["kept", "retry", "gone", "refused", "suspect"] = "kept"
    tries: int = 1
    retry_at: datetime | None = None
    posts: tuple[str, ...] = ()  # paths of the posts that wanted it


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """An endpoint was configured; it hears of nothing before this."""

    at: datetime
    endpoint: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A notice an endpoint must get; the bytes are frozen here."""

    at: datetime
    message: str  # the webhook-id
    key: str
    endpoint: str
    kind: str
    subject: str
    seq: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A notice was acknowledged (``done``) or given up (``dead``)."""

    at: datetime
    message: str
    endpoint: str
    verdict: Literal["done", "dead"]
    status: int
    says: str = ""


Record = Kept | Version | Removal | Capture | Joined | Owed | Settled


# --- the end of a pass -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A picture that could not be kept yet, and when it will be tried again (None: never)."""

    url: str
    reason: str
    retry_at: datetime | None
    posts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """How it stands with an endpoint that is owed something, or was given up on."""

    endpoint: str
    owed: int
    dead: int
    next_at: datetime | None
    says: str  # what went wrong last, "" if nothing did


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a pass saw and did: counts of posts, pictures, documents and pushes."""

    unchanged: bool = False
    dry_run: bool = False
    seen: int = 0
    live: int = 0
    published: int = 0
    updated: int = 0
    removed: int = 0
    held: int = 0
    drafts: int = 0
    scheduled: int = 0
    expired: int = 0
    skipped: int = 0
    images_kept: int = 0
    images_failed: int = 0
    missing: tuple[Missing, ...] = ()
    documents: tuple[str, ...] = ()  # paths of the feeds written in this pass
    sent: int = 0
    owed: int = 0
    dead: int = 0
    lanes: tuple[Lane, ...] = ()
    wake: datetime | None = None  # when the next thing falls due: a push, a picture, a post
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0
