"""What only a comparison shows: posts that are alike, files whose names are, old addresses.

Each file has traits; those of one kind and key are a group, and the first of a group is never
blamed. ``check`` compares all traits it finds; a pass those of groups that something joined or
left.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Final
from urllib.parse import urljoin

from syndicator.model.posts import Candidate, Problem, Severity, State, Trait, TraitKind

Group = tuple[TraitKind, str]  # kind and key of its traits

_NOT_LETTERS = re.compile(r"[\W_]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OUT = frozenset({"held", "expired"})
# what old addresses and links are compared with, and the other way round
LED_BY: Final[Mapping[TraitKind, TraitKind]] = MappingProxyType(
    {"redirect": "address", "link": "address"}
)
LEADS: Final[Mapping[TraitKind, Sequence[TraitKind]]] = MappingProxyType(
    {"address": ("redirect", "link")}
)


def name(path: str) -> Trait:
    """Return the trait of a file, whatever it says."""
    return Trait(kind="name", key=unicodedata.normalize("NFC", path).casefold(), path=path)


def traits(one: Candidate, state: State | None, home: str) -> list[Trait]:
    """Return what a post is compared by; of one that is in no feed, and will be in none, nothing.

    ``home`` is the URL of the site.
    """
    post = one.post
    if one.standing != "post" or post is None or state in _OUT:
        return []
    rank = (post.published - _EPOCH) // timedelta(microseconds=1)

    def trait(kind: TraitKind, key: str, value: str, rank: int = rank) -> Trait:
        return Trait(kind=kind, key=key, rank=rank, path=one.path, value=value)

    summary = post.summary.casefold().encode("utf-8", "replace")
    made = [
        trait("bytes", one.source, ""),
        trait("title", post.title.casefold(), one.source),
        trait("summary", sha256(summary).hexdigest() if summary else "", one.source),
        trait("source", _NOT_LETTERS.sub("", post.source_name).casefold(), post.source_name),
        trait("address", post.url.rstrip("/"), ""),
        *(trait("redirect", urljoin(home, old).rstrip("/"), old) for old in post.redirects),
        *(trait("link", to.url.rstrip("/"), to.path, to.line) for to in post.links),
    ]
    return list({(one.kind, one.key): one for one in made if one.key}.values())


def judge(one: Trait, first: Trait | None) -> Problem | None:
    """Tell what is wrong with a post beside the leader of its group, if anything."""
    if one.kind == "link":
        return None if first and first.path == one.value else _astray(one, first)
    if first is None:
        return None
    if one.kind == "source":
        return None if one.value == first.value else _spelling(one, first)
    if one.path == first.path or (one.value and one.value == first.value):
        return None
    code, says, hint, severity = _WORDS[one.kind]
    return Problem(
        path=one.path,
        code=code,
        says=says.format(first.path, one.value),
        hint=hint,
        severity=severity,
    )


# of two posts of the same bytes their titles and summaries are not told of too
_WORDS: Final[Mapping[TraitKind, tuple[str, str, str, Severity]]] = MappingProxyType(
    {
        "name": (
            "URL008",
            "but for capitals or accents its name is that of {}",
            "rename one of the two: some disks and servers take them for one",
            "warning",
        ),
        "bytes": ("URL009", "byte for byte the same as {}", "delete one of the two", "warning"),
        "title": (
            "TXT005",
            "the title is that of {} too",
            "give each its own: readers see titles only",
            "warning",
        ),
        "summary": ("TXT003", "the summary is that of {} too", "write one of its own", "warning"),
        "redirect": (
            "URL010",
            "the old address {1} is where {0} is published",
            "take it out of the redirects, or move the other post",
            "info",
        ),
    }
)


def _spelling(one: Trait, usual: Trait) -> Problem:
    return Problem(
        path=one.path,
        code="TXT014",
        says=f"the source is spelt {one.value!r} here, {usual.value!r} elsewhere",
        hint="spell it the same everywhere",
        severity="info",
    )


def _astray(one: Trait, first: Trait | None) -> Problem:
    there = f"where {first.path} is" if first else "where no post is"
    return Problem(
        path=one.path,
        line=one.rank,
        code="MD008",
        says=f"the link to {one.value} leads to {one.key}, {there}",
        hint="write the address its front matter names; a draft, or one held back, has none yet",
        severity="warning",
    )


def compare(every: Iterable[Trait]) -> Iterator[Problem]:
    """Yield what is wrong between all files and posts of a site."""
    groups: dict[Group, list[Trait]] = defaultdict(list)
    for one in every:
        groups[one.kind, one.key].append(one)
    for (kind, key), some in groups.items():
        if kind != "address":
            led = groups.get((LED_BY.get(kind, kind), key))
            first = leader(led) if led else None
            yield from (found for one in some if (found := judge(one, first)))


def leader(group: Sequence[Trait]) -> Trait:
    """Return the first of a group; of sources, one that is spelt as most are."""
    if group[0].kind != "source":
        return min(group, key=lambda one: (one.rank, one.path))
    count = Counter(one.value for one in group)
    ranks: dict[str, int] = {}
    for one in group:
        ranks[one.value] = min(one.rank, ranks.get(one.value, one.rank))
    usual = min(count, key=lambda value: (-count[value], ranks[value], value))
    return next(one for one in group if one.value == usual)


def waiting(one: Candidate, state: State | None) -> Iterator[Problem]:
    """Yield why a post is not in the feeds yet, or no more."""
    if one.post is not None and state == "scheduled":
        yield Problem(
            path=one.path,
            code="DATE007",
            says=f"its date is still to come: {one.post.published.isoformat()}",
            hint="it is published then; if it was meant for now, correct the date",
            severity="info",
        )
    elif one.post is not None and state == "expired" and one.post.expires is not None:
        yield Problem(
            path=one.path,
            code="DATE010",
            says=f"it expired: {one.post.expires.isoformat()}",
            hint="it is not in the feeds; if it is still wanted, correct the date",
            severity="info",
        )
