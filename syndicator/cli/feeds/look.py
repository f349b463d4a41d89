"""``syndicate feeds list|show|validate|snippets``: nothing is changed."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from syndicator.cli.archive import words
from syndicator.cli.show import paint

if TYPE_CHECKING:
    from syndicator.cycle import Order
    from syndicator.model.written import EntryFacts, FeedFacts, Judgement

_FORMATS = {"rss": "RSS", "atom": "Atom", "json": "JSON", "opml": "OPML"}


def _list_options(parser: argparse.ArgumentParser) -> None:
    parser.description = "List the feeds that were written: address, entries, size."
    words.json_option(parser, "a JSON array")


def _show_options(parser: argparse.ArgumentParser) -> None:
    parser.description = "Show a feed as a reader does: its entries, or the whole of one."
    parser.add_argument("path", metavar="PATH", help="of a feed that was written, or of any file")
    parser.add_argument("--entry", metavar="N", type=int, help="one entry whole; 1 is the first")
    words.json_option(parser)


def _validate_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Hold feeds against their formats (RFC 4287's grammar, RSS 2.0, JSON Feed 1.1, OPML 2.0) "
        "and against what readers stumble over; exit 1 for an error. Asks no network."
    )
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="of written feeds, or files [default: all written]",
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 for any warning, too")
    words.json_option(parser)


def _snippets_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Print a configuration with which nginx or Caddy serves archive/public as the built-in "
        "server does: types, compressed copies, WebSub headers, former addresses. Make it again "
        "when feeds or hubs, [serve] moved or gone change."
    )
    parser.add_argument("server", choices=("nginx", "caddy"))


def _list(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.feeds import listed  # noqa: PLC0415  # heavy

    feeds = listed(order)
    if args.json:
        print(words.listed(feeds))
    else:
        width = max((len(one.url) for one in feeds), default=0)
        words.tell(_row(one, width) for one in feeds)
    return 0


def _row(one: "FeedFacts", width: int) -> str:
    kind = _FORMATS.get(one.format, "?")
    what = words.number(one.entries, "feed" if one.format == "opml" else "entry")
    what = what.replace("entrys", "entries")
    newest = f", newest {words.stamp(one.newest)}" if one.newest else ""
    return f"{words.plain(one.url):<{width}}  {kind:<4}  {what}, {words.amount(one.size)}{newest}"


def _show(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.feeds import entries  # noqa: PLC0415  # heavy
    from syndicator.errors import ConfigError  # noqa: PLC0415

    feed, told = entries(order, args.path)
    if args.entry is None:
        if args.json:
            print(words.listed(told))
        else:
            words.tell(_feed(feed, told))
        return 0
    if not 1 <= args.entry <= len(told):
        raise ConfigError(f"there is no entry {args.entry}", hint=f"it has {len(told)}")
    one = told[args.entry - 1]
    if args.json:
        print(words.as_json(one))
    else:
        words.tell(_entry(one))
    return 0


def _feed(feed: "FeedFacts", told: "list[EntryFacts]") -> Iterator[str]:
    yield f"{words.plain(feed.title)} ({_FORMATS.get(feed.format, '?')}, {words.plain(feed.url)})"
    for one in told:
        when = one.published or one.updated
        date = f"{when.date()}" if when else "no date   "
        yield f"{one.number:>4}  {date}  {words.plain(one.title) or '(no title)'}"


def _entry(one: "EntryFacts") -> Iterator[str]:
    yield words.plain(one.title) or "(no title)"
    facts = {
        "by": ", ".join(one.authors),
        "published": words.stamp(one.published) if one.published else "",
        "updated": words.stamp(one.updated) if one.updated else "",
        "address": one.url,
        "id": one.id,
        "tags": ", ".join(one.tags),
        "picture": one.image,
        "summary": one.summary,
    }
    yield from (f"{name:<9} {words.plain(fact)}" for name, fact in facts.items() if fact)
    yield ""
    yield from map(words.plain, one.text.splitlines())


def _validate(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.feeds import grave, validated  # noqa: PLC0415  # heavy

    found = validated(order, args.paths)
    if args.json:
        print(words.as_json(found))
    else:
        words.tell(words.problem_lines(found.problems, sys.stdout))
        print(_summed(found))
    wrong = [one for one in found.problems if one.severity != "info"]
    return 1 if grave(found.problems) or (args.strict and wrong) else 0


def _summed(found: "Judgement") -> str:
    errors = sum(one.severity == "error" for one in found.problems)
    warnings = sum(one.severity == "warning" for one in found.problems)
    feeds = words.number(len(found.feeds), "feed")
    if not errors and not warnings:
        return f"{feeds}: {paint('nothing to criticise', 'good', sys.stdout)}"
    return f"{feeds}: {words.number(errors, 'error')}, {words.number(warnings, 'warning')}"


def _snippets(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.feeds import server_snippet  # noqa: PLC0415  # heavy

    print(server_snippet(order, args.server), end="")
    return 0


OPTIONS: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {
    "list": _list_options,
    "show": _show_options,
    "validate": _validate_options,
    "snippets": _snippets_options,
}
MAIN: "Mapping[str, Callable[[argparse.Namespace, Order], int]]" = {
    "list": _list,
    "show": _show,
    "validate": _validate,
    "snippets": _snippets,
}
