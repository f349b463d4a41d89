"""``syndicate archive gc|forget``: the archive gets smaller, and only when told to twice."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from syndicator.cli.archive import words

if TYPE_CHECKING:
    from syndicator.cycle import Order
    from syndicator.model.keeping import Takedown


def _gc_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Say which kept files nothing refers to: versions that were never published, what came "
        "in place of pictures. Published versions and pictures are never among them. Without "
        "--delete nothing is changed."
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--delete",
        action="store_true",
        help="note what is new among them, and delete what was noted 90 days ago",
    )
    how.add_argument("--dry-run", action="store_true", help="change nothing; the default")
    words.json_option(parser)


def _forget_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Take something down for good: its bytes are deleted wherever the archive has them, it "
        "leaves every feed, and is neither fetched nor published again. Of a post all versions "
        "go, with titles and messages in the journal. Without --yes it only says what would go."
    )
    parser.add_argument(
        "subject",
        metavar="URL|DIGEST|POST",
        help="a picture's address, a file's digest, or a post by path, address or id",
    )
    parser.add_argument(
        "--reason", metavar="TEXT", required=True, help="why; it stays in the journal"
    )
    parser.add_argument(
        "--pictures", action="store_true", help="of a post: its pictures too that no other shows"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--yes", action="store_true", help="do it")
    how.add_argument("--dry-run", action="store_true", help="change nothing; the default")
    words.json_option(parser)


def _gc(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.takedown import gc  # noqa: PLC0415  # heavy

    found, now = gc(order, delete=args.delete), order.clock()
    if args.json:
        print(words.as_json(found))
        return 0
    lines = []
    for one in found.waste:
        when = "not noted yet" if one.due is None else f"may go {words.ahead(one.due, now)}"
        if args.delete and one.due is not None and one.due <= now:
            when = "deleted"
        lines.append(f"{one.name[:12]}… {words.amount(one.size):>10}  {when:<18} {one.what}")
    words.tell(words.some(lines, "file"))
    if not found.waste:
        print(words.good("everything that is kept is referred to"))
    elif args.delete:
        freed = words.amount(found.freed)
        print(f"{words.number(found.deleted, 'file')} deleted, {freed} freed, {found.noted} noted")
    else:
        print("nothing was changed; --delete notes them, and deletes them 90 days later")
    return 0


def _forget(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.takedown import forget  # noqa: PLC0415  # heavy

    told = forget(order, args.subject, args.reason, pictures=args.pictures, act=args.yes)
    if args.json:
        print(words.as_json(told))
    else:
        words.tell(_forgotten(told))
        if not told.done:
            print(
                "nothing was changed; --yes does it, and nothing brings it back", file=sys.stderr
            )
    return 0


def _forgotten(told: "Takedown") -> Iterator[str]:
    """Word what goes and what stays."""
    verb = "forgot" if told.done else "would forget"
    yield f"{verb} the {told.kind} {words.plain(told.subject)}"
    yield f"files    {words.number(len(told.files), 'file')}, {words.amount(told.size)}"
    yield from words.some([f"         {path}" for path in told.files], "file")
    for key in told.posts:
        yield f"post     {words.plain(key)}: out of every feed, receivers are told"
    for url in told.urls:
        yield f"picture  {words.plain(url)}: not asked for again"
    if told.kind == "post":
        yield "journal  its titles and messages are blanked; paths, addresses, digests and the"
        yield "         reason stay: by these it is known again"
    for one in told.remains:
        yield f"stays    {words.plain(one)}"


OPTIONS: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {
    "gc": _gc_options,
    "forget": _forget_options,
}
MAIN: "Mapping[str, Callable[[argparse.Namespace, Order], int]]" = {"gc": _gc, "forget": _forget}
