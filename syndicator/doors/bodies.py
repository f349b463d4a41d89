"""What a file says as the database takes it, made without the ORM: in the process that read it."""

import sys
from datetime import datetime
from functools import cache
from typing import NamedTuple

from pydantic import TypeAdapter

from syndicator.doors.hosts import host
from syndicator.model.posts import Post, Reading, Source, Standing

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_POST = TypeAdapter(Post)


class Said(NamedTuple):
    """What came of a source; without a ``body`` there is no post."""

    path: str
    source: str  # digest of the bytes
    modified: datetime
    standing: Standing
    body: bytes | None  # the post, as ``pack`` writes it
    published: datetime | None
    expires: datetime | None
    uses: tuple[tuple[str, ...], ...]  # pictures: url, written, beside, static, inline, host


def said(source: Source, reading: Reading) -> Said:
    """Write for the database what a source says."""
    post = reading.post
    return Said(
        source.path,
        source.digest,
        source.modified,
        reading.standing,
        pack(post) if post else None,
        post.published if post else None,
        post.expires if post else None,
        uses(post) if post else (),
    )


def uses(post: Post) -> tuple[tuple[str, ...], ...]:
    """Return the pictures that a post refers to, as ``Said`` has them."""
    return tuple(
        (one.url, one.written, one.beside, one.static, one.inline, host(one.url))
        for one in post.images
    )


def pack(post: Post) -> bytes:
    """Write a post for the database: JSON, compressed."""
    writer = _writer()
    return writer.compress(_POST.dump_json(post), writer.FLUSH_FRAME)


def unpack(body: bytes) -> Post:
    """Read a post that ``pack`` wrote."""
    return _POST.validate_json(zstd.decompress(body))


@cache
def _writer() -> zstd.ZstdCompressor:
    return zstd.ZstdCompressor(level=1)  # to make one costs more than to compress a post
