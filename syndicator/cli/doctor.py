"""``syndicate doctor``: all that keeps an installation from working, each with a remedy."""

import argparse
import json
import sys
from dataclasses import asdict

from syndicator.cli.order import order
from syndicator.cli.show import paint, plain


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Look at configuration, secrets, folders, disk, database, clock, watches, name servers,\n"
        "endpoints and public addresses; exit 1 if something is wrong. Changes nothing, and\n"
        "sends no push: endpoints are asked with HEAD."
    )
    parser.add_argument("--offline", action="store_true", help="ask nobody over the network")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def main(args: argparse.Namespace) -> int:
    """Tell each finding as soon as it is known."""
    from syndicator.cycle.doctor import examine  # noqa: PLC0415  # heavy

    found = []
    for one in examine(order(args), offline=args.offline):
        found.append(one)
        if args.json:
            continue
        word = paint(one.state.ljust(7), one.state, sys.stdout)
        print(f"{word} {plain(one.about)}: {plain(one.says)}", flush=True)
        if one.remedy:
            print(f"        {paint('help:', 'quiet', sys.stdout)} {plain(one.remedy)}")
    if args.json:
        print(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
    return 1 if any(one.state == "error" for one in found) else 0
