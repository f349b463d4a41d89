"""The end of a pass: what it saw and did."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from syndicator.model.posts import Problem

EndpointState = Literal["active", "paused", "disabled"]
# the media type of a notice that could not be worded: its body is what its words are made of
UNWORDED: Final = "application/x.syndicator-unworded+json"
TEMPLATE_FAILS: Final = "its template fails: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A picture that its source does not give, and when it is asked for again (None: never).

    ``plan`` is that of ``Capture``, or ``waiting`` while its host is left alone as a whole.
    """

    url: str
    reason: str
    plan: str
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
    state: EndpointState = "active"
    alarm: str = ""  # what a person should look at, "" for nothing
    held: int = 0  # what waits for a person to confirm it


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the daemon does again and again, and what came of it last."""

    name: str  # pass, check, heartbeat
    at: datetime  # when it ended last
    good_at: datetime | None  # when it ended well last
    result: str  # ok, failed
    says: str  # why it failed
    failures: int  # in a row
    seconds: float
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A job or an endpoint that fails, and that whoever wants to know was told of."""

    kind: str  # job, endpoint
    name: str
    at: datetime  # when it was told
    failures: int  # in a row, then
    says: str  # why it failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """How it stands with an endpoint that is configured."""

    name: str
    state: EndpointState
    streak: int  # failures in a row
    until: datetime | None  # it is left alone until then
    says: str  # what a person should look at, "" for nothing
    owed: int
    dead: int
    held: int  # what waits for a person to confirm it
    next_at: datetime | None
    tried_at: datetime | None = None  # the last attempt
    status: int = 0  # of its answer, 0 for none
    error: str = ""


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
    images_checked: int = 0  # kept ones whose source was looked at
    images_left: int = 0  # wanted, and not asked for in this pass
    missing: tuple[Missing, ...] = ()  # not kept yet
    outlived: tuple[Missing, ...] = ()  # kept, and their source gives something else by now
    documents: tuple[str, ...] = ()  # paths of the feeds written in this pass
    sent: int = 0
    owed: int = 0
    dead: int = 0
    lanes: tuple[Lane, ...] = ()
    subscribers: int = 0  # of the built-in hub, as ``status`` finds them
    subscribers_failing: int = 0  # of them: took nothing when they were sent something last
    jobs: tuple[Job, ...] = ()  # of a daemon, if there was one
    alerts: tuple[Alert, ...] = ()  # what was told to fail, and does still
    receivers: tuple[Receiver, ...] = ()  # all endpoints, as ``status`` finds them
    checked_at: datetime | None = None  # a share of the archive, as ``status`` finds it
    free: int = 0  # bytes on the disk of the archive, as ``status`` finds it
    version: str = ""  # of the program, where ``status`` tells it
    wake: datetime | None = None  # when the next thing falls due: a push, a picture, a post
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0
