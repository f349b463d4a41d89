"""Other machines as workers: a cluster of Dask, behind the interface of ``concurrent.futures``.

Everything may be lost here, at any moment: a worker, all of them, the scheduler, the way to it.
What is lost raises BrokenExecutor, and whoever submitted it does it here (``workers.each``). A
worker is used only if it would give the very results that this machine gives (decision 0034).
"""

import asyncio
import logging
import pickle
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import ExitStack, contextmanager, suppress
from threading import Lock, Thread
from time import monotonic
from typing import Any, Final, ParamSpec, TypeVar

import dask
from distributed import Client, Security
from tornado.ioloop import IOLoop

from syndicator.config.cluster import Scheduler
from syndicator.doors.fingerprint import differences, fingerprint

JOINING: Final = 10.0  # seconds until a scheduler that gives no answer counts as gone
PATIENCE: Final = 60.0  # seconds until a call that brings nothing does: it takes far below one
LOOK: Final = 2.0  # seconds between two looks at who is there, while something is waited for
_EACH: Final = 2  # calls on their way to a worker's thread: one at work, one behind it
_MOST: Final = 64  # calls on their way to all
_P = ParamSpec("_P")
_R = TypeVar("_R")
_log = logging.getLogger(__name__)


def _call(expected: Mapping[str, str], fn: Callable[..., object], args: bytes) -> bytes:
    """Make a call on a worker, if this one may; a restarted one may have become another."""
    if fingerprint() != expected:
        raise BrokenExecutor("this worker would read posts otherwise")
    return pickle.dumps(fn(*pickle.loads(args)), pickle.HIGHEST_PROTOCOL)  # noqa: S301  # sent by the same program


@contextmanager
def joined(place: Scheduler, lasts: float = 0.0) -> Iterator[Executor | None]:
    """Give the workers of a cluster; None, with a warning why, where it has none for us.

    ``lasts``: for so many seconds a call may wait for others than the worker.
    """
    large = {"distributed.admin.large-graph-warning-threshold": "1GB"}
    with dask.config.set(large), ExitStack() as stack:
        try:
            client = _client(place, stack.enter_context(_loop()))
        except Exception as error:  # noqa: BLE001  # whatever a network, a file or another version does
            why = " ".join(str(error).split()) or type(error).__name__
            says = "the cluster %s can't be reached (%s): the work is done here"
            _log.warning(says, place.address, why, extra={"url": place.address})
            yield None
            return
        try:
            with Cluster(client, PATIENCE + _EACH * lasts) as pool:
                yield pool if pool.fit else None
        finally:
            with suppress(Exception):  # whoever does not answer is not waited for
                client.close(JOINING)


@contextmanager
def _loop() -> Iterator[IOLoop]:
    """Run a loop for a client: one that gives up by itself would leave its own running."""
    begun = Future[tuple[IOLoop, asyncio.Event]]()

    async def live() -> None:
        over = asyncio.Event()
        begun.set_result((IOLoop.current(), over))
        await over.wait()

    def run() -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(live())
        except Exception as error:  # noqa: BLE001  # such as that no more files may be opened
            begun.set_exception(error)

    thread = Thread(target=run, name="cluster", daemon=True)
    thread.start()
    loop, over = begun.result()
    try:
        yield loop
    finally:
        loop.add_callback(over.set)
        thread.join(JOINING)


def _client(place: Scheduler, loop: IOLoop) -> Client:
    logger = logging.getLogger("distributed")  # it writes to standard error by itself
    logger.handlers.clear()
    logger.setLevel(logging.CRITICAL)  # what is lost is told once, in our words
    security = None
    if place.address.startswith("tls:"):
        security = Security(
            tls_ca_file=str(place.ca_file),
            tls_client_cert=str(place.cert),
            tls_client_key=str(place.key),
            require_encryption=True,
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions: what matters of them is compared below
        return Client(
            place.address, loop=loop, security=security, timeout=JOINING, set_as_default=False
        )


class Cluster(Executor):
    """The workers of a cluster that are ``fit``: those that read posts as this machine does.

    A future raises BrokenExecutor for what was lost, or failed. Only so many calls are on their
    way at once that no worker waits; the others can be cancelled, and made by whoever can.
    """

    def __init__(self, client: Client, patience: float) -> None:
        """Look who is there; a worker that is not fit is named in a warning."""
        self._client = client
        self._patience = patience  # seconds until a call that brings nothing counts as lost
        self._seen: set[str] = set()
        self._looked = -LOOK
        self._lock = Lock()
        self._told: tuple[object, Any] = (None, None)
        self._lost = False
        self.fit: dict[str, int] = {}  # threads by address
        self._look()
        if not self.fit:
            _log.warning("the cluster has no worker for us: the work is done here")
        count = min(_MOST, _EACH * sum(self.fit.values()))
        self._threads = ThreadPoolExecutor(max(1, count))  # one waits for each call

    def submit(self, fn: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        """Have a call made by a worker; raise BrokenExecutor when there is none any more."""
        if self._lost or not self.fit:
            raise BrokenExecutor("there is no worker")
        assert not kwargs  # noqa: S101  # nobody has any
        return self._threads.submit(self._ask, fn, args)

    def _ask(self, fn: object, args: object) -> Any:  # noqa: ANN401  # what a function returns is its own affair
        sent = pickle.dumps(args, pickle.HIGHEST_PROTOCOL)
        until = monotonic() + self._patience
        try:
            try:
                return self._made(fn, sent, until)
            except CancelledError:  # it, or the function, died with the one worker that had it
                self._forget()
                return self._made(fn, sent, until)  # a third time might kill them all
        except Exception as error:
            self._forget()
            raise BrokenExecutor("a worker has died, or failed") from error

    def _made(self, fn: object, sent: bytes, until: float) -> Any:  # noqa: ANN401  # as above
        while monotonic() < until and self._look():
            fit = list(self.fit)
            asked = self._asked(fit, _call, fingerprint(), self._tell(fn), sent)
            if (made := self._wait(asked, fit, until)) is not None:
                return pickle.loads(made)  # noqa: S301  # whoever is let into the cluster is trusted
        self._give_up()
        raise BrokenExecutor("the cluster gives no answer")

    def _asked(self, fit: list[str], fn: Callable[..., _R], *args: object) -> Future[_R]:
        """Have a call made by one of these; Dask's own executor never tells of a lost answer."""
        there = self._client.submit(fn, *args, workers=fit, pure=False)

        async def came() -> _R:
            answer: _R = await there
            return answer

        loop = self._client.loop.asyncio_loop  # type: ignore[union-attr]  # it is ours, of asyncio
        return asyncio.run_coroutine_threadsafe(came(), loop)

    def _wait(self, asked: Future[bytes], fit: list[str], until: float) -> bytes | None:
        """Return the answer; None when it can't come any more, or takes too long."""
        while monotonic() < until and self._look() and not self.fit.keys().isdisjoint(fit):
            if wait([asked], LOOK).done:
                return asked.result()
        asked.cancel()
        return None

    def _forget(self) -> None:
        """Look again who is there, and send the function again: Dask keeps one copy of it."""
        with self._lock:
            self._told, self._looked = (None, None), -LOOK

    def _tell(self, fn: object) -> Any:  # noqa: ANN401  # Dask's own
        """Send a function once for many calls: it may hold much."""
        with self._lock:
            if self._told[0] is not fn:
                there = self._client.scatter(
                    [fn], list(self.fit), broadcast=True, hash=False, timeout=JOINING
                )
                self._told = (fn, there[0])
            return self._told[1]

    def _look(self) -> bool:
        """See who is there by now, and whether new ones are fit; tell whether anybody is."""
        with self._lock:
            if self._lost:
                return False
            if monotonic() - self._looked >= LOOK:
                there = self._there()
                if there is None:
                    return False
                new = there.keys() - self._seen
                self._seen |= new
                gone = self.fit.keys() - there.keys()
                added = {one: there[one]["nthreads"] for one in self._check(sorted(new))}
                # replaced whole: others read it meanwhile
                self.fit = {k: n for k, n in self.fit.items() if k not in gone} | added
                self._looked = monotonic()
                if not self.fit and gone:
                    self._lose()
            return bool(self.fit)

    def _there(self) -> "Mapping[str, Any] | None":
        """Ask the scheduler for its workers; None when it gives no answer: all is lost then."""
        try:
            # the client itself would wait, and knock, for as long as it takes
            ask = self._client.scheduler.identity  # type: ignore[union-attr]  # it is connected
            told = self._client.sync(ask, n_workers=-1, callback_timeout=JOINING)
        except Exception:  # noqa: BLE001  # whatever a network does
            self._lose()
            return None
        return dict(told["workers"])

    def _check(self, addresses: list[str]) -> Iterator[str]:
        """Yield those that read posts as this machine does, by a call made the very way."""
        asked = {one: self._asked([one], fingerprint) for one in addresses}
        wait(asked.values(), JOINING)
        for address, future in asked.items():
            if why := _unfit(future):
                about = {"event": "cluster.worker", "url": address}
                _log.warning("the worker %s is not used: %s", address, why, extra=about)
            else:
                yield address

    def _give_up(self) -> None:
        with self._lock:
            self._lose()

    def _lose(self) -> None:
        """Use the cluster no more; whoever calls holds the lock."""
        if not self._lost:
            _log.warning("the cluster gives no answer any more: the work is done here")
        self._lost = True

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # the interface says so
        """Let go of the workers; of what is under way nobody wants anything any more."""
        self._lost = True  # at once, whoever has the lock
        self._threads.shutdown(wait, cancel_futures=cancel_futures)


def _unfit(future: "Future[Mapping[str, str]]") -> str:
    """Say why a worker can't be used, "" if it can."""
    if not future.done():
        future.cancel()
        return f"it gave no answer within {JOINING:.0f} seconds"
    try:
        theirs = future.result()
    except Exception as error:  # noqa: BLE001  # whatever it lacks
        return f"it can't run this program ({' '.join(str(error).split())[:200]})"
    others = ", ".join(differences(theirs))
    return f"it would read posts otherwise: {others}" if others else ""
