"""The operator's pages: how things stand, in HTML, for those who may see it.

They are made from the same facts as ``syndicate status`` and ``config show``, and name no secret
and no folder of this machine. They need no script and load nothing.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs

from syndicator.config import file as configuration
from syndicator.config.load import load
from syndicator.config.origin import in_force
from syndicator.config.serve import ServeTable
from syndicator.cycle import layout
from syndicator.cycle.facts import facts
from syndicator.cycle.roll import roll
from syndicator.doors.tally import Tally
from syndicator.errors import SyndicatorError
from syndicator.publish import registered
from syndicator.serve import sheets
from syndicator.serve.item import Reply
from syndicator.serve.replies import plain, word

Shown = Literal["socket", "monitor", "never"]
STATUS, POSTS, FORCE = b"/status", b"/status/posts", b"/status/configuration"
PATHS = frozenset({STATUS, POSTS, FORCE})
KEPT = 1.0  # seconds a page is given again: who reloads without end costs no pass its time
LENGTH = 100  # posts on a page
_DIGITS = 9  # of the number of a page
_HTML = b"text/html; charset=utf-8"


class Status(NamedTuple):
    """What the pages are made of, and to whom they are shown."""

    file: Path  # the configuration
    clock: Callable[[], datetime]
    shown: Shown = "socket"
    began: ServeTable | None = None  # what the server was started with


class Asked(NamedTuple):
    """Which page is asked for."""

    path: bytes
    state: str = ""
    page: int = 1


class Page:
    """The pages, for one event loop."""

    def __init__(self, status: Status) -> None:
        """Show ``status``."""
        self._status = status
        self._made: dict[Asked, tuple[float, Reply]] = {}
        self._making = asyncio.Lock()
        self._tally = Tally()

    async def answer(self, scope: Any, now: float) -> Reply:  # noqa: ANN401  # as ASGI has it
        """Answer with the page, or as if there were none; ``now`` only goes on."""
        asked = _asked(scope)
        if asked is None or not admits(self._status.shown, scope):
            return plain(404)
        async with self._making:
            self._made = {one: it for one, it in self._made.items() if now - it[0] < KEPT}
            if asked not in self._made:
                self._made[asked] = (now, await asyncio.to_thread(self._make, asked))
            return self._made[asked][1]

    def _make(self, asked: Asked) -> Reply:
        now, roots = self._status.clock(), self._roots()
        try:
            page = self._page(asked, now, roots)
        except SyndicatorError as error:
            return _reply(503, sheets.nothing(str(error), now, roots))
        except OSError:
            return _reply(503, sheets.nothing("this process may not read the archive", now))
        return plain(404) if page is None else _reply(200, page)

    def _page(self, asked: Asked, now: datetime, roots: list[Path]) -> str | None:
        file = self._status.file
        if asked.path == FORCE:
            lines = in_force(load(file, registered()), self._status.began)
            return sheets.configuration(file, lines, now, roots)
        if asked.path == POSTS:
            found = roll(file, asked.state, asked.page, LENGTH)
            return None if found is None else sheets.posts(found, now, roots)
        report = facts(file, now)
        return sheets.status(report, self._tally.count(layout(file)), now, roots)

    def _roots(self) -> list[Path]:
        """Return the folders of this site and of this user, as they may be written in errors."""
        folder = self._status.file.parent
        found = [folder]
        with suppress(SyndicatorError, OSError, RuntimeError):
            found.append(Path.home())
            quick = configuration.quick(configuration.read(self._status.file)[1], folder)
            found += [quick.content_root, quick.archive_root] if quick else []
        return [*found, *(one.resolve() for one in found)]


def admits(shown: Shown, scope: Any) -> bool:  # noqa: ANN401
    """Tell whether a request comes from somebody who may see the page.

    ``socket``: at a Unix socket, whose mode says who may ask; behind a proxy every visitor comes
    from this machine, so an address tells nothing. ``monitor``: whoever reaches the address.
    """
    here = scope.get("server")
    return shown == "monitor" or (shown == "socket" and (here is None or here[1] is None))


def _asked(scope: Any) -> Asked | None:  # noqa: ANN401
    """Read which page is asked for; None for none of ours."""
    path = scope["raw_path"]
    if path != POSTS:
        return Asked(path)
    said = parse_qs(scope["query_string"].decode("ascii", "replace"))
    page = said.get("page", ["1"])[-1]
    if not (page.isascii() and page.isdigit() and len(page) <= _DIGITS and int(page)):
        return None
    return Asked(path, said.get("state", ["published"])[-1], int(page))


def _reply(status: int, page: str) -> Reply:
    reply = word(status, page.encode(), _HTML)
    name, policy = b"content-security-policy", sheets.policy()
    reply.headers = [(key, policy if key == name else value) for key, value in reply.headers]
    reply.headers.append((b"referrer-policy", b"no-referrer"))
    return reply
