"""``syndicate daemon``: passes at the configured interval until stopped."""

import argparse
import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from syndicator.cli.archive.care import verified
from syndicator.cli.order import clock, order
from syndicator.cli.show import summary
from syndicator.config.units import spell_seconds
from syndicator.doors import machine, systemd, writer
from syndicator.doors.garbage import settling
from syndicator.doors.layout import Layout
from syndicator.errors import Busy, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from syndicator.config.tables import Settings
    from syndicator.cycle import Order
    from syndicator.doors.leader import Leader
    from syndicator.errors import SyndicatorError
    from syndicator.model.keeping import Verification
    from syndicator.model.posts import Problem
    from syndicator.model.report import Report

LOGS = True  # it lives long: what ends it is said there, too
POLL = 1.0  # seconds between two looks whether an instance is needed
_FIGURES = ("seen", "live", "held", "owed", "sent")
_WARNINGS = {
    *("alert.failed", "control.closed", "heartbeat.failed"),
    *("job.late", "journal.behind", "watch.deaf"),
}
_BEFORE = {"config.refused": "the new configuration is wrong, the old one stays: "}


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Make a pass now, as soon as a post is written, at every interval of [schedule] every,\n"
        "and whenever something falls due; end cleanly on SIGTERM; take the configuration anew\n"
        "on SIGHUP, if it is right. One instance an archive: `run` asks this one for its pass.\n"
        "Where [store] url names a server, a second one stands by until that one dies.\n"
        "With [serve] listen, serve the published files meanwhile."
    )


def main(args: argparse.Namespace) -> int:
    """Live until a signal comes."""
    with settling():
        from syndicator.cli import log  # noqa: PLC0415  # heavy: for this verb alone
        from syndicator.daemon import Daemon, Ears  # noqa: PLC0415
        from syndicator.serve import Pulse, prepare  # noqa: PLC0415

    machine.spare()
    asked = order(args)
    settings = _settings(asked)
    archive = settings.archive_root
    told = Told(log.begin(os.environ))
    with _turn(Layout(archive, settings.store.url), asked.environ, told) as leader:
        if leader is not None:
            settings = _settings(asked)  # while it stood by, the file may have been changed
        schedule, pulse = settings.schedule, Pulse()
        server = prepare(
            settings,
            asked.environ,
            clock,
            draw=token_urlsafe,
            pulse=pulse,
            log=log.requests(told.log),
        )
        when = f"at {schedule.cron}" if schedule.cron else f"every {spell_seconds(schedule.every)}"
        told.say("daemon.started", f"started: archive {archive}, a pass {when}")
        if server is not None:
            at = ", ".join(server.sockets.names())
            told.say("daemon.serving", f"serving at {at}", url=settings.serve.url)
        ears = Ears(told.report, told.complain, told.checked, told.say)
        daemon = Daemon(asked, settings, ears, server=server, pulse=pulse, leader=leader)
        asyncio.run(daemon.live())
        told.say("daemon.stopped", "stopped")
    return 0


def _settings(asked: "Order") -> "Settings":
    """Take the configuration as it is on the disk: what is wrong with it is said now."""
    from syndicator.config import file  # noqa: PLC0415  # heavy
    from syndicator.config.load import load  # noqa: PLC0415
    from syndicator.config.secret import secrets  # noqa: PLC0415
    from syndicator.publish import registered  # noqa: PLC0415

    data = file.on_disk(asked.file)
    settings = load(asked.file, registered(), data)
    file.hold(asked.file, data)
    secrets(settings, asked.environ)  # not at the first push
    return settings


@contextlib.contextmanager
def _turn(place: Layout, environ: "Mapping[str, str]", told: "Told") -> "Iterator[Leader | None]":
    """Be the one instance at work; where machines share a store, wait until one is needed."""
    said = ""
    with contextlib.ExitStack() as stack:
        while True:
            try:
                leader = stack.enter_context(writer.alone(place))
                break
            except (Busy, StoreError) as error:
                heals = isinstance(error, Busy) or error.away
                if isinstance(place.state, Path) or not heals:
                    raise
                if str(error) != said:
                    said = str(error)
                    told.say("daemon.waits", f"standing by: {said}")
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nothing is in force that could be anew
            waits = systemd.status(f"standing by: {said}")
            systemd.notify(environ, systemd.READY, systemd.ALIVE, waits)
            time.sleep(POLL)
        yield leader


class Told:
    """Logs what the daemon says; what stands as before is not said again."""

    def __init__(self, log: Any) -> None:  # noqa: ANN401  # structlog's logger
        """Log to ``log``."""
        self.log = log
        self._known: frozenset[Problem] = frozenset()

    def say(self, event: str, line: str, /, **about: str) -> None:
        """Log anything else."""
        tell = self.log.warning if event in _WARNINGS else self.log.info
        tell(event, message=line, **about)

    def complain(self, error: "SyndicatorError", event: str) -> None:
        """Log that something could not be done, and why."""
        from syndicator.cli.log import failed  # noqa: PLC0415  # heavy: for this verb alone

        failed(self.log, error, event, _BEFORE.get(event, ""))

    def report(self, report: "Report") -> None:
        """Log what a pass saw and did."""
        if not report.unchanged:
            grave = frozenset(one for one in report.problems if one.severity != "info")
            self._problems(one for one in report.problems if one in grave - self._known)
            self._known = grave
            for one in report.missing:
                posts = ", ".join(one.posts)
                self.log.warning(
                    "picture.missing", message=one.reason, url=one.url, post=posts, plan=one.plan
                )
            for lane in report.lanes:
                says = lane.alarm or lane.says or "waiting"
                self.log.warning(
                    "endpoint.owed",
                    message=says,
                    endpoint=lane.endpoint,
                    owed=lane.owed,
                    dead=lane.dead,
                )
        lines = list(summary(report, clock()))
        first = lines[0] if report.unchanged else "; ".join(" ".join(x.split()) for x in lines[:5])
        figures = {name: getattr(report, name) for name in _FIGURES}
        self.log.info("pass.done", message=first, seconds=round(report.seconds, 3), **figures)

    def checked(self, found: "Verification") -> None:
        """Log what a check of a share of the archive found."""
        self._problems(found.problems)
        said = "; ".join(" ".join(line.split()) for line in verified(found))
        (self.log.error if found.alarms else self.log.info)("archive.checked", message=said)

    def _problems(self, found: "Iterable[Problem]") -> None:
        from syndicator.cli.log import problems  # noqa: PLC0415  # heavy: for this verb alone

        problems(self.log, found)
