"""``syndicate daemon``: passes at the configured interval until stopped."""

import argparse
import asyncio
import os
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from syndicator.cli.archive.care import verified
from syndicator.cli.order import clock, order
from syndicator.cli.show import summary
from syndicator.config.units import spell_seconds
from syndicator.doors import files, machine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syndicator.errors import SyndicatorError
    from syndicator.model import Problem, Report
    from syndicator.model.keeping import Verification

_FIGURES = ("seen", "live", "held", "owed", "sent")


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Make a pass now, as soon as a post is written, at every interval of [schedule] every,\n"
        "and whenever something falls due; end cleanly on SIGTERM; take the configuration anew\n"
        "on SIGHUP, if it is right. One instance an archive: `run` asks this one for its pass.\n"
        "With [serve] listen, serve the published files meanwhile."
    )


def main(args: argparse.Namespace) -> int:
    """Live until a signal comes."""
    from syndicator.cli.log import logger  # noqa: PLC0415  # heavy: for this verb alone
    from syndicator.config import file  # noqa: PLC0415
    from syndicator.config.load import load  # noqa: PLC0415
    from syndicator.config.secret import secrets  # noqa: PLC0415
    from syndicator.daemon import Daemon, Ears  # noqa: PLC0415
    from syndicator.publish import registered  # noqa: PLC0415
    from syndicator.serve import Pulse, prepare  # noqa: PLC0415

    machine.spare()
    asked = order(args)
    data = file.on_disk(asked.file)
    settings = load(asked.file, registered(), data)
    file.hold(asked.file, data)
    secrets(settings, asked.environ)  # what is wrong with them is said now, not at the first push
    archive, schedule = settings.archive_root, settings.schedule
    told = Told(logger(os.environ))
    with files.lock(archive / "lock"):
        pulse = Pulse()
        server = prepare(
            settings, asked.environ, clock, draw=token_urlsafe, pulse=pulse, log=told.request
        )
        when = f"at {schedule.cron}" if schedule.cron else f"every {spell_seconds(schedule.every)}"
        told.say(f"started: archive {archive}, a pass {when}", "daemon.started")
        if server is not None:
            told.say(f"serving at {', '.join(server.sockets.names())}", "daemon.serving")
        ears = Ears(told.report, told.complain, told.checked, told.say)
        daemon = Daemon(asked, settings, ears, server=server, pulse=pulse)
        asyncio.run(daemon.live())
        told.say("stopped", "daemon.stopped")
    return 0


class Told:
    """Logs what the daemon says; what stands as before is not said again."""

    def __init__(self, log: Any) -> None:  # noqa: ANN401  # structlog's logger
        """Log to ``log``."""
        self._log = log
        self._known: frozenset[Problem] = frozenset()

    def say(self, line: str, event: str = "daemon.said") -> None:
        """Log anything else."""
        self._log.info(event, message=line)

    def request(self, line: str) -> None:
        """Log a request."""
        self._log.info("request", message=line)

    def complain(self, error: "SyndicatorError") -> None:
        """Log that a pass could not be made, and why."""
        self._problems(error.problems)
        kind = type(error).__name__
        self._log.error("pass.failed", message=str(error), hint=error.hint, kind=kind)

    def report(self, report: "Report") -> None:
        """Log what a pass saw and did."""
        if not report.unchanged:
            grave = frozenset(one for one in report.problems if one.severity != "info")
            self._problems(one for one in report.problems if one in grave - self._known)
            self._known = grave
            for one in report.missing:
                posts = ", ".join(one.posts)
                self._log.warning(
                    "picture.missing", message=one.reason, url=one.url, post=posts, plan=one.plan
                )
            for lane in report.lanes:
                says = lane.alarm or lane.says or "waiting"
                self._log.warning(
                    "endpoint.owed",
                    message=says,
                    endpoint=lane.endpoint,
                    owed=lane.owed,
                    dead=lane.dead,
                )
        lines = list(summary(report, clock()))
        first = lines[0] if report.unchanged else "; ".join(" ".join(x.split()) for x in lines[:5])
        figures = {name: getattr(report, name) for name in _FIGURES}
        self._log.info("pass.done", message=first, seconds=round(report.seconds, 3), **figures)

    def checked(self, found: "Verification") -> None:
        """Log what a check of a share of the archive found."""
        self._problems(found.problems)
        said = "; ".join(" ".join(line.split()) for line in verified(found))
        (self._log.error if found.alarms else self._log.info)("archive.checked", message=said)

    def _problems(self, problems: "Iterable[Problem]") -> None:
        for one in problems:
            log = self._log.error if one.severity == "error" else self._log.warning
            log(
                "post.problem",
                message=f"{one.code} {one.says}",
                post=one.path,
                line=one.line,
                column=one.column,
                hint=one.hint,
            )
