"""What the service manager hears of a daemon: that it is ready, how it stands, that it lives."""

import asyncio
import os
import time
from collections.abc import Mapping

from syndicator.doors import index, systemd
from syndicator.errors import SyndicatorError
from syndicator.model.report import Report

_SHARE = 3  # of the time the manager waits: two datagrams may be late
LEAVE = 5.0  # seconds between two requests for more time to end in


class Service:
    """Speaks to the service manager, if there is one."""

    def __init__(self, environ: Mapping[str, str], state: index.Where) -> None:
        """Prepare; ``state`` is the database that must answer."""
        self._environ = environ
        self._state = state
        self._every = systemd.watchdog(environ, os.getpid())
        self._fed = float("-inf")

    def say(self, *lines: str) -> None:
        """Send lines."""
        systemd.notify(self._environ, *lines)

    def passed(self, report: Report) -> None:
        """Tell how things stand, in a line of ``systemctl status``."""
        held = f", {report.held} held back" if report.held else ""
        lost = f", {report.dead} given up" if report.dead else ""
        posts = f"posts: {report.live}{held}; pushes: {report.owed} owed{lost}"
        self.say(systemd.status(posts))

    def failed(self, error: SyndicatorError) -> None:
        """Tell that the last pass could not be made."""
        self.say(systemd.status(f"the last pass failed: {error}"))

    async def feed(self, *, stuck: bool) -> None:
        """Tell that all is well: called by the loop that does the work, while it gets around.

        Nothing is told while something is stuck, or while the database does not answer.
        """
        now = time.monotonic()
        if self._every is None or stuck or now - self._fed < self._every / _SHARE:
            return
        if await asyncio.to_thread(self._answers):
            self.say(systemd.ALIVE)
            self._fed = now

    async def leave(self) -> None:
        """Ask for more time to end in, until cancelled."""
        while True:
            self.say(systemd.extend(3 * LEAVE))
            await asyncio.sleep(LEAVE)

    def _answers(self) -> bool:
        try:
            index.revision(self._state)
        except SyndicatorError:
            return False
        return True
