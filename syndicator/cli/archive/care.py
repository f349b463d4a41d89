"""``syndicate archive verify|repair|reindex|refetch``: the archive is put right."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from syndicator.cli.archive import words

if TYPE_CHECKING:
    from syndicator.cycle import Order
    from syndicator.model.keeping import Asked, Verification


def _verify_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Read kept files and compare their bytes with their names. What is damaged goes to "
        "archive/quarantine and is repaired from the mirror, the bucket, the posts "
        "and pictures on this disk, or an equal answer of the address it came from. Exit 1 if "
        "anything is left."
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--all",
        action="store_true",
        help="every file, the journal and the database; the default",
    )
    which.add_argument(
        "--slice",
        action="store_true",
        help="what was checked longest ago: a share that, taken nightly, covers all in 30 days",
    )
    parser.add_argument(
        "--bucket",
        action="store_true",
        help="check the bucket in place of the folder: name, size and noted digest of every kept "
        "file; with --all every byte. What differs is put right from the folder",
    )
    words.json_option(parser)


def _repair_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Put right what earlier checks found damaged, and what is missing; kept files are not "
        "read. Exit 1 if anything is left."
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what is to be repaired")
    words.json_option(parser)


def _reindex_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Make state.db anew from journal, blobs and content. Feeds and ids stay as they are; "
        "only the log of single push attempts is lost. Nothing is fetched or pushed."
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="although no post is left in the content folder, or part of the journal is lost",
    )
    words.json_option(parser)


def _refetch_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Ask for pictures again now, and make a pass. A kept copy stays under the policy in force."
    )
    parser.add_argument("urls", nargs="*", metavar="URL", help="addresses of pictures")
    parser.add_argument("--missing", action="store_true", help="all that are not kept yet")
    parser.add_argument(
        "--gone", action="store_true", help="all whose host said that they are gone"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say which would be asked for")
    words.json_option(parser, "a JSON array")


def _verify(args: argparse.Namespace, order: "Order") -> int:
    if args.bucket:
        from syndicator.cycle.behind import installed  # noqa: PLC0415  # heavy

        installed()
        from syndicator.cycle import mirroring  # noqa: PLC0415  # an extra

        if args.slice:
            from syndicator.errors import ConfigError  # noqa: PLC0415

            raise ConfigError("the bucket is checked as a whole", hint="leave out --slice")
        return _told(args, mirroring.verify(order, whole=args.all))
    from syndicator.cycle.fixity import verify  # noqa: PLC0415  # heavy

    return _told(args, verify(order, whole=not args.slice))


def _repair(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.fixity import repair  # noqa: PLC0415  # heavy

    return _told(args, repair(order, act=not args.dry_run))


def _told(args: argparse.Namespace, found: "Verification") -> int:
    if args.json:
        print(words.as_json(found))
    else:
        words.wrong(found.problems)
        words.tell(verified(found))
    return 1 if words.grave(found.problems) else 0


def verified(found: "Verification") -> Iterator[str]:
    """Word what a check found."""
    if found.shelves:
        share = "" if found.shelves == 256 else f" on {found.shelves} of 256 shelves"  # noqa: PLR2004  # all there are
        yield (
            f"checked  {words.number(found.files, 'file')}{share}, {words.amount(found.size)}, "
            f"in {found.seconds:.1f} s"
        )
    if found.damaged:
        yield words.bad(f"damaged  {words.number(len(found.damaged), 'file')}")
        yield from words.some([f"         {path}" for path in found.damaged], "file")
    for one in found.repaired:
        yield words.good(f"repaired {one.path}")
        yield f"         from {one.source}"
    if found.alarms:
        told = words.number(found.alarms, "alarm")
        yield f"pushes   {told} owed; the next pass sends them"
    if not (found.problems or found.damaged or found.repaired):
        nothing = "nothing to repair" if not found.shelves else "every file is what its name says"
        yield words.good(f"well     {nothing}")
    elif not words.grave(found.problems):
        yield words.good("well     all was put right")
    else:
        left = sum(problem.severity == "error" for problem in found.problems)
        yield words.bad(f"left     {words.number(left, 'problem')}: see above")


def _reindex(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.reindex import reindex  # noqa: PLC0415  # heavy

    made = reindex(order._replace(force=args.force))
    if args.json:
        print(words.as_json(made))
        return 0
    words.wrong(made.problems)
    print(f"read     {words.number(made.lines, 'line')} of the journal, {made.seen:,} files")
    print(f"posts    {made.live:,} published, under the ids they had")
    if made.documents:
        names = ", ".join(made.documents)
        print(f"feeds    {names} written: not there, or the content changed since the last pass")
    else:
        print(words.good("feeds    the same, byte for byte"))
    print(f"the database is new, made in {made.seconds:.1f} s")
    return 0


def _refetch(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.reindex import refetch  # noqa: PLC0415  # heavy

    if not (args.urls or args.missing or args.gone):
        from syndicator.errors import ConfigError  # noqa: PLC0415

        raise ConfigError("nothing to ask for", hint="name a URL, or --missing, or --gone")
    act = not args.dry_run
    asked = refetch(order, args.urls, missing=args.missing, gone=args.gone, act=act)
    if args.json:
        print(words.listed(asked))
    else:
        words.tell(words.some([_came(one, act=act) for one in asked], "picture"))
        if not asked:
            print("no picture is in that state")
        elif not act:
            print("nothing was asked")
    return 1 if act and any(not one.digest for one in asked) else 0


def _came(one: "Asked", *, act: bool) -> str:
    """Word what came of asking for a picture, or how it stands with it."""
    line = f"{'new' if one.changed else one.plan:<8} {one.url}"
    if not act or one.changed or one.says == "kept":
        return line
    return f"{line}: {one.says}" + ("; the kept copy stays" if one.digest else "")


OPTIONS: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {
    "verify": _verify_options,
    "repair": _repair_options,
    "reindex": _reindex_options,
    "refetch": _refetch_options,
}
MAIN: "Mapping[str, Callable[[argparse.Namespace, Order], int]]" = {
    "verify": _verify,
    "repair": _repair,
    "reindex": _reindex,
    "refetch": _refetch,
}
