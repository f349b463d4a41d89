"""``syndicate status``: how things stand, read from what the last pass left."""

import argparse
import sys

from syndicator.cli.order import clock, file, placeholders
from syndicator.cli.show import as_json, grave_lines, state
from syndicator.cycle.facts import facts
from syndicator.cycle.report import needs


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Say how things stood after the last pass; exit 1 if something needs you. Reads only."
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def main(args: argparse.Namespace) -> int:
    """Tell how things stand."""
    asked, now = file(args), clock()
    report = facts(asked, now)
    if args.json:
        print(as_json(report))
    else:
        for line in grave_lines([*placeholders(asked), *report.problems]):
            print(line, file=sys.stderr)
        for line in state(report, now):
            print(line)
    return 1 if needs(report) else 0
