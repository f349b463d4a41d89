"""``syndicate archive export bagit|warc``: the archive in forms that other archives take in."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from syndicator.cli.archive import words

if TYPE_CHECKING:
    from syndicator.cycle import Order


def _export_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write the archive in a form that other archives take in. The same archive makes the "
        "same bytes. Exit 1 if a file was left out because it is damaged or missing."
    )
    forms = parser.add_subparsers(dest="form", metavar="bagit|warc", required=True)
    bag = forms.add_parser(
        "bagit",
        help="a folder as RFC 8493 has it",
        description="Write letter, journal, kept files and feeds as a bag (BagIt 1.0).",
    )
    bag.add_argument("target", metavar="DIR", type=Path, help="a folder that is new or empty")
    warc = forms.add_parser(
        "warc",
        help="one file of web captures",
        description="Write pictures as they were received, and every version of every post, "
        "as WARC 1.1. Needs the package warcio: pip install 'syndicator[warc]'.",
    )
    warc.add_argument(
        "target", metavar="FILE", type=_warc, help="ends in .warc.gz, or in .warc for plain"
    )
    for form in (bag, warc):
        words.json_option(form)


def _warc(text: str) -> Path:
    if not text.endswith((".warc", ".warc.gz")):
        raise argparse.ArgumentTypeError(f"{text!r} ends neither in .warc nor in .warc.gz")
    return Path(text)


def _export(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.exports import bagit, warc  # noqa: PLC0415  # heavy

    made = (bagit if args.form == "bagit" else warc)(order, args.target.absolute())
    if args.json:
        print(words.as_json(made))
    else:
        what = "file" if args.form == "bagit" else "record"
        print(f"wrote    {made.path}: {words.number(made.files, what)}, {words.amount(made.size)}")
        words.tell(words.some([words.bad(f"left out {path}") for path in made.skipped], "file"))
        if made.skipped:
            print("         damaged or missing: syndicate archive verify")
    return 1 if made.skipped else 0


OPTIONS: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {"export": _export_options}
MAIN: "Mapping[str, Callable[[argparse.Namespace, Order], int]]" = {"export": _export}
