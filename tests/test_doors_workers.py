"""Work that is shared among processes: the same results, whoever dies on the way."""

import gc
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from pathlib import Path
from typing import Any

import pytest

from syndicator.doors import workers
from syndicator.doors.workers import Workers, each, hired

HERE = os.getpid()
PATIENCE = 300_000  # milliseconds until a process that should have ended counts as an orphan
MANY = range(1_000)


def doubled(number: int) -> tuple[int, int]:
    """Answer, and tell which process did it."""
    return 2 * number, os.getpid()


def fatal(number: int) -> int:
    """Answer in the process of the tests; anywhere else be killed, as when memory runs out."""
    if number == 30 and os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def never(_number: int) -> int:
    """Fail, wherever."""
    raise LookupError("no answer")


def ended(pid: int) -> bool:
    """Tell whether a process is gone, or goes soon."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    try:
        return bool(poll.poll(PATIENCE))
    finally:
        os.close(handle)


class Waiting(Executor):
    """Has every call made by a worker before anything is done here."""

    def __init__(self, pool: Workers) -> None:
        self._pool = pool

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit a call, and wait until it is made."""
        future = self._pool.submit(fn, *args, **kwargs)
        wait([future])
        return future


@pytest.fixture(autouse=True)
def _reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers import this file, for they are told functions by their names."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setattr(sys.modules[__name__], "HERE", os.getpid())


@pytest.fixture
def pool() -> Iterator[Workers]:
    """One worker beside this process."""
    with Workers(1) as made:
        yield made


def test_results_come_in_the_order_of_the_items(pool: Workers) -> None:
    """Each item with its own result, whichever process made it."""
    shared = list(each(pool, doubled, MANY))
    assert [(item, answer) for item, (answer, _) in shared] == [(one, 2 * one) for one in MANY]
    assert {pid for _, (_, pid) in shared} <= {HERE, *pool.pids}
    theirs = [(one, (2 * one, pool.pids[0])) for one in MANY]
    assert list(each(Waiting(pool), doubled, MANY)) == theirs


def test_without_a_pool_everything_is_done_here() -> None:
    """The same answers, one at a time, as they are asked for."""
    asked: list[int] = []

    def items() -> Iterator[int]:
        for one in range(3):
            asked.append(one)
            yield one

    made = each(None, doubled, items())
    assert next(made) == (0, (0, HERE))
    assert asked == [0]
    assert [item for item, _ in made] == [1, 2]


def test_no_more_is_read_ahead_than_a_bounded_number(pool: Workers) -> None:
    """A site of any size is never in memory as a whole."""
    asked: list[int] = []

    def items() -> Iterator[int]:
        for one in range(100_000):
            asked.append(one)
            yield one

    made = each(pool, doubled, items())
    next(made)
    assert len(asked) < 3_000
    made.close()  # type: ignore[attr-defined]  # it is a generator


def test_a_worker_that_is_killed_costs_time_and_nothing_else(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """In the middle of its work: every result is there, nothing is said, and the end comes."""
    with Workers(2) as made:
        assert list(each(Waiting(made), fatal, MANY)) == [(one, 2 * one) for one in MANY]
    assert capfd.readouterr().err == ""


def test_all_workers_killed_at_once_cost_time_and_nothing_else(pool: Workers) -> None:
    """Before their first answer or between two: what they owe is done here."""
    made = each(pool, doubled, MANY)
    first = next(made)
    for pid in pool.pids:
        os.kill(pid, signal.SIGKILL)
    assert [(item, answer) for item, (answer, _) in (first, *made)] == [
        (one, 2 * one) for one in MANY
    ]


def test_workers_that_cannot_start_are_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process may be had, or its interpreter is gone: this process does it all."""

    def refused() -> subprocess.Popen[bytes]:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(workers, "_start", refused)
    with Workers(3) as made:
        assert made.pids == []
        with pytest.raises(BrokenExecutor):
            made.submit(doubled, 0)
        assert list(each(made, doubled, range(60))) == [
            (one, (2 * one, HERE)) for one in range(60)
        ]


def test_what_fails_here_is_raised_here(pool: Workers) -> None:
    """A function that raises does so in the process that wanted the answer."""
    with pytest.raises(LookupError, match="no answer"):
        list(each(pool, never, MANY))


def test_any_executor_will_do() -> None:
    """``each`` asks for the standard interface and no more."""

    class Late(Executor):
        """Begins nothing by itself."""

        def submit(self, fn: Callable[..., Any], /, *_args: Any, **_kwargs: Any) -> Future[Any]:
            """Make a promise, and keep it never."""
            assert fn is not None
            return Future()

    assert list(each(Late(), doubled, range(60))) == [(one, (2 * one, HERE)) for one in range(60)]


@pytest.mark.parametrize(
    ("items", "cores", "count"),
    [(workers.FEW - 1, 8, 0), (workers.FEW, 1, 0), (workers.FEW, 2, 1), (workers.FEW, 8, 3)],
)
def test_workers_are_hired_where_they_pay(
    items: int, cores: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None for a few items or on one core; else one less than there are cores, at most three."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(cores)))
    with hired(items) as made:
        assert (len(made.pids) if isinstance(made, Workers) else 0) == count


def test_garbage_is_looked_for_as_usual_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """While many items are done, it is looked for seldom."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    before = gc.get_threshold()
    with hired(workers.FEW):
        assert gc.get_threshold()[0] > before[0]
    assert gc.get_threshold() == before


def test_the_workers_are_gone_when_the_pool_is() -> None:
    """After the last result, and after an error as well."""
    with Workers(2) as made:
        pids = made.pids
        list(each(made, doubled, MANY))
    assert len(pids) == 2
    assert all(ended(pid) for pid in pids)
    with Workers(2) as made, pytest.raises(LookupError):
        list(each(made, never, MANY))
    assert all(ended(pid) for pid in made.pids)


SCRIPT = """\
import os, signal, sys
from syndicator.doors.workers import Workers
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
with Workers(2) as pool:
    for _ in pool.pids:
        pool.submit(os.getpid).result()
    print(*pool.pids, flush=True)
    {busy}
    signal.pause()
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("busy", ["pool.submit(sum, range(10_000_000))", "pass"])
def test_no_worker_outlives_who_started_it(end: signal.Signals, busy: str) -> None:
    """However that process ended; one that is busy ends after its answer."""
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(busy=busy)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with script:
        assert script.stdout is not None
        pids = [int(pid) for pid in script.stdout.readline().split()]
        script.send_signal(end)
    assert len(pids) == 2
    assert all(ended(pid) for pid in pids)
