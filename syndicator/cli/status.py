"""``syndicate status``: how things stand, read from what the last pass left."""

import argparse
import sys

from syndicator.cli.order import clock, file, placeholders
from syndicator.cli.show import as_json, damaged, grave_lines, state, stuck
from syndicator.cycle import layout
from syndicator.cycle.report import standing
from syndicator.doors import index, subscriptions
from syndicator.errors import StoreError

FAILING = 3  # passes or checks of a daemon in a row that could not be made: once may be chance


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Say how things stood after the last pass; exit 1 if something needs you. Reads only."
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def main(args: argparse.Namespace) -> int:
    """Tell how things stand."""
    asked = file(args)
    place = layout(asked)
    known = index.standing(place.state)
    if known is None:
        found = index.revision(place.state)
        if found:
            says = f"{place.state} was written by another version of syndicator (schema {found})"
            raise StoreError(says, hint="make a pass with this version: syndicate run")
        raise StoreError(f"no pass was made yet: {place.state} is missing", hint="syndicate run")
    now = clock()
    count, lost = subscriptions.standing(place.subscriptions, now.timestamp())
    report = standing(known, subscribers=count, subscribers_failing=lost)
    if args.json:
        print(as_json(report))
    else:
        for line in grave_lines([*placeholders(asked), *report.problems]):
            print(line, file=sys.stderr)
        for line in state(report, now):
            print(line)
    failing = any(job.failures >= FAILING for job in report.jobs)
    needs = report.held or report.dead or stuck(report) or damaged(report) or failing
    return 1 if needs else 0
