"""Sending what is due; time is the loop's own, so that nobody waits."""

import asyncio
import base64
import json
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
import standardwebhooks as official
from entries import SITE
from loopback import no_wait
from records import SECRET, hook, owed
from sqlalchemy import text
from timeless import START, Timeless, timeless

from syndicator.deliver.attempt import Target
from syndicator.deliver.lane import AHEAD
from syndicator.deliver.owing import recover
from syndicator.deliver.reply import MOST
from syndicator.deliver.send import RETRIES, Sender
from syndicator.doors import files, lines
from syndicator.doors.batch import Batch
from syndicator.doors.http import Limits, Web
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store, alerts, history, lanes, outbox
from syndicator.model.feeds import Answer, Attempt, Outcome, Parcel, Request
from syndicator.model.records import Alerted, Joined, Reopened, Settled, Switched
from syndicator.publish.webhook import Webhook

T = TypeVar("T")
Says = Callable[[httpx.Request], httpx.Response]


def fine(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(204)


@dataclass(slots=True)
class Post:
    """An outbox with what it owes, and receivers that say what they are told to."""

    ledger: Ledger
    store: Store
    says: dict[str, Says] = field(default_factory=dict)
    heard: list[tuple[str, str, float]] = field(default_factory=list)  # endpoint, message, when
    requests: list[httpx.Request] = field(default_factory=list)
    hurry_at: int = -1  # requests after which somebody waits for the end
    stop_at: int = 0  # requests after which the end is asked for
    seconds: float = 0.0  # what an answer takes
    ahead: float = 0.0  # seconds by which the clock was set, or that the machine slept
    lived: float = 60.0  # seconds the process has lived before it sends
    targets: dict[str, Target] = field(
        default_factory=lambda: {
            name: Target(endpoint=hook(name), secret=SECRET) for name in ("ops", "news")
        }
    )

    def owe(self, *names: str) -> None:
        """Owe messages: ``ops:m1`` is m1 to ops."""
        endpoints = {name.partition(":")[0] for name in names}
        with self.ledger.batch() as batch:
            batch.record(Joined(at=START, endpoint=one, since="all") for one in sorted(endpoints))
            batch.record(owed(name.partition(":")[2], name.partition(":")[0]) for name in names)

    def drain(self, stay: float = 30.0, *, late: float = 0.0, whole: bool = False) -> Sender:
        """Send; ``late`` seconds of the clock have passed before."""
        return timeless(lambda loop: self._drain(loop, stay, late, whole=whole))

    async def _drain(self, loop: Timeless, stay: float, late: float, *, whole: bool) -> Sender:
        stop, hurry = asyncio.Event(), asyncio.Event()
        if not self.hurry_at:
            hurry.set()

        async def handle(request: httpx.Request) -> httpx.Response:
            name = request.url.host.partition(".")[0]
            self.heard.append((name, request.headers.get("webhook-id", ""), loop.time()))
            self.requests.append(request)
            if len(self.heard) == self.stop_at:
                stop.set()
            if len(self.heard) == self.hurry_at:
                hurry.set()
            await asyncio.sleep(self.seconds)
            return self.says.get(name, fine)(request)

        limits = Limits(timeout=30.0)
        transport = httpx.MockTransport(handle)
        async with Web(limits, agent="test", transport=transport, sleep=no_wait) as web:
            sender = Sender(
                ledger=self.ledger,
                web=web,
                targets=self.targets,
                site=SITE,
                clock=lambda: loop.clock() + timedelta(seconds=late + self.ahead),
                jitter=lambda: 0.0,
                age=lambda: self.lived + loop.time(),
                stop=stop,
                hurry=hurry,
            )
            await sender.drain(stay, whole=whole)
        return sender

    def deliveries(self) -> dict[str, tuple[str, int, float]]:
        """Return state, attempts and seconds until the next try, by message."""
        with self.store.transaction() as session:
            rows = session.connection().execute(
                text("SELECT message, state, attempts, next_at FROM delivery ORDER BY id")
            )
            return {
                message: (state, attempts, at - START.timestamp())
                for message, state, attempts, at in rows
            }

    def well(self) -> bool:
        """Tell whether ``ops``, of which it was told that it fails, is seen to answer."""
        told = Alerted(
            at=START, kind="endpoint", name="ops", state="failing", failures=3, says="no"
        )
        with self.store.transaction() as session:
            alerts.apply(session, [told])
            found = alerts.news(session, START, 3, here=["ops"])
            return [one.state for one in found] == ["recovered"]

    def tries(self) -> list[int]:
        """Return the statuses of all attempts that were noted."""
        with self.store.transaction() as session:
            rows = session.connection().execute(text("SELECT status FROM attempt ORDER BY id"))
            return [status for (status,) in rows]

    def states(self) -> dict[str, str]:
        """Return the state by message."""
        return {message: state for message, (state, _, _) in self.deliveries().items()}

    def journal(self, kind: type[T]) -> list[T]:
        """Return the journal's records of this kind."""
        found: list[T] = []
        for path in sorted(self.ledger.layout.journal.iterdir()):
            records = [lines.decode(line) for line in path.read_bytes().splitlines()]
            found += [one for one in records if isinstance(one, kind)]
        return found

    def settled(self) -> list[tuple[str, str, int]]:
        """Return what the journal says was settled."""
        return [(one.message, one.verdict, one.status) for one in self.journal(Settled)]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """Open an empty outbox."""
    with opened(tmp_path) as made:
        yield made


@contextmanager
def opened(root: Path) -> Iterator[Post]:
    """Open the outbox that lies here, as a new process would."""
    layout = Layout(root)
    files.make_folder(layout.public)
    with Store(layout.state) as store:
        yield Post(Ledger(layout, store), store)


def answers(*statuses: int, **headers: str) -> Says:
    """Answer with these in turn, the last one for ever."""
    left = list(statuses)

    def say(_request: httpx.Request) -> httpx.Response:
        status = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(status, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return say


def refuses(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused")


def heard(post: Post, endpoint: str) -> list[str]:
    return [message for name, message, _ in post.heard if name == endpoint]


def test_nothing_but_when_to_try_again_waits_for_the_database(post: Post) -> None:
    """A power cut gives back leases as any end does, and the journal has what is over."""
    asked, batch = list[bool](), post.ledger.batch

    def spy(*, lasting: bool = True) -> AbstractContextManager[Batch]:
        asked.append(lasting)
        return batch(lasting=lasting)

    post.owe("ops:m1", "ops:m2")
    post.ledger.batch = spy  # type: ignore[method-assign,assignment]  # to see what is asked of it
    post.says["ops"] = answers(204, 500)
    post.drain(0)
    assert asked == [False, True]


def test_a_message_goes_out_signed_and_is_settled_in_the_journal(post: Post) -> None:
    """One request, the frozen bytes, the three headers; done for ever."""
    post.owe("ops:m1")
    assert (sender := post.drain()).done == 1
    assert sender.dead == 0
    (request,) = post.requests
    assert request.method == "POST"
    assert str(request.url) == "https://ops.example/hook"
    assert request.content == b"{}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "m1"
    assert request.headers["webhook-timestamp"] == str(int(START.timestamp()))
    assert request.headers["webhook-signature"].startswith("v1,")
    assert post.settled() == [("m1", "done", 204)]
    assert post.drain().done == 0
    assert len(post.requests) == 1


def test_snapshot_the_bytes_are_of_when_it_was_owed_all_else_of_the_attempt(post: Post) -> None:
    """A retry goes where the endpoint is now, signed anew with the keys of now, under one id."""
    post.owe("ops:m1")
    post.says["ops"] = answers(503)
    post.drain(0)
    other = "whsec_" + base64.b64encode(bytes(range(32))).decode()
    moved = hook("ops", url="https://moved.example/there")
    post.targets["ops"] = Target(endpoint=moved, secret=other)
    assert post.drain(0, late=3600).done == 1
    first, second = post.requests
    assert (str(first.url), str(second.url)) == (
        "https://ops.example/hook",
        "https://moved.example/there",
    )
    assert first.content == second.content
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "m1"
    assert [int(one.headers["webhook-timestamp"]) for one in (first, second)] == [
        int(START.timestamp()),
        int(START.timestamp()) + 3600,
    ]
    for request, key in ((first, SECRET), (second, other)):
        at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
        signed = official.Webhook(key).sign("m1", at, request.content.decode())
        assert request.headers["webhook-signature"] == signed


def test_limits_of_a_reply_that_is_kept(post: Post) -> None:
    """Of what fails, the start of what it said and who said it; of what is taken, the latter."""
    post.owe("ops:m1", "news:n1")
    post.says["ops"] = lambda _request: httpx.Response(400, text=f"no /hook\x1b {SECRET}" * 999)
    post.drain(0)
    with post.store.transaction() as session:
        (told,) = history.tries(session, "m1")
        (fine,) = history.tries(session, "n1")
    assert "\n\nno […]  […]no" in told.reply
    assert len(told.reply) <= MOST + 1
    assert SECRET[6:] not in told.reply
    assert fine.reply == ""


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_is_tried_again_while_the_pass_stays(post: Post, status: int) -> None:
    """After five seconds, with the same id and a new time in the signature."""
    post.owe("ops:m1")
    post.says["ops"] = answers(status, 200)
    assert post.drain().done == 1
    assert [round(when) for _, _, when in post.heard] == [0, 5]
    stamps = [int(request.headers["webhook-timestamp"]) for request in post.requests]
    assert stamps == [int(START.timestamp()), int(START.timestamp()) + 5]
    assert post.settled() == [("m1", "done", 200)]


@pytest.mark.parametrize("status", [404, 302])
def test_a_refusal_is_tried_again_slowly(post: Post, status: int) -> None:
    """Who deployed a fault needs time to see it: not before five minutes."""
    post.owe("ops:m1")
    post.says["ops"] = answers(status, 200)
    assert post.drain().done == 0
    assert post.deliveries() == {"m1": ("pending", 1, 300)}
    assert post.drain(late=300).done == 1
    assert post.settled() == [("m1", "done", 200)]


def test_a_receiver_that_is_down_is_left_after_the_second_try(post: Post) -> None:
    """The next attempt is five minutes away: the pass does not stay for it."""
    post.owe("ops:m1")
    post.says["ops"] = refuses
    assert post.drain().done == 0
    assert post.deliveries() == {"m1": ("pending", 2, 305)}
    assert post.settled() == []


@pytest.mark.parametrize(
    ("breaks", "at"),
    [
        (httpx.ConnectError, [0, 0]),
        (httpx.ConnectTimeout, [0, 0]),
        (httpx.WriteError, [0, 5]),
        (httpx.ReadError, [0, 5]),  # a reset, once it was sent
        (httpx.RemoteProtocolError, [0, 5]),
        (500, [0, 5]),
        (503, [0, 5]),
        (429, [0, 5]),
        (400, [0]),
    ],
)
def test_only_what_was_not_sent_is_tried_again_at_once(
    post: Post, breaks: int | type[httpx.TransportError], at: list[float]
) -> None:
    """And both tries are one attempt; all else is the schedule's, and counts."""
    left = [breaks]

    def say(_request: httpx.Request) -> httpx.Response:
        one = left.pop() if left else 200
        if isinstance(one, int):
            return httpx.Response(one)
        raise one("broken")

    post.owe("ops:m1")
    post.says["ops"] = say
    post.drain()
    assert [when for _, _, when in post.heard] == at
    ((state, attempts, _),) = post.deliveries().values()
    assert (state, attempts) == ("pending" if len(at) == 1 else "done", 1 + (5 in at))
    assert len(post.tries()) == attempts


def test_a_pass_that_does_not_stay_tries_once(post: Post) -> None:
    """``--drain 0`` sends what is due and ends."""
    post.owe("ops:m1")
    post.says["ops"] = answers(503)
    post.drain(0)
    assert post.deliveries() == {"m1": ("pending", 1, 5)}


def test_a_pass_that_does_not_stay_sends_however_long_it_takes_to_begin(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk, or a server, may be slow to tell what is owed."""
    begin = Sender._open

    async def slow(sender: Sender) -> None:
        await asyncio.sleep(60)
        await begin(sender)

    monkeypatch.setattr(Sender, "_open", slow)
    post.owe("ops:m1")
    assert post.drain(0).done == 1


def test_410_ends_the_endpoint_and_the_others_are_told(post: Post) -> None:
    """It is asked no more; what it is owed is kept, and goes out if it is switched on again."""
    told = hook("news", events=["endpoint.disabled"])
    post.targets["news"] = Target(endpoint=told, secret=SECRET)
    post.targets["ops"] = Target(endpoint=hook("ops", max_inflight=1), secret=SECRET)
    post.owe("ops:m1", "ops:m2", "news:n1")
    post.says["ops"] = answers(410, 200)
    assert (sender := post.drain()).dead == 0
    assert sender.done == 2
    assert post.states()["m1"] == post.states()["m2"] == "pending"
    alert = [request for request in post.requests if request.url.host == "news.example"][1]
    assert json.loads(alert.content) == {
        "type": "endpoint.disabled",
        "timestamp": "2026-11-22T12:00:00Z",
        "data": {"id": "ops", "says": "answered 410 Gone: it wants no more", "site": SITE.url},
    }
    assert [one.state for one in post.journal(Switched)] == ["disabled"]
    assert post.drain(late=10_000_000).done == 0
    with post.ledger.batch() as batch:
        batch.record([Switched(at=START, endpoint="ops", state="active")])
    assert post.drain().done == 2


@pytest.mark.parametrize("value", ["120", "Sun, 22 Nov 2026 12:02:00 GMT"])
def test_a_receiver_that_asks_for_time_gets_it(post: Post, value: str) -> None:
    """Retry-After in seconds or as a date."""
    post.owe("ops:m1")
    date = "Sun, 22 Nov 2026 12:00:00 GMT"
    post.says["ops"] = answers(503, Retry_After=value, Date=date)
    post.drain()
    assert post.deliveries() == {"m1": ("pending", 1, 120)}
    assert len(post.heard) == 1


def test_an_endpoint_that_is_overloaded_rests_while_the_others_go_on(post: Post) -> None:
    """Its later messages wait with the one it refused; nobody else does."""
    post.targets["ops"] = Target(endpoint=hook("ops", max_inflight=1), secret=SECRET)
    post.owe("ops:m1", "ops:m2", "news:n1", "news:n2")
    post.says["ops"] = answers(503)
    post.drain(0)
    assert heard(post, "ops") == ["m1"]
    assert heard(post, "news") == ["n1", "n2"]
    assert post.states() == {"m1": "pending", "m2": "pending", "n1": "done", "n2": "done"}


def test_an_endpoint_rests_over_passes_too(tmp_path: Path) -> None:
    """A pass that begins while it rests asks it nothing, and adds what is new behind."""
    with opened(tmp_path) as post:
        post.owe("ops:m1")
        post.says["ops"] = answers(429, Retry_After="300")
        post.drain(0)
    with opened(tmp_path) as post:
        post.owe("ops:m3")
        post.drain(late=60)
        assert post.heard == []
    with opened(tmp_path) as post:
        post.drain(late=400)
        assert sorted(heard(post, "ops")) == ["m1", "m3"]


def test_a_breaker_keeps_a_thousand_messages(post: Post) -> None:
    """Five failures, then single probes ever further apart; no other attempt is spent."""
    post.targets["ops"] = Target(endpoint=hook("ops", max_inflight=1), secret=SECRET)
    post.owe(*(f"ops:m{number:04}" for number in range(1000)))
    post.says["ops"] = answers(*[500] * 16, 200)
    assert post.drain(20_000).done == 1000
    times = [round(when) for _, _, when in post.heard]
    assert times[:5] == [0] * 5
    waits = [after - before for before, after in pairwise(times[4:17])]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600][: len(waits)]


def test_a_message_alone_has_its_whole_schedule(post: Post) -> None:
    """Ten tries in 75.6 hours, though the breaker is open long before."""
    post.owe("ops:m1")
    post.says["ops"] = answers(500)
    assert post.drain(400_000).dead == 1
    times = [round(when) for _, _, when in post.heard]
    assert times == [0, 5, 305, 2105, 9305, 27305, 63305, 113705, 185705, 272105]


def test_five_days_of_failures_end_an_endpoint(post: Post) -> None:
    """What it is owed is kept, not given up."""
    post.owe(*(f"ops:m{number}" for number in range(9)))
    post.says["ops"] = answers(500)
    assert post.drain(600_000).dead == 0
    assert [one.state for one in post.journal(Switched)] == ["disabled"]
    assert set(post.states().values()) == {"pending"}
    assert 432_000 <= post.heard[-1][2] <= 436_000


def test_a_clock_that_is_set_back_or_forward_loses_nothing(post: Post) -> None:
    """What is owed is due by the clock: later by an hour at most, or at once."""
    post.owe("ops:m1")
    post.says["ops"] = answers(500, 500, 200)
    post.drain(0)
    assert post.drain(0, late=-3600).done == 0
    assert len(post.heard) == 1
    assert post.drain(0, late=259_200).done == 0
    assert post.drain(0, late=259_600).done == 1


@pytest.mark.parametrize("by", [3600, 3 * 86400])
def test_a_clock_that_is_set_while_a_pass_waits_is_noticed(post: Post, by: float) -> None:
    """Within a minute: so is a machine that slept. One that is set back is the next pass's."""

    def say(_request: httpx.Request) -> httpx.Response:
        if len(post.heard) > 1:
            return httpx.Response(200)
        asyncio.get_running_loop().call_later(10, setattr, post, "ahead", by)
        return httpx.Response(400)

    post.owe("ops:m1")
    post.says["ops"] = say
    assert post.drain(400).done == 1
    assert [when for _, _, when in post.heard] == [0, 60]


@pytest.mark.parametrize("back", [3600, 3 * 86400])
def test_what_a_clock_that_was_ahead_planned_is_brought_near(tmp_path: Path, back: int) -> None:
    """It waits for as long as it had to, not for as long as the clock was wrong."""
    ahead = START + timedelta(seconds=back)
    with opened(tmp_path) as post:
        recover(post.ledger, [], ahead)
        post.owe("ops:m1")
        post.says["ops"] = answers(503, 200, Retry_After="60")
        post.drain(0, late=back)
        with post.ledger.batch() as batch:
            batch.record([owed("m2", at=ahead)])
    with opened(tmp_path) as post:
        recover(post.ledger, [], START)
        assert post.drain(0).done == 0
        assert post.drain(0, late=60).done == 2
        assert post.drain(late=back).done == 0


def test_what_waits_is_not_brought_near_twice(tmp_path: Path) -> None:
    """A clock that goes on as it should changes nothing."""
    with opened(tmp_path) as post:
        recover(post.ledger, [], START)
        post.owe("ops:m1")
        post.says["ops"] = answers(503, Retry_After="600")
        post.drain(0)
        for late in (-1, 10, 20):
            recover(post.ledger, [], START + timedelta(seconds=late))
        assert post.deliveries() == {"m1": ("pending", 1, 600)}


def test_what_is_too_old_is_given_up_unsent(post: Post) -> None:
    """It may have waited behind a pause, a rest, or a machine that was off."""
    post.targets["ops"] = Target(endpoint=hook("ops", expires="1h"), secret=SECRET)
    post.owe("ops:m1", "news:n1")
    sender = post.drain(late=3601)
    assert (sender.done, sender.dead) == (1, 1)
    assert heard(post, "ops") == []
    assert post.states() == {"m1": "dead", "n1": "done"}
    assert "older than" in post.journal(Settled)[0].says
    with post.ledger.batch() as batch:  # a person wants it after all
        at = START + timedelta(seconds=7200)
        batch.record([Reopened(at=at, message="m1", endpoint="ops")])
    assert post.drain(late=7200).done == 1


def test_no_try_is_planned_for_when_a_message_is_of_no_use(post: Post) -> None:
    """The schedule of its endpoint goes on for three days; the window of this one does not."""
    post.targets["ops"] = Target(endpoint=hook("ops", expires="10m"), secret=SECRET)
    post.owe("ops:m1")
    post.says["ops"] = answers(500)
    assert post.drain(400).dead == 1
    assert [round(when) for _, _, when in post.heard] == [0, 5, 305]


def test_no_more_messages_a_second_than_a_receiver_wants(post: Post) -> None:
    """Whatever may be in flight at once; the others' go on, and so does the next pass."""
    post.targets["ops"] = Target(endpoint=hook("ops", rate=0.5), secret=SECRET)
    post.owe("ops:m1", "ops:m2", "ops:m3", "news:n1", "news:n2")
    assert post.drain().done == 5
    assert [round(when) for name, _, when in post.heard if name == "ops"] == [0, 2, 4]
    assert [round(when) for name, _, when in post.heard if name == "news"] == [0, 0]
    post.owe("ops:m4")
    post.heard.clear()
    post.drain(0, late=5)
    assert post.heard == []
    post.drain(0, late=6)
    assert heard(post, "ops") == ["m4"]


def test_what_must_not_come_twice_does_not_after_a_database_is_rebuilt(tmp_path: Path) -> None:
    """That an attempt began is in the journal before it is made; so is that it never left."""
    once = hook("ops", mode="at-most-once", max_inflight=1)

    class Power(BaseException):
        """It fails."""

    def fails(_request: httpx.Request) -> httpx.Response:
        raise Power

    with opened(tmp_path) as post:
        post.targets["ops"] = Target(endpoint=once, secret=SECRET)
        post.owe("ops:m1")
        post.says["ops"] = refuses
        post.drain(0)
        post.owe("ops:m2", "ops:m3")
        post.says["ops"] = fails
        with pytest.raises(Power):
            post.drain(0)
        assert heard(post, "ops")[-1] == "m2"
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"state.db{ending}").unlink(missing_ok=True)
    with opened(tmp_path) as post:
        post.targets["ops"] = Target(endpoint=once, secret=SECRET)
        recover(post.ledger, [once], START)
        assert post.states()["m2"] == "dead"
        post.drain()
        assert heard(post, "ops") == ["m1", "m3"]


def test_a_strict_endpoint_hears_nothing_out_of_order(post: Post) -> None:
    """One that is refused holds up all behind it."""
    post.targets["ops"] = Target(endpoint=hook("ops", order="strict"), secret=SECRET)
    post.owe("ops:m1", "ops:m2", "ops:m3")
    post.says["ops"] = answers(400, 200)
    post.drain(400)
    assert heard(post, "ops") == ["m1", "m1", "m2", "m3"]


def test_what_must_not_come_twice_is_given_up_when_no_answer_comes(post: Post) -> None:
    """At most once; what never left is sent again all the same."""
    post.targets["ops"] = Target(endpoint=hook("ops", mode="at-most-once"), secret=SECRET)
    post.owe("ops:m1")
    post.says["ops"] = refuses
    post.drain(0)
    assert post.states() == {"m1": "pending"}

    def hangs(_request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("broke off")

    post.says["ops"] = hangs
    assert post.drain(0, late=60).dead == 1
    assert post.states() == {"m1": "dead"}


def test_what_was_on_its_way_in_a_crash_is_given_up_where_it_must_not_come_twice(
    tmp_path: Path,
) -> None:
    """The others get it again."""
    once = hook("ops", mode="at-most-once")
    with opened(tmp_path) as post:
        post.owe("ops:m1", "news:n1")
        with post.store.transaction() as session:
            lanes.claim(session, START, {"ops": 1, "news": 1})
    with opened(tmp_path) as post:
        recover(post.ledger, [once, hook("news")], START)
        assert post.states() == {"m1": "dead", "n1": "pending"}
        assert post.settled() == [("m1", "dead", 0)]


def test_first_attempts_have_half_of_all_places(post: Post) -> None:
    """A crowd of retries can't keep them out."""
    names = [f"r{number}" for number in range(40)]
    hooks = {name: Target(endpoint=hook(name), secret=SECRET) for name in names}
    post.targets |= hooks
    post.owe(*(f"{name}:{name}" for name in names))
    post.says |= dict.fromkeys(names, answers(400))
    post.drain(0)
    post.owe("ops:m1", "ops:m2")
    post.heard.clear()
    post.seconds = 20.0
    post.drain(0, late=330)
    first = [name for name, _, when in post.heard if when == 0]
    assert first.count("ops") == 2
    assert len(first) == RETRIES + 2


def test_where_places_are_few_endpoints_take_turns(post: Post) -> None:
    """Nobody waits until those before it in the alphabet have all that they are owed."""
    names = [f"e{number}" for number in range(10, 70)]
    for name in names:
        post.targets[name] = Target(endpoint=hook(name, max_inflight=1), secret=SECRET)
    post.owe(*(f"{name}:{name}-{number}" for name in names for number in range(4)))
    post.seconds = 1.0
    post.drain()
    assert len(post.heard) == 240
    assert {name for name, _, when in post.heard if when <= 1} == set(names)


def test_each_endpoint_hears_in_the_order_of_what_happened(post: Post) -> None:
    """However many rounds it takes."""
    count = AHEAD + 10
    post.owe(*(f"ops:m{number:03}" for number in range(count)))
    assert post.drain().done == count
    assert heard(post, "ops") == [f"m{number:03}" for number in range(count)]


def test_a_wish_to_stop_leaves_nothing_leased(post: Post) -> None:
    """What is under way ends and is recorded; the rest is due as before."""
    post.targets["ops"] = Target(endpoint=hook("ops", max_inflight=1), secret=SECRET)
    post.owe("ops:m1", "ops:m2", "ops:m3")
    post.stop_at = 1
    assert post.drain().done == 1
    assert post.deliveries() == {
        "m1": ("done", 1, 0),
        "m2": ("pending", 0, 0),
        "m3": ("pending", 0, 0),
    }


def test_a_wish_to_stop_ends_the_waiting(post: Post) -> None:
    """A pass that stays for a retry goes at once."""
    post.owe("ops:m1")
    post.says["ops"] = answers(500, 200)
    post.stop_at = 1
    assert post.drain().done == 0
    assert len(post.heard) == 1


@pytest.mark.parametrize("when", [0, 1, 2])
def test_who_waits_for_the_end_of_a_pass_does_not_wait_for_retries(post: Post, when: int) -> None:
    """What is due is sent all the same, and what is on its way is not broken off."""
    post.owe("ops:m1", "news:n1")
    post.says["ops"] = answers(500, 200)
    post.hurry_at, post.seconds = when, 0.5
    assert post.drain(3600).done == 1
    assert [round(at) for _, _, at in post.heard] == [0, 0]
    assert post.deliveries() == {"m1": ("pending", 1, 6), "n1": ("done", 1, 0)}


def test_a_receiver_that_lets_us_wait_does_not_hold_the_end(post: Post) -> None:
    """It may have taken the message: it gets it again, with the same id, in the next pass."""
    post.owe("ops:m1")
    post.seconds, post.stop_at = 20.0, 1
    sender = post.drain()
    assert sender.done == 0
    assert post.deliveries() == {"m1": ("pending", 1, 0)}
    post.seconds = 0.0
    assert post.drain().done == 1
    assert heard(post, "ops") == ["m1", "m1"]


def test_what_is_broken_off_is_no_sign_that_an_endpoint_is_well(post: Post) -> None:
    """Only an answer is, even where what was broken off must not come twice and is over."""
    post.targets["ops"] = Target(endpoint=hook("ops", mode="at-most-once"), secret=SECRET)
    post.owe("ops:m1")
    post.seconds, post.stop_at = 20.0, 1
    assert post.drain().dead == 1
    assert not post.well()
    post.owe("ops:m2")
    post.seconds, post.stop_at = 0.0, 0
    post.drain()
    assert post.well()


def test_what_a_dead_pass_had_in_hand_is_sent_again_under_its_id(tmp_path: Path) -> None:
    """The receiver may have it already: the id tells."""
    with opened(tmp_path) as post:
        post.owe("ops:m1")
        with post.store.transaction() as session:
            lanes.claim(session, START, {"ops": 1})
    with opened(tmp_path) as post:
        with post.store.transaction() as session:
            outbox.free_leases(session)
        assert post.drain().done == 1
        assert heard(post, "ops") == ["m1"]


class _Power(BaseException):
    """It fails."""


def _cut(_request: httpx.Request) -> httpx.Response:
    raise _Power


def _killed(root: Path, *names: str, lived: float = 60.0) -> None:
    """Let a process live so long, send to ``names``, and die before it hears an answer."""
    with opened(root) as post:
        recover(post.ledger, [hook("ops"), hook("news")], START)
        post.says, post.lived = dict.fromkeys(names, _cut), lived
        with pytest.raises(_Power):
            post.drain()


def test_an_attempt_that_was_interrupted_waits_until_its_process_has_lived(tmp_path: Path) -> None:
    """Five seconds, by no clock; what had not set out is sent at once, though it was in hand."""
    with opened(tmp_path) as post:
        post.owe(*(f"ops:m{number}" for number in range(6)))
    _killed(tmp_path, "ops")
    with opened(tmp_path) as post:
        recover(post.ledger, [hook("ops"), hook("news")], START)
        assert post.deliveries()["m0"] == post.deliveries()["m1"] == ("pending", 1, 0)
        post.lived, post.seconds = 1.0, 1.0
        assert post.drain(late=7200).done == 6
        times = {message: when for _, message, when in post.heard}
        assert times["m2"] == times["m3"] == 0
        assert (times["m0"], times["m1"]) == (4, 5)


def test_where_the_young_are_killed_one_has_to_be_older(tmp_path: Path) -> None:
    """Three times as old as the one that was killed: on a slow machine all takes longer."""
    with opened(tmp_path) as post:
        post.owe("ops:m1")
    _killed(tmp_path, "ops", lived=4.0)
    with opened(tmp_path) as post:
        recover(post.ledger, [hook("ops")], START)
        post.lived = 5.0
        assert post.drain(0, whole=True).done == 1
        assert [when for _, _, when in post.heard] == [7]


def test_interrupted_attempts_are_made_again_one_at_a_time(tmp_path: Path) -> None:
    """Each is recorded before the next begins: another kill finds one on its way, no more."""
    with opened(tmp_path) as post:
        post.owe("ops:m1", "ops:m2", "news:n1")
    _killed(tmp_path, "ops", "news")
    with opened(tmp_path) as post:
        recover(post.ledger, [hook("ops"), hook("news")], START)
        post.seconds = 1.0
        assert post.drain().done == 3
        assert [(message, when) for _, message, when in post.heard] == [
            ("n1", 0),
            ("m1", 0),
            ("m2", 1),
        ]


def test_a_storm_of_kills_meets_a_message_on_its_way_once(tmp_path: Path) -> None:
    """Whatever falls due meanwhile, and however late it is by the clock."""
    with opened(tmp_path) as post:
        post.owe("ops:m1", "ops:m2")
    _killed(tmp_path, "ops")
    for _ in range(5):
        with opened(tmp_path) as post:
            recover(post.ledger, [hook("ops")], START)
            post.owe("ops:m3")
            post.lived = 1.0
            post.drain(3, late=7200)
            assert {message for _, message, _ in post.heard} <= {"m3"}
    with opened(tmp_path) as post:
        recover(post.ledger, [hook("ops")], START)
        post.lived = 1.0
        assert post.drain(0, whole=True).done == 2  # it stays for them: the next may die as young
        assert [when for _, _, when in post.heard] == [4, 4]


def test_an_interrupted_attempt_is_told_and_counts(tmp_path: Path) -> None:
    """A person sees it among the attempts; no edit takes the place of what may be there."""
    with opened(tmp_path) as post:
        post.owe("ops:m1")
    _killed(tmp_path, "ops")
    with opened(tmp_path) as post:
        for _ in range(2):
            recover(post.ledger, [hook("ops")], START)
        assert post.drain().done == 1
        with post.store.transaction() as session:
            first, second = history.tries(session, "m1")
        assert (first.n, first.status, first.at) == (1, 0, START)
        assert first.says.startswith("interrupted: ")
        assert (second.n, second.status, second.says) == (2, 204, "")


def test_what_comes_of_an_interrupted_attempt_is_judged_as_usual(tmp_path: Path) -> None:
    """Refused, it has its schedule; let go by a person, it is new."""
    with opened(tmp_path) as post:
        post.owe("ops:m1")
    _killed(tmp_path, "ops")
    with opened(tmp_path) as post:
        recover(post.ledger, [hook("ops")], START)
        post.says["ops"] = answers(400)
        post.drain(0)
        assert post.deliveries() == {"m1": ("pending", 2, 300)}
        post.lived, post.says["ops"] = 0.0, answers(200)
        assert post.drain(0, late=300).done == 1
    with opened(tmp_path) as post:
        with post.ledger.batch() as batch:
            batch.record([Reopened(at=START, message="m1", endpoint="ops")])
        post.lived = 0.0
        assert post.drain(0).done == 1


def test_an_endpoint_that_is_not_asked_holds_up_no_end_for_what_was_interrupted(
    tmp_path: Path,
) -> None:
    """One that is paused is left alone, and nobody stays for it."""
    with opened(tmp_path) as post:
        post.owe("ops:m1")
    _killed(tmp_path, "ops")
    with opened(tmp_path) as post:
        recover(post.ledger, [hook("ops")], START)
        with post.ledger.batch() as batch:
            batch.record([Switched(at=START, endpoint="ops", state="paused")])
        post.lived = 0.0
        post.owe("news:n1")
        assert post.drain(0, whole=True).done == 1
        assert post.states()["m1"] == "pending"


def test_what_is_owed_to_no_target_is_left_alone(post: Post) -> None:
    """An endpoint without address or secret now; its messages stay, and the pass ends."""
    post.owe("elsewhere:m1", "ops:m2")
    assert post.drain().done == 1
    assert post.states() == {"m1": "pending", "m2": "done"}


def test_a_pass_stays_no_longer_than_it_was_told(post: Post) -> None:
    """A receiver that takes its time holds neither the end nor another one's messages."""
    post.owe(*(f"ops:m{number:03}" for number in range(3 * AHEAD)))
    post.seconds = 0.5
    assert post.drain(5).done == 22
    assert list(post.states().values()).count("pending") == 3 * AHEAD - 22


def test_a_slow_receiver_takes_no_place_from_another(post: Post) -> None:
    """Each has a lane of its own, however much lies in the other."""
    post.owe(*(f"ops:m{number:03}" for number in range(3 * AHEAD)), "news:n1")
    post.seconds = 0.5
    post.drain(0)
    assert heard(post, "news") == ["n1"]


def test_what_nobody_foresaw_is_an_attempt_like_another(post: Post) -> None:
    """One lane's accident is recorded and tried again; the others are settled."""
    post.owe("ops:m1", "news:n1")

    def breaks(_request: httpx.Request) -> httpx.Response:
        raise RuntimeError("boom")

    post.says["ops"] = breaks
    post.drain(0)
    assert post.states() == {"m1": "pending", "n1": "done"}
    assert post.deliveries()["m1"][1] == 1


def test_the_tenth_failure_is_the_last(post: Post) -> None:
    """After three days the message is given up, with the last status in the journal."""
    post.owe("ops:m1")
    post.says["ops"] = answers(500)
    late = 0.0
    for _ in range(9):
        post.drain(0, late=late)
        late = post.deliveries()["m1"][2]
    sender = post.drain(0, late=late)
    assert sender.dead == 1
    assert post.settled() == [("m1", "dead", 500)]
    assert len(post.heard) == 10


def test_every_push_says_who_sends_it(post: Post) -> None:
    """One name for all."""
    post.owe("ops:m1", "news:n1")
    post.drain()
    assert {request.headers["user-agent"] for request in post.requests} == {"test"}


class _Steps(Webhook):
    """A receiver that wants to be greeted first."""

    def exchange(
        self, parcel: Parcel, attempt: Attempt
    ) -> Generator[Request, Answer, Outcome | None]:
        greeted = yield Request(url="https://ops.example/session", body=attempt.secret.encode())
        if greeted.status != 200:
            return None
        name = greeted.headers["etag"]
        answer = yield self.request(parcel, attempt)
        if answer.status == 409:
            return Outcome(means="done", status=409, remote=f"{name}/{parcel.remote}")
        return self.judge(answer)


def test_a_kind_may_need_several_requests_and_judge_for_itself(post: Post) -> None:
    """A session first, then the message; what the receiver called it comes back later."""
    target = Target(endpoint=_Steps.model_validate(hook("ops").model_dump()), secret=SECRET)
    post.targets["ops"] = target
    post.owe("ops:m1")
    post.says["ops"] = lambda request: httpx.Response(
        409 if "webhook-id" in request.headers else 200, headers={"etag": "s"}
    )
    assert post.drain().done == 1
    assert [request.url.path for request in post.requests] == ["/session", "/hook"]
    assert post.requests[0].content == SECRET.encode()
    with post.ledger.batch() as batch:
        batch.record([owed("m2", subject="m1")])
    assert post.drain().done == 1
    with post.store.transaction() as session:
        rows = session.connection().execute(text("SELECT remote FROM delivery ORDER BY id"))
        assert [row[0] for row in rows] == ["s/", "s/s/"]


def test_the_last_answer_counts_where_a_kind_says_nothing(post: Post) -> None:
    """A session that is refused is a failure like another; the message is not sent."""
    target = Target(endpoint=_Steps.model_validate(hook("ops").model_dump()), secret=SECRET)
    post.targets["ops"] = target
    post.owe("ops:m1")
    post.says["ops"] = answers(503)
    post.drain(0)
    assert post.deliveries() == {"m1": ("pending", 1, 5)}
    assert [request.url.path for request in post.requests] == ["/session"]
