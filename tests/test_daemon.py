"""The long life: passes until a signal, and a clean end."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partialmethod
from pathlib import Path
from typing import Any

import httpx
import pytest
from loopback import no_wait
from trial import EVENTS, SECRETS, Trial, hurried, webhook

from syndicator import errors
from syndicator.config.load import load
from syndicator.config.tables import ScheduleTable, Settings
from syndicator.cycle import Order, post, run
from syndicator.cycle.facts import facts
from syndicator.cycle.report import needs
from syndicator.daemon import Daemon, Ears, asking, life, work
from syndicator.daemon.jobs import CHECK, DUE, PASS
from syndicator.daemon.watch import Watching
from syndicator.doors import affairs, control, machine
from syndicator.doors import jobs as notes
from syndicator.doors.http import Web
from syndicator.doors.jobs import Ended
from syndicator.doors.wishes import leave
from syndicator.errors import ConfigError, ContentError, DoorError, SyndicatorError
from syndicator.model.keeping import Verification
from syndicator.model.posts import Problem
from syndicator.model.records import Switched
from syndicator.model.report import Report
from syndicator.publish import registered

REAL_TELL = post.tell
GUARD = 300.0  # seconds after which a daemon that does not end has failed its test
Tell = Callable[[Report], None]
Complain = Callable[[SyndicatorError], None]


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site with one post."""
    now = datetime.now(UTC)  # noqa: TID251  # the scheduler's own clock is the real one
    made = Trial(root=tmp_path, now=now)
    made.write("a.md", title="A", date="2020-11-01")
    return made


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """Listen as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


def settings(site: Trial, **schedule: object) -> Settings:
    table = ScheduleTable.model_construct(**{"every": 3600.0, "watch": False, **schedule})  # type: ignore[arg-type]  # tests name the fields they mean
    return load(site.file, registered()).model_copy(update={"schedule": table})


def no_complaint(error: SyndicatorError) -> None:
    raise AssertionError(error)


def _fails(error: SyndicatorError, _event: str) -> None:
    no_complaint(error)


def daemon(
    site: Trial, tell: Tell | None = None, complain: Complain = no_complaint, **schedule: object
) -> Daemon:
    order = site.order(environ={"NOTIFY_SOCKET": str(site.root / "notify")})
    ears = Ears(tell or (lambda _report: None), lambda error, _event: complain(error))
    return Daemon(order, settings(site, **schedule), ears)


def live(site: Trial, tell: Tell, complain: Complain = no_complaint, **schedule: object) -> Daemon:
    """Let a daemon live until it ends by itself."""

    async def whole() -> Daemon:
        made = daemon(site, tell, complain, **schedule)
        async with asyncio.timeout(GUARD):
            await made.live()
        return made

    return asyncio.run(whole())


def asleep(work: Callable[[Daemon], Any], site: Trial, complain: Complain = no_complaint) -> Any:
    """Do something with a daemon whose clockwork stands still."""

    async def whole() -> Any:
        made = daemon(site, None, complain)
        first = site.now + timedelta(minutes=59)
        made._alarms.begin(made._settings, first, made._tick, made._check)
        made._alarms.scheduler.start(paused=True)
        try:
            return await work(made)
        finally:
            made._alarms.scheduler.shutdown(wait=False)

    return asyncio.run(whole())


def due(made: Daemon) -> datetime | None:
    job = made._alarms.scheduler.get_job(DUE)
    found: datetime | None = job and job.trigger.run_date
    return found


def end(number: int = signal.SIGTERM) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_pass_is_made_on_start_and_a_signal_ends_it(
    site: Trial, manager: socket.socket, number: int
) -> None:
    """The service manager hears of both."""
    told: list[Report] = []

    def tell(report: Report) -> None:
        told.append(report)
        end(number)

    live(site, tell)
    assert [report.published for report in told] == [1]
    heard = [manager.recv(100).splitlines()[0] for _ in range(3)]
    assert heard == [b"READY=1", b"STATUS=posts: 1; pushes: 0 owed", b"STOPPING=1"]
    assert not site.layout.control.exists()


def test_passes_go_on_at_the_interval(site: Trial) -> None:
    """The second and third find nothing changed."""
    told: list[bool] = []

    def tell(report: Report) -> None:
        told.append(report.unchanged)
        if len(told) == 3:
            end()

    live(site, tell, every=0.05)
    assert told[:3] == [False, True, True]


def test_a_post_that_is_written_brings_a_pass(site: Trial) -> None:
    """Long before the interval is over."""
    told: list[Report] = []

    def tell(report: Report) -> None:
        told.append(report)
        if len(told) == 1:
            site.write("b.md", title="B", date="2020-11-02")
        else:
            end()

    live(site, tell, watch=True)
    assert [report.live for report in told] == [1, 2]


def test_the_pass_for_an_edit_looks_at_that_alone_and_one_at_everything_follows(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a minute; here a second."""
    looks: list[frozenset[str] | None] = []

    def noted(order: Order) -> Report:
        looks.append(order.written)
        return run(order)

    def tell(_report: Report) -> None:
        if len(looks) == 1:
            site.write("b.md", title="B", date="2020-11-02")
        elif len(looks) == 3:
            end()

    monkeypatch.setattr(work, "run", noted)
    monkeypatch.setattr(work, "WHOLE", timedelta(seconds=1))
    live(site, tell, watch=True)
    assert looks == [None, frozenset({"b.md"}), None]


def test_content_is_watched_before_the_pass_looks_at_it(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On start, and after a reload: what is written between the two would be seen by neither."""
    done: list[str] = []
    began = threading.Event()

    class Slow(Watching):
        def __init__(self, *given: Any) -> None:
            began.clear()
            began.wait(0.2)  # gives a pass the time to come first
            super().__init__(*given)
            done.append("watched")

    def noted(order: Order) -> Report:
        began.set()
        done.append("pass")
        return run(order)

    def tell(_report: Report) -> None:
        if len(done) == 2:
            exclude = '[content]\nexclude = ["no/**"]'
            site.file.write_text(site.file.read_text().replace("[content]", exclude))
            os.kill(os.getpid(), signal.SIGHUP)
        else:
            end()

    monkeypatch.setattr(life, "SECOND", 0.01)
    monkeypatch.setattr(life, "Watching", Slow)
    monkeypatch.setattr(work, "run", noted)
    live(site, tell, watch=True)
    assert done == ["watched", "pass"] * 2


def test_a_post_is_seen_while_the_pass_for_another_goes_on(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That pass, which fetches or waits for a retry, hears of it and comes to its end."""
    told: list[Report] = []

    def patient(order: Order) -> Report:
        report = run(order)
        if report.live == 2:  # the pass of b.md: it would stay for ever
            site.write("c.md", title="C", date="2020-11-03")
            hurried(order)
        return report

    def tell(report: Report) -> None:
        told.append(report)
        if len(told) == 1:
            site.write("b.md", title="B", date="2020-11-02")
        elif report.live == 3:
            end()

    monkeypatch.setattr(work, "run", patient)
    live(site, tell, watch=True)
    assert [report.live for report in told] == [1, 2, 3]


def test_a_pass_that_fails_is_told_and_the_next_one_is_made(site: Trial) -> None:
    """An unmounted disk is mounted again some day."""
    content, away = site.root / "content", site.root / "away"
    failed: list[SyndicatorError] = []
    told: list[Report] = []

    def tell(report: Report) -> None:
        told.append(report)
        if len(told) == 1:
            content.rename(away)
        else:
            end()

    def complain(error: SyndicatorError) -> None:
        if not failed:
            away.rename(content)
        failed.append(error)

    live(site, tell, complain, every=0.05)
    assert [type(error) for error in failed] == [ContentError]
    assert [report.live for report in told[:2]] == [1, 1]


def test_the_next_thing_due_sets_an_alarm(site: Trial) -> None:
    """It does not wait for the next tick; what is due already is done in a second."""

    async def alarms(made: Daemon) -> list[object]:
        found: list[object] = []
        for wake in (None, site.now + timedelta(minutes=5), site.now - timedelta(minutes=5)):
            made._alarms.set(wake)
            found.append(due(made))
        return found

    five, soon = site.now + timedelta(minutes=5), site.now + timedelta(seconds=1)
    assert asleep(alarms, site) == [None, five, soon]


def test_a_failed_pass_is_tried_again_within_a_minute(site: Trial) -> None:
    """Whatever was due then is not left to the next tick; an earlier alarm stands."""
    failed: list[SyndicatorError] = []

    async def passes(made: Daemon) -> list[datetime | None]:
        (site.root / "content").rename(site.root / "away")
        found = []
        for wake in (None, site.now + timedelta(seconds=10), site.now + timedelta(hours=1)):
            made._alarms.set(wake)
            await made._tick()
            found.append(due(made))
        return found

    minute, early = site.now + timedelta(minutes=1), site.now + timedelta(seconds=10)
    assert asleep(passes, site, failed.append) == [minute, early, minute]
    assert [type(error) for error in failed] == [ContentError] * 3


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (OSError(5, "Input"), (DoorError, "[Errno 5] Input", False)),
        (TimeoutError("slow"), (DoorError, "timed out", False)),
        (ValueError("no"), (SyndicatorError, "a pass broke off: ValueError: no", True)),
    ],
)
def test_a_fault_in_a_pass_is_told_and_ends_nothing(
    site: Trial,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    told: tuple[type[SyndicatorError], str, bool],
) -> None:
    """The next pass is made; the trace of what nobody foresaw is logged."""
    failed: list[SyndicatorError] = []
    faults = [fault]

    def once(order: Order) -> Report:
        if faults:
            raise faults.pop()
        return run(order)

    monkeypatch.setattr(work, "run", once)
    live(site, lambda _report: end(), failed.append, every=0.05)
    traced = "Traceback" in caplog.text
    assert [(type(error), str(error), traced) for error in failed] == [told]


def test_a_pass_has_its_time(site: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes longer hears of it, and comes to its end; the next one is made."""
    said: list[tuple[object, ...]] = []

    def slow(order: Order) -> Report:
        if not said:
            stopped = asyncio.run(_hear(order))
            assert stopped
        return run(order)

    async def _hear(order: Order) -> bool:
        with order.stop.heard() as stop:
            return await stop.wait()

    def say(event: str, line: str, /, **_about: str) -> None:
        said.append((event, line))

    async def whole() -> None:
        ears = Ears(lambda _report: end(), _fails, say=say)
        made = Daemon(site.order(), settings(site, limit=0.05), ears)
        async with asyncio.timeout(GUARD):
            await made.live()

    monkeypatch.setattr(work, "run", slow)
    asyncio.run(whole())
    broken = "broke off what took longer than 0.05 s; the next pass goes on"
    assert said == [("job.late", broken)]


def test_a_clock_set_back_does_not_stop_the_passes(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that started with a wrong clock is not silent for as long as it was wrong."""
    told: list[Report] = []

    def tell(report: Report) -> None:
        told.append(report)
        site.now -= timedelta(days=1)
        if len(told) == 2:
            end()

    monkeypatch.setattr(life, "SECOND", 0.01)
    live(site, tell)
    assert len(told) == 2


def test_a_tick_that_is_near_enough_is_left_alone(site: Trial) -> None:
    """Only one further ahead than the interval tells of a clock set back."""

    async def jumps(made: Daemon) -> list[timedelta]:
        found = []
        for ahead in (59, 60, 61):
            made._alarms.scheduler.get_job(PASS).modify(
                next_run_time=site.now + timedelta(minutes=ahead)
            )
            made._alarms.jumped(site.now, 3600.0)
            found.append(made._alarms.scheduler.get_job(PASS).next_run_time - site.now)
        return found

    expected = [timedelta(minutes=59), timedelta(minutes=60), timedelta(0)]
    assert asleep(jumps, site) == expected


def test_an_alarm_follows_a_clock_set_back(site: Trial) -> None:
    """One that was set by the wrong clock would be a pass that never comes."""

    async def jump(made: Daemon) -> datetime | None:
        made._alarms.set(site.now + timedelta(days=1))
        made._alarms.jumped(site.now, 3600.0)
        return due(made)

    assert asleep(jump, site) == site.now + timedelta(seconds=1)


def test_an_end_before_the_first_pass_makes_none(site: Trial) -> None:
    """Nothing is begun that would be broken off."""

    async def late(made: Daemon) -> None:
        made.end()
        await made._tick()

    asleep(late, site)
    assert not site.layout.root.exists()


def test_what_is_due_is_checked(site: Trial) -> None:
    """A day after the archive's first line a share of it is read; an hour later nothing is."""
    site.make()
    site.now += timedelta(days=1)
    checked: list[Verification] = []

    async def twice(made: Daemon) -> None:
        made._ears = made._ears._replace(checked=checked.append)
        for _ in range(2):
            await made._check()

    asleep(twice, site)
    assert [found.shelves for found in checked] == [9]


def test_a_check_that_fails_ends_no_daemon(site: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is complained of, and noted."""
    site.make()
    failed: list[SyndicatorError] = []

    def fail(_order: Order) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(work, "check_slice", fail)
    asleep(Daemon._check, site, failed.append)
    assert [str(error) for error in failed] == ["the disk is gone"]
    known = affairs.standing(site.layout.state)
    assert known is not None
    assert [row[0:1] + row[3:6] for row in known.jobs] == [
        (CHECK, "failed", "the disk is gone", 1)
    ]


def test_jobs_are_noted_with_what_came_of_them(site: Trial) -> None:
    """The last good one, failures in a row, and when it runs next."""
    failed: list[SyndicatorError] = []

    async def passes(made: Daemon) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = []
        for name in ("content", "away", "away", "content"):
            (site.root / "content").rename(site.root / name)
            await made._tick()
            (site.root / name).rename(site.root / "content")
            known = affairs.standing(site.layout.state)
            assert known is not None
            ((_, at, good, result, _, failures, _, upcoming),) = known.jobs
            found.append((at - good, result, failures, upcoming - int(site.now.timestamp())))
            if due(made):
                made._alarms.scheduler.remove_job(DUE)
            site.now += timedelta(minutes=10)
        return found

    assert asleep(passes, site, failed.append) == [
        (0, "ok", 0, 59 * 60),
        (600, "failed", 1, 60),
        (1200, "failed", 2, 60),
        (0, "ok", 0, 29 * 60),
    ]


def test_a_sign_of_life_that_is_wanted_no_more_is_forgotten(site: Trial) -> None:
    """`status` is well after the next pass; the jobs that go on are still told of."""
    site.make()
    notes.note(site.layout.state, Ended("heartbeat", site.now, "answered 500", 1.0, None), 3)
    assert needs(facts(site.file, site.now)) == ["job heartbeat failed last"]
    asleep(lambda made: made._tick(), site)
    assert needs(facts(site.file, site.now)) == []
    assert [one.name for one in facts(site.file, site.now).jobs] == [PASS]


def test_a_wish_of_a_person_brings_the_next_pass(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was left because this very daemon holds the archive."""
    told: list[Report] = []

    def tell(report: Report) -> None:
        told.append(report)
        if len(told) == 1:
            leave(site.layout, [Switched(at=site.now, endpoint="ops", state="paused")])
        else:
            end()

    monkeypatch.setattr(life, "SECOND", 0.01)
    live(site, tell)
    assert len(told) > 1  # one more if the wish was still there a second later


def test_a_daemon_makes_the_pass_that_run_asks_for(site: Trial) -> None:
    """With the options of `run`, and its report comes back whole."""
    found: list[Report | None] = []
    told: list[Report] = []

    async def whole() -> None:
        async def ask() -> None:
            site.write("b.md", title="B", date="2026-99-99")
            order = site.order(confirm=True)
            found.append(await asyncio.to_thread(asking.ask, site.layout, order))
            end()

        tasks: list[asyncio.Task[None]] = []

        def tell(report: Report) -> None:
            told.append(report)
            if not tasks:
                loop.call_soon_threadsafe(lambda: tasks.append(asyncio.create_task(ask())))

        loop = asyncio.get_running_loop()
        async with asyncio.timeout(GUARD):
            await daemon(site, tell).live()
        await tasks[0]

    asyncio.run(whole())
    assert found == told[1:]
    assert [problem.code for problem in told[1].problems if problem.severity == "error"]


def test_nobody_answers_where_no_daemon_is(site: Trial) -> None:
    """Then it is said who holds the archive."""
    assert asking.ask(site.layout, site.order()) is None


@pytest.mark.parametrize("kind", [ContentError, ConfigError, DoorError, SyndicatorError])
def test_what_fails_in_a_daemon_is_raised_where_it_was_asked_for(
    site: Trial, monkeypatch: pytest.MonkeyPatch, kind: type[SyndicatorError]
) -> None:
    """With its words, its hint, its problems and its exit code."""
    problem = Problem(path="a.md", line=3, code="FM001", says="no", hint="do")
    answer = asking.told(kind("it failed", hint="mend it", problems=(problem,)))
    monkeypatch.setattr(control, "ask", lambda _place, _question: answer)
    with pytest.raises(kind) as raised:
        asking.ask(site.layout, site.order())
    error = raised.value
    assert (str(error), error.hint, error.problems) == ("it failed", "mend it", (problem,))


@pytest.mark.parametrize(
    "answer", [{}, {"report": {"seen": "many"}}, {"error": {}}, {"error": "no"}]
)
def test_an_answer_of_another_version_is_busy(
    site: Trial, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    """Exit 75, as without an answer."""
    monkeypatch.setattr(control, "ask", lambda _place, _question: answer)
    with pytest.raises(errors.Busy):
        asking.ask(site.layout, site.order())


def test_a_pass_that_fails_again_and_again_is_told_once(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three failures; and once when it can be made again, by the settings in force."""
    events = '["job.failing", "job.recovered"]'
    site.tables = webhook().replace(EVENTS, events)
    site.make()
    old = site.head
    told: list[tuple[str, str]] = []

    def tell(order: Order, settings: Settings) -> int:
        site.heard.clear()
        with pytest.MonkeyPatch.context() as patch:
            transport = httpx.MockTransport(site._answer)
            made = partialmethod(Web.__init__, transport=transport, sleep=no_wait)
            patch.setattr(Web, "__init__", made)
            count = REAL_TELL(order._replace(environ=SECRETS), settings)
        told.extend((body["type"], body["data"]["id"]) for _, body in site.heard)
        return count

    monkeypatch.setattr(post, "tell", tell)

    async def passes(made: Daemon) -> None:
        for head in (*("broken",) * 5, old, old):
            site.file.write_text(head if head == "broken" else old + site.tables)
            await made._tick()

    asleep(passes, site, lambda _error: None)
    assert told == [("job.failing", "pass"), ("job.recovered", "pass")]


def test_a_reload_while_a_pass_is_under_way_brings_another(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the new settings, though an alarm began the one at work; which hears of it."""
    told: list[Report] = []

    def patient(order: Order) -> Report:
        report = run(order)
        if len(told) == 1:  # it would stay for ever
            text = site.file.read_text().replace('title = "', 'title = "Renamed"  # "', 1)
            site.file.write_text(text)
            os.kill(os.getpid(), signal.SIGHUP)
            hurried(order)
        return report

    def tell(report: Report) -> None:
        told.append(report)
        if len(told) == 1:
            leave(site.layout, [Switched(at=site.now, endpoint="ops", state="paused")])
        elif len(told) == 3:
            end()

    monkeypatch.setattr(life, "SECOND", 0.01)
    monkeypatch.setattr(work, "run", patient)
    live(site, tell)
    assert "<title>Renamed</title>" in (site.layout.public / "atom.xml").read_text()


def test_a_pass_that_ends_after_a_reload_takes_no_other_back(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next thing it knows to fall due is a day ahead: that is no reason to wait."""
    taken = threading.Event()
    told: list[Report] = []

    def patient(order: Order) -> Report:
        if not taken.is_set():
            os.kill(os.getpid(), signal.SIGHUP)
            taken.wait(GUARD)
        return replace(run(order), wake=site.now + timedelta(days=1))

    def tell(report: Report) -> None:
        told.append(report)
        if len(told) == 2:
            end()

    def say(event: str, _line: str, /, **_about: str) -> None:
        if event == "config.taken":
            taken.set()

    async def whole() -> None:
        ears = Ears(tell, _fails, say=say)
        async with asyncio.timeout(GUARD):
            await Daemon(site.order(), settings(site), ears).live()

    monkeypatch.setattr(life, "SECOND", 0.01)
    monkeypatch.setattr(work, "run", patient)
    asyncio.run(whole())
    assert len(told) == 2


def test_what_a_pass_leaves_does_not_hurry_the_one_that_waited(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had pictures to fetch yet, and so has that one: they would drive each other for ever."""
    ends: list[bool] = []
    made: Daemon
    loop: asyncio.AbstractEventLoop

    def patient(order: Order) -> Report:
        report = run(order)
        if not ends:  # somebody waits for its end
            asyncio.run_coroutine_threadsafe(made._tick(), loop)
        # an alarm would ring after one second
        ends.append(hurried(order, 3.0 if ends else GUARD))
        return replace(report, wake=datetime(1970, 1, 1, tzinfo=UTC))

    def tell(_report: Report) -> None:
        if len(ends) >= 2:
            end()

    async def whole() -> None:
        nonlocal made, loop
        made, loop = daemon(site, tell), asyncio.get_running_loop()
        async with asyncio.timeout(GUARD):
            await made.live()

    monkeypatch.setattr(work, "run", patient)
    asyncio.run(whole())
    assert ends[:2] == [True, False]


def test_memory_is_given_back_after_work(site: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not after a pass that found nothing to do: it took none."""
    given: list[bool] = []
    told: list[bool] = []
    monkeypatch.setattr(machine, "trim", lambda: given.append(True))

    def tell(report: Report) -> None:
        told.append(report.unchanged)
        if len(told) == 3:
            end()

    live(site, tell, every=0.05)
    assert told[:3] == [False, True, True]
    assert given == [True]
