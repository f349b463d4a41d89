"""One attempt of an endpoint, answered by a list of answers; nothing is sent."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from entries import NOW

from syndicator.config.tables import Endpoint
from syndicator.deliver.outcome import usual
from syndicator.model.feeds import Answer, Attempt, Notice, Outcome, Parcel, Request

SECRET = "canary-0123456789"


@dataclass(frozen=True)
class Exchange:
    """What was asked, and what came of it."""

    requests: list[Request]
    outcome: Outcome

    @property
    def asked(self) -> list[str]:
        """Tell the requests by method and address."""
        return [f"{one.method} {one.url}" for one in self.requests]

    def json(self, n: int) -> Any:
        """Read the body of a request."""
        return json.loads(self.requests[n].body)


def answer(status: int = 200, said: object = None, **headers: str) -> Answer:
    """Return an answer with a body in JSON."""
    body = b"" if said is None else json.dumps(said).encode()
    return Answer(status=status, headers=headers, body=body, url="https://x.example/")


def parcel(notice: Notice, *, remote: str = "", attempts: int = 0) -> Parcel:
    """Return the delivery of a notice."""
    return Parcel(
        delivery=1,
        message="msg_1",
        endpoint=notice.endpoint,
        kind=notice.kind,
        subject=notice.subject,
        body=notice.body,
        attempts=attempts,
        seq=notice.seq,
        media_type=notice.media_type,
        remote=remote,
    )


def exchange(
    endpoint: Endpoint, one: Parcel, answers: Iterable[Answer] = (), secret: str = SECRET
) -> Exchange:
    """Make an attempt as the sender does; every answer must be asked for."""
    asked: list[Request] = []
    left = list(answers)
    steps = endpoint.exchange(one, Attempt(at=NOW, n=one.attempts + 1, secret=secret))
    asked.append(next(steps))
    while True:
        given = left.pop(0)
        try:
            asked.append(steps.send(given))
        except StopIteration as end:
            assert not left
            return Exchange(asked, end.value or usual(given))
