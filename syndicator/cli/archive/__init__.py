"""``syndicate archive``: what is kept, whether it is whole, and what is to go or to leave."""

import argparse
import contextlib
import importlib
from typing import Any

NOUNS = {
    "status": "what the archive holds, and when it was last checked",
    "verify": "compare kept bytes with their names; put right what can be",
    "repair": "put right what was found damaged or missing",
    "reindex": "make state.db anew from the files",
    "refetch": "ask for pictures again now",
    "gc": "delete what nothing has referred to for 90 days",
    "forget": "take something down for good",
    "mirror": "bring the bucket to what the folder holds",
    "restore": "make the folder anew from the bucket",
    "export": "write the archive as a bag or as a WARC file",
    "history": "the versions of a post",
    "show": "what is known of a kept file",
}
_MODULES = {
    "status": "look",
    "history": "look",
    "show": "look",
    "verify": "care",
    "repair": "care",
    "reindex": "care",
    "refetch": "care",
    "gc": "less",
    "forget": "less",
    "mirror": "bucket",
    "restore": "bucket",
    "export": "export",
}
LOCKED = frozenset(
    {"verify", "repair", "reindex", "refetch", "gc", "forget", "export", "mirror", "restore"}
)


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = "Look after the archive: posts, pictures and the journal of both."
    nouns = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for name, summary in NOUNS.items():
        each = nouns.add_parser(name, help=summary, allow_abbrev=False)
        _module(name).OPTIONS[name](each)


def main(args: argparse.Namespace) -> int:
    """Do what is asked for; whatever changes the archive, or copies it whole, holds its lock."""
    from syndicator.cli.order import order  # noqa: PLC0415  # --help needs none
    from syndicator.cli.show import Progress  # noqa: PLC0415
    from syndicator.cycle import layout  # noqa: PLC0415
    from syndicator.doors import writer  # noqa: PLC0415

    progress = Progress()
    asked = order(args)._replace(progress=progress)
    locked = args.what in LOCKED
    alone = writer.alone(layout(asked.file)) if locked else contextlib.nullcontext()
    try:
        with alone:
            code: int = _module(args.what).MAIN[args.what](args, asked)
    finally:
        progress.clear()
    return code


def _module(name: str) -> Any:  # noqa: ANN401  # a module of this folder
    return importlib.import_module(f"{__name__}.{_MODULES[name]}")
