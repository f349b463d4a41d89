"""Taking over the ids and dates of an existing feed, so that nobody sees a post twice.

What is taken over is journalled: a rebuilt database keeps it. A post that is published already has
an id of its own, which readers know; it gives that up by force only.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

from syndicator import __version__
from syndicator.config.tables import Settings
from syndicator.content.globs import matcher
from syndicator.content.read import Folders, read
from syndicator.content.sweep import sweep
from syndicator.cycle import Order, open_archive, run
from syndicator.cycle.custody import settings
from syndicator.cycle.keeping import limits
from syndicator.cycle.understand import understand
from syndicator.doors import files, index
from syndicator.doors.http import Web
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store
from syndicator.errors import ConfigError, DoorError, Failed, Refused
from syndicator.model.feeds import Answer
from syndicator.model.posts import Known, Post
from syndicator.model.records import Adopted
from syndicator.model.written import AdoptedEntry, Adoption, Outcome
from syndicator.publish.adoption import plain
from syndicator.publish.judge import Outline, Seen, Unreadable, outline

_LIMIT = 32 * 2**20  # bytes of one document
_PAGES = 200  # documents of one feed
_OK = 200
_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, */*;q=0.5"


class _Here(NamedTuple):
    """A post of this site: what it says, and what readers know of it."""

    text: Post
    known: Known | None


def adopt(order: Order, source: str, *, force: bool = False, dry: bool = False) -> Adoption:
    """Take over what the feed at ``source``, a file or an address, tells of our posts.

    The archive's lock is the caller's, but for a dry run. ConfigError where that is no feed.
    """
    made = settings(order)
    layout = Layout(made.archive_root, made.store.url)
    pages = list(_pages(made, source))
    posts = _posts(made, layout)
    told = list(_compared(pages, posts, made.site.url, force=force))
    if not dry:
        now = order.clock()
        _keep(layout, [_record(one, source, now) for one in told if one.takes])
        if any(one.was for one in told):
            run(order)
    return Adoption(source=source, dry_run=dry, entries=tuple(one.entry for one in told))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What becomes of one entry of the feed."""

    entry: AdoptedEntry
    address: str = ""
    seen: Seen
    was: str = ""

    @property
    def takes(self) -> bool:
        return self.entry.outcome in {"adopted", "exchanged"}


def _compared(
    pages: Sequence[Outline], posts: dict[str, _Here], here: str, *, force: bool
) -> Iterator[_Told]:
    """Decide about every entry, in the order of the feed; each post and each id once."""
    taken: set[str] = set()
    ids = {post.known.id: post.text.path for post in posts.values() if post.known}
    for page in pages:
        for seen in page.entries:
            found = posts.get(plain(seen.url, page.home, here))
            if found is None:
                yield _told(seen, "unmatched")
                continue
            path, known = found.text.path, found.known
            elsewhere = ids.get(seen.id, path) != path
            if not seen.id or seen.id in taken or path in taken or elsewhere:
                outcome: Outcome = "twice"
            elif known is not None and known.live and known.id == seen.id:
                outcome = "same"
            elif known is not None and known.live:
                outcome = "exchanged" if force else "refused"
            else:
                outcome = "adopted"
            taken |= {seen.id, path}
            was = known.id if known is not None and outcome == "exchanged" else ""
            address = plain(found.text.url)
            yield _told(seen, outcome, path=path, address=address, was=was)


def _told(
    seen: Seen, outcome: Outcome, *, path: str = "", address: str = "", was: str = ""
) -> _Told:
    entry = AdoptedEntry(
        outcome=outcome,
        id=seen.id,
        url=seen.url,
        title=seen.title,
        path=path,
        published=seen.published or seen.updated,
    )
    return _Told(entry=entry, address=address, seen=seen, was=was)


def _record(told: _Told, source: str, now: datetime) -> Adopted:
    return Adopted(
        at=now,
        address=told.address,
        id=told.seen.id,
        published=told.entry.published,
        updated=told.seen.updated,
        source=source,
        was=told.was,
    )


def _keep(layout: Layout, records: Sequence[Adopted]) -> None:
    if not records:
        return
    open_archive(layout)
    with Store(layout.state) as store, Ledger(layout, store).batch() as batch:
        batch.record(records)


# --- our posts ----------------------------------------------------------------------------------


def _posts(made: Settings, layout: Layout) -> dict[str, _Here]:
    """Return the posts of this site by every address they have, or had."""
    site = made.site_values()
    matches = matcher(made.content.include, made.content.exclude)
    readers = index.posts(layout.state) if index.load(layout.state) else []
    known = {post.path: post for post in readers if post.live}
    found: dict[str, _Here] = {}
    folders = Folders()
    former: list[tuple[str, _Here]] = []
    for path in sorted(sweep(made.content_root, matches, {}, skip=[layout.root]).found):
        try:
            source = read(made.content_root, path, folders)[0]
        except Failed:
            continue  # the next pass says what is wrong with it
        text = understand(source, site).reading.post
        if text is not None:
            post = _Here(text, known.get(path))
            found.setdefault(plain(text.url), post)
            former += ((plain(url), post) for url in text.redirects)
    for address, post in former:
        found.setdefault(address, post)
    return found


# --- the feed -----------------------------------------------------------------------------------


def _pages(made: Settings, source: str) -> Iterator[Outline]:
    """Read a feed from a file, or from its address with all its pages and archives."""
    if not source.startswith(("http://", "https://")):
        try:
            body, _ = files.read(Path(source))
        except Failed as error:
            raise ConfigError(str(error), hint="name a file, or an address") from error
        yield _read(body, source)
        return
    asked: set[str] = set()
    url = source
    while url and url not in asked and len(asked) < _PAGES:
        asked.add(url)
        answer = asyncio.run(_fetched(made, url))
        page = _read(answer.body, url)
        yield page
        following = page.following or page.earlier
        url = urljoin(answer.url, following) if following else ""


def _read(body: bytes, name: str) -> Outline:
    try:
        page = outline(body)
    except Unreadable as error:
        says = f"{name} is no feed: {error}"
        raise ConfigError(says, hint="RSS, Atom or JSON Feed is read") from error
    if page.format == "opml":
        raise ConfigError(f"{name} is a list of feeds", hint="name one of them")
    return page


async def _fetched(made: Settings, url: str) -> Answer:
    agent = f"syndicator/{__version__} (+{made.site.url})"
    async with Web(limits(made), agent=agent) as web:
        try:
            answer = await web.fetch(url, limit=_LIMIT, accept=_ACCEPT)
        except (Refused, Failed) as error:
            hint = "fetch it with another tool, and name the file"
            raise DoorError(str(error), hint=hint) from error
    if answer.status != _OK:
        raise DoorError(f"{url} answered {answer.status}", hint="is that the address of the feed?")
    return answer
