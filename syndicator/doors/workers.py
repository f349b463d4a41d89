"""More processes than this one: a pure function done to many items, results in their order.

A worker is a fresh interpreter at the other end of two pipes of its own. Nothing is forked, for
the daemon has threads and an open database; nothing is shared, for a worker may be killed at any
moment, in the middle of an answer too. When this process ends, however it ends, the pipes close
and the workers are gone (decision 0013).

``each`` takes any ``Executor``: other machines stand behind one where a cluster is configured.
"""

import logging
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, TypeVar

from syndicator.doors.garbage import seldom

if TYPE_CHECKING:
    from syndicator.config.cluster import Scheduler

FEW: Final = 500  # items of which a worker's start costs more than it saves
MANY: Final = 2_000  # items from which other machines are asked: that costs a second or two
MOST: Final = 4  # processes, this one among them
_CHUNK: Final = 25  # items that travel together
_AHEAD: Final = 100  # chunks under way while the first of them is waited for

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")
_R = TypeVar("_R")


class Workers(Executor):
    """Processes that do what is submitted, for functions and values that can be pickled.

    A future raises BrokenExecutor when its worker died; what fails in a worker kills it.
    """

    def __init__(self, count: int) -> None:
        """Start ``count`` processes; one that can't be started is missing, and no more."""
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._all: list[subprocess.Popen[bytes]] = []
        self._told: dict[int, object] = {}  # the last function each was told: it may hold much
        with suppress(OSError):
            for _ in range(count):
                self._all.append(_start())
        for worker in self._all:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(max(1, len(self._all)))  # one waits for each

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that were started."""
        return [worker.pid for worker in self._all]

    def submit(self, fn: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        """Have a call made by the next worker that is free; raise BrokenExecutor without any."""
        if not self._all:
            raise BrokenExecutor("no worker could be started")
        return self._threads.submit(self._ask, fn, args, kwargs)

    def _ask(self, fn: object, *args: object) -> Any:  # noqa: ANN401  # what a function returns is its own affair
        worker = self._idle.get()
        call = (None if self._told.get(worker.pid) is fn else fn, *args)
        assert worker.stdin is not None  # noqa: S101  # both are pipes
        assert worker.stdout is not None  # noqa: S101
        try:
            pickle.dump(call, worker.stdin, pickle.HIGHEST_PROTOCOL)
            worker.stdin.flush()
            self._told[worker.pid] = fn
            return pickle.load(worker.stdout)  # noqa: S301  # written by this program
        except (OSError, EOFError, pickle.UnpicklingError) as e:
            raise BrokenExecutor("a worker has died") from e
        finally:
            self._idle.put(worker)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # the interface says so
        """End the processes; what is under way is finished first, if it is waited for."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        for worker in self._all:
            worker.kill()  # it holds nothing that anybody waits for
            worker.communicate()


def _start() -> subprocess.Popen[bytes]:
    # -P: what lies in the working folder is content, not code
    command = [sys.executable, "-P", "-m", __spec__.name]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  # ourselves


@contextmanager
def hired(items: int, scheduler: "Scheduler | None" = None) -> Iterator[Executor | None]:
    """Give workers for so many items: those of a cluster, or processes of this machine.

    None where there are too few items, or one core.
    """
    with ExitStack() as stack:
        pool = stack.enter_context(far(items, scheduler))
        yield pool or stack.enter_context(_near(items))


@contextmanager
def far(
    items: int, scheduler: "Scheduler | None", *, lasts: float = 0.0
) -> Iterator[Executor | None]:
    """Give the workers of a cluster for so many items; None for too few, or without any.

    ``lasts``: for so many seconds a call may wait for others than the worker.
    """
    if scheduler is None or items < MANY:
        yield None
        return
    with _far(scheduler, lasts) as pool:
        yield pool


@contextmanager
def _far(scheduler: "Scheduler", lasts: float) -> Iterator[Executor | None]:
    """Give the workers of a cluster; None, with a warning, where it has none for us."""
    try:
        from syndicator.doors.cluster import joined  # noqa: PLC0415  # heavy, and an extra
    except ImportError as error:
        says = "[cluster] needs the extra syndicator[cluster] (%s): the work is done here"
        _log.warning(says, error)
        yield None
        return
    with joined(scheduler, lasts) as pool:
        yield pool


@contextmanager
def _near(items: int) -> Iterator[Executor | None]:
    count = min(MOST, len(os.sched_getaffinity(0))) - 1
    if items < FEW or count < 1:
        yield None
        return
    with Workers(count) as workers, seldom():
        try:
            yield workers
        finally:
            workers.shutdown(cancel_futures=True)  # nobody waits for what was not taken


def each(
    pool: Executor | None, do: Callable[[_T], _R], items: Iterable[_T]
) -> Iterator[tuple[_T, _R]]:
    """Yield every item with what ``do`` makes of it, in their order.

    The pool begins at once, and works ahead of who takes them. What it has not begun when it is
    waited for, and what it can't do, is done in this process: a worker that dies, or never starts,
    costs only time.
    """
    if pool is None:
        return ((item, do(item)) for item in items)
    several, every = iter(items), partial(_all, do)
    chunks = (_Chunk(pool, every, chunk) for chunk in _chunks(several))
    return _taken(deque(islice(chunks, _AHEAD)), chunks)


def _chunks(items: Iterator[_T]) -> Iterator[list[_T]]:
    while chunk := list(islice(items, _CHUNK)):
        yield chunk


def _taken(
    ahead: "deque[_Chunk[_T, _R]]", more: "Iterator[_Chunk[_T, _R]]"
) -> Iterator[tuple[_T, _R]]:
    """Yield the results of what is under way, and as much ``more`` as was taken."""
    try:
        while ahead:
            yield from _first(ahead)
            ahead.extend(islice(more, 1))
    finally:
        for one in ahead:
            one.future.cancel()


def _first(ahead: "deque[_Chunk[_T, _R]]") -> Iterator[tuple[_T, _R]]:
    """Return the first results; while they are not there, do the last of the others here."""
    while not ahead[0].future.done() and any(one.take() for one in reversed(ahead)):
        continue
    return ahead.popleft().results()


class _Chunk(Generic[_T, _R]):
    """Some items, and what comes of them: in the pool, or here."""

    def __init__(
        self, pool: Executor, do: Callable[[list[_T]], list[_R]], items: list[_T]
    ) -> None:
        self._do, self._items = do, items
        try:
            self.future = pool.submit(do, items)
        except BrokenExecutor:
            self.future = Future()
            self.take()

    def take(self) -> bool:
        """Do here what the pool has not begun; tell whether there was anything."""
        if not self.future.cancel():
            return False
        self.future = Future()
        self.future.set_result(self._do(self._items))
        return True

    def results(self) -> Iterator[tuple[_T, _R]]:
        """Wait for the results, or make them where the pool could not."""
        try:
            made = self.future.result()
        except BrokenExecutor:
            made = self._do(self._items)
        return zip(self._items, made, strict=True)


def _all(do: Callable[[_T], _R], items: list[_T]) -> list[_R]:
    return [do(item) for item in items]


def _work() -> None:
    """Make the calls that come in on standard input, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us hears it too, and ends us
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anybody prints is no answer
    # what follows a while: who asks is gone
    with suppress(EOFError, BrokenPipeError, pickle.UnpicklingError), seldom():
        fn: Any = None
        while True:
            told, args, kwargs = pickle.load(sys.stdin.buffer)  # noqa: S301  # as above
            fn = fn if told is None else told
            pickle.dump(fn(*args, **kwargs), answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()


if __name__ == "__main__":
    _work()
