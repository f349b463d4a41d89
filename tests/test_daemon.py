"""The long life: passes until a signal, and a clean end."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from trial import Trial

from syndicator.daemon import ALARM, Daemon
from syndicator.errors import ContentError, SyndicatorError
from syndicator.model import Report

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
