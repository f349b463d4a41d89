"""What only a comparison shows: posts that are alike, files whose names are, old addresses."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urljoin

from syndicator.model import Post, Problem, Severity

_NOT_LETTERS = re.compile(r"[\W_]+")


class Facts(NamedTuple):
    """What is compared of a post, small enough to hold for every post of a site."""

    path: str
    digest: str  # of the file's bytes
    url: str
    title: str
    summary: bytes  # SHA-256 of its letters, b"" for none
    source_name: str
    redirects: tuple[str, ...]


def facts(post: Post, digest: str) -> Facts:
    """Return what is compared of a post, read from bytes of this digest."""
    summary = post.summary.casefold()
    return Facts(
        path=post.path,
        digest=digest,
        url=post.url,
        title=post.title.casefold(),
        summary=sha256(summary.encode("utf-8", "replace")).digest() if summary else b"",
        source_name=post.source_name,
        redirects=post.redirects,
    )


def compare(files: Iterable[str], posts: Sequence[Facts], home: str) -> Iterator[Problem]:
    """Yield what is wrong between files and posts; the first of several alike is never blamed.

    ``files`` are the paths of all, ``posts`` those fit for publishing in the order in which they
    appeared, ``home`` is the URL of the site.
    """
    yield from _case(files)
    yield from _copies(posts)
    unlike = list({one.digest: one for one in reversed(posts)}.values())[::-1]  # URL009 says it
    yield from _same(
        unlike,
        lambda one: one.title,
        "TXT005",
        "the title is that of {} too",
        "give each its own: readers see titles only",
    )
    yield from _same(
        unlike,
        lambda one: one.summary,
        "TXT003",
        "the summary is that of {} too",
        "write one of its own",
    )
    yield from _spellings(posts)
    yield from _redirects(posts, home)


def _case(files: Iterable[str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for path in sorted(files):
        other = first.setdefault(unicodedata.normalize("NFC", path).casefold(), path)
        if other != path:
            yield _problem(
                path,
                "URL008",
                f"but for capitals or accents its name is that of {other}",
                "rename one of the two: some disks and servers take them for one",
            )


def _copies(posts: Iterable[Facts]) -> Iterator[Problem]:
    yield from _same(
        posts,
        lambda one: one.digest,
        "URL009",
        "byte for byte the same as {}",
        "delete one of the two",
    )


def _same(
    posts: Iterable[Facts],
    key: Callable[[Facts], str | bytes],
    code: str,
    says: str,
    hint: str,
) -> Iterator[Problem]:
    first: dict[str | bytes, str] = {}
    for one in posts:
        known = key(one)
        if known and (other := first.setdefault(known, one.path)) != one.path:
            yield _problem(one.path, code, says.format(other), hint)


def _spellings(posts: Iterable[Facts]) -> Iterator[Problem]:
    """Yield the posts that spell a source otherwise than most; of equals, than the first."""
    groups: dict[str, list[Facts]] = defaultdict(list)
    for one in posts:
        if letters := _NOT_LETTERS.sub("", one.source_name).casefold():
            groups[letters].append(one)
    for group in groups.values():
        (usual, count), *others = Counter(one.source_name for one in group).most_common()
        for one in group if others else ():
            if one.source_name != usual:
                elsewhere = f"in {count} other posts" if count > 1 else "in another post"
                yield _problem(
                    one.path,
                    "TXT014",
                    f"the source is spelt {one.source_name!r} here, {usual!r} {elsewhere}",
                    "spell it the same everywhere",
                    "info",
                )


def _redirects(posts: Sequence[Facts], home: str) -> Iterator[Problem]:
    live = {one.url.rstrip("/"): one.path for one in posts}
    for one in posts:
        for written in one.redirects:
            other = live.get(urljoin(home, written).rstrip("/"), one.path)
            if other != one.path:
                yield _problem(
                    one.path,
                    "URL010",
                    f"the old address {written} is where {other} is published",
                    "take it out of the redirects, or move the other post",
                    "info",
                )


def _problem(
    path: str, code: str, says: str, hint: str, severity: Severity = "warning"
) -> Problem:
    return Problem(path=path, code=code, says=says, hint=hint, severity=severity)
