"""One thing at a time, and nobody waits for another for longer than need be."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from syndicator.cycle import Order, Stop
from syndicator.daemon.work import Ears, Work
from syndicator.doors.layout import Layout

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


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
        ears = Ears(tell=lambda _: None, complain=lambda _: None)
        made = Work(Layout(tmp_path), lambda: AT, ears)
        order = Order(file=tmp_path, clock=lambda: AT, environ={}, jitter=lambda: 0.0, stop=Stop())
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for one in (first, second):
                group.create_task(made._do(one, order, 60.0))

    asyncio.run(work())
    assert said == ["first", "second, hurried: False"]
