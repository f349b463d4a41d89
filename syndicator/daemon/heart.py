"""A sign of life for whoever watches from outside: an address that is asked after good passes.

A service of that kind (healthchecks.io, Uptime Kuma, Cronitor) tells a person when it is asked no
longer: it is the only thing that notices a machine that is gone.
"""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from syndicator.config.tables import Settings
from syndicator.cycle.keeping import limits
from syndicator.daemon.work import Say
from syndicator.doors.http import Web
from syndicator.errors import SyndicatorError

PAUSE = 60.0  # seconds between two signs: edits in a row are one
_PATIENCE = 10.0  # seconds the other side has
_MOST = 4096  # bytes of an answer
_ERROR = 400


class Heart:
    """Asks the address of ``[schedule] heartbeat``; ``say`` hears when that begins to fail."""

    def __init__(self, say: Say, agent: Callable[[Settings], str]) -> None:
        """Prepare."""
        self._say = say
        self._agent = agent
        self._last = float("-inf")
        self._well = True
        self.web: Callable[..., Web] = Web

    async def beat(self, settings: Settings) -> str | None:
        """Give a sign, if one is wanted and the last one is not just past. Never raises.

        Returns why that failed, "" where it did not; None where none was given.
        """
        url, now = settings.schedule.heartbeat, time.monotonic()
        if not url or now - self._last < PAUSE:
            return None
        self._last = now
        why = await self._ask(url, settings)
        parts = urlsplit(url)
        host = parts.hostname or ""  # not more of it: such an address is a key
        about = f"{parts.scheme}://{host}/…"
        if why and self._well:
            self._say("heartbeat.failed", f"heartbeat: {host} {why}", url=about)
        elif not (why or self._well):
            self._say("heartbeat.well", f"heartbeat: {host} answers again", url=about)
        self._well = not why
        return why and f"{host} {why}"

    async def _ask(self, url: str, settings: Settings) -> str:
        web = self.web(limits(settings, _PATIENCE), agent=self._agent(settings))
        try:
            async with web:
                answer = await web.fetch(url, limit=_MOST, accept="*/*")
        except (SyndicatorError, OSError) as error:
            return str(error).replace(url, "").lstrip(": ") or "did not answer"
        return f"answered {answer.status}" if answer.status >= _ERROR else ""
