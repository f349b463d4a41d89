"""``syndicate feeds adopt``: the day of the move from another generator."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from syndicator.cli.archive import words

if TYPE_CHECKING:
    from syndicator.cycle import Order
    from syndicator.model.written import AdoptedEntry, Adoption

_SAID = {
    "adopted": "taken over",
    "exchanged": "exchanged for the id it had",
    "same": "the same already",
    "refused": "published under another id",
    "twice": "told twice, or the id of another post",
    "unmatched": "no post has this address",
}
_SHOWN = ("refused", "twice", "unmatched", "exchanged")


def _adopt_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Take over ids and dates from an existing RSS, Atom or JSON feed for the posts with the "
        "same addresses, so that no subscriber sees a post twice on the day of the move. Best "
        "before the first run. Exit 1 where a published post has another id."
    )
    parser.add_argument("source", metavar="FILE|URL", help="the feed as it was up to now")
    parser.add_argument(
        "--force",
        action="store_true",
        help="exchange ids of published posts too: who has them already sees them again",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")
    words.json_option(parser)


def _adopt(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.adopt import adopt  # noqa: PLC0415  # heavy

    made = adopt(order, args.source, force=args.force, dry=args.dry_run)
    if args.json:
        print(words.as_json(made))
    else:
        words.tell(_summed(made))
    refused = any(one.outcome == "refused" for one in made.entries)
    if refused and not args.json:
        says = "published posts keep the ids that readers know; --force exchanges them"
        print(f"syndicate: {says}", file=sys.stderr)
    return 1 if refused else 0


def _summed(made: "Adoption") -> Iterator[str]:
    for one in made.entries:
        if one.outcome in _SHOWN:
            yield f"{one.outcome:<9} {words.plain(one.url or one.id)}  {words.plain(_name(one))}"
    if made.dry_run:
        yield "dry run: nothing was written"
    counts = Counter[str](one.outcome for one in made.entries)
    for outcome, says in _SAID.items():
        if counts[outcome]:
            yield f"{counts[outcome]:>6}  {says}"
    if not made.entries:
        yield "the feed has no entries"


def _name(one: "AdoptedEntry") -> str:
    return f"({one.path})" if one.path else one.title


OPTIONS: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {"adopt": _adopt_options}
MAIN: "Mapping[str, Callable[[argparse.Namespace, Order], int]]" = {"adopt": _adopt}
