"""Fetching pictures: eight at once, two a host, and one bad address never stops the others."""

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Self

from syndicator.archive import resting
from syndicator.archive.capture import (
    DAILY,
    Terms,
    asked,
    compared,
    failed,
    is_lost,
    kept,
    next_check,
    phrase,
    suspect,
    unmodified,
)
from syndicator.archive.sniff import Picture, judge
from syndicator.archive.turns import Job, Turns
from syndicator.doors.hosts import host
from syndicator.doors.http import Fetcher, shown
from syndicator.errors import Failed, Refused
from syndicator.model.feeds import Answer, Validators
from syndicator.model.pictures import Rest, Want
from syndicator.model.records import Capture

_AT_ONCE = 8
_OK, _NOT_MODIFIED = 200, 304
_SLOW_DOWN = frozenset({429, 503})  # said for the host as a whole
_IN_THREAD = 1 << 20  # bytes from which hashing would hold up the others

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a picture; without ``capture`` its source shows what it did last time."""

    want: Want
    capture: Capture | None
    data: bytes = b""
    picture: Picture | None = None  # what was seen in the data
    headers: Mapping[str, str] | None = None  # of an answer that brought the same bytes
    again: datetime | None = None  # when to look again


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """What a job brought, and what that says of hosts."""

    capture: Capture
    data: bytes = b""
    picture: Picture | None = None
    answered: str = ""  # the host that was asked
    silent: str = ""  # the one that gave no answer, which a redirect may have led to
    retry_after: float = 0.0


class Fetches:
    """Pictures under way; an async context manager, whose end abandons what is not through.

    Never raises for what a server does: every failure is a capture with its reason and plan.
    ``rests`` are the hosts that were left alone; when ``stop`` is set, nothing more comes.
    """

    def __init__(
        self,
        wanted: Sequence[Want],
        web: Fetcher,
        *,
        terms: Terms,
        clock: Clock,
        stop: asyncio.Event | None = None,
        rests: Iterable[Rest] = (),
    ) -> None:
        """Start nothing yet."""
        self.hosts = resting.Hosts(rests)
        jobs = [Job(want=one, url=one.url, host=host(one.url)) for one in wanted]
        doubtful = {job.host for job in jobs if self.hosts.doubtful(job.host)}
        self._turns = Turns(jobs, doubtful)
        self._left = len(jobs)
        self._web = web
        self._terms = terms
        self._clock = clock
        self._stop = stop or asyncio.Event()
        self._hurry = asyncio.Event()
        self._awaited: Collection[str] = ()  # URLs
        self._ready: deque[Outcome] = deque()
        self._running: dict[asyncio.Task[_Word], Job] = {}
        self._halts: set[asyncio.Task[bool]] = set()

    async def __aenter__(self) -> Self:
        """Watch for the stop."""
        self._halts = {asyncio.create_task(self._stop.wait())}
        return self

    def heed(self, hurry: asyncio.Event, awaited: Collection[str] = ()) -> None:
        """Begin nothing more once this is set, too; within the context.

        Of what is on its way then, only these URLs are waited for.
        """
        self._hurry, self._awaited = hurry, awaited
        self._halts.add(asyncio.create_task(hurry.wait()))

    @property
    def under_way(self) -> set[str]:
        """The URLs that are on their way."""
        return {job.want.url for job in self._running.values()}

    def _ended(self) -> bool:
        return self._stop.is_set() or (
            self._hurry.is_set() and self.under_way.isdisjoint(self._awaited)
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Abandon what is under way."""
        tasks = [*self._running, *self._halts]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def left(self) -> int:
        """How many are not through."""
        return self._left

    async def next(self, until: float | None = None) -> Outcome | None:
        """Return what came of the next picture; None when there is none, or not by ``until``.

        ``until`` is a loop time; what is under way then goes on, for a later call to bring.
        """
        while not self._ready:
            self._start()
            if not self._running or (self._ended() and not self._came()):
                return None
            loop_time = asyncio.get_running_loop().time()
            done, _ = await asyncio.wait(
                {*(halt for halt in self._halts if not halt.done()), *self._running},
                timeout=None if until is None else max(until - loop_time, 0.0),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not done:
                return None
            for task in [task for task in self._running if task in done]:
                self._finish(self._running.pop(task), task.result())
        self._left -= 1
        return self._ready.popleft()

    def _came(self) -> bool:
        return any(task.done() for task in self._running)

    def _start(self) -> None:
        while (
            not (self._stop.is_set() or self._hurry.is_set())
            and len(self._running) < _AT_ONCE
            and (job := self._turns.next()) is not None
        ):
            self._running[asyncio.create_task(self._work(job))] = job

    def _finish(self, job: Job, word: _Word) -> None:
        """Take in what a job brought: for its picture, and for its host."""
        self._turns.done(job.host)
        rest = self._heard(job, word)
        if rest is not None:
            for other in self._turns.drop(rest.host):
                self._without(other, rest)
        if job.failure is not None:
            self._ready.append(_from_elsewhere(job, word))
        elif not self._seek(job.want, word.capture):
            self._ready.append(self._outcome(job.want, word))

    def _heard(self, job: Job, word: _Word) -> Rest | None:
        """Note what the job says of its host; return the rest that it is to have."""
        now, reason = self._clock(), word.capture.reason
        if word.silent and word.silent == job.host:
            return self.hosts.silence(job.host, now, reason)
        if word.capture.status in _SLOW_DOWN and word.answered == job.host:
            wait = asked(word.retry_after).total_seconds()
            return self.hosts.send_to_rest(job.host, now, reason, wait)
        if word.answered or word.silent:  # the silent one is another, to which this one pointed
            self.hosts.answer(job.host, now)
            self._turns.trust(job.host)
        return None

    def _without(self, job: Job, rest: Rest) -> None:
        """Settle what is not asked for after all: its host rests."""
        if job.failure is not None:
            says = f"{job.failure.reason}; {job.host} was not asked: {rest.reason}"
            self._ready.append(Outcome(want=job.want, capture=replace(job.failure, reason=says)))
        elif rest.until - rest.since >= resting.LONG and not job.want.kept:
            self._seek(
                job.want,
                failed(job.want, reason=rest.reason, status=0, at=self._clock(), lost=True),
            )

    def _seek(self, want: Want, capture: Capture) -> bool:
        """Ask elsewhere for a picture that is lost at its source, where that is configured."""
        if not self._terms.rescue or want.kept or not is_lost(capture):
            return False
        stamp = f"{want.around or capture.at:%Y%m%d%H%M%S}"
        url = self._terms.rescue.replace("{timestamp}", stamp).replace("{url}", want.url)
        where, archive = host(url), self._terms.rescue.partition("{")[0]
        there = want.url.startswith(archive) and ":/" in want.url.removeprefix(archive)
        if there or self.hosts.resting(where, self._clock()):
            return False  # it points into the web archive itself, which was asked
        self._turns.add(Job(want=want, url=url, host=where, failure=capture))
        return True

    def _outcome(self, want: Want, word: _Word) -> Outcome:
        capture = word.capture
        if want.copy is None:
            return Outcome(want=want, capture=capture, data=word.data, picture=word.picture)
        again = next_check(want.url, capture.at, self._terms.period)
        new = compared(want, want.copy, capture, follow=self._terms.follow, again=again)
        if new is not None:
            return Outcome(want=want, capture=new, data=word.data, picture=word.picture)
        if capture.plan == "retry":
            again = min(again, capture.at + DAILY)
        headers = capture.headers if capture.digest and capture.status == _OK else None
        return Outcome(want=want, capture=None, headers=headers, again=again)

    async def _work(self, job: Job) -> _Word:
        """Fetch and judge one picture; whatever goes wrong becomes a capture."""
        one, at, known = job.want, self._clock, self._known(job)
        try:
            answer = await self._web.fetch(job.url, limit=self._terms.limit, known=known)
            where = job.host if answer.url == job.url else host(answer.url)
            return await self._judged(one, answer, known, where)
        except Refused as error:
            reason = _why(job.url, error)
            return _Word(capture=failed(one, reason=reason, status=0, at=at(), permanent=True))
        except Failed as error:
            capture = failed(one, reason=_why(job.url, error), status=error.status, at=at())
            return _Word(capture=capture, silent=error.silent)
        except Exception as error:  # noqa: BLE001  # the border: one picture must not stop the others
            reason = f"internal error: {type(error).__name__}: {error}"
            return _Word(capture=failed(one, reason=reason, status=0, at=at()))

    def _known(self, job: Job) -> Validators | None:
        """Return by what to ask for other bytes than those that were recorded last."""
        last, copy = job.want.shown, job.want.copy
        if copy is None or job.failure is not None:
            return None
        told_of = last.plan == "suspect" and not self._terms.follow
        if last.digest != copy.digest and not told_of:
            return None
        return Validators(url=copy.came_from, etag=last.etag, modified=last.modified)

    async def _judged(
        self, one: Want, answer: Answer, known: Validators | None, where: str
    ) -> _Word:
        at = self._clock()
        if answer.status == _NOT_MODIFIED and one.copy is not None and known is not None:
            return _Word(capture=unmodified(one, one.copy, answer, at), answered=where)
        if answer.status != _OK:
            reason, status = phrase(answer.status), answer.status
            capture = failed(one, reason=reason, status=status, at=at, answer=answer)
            return _Word(capture=capture, answered=where, retry_after=answer.retry_after)
        small = len(answer.body) < _IN_THREAD
        verdict = judge(answer.body) if small else await asyncio.to_thread(judge, answer.body)
        digest = await _digest(answer.body)
        if isinstance(verdict, Picture):
            capture = kept(one, answer, verdict, digest, at)
            return _Word(capture=capture, data=answer.body, picture=verdict, answered=where)
        capture = suspect(one, answer, verdict, digest, at)
        return _Word(capture=capture, data=answer.body, answered=where)


def _from_elsewhere(job: Job, word: _Word) -> Outcome:
    """Return what came of a picture that is lost at its source and was asked for elsewhere."""
    capture = word.capture
    if capture.plan == "kept" or job.failure is None:
        return Outcome(want=job.want, capture=capture, data=word.data, picture=word.picture)
    says = f"{job.failure.reason}; nor does {job.host} have it: {capture.reason}"
    return Outcome(want=job.want, capture=replace(job.failure, reason=says))


async def _digest(data: bytes) -> str:
    if len(data) < _IN_THREAD:
        return hashlib.sha256(data).hexdigest() if data else ""
    return (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()


def _why(url: str, error: Refused | Failed) -> str:
    """Return the message without the picture's own address, which stands beside it anyway."""
    return error.says.removeprefix(f"{shown(url)}: ")
