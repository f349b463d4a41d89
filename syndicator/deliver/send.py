"""Sending what is due, until nothing is, or the time for it is up.

Each endpoint has a lane of its own: what is owed to it goes in order, one at a time, and an
endpoint that fails rests until its next attempt is due, while the others go on.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syndicator.config.tables import Endpoint
from syndicator.deliver import schedule
from syndicator.deliver.outcome import broken, usual
from syndicator.doors.http.web import Web
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import outbox
from syndicator.model import Attempt, Outcome, Parcel, Settled, Verdict

GRACE = 0.5  # seconds a receiver has left to answer when the pass is to end
LEAST = 1.0  # seconds an endpoint has even in a pass that does not stay
ROUND = 8  # deliveries of one endpoint in hand at once: what a crash may send twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An endpoint as it is configured now, and its secret."""

    endpoint: Endpoint
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of one parcel."""

    parcel: Parcel
    verdict: Verdict
    at: datetime
    milliseconds: int
    status: int


@dataclass(slots=True, kw_only=True)
class Sender:
    """The fifth stage's second half, for one pass."""

    ledger: Ledger
    web: Web
    targets: Mapping[str, Target]
    clock: Callable[[], datetime]
    jitter: Callable[[], float]
    stop: asyncio.Event
    done: int = 0
    dead: int = 0

    async def drain(self, stay: float) -> None:
        """Send what is due, and what falls due within ``stay`` seconds; then end.

        Each lane ends by itself, at most one attempt after the time is up.
        """
        end = asyncio.get_running_loop().time() + stay
        await asyncio.gather(*(self._serve(name, end) for name in self.targets))

    async def _serve(self, name: str, end: float) -> None:
        """Work through what one endpoint is owed."""
        loop = asyncio.get_running_loop()
        while not self.stop.is_set():
            now = self.clock()
            with self.ledger.store.transaction() as session:
                parcels = outbox.claim(session, now, [name], ROUND)
                waiting = outbox.waiting(session)
            if parcels:
                self._settle(parcels, await self._lane(parcels, end))
                if loop.time() > end:
                    return
                continue
            if name not in waiting:
                return
            pause = (waiting[name][1] - now).total_seconds()
            if loop.time() + pause > end:
                return
            await self._sleep(max(pause, 0.05))

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stop.wait(), seconds)
        except TimeoutError:
            return

    async def _lane(self, parcels: Sequence[Parcel], end: float) -> list[Sent]:
        """Send in order; what failed holds back what is about the same post, or everything."""
        loop = asyncio.get_running_loop()
        end = max(end, loop.time() + LEAST)
        sent: list[Sent] = []
        failed: set[str] = set()
        for parcel in parcels:
            if loop.time() > end:
                break
            if parcel.subject in failed:
                continue
            if self.stop.is_set() or (one := await self._unless_stopped(parcel)) is None:
                break
            sent.append(one)
            if one.verdict.rest:
                break
            if one.verdict.state == "again":
                failed.add(parcel.subject)
        return sent

    async def _unless_stopped(self, parcel: Parcel) -> Sent | None:
        """Make an attempt; None when the pass was to end and the receiver let it wait.

        The receiver may have taken the message: it gets it again, under the same id.
        """
        attempt = asyncio.create_task(self._attempt(parcel))
        halt = asyncio.create_task(self.stop.wait())
        try:
            await asyncio.wait({attempt, halt}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({attempt}, timeout=GRACE)
        finally:
            halt.cancel()
            attempt.cancel()
        await asyncio.wait({attempt, halt})
        return None if attempt.cancelled() else attempt.result()

    async def _attempt(self, parcel: Parcel) -> Sent:
        loop = asyncio.get_running_loop()
        target, at, began = self.targets[parcel.endpoint], self.clock(), loop.time()
        outcome = await self._outcome(target, parcel, at)
        verdict = schedule.judge(
            outcome,
            attempt=parcel.attempts + 1,
            now=self.clock(),
            jitter=self.jitter,
            delays=target.endpoint.retries,
            once=target.endpoint.mode == "at-most-once",
        )
        took = timedelta(seconds=loop.time() - began) // timedelta(milliseconds=1)
        return Sent(
            parcel=parcel, verdict=verdict, at=at, milliseconds=took, status=outcome.status
        )

    async def _outcome(self, target: Target, parcel: Parcel, at: datetime) -> Outcome:
        """Make one attempt as its endpoint says; whatever breaks is an outcome."""
        attempt = Attempt(at=at, n=parcel.attempts + 1, secret=target.secret)
        steps = target.endpoint.exchange(parcel, attempt)
        try:
            request = next(steps)
            while True:
                answer = await self.web.send(request)
                try:
                    request = steps.send(answer)
                except StopIteration as end:
                    outcome: Outcome | None = end.value
                    return outcome or usual(answer)
        except Exception as error:  # noqa: BLE001  # the border: one push must not stop the others
            return broken(error)
        finally:
            steps.close()

    def _settle(self, parcels: Iterable[Parcel], settled: Sequence[Sent]) -> None:
        """Record what came of a round; what was leased and not tried is due as before."""
        tried = {one.parcel.delivery for one in settled}
        left = [one.delivery for one in parcels if one.delivery not in tried]
        with self.ledger.batch() as batch:
            outbox.release(batch.session, left)  # first: what failed may hold some of it back
            for one in settled:
                if one.verdict.state != "again":
                    batch.record([_settled(one)])
                outbox.finish(
                    batch.session,
                    one.parcel,
                    one.verdict,
                    at=one.at,
                    milliseconds=one.milliseconds,
                    status=one.status,
                )
                self.done += one.verdict.state == "done"
                self.dead += one.verdict.state == "dead"


def _settled(one: Sent) -> Settled:
    return Settled(
        at=one.at,
        message=one.parcel.message,
        endpoint=one.parcel.endpoint,
        verdict="done" if one.verdict.state == "done" else "dead",
        status=one.status,
        says=one.verdict.says,
        remote=one.verdict.remote,
    )
