"""What the verbs of ``syndicate archive`` find and do, as they tell it."""

from dataclasses import dataclass
from datetime import datetime

from syndicator.model.posts import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What an archive holds and how well; sizes in bytes, moments None for never."""

    root: str
    blobs: int
    size: int
    versions: int  # of posts: different bytes under all paths
    pictures: int
    evidence: int  # what came in place of pictures
    live: int  # posts that are published now
    missing: int  # pictures that are not kept yet
    damaged: tuple[str, ...]  # paths below the archive
    quarantined: int
    loose: int
    forgotten: int
    journal: int  # bytes of its files
    checked_at: datetime | None  # the last check, of whatever part
    oldest_check: datetime  # nothing was left unchecked since
    next_check: datetime  # from then on a running daemon checks the next share
    free: int  # on the disk the archive lies on


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A file that has its bytes again, and where they were found."""

    path: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a check or a repair found and put right; ``problems`` are those that are left."""

    shelves: int = 0
    files: int = 0
    size: int = 0
    damaged: tuple[str, ...] = ()  # paths below the archive, found by this check
    repaired: tuple[Mended, ...] = ()
    alarms: int = 0  # pushes that are owed for what could not be repaired
    lines: int = 0  # of the journal
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored:
    """What was done to bring a bucket to what the archive holds, or would be."""

    bucket: str
    dry_run: bool = False
    files: int = 0  # put into the bucket
    size: int = 0
    deleted: int = 0
    absent: tuple[str, ...] = ()  # kept files that neither has, or not well
    waiting: tuple[str, ...] = ()  # documents that are not as they were written
    whole: bool = False  # the bucket has all
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore brought from a bucket, or would."""

    bucket: str
    root: str
    dry_run: bool = False
    files: int = 0
    size: int = 0
    here: int = 0  # kept files that were there already
    lines: int = 0  # of the journal
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waste:
    """A blob that nothing refers to, and when it may go (None: it was not noted yet)."""

    name: str
    size: int
    what: str
    since: datetime | None
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What ``gc`` found: ``deleted`` of it went, with ``freed`` bytes."""

    waste: tuple[Waste, ...] = ()
    noted: int = 0  # found now for the first time: their time begins
    deleted: int = 0
    freed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """What ``forget`` would take away, or took (``done``)."""

    subject: str
    kind: str
    reason: str
    done: bool = False
    files: tuple[str, ...] = ()  # paths below the archive
    size: int = 0
    posts: tuple[str, ...] = ()  # ids that leave the feeds
    urls: tuple[str, ...] = ()  # pictures that are not asked for again
    remains: tuple[str, ...] = ()  # what a person should know stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One line of a post's history; ``digest`` is "" where no bytes belong to it."""

    at: datetime
    kind: str  # kept, published, updated, moved, revised, removed, draft, expired, forgotten
    path: str
    digest: str = ""
    size: int = 0
    seq: int = 0
    id: str = ""
    here: bool = False  # whether the bytes are in the archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How one version of a post became another, as the ``lines`` of ``diff -u``."""

    old: Stage
    new: Stage
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a kept file; ``gone`` says why it is not there, if it is not."""

    digest: str
    path: str  # below the archive
    media_type: str
    size: int
    width: int = 0
    height: int = 0
    gone: str = ""
    sources: tuple[str, ...] = ()  # content paths that had these bytes
    posts: tuple[str, ...] = ()  # ids of posts that stood so, or paths that want the picture
    urls: tuple[str, ...] = ()
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of asking for a picture again."""

    url: str
    plan: str
    says: str
    digest: str
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What ``reindex`` made: a database of ``lines`` of the journal and ``posts``."""

    lines: int
    seen: int
    live: int
    documents: tuple[str, ...]  # feeds whose bytes are others than before
    seconds: float
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote."""

    path: str
    files: int  # files of a bag, records of a WARC
    size: int  # bytes written
    skipped: tuple[str, ...] = ()  # files that are damaged or gone
