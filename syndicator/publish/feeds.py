"""RSS and Atom through feedgen: entries one by one, so that none harms a feed.

feedgen's public API builds the tree; ``extension`` puts right what it lacks or does wrong.
"""

from collections.abc import Callable, Iterator
from html import escape
from typing import Protocol

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from syndicator.model.pictures import Entry
from syndicator.model.posts import Problem, Site
from syndicator.publish.extension import NAME, NEVER, Channel, Extra
from syndicator.publish.items import Item, body, measured, tag_page
from syndicator.publish.papers import Paper
from syndicator.publish.text import clean, language, line


class Dressed(Protocol):
    """How a format finishes a feed."""

    def __call__(self, made: FeedGenerator, /) -> bytes:
        """Return its bytes."""


def build(
    paper: Paper, site: Site, generator: str, feed_id: str, write: Dressed
) -> Iterator[bytes | Problem]:
    """Yield a feed's bytes, and what is wrong with entries that could not be put into it.

    Entries are added one by one. Where all together can't be written, each is tried alone, and
    those that can't are left out: one bad post never harms a feed.
    """
    entries, problems = list(paper.entries), list[Problem]()
    while True:
        made = _head(paper, site, generator, feed_id)
        good = [entry for entry in entries if _added(made, entry, paper, site, problems)]
        changed = max((entry.updated for entry in good), default=None)
        made.syndicator.newest = changed
        made.updated(changed or NEVER)
        try:
            data = write(made)
        except Exception as error:
            bad = _culprits(made, good)
            if not bad:
                raise
            problems += [trouble(good[at], why) for at, why in bad.items()]
            entries = [entry for at, entry in enumerate(good) if at not in bad]
            if len(entries) == len(good):  # nobody to blame
                raise LookupError(paper.path) from error
            continue
        yield data
        yield from problems
        return


def _head(paper: Paper, site: Site, generator: str, feed_id: str) -> FeedGenerator:
    """Return a feed without entries, with everything that RSS and Atom share."""
    made = FeedGenerator()
    made.register_extension(NAME, Channel, Extra)
    made.syndicator.paper, made.syndicator.site = paper, site
    made.title(line(paper.feed.title) or site.url)
    made.id(feed_id)
    made.link(href=paper.url, rel="self", type=paper.feed.media_type)
    made.link(href=site.url, rel="alternate", type="text/html")  # last: RSS takes the last one
    made.language(language(paper.feed.language or site.language) or None)
    made.generator(line(generator))
    made.rights(line(site.channel.rights) or None)
    return made


def _added(
    made: FeedGenerator, entry: Entry, paper: Paper, site: Site, problems: list[Problem]
) -> bool:
    try:
        said = measured(entry, site)
        one = _entry(entry, said, paper.brief, site)
    except Exception as error:  # noqa: BLE001  # whatever a post brings about is its own
        problems.append(trouble(entry, error))
        return False
    made.add_entry(one, order="append")
    one.syndicator.item = said
    if paper.markdown and entry.id not in paper.brief:
        one.syndicator.markdown = clean(entry.post.markdown).strip("\n")
    return True


def carry(entry: Entry, site: Site) -> Problem | None:
    """Tell whether feeds can carry an entry, without writing one; the problem where not."""
    try:
        one = _entry(entry, measured(entry, site), frozenset(), site)
        one.atom_entry(extensions=False)
        one.rss_entry(extensions=False)
    except Exception as error:  # noqa: BLE001  # whatever a post brings about is its own
        return trouble(entry, error)
    return None


def trouble(entry: Entry, why: Exception) -> Problem:
    """Return the problem of a post that a feed can't carry."""
    return Problem(
        path=entry.post.path,
        code="PUB001",
        says=f"no feed can carry this post: {why}"[:500],
        hint="it is left out of the feeds; change what is named, or report it",
    )


def _entry(entry: Entry, said: Item, brief: frozenset[str], site: Site) -> FeedEntry:
    """Return an entry with everything that RSS and Atom share."""
    one = FeedEntry()
    one.id(said.id)
    one.title(said.title)
    one.link(href=said.url, rel="alternate", type="text/html")
    if said.summary:
        # As html, for plain text besides a content makes rss2email mail nothing but the summary.
        one.summary(escape(said.summary, quote=False), type="html")
    if entry.id not in brief:
        one.content(body(entry, site), type="html")
    if said.authors:
        one.author([{"name": name} for name in said.authors])
    if said.tags:  # all at once: at each call feedgen goes over those it has
        one.category([_category(tag, site) for tag in said.tags])
    one.updated(said.updated)
    if said.source_feed:
        one.source(url=said.source_feed, title=said.source)
    return one


def _category(tag: str, site: Site) -> dict[str, str]:
    page = tag_page(tag, site)
    return {"term": tag, "scheme": page} if page else {"term": tag}


def _culprits(made: FeedGenerator, good: list[Entry]) -> dict[int, Exception]:
    """Tell which entries can't be written, by their place."""
    bad: dict[int, Exception] = {}
    for at, one in enumerate(made.entry()):
        for write in (one.atom_entry, one.rss_entry):
            if (error := _fails(write)) is not None and at < len(good):
                bad.setdefault(at, error)
    return bad


def _fails(write: Callable[[], object]) -> Exception | None:
    try:
        write()
    except Exception as error:  # noqa: BLE001  # as above
        return error
    return None
