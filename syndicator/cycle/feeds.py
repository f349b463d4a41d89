"""The written feeds, looked at from outside: listed, read as a reader would, judged."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser

from syndicator.config.tables import Settings
from syndicator.cycle import Order
from syndicator.cycle.custody import settings
from syndicator.doors import files, index
from syndicator.doors.layout import Layout
from syndicator.errors import ConfigError, Failed
from syndicator.model.posts import Problem
from syndicator.model.written import EntryFacts, FeedFacts, Judgement
from syndicator.publish.judge import Seen, Unreadable, judge, outline
from syndicator.publish.snippets import Linked, Server, Serving, snippet

_FORMATS = (".xml", ".json", ".opml", ".rss", ".atom")
_BLOCKS = "p, div, br, li, h1, h2, h3, h4, h5, h6, tr, pre, blockquote, figcaption, hr"
_BLANK_LINES = re.compile(r"\s*\n\s*")
_BLANKS = re.compile(r"[^\S\n]+")


def listed(order: Order) -> list[FeedFacts]:
    """Tell every feed that was written, by path; one that can't be read has no format."""
    made = settings(order)
    return [_facts(made, path) for path in _paths(Layout(made.archive_root, made.store.url))]


def entries(order: Order, path: str) -> tuple[FeedFacts, list[EntryFacts]]:
    """Read one feed as a reader would: a written one by its path, or any file."""
    made = settings(order)
    body, name = _body(made, path)
    try:
        seen = outline(body)
    except Unreadable as error:
        says = f"{name} is no feed: {error}"
        raise ConfigError(says, hint="syndicate feeds list shows those there are") from error
    told = [_entry(number, one) for number, one in enumerate(seen.entries, 1)]
    return _told(made, name, body), told


def validated(order: Order, paths: Sequence[str]) -> Judgement:
    """Judge these feeds, or all that were written."""
    made = settings(order)
    names = list(paths) or list(_paths(Layout(made.archive_root, made.store.url)))
    problems: list[Problem] = []
    for path in names:
        body, name = _body(made, path)
        problems += judge(body, path, _address(made, name) if _ours(made, name) else "")
    return Judgement(feeds=tuple(names), problems=tuple(problems))


def server_snippet(order: Order, server: Server) -> str:
    """Return the configuration of a web server for what was written so far."""
    made = settings(order)
    layout = Layout(made.archive_root, made.store.url)
    serving = Serving(
        url=made.serve.url,
        public=str(layout.public.absolute()),
        linked=tuple(_linked(made, layout)),
        moves=made.serve.moves(),
        codings=made.serve.compress,
        max_age=int(made.feeds.ttl),
    )
    return snippet(server, serving)


def _linked(made: Settings, layout: Layout) -> Iterator[Linked]:
    """Yield the feeds that name hubs, and are where they say they are."""
    for path in _paths(layout):
        try:
            seen = outline(_body(made, path)[0])
        except (ConfigError, Unreadable):
            continue
        if seen.hubs and seen.address == _address(made, path):
            yield Linked(path=path, url=seen.address, hubs=seen.hubs)


def _paths(layout: Layout) -> Iterator[str]:
    """Yield the written documents that are feeds, by their names."""
    known = index.load(layout.state)
    if known is None:
        raise ConfigError("no feed was written yet", hint="syndicate run")
    yield from sorted(path for path in known.documents if path.endswith(_FORMATS))


def _ours(made: Settings, name: str) -> bool:
    return files.stat(Layout(made.archive_root, made.store.url).public / name).size >= 0


def _address(made: Settings, path: str) -> str:
    return made.serve.url + quote(path)


def _body(made: Settings, path: str) -> tuple[bytes, str]:
    """Read a feed and tell its name: below archive/public, else as the shell means it."""
    public = Layout(made.archive_root, made.store.url).public
    below = public / path
    place = below if files.stat(below).size >= 0 and not Path(path).is_absolute() else Path(path)
    try:
        body, _ = files.read(place)
    except Failed as error:
        raise ConfigError(str(error), hint="syndicate feeds list shows those there are") from error
    whole = place.resolve()
    root = public.resolve()
    return body, str(whole.relative_to(root)) if whole.is_relative_to(root) else path


def _facts(made: Settings, path: str) -> FeedFacts:
    try:
        body, _ = _body(made, path)
    except ConfigError:
        return _nothing(made, path, 0)
    return _told(made, path, body)


def _told(made: Settings, path: str, body: bytes) -> FeedFacts:
    try:
        seen = outline(body)
    except Unreadable:
        return _nothing(made, path, len(body))
    dates = [one.published or one.updated for one in seen.entries]
    return FeedFacts(
        path=path,
        url=seen.address or _address(made, path),
        format=seen.format,
        title=seen.title,
        entries=_count(seen.tree, len(seen.entries)),
        size=len(body),
        newest=max((date for date in dates if date), default=None),
    )


def _count(tree: object, entries: int) -> int:
    """Count what a list of feeds lists, or a feed's entries."""
    outlines = getattr(tree, "iter", None) if getattr(tree, "tag", "") == "opml" else None
    return sum(1 for one in outlines("outline") if one.get("xmlUrl")) if outlines else entries


def _nothing(made: Settings, path: str, size: int) -> FeedFacts:
    address = _address(made, path)
    return FeedFacts(
        path=path, url=address, format="", title="", entries=0, size=size, newest=None
    )


def _entry(number: int, seen: Seen) -> EntryFacts:
    return EntryFacts(
        number=number,
        id=seen.id,
        url=seen.url,
        title=seen.title,
        summary=_plain(seen.summary),
        text=_plain(seen.html),
        image=seen.image,
        authors=seen.authors,
        tags=seen.tags,
        published=seen.published,
        updated=seen.updated,
    )


def _plain(html: str) -> str:
    """Return the text of HTML, a line for each of its blocks; pictures as their words."""
    tree = LexborHTMLParser(html, is_fragment=True)
    for node in tree.css("script, style"):
        node.decompose()
    for node in tree.css("img"):
        node.replace_with(f"[{node.attributes.get('alt') or 'picture'}]")
    for node in tree.css(_BLOCKS):
        node.insert_before("\n")
        node.insert_after("\n")
    root = tree.root
    text = root.text(separator="") if root is not None else ""
    return _BLANK_LINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def grave(problems: Iterable[Problem]) -> bool:
    """Tell whether one of them makes readers show nothing, or the wrong thing."""
    return any(problem.severity == "error" for problem in problems)
