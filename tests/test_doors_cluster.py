"""Work that is shared with other machines: the same results, whatever is lost on the way."""

import asyncio
import errno
import logging
import os
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, wait
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import clusters
import pytest
from clusters import Made
from distributed import Client
from distributed.client import FutureCancelledError

import syndicator
from syndicator.config.cluster import Scheduler
from syndicator.doors import cluster, workers
from syndicator.doors.cluster import Cluster, joined
from syndicator.doors.workers import each, hired

HERE = os.getpid()
MANY = range(500)
DOUBLED = [(one, 2 * one) for one in MANY]


class Waiting(Executor):
    """Has every call made by the pool before anything is done here."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self.failed = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_kwargs: Any) -> Future[Any]:
        """Submit a call, and wait until it is made."""
        future = self._pool.submit(fn, *args)
        wait([future])
        self.failed += future.exception() is not None
        return future


pytestmark = clusters.MARKS


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Knock no longer than a second: nobody will open."""
    knock_for(monkeypatch, 1.0)


def knock_for(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Wait so long for a scheduler to open."""

    def knock(*given: Any, **named: Any) -> Client:
        return Client(*given, **named | {"timeout": seconds})

    monkeypatch.setattr(cluster, "Client", knock)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Two workers, over TLS."""
    with clusters.cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


def test_the_workers_give_what_this_machine_gives(healthy: Made) -> None:
    """Each result with its item, in their order, made by the workers and by no one here."""
    with hired(workers.MANY, healthy.place) as pool:
        assert isinstance(pool, Cluster)
        made = list(each(Waiting(pool), clusters.doubled, MANY))
    assert [(item, twice) for item, (twice, _) in made] == DOUBLED
    assert {pid for _, (_, pid) in made} <= {one.pid for one in healthy.workers}


def test_what_is_few_is_done_on_this_machine(healthy: Made) -> None:
    """No cluster is asked for it: joining one costs more."""
    with hired(workers.MANY - 1, healthy.place) as pool:
        assert not isinstance(pool, Cluster)


def test_what_fails_there_is_raised_here(healthy: Made) -> None:
    """A call that fails is made again in this process, and its error is this process's."""
    with joined(healthy.place) as pool, pytest.raises(LookupError, match="no answer"):
        list(each(pool, clusters.never, MANY))


def test_a_function_that_was_lost_is_sent_again(healthy: Made) -> None:
    """Of two copies Dask gives up one, and the worker with the other one may die."""
    with joined(healthy.place) as pool:
        assert isinstance(pool, Cluster)
        assert pool.submit(clusters.twice, 1).result() == 2
        sent = pool._told[1]
        pool._client._send_to_scheduler({"op": "client-releases-keys", "keys": [sent.key]})
        assert pool.submit(clusters.twice, 2).result() == 4
        assert pool._told[1] is not sent


def test_an_answer_that_died_with_its_worker_is_asked_for_again(
    healthy: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask fails to hand it over, once it was made: who waited for it would wait in vain."""
    with joined(healthy.place) as pool:
        assert isinstance(pool, Cluster)
        gather: Any = pool._client._gather
        lost = [FutureCancelledError("it", "already forgotten")]

        async def gathered(*given: Any, **named: Any) -> Any:
            if lost:
                raise lost.pop()
            return await gather(*given, **named)

        monkeypatch.setattr(pool._client, "_gather", gathered)
        assert pool.submit(clusters.twice, 1).result() == 2
        assert lost == []


def test_what_is_lost_again_and_again_is_done_here(
    healthy: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that kills its worker would kill them all; the others stay in use."""
    lost = []

    def wait(_pool: Cluster, asked: Future[bytes], *_: object) -> bytes:
        lost.append(asked)
        raise CancelledError

    with joined(healthy.place) as pool:
        assert isinstance(pool, Cluster)
        with monkeypatch.context() as mortal:
            mortal.setattr(Cluster, "_wait", wait)
            with pytest.raises(BrokenExecutor):
                pool.submit(clusters.twice, 1).result()
        assert len(lost) == 2
        assert pool.submit(clusters.twice, 2).result() == 4


@pytest.mark.usefixtures("_hasty")
def test_a_scheduler_that_is_not_there_is_told_and_done_without(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One warning that names it; processes of this machine do the work."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and nobody listens
        port = held.getsockname()[1]
        with hired(workers.MANY, Scheduler(f"tcp://127.0.0.1:{port}")) as pool:
            assert not isinstance(pool, Cluster)
            assert list(each(pool, clusters.twice, MANY)) == DOUBLED
    (told,) = said(caplog)
    assert f"the cluster tcp://127.0.0.1:{port} can't be reached" in told


@pytest.mark.usefixtures("_hasty")
def test_a_scheduler_of_another_authority_is_not_trusted(
    healthy: Made, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is sent to it, and nothing taken from it."""
    another = clusters.certify(tmp_path)
    with joined(Scheduler(healthy.place.address, *another)) as pool:
        assert pool is None
    assert "can't be reached" in caplog.text


def test_without_a_loop_the_work_is_done_here(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the process may open no more files, a pass waits for nothing."""

    def full(*_given: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(asyncio.events, "new_event_loop", full)
    with joined(Scheduler("tcp://127.0.0.1:9")) as pool:
        assert pool is None
    assert "Too many open files" in caplog.text
    assert "the work is done here" in caplog.text


def test_without_the_extra_the_work_is_done_here(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The setting without the package: one warning that says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "syndicator.doors.cluster", None)
    with hired(workers.MANY, Scheduler("tcp://127.0.0.1:9")) as pool:
        assert not isinstance(pool, Cluster)
    assert "syndicator[cluster]" in caplog.text


@pytest.mark.slow
def test_a_worker_of_another_version_is_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named, with what differs; the others work, and without any the work is done here."""
    other = tmp_path / "other"
    package = Path(syndicator.__file__).parent
    shutil.copytree(package, other / "syndicator", ignore=shutil.ignore_patterns("*.pyc"))
    letter = other / "syndicator/__init__.py"
    text = letter.read_text("utf-8")
    letter.write_text(text.replace(syndicator.__version__, "99.1"), "utf-8")
    with clusters.cluster(tmp_path, ["", str(other)]) as made:
        with joined(made.place) as pool:
            done = list(each(Waiting(_there(pool)), clusters.doubled, MANY))
        assert {pid for _, (_, pid) in done} == {made.workers[0].pid}
        (told,) = said(caplog)
        assert " is not used: it would read posts otherwise: " in told
        assert f"syndicator 99.1 (here {syndicator.__version__})" in told
        made.workers[0].kill()
        made.workers[0].wait()
        with joined(made.place) as pool:
            assert pool is None
    assert "no worker for us" in caplog.text


@pytest.mark.slow
def test_a_worker_without_the_program_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Dask brings no answer of it at all: it is waited for, not for ever."""
    (tmp_path / "syndicator").mkdir()
    (tmp_path / "syndicator/__init__.py").touch()
    with clusters.cluster(tmp_path, [str(tmp_path)]) as made:
        knock_for(monkeypatch, cluster.JOINING)
        monkeypatch.setattr(cluster, "JOINING", 3.0)
        with joined(made.place) as pool:
            assert pool is None
    one, both = said(caplog)
    assert " is not used: it " in one
    assert "no worker for us" in both


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_time_and_nothing_else(tmp_path: Path) -> None:
    """In the middle of its work: another one does it again."""
    with clusters.cluster(tmp_path) as made, joined(made.place) as pool:
        waiting = Waiting(_there(pool))
        do = partial(clusters.fatal_once, flag=tmp_path / "dead", here=HERE)
        assert list(each(waiting, do, MANY)) == DOUBLED
        assert waiting.failed == 0
        assert sorted(one.poll() is None for one in made.workers) == [False, True]


@pytest.mark.slow
def test_all_workers_killed_cost_time_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody is left for is done here."""
    with clusters.cluster(tmp_path) as made, joined(made.place) as pool:
        assert isinstance(pool, Cluster)
        do = partial(clusters.fatal, here=HERE)
        assert list(each(Waiting(pool), do, MANY)) == DOUBLED
        wait_until(lambda: not pool._look())  # by then the scheduler knows
    assert "gives no answer any more" in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("whom", ["scheduler", "workers"])
def test_what_answers_no_more_is_done_without(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    whom: str,
    end: signal.Signals,
) -> None:
    """Dead, or as good as dead: the rest is done here; who waits for an answer warns, once."""
    with (
        clusters.cluster(tmp_path) as made,
        joined(made.place) as pool,
        monkeypatch.context() as hasty,
    ):
        assert isinstance(pool, Cluster)
        hasty.setattr(cluster, "JOINING", 3.0)
        pool._patience = pool._client._timeout = 3.0
        results = each(pool, clusters.twice, range(10_000))
        some = [next(results) for _ in range(100)]
        for one in made.workers if whom == "workers" else [made.scheduler]:
            one.send_signal(end)
        assert [*some, *results] == [(one, 2 * one) for one in range(10_000)]
    assert said(caplog) in ([], ["the cluster gives no answer any more: the work is done here"])


@pytest.mark.slow
def test_what_gave_up_by_itself_leaves_no_thread(tmp_path: Path) -> None:
    """A daemon lives on, and joins a cluster at each large pass."""
    with clusters.cluster(tmp_path) as made, joined(made.place) as pool:
        assert isinstance(pool, Cluster)
        pool._client._timeout = 1.0
        made.scheduler.kill()
        wait_until(lambda: pool._client.status == "closed")


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Tell what was said by us: a loop that another test left may be told of at any time."""
    return [one.getMessage() for one in caplog.records if one.name == cluster.__name__]


def wait_until(ready: Callable[[], bool]) -> None:
    """Look again and again until it is so."""
    end = monotonic() + 300.0  # seconds; it has failed by then
    while not ready():
        assert monotonic() < end
        threading.Event().wait(0.05)


def _there(pool: Executor | None) -> Executor:
    assert pool is not None
    return pool


def test_calls_are_refused_when_nobody_is_there(healthy: Made) -> None:
    """So that whoever submits them makes them."""
    with joined(healthy.place) as pool:
        assert isinstance(pool, Cluster)
        pool.fit = {}
        with pytest.raises(BrokenExecutor):
            pool.submit(clusters.twice, 1)


@pytest.fixture(autouse=True)
def _all_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
