"""An event loop in which waiting costs no time: its clock jumps to the next thing to do."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
START = datetime(2026, 11, 22, 12, tzinfo=UTC)


class _Jump(selectors.DefaultSelector):
    """A selector that never waits but for what is there already."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Look, and let the time pass that was to be waited."""
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("the loop would wait for ever")
        if not ready and timeout:
            self.waited += timeout
        return ready


class Timeless(asyncio.SelectorEventLoop):
    """The loop; its time begins at 0 and is what was waited."""

    def __init__(self) -> None:
        self.jump = _Jump()
        super().__init__(self.jump)

    def time(self) -> float:
        """Return the seconds that passed, without any having passed."""
        return self.jump.waited

    def run_in_executor(
        self,
        executor: Executor | None,  # noqa: ARG002  # there is none
        func: Callable[[Unpack[Ts]], T],
        *args: *Ts,
    ) -> "asyncio.Future[T]":
        """Do what is for a thread here and now: it takes no time either."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  # as a thread hands it on
            done.set_exception(error)
        return done

    def clock(self) -> datetime:
        """Return the moment it is now by this loop."""
        return START + timedelta(seconds=self.jump.waited)


def timeless(work: Callable[[Timeless], Coroutine[None, None, T]]) -> T:
    """Run ``work`` in a fresh loop of this kind; what it leaves running is cancelled."""
    loop = Timeless()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(work(loop))
