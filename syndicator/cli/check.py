"""``syndicate check``: what is wrong with the posts; without --fix nothing is changed."""

import argparse
from functools import partial
from pathlib import Path


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Read every post as a run would, look at its pictures and at the archive, and say what\n"
        "is wrong. Exit 1 for an error (with --strict for a warning too), 2 for wrong usage."
    )
    add = parser.add_argument
    add(
        "paths", nargs="*", metavar="PATH", help="tell only of posts that are, or lie below, these"
    )
    codes = partial(add, metavar="CODES", type=_codes, action="extend")
    codes("--select", help="tell only of these: codes, or beginnings such as IMG or FM01")
    codes("--extend-select", default=[], help="tell of these too, although ignored")
    codes("--ignore", default=[], help="do not tell of these; what is held back stays held back")
    add("--strict", action="store_true", help="exit 1 for any warning, too")
    add(
        "--output-format",
        choices=("text", "json", "sarif", "github", "junit"),
        default="text",
        help="how problems are written [default: text]",
    )
    add(
        "--json",
        dest="output_format",
        action="store_const",
        const="json",
        help="the same as --output-format json",
    )
    add("--baseline", metavar="FILE", type=Path, help="tell only what this file does not know yet")
    add("--write-baseline", action="store_true", help="write what is found into the baseline")
    add("--fix", action="store_true", help="put right what surely can be, in the posts themselves")
    add("--unsafe-fixes", action="store_true", help="count edits too that may change a meaning")
    add("--diff", action="store_true", help="show what --fix would do; exit 1 if anything")


def main(args: argparse.Namespace) -> int:
    """Check the configuration, the posts, their pictures and the archive."""
    from syndicator.cli.checking import check  # noqa: PLC0415  # heavy: --help needs none of it

    return check(args)


def _codes(text: str) -> list[str]:
    """Read codes, or beginnings of codes, parted by commas."""
    from syndicator.rules import named, nearest  # noqa: PLC0415  # only where one is written

    codes = [word for part in text.split(",") if (word := part.strip())]
    for word in codes:
        if not named(word):
            meant = nearest(word)
            hint = f": did you mean {meant}?" if meant else "; syndicate rule --all lists them"
            raise argparse.ArgumentTypeError(f"no rule is called {word!r}{hint}")
    return codes
