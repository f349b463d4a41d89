"""One attempt at one parcel: made as its endpoint says, and judged."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Literal

from syndicator.config.tables import Endpoint
from syndicator.deliver import schedule
from syndicator.deliver.outcome import broken, usual
from syndicator.deliver.reply import head
from syndicator.doors.store.lanes import Finished
from syndicator.errors import Failed, Refused
from syndicator.model.feeds import Answer, Attempt, Outcome, Parcel, Request, Verdict
from syndicator.model.records import Settled, Tried

if TYPE_CHECKING:  # whoever sends has opened it
    from syndicator.doors.http.web import Web

LONGEST = 30.0  # seconds, however many requests an attempt needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An endpoint as it is configured now, and its secret."""

    endpoint: Endpoint
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of one attempt."""

    parcel: Parcel
    outcome: Outcome
    began: datetime
    ended: datetime
    milliseconds: int
    cut: bool = False  # by ourselves
    requests: Sequence[Request] = ()
    answer: Answer | None = None  # to the last of them, if any came

    @property
    def peer(self) -> str:
        """Which address answered."""
        return self.answer.peer if self.answer else ""

    def reply(self, secrets: Iterable[str]) -> str:
        """Tell what the receiver said, as far as it may be shown."""
        return head(self.answer, secrets, self.requests) if self.answer else ""


async def make(parcel: Parcel, target: Target, web: "Web", clock: Callable[[], datetime]) -> Sent:
    """Make one attempt; whatever breaks is an outcome."""
    loop = asyncio.get_running_loop()
    at, start = clock(), loop.time()
    told = _Told()
    outcome = await _outcome(parcel, target, web, at, told)
    took = timedelta(seconds=loop.time() - start) // timedelta(milliseconds=1)
    return Sent(
        parcel=parcel,
        outcome=outcome,
        began=at,
        ended=clock(),
        milliseconds=took,
        requests=told.requests,
        answer=told.answer,
    )


def cut_short(parcel: Parcel, clock: Callable[[], datetime]) -> Sent:
    """Return the attempt that was broken off because the pass was to end."""
    says = "interrupted: the pass was to end before an answer came"
    outcome, at = Outcome(means="again", says=says, unknown=True), clock()
    return Sent(parcel=parcel, outcome=outcome, began=at, ended=at, milliseconds=0, cut=True)


def verdict(sent: Sent, endpoint: Endpoint, jitter: Callable[[], float]) -> Verdict:
    """Tell what an attempt means for its delivery, by the schedule of its endpoint."""
    return schedule.judge(
        sent.outcome,
        attempt=sent.parcel.attempts + 1,
        now=sent.ended,
        jitter=jitter,
        delays=endpoint.retries,
        once=endpoint.mode == "at-most-once",
        until=of_use(sent.parcel, endpoint),
    )


def of_use(parcel: Parcel, endpoint: Endpoint) -> datetime | None:
    """Tell until when a message is of use to its endpoint, None for ever."""
    if not endpoint.expires or parcel.since is None:
        return None
    return parcel.since + timedelta(seconds=endpoint.expires)


def finished(sent: Sent, verdict: Verdict, *, burnt: bool, secrets: Iterable[str]) -> Finished:
    """Return what the outbox keeps of an attempt: of a reply, what is no acknowledgement."""
    return Finished(
        parcel=sent.parcel,
        verdict=verdict,
        at=sent.began,
        milliseconds=sent.milliseconds,
        status=sent.outcome.status,
        burnt=burnt,
        peer=sent.peer,
        reply="" if sent.outcome.means == "done" else sent.reply(secrets),
    )


def interrupted(sent: Sent) -> Finished:
    """Return what the outbox keeps of an attempt that was broken off: it may have arrived."""
    patience = ceil(schedule.SETTLED)
    again = Verdict(state="again", says=f"{sent.outcome.says}; it may have arrived")
    return Finished(
        sent.parcel, again, sent.began, sent.milliseconds, status=0, interrupted=patience
    )


def settled(parcel: Parcel, verdict: Verdict, at: datetime, status: int = 0) -> Settled:
    """Return what the journal is told of a message that is over."""
    return Settled(
        at=at,
        message=parcel.message,
        endpoint=parcel.endpoint,
        verdict="done" if verdict.state == "done" else "dead",
        status=status,
        says=verdict.says,
        remote=verdict.remote,
    )


def tried(parcel: Parcel, at: datetime, state: Literal["begun", "unsent"]) -> Tried:
    """Return what the journal is told of an attempt at what must not come twice."""
    return Tried(at=at, message=parcel.message, endpoint=parcel.endpoint, state=state)


@dataclass(slots=True)
class _Told:
    """What went to and fro in an attempt."""

    requests: list[Request] = field(default_factory=list)
    answer: Answer | None = None


async def _outcome(
    parcel: Parcel, target: Target, web: "Web", at: datetime, told: _Told
) -> Outcome:
    attempt = Attempt(at=at, n=parcel.attempts + 1, secret=target.secret)
    steps = target.endpoint.exchange(parcel, attempt)
    try:
        async with asyncio.timeout(LONGEST):
            request = next(steps)
            while True:
                told.requests.append(request)
                told.answer = None  # what broke off is no reply to this one
                told.answer = answer = await web.send(request)
                try:
                    request = steps.send(answer)
                except StopIteration as end:
                    judged: Outcome | None = end.value
                    return judged or usual(answer)
    except Refused as error:
        mine = not told.requests  # the message's own fault: its endpoint was not asked
        return Outcome(means="dead", says=error.says) if mine else broken(error)
    except TimeoutError:
        return broken(Failed(f"no complete answer within {LONGEST:g} s"))
    except Exception as error:  # noqa: BLE001  # the border: one push must not stop the others
        return broken(error)
    finally:
        steps.close()
