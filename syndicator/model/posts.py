"""What is found and what it says: the first two stages."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, NamedTuple

Severity = Literal["error", "warning", "info"]
Standing = Literal["post", "draft", "held", "skipped"]
State = Literal["published", "draft", "scheduled", "expired", "held", "skipped"]
ChangeKind = Literal["published", "updated", "removed"]
TraitKind = Literal["name", "bytes", "title", "summary", "source", "address", "redirect", "link"]

# the labels of the lines at the end of a text that name its source, in any case
TRAILER: Final = ("Date", "Source", "日期", "來源", "来源")

# the words, each after a colon, of which a post's address can be made: Jekyll's, Hexo's, Hugo's
PERMALINK_WORDS: Final = frozenset(
    {
        *("year", "month", "day", "hour", "minute", "second", "i_month", "i_day", "short_month"),
        *("long_month", "monthname", "short_year", "y_day", "yearday", "w_year", "week", "w_day"),
        *("short_day", "long_day", "weekday", "weekdayname", "title", "slug", "name", "path"),
        *("collection", "categories", "slugified_categories", "category", "output_ext"),
        *("post_title", "section", "sections", "filename", "slugorfilename", "slugortitle"),
        *("contentbasename", "slugorcontentbasename"),
    }
)


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
class Channel:
    """What every feed says of itself; addresses are absolute, and "" is none."""

    icon: str = ""  # a square picture
    logo: str = ""  # a picture twice as wide as high (RFC 4287, 4.2.8)
    favicon: str = ""
    rights: str = ""
    license: str = ""  # address of the licence
    ttl: int = 60  # minutes until a reader should ask again; 0: not told
    hubs: tuple[str, ...] = ()  # WebSub
    stylesheet: bool = True  # whether feeds name one, for browsers
    tag_page: str = ""  # address of the page of a tag, with {tag} or {slug} in it
    sources: tuple[tuple[str, str], ...] = ()  # name of a source, and the address of its feed


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
    permalinks: tuple[tuple[str, str], ...] = ()  # pattern of addresses by folder; "" = root
    markdown: bool = False  # whether a feed tells posts as they were written
    channel: Channel = Channel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file as it was found; ``path`` is relative to the content root, with forward slashes."""

    path: str
    data: bytes
    digest: str
    modified: datetime
    beside: Container[str] = frozenset()  # names in its folder, its own among them


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRef:
    """A picture a post refers to, and where it may be found."""

    url: str  # absolute; what a capture is filed under, and what stands in Post.html
    written: str  # byte for byte as the author wrote it; of a data: URL the beginning
    inline: str = ""  # its bytes in base64, when it stands within the post itself
    beside: str = ""  # path below the content root, when it may be a file beside the post
    static: str = ""  # path below a static root, when it may be a file of the site
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRef:
    """A link to the Markdown file of another post, and the address that it was taken for."""

    path: str  # of that file, below the content root
    url: str  # absolute
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
    tags: tuple[str, ...] = ()  # categories among them
    categories: tuple[str, ...] = ()
    language: str = ""
    redirects: tuple[str, ...] = ()  # old addresses of the post, absolute
    canonical: str = ""  # absolute; where else the same text has its home
    source_url: str = ""  # absolute; what the post is about, or was taken from
    declared_id: str = ""  # the front matter's own id, guid or uuid, as written
    title_html: str = ""  # sanitised inline HTML, only where the title holds tags
    lead: ImageRef | None = None  # the front matter's picture
    images: tuple[ImageRef, ...] = ()  # every picture, the lead first, each URL once
    links: tuple[LinkRef, ...] = ()  # to files of other posts, each address once
    markdown: str = ""  # the text as written, without front matter and trailer; if the site asks
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
    declared: str = ""  # the id its front matter gave


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What another feed told of a post before it was published here."""

    id: str
    published: datetime | None = None
    updated: datetime | None = None


class Trait(NamedTuple):
    """Something by which a file may be like others: those of one kind and key are a group."""

    kind: TraitKind
    key: str
    path: str
    rank: int = 0  # the first of a group, by rank and then path, is never blamed; a link's line
    value: str = ""  # what the problem is about, or what excuses it
