"""By what feeds select entries, and the safe names that values have in paths and addresses."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice, product

from syndicator.model import Entry, Facet, Selection, Site
from syndicator.publish.items import item
from syndicator.publish.text import line

FACETS: tuple[Facet, ...] = ("folder", "tag", "category", "author", "language", "source")
_LONGEST = 200  # characters of a value by which anything is selected
_MOST = 1000  # lists one entry is in, of those by the same facets
_JOINTS = re.compile(r"[\s_-]+")
_WORDS = re.compile(r"[^\W_]+")
_NAME = 80  # bytes of a value in a path
_MARK = re.compile(r"(?:^|-)[0-9a-f]{8}$")


def fold(value: str) -> str:
    """Return a value as it is compared: ``Open-Source`` and ``open source`` are one."""
    plain = unicodedata.normalize("NFKC", line(value)).casefold()
    return _JOINTS.sub(" ", plain).strip()[:_LONGEST].strip()


def slug(value: str) -> str:
    """Return a value as a part of a path: letters, digits and hyphens of any script.

    Values that differ when folded have names that differ: where something of one is lost, a mark
    made of the whole is added.
    """
    folded = fold(value)
    words = "--".join("-".join(_WORDS.findall(step)) for step in folded.split("/"))
    spelled = folded.replace(" ", "-").replace("/", "--")
    if words == spelled and len(words.encode()) <= _NAME and words and not _MARK.search(words):
        return words
    mark = sha256(folded.encode()).hexdigest()[:8]
    stem = words.encode()[:_NAME].decode("utf-8", "ignore").strip("-")
    return f"{stem}-{mark}" if stem else mark


def facet_values(entry: Entry, site: Site, facet: Facet) -> Sequence[str]:
    """Return the values an entry has of a facet, as written."""
    post = entry.post
    if facet == "folder":
        steps = post.path.split("/")[:-1]
        return ["/".join(steps[: end + 1]) for end in range(len(steps))]
    if facet == "category":
        return post.categories
    if facet == "source":
        return (post.source_name,)
    said = item(entry, site)
    if facet == "language":
        return (said.language or site.language,)
    return said.tags if facet == "tag" else said.authors


def lists(
    entry: Entry, site: Site, wanted: Iterable[tuple[Facet, ...]]
) -> Iterator[tuple[Selection, str]]:
    """Yield the selections by the ``wanted`` facets that an entry is in, each with its last value.

    That value is as the entry writes it.
    """
    for facets in wanted:
        each = [_folded(facet_values(entry, site, facet)) for facet in facets]
        for values in islice(product(*each), _MOST):
            chosen = tuple((facet, key) for facet, (key, _) in zip(facets, values, strict=True))
            yield chosen, values[-1][1]


def _folded(values: Iterable[str]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for value in values:
        if key := fold(value):
            found.setdefault(key, line(value))
    return list(found.items())
