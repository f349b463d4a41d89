"""What is kept of pictures, and a post together with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syndicator.model.posts import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a picture's URL showed last: the bytes, what came of them, and how to ask for others.

    ``digest``, ``etag`` and ``modified`` are those of the last bytes that came, of whatever kind;
    ``plan`` and ``reason`` those of the last attempt that was recorded.
    """

    digest: str = ""
    etag: str = ""
    modified: str = ""
    plan: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A host that is left alone as a whole: it gave no answer, or asked for it."""

    host: str
    since: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A picture some post refers to that is to be asked for now; ``tries`` were made before."""

    url: str  # absolute; what the capture is filed under
    written: str = ""  # as the author wrote it
    posts: tuple[str, ...] = ()  # paths of the posts
    tries: int = 0
    beside: tuple[str, ...] = ()  # where it may lie below the content root
    static: tuple[str, ...] = ()  # where it may lie below a static root
    inline: str = ""  # its bytes in base64, when it stands within a post
    copy: "Asset | None" = None  # the copy there is; its digest is that of the blob
    shown: Shown = Shown()
    around: datetime | None = None  # when the first post with it was published

    @property
    def kept(self) -> str:
        """The digest of the copy there is, "" for none."""
        return self.copy.digest if self.copy else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A kept picture as readers get it; width and height in pixels as shown, 0 if unknown."""

    digest: str  # of what readers get, which need not be all that was kept
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
