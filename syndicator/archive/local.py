"""Pictures that lie on this disk: within their post, beside it, or below a root of the site.

A picture under the address of a public copy is that copy: what was published once is not fetched
from ourselves.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from syndicator.archive.capture import Came
from syndicator.archive.sniff import Picture, judge
from syndicator.doors import files
from syndicator.doors.files import Stat
from syndicator.errors import Failed
from syndicator.model.pictures import Want
from syndicator.model.records import Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """Where the site's own files lie."""

    content: Path
    static: tuple[Path, ...]
    media: Path | None = None  # the public copies, and
    media_url: str = ""  # the address under which readers get them


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The file a picture was read from, if any, and every place that was looked at."""

    file: Path | None
    looked: tuple[tuple[str, Stat], ...]


def find(want: Want, roots: Roots) -> Found:
    """Look for a picture's file: beside its posts first, then below the static roots in order.

    And at last among the public copies, if that is what its address says.
    """
    looked = []
    for root, relative in _places(want, roots):
        file = files.within(root, relative)
        looked.append((str(root / relative), files.stat(file) if file else files.GONE))
        if file is not None:
            return Found(file=file, looked=tuple(looked))
    return Found(file=None, looked=tuple(looked))


def _places(want: Want, roots: Roots) -> Iterator[tuple[Path, str]]:
    for relative in want.beside:
        yield roots.content, relative
    for root in roots.static:
        for relative in want.static:
            yield root, relative
    if roots.media and roots.media_url and want.url.startswith(roots.media_url):
        yield roots.media, want.url.removeprefix(roots.media_url)


def inline(want: Want, at: datetime) -> Came:
    """Judge a picture that stands within a post; what is wrong with it is the author's to mend."""
    return _judged(want, "data:", base64.b64decode(want.inline), at)


def capture(want: Want, file: Path, limit: int, at: datetime) -> Came:
    """Judge a file; what is wrong with it is the author's to mend, so no time is set for it.

    The file is looked at again when it changes.
    """
    name = str(file)
    try:
        data, _ = files.read(file, limit)
    except Failed as error:
        return Came(_lost(want, name, error.says, at))
    if len(data) > limit:
        says = f"larger than {limit} bytes ([network] max_image_bytes)"
        return Came(_lost(want, name, says, at))
    return _judged(want, name, data, at)


def _judged(want: Want, name: str, data: bytes, at: datetime) -> Came:
    verdict = judge(data)
    if not isinstance(verdict, Picture):
        return Came(_lost(want, name, f"{verdict.reason} ({name})", at))
    kept = Capture(
        at=at,
        url=want.url,
        written=want.written,
        came_from=name,
        digest=sha256(data).hexdigest(),
        media_type=verdict.media_type,
        extension=verdict.extension,
        size=len(data),
        width=verdict.width,
        height=verdict.height,
        tries=want.tries + 1,
        posts=want.posts,
    )
    return Came(kept, data, verdict)


def _lost(want: Want, name: str, reason: str, at: datetime) -> Capture:
    return Capture(
        at=at,
        url=want.url,
        written=want.written,
        came_from=name,
        reason=reason,
        plan="suspect",
        tries=want.tries + 1,
        posts=want.posts,
    )
