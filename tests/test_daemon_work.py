"""One thing at a time, and nobody waits for another for longer than need be."""

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syndicator.cycle import Order, Stop
from syndicator.daemon.work import Ears, Work
from syndicator.doors import jobs
from syndicator.doors.jobs import Ended
from syndicator.doors.layout import Layout

EARS = Ears(tell=lambda _: None, complain=lambda _: None)
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def ordered(file: Path) -> Order:
    """Return the order for a pass that nobody hurries."""
    return Order(
        file=file,
        clock=lambda: AT,
        environ={},
        jitter=lambda: 0.0,
        age=lambda: 60.0,
        stop=Stop(),
    )


def test_what_is_under_way_hears_that_it_is_waited_for(tmp_path: Path) -> None:
    """So a pass does not stay for retries while another wants to begin; that one may stay."""
    said: list[str] = []

    async def until_hurried(order: Order) -> None:
        with order.hurry.heard() as wish:
            await wish.wait()

    def first(order: Order) -> None:
        asyncio.run(until_hurried(order))
        said.append("first")

    def second(order: Order) -> None:
        said.append(f"second, hurried: {order.hurry.is_set()}")

    async def work() -> None:
        made = Work(Layout(tmp_path), lambda: AT, EARS)
        order = ordered(tmp_path)
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for one in (first, second):
                group.create_task(made._do(one, order, 60.0))

    asyncio.run(work())
    assert said == ["first", "second, hurried: False"]


def test_who_gives_up_waiting_is_expected_no_more(tmp_path: Path) -> None:
    """Else no post that is written would bring a pass any more."""

    async def work() -> None:
        made = Work(Layout(tmp_path), lambda: AT, EARS)
        order = ordered(tmp_path)
        async with asyncio.timeout(60), made._busy:
            task = asyncio.create_task(made.make_pass(order, 60.0))
            await asyncio.sleep(0)
            assert made.expects_pass
            task.cancel()
            await asyncio.wait([task])
            assert not made.expects_pass

    asyncio.run(work())


def test_notes_hold_up_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass may hold the database for seconds: who waits for it is a thread, not the daemon."""
    threads: list[threading.Thread] = []

    def note(_state: Path, _ended: Ended, _after: int) -> bool:
        threads.append(threading.current_thread())
        return True

    monkeypatch.setattr(jobs, "note", note)
    made = Work(Layout(tmp_path), lambda: AT, EARS)
    assert asyncio.run(made.note(Ended("heartbeat", AT, "", 0.0, None), 3))
    assert threads != [threading.main_thread()]
