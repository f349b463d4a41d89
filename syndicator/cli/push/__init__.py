"""``syndicate push``: what receivers are owed, and what came of it."""

import argparse
import importlib
from typing import Any

NOUNS = {
    "list": "pushes, newest first",
    "show": "all that is known of one push: its attempts and its body",
    "endpoints": "how it stands with each receiver",
    "retry": "send pushes again that were given up, or wait",
    "replay": "send pushes again, whatever came of them",
    "confirm": "let go what was held back as too much at once",
    "cancel": "call pushes off",
    "pause": "ask a receiver no more for now; what it is owed is kept",
    "resume": "ask a receiver again that was paused or disabled",
    "test": "send a signed sample to a receiver, and show its answer",
    "listen": "receive pushes here, check their signatures and print them",
    "keygen": "make a secret to sign with",
    "rotate": "put a new secret before the old one, which goes on signing for a while",
}
_MODULES = {
    "list": "look",
    "show": "look",
    "endpoints": "look",
    "retry": "act",
    "replay": "act",
    "confirm": "act",
    "cancel": "act",
    "pause": "act",
    "resume": "act",
    "test": "trial",
    "listen": "listen",
    "keygen": "keys",
    "rotate": "keys",
}


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "See what receivers are owed, send it again, call it off. Secrets, tokens and addresses\n"
        "that are secrets are never shown. While a daemon is at work, changes happen in its next\n"
        "pass, within a minute."
    )
    nouns = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for name, summary in NOUNS.items():
        each = nouns.add_parser(name, help=summary, allow_abbrev=False)
        _module(name).OPTIONS[name](each)
        each.add_argument("--json", action="store_true", help="as JSON")


def main(args: argparse.Namespace) -> int:
    """Do what is asked for."""
    code: int = _module(args.what).MAIN[args.what](args)
    return code


def _module(name: str) -> Any:  # noqa: ANN401  # a module of this folder
    return importlib.import_module(f"{__name__}.{_MODULES[name]}")
