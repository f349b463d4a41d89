"""``syndicate daemon``: a real process, real signals, a real service manager's socket."""

import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from local_web import ALLOW, LocalWeb, local_web
from syndicate_command import PATIENCE, Ran, finish, start, syndicate
from trial_site import ALL_EVENTS, ids, post, site, webhook

EVERY_SECOND = '[schedule]\nevery = "1s"'
PATIENTLY = f'{ALLOW}\ntimeout = "1h"'  # longer than any test


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Serve pictures and receive pushes."""
    with local_web() as served:
        yield served


class Living:
    """A daemon at work, and what it prints line by line."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        assert process.stdout is not None
        assert process.stderr is not None
        self._selector = selectors.DefaultSelector()
        for stream in (process.stdout, process.stderr):
            self._selector.register(stream.fileno(), selectors.EVENT_READ)
        self.text = ""

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something the daemon does, looking again whenever it prints."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, self.text
            assert self.process.poll() is None, self.text
            for key, _ in self._selector.select(0.05):
                self.text += os.read(key.fd, 65536).decode()

    def stop(self, number: int = signal.SIGTERM) -> Ran:
        """Ask it to end, which it must do well and long before a network time-out would end it."""
        self.process.send_signal(number)
        self._selector.close()
        ran = finish(self.process)
        assert ran.code == 0, ran
        assert "Traceback" not in self.text, self.text
        return ran


@contextmanager
def living(root: Path, env: dict[str, str] | None = None) -> Iterator[Living]:
    """Let a daemon live for the block; one that a failed test leaves behind is killed."""
    daemon = Living(start("daemon", cwd=root, env=env))
    try:
        yield daemon
    finally:
        if daemon.process.poll() is None:
            daemon.process.kill()
            finish(daemon.process)


def _has(root: Path, title: str) -> bool:
    feed = root / "archive/public/feed.json"
    return feed.exists() and any(
        item["title"] == title for item in json.loads(feed.read_bytes())["items"]
    )


def test_a_daemon_publishes_what_comes_and_ends_when_told(tmp_path: Path) -> None:
    """A pass on start, another at each interval that finds an edit, and exit 0 on SIGTERM."""
    root = site(tmp_path, rest=EVERY_SECOND)
    post(root, "2024-05-01-a.md", title="First")
    with living(root) as daemon:
        daemon.until(lambda: _has(root, "First"))
        daemon.until(lambda: "nothing changed" in daemon.text)
        post(root, "2024-05-02-b.md", title="Second")
        daemon.until(lambda: _has(root, "Second"))
        said = daemon.stop().err
    assert f"started: archive {root / 'archive'}, a pass every 1s" in daemon.text.splitlines()[0]
    assert json.loads(said.splitlines()[-1])["event"] == "daemon.stopped"
    assert len(ids(root)) == 2
    assert syndicate("run", cwd=root).out.startswith("nothing changed")


def test_the_service_manager_hears_of_start_and_end(tmp_path: Path) -> None:
    """READY=1 once it lives, STOPPING=1 before it ends (sd_notify(3)); SIGINT ends it too."""
    root = site(tmp_path, rest=EVERY_SECOND)
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE)
        with living(root, {"NOTIFY_SOCKET": str(tmp_path / "notify")}) as daemon:
            assert manager.recv(4096).splitlines()[0] == b"READY=1"
            daemon.stop(signal.SIGINT)
        heard = []
        while b"STOPPING=1" not in heard:
            heard += manager.recv(4096).splitlines()


def test_a_reload_takes_what_is_right_and_keeps_what_was(tmp_path: Path) -> None:
    """SIGHUP: a broken configuration changes nothing, and stops no pass; a right one counts."""
    root = site(tmp_path, rest='[schedule]\nevery = "1h"')
    file = root / "config/syndicator.toml"
    old = file.read_text(encoding="utf-8")
    post(root, "2024-05-01-a.md", title="First")
    with living(root) as daemon:
        daemon.until(lambda: _has(root, "First"))
        file.write_text(old + "broken", encoding="utf-8")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.until(lambda: "is wrong, the old one stays" in daemon.text)
        assert "not TOML" in daemon.text
        post(root, "2024-05-02-b.md", title="Second")
        daemon.until(lambda: _has(root, "Second"))
        file.write_text(old.replace('"1h"', '"1s"'), encoding="utf-8")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.until(lambda: "is in force" in daemon.text)
        daemon.until(lambda: "nothing changed" in daemon.text)
        daemon.stop()


def test_a_hanging_picture_host_holds_up_no_end(tmp_path: Path, web: LocalWeb) -> None:
    """Told to stop in the middle of a fetch that never ends, it ends well; no post is lost."""
    root = site(tmp_path, network=PATIENTLY, rest=EVERY_SECOND)
    post(root, "2024-05-01-a.md", f"![]({web.url('/never.png')})", title="Pictured")
    with living(root) as daemon:
        daemon.until(web.hanging.is_set)
        daemon.stop()
    web.over.set()
    ran = syndicate("run", cwd=root)
    assert ran.code == 0
    assert list(ids(root)) == ["Pictured"]


def test_a_hanging_receiver_holds_up_no_end(tmp_path: Path, web: LocalWeb) -> None:
    """Told to stop in the middle of a push that nobody answers, it ends well, and still owes."""
    publish = webhook(web.url("/never"), since="all")
    root = site(tmp_path, publish=publish, network=PATIENTLY, rest=EVERY_SECOND)
    post(root, "2024-05-01-a.md")
    with living(root) as daemon:
        daemon.until(web.hanging.is_set)
        daemon.stop()
    web.over.set()
    assert syndicate("run", cwd=root).code == 0
    first, *again = web.pushes
    assert {push.id for push in again} == {first.id}


def test_two_daemons_do_not_meet(tmp_path: Path) -> None:
    """A second one exits 75 and names the process that is at work."""
    root = site(tmp_path, rest=EVERY_SECOND)
    post(root, "2024-05-01-a.md")
    with living(root) as daemon:
        daemon.until(lambda: "1 published" in daemon.text)
        ran = finish(start("daemon", cwd=root))
        assert ran.code == 75
        told = json.loads(ran.err)
        assert told["message"].endswith(f"in use by process {daemon.process.pid}")
        assert (told["event"], told["hint"] != "") == ("ended", True)
        assert syndicate("status", cwd=root).code == 0
        daemon.stop()
    assert syndicate("run", cwd=root).code == 0


def test_run_asks_the_daemon_for_its_pass(tmp_path: Path) -> None:
    """It tells of it as of its own, with the same exit code; and never are there two writers."""
    root = site(tmp_path, rest='[schedule]\nevery = "1h"\nwatch = false')
    post(root, "2024-05-01-a.md")
    with living(root) as daemon:
        daemon.until(lambda: "1 published" in daemon.text)
        post(root, "2024-05-02-b.md", title="Second")
        ran = finish(start("run", cwd=root))
        assert ran.code == 0
        assert ran.err.startswith("the daemon at work made this pass\n")
        assert "2 seen, 2 published" in ran.out
        assert _has(root, "Second")
        (root / "content/2024-05-03-c.md").write_text("---\ndate: 2026-99-99\n---\n")
        held = finish(start("run", "--json", cwd=root))
        assert (held.code, held.report()["held"]) == (1, 1)
        (root / "content").rename(root / "away")
        gone = finish(start("run", cwd=root))
        assert gone.code == 1
        assert "the content folder" in gone.err
        (root / "away").rename(root / "content")
        (root / "archive/control").unlink()
        assert finish(start("run", cwd=root)).code == 75
        daemon.stop()


def test_content_is_watched_through_swaps_of_its_folder(tmp_path: Path) -> None:
    """An edit, a folder made anew under the same name, and one renamed into place: all seen."""
    root = site(tmp_path, rest='[schedule]\nevery = "1h"')
    post(root, "2024-05-01-a.md", title="First")
    content = root / "content"
    with living(root) as daemon:
        daemon.until(lambda: _has(root, "First"))
        post(root, "2024-05-02-b.md", title="Second")
        daemon.until(lambda: _has(root, "Second"))
        shutil.copytree(content, root / "next")
        shutil.rmtree(content)
        (root / "next").rename(content)
        post(root, "2024-05-03-c.md", title="Third")
        daemon.until(lambda: _has(root, "Third"))
        content.rename(root / "old")
        content.symlink_to("old")
        post(root, "2024-05-04-d.md", title="Fourth")
        daemon.until(lambda: _has(root, "Fourth"))
        shutil.copytree(root / "old", root / "new")
        (root / "new/2024-05-05-e.md").write_text("---\ntitle: Fifth\n---\nText.\n")
        (root / "link").symlink_to("new")
        (root / "link").replace(content)
        daemon.until(lambda: _has(root, "Fifth"))
        daemon.stop()
    assert len(ids(root)) == 5


def test_a_daemon_outlives_a_missing_content_folder(tmp_path: Path) -> None:
    """A pass that can't be made is complained of; the next one that can be is made."""
    root = site(tmp_path, rest=EVERY_SECOND)
    post(root, "2024-05-01-a.md", title="First")
    away = root / "away"
    with living(root) as daemon:
        daemon.until(lambda: _has(root, "First"))
        (root / "content").rename(away)
        daemon.until(lambda: f"the content folder {root}" in daemon.text)
        away.rename(root / "content")
        post(root, "2024-05-02-b.md", title="Second")
        daemon.until(lambda: _has(root, "Second"))
        daemon.stop()


@pytest.mark.slow
def test_an_alert_is_sent_once_whatever_is_killed(tmp_path: Path, web: LocalWeb) -> None:
    """Passes fail again and again: one message, kill -9 in between; and one once they go well.

    `status` says so by its exit code, from the first failure on.
    """
    alerts = '["job.failing", "job.recovered"]'
    hook = webhook(web.url("/ops")).replace(ALL_EVENTS, alerts)
    root = site(tmp_path, publish=hook, network=ALLOW, rest=EVERY_SECOND)
    post(root, "2024-05-01-a.md", title="First")
    away = root / "away"
    with living(root) as daemon:
        daemon.until(lambda: _has(root, "First"))
        assert syndicate("status", cwd=root).code == 0
        (root / "content").rename(away)
        daemon.until(lambda: len(web.pushes) == 1)
        daemon.process.kill()
        finish(daemon.process)
    with living(root) as daemon:
        failed = '"event":"pass.failed"'
        daemon.until(lambda: daemon.text.replace(" ", "").count(failed) > 3)
        assert syndicate("status", cwd=root).code == 1
        away.rename(root / "content")
        daemon.until(lambda: len({push.id for push in web.pushes}) > 1)
        daemon.until(lambda: syndicate("status", cwd=root).code == 0)
        daemon.stop()
    # what was not settled when it was killed comes once more, under the same id
    bodies = {push.id: json.loads(push.body) for push in web.pushes}
    assert [(body["type"], body["data"]["id"]) for body in bodies.values()] == [
        ("job.failing", "pass"),
        ("job.recovered", "pass"),
    ]
