"""``syndicate run``: one pass."""

import argparse
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from syndicator.cli.order import clock, order, placeholders, unmatched
from syndicator.cli.show import Progress, as_json, grave_lines, paint, summary
from syndicator.cycle import DRAIN, Order, layout, run
from syndicator.cycle.report import left, unscheduled
from syndicator.doors import writer
from syndicator.doors.layout import Layout
from syndicator.errors import Busy

if TYPE_CHECKING:
    from syndicator.model.report import Report

_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|)", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Read what changed, keep its bytes and pictures, write the feeds, send the pushes that\n"
        "are due. Run it again: nothing changes. Interrupt it anywhere: the next run goes on.\n"
        "A daemon that is at work on the archive is asked to make the pass."
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, do nothing"
    )
    parser.add_argument(
        "--force", action="store_true", help="go on although all posts are gone: empty the feeds"
    )
    parser.add_argument(
        "--confirm", action="store_true", help="send what was held back as too much at once"
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 for any warning, too")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument(
        "--drain",
        metavar="TIME",
        type=_span,
        default=DRAIN,
        help="stay this long for pushes that fall due, such as 5s or 2m [default: 30s]",
    )


def main(args: argparse.Namespace) -> int:
    """Make the pass and tell what came of it."""
    progress = Progress()
    asked = order(args)._replace(
        force=args.force,
        dry_run=args.dry_run,
        confirm=args.confirm,
        drain=args.drain,
        progress=progress,
    )
    try:
        report = run(asked) if args.dry_run else _make(asked)
    finally:
        progress.clear()
    grave = [problem for problem in report.problems if problem.severity != "info"]
    if args.json:
        print(as_json(report))
    else:
        for line in grave_lines([*placeholders(asked.file), *report.problems]):
            print(line, file=sys.stderr)
        if not (report.seen or report.problems):
            print(f"syndicate: {unmatched(asked.file)}", file=sys.stderr)
        for line in summary(report, clock()):
            print(line)
    strictly = args.strict and (grave or report.missing)
    needs = left(report) or strictly
    if needs and not args.json:
        print(paint("something needs you", "error", sys.stderr) + ": see above", file=sys.stderr)
    return 1 if needs else 0


def _make(asked: Order) -> "Report":
    """Make the pass, or let the daemon make it that is at work on the archive."""
    place = layout(asked.file)
    try:
        with writer.alone(place):
            return _alone(asked, place, run(asked))
    except Busy:
        from syndicator.daemon.asking import ask  # noqa: PLC0415  # beside a daemon alone

        report = ask(place, asked)
        if report is None:
            raise
        print("the daemon at work made this pass", file=sys.stderr)
        return report


def _alone(asked: Order, place: Layout, report: "Report") -> "Report":
    """Forget the jobs of a daemon: there is none, and nothing would ever say that they go well."""
    gone = unscheduled(report)
    if not gone:
        return report
    from syndicator.doors import jobs  # noqa: PLC0415  # once a daemon was left

    if jobs.leave(place.state, gone, asked.clock()):
        from syndicator.config.load import load  # noqa: PLC0415  # as above
        from syndicator.cycle.post import tell  # noqa: PLC0415
        from syndicator.publish import registered  # noqa: PLC0415

        tell(asked, load(asked.file, registered()))
    kept = tuple(one for one in report.alerts if one.kind != "job")
    return replace(report, jobs=(), alerts=kept)


def _span(text: str) -> float:
    """Read a span of time in seconds."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no span of time: write 30s, 2m or 0")
    return float(found[1]) * _UNITS[found[2]]
