"""Several workers, and several that could publish, on one PostgreSQL: any of them may die."""

import json
import logging
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from local_web import ALLOW, LocalWeb, Push, local_web
from syndicate_command import PATIENCE, finish, start, syndicate
from trial_site import ALL_EVENTS, journal, post, put, site, webhook

from syndicator.doors.server import WORKER, Server, holders
from syndicator.doors.store import Store

ENDPOINTS, POSTS = 40, 250
WHOLE = ENDPOINTS * POSTS
OPEN = "SELECT 1 FROM delivery WHERE state != 'done'"
_log = logging.getLogger(__name__)
pytestmark = pytest.mark.slow


class Heard:
    """Counts what a receiver hears, and lets others wait until it has heard so much."""

    def __init__(self, web: LocalWeb) -> None:
        """Listen."""
        self.at: dict[tuple[str, str], list[float]] = {}
        self._changed = threading.Condition()
        web.hook = self._hear

    def _hear(self, push: Push) -> None:
        with self._changed:
            key = push.path.removeprefix("/"), push.id
            self.at.setdefault(key, []).append(time.monotonic())
            self._changed.notify_all()

    def wait(self, count: int) -> None:
        """Wait until so many messages came, each for the first time; fail once no more come.

        How long all of them take depends on what else the machine does.
        """
        with self._changed:
            while (before := len(self.at)) < count:
                came = self._changed.wait_for(lambda: len(self.at) > before, PATIENCE)
                assert came, f"{before} of {count}"


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Receive pushes."""
    with local_web() as served:
        yield served


@contextmanager
def running(*words: str, cwd: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a command to the end of the block at the latest, ended as one is that may be stopped."""
    with start(*words, cwd=cwd) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.communicate()


def stop(process: "subprocess.Popen[str]") -> None:
    """End a command as a service manager does."""
    process.send_signal(signal.SIGTERM)
    ran = finish(process)
    assert ran.code == 0, ran


def shared(root: Path, place: Server, web: LocalWeb, endpoints: int) -> Path:
    """Make a site whose store is a server's."""
    hooks = "".join(
        webhook(web.url(f"/e{n}"), name=f"e{n}", since="all") for n in range(endpoints)
    )
    rest = f'[store]\nurl = "{place}"\n'
    return site(root, publish=hooks, network=ALLOW, rest=rest)


def rows(place: Server, statement: str) -> list[tuple[object, ...]]:
    """Ask the store."""
    with Store(place) as store, store.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def wait_for(ready: Callable[[], bool], event: threading.Event, seconds: float = PATIENCE) -> None:
    """Look again and again until it is so."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, ready
        event.wait(0.1)


def test_one_worker_killed_one_stopped(tmp_path: Path, web: LocalWeb, place: Server) -> None:
    """10,000 deliveries: none is lost, none finished twice; what they had, the third one sends."""
    root = shared(tmp_path, place, web, ENDPOINTS)
    for number in range(POSTS):
        post(root, f"2024-05-01-p{number}.md", f"Text {number}.")
    heard = Heard(web)
    assert syndicate("db", "upgrade", cwd=root).code == 0
    with ExitStack() as stack:
        killed, stopped = (stack.enter_context(running("worker", cwd=root)) for _ in range(2))
        wait_for(lambda: len(rows(place, holders(WORKER))) == 2, web.over)
        assert syndicate("run", "--drain", "0", cwd=root).code == 0
        began = time.monotonic()
        heard.wait(WHOLE // 2)
        killed.kill()
        third = stack.enter_context(running("worker", cwd=root))
        heard.wait(WHOLE * 19 // 20)
        stopped.send_signal(signal.SIGSTOP)
        at = time.monotonic()
        heard.wait(WHOLE)
        took = time.monotonic() - at
        stopped.send_signal(signal.SIGCONT)
        wait_for(lambda: not rows(place, OPEN), web.over)
        for one in (stopped, third):
            stop(one)
    told = Counter(len(times) for times in heard.at.values())
    _log.info("%.1f s, %.1f after the stop; heard so often: %s", at + took - began, took, told)
    assert len(heard.at) == WHOLE
    assert rows(place, "SELECT count(*), state FROM delivery GROUP BY state") == [(WHOLE, "done")]
    good = "SELECT delivery, count(*) FROM attempt WHERE status = 204 GROUP BY delivery"
    assert Counter(row[1] for row in rows(place, good)) == {1: WHOLE}
    assert syndicate("run", cwd=root).code == 0
    settled = Counter(
        (one["endpoint"], one["message"]) for one in journal(root) if one["event"] == "settled"
    )
    assert settled.keys() == heard.at.keys()
    assert set(settled.values()) == {1}
    assert syndicate("archive", "verify", cwd=root).code == 0


def ids(root: Path) -> list[str]:
    """Tell the ids of the entries that readers get."""
    feed = root / "archive/public/atom.xml"
    text = feed.read_text("utf-8") if feed.exists() else ""
    return re.findall(r"<entry>.*?<id>(.*?)</id>", text, re.DOTALL)


def test_a_leader_killed(tmp_path: Path, web: LocalWeb, place: Server) -> None:
    """The other one publishes what is written then: nothing twice, and under the ids that were.

    It takes the configuration as it is by then, not as it was when it began to stand by.
    """
    root = shared(tmp_path, place, web, 2)
    heard = Heard(web)
    post(root, "2024-05-01-a.md")
    with running("daemon", cwd=root) as first:
        heard.wait(2)
        # what is on its way at a kill comes again
        wait_for(lambda: not rows(place, OPEN), web.over)
        with running("daemon", cwd=root) as second:
            assert second.stderr is not None
            assert "standing by" in "".join(second.stderr.readline() for _ in range(1))
            file = root / "config/syndicator.toml"
            file.write_text(file.read_text("utf-8").replace('"Small"', '"Renamed"'), "utf-8")
            first.kill()
            post(root, "2024-05-02-b.md")
            wait_for(lambda: len(ids(root)) == 2, web.over)
            put(root / "content/2024-05-01-a.md", "---\ntitle: a\n---\nOther words.\n", at=1)
            heard.wait(6)
            stop(second)
    assert "<title>Renamed</title>" in (root / "archive/public/atom.xml").read_text("utf-8")
    versions = [one for one in journal(root) if one["event"] == "version"]
    assert [(one["path"], one["kind"]) for one in versions] == [
        ("2024-05-01-a.md", "published"),
        ("2024-05-02-b.md", "published"),
        ("2024-05-01-a.md", "updated"),
    ]
    assert len({one["id"] for one in versions}) == 2
    assert set(ids(root)) == {one["id"] for one in versions}
    assert set(map(len, heard.at.values())) == {1}


def test_what_fails_where_workers_send_is_told_once(
    tmp_path: Path, web: LocalWeb, place: Server
) -> None:
    """That a receiver fails, and that it answers again: to the other one, by the daemon."""
    alerts = '["endpoint.failing", "endpoint.recovered"]'
    desk = webhook(web.url("/desk"), name="desk").replace(ALL_EVENTS, alerts)
    hooks = webhook(web.url("/ops"), name="ops", since="all") + desk
    rest = f'[store]\nurl = "{place}"\n'
    root = site(tmp_path, publish=hooks, network=ALLOW, rest=rest)
    told: dict[str, str] = {}
    changed = threading.Condition()

    def hear(push: Push) -> None:
        with changed:
            if push.path == "/desk":
                told[push.id] = json.loads(push.body)["type"]
                web.answers.clear()
                changed.notify_all()
            elif not told:
                web.answers.append(500)

    web.hook = hear
    assert syndicate("db", "upgrade", cwd=root).code == 0
    with running("worker", cwd=root) as worker:
        wait_for(lambda: len(rows(place, holders(WORKER))) == 1, web.over)
        with running("daemon", cwd=root) as daemon:
            for number in range(3):
                post(root, f"2024-05-01-a{number}.md")
            with changed:
                assert changed.wait_for(lambda: len(told) == 1, PATIENCE)
            post(root, "2024-05-02-b.md")
            with changed:
                assert changed.wait_for(lambda: len(told) == 2, PATIENCE)
            stop(daemon)
        stop(worker)
    assert list(told.values()) == ["endpoint.failing", "endpoint.recovered"]
    known = [one["state"] for one in journal(root) if one["event"] == "alerted"]
    assert known == ["failing", "recovered"]


def test_a_daemon_without_a_server_does_not_stand_by(tmp_path: Path, web: LocalWeb) -> None:
    """A state.db has one writer: a second daemon, and any worker, say so and end."""
    root = site(tmp_path, network=ALLOW)
    with running("daemon", cwd=root):
        wait_for((root / "archive/public/atom.xml").exists, web.over)
        assert finish(start("daemon", cwd=root)).code == 75
    ran = syndicate("worker", cwd=root)
    assert ran.code == 2
    assert "state.db has one writer" in ran.err
    assert "[store] url" in ran.err
