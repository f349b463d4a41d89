"""``syndicate daemon``: passes at the configured interval until stopped."""

import argparse
import asyncio
import sys
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from syndicator.cli import complain
from syndicator.cli.archive.care import verified
from syndicator.cli.order import clock, order
from syndicator.cli.serve import say
from syndicator.cli.show import grave_lines, plain, summary
from syndicator.config.units import spell_seconds
from syndicator.doors import files

if TYPE_CHECKING:
    from syndicator.model import Report
    from syndicator.model.keeping import Verification


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Make a pass now, as soon as a post is written, at every interval of [schedule] every,\n"
        "and whenever something falls due; end cleanly on SIGTERM. One instance an archive:\n"
        "`run` asks this one for its pass.\n"
        "With [serve] listen, serve the published files meanwhile."
    )


def main(args: argparse.Namespace) -> int:
    """Live until a signal comes."""
    from syndicator.config.load import load  # noqa: PLC0415  # heavy: for this verb alone
    from syndicator.config.secret import secrets  # noqa: PLC0415
    from syndicator.daemon import Daemon, Ears  # noqa: PLC0415
    from syndicator.publish import registered  # noqa: PLC0415
    from syndicator.serve import Pulse, prepare  # noqa: PLC0415

    asked = order(args)
    settings = load(asked.file, registered())
    secrets(settings, asked.environ)  # what is wrong with them is said now, not at the first push
    archive, schedule = settings.archive_root, settings.schedule
    with files.lock(archive / "lock"):
        pulse = Pulse()
        server = prepare(settings, asked.environ, clock, draw=token_urlsafe, pulse=pulse, log=say)
        where = plain(str(archive))
        when = f"at {schedule.cron}" if schedule.cron else f"every {spell_seconds(schedule.every)}"
        print(f"started: archive {where}, a pass {when}", flush=True)
        if server is not None:
            print(f"serving at {', '.join(server.sockets.names())}", flush=True)
        ears = Ears(_tell, complain, _checked, say)
        daemon = Daemon(asked, settings, ears, server=server, pulse=pulse)
        asyncio.run(daemon.live())
        print("stopped", flush=True)
    return 0


def _tell(report: "Report") -> None:
    if not report.unchanged:  # what was said after the last pass still holds
        for line in grave_lines(report.problems):
            print(line, file=sys.stderr)
    lines = list(summary(report, clock()))
    for line in lines[:1] if report.unchanged else lines:
        print(line, flush=True)


def _checked(found: "Verification") -> None:
    for line in grave_lines(found.problems):
        print(line, file=sys.stderr)
    for line in verified(found):
        print(line, flush=True)
