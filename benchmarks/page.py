"""What the operator's pages take: ``python -m benchmarks.page``.

A pass publishes a made-up site with a webhook that is owed every post; ``syndicate serve`` shows
the pages, and each is asked for again and again, later than it is given again from memory. The
time is a client's on the same machine; processor seconds are those of the server, for each page.
"""
# ruff: noqa: S603, T201 -- it starts a server and prints what it saw

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.corpus import settings
from benchmarks.latency import ENDPOINT, SECRET, free, until, write

TICK = os.sysconf("SC_CLK_TCK")
PAUSE = 1.1  # seconds: within one the same page is given again
PAGES = ("", "/posts", "/posts?page={half}", "/posts?page={last}", "/configuration")
LENGTH = 100  # posts on a page


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])  # type: ignore[union-attr]  # it has one
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=10)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), free()
        (home / "content").mkdir()
        write(home / "content", asked.posts)
        where = f'listen = "127.0.0.1:{free()}"\nmonitor = "127.0.0.1:{port}"\nstatus = "monitor"'
        more = ENDPOINT.format(port=9).replace("[schedule]", 'since = "all"\n[schedule]')
        text = settings(serve=where, limit=20, more=more)
        (home / "s.toml").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "syndicator", "--config", str(home / "s.toml")]
        environ = {**os.environ, "SECRET": SECRET}
        subprocess.run([*command, "run", "--json"], env=environ, capture_output=True, check=False)
        # setpriv (util-linux): whoever kills this benchmark leaves no server behind
        serve = ["setpriv", "--pdeathsig", "TERM", *command, "serve"]
        with subprocess.Popen(serve, env=environ, stderr=subprocess.DEVNULL) as server:
            until(lambda: _answers(port))
            for page in PAGES:
                last = -(-asked.posts // LENGTH)
                _measure(
                    f"/status{page.format(half=last // 2, last=last)}", port, server.pid, asked
                )
            server.terminate()


def _answers(port: int) -> bool:
    try:
        return _ask(port, "/livez")[0] == http.client.OK
    except OSError:
        return False


def _ask(port: int, path: str) -> tuple[int, int]:
    wire = http.client.HTTPConnection("127.0.0.1", port)
    wire.request("GET", path)
    answer = wire.getresponse()
    size = len(answer.read())
    wire.close()
    return answer.status, size


def _cpu(pid: int) -> float:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    return sum(map(int, stat.rpartition(")")[2].split()[11:13])) / TICK


def _measure(path: str, port: int, pid: int, asked: argparse.Namespace) -> None:
    took = []
    before = _cpu(pid)
    for _ in range(asked.rounds):
        began = time.monotonic()
        status, size = _ask(port, path)
        took.append((time.monotonic() - began) * 1000)
        if status != http.client.OK:
            sys.exit(f"{path}: {status}")
        time.sleep(PAUSE)
    spent = (_cpu(pid) - before) / asked.rounds * 1000
    print(
        f"{asked.posts:8,} posts  {path:28}{took[0]:6.0f} ms first{median(took):6.0f} ms p50"
        f"{max(took):6.0f} ms at most  {spent:4.0f} ms CPU each  {size // 1000:4} kB",
        flush=True,
    )


if __name__ == "__main__":
    main()
