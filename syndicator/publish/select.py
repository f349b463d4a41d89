"""By what feeds select entries."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

from syndicator.model.feeds import Facet, Selection
from syndicator.model.pictures import Entry
from syndicator.model.posts import Site
from syndicator.publish.items import item
from syndicator.publish.slug import fold
from syndicator.publish.text import line

FACETS: tuple[Facet, ...] = ("folder", "tag", "category", "author", "language", "source")
_MOST = 1000  # lists one entry is in, of those by the same facets


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
