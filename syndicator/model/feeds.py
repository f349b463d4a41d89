"""What readers and receivers get: the last two stages."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NamedTuple, Protocol

from syndicator.model.pictures import Entry
from syndicator.model.posts import ChangeKind, Site
from syndicator.model.report import EndpointState


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something readers are to be told: the entry as it now is (or was, when removed)."""

    kind: ChangeKind
    entry: Entry
    at: datetime


Facet = Literal["folder", "tag", "category", "author", "language", "source"]
Selection = tuple[tuple[Facet, str], ...]  # what an entry must be in, as ``fold`` spells it
EVERYTHING: Final[Selection] = ()
Values = Callable[
    [Selection, Facet], Sequence[str]
]  # of the live posts of a selection, as written


class Entries(Protocol):
    """Live entries, newest first by date and then path, read lazily."""

    def __call__(self, limit: int, chosen: Selection = EVERYTHING, /) -> Iterator[Entry]:
        """Yield at most ``limit`` of those in a selection; 0 = all."""


class Part(NamedTuple):
    """A part of the history: entries published in a month, of which each came there as the nth.

    Part ``number`` holds those from ``number * size`` on, ``size`` places in all. The month is
    that of the entry's date as it is written, "2020-11"; neither it nor the place ever changes.
    """

    month: str
    number: int
    size: int


class History(Protocol):
    """What was published when, in parts that new entries leave as they are; asked lazily."""

    whole: bool  # every document is to be made anew
    damaged: bool  # files were changed by somebody else: each is to be looked at

    def parts(self, chosen: Selection, size: int) -> Iterable[Part]:
        """Tell the parts that hold a live entry, newest first."""

    def before(self, chosen: Selection, part: Part | None, size: int) -> Part | None:
        """Tell the next older part that holds a live entry; of None, the newest."""

    def after(self, chosen: Selection, part: Part) -> Part | None:
        """Tell the next newer part that holds a live entry."""

    def entries(self, chosen: Selection, part: Part) -> Iterator[Entry]:
        """Yield the live entries of a part, newest first."""

    def head(self, chosen: Selection, limit: int, last: Part | None) -> Iterator[Entry]:
        """Yield all entries of the part ``last``, and the newest others up to ``limit``."""

    def count(self, chosen: Selection, part: Part) -> int:
        """Tell how many live entries a part holds."""

    def exceeds(self, chosen: Selection, limit: int) -> bool:
        """Tell whether a selection has more than ``limit`` live entries."""

    def touched(self, chosen: Selection, size: int) -> Mapping[Part, int]:
        """Tell how many entries came, went or changed since documents were written, by part."""

    def renamed(self, chosen: Selection) -> bool:
        """Tell whether its last value is written otherwise than in the documents."""

    def left(self, chosen: Selection, facet: Facet) -> Sequence[str]:
        """Tell the values that the last live entry of a selection has just lost."""

    def removed(self, limit: int) -> Iterable[tuple[str, datetime]]:
        """Tell the ids of the entries removed last, and when, newest first."""

    def any_removed(self) -> bool:
        """Tell whether an entry was removed since the documents were written."""

    def written(self, path: str) -> bool:
        """Tell whether there is a document, of whatever bytes."""

    def stands(self, path: str) -> bool:
        """Tell whether a document is on the disk as it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A feed that readers can subscribe to: its first document, without pages and archives."""

    path: str  # below archive/public
    title: str
    url: str
    media_type: str
    type: str  # "rss", "atom", "json": the publisher's
    chosen: Selection = EVERYTHING
    language: str = ""  # empty where it is the site's
    variant: Literal["", "summaries", "Markdown"] = ""  # what it tells less, or more, than others


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What readers get now.

    ``feeds`` are all there are, in the order of the configuration, those of one ``per`` by path.
    """

    site: Site
    entries: Entries
    changes: Callable[[str], Iterable[Change]]  # changes(endpoint): what it has not been told yet
    values: Values
    history: History
    feeds: tuple[Announced, ...] = ()
    companions: tuple[Announced, ...] = ()  # what is about them: the page, the list
    generator: str = "syndicator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """This file below archive/public should read so."""

    path: str
    media_type: str
    body: bytes
    seldom: bool = False  # it is read once, not polled: its copies may be larger, and cost less


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """No document should lie here below archive/public any more."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request of one attempt; address, headers and body may be secrets: none shows."""

    url: str = field(repr=False)
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    most: int = 16 * 1024  # bytes that are read of the answer
    login: bool = False  # its answer is a secret too


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """This is owed; equal keys at one endpoint are one notice, however often said.

    What is said is frozen here (``body``, text in UTF-8); whom it goes to, and signed how, is
    decided at each attempt; so are the words where none could be made (``UNWORDED``). ``replaces``
    names the older notices about the same subject, of the same endpoint, that need not be sent any
    more once there is this one: none, those that were never tried, or all that are not settled (a
    ping, which carries nothing).
    """

    key: str
    endpoint: str
    kind: str
    subject: str  # the entry's id, or what else this is about; what must stay in order
    seq: int
    at: datetime
    body: bytes
    media_type: str = "application/json"
    replaces: Literal["nothing", "untried", "unsettled"] = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A delivery that is due: the message as it was frozen, and how often it was tried before."""

    delivery: int
    message: str  # the webhook-id, and the idempotency key wherever a receiver knows one
    endpoint: str
    kind: str
    subject: str
    body: bytes
    attempts: int
    seq: int = 0
    since: datetime | None = None  # it has been waiting: it was owed, or let go again
    media_type: str = "application/json"
    remote: str = ""  # what the receiver calls what it made of an earlier message on this subject
    interrupted: int = 0  # nobody knows how its last attempt ended: see ``Finished``

    @property
    def nth(self) -> tuple[int, int]:
        """Which attempt it is for: of which delivery, after how many others."""
        return self.delivery, self.attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What an endpoint is handed for one attempt at a parcel, and is not to keep."""

    at: datetime
    n: int  # counts from 1
    secret: str = field(default="", repr=False)  # as it is kept: keys, a token, an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that was never sent yet: the pictures of its post are on their way."""

    message: str
    endpoint: str
    subject: str
    seq: int
    at: datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """By which to ask ``url`` for other bytes than those it gave before (RFC 9110, 8.8)."""

    url: str
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: status, chosen headers (lower-case names), the bytes read, the hops."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str  # the last one asked
    chain: tuple[str, ...] = ()  # the URLs asked before it
    retry_after: float = 0.0  # seconds we were asked to wait (RFC 9110, 10.2.3), 0 if not
    peer: str = ""  # the address that was dialled, and its port: the proxy's, where there is one


Means = Literal["done", "again", "refused", "dead", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an attempt, as its endpoint judges it.

    ``done``: acknowledged. ``again``: the endpoint failed, whatever it was sent. ``refused``: it
    took exception to this message, and may think otherwise later. ``dead``: this message will
    never be taken. ``gone``: the endpoint wants nothing any more.
    """

    means: Means
    says: str = ""
    wait: float = 0.0  # seconds it asked for before the next attempt
    busy: bool = False  # it asked for a pause, whatever it is sent
    alarm: bool = False  # a person should hear of it at once
    unknown: bool = False  # it may have taken the message: no answer came
    status: int = 0  # of HTTP, 0 for none
    remote: str = ""  # what the receiver calls what it made of this, "" for nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How an endpoint has been answering lately, and whether it is asked at all."""

    state: EndpointState = "active"
    streak: int = 0  # failures in a row
    since: datetime | None = None  # the first of them
    until: datetime | None = None  # it is left alone until then
    says: str = ""  # what a person should look at; "" for nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an attempt means for its delivery."""

    state: Literal["done", "again", "dead"]
    at: datetime | None = None  # when to try again
    says: str = ""
    remote: str = ""  # what the receiver calls what it made of it
