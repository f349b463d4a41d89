"""``syndicate feeds``: what was written, as readers see it, and whether all of it is right."""

import argparse
import contextlib
import importlib
from typing import Any

NOUNS = {
    "list": "the feeds that were written",
    "show": "a feed, or one entry of it, as a reader sees it",
    "validate": "hold feeds against their formats, and against what readers stumble over",
    "adopt": "take over the ids and dates of an existing feed",
    "snippets": "the configuration of a web server for what was written",
}
_MODULES = {
    "list": "look",
    "show": "look",
    "validate": "look",
    "snippets": "look",
    "adopt": "adopt",
}


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = "Look at the feeds as their readers do."
    nouns = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for name, summary in NOUNS.items():
        each = nouns.add_parser(name, help=summary, allow_abbrev=False)
        _module(name).OPTIONS[name](each)


def main(args: argparse.Namespace) -> int:
    """Do what is asked for; what changes the archive holds its lock."""
    from syndicator.cli.order import order  # noqa: PLC0415  # --help needs none
    from syndicator.cycle import layout  # noqa: PLC0415
    from syndicator.doors import writer  # noqa: PLC0415

    asked = order(args)
    locked = args.what == "adopt" and not args.dry_run
    alone = writer.alone(layout(asked.file)) if locked else contextlib.nullcontext()
    with alone:
        code: int = _module(args.what).MAIN[args.what](args, asked)
    return code


def _module(name: str) -> Any:  # noqa: ANN401  # a module of this folder
    return importlib.import_module(f"{__name__}.{_MODULES[name]}")
