"""The journal: one value a line; from these the database can be rebuilt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from syndicator.model.custody import Checked, Collected, Damaged, Forgotten, Loose, Repaired
from syndicator.model.posts import Severity
from syndicator.model.report import EndpointState


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
    declared: str = ""  # the id its front matter gives, or gave


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The post at an address has, from its first version on, the id another feed gave it.

    With ``was`` it had an id of its own already, and gave that up.
    """

    at: datetime
    address: str  # as ``publish.adoption.plain`` spells it
    id: str
    published: datetime | None = None
    updated: datetime | None = None
    source: str = ""  # the file or URL of that feed
    was: str = ""


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
class Copy:
    """What readers get of a kept picture from now on: its very bytes, or less than those."""

    at: datetime
    digest: str  # of the kept bytes
    extension: str
    public: str  # digest of what readers get; the same where that is the very bytes
    size: int  # of what readers get
    without: tuple[str, ...] = ()  # what they don't get, in words
    rules: int  # the version of the rules it was made by; higher ones may leave out more

    @property
    def name(self) -> str:
        """The file name under which readers get it."""
        return self.public + self.extension


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """An endpoint was configured; it hears of nothing before this."""

    at: datetime
    endpoint: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A notice an endpoint must get; the bytes are frozen here.

    While it waits for pictures (``not_before``), and only then, a second line may replace it.
    """

    at: datetime
    message: str  # the webhook-id
    key: str
    endpoint: str
    kind: str
    subject: str
    seq: int
    body: str
    media_type: str = "application/json"
    held: bool = False  # one of many at once: it waits for a person to confirm it
    not_before: datetime | None = None  # the first attempt: its post's pictures are on their way


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A notice was acknowledged or given up, replaced by a newer one, or called off."""

    at: datetime
    message: str
    endpoint: str
    verdict: Literal["done", "dead", "superseded", "cancelled"]
    status: int
    says: str = ""
    remote: str = ""  # what the receiver calls what it made of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    """A notice is to be sent (again): it was given up, called off, acknowledged, or held."""

    at: datetime
    message: str
    endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An attempt at what must not come twice is about to be made (``begun``), or never left."""

    at: datetime
    message: str
    endpoint: str
    state: Literal["begun", "unsent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """From now on an endpoint is asked (``active``) or not; what it is owed is kept."""

    at: datetime
    endpoint: str
    state: EndpointState
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """A job or an endpoint failed so often in a row that a person is to hear of it, once.

    Or it goes well again (``recovered``), after it was told to fail at ``began``.
    """

    at: datetime
    kind: Literal["job", "endpoint"]
    name: str
    state: Literal["failing", "recovered"]
    failures: int  # in a row, when that was told
    says: str = ""  # why it failed last
    began: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A problem as the journal has it: enough to find it again, without advice."""

    code: str
    line: int = 0
    column: int = 0
    severity: Severity = "error"
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What is wrong with a file from now on: all of it; nothing where all is well again."""

    at: datetime
    path: str
    problems: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Readers' documents follow all that was said before; those that changed or are no more."""

    at: datetime
    accepted: str = ""  # configuration and program that made them; "" where a publisher failed
    documents: Mapping[str, str] = field(default_factory=dict)  # digests by path
    gone: tuple[str, ...] = ()


Record = (
    Kept
    | Adopted
    | Version
    | Removal
    | Capture
    | Copy
    | Joined
    | Owed
    | Settled
    | Reopened
    | Tried
    | Switched
    | Alerted
    | Noted
    | Checked
    | Damaged
    | Repaired
    | Loose
    | Collected
    | Forgotten
    | Written
)
