"""Fetching pictures: eight at once, two a host, and one bad address never stops the others."""

import asyncio
import contextlib
import hashlib
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from syndicator.archive.capture import failed, kept, suspect
from syndicator.archive.sniff import Picture, judge
from syndicator.doors.http import Web, shown
from syndicator.errors import Failed, Refused
from syndicator.model import Answer, Capture, Want

_AT_ONCE = 8
_PER_HOST = 2
_OK = 200

Clock = Callable[[], datetime]
Got = tuple[Capture, bytes]


async def gather(
    wanted: Sequence[Want],
    web: Web,
    *,
    limit: int,
    clock: Clock,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[Got, None]:
    """Yield a capture and the bytes received (or none) for each of ``wanted``, as they come.

    ``limit`` is in bytes a picture. Never raises for what a server does: every failure is a
    capture with its reason and plan. When ``stop`` is set, what is under way is abandoned, and it
    ends. Iterate under ``contextlib.aclosing``, so that leaving early cancels what is under way.
    """
    queue = _Queue(wanted)
    running: dict[asyncio.Task[Got], str] = {}
    stop = stop or asyncio.Event()
    halt = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            while len(running) < _AT_ONCE and (turn := queue.next()) is not None:
                one, host = turn
                running[asyncio.create_task(_get(one, web, limit, clock))] = host
            if not running:
                return
            await asyncio.wait({halt, *running}, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in running if task.done()]:
                queue.done(running.pop(task))
                yield task.result()
    finally:
        halt.cancel()
        for task in running:
            task.cancel()
        await asyncio.gather(halt, *running, return_exceptions=True)


class _Queue:
    """Hands out pictures so that no host has more than two under way, and every host its turn."""

    def __init__(self, wanted: Sequence[Want]) -> None:
        self._waiting: dict[str, deque[Want]] = {}
        for one in wanted:
            self._waiting.setdefault(_host(one.url), deque()).append(one)
        self._active: Counter[str] = Counter()
        self._turns = deque(self._waiting)  # hosts that may start one more

    def next(self) -> tuple[Want, str] | None:
        """Return the next picture to start and its host; None when all must wait."""
        if not self._turns:
            return None
        host = self._turns.popleft()
        one = self._waiting[host].popleft()
        self._active[host] += 1
        self._offer(host)
        return one, host

    def done(self, host: str) -> None:
        """Note that one of this host's is through."""
        self._active[host] -= 1
        if host not in self._turns:
            self._offer(host)

    def _offer(self, host: str) -> None:
        if self._waiting[host] and self._active[host] < _PER_HOST:
            self._turns.append(host)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # the door will say what is wrong with it
        return ""


async def _get(one: Want, web: Web, limit: int, clock: Clock) -> Got:
    """Fetch and judge one picture; whatever goes wrong becomes a capture."""
    try:
        answer = await web.fetch(one.url, limit=limit)
        return await _judged(one, answer, clock)
    except Refused as error:
        return failed(one, reason=_why(one, error), status=0, at=clock(), permanent=True), b""
    except Failed as error:
        return failed(one, reason=_why(one, error), status=error.status, at=clock()), b""
    except Exception as error:  # noqa: BLE001  # the border: one picture must not stop the others
        reason = f"internal error: {type(error).__name__}: {error}"
        return failed(one, reason=reason, status=0, at=clock()), b""


async def _judged(one: Want, answer: Answer, clock: Clock) -> Got:
    if answer.status != _OK:
        reason = _phrase(answer.status)
        return failed(one, reason=reason, status=answer.status, at=clock(), answer=answer), b""
    verdict = judge(answer.body)
    hasher = await asyncio.to_thread(hashlib.sha256, answer.body)
    digest = hasher.hexdigest() if answer.body else ""
    if isinstance(verdict, Picture):
        return kept(one, answer, verdict, digest, clock()), answer.body
    return suspect(one, answer, verdict, digest, clock()), answer.body


def _why(one: Want, error: Refused | Failed) -> str:
    """Return the message without the picture's own address, which stands beside it anyway."""
    return error.says.removeprefix(f"{shown(one.url)}: ")


def _phrase(status: int) -> str:
    with contextlib.suppress(ValueError):
        return f"{status} {HTTPStatus(status).phrase}"
    return f"status {status}"
