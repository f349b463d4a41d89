"""``syndicate archive mirror|restore``: the archive and its bucket."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from syndicator.cli.archive import words

if TYPE_CHECKING:
    from syndicator.cycle import Order
    from syndicator.model.keeping import Mirrored, Restored


def _mirror_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Bring the bucket of [archive] bucket to what the folder holds, after a look at all it "
        "has. Interrupt it anywhere: what is there is not sent again. Exit 1 if it lacks anything."
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what is to be sent")
    words.json_option(parser)


def _restore_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Make the archive's folder from the bucket, where there is none yet: a machine was lost. "
        "Interrupt it anywhere, and begin again. Then: syndicate archive reindex."
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what is to be fetched")
    words.json_option(parser)


def _mirror(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.behind import installed  # noqa: PLC0415  # heavy

    installed()
    from syndicator.cycle.mirroring import mirror  # noqa: PLC0415  # an extra

    made = mirror(order, act=not args.dry_run)
    _show(args, made, _mirrored(made))
    return 0 if made.whole or made.dry_run else 1


def _mirrored(made: "Mirrored") -> Iterator[str]:
    yield f"bucket   {words.plain(made.bucket)}"
    put = "to put  " if made.dry_run else "put     "
    yield f"{put} {words.number(made.files, 'file')}, {words.amount(made.size)}"
    if made.deleted:
        yield f"{'to go   ' if made.dry_run else 'deleted '} {words.number(made.deleted, 'file')}"
    yield from words.some([words.bad(f"absent   {name}") for name in made.absent], "file")
    yield from words.some([f"waits    {path}: the next pass writes it" for path in made.waiting])
    if made.whole and not made.dry_run:
        yield words.good("well     the bucket has all that the folder has")


def _restore(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.behind import installed  # noqa: PLC0415  # heavy

    installed()
    from syndicator.cycle.mirroring import restore  # noqa: PLC0415  # an extra

    made = restore(order, act=not args.dry_run)
    _show(args, made, _restored(made))
    return 1 if made.problems else 0


def _restored(made: "Restored") -> Iterator[str]:
    would = "to fetch" if made.dry_run else "fetched "
    yield f"{would} {words.number(made.files, 'file')}, {words.amount(made.size)}"
    if made.here:
        yield f"here     {words.number(made.here, 'file')} already"
    if not made.dry_run:
        yield f"journal  {words.number(made.lines, 'line')}"
        yield "next     syndicate archive reindex, or syndicate run: it makes feeds and pictures"


def _show(args: argparse.Namespace, made: "Mirrored | Restored", lines: Iterator[str]) -> None:
    if args.json:
        print(words.as_json(made))
    else:
        words.wrong(made.problems)
        words.tell(lines)


OPTIONS: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {
    "mirror": _mirror_options,
    "restore": _restore_options,
}
MAIN: "Mapping[str, Callable[[argparse.Namespace, Order], int]]" = {
    "mirror": _mirror,
    "restore": _restore,
}
