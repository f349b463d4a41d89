"""What an edit takes, and what idling costs: ``python -m benchmarks.latency``.

A daemon watches a made-up site. One post after another of those in the feed gets another title,
in a file that is renamed into place; the clock runs from there until ``feed.json`` reads so, and
until a receiver on 127.0.0.1 has the whole message. Processor seconds are those of the daemon and
of its children, for each edit. Then it is left alone: resident memory, and processor time while
nothing happens, with the server listening.

``--checkout`` writes all posts at once, into folders that are new, while the daemon watches, and
says how many of them it published, and in how many passes.
"""
# ruff: noqa: S603, T201 -- it starts a daemon and prints what it saw

import argparse
import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.corpus import plain, settings

TICK = os.sysconf("SC_CLK_TCK")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  # published, of no use
ENDPOINT = """\
[[publish]]
type = "webhook"
name = "ops"
url = "http://127.0.0.1:{port}/"
secret_env = "SECRET"
events = ["post.published", "post.updated"]
[schedule]
every = "1h"
"""
PATIENCE = 3600.0  # seconds
POST = "---\ntitle: {title}\ndate: 2026-01-01 00:{minute:02}:00\n---\nSome words, {title}.\n"
RECENT = 20  # posts that are edited; all in the feed
QUIET = 1.0  # seconds between two edits, and before the memory is read


class Took(NamedTuple):
    """What an edit took, in seconds."""

    feed: float
    push: float


class Receiver:
    """Notes when messages came."""

    def __init__(self) -> None:
        """Listen on a free port."""
        came: dict[str, float] = {}
        self.came = came

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                came.setdefault(json.loads(body)["data"]["title"], time.monotonic())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server.server_address[1])


class Daemon:
    """A daemon at work, and the passes it told of."""

    def __init__(self, home: Path) -> None:
        """Start one."""
        # setpriv (util-linux): whoever kills this benchmark leaves no daemon behind
        command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "syndicator"]
        command += ["--config", str(home / "s.toml"), "daemon"]
        environ = {**os.environ, "SECRET": SECRET}
        self.process = subprocess.Popen(
            command, env=environ, stderr=subprocess.PIPE, encoding="utf-8"
        )
        self.passes: list[dict[str, object]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None  # noqa: S101  # it was asked for
        for line in self.process.stderr:
            told = json.loads(line) if line.startswith("{") else {}
            if told.get("event") == "pass.done":
                self.passes.append(told)
            elif told.get("level") == "error" or not told:
                print(line, file=sys.stderr)

    def cpu(self) -> float:
        """Tell its processor seconds, those of children that ended too."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / TICK

    def memory(self) -> float:
        """Tell what of it is resident, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@contextmanager
def living(count: int) -> Iterator[tuple[Path, Daemon, Receiver]]:
    """Let a daemon live on a site of so many posts, and have made its first pass."""
    receiver = Receiver()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "content").mkdir()
        (home / "s.toml").write_text(_settings(receiver.port), encoding="utf-8")
        write(home / "content", count - RECENT)
        for number in range(RECENT):
            edit(home, number, f"first {number}")
        daemon = Daemon(home)
        try:
            until(lambda: any(one["live"] == max(count, RECENT) for one in daemon.passes))
            yield home, daemon, receiver
        finally:
            daemon.process.terminate()
            daemon.process.wait()
            receiver.server.shutdown()


def _settings(port: int) -> str:
    return settings(
        network='allow = ["127.0.0.0/8"]',
        serve=f'listen = "127.0.0.1:{free()}"',
        limit=20,
        more=ENDPOINT.format(port=port),
    )


def free() -> int:
    """Tell a free port."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def write(content: Path, count: int, *, into: str = "") -> None:
    """Write made-up posts, below the folder ``into`` each hundred in one of its own."""
    for number, (path, data) in enumerate(plain(max(count, 0))):
        place = content / into / (f"{number // 100:04}/{path}" if into else path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data.replace(b"![", b"["))  # no picture is asked for


def edit(home: Path, number: int, title: str) -> float:
    """Give a post a title; return the moment at which it had it."""
    place = home / "content" / f"recent-{number}.md"
    aside = place.with_suffix(".tmp")
    aside.write_text(POST.format(title=title, minute=number), encoding="utf-8")
    moment = time.monotonic()
    aside.replace(place)
    return moment


def until(condition: Callable[[], bool], pause: float = 0.02) -> float:
    """Wait for something; return when it was so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            sys.exit("nothing came of it")
        time.sleep(pause)
    return time.monotonic()


def latency(count: int, edits: int) -> None:
    """Print what edits take on a site of so many posts."""
    with living(count) as (home, daemon, receiver):
        feed, took = home / "archive/public/feed.json", list[Took]()
        time.sleep(QUIET)
        before = daemon.cpu()
        for number in range(edits):
            title = f"edit {number} of {count}"
            began = edit(home, number % RECENT, title)
            mark, old = title.encode(), feed.stat().st_ino
            read = until(lambda: feed.stat().st_ino != old and mark in feed.read_bytes(), 0.001)  # noqa: B023  # at once
            until(lambda: title in receiver.came)  # noqa: B023
            took.append(Took(read - began, receiver.came[title] - began))
            time.sleep(QUIET)
        each = (daemon.cpu() - before) / edits
    for name in Took._fields:
        spent = sorted(getattr(one, name) for one in took)
        last = spent[min(len(spent) - 1, round(0.99 * len(spent)))]
        print(
            f"{count:8,} posts  edit to {name:5}{median(spent) * 1000:8.0f} ms p50"
            f"{last * 1000:8.0f} ms p99  ({each:.2f} s CPU each, idling between included)",
            flush=True,
        )


def idle(count: int, seconds: float) -> None:
    """Print what a daemon costs that idles: one that read all, and one that did not."""
    with living(count) as (home, daemon, _receiver):
        _rest(daemon, f"{count:8,} posts  idle after reading all", seconds)
        daemon.process.terminate()
        daemon.process.wait()
        again = Daemon(home)
        try:
            until(lambda: len(again.passes) > 0)
            _rest(again, f"{count:8,} posts  idle after a start", seconds)
        finally:
            again.process.terminate()
            again.process.wait()


def _rest(daemon: Daemon, what: str, seconds: float) -> None:
    time.sleep(10 * QUIET)
    before, began = daemon.cpu(), time.monotonic()
    time.sleep(seconds)
    spent, gone = daemon.cpu() - before, time.monotonic() - began
    share = f"{100 * spent / gone:.2f} % of a core in {gone:.0f} s"
    print(f"{what}: {daemon.memory():.0f} MiB resident, {share}", flush=True)


def checkout(count: int, rounds: int) -> None:
    """Print how many of so many posts are seen that appear at once in new folders."""
    for number in range(rounds):
        with living(RECENT) as (home, daemon, _):
            told = len(daemon.passes)
            began = time.monotonic()
            write(home / "content", count, into="new")
            until(lambda: daemon.passes[-1]["live"] == count + RECENT)
            took, made = time.monotonic() - began, len(daemon.passes) - told
            said = f"all published {took:.1f} s after the first was written, in {made} passes"
            print(f"{count:8,} posts  checkout {number + 1}: {said}", flush=True)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])  # type: ignore[union-attr]  # it has one
    parser.add_argument("--posts", type=int, nargs="*", default=[100, 10_000])
    parser.add_argument("--edits", type=int, default=50)
    parser.add_argument("--idle", type=int, default=2500, help="posts; 0: do not idle")
    parser.add_argument("--seconds", type=float, default=60, help="of idling")
    parser.add_argument("--checkout", type=int, default=0, help="posts that appear at once")
    parser.add_argument("--rounds", type=int, default=10, help="of that")
    asked = parser.parse_args()
    for count in () if asked.checkout else asked.posts:
        latency(count, asked.edits)
    if asked.checkout:
        checkout(asked.checkout, asked.rounds)
    elif asked.idle:
        idle(asked.idle, asked.seconds)


if __name__ == "__main__":
    main()
