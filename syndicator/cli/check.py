"""``syndicate check``: what is wrong with the posts; nothing is written, fetched or pushed."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from syndicator.cli.order import clock, file
from syndicator.cli.show import count, plain, problem_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syndicator.config.tables import Settings
    from syndicator.model import Problem


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Read every post as a pass would and say what is wrong.\nExit 1 if one would be held back."
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="only posts that are, or lie below, these"
    )
    parser.add_argument("--json", action="store_true", help="print the problems as a JSON array")


def main(args: argparse.Namespace) -> int:
    """Check the configuration and the posts."""
    from syndicator.config.load import load  # noqa: PLC0415  # heavy: for this verb alone
    from syndicator.cycle.whole import examine  # noqa: PLC0415
    from syndicator.publish import registered  # noqa: PLC0415

    settings = load(file(args), registered())
    seen, problems = examine(settings, clock())
    problems = _below(problems, args.paths, settings)
    if args.json:
        print(json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=2))
    else:
        for line in problem_lines(problems, sys.stdout):
            print(line)
    errors = sum(problem.severity == "error" for problem in problems)
    found = f"{count(errors, 'error')}, {count(len(problems) - errors, 'warning')}"
    print(f"{count(seen, 'post')} checked: {found if problems else 'all well'}", file=sys.stderr)
    return 1 if errors else 0


def _below(
    problems: "Iterable[Problem]", wanted: list[str], settings: "Settings"
) -> "list[Problem]":
    """Keep the problems of the files asked for, given as paths from here or below the content."""
    if not wanted:
        return list(problems)
    root = settings.content_root.resolve()
    chosen = []
    for name in wanted:
        here = Path(name).resolve()
        below = here.relative_to(root).as_posix() if here.is_relative_to(root) else name
        chosen.append("" if below == "." else below)
        if not (root / chosen[-1]).exists():
            print(f"{plain(name)}: no such post in {root}", file=sys.stderr)
    return [
        problem
        for problem in problems
        if any(
            not one or problem.path == one or problem.path.startswith(f"{one}/") for one in chosen
        )
    ]
