"""The long life: passes until a signal, and a clean end."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from trial import Trial

from syndicator.cycle import Order, run
from syndicator.daemon import ALARM, TICK, Daemon
from syndicator.doors.wishes import leave
from syndicator.errors import ContentError, DoorError, SyndicatorError
from syndicator.model import Report, Switched
from syndicator.model.keeping import Verification

GUARD = 20.0  # seconds after which a daemon that does not end has failed its test


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site with one post."""
    now = datetime.now(UTC)  # noqa: TID251  # the scheduler's own clock is the real one
    made = Trial(root=tmp_path, now=now)
    made.write("a.md", title="A", date="2026-11-01")
    return made


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """Listen as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(2)
        yield listening


def live(
    site: Trial,
    tell: Callable[[Report], None],
    complain: Callable[[SyndicatorError], None],
    every: float = 3600.0,
) -> Daemon:
    """Let a daemon live until it ends by itself."""
    order = site.order(environ={"NOTIFY_SOCKET": str(site.root / "notify")})

    async def whole() -> Daemon:
        daemon = Daemon(order, every, tell, complain)
        async with asyncio.timeout(GUARD):
            await daemon.live()
        return daemon

    return asyncio.run(whole())


def end(number: int = signal.SIGTERM) -> None:
    os.kill(os.getpid(), number)


def no_complaint(error: SyndicatorError) -> None:
    raise AssertionError(error)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_pass_is_made_on_start_and_a_signal_ends_it(
    site: Trial, manager: socket.socket, number: int
) -> None:
    """The service manager hears of both."""
    told: list[Report] = []

    def tell(report: Report) -> None:
        told.append(report)
        end(number)

    live(site, tell, no_complaint)
    assert [report.published for report in told] == [1]
    assert (manager.recv(100), manager.recv(100)) == (b"READY=1", b"STOPPING=1")


def test_passes_go_on_at_the_interval(site: Trial) -> None:
    """The second and third find nothing changed."""
    told: list[bool] = []

    def tell(report: Report) -> None:
        told.append(report.unchanged)
        if len(told) == 3:
            end()

    live(site, tell, no_complaint, every=0.05)
    assert told[:3] == [False, True, True]


def test_a_pass_that_fails_is_told_and_the_next_one_is_made(site: Trial) -> None:
    """An unmounted disk is mounted again some day."""
    content, away = site.root / "content", site.root / "away"
    errors: list[SyndicatorError] = []
    told: list[Report] = []

    def tell(report: Report) -> None:
        told.append(report)
        if len(told) == 1:
            content.rename(away)
        else:
            end()

    def complain(error: SyndicatorError) -> None:
        if not errors:
            away.rename(content)
        errors.append(error)

    live(site, tell, complain, every=0.05)
    assert [type(error) for error in errors] == [ContentError]
    assert [report.live for report in told[:2]] == [1, 1]


def test_the_next_thing_due_sets_an_alarm(site: Trial) -> None:
    """It does not wait for the next tick; what is due already is done in a second."""

    async def work() -> list[object]:
        daemon = Daemon(site.order(), 3600.0, lambda _report: None, no_complaint)
        daemon._scheduler.start(paused=True)
        found: list[object] = []
        for wake in (None, site.now + timedelta(minutes=5), site.now - timedelta(minutes=5)):
            daemon._set_alarm(wake)
            job = daemon._scheduler.get_job(ALARM)
            found.append(job and job.trigger.run_date)
        daemon._scheduler.shutdown(wait=False)
        return found

    assert asyncio.run(work()) == [
        None,
        site.now + timedelta(minutes=5),
        site.now + timedelta(seconds=1),
    ]


def test_a_failed_pass_is_tried_again_within_a_minute(site: Trial) -> None:
    """Whatever was due then is not left to the next tick; an earlier alarm stands."""
    order = site.order()
    (site.root / "content").rename(site.root / "away")
    errors: list[SyndicatorError] = []

    async def work() -> list[datetime]:
        daemon = Daemon(order, 3600.0, lambda _report: None, errors.append)
        daemon._scheduler.start(paused=True)
        found: list[datetime] = []
        for wake in (None, site.now + timedelta(seconds=10), site.now + timedelta(hours=1)):
            daemon._set_alarm(wake)
            await daemon._pass()
            found.append(daemon._scheduler.get_job(ALARM).trigger.run_date)
        daemon._scheduler.shutdown(wait=False)
        return found

    minute, early = site.now + timedelta(minutes=1), site.now + timedelta(seconds=10)
    assert asyncio.run(work()) == [minute, early, minute]
    assert [type(error) for error in errors] == [ContentError] * 3


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (OSError(5, "Input"), (DoorError, "[Errno 5] Input", False)),
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
    errors: list[SyndicatorError] = []
    faults = [fault]

    def once(order: Order) -> Report:
        if faults:
            raise faults.pop()
        return run(order)

    monkeypatch.setattr("syndicator.daemon.run", once)
    live(site, lambda _report: end(), errors.append, every=0.05)
    traced = "Traceback" in caplog.text
    assert [(type(error), str(error), traced) for error in errors] == [told]


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

    monkeypatch.setattr("syndicator.daemon.LOOK", 0.01)
    live(site, tell, no_complaint)
    assert len(told) == 2


def test_a_tick_that_is_near_enough_is_left_alone(site: Trial) -> None:
    """Only one further ahead than the interval tells of a clock set back."""

    async def work() -> list[timedelta]:
        daemon = Daemon(site.order(), 3600.0, lambda _report: None, no_complaint)
        daemon._scheduler.start(paused=True)
        found = []
        for ahead in (59, 60, 61):
            daemon._begin(site.now + timedelta(minutes=ahead))
            daemon._keep_time()
            found.append(daemon._scheduler.get_job(TICK).next_run_time - site.now)
            daemon._scheduler.remove_job(TICK)
        daemon._scheduler.shutdown(wait=False)
        return found

    assert asyncio.run(work()) == [timedelta(minutes=59), timedelta(minutes=60), timedelta(0)]


def test_a_wish_to_end_outlives_a_loop_that_has_closed(site: Trial) -> None:
    """A signal may come when a pass's own loop is gone, and its listener not yet."""
    order = site.order()

    async def listen() -> AbstractContextManager[asyncio.Event]:
        listening = order.stop.heard()
        listening.__enter__()
        return listening

    listening = asyncio.run(listen())
    order.stop.set()
    assert order.stop.is_set()
    listening.__exit__(None, None, None)


def test_a_signal_ends_the_life_before_it_tells_the_pass(site: Trial) -> None:
    """Whatever listening comes to, the daemon ends."""
    order, ended = site.order(), asyncio.Event()

    def fail() -> None:
        assert ended.is_set()
        raise ZeroDivisionError

    order.stop._listeners.append(fail)
    with pytest.raises(ZeroDivisionError):
        Daemon(order, 3600.0, lambda _report: None, no_complaint)._end(ended)
    assert ended.is_set()


def test_an_end_before_the_first_pass_makes_none(site: Trial) -> None:
    """Nothing is begun that would be broken off."""
    order = site.order()
    order.stop.set()
    told: list[Report] = []

    async def work() -> None:
        await Daemon(order, 3600.0, told.append, no_complaint)._pass()

    asyncio.run(work())
    assert told == []
    assert not site.layout.root.exists()


def test_what_is_due_is_checked_after_a_pass(site: Trial) -> None:
    """A day after the archive's first line a share of it is read; an hour later nothing is."""
    site.make()
    site.now += timedelta(days=1)
    checked: list[Verification] = []

    async def twice() -> None:
        daemon = Daemon(site.order(), 3600.0, lambda _: None, no_complaint, checked=checked.append)
        daemon._scheduler.start(paused=True)
        for _ in range(2):
            await daemon._pass()
        daemon._scheduler.shutdown(wait=False)

    asyncio.run(twice())
    assert [found.shelves for found in checked] == [9]


def test_a_check_that_fails_ends_no_daemon(site: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is complained of, and the next pass is made."""
    errors: list[SyndicatorError] = []

    def fail(_order: Order) -> None:
        raise OSError("the disk is gone")

    def complain(error: SyndicatorError) -> None:
        errors.append(error)
        end()

    monkeypatch.setattr("syndicator.daemon.check_slice", fail)
    live(site, lambda _: None, complain)
    assert [str(error) for error in errors] == ["the disk is gone"]


def test_a_wish_of_a_person_brings_the_next_pass(site: Trial) -> None:
    """It was left because this very daemon holds the archive."""

    async def work() -> timedelta:
        daemon = Daemon(site.order(), 3600.0, lambda _report: None, no_complaint)
        daemon._scheduler.start(paused=True)
        daemon._begin(site.now + timedelta(minutes=59))
        leave(site.layout, [Switched(at=site.now, endpoint="ops", state="paused")])
        daemon._keep_time()
        ahead: timedelta = daemon._scheduler.get_job(TICK).next_run_time - site.now
        daemon._scheduler.shutdown(wait=False)
        return ahead

    assert asyncio.run(work()) == timedelta(0)
