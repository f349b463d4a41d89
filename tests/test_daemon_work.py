"""One thing at a time, and nobody waits for another for longer than need be."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from trial import hurried

from syndicator.config.load import load
from syndicator.cycle import Order, Stop, post
from syndicator.daemon import work as room
from syndicator.daemon.work import Ears, Work
from syndicator.doors import jobs
from syndicator.doors.jobs import Ended
from syndicator.doors.layout import Layout
from syndicator.errors import StoreError
from syndicator.publish import registered

EARS = Ears(tell=lambda _: None, complain=lambda *_: None)
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

    def first(order: Order) -> None:
        hurried(order)
        said.append("first")

    def second(order: Order) -> None:
        said.append(f"second, hurried: {order.hurry.is_set()}")

    async def work() -> None:
        made = Work(Layout(tmp_path), lambda: AT, EARS)
        order = ordered(tmp_path)
        async with asyncio.timeout(300), asyncio.TaskGroup() as group:
            for one in (first, second):
                group.create_task(made._do(one, order, 60.0))

    asyncio.run(work())
    assert said == ["first", "second, hurried: False"]


def test_lines_of_workers_hurry_nobody_and_queue_once(
    small_site: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass stays for its retries, though lines come in every few seconds meanwhile."""
    file = small_site() / "config" / "syndicator.toml"
    settings, order, said = load(file, registered()), ordered(file), list[str]()
    monkeypatch.setattr(post, "take_up", lambda *_, **__: said.append("taken up"))
    free = threading.Event()

    def under_way(order: Order) -> None:
        assert free.wait(300)
        said.append(f"hurried: {order.hurry.is_set()}")

    async def work() -> None:
        made = Work(Layout(file.parent), lambda: AT, EARS)
        async with asyncio.timeout(300), asyncio.TaskGroup() as group:
            group.create_task(made._do(under_way, order, 60.0))
            for _ in range(3):
                group.create_task(made.take_up(order, settings))
            await asyncio.sleep(0)
            free.set()

    asyncio.run(work())
    assert said == ["hurried: False", "taken up"]


def test_who_gives_up_waiting_is_expected_no_more(tmp_path: Path) -> None:
    """Else no post that is written would bring a pass any more."""

    async def work() -> None:
        made = Work(Layout(tmp_path), lambda: AT, EARS)
        order = ordered(tmp_path)
        async with asyncio.timeout(300), made._busy:
            task = asyncio.create_task(made.make_pass(order, 60.0))
            await asyncio.sleep(0)
            assert made.expects_pass
            task.cancel()
            await asyncio.wait([task])
            assert not made.expects_pass

    asyncio.run(work())


def test_a_pass_is_told_all_that_was_written_until_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once; a pass that looks at everything has seen it; and one of those follows in a minute."""
    told: list[frozenset[str] | None] = []
    monkeypatch.setattr(room, "run", lambda order: told.append(order.written))

    async def work() -> None:
        made, order = Work(Layout(tmp_path), lambda: AT, EARS), ordered(tmp_path)
        seeing = order._replace(written=frozenset())
        made.saw(["a.md"])
        async with made._busy:
            waiting = asyncio.create_task(made.make_pass(seeing, 60.0))
            await asyncio.sleep(0)
            made.saw(["b.md"])
        await waiting
        assert made.whole_by == AT + timedelta(minutes=1)
        made.saw(["c.md"])
        await made.make_pass(order, 60.0)
        assert made.whole_by is None
        await made.make_pass(seeing, 60.0)

    asyncio.run(work())
    assert told == [{"a.md", "b.md"}, None, set()]


def test_what_a_pass_that_failed_should_have_seen_the_next_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else an edit would wait for a pass that looks at everything."""
    told: list[object] = []

    def once(order: Order) -> None:
        told.append(order.written)
        if len(told) == 1:
            raise StoreError("no", hint="wait")

    monkeypatch.setattr(room, "run", once)

    async def work() -> None:
        made = Work(Layout(tmp_path), lambda: AT, EARS)
        for name in ("a.md", "b.md", "c.md"):
            made.saw([name])
            await made.make_pass(ordered(tmp_path)._replace(written=frozenset()), 60.0)

    asyncio.run(work())
    assert told == [{"a.md"}, {"a.md", "b.md"}, {"c.md"}]


def test_a_whole_pass_that_failed_is_owed_until_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass for an edit, which may well succeed, is no answer to it."""
    works = False

    def run(order: Order) -> None:
        if order.written is None and not works:
            raise StoreError("no", hint="wait")

    monkeypatch.setattr(room, "run", run)

    async def work() -> None:
        nonlocal works
        made, order = Work(Layout(tmp_path), lambda: AT, EARS), ordered(tmp_path)
        for _ in range(2):
            await made.make_pass(order, 60.0)
            await made.make_pass(order._replace(written=frozenset()), 60.0)
            assert (made.failing, made.whole_by) == (True, AT + timedelta(minutes=1))
        works = True
        await made.make_pass(order, 60.0)
        assert (made.failing, made.whole_by) == (False, None)

    asyncio.run(work())


def test_a_pass_that_was_broken_off_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a minute, and it looks at everything."""

    async def stopped(order: Order) -> None:
        with order.stop.heard() as stop:
            await stop.wait()

    monkeypatch.setattr(room, "run", lambda order: asyncio.run(stopped(order)))
    made = Work(Layout(tmp_path), lambda: AT, EARS)
    asyncio.run(made.make_pass(ordered(tmp_path), 0.01))
    assert (made.failing, made.whole_by) == (False, AT + timedelta(minutes=1))


def test_a_clock_set_back_puts_off_no_look_at_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes a minute after the next edit at the latest."""
    now = AT
    monkeypatch.setattr(room, "run", lambda _order: None)

    async def work() -> None:
        nonlocal now
        made = Work(Layout(tmp_path), lambda: now, EARS)
        for _ in range(2):
            await made.make_pass(ordered(tmp_path)._replace(written=frozenset()), 60.0)
            assert made.whole_by == now + timedelta(minutes=1)
            now -= timedelta(days=1)

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
