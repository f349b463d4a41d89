"""The client at work elsewhere: the same answers and errors, and this process where that fails."""

import pickle
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest
from loopback import HERE, loopback, moved, page, run

from syndicator.doors.http import Limits, Web, by
from syndicator.errors import Failed, Refused
from syndicator.model.feeds import Answer, Validators

LIMIT = 1000
PAGES = {
    "/": page(b"picture", ETag='"a"'),
    "/moved": moved("/"),
    "/gone": page(b"no", "404 Not Found"),
    "/long": page(b"x" * (LIMIT + 1)),
    "/same": page(status="304 Not Modified"),
}


class Elsewhere(Executor):
    """Makes calls as another machine does: what goes there and comes back is pickled."""

    def __init__(self) -> None:
        self.asked = 0
        self._threads = ThreadPoolExecutor(2)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_kwargs: Any) -> Future[Any]:
        """Make a call in a thread."""
        self.asked += 1
        sent = pickle.dumps((fn, args))
        return self._threads.submit(_called, sent)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)


def _called(sent: bytes) -> object:
    fn, args = pickle.loads(sent)  # noqa: S301  # of these tests
    return pickle.loads(pickle.dumps(fn(*args)))  # noqa: S301  # of these tests


class Broken(Executor):
    """Has nobody any more: at once, or by the time that a call is made."""

    def __init__(self, *, late: bool) -> None:
        self._late = late

    def submit(self, _fn: Callable[..., Any], /, *_args: Any, **_kwargs: Any) -> Future[Any]:
        """Fail."""
        if not self._late:
            raise BrokenExecutor("nobody")
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor("lost"))
        return future


def told(pool: Executor | None, path: str, known: Validators | None = None) -> object:
    """Fetch; return the answer, or what is said of the failure, without the port."""

    async def fetch() -> object:
        limits = Limits(allow=HERE, timeout=30.0)
        async with loopback(PAGES) as server, Web(limits, agent="t") as web:
            try:
                found: Answer | Refused | Failed = await by(pool, web).fetch(
                    server.url(path), limit=LIMIT, known=known
                )
            except (Refused, Failed) as error:
                found = error
            agents = {b"User-Agent: t\r\n" in one for one in server.requests}
        port = str(server.port)
        if isinstance(found, Answer):
            said = found.status, found.body, found.url, found.chain, dict(found.headers)
            return agents, repr(said).replace(port, "PORT")
        return agents, type(found), repr(vars(found)).replace(port, "PORT")

    return run(fetch)


@pytest.mark.parametrize("path", [*PAGES, "/%", "/nowhere"])
def test_what_comes_is_the_same(path: str) -> None:
    """Answers, redirects, validators, and what is said of failures."""
    known = Validators(url="", etag='"a"', modified="") if path == "/same" else None
    with Elsewhere() as pool:
        assert told(pool, path, known) == told(None, path, known)
    assert pool.asked == 1


@pytest.mark.parametrize("late", [False, True])
def test_what_is_lost_is_fetched_here(*, late: bool) -> None:
    """A worker that is no more costs time, and nothing else."""
    assert told(Broken(late=late), "/") == told(None, "/")


def test_the_guard_is_there_too() -> None:
    """A private address that is not allowed is refused there, in the words of here."""

    async def fetch(pool: Executor | None) -> str:
        async with Web(Limits(), agent="t") as web:
            with pytest.raises(Refused) as caught:
                await by(pool, web).fetch("http://127.0.0.1/", limit=LIMIT)
            return str(caught.value)

    with Elsewhere() as pool:
        assert run(lambda: fetch(pool)) == run(lambda: fetch(None))
    assert pool.asked == 1
