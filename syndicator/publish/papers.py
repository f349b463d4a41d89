"""Which documents a feed is made of, and which of them are to be made anew (RFC 5005).

A feed whose entries are more than its limit has a history: its entries in parts, by month. Each
part but the newest is an archive document (section 4) and a page (section 3) in one; the newest
stands in the feed itself, which holds all of it. A new entry joins the newest part or begins a
new one, so that no archive document ever gets one more; when a part is begun, the one before
becomes an archive, and the archive before that gets a link to it. An entry that is edited or
removed changes the one archive that holds it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from syndicator.config.moves import archives
from syndicator.model.feeds import Announced, Edition, Facet, History, Part, Selection
from syndicator.model.pictures import Entry
from syndicator.publish.items import body

if TYPE_CHECKING:
    from syndicator.publish.settings import Feed

_BEGINNING = Part("", 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document of a feed, before it is written in a format; ``links`` are relation and URL."""

    feed: Announced
    path: str
    url: str
    entries: Sequence[Entry]
    brief: frozenset[str]  # ids of those that are told by their summary alone
    links: tuple[tuple[str, str], ...] = ()
    archive: bool = False
    complete: bool = False
    removed: tuple[tuple[str, datetime], ...] = ()  # ids, newest first
    markdown: bool = False  # whether entries told in full are told as written, too
    gone: bool = False  # it has lost its last entry, and is to be taken away

    def link(self, relation: str) -> str:
        """Return the URL with this relation, "" for none."""
        return dict(self.links).get(relation, "")


def papers(feed: "Feed", edition: Edition) -> Iterator[Paper]:
    """Yield the documents of a feed, or of each it makes, that may not stand as they are."""
    for one in _announced(feed, edition):
        yield from _Desk(feed, edition, one).papers()


def _announced(feed: "Feed", edition: Edition) -> Iterable[Announced]:
    """Tell the feeds there are, and those that have just lost their last entry."""

    def values(chosen: Selection, facet: Facet) -> list[str]:
        return [*edition.values(chosen, facet), *edition.history.left(chosen, facet)]

    return feed.announce(edition.site, values)


class _Desk:
    """One feed while its documents are chosen."""

    def __init__(self, feed: "Feed", edition: Edition, one: Announced) -> None:
        self.feed, self.edition, self.one = feed, edition, one
        self.history: History = edition.history
        self.touched = self.history.touched(one.chosen, feed.size)
        self.split = bool(
            feed.archives and feed.limit and self.history.exceeds(one.chosen, feed.limit)
        )
        # the newest part, which stands in the feed itself
        self.newest = self._before(None)

    def papers(self) -> Iterator[Paper]:
        history, feed = self.history, self.feed
        removal = feed.told_removals and history.any_removed()
        if feed.per and not history.exceeds(self.one.chosen, 0):
            yield self._gone(self.one.path)
        elif self.touched or history.whole or removal or not history.stands(self.one.path):
            yield self._head()
        for part in sorted(self._due(), reverse=True):
            if self.split and self._closed(part) and history.count(self.one.chosen, part):
                yield self._archive(part)
            elif not history.whole and history.written(self._path(part)):
                # where all are made anew, what is not made is taken away
                yield self._gone(self._path(part))

    def _closed(self, part: Part) -> bool:
        return self.newest is not None and part < self.newest

    def _due(self) -> set[Part]:
        """Tell the parts whose documents may differ from those that were written."""
        history, chosen, size = self.history, self.one.chosen, self.feed.size
        turnover = sum(self.touched.values())
        if history.whole or self._crossed(turnover) or history.renamed(chosen):
            every = self.split or not history.whole  # those of before are taken away
            return {*self.touched, *(history.parts(chosen, size) if every else ())}
        due: set[Part | None] = set(self.touched)
        for part, count in self.touched.items():
            if history.count(chosen, part) > count:
                continue
            # it is new, or has nothing left: those beside it have other links, and where it is
            # at the end, another part is an archive now, and linked by the one before
            older = self._before(part)
            due |= {older, older and self._before(older), history.after(chosen, part)}
        if history.damaged and self.split:
            parts = history.parts(chosen, size)
            due |= {part for part in parts if not history.stands(self._path(part))}
        return {part for part in due if part is not None}

    def _crossed(self, turnover: int) -> bool:
        """Tell whether so many changes may have begun a history, or ended it."""
        feed, chosen = self.feed, self.one.chosen
        if self.split:
            return not self.history.exceeds(chosen, feed.limit + turnover)
        had = feed.archives and feed.limit and turnover
        return bool(had) and self.history.exceeds(chosen, max(feed.limit - turnover, 0))

    def _before(self, part: Part | None) -> Part | None:
        return self.history.before(self.one.chosen, part, self.feed.size)

    def _head(self) -> Paper:
        """Return the document that readers subscribe to."""
        history, feed, chosen = self.history, self.feed, self.one.chosen
        archives = self._before(self.newest) if self.split and self.newest else None
        last = self.newest if archives else None
        entries = list(history.head(chosen, feed.limit, last))
        told, brief = self._within_bytes(entries, last)
        links = []
        if archives is not None:
            oldest = history.after(chosen, _BEGINNING._replace(size=feed.size))
            links = [("prev-archive", self._url(archives)), ("next", self._url(archives))]
            links += [("first", self.one.url)]
            links += [("last", self._url(oldest))] if oldest else []
        everything = not brief and len(told) == len(entries) and not self.split
        everything = everything and not (feed.limit and history.exceeds(chosen, feed.limit))
        return Paper(
            feed=self.one,
            path=self.one.path,
            url=self.one.url,
            entries=told,
            brief=brief,
            links=tuple(links),
            complete=feed.complete and everything,
            removed=tuple(history.removed(feed.told_removals)) if feed.told_removals else (),
            markdown=feed.asks_markdown(),
        )

    def _within_bytes(
        self, entries: Sequence[Entry], last: Part | None
    ) -> tuple[list[Entry], frozenset[str]]:
        """Tell which entries the feed has room for, and which of them by their summary alone.

        What stands in no archive yet stays in the feed, if only with its summary.
        """
        if self.feed.content == "summary":
            return list(entries), frozenset(entry.id for entry in entries)
        if not self.feed.max_bytes:
            return list(entries), frozenset()
        alone = self.history.entries(self.one.chosen, last) if last else entries
        only = {entry.id for entry in alone} if self.feed.archives else set[str]()
        room, told, brief = self.feed.max_bytes, [], set[str]()
        for entry in entries:
            room -= len(body(entry, self.edition.site).encode("utf-8", "replace"))
            if self.feed.asks_markdown():
                room -= len(entry.post.markdown.encode("utf-8", "replace"))
            if room >= 0:
                told.append(entry)
            elif entry.id in only or not told:
                told.append(entry)
                brief.add(entry.id)
        return told, frozenset(brief)

    def _archive(self, part: Part) -> Paper:
        """Return the document of a part of the history that will get no more entries."""
        history, chosen, head = self.history, self.one.chosen, self.one.url
        entries = list(history.entries(chosen, part))
        older, newer = self._before(part), history.after(chosen, part)
        links = [("current", head), ("first", head)]
        if older is not None:
            links += [("prev-archive", self._url(older)), ("next", self._url(older))]
        if newer is not None and self._closed(newer):
            links += [("next-archive", self._url(newer)), ("previous", self._url(newer))]
        else:
            links += [("previous", head)]
        brief = frozenset(one.id for one in entries) if self.feed.content == "summary" else ()
        return Paper(
            feed=self.one,
            path=self._path(part),
            url=self._url(part),
            entries=entries,
            brief=frozenset(brief),
            links=tuple(links),
            archive=True,
            markdown=self.feed.asks_markdown(),
        )

    def _gone(self, path: str) -> Paper:
        """Return a document that has nothing to tell any more, and is linked by no other."""
        return Paper(feed=self.one, path=path, url="", entries=(), brief=frozenset(), gone=True)

    def _path(self, part: Part) -> str:
        """Return the file of a part: ``feed-archive/2020-11.xml``, then ``2020-11-2.xml``."""
        folder, ending = archives(self.one.path)
        number = f"-{part.number + 1}" if part.number else ""
        return f"{folder}{part.month}{number}{ending}"

    def _url(self, part: Part) -> str:
        return self.feed.url(self.edition.site, self._path(part))
