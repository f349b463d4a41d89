"""What a published file is: its media type, for readers and for browsers, and how it is treated.

A document is known by what it says, not by its name alone: any publisher may call its feed
``news.xml``.
"""

import re
from dataclasses import dataclass
from typing import Literal

from syndicator.publish.snippets import FEED, MEDIA, PAGE

Group = Literal["feed", "page", "media", "other"]
UTF8 = b"; charset=utf-8"
_POLICIES: dict[Group, bytes] = {
    "feed": FEED.encode(),
    "page": PAGE.encode(),
    "media": MEDIA.encode(),
    "other": b"default-src 'none'; frame-ancestors 'none'",
}
_ROOT = re.compile(  # the first element of an XML document, past declaration, comments, styling
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL
)
_JSON_FEED = re.compile(rb'"version"\s*:\s*"https://jsonfeed\.org/version/')
_HEAD = 4096  # bytes in which a document says what it is
_XML = {
    b"rss": b"application/rss+xml",
    b"feed": b"application/atom+xml",
    b"RDF": b"application/rss+xml",
}
_TYPES: dict[str, tuple[bytes, Group]] = {
    "html": (b"text/html" + UTF8, "page"),
    "css": (b"text/css" + UTF8, "other"),
    "js": (b"text/javascript" + UTF8, "other"),
    "txt": (b"text/plain" + UTF8, "other"),
    "json": (b"application/json", "other"),
    "xml": (b"application/xml" + UTF8, "other"),
    "opml": (b"text/x-opml" + UTF8, "other"),
    "webmanifest": (b"application/manifest+json", "other"),
    "svg": (b"image/svg+xml", "media"),
    "png": (b"image/png", "media"),
    "jpg": (b"image/jpeg", "media"),
    "jpeg": (b"image/jpeg", "media"),
    "gif": (b"image/gif", "media"),
    "webp": (b"image/webp", "media"),
    "avif": (b"image/avif", "media"),
    "ico": (b"image/x-icon", "media"),
    "mp3": (b"audio/mpeg", "media"),
    "m4a": (b"audio/mp4", "media"),
    "mp4": (b"video/mp4", "media"),
    "pdf": (b"application/pdf", "other"),
    "gz": (b"application/gzip", "other"),
    "zst": (b"application/zstd", "other"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a file is told to whoever asks."""

    group: Group
    reader: bytes  # the media type for programs
    page: bytes  # the media type for a browser that shows it
    policy: bytes  # Content-Security-Policy


def kind(path: str, head: bytes) -> Kind:
    """Tell what a file is, by its name and its first bytes."""
    ending = path.rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""
    media_type, group = _TYPES.get(ending, (b"application/octet-stream", "other"))
    page = media_type
    if ending in {"xml", "rss", "atom", "opml"}:
        found = _ROOT.match(head[:_HEAD])
        root = found[1] if found else b""
        if root in _XML:  # browsers style what is plain XML to them, and save other types
            media_type, group, page = _XML[root] + UTF8, "feed", b"application/xml" + UTF8
        elif root == b"opml":
            media_type = page = b"text/x-opml" + UTF8
    elif ending == "json" and _JSON_FEED.search(head[:_HEAD]):
        media_type, group, page = b"application/feed+json" + UTF8, "feed", b"application/json"
    return Kind(group=group, reader=media_type, page=page, policy=_POLICIES[group])
