"""``syndicate feeds``: what was written, as readers see it, and whether all of it is right."""

import argparse
import importlib
from typing import Any

NOUNS = {
    "list": "the feeds that were written",
    "show": "a feed, or one entry of it, as a reader sees it",
    "validate": "hold feeds against their formats, and against what readers stumble over",
    "snippets": "the configuration of a web server for what was written",
}
_MODULES = {"list": "look", "show": "look", "validate": "look", "snippets": "look"}


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = "Look at the feeds as their readers do."
    nouns = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for name, summary in NOUNS.items():
        each = nouns.add_parser(name, help=summary, allow_abbrev=False)
        _module(name).OPTIONS[name](each)


def main(args: argparse.Namespace) -> int:
    """Do what is asked for."""
    from syndicator.cli.order import order  # noqa: PLC0415  # --help needs none

    code: int = _module(args.what).MAIN[args.what](args, order(args))
    return code


def _module(name: str) -> Any:  # noqa: ANN401  # a module of this folder
    return importlib.import_module(f"{__name__}.{_MODULES[name]}")
