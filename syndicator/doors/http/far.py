"""The client at work on other machines: their ways out, the same limits, the same guard.

Whose turn it is, which hosts rest and what came of it stays with whoever asks: a worker is handed
one request, and answers with what came, or with why nothing did.
"""

import asyncio
from collections.abc import Awaitable
from concurrent.futures import BrokenExecutor, Executor
from typing import Protocol

from syndicator.doors.http.dial import Limits
from syndicator.doors.http.web import Web
from syndicator.errors import Failed, Refused
from syndicator.model.feeds import Answer, Validators


class Fetcher(Protocol):
    """Whoever fetches as ``Web`` does."""

    def fetch(self, url: str, *, limit: int, known: Validators | None = None) -> Awaitable[Answer]:
        """Fetch; raise Refused or Failed."""
        ...


class Far:
    """Has workers fetch; what is lost with one of them is fetched here."""

    def __init__(self, pool: Executor, here: Web) -> None:
        """Hand each request to ``pool``, under the limits of ``here``."""
        self._pool = pool
        self._here = here

    async def fetch(self, url: str, *, limit: int, known: Validators | None = None) -> Answer:
        """Fetch as ``Web.fetch`` does, with the same errors."""
        limits, agent = self._here.limits, self._here.agent
        try:
            asked = self._pool.submit(_fetched, limits, agent, url, limit, known)
            came = await asyncio.wrap_future(asked)
        except BrokenExecutor:
            return await self._here.fetch(url, limit=limit, known=known)
        if isinstance(came, Answer):
            return came
        raise came


def by(pool: Executor | None, web: Web) -> Fetcher:
    """Return who fetches: the workers of ``pool``, or ``web`` itself without any."""
    return web if pool is None else Far(pool, web)


def _fetched(
    limits: Limits, agent: str, url: str, limit: int, known: Validators | None
) -> Answer | Refused | Failed:
    """Fetch on a worker; anything else that goes wrong there counts as the worker's loss."""
    try:
        return asyncio.run(_fetch(limits, agent, url, limit, known))
    except (Refused, Failed) as error:
        return error


async def _fetch(
    limits: Limits, agent: str, url: str, limit: int, known: Validators | None
) -> Answer:
    async with Web(limits, agent=agent) as web:
        return await web.fetch(url, limit=limit, known=known)
