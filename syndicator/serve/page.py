"""The operator's page: how things stand, in HTML, for those who may see it.

It is made from the same facts as ``syndicate status``, and says no more than that: no secret, no
folder of this machine. It needs no script and loads nothing.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, partial
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, NamedTuple

from syndicator import __version__
from syndicator.config import file as configuration
from syndicator.cycle.facts import facts
from syndicator.cycle.report import needs
from syndicator.deliver.health import OPENS
from syndicator.errors import SyndicatorError
from syndicator.model import Receiver, Report
from syndicator.publish.private import without_folders, without_query
from syndicator.publish.style import markup
from syndicator.serve.item import Reply
from syndicator.serve.replies import plain, word

Shown = Literal["local", "monitor", "never"]
PATH = b"/status"
KEPT = 1.0  # seconds a page is given again: who reloads without end costs no pass its time
ROWS = 200  # problems, and pictures, that are shown
_HTML = b"text/html; charset=utf-8"
_BY_PROXIES = frozenset({b"forwarded", b"via", b"x-real-ip", b"x-client-ip"})


class Status(NamedTuple):
    """What the page is made of, and to whom it is shown."""

    file: Path  # the configuration
    clock: Callable[[], datetime]
    shown: Shown = "local"


class Page:
    """The page, for one event loop."""

    def __init__(self, status: Status) -> None:
        """Show ``status``."""
        self._status = status
        self._made: tuple[float, Reply] = (float("-inf"), plain(404))
        self._making = asyncio.Lock()

    async def answer(self, scope: Any, now: float) -> Reply:  # noqa: ANN401  # as ASGI has it
        """Answer with the page, or as if there were none; ``now`` only goes on."""
        if not admits(self._status.shown, scope):
            return plain(404)
        async with self._making:
            if now - self._made[0] >= KEPT:
                made = await asyncio.to_thread(self._make)
                self._made = (now, made)
        return self._made[1]

    def _make(self) -> Reply:
        now = self._status.clock()
        try:
            report = facts(self._status.file, now)
        except SyndicatorError as error:
            return _reply(503, render(None, now, str(error), self._roots()))
        except OSError:
            return _reply(503, render(None, now, "this process may not read the archive"))
        return _reply(200, render(report, now, roots=self._roots()))

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

    ``local``: at a Unix socket, whose file says who may ask, or at an address of this machine, by
    a name of it: not by a page that had a name lead here (DNS rebinding), and not through a
    proxy, as far as one can be told: by what it adds, or by HTTP/1.0, which nginx speaks unless
    it is told otherwise. ``monitor``: whoever reaches the address.
    """
    if shown != "local":
        return shown == "monitor"
    asked = dict(scope["headers"])
    if b"host" not in asked or scope.get("http_version", "1.1") == "1.0":
        return False
    if asked.keys() & _BY_PROXIES or any(name.startswith(b"x-forwarded") for name in asked):
        return False
    here = scope.get("server")
    if here is None or here[1] is None:
        return True
    return _is_local(here[0]) and _is_local(_host(asked[b"host"]))


def _host(said: bytes) -> str:
    """Return the name in a Host header, without its port."""
    name = said.decode("ascii", "replace").lower()
    return name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]


def _is_local(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        found = ip_address(name)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def render(
    report: Report | None, now: datetime, wrong: str = "", roots: Iterable[Path] = ()
) -> str:
    """Return the page of a report; without one, of what is ``wrong``; it names no ``roots``."""
    page: str = _template().render(
        report=report,
        now=now,
        wrong=wrong,
        needs=[wrong] if report is None else needs(report),
        style=_style(),
        rows=ROWS,
        breaker=_breaker,
        private=partial(without_folders, roots=tuple(roots)),
        version=__version__,
    )
    return page


def _breaker(one: Receiver) -> str:
    """Say whether an endpoint is asked, and how."""
    if one.state != "active":
        return one.state
    if one.streak >= OPENS:
        return "open: single probes"
    return f"closed, {one.streak} failed in a row" if one.streak else "closed"


@cache
def _template() -> Any:  # noqa: ANN401  # of Jinja2, whose room is publish
    room = markup()
    own = {"moment": _moment, "iso": _iso, "away": _away, "size": _size}
    room.filters |= {**own, "without_query": without_query}
    return room.from_string(_file("status.html"))


def _file(name: str) -> str:
    return files("syndicator.serve").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _style() -> str:
    return _file("status.css")


@cache
def _policy() -> bytes:
    """Allow the one style sheet that is in the page, by its digest, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ).encode()


def _reply(status: int, page: str) -> Reply:
    reply = word(status, page.encode(), _HTML)
    name = b"content-security-policy"
    reply.headers = [(key, _policy() if key == name else value) for key, value in reply.headers]
    reply.headers.append((b"referrer-policy", b"no-referrer"))
    return reply


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _away(at: datetime, now: datetime) -> str:
    """Say how far away a moment is: "in 5 min", "2 h ago"."""
    gap = abs((at - now).total_seconds())
    for size, name in ((86400, "days"), (3600, "h"), (60, "min")):
        if gap >= 2 * size:
            said = f"{round(gap / size)} {name}"
            break
    else:
        said = f"{round(gap)} s"
    return f"in {said}" if at > now else f"{said} ago"


def _size(count: int) -> str:
    return f"{count / 10**9:,.1f} GB"
