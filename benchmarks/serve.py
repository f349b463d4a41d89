"""What an answer costs the server, beside nginx and Caddy: ``python -m benchmarks.serve``.

All three serve the same folder with one worker: a feed of 100 kB whole, the same to a reader that
has it (304), and its brotli copy. wrk asks over 32 connections. What counts is requests for each
second of the server's processor time: requests a second depend on who else wants the processor.
Medians of interleaved rounds.

Needs nginx with its module for compressed copies, Caddy, wrk and brotli (Debian: ``apt-get install
nginx-light libnginx-mod-http-brotli-static caddy wrk brotli``).
"""
# ruff: noqa: S603, S607, T201 -- it starts servers and prints what they cost

import argparse
import http.client
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

TICK = os.sysconf("SC_CLK_TCK")
SIZE = 100_000  # bytes of the feed
CASES: Mapping[str, Sequence[str]] = {"200": (), "304": (), "br": ("Accept-Encoding: br",)}
NGINX = """\
load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;
worker_processes 1; daemon off; error_log stderr crit; pid {home}/nginx.pid;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {home}/b; proxy_temp_path {home}/p; fastcgi_temp_path {home}/f;
  uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
  server {{
    listen 127.0.0.1:{port}; root {public}; brotli_static on; gzip_static on;
    types {{ application/rss+xml xml; }}
  }}
}}
"""
CADDY = """\
{{
  admin off
  auto_https off
  log {{
    level ERROR
  }}
}}
http://127.0.0.1:{port} {{
  root * {public}
  file_server {{
    precompressed br gzip
  }}
}}
"""
OURS = """\
[site]
title = "Benchmark"
url = "https://site.example/"
timezone = "UTC"
[archive]
root = "archive"
[serve]
url = "https://feeds.example/"
listen = "127.0.0.1:{port}"
"""


class Served(NamedTuple):
    """A server at work."""

    name: str
    port: int
    pid: int


class Cost(NamedTuple):
    """What a run of wrk came to."""

    rate: float  # requests a second
    each: float  # requests for a second of the server's processor


def main() -> None:
    """Serve, ask, and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])  # type: ignore[union-attr]  # it has one
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each run of wrk")
    asked = parser.parse_args()
    missing = [name for name in ("nginx", "caddy", "wrk", "brotli") if shutil.which(name) is None]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}; see the head of this file")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        home.chmod(0o755)  # nginx's worker is another user
        public = _folder(home)
        servers = [stack.enter_context(_nginx(home, public))]
        servers += [stack.enter_context(_caddy(home, public)), stack.enter_context(_ours(home))]
        costs: dict[tuple[str, str], list[Cost]] = {}
        for _ in range(asked.rounds):
            for case in CASES:
                for one in servers:
                    costs.setdefault((case, one.name), []).append(_ask(one, case, asked.seconds))
        _table(costs, servers)


def _folder(home: Path) -> Path:
    """Write a feed of made-up words, the same on every machine, and its compressed copies."""
    public = home / "archive/public"
    public.mkdir(parents=True)
    random.seed(20261128)
    words = ["".join(random.choices("etaoinshrdlu", k=random.randint(2, 9))) for _ in range(2000)]  # noqa: S311
    items = []
    while sum(map(len, items)) < SIZE:
        text = " ".join(random.choices(words, k=600))  # noqa: S311
        items.append(f"<item><title>{text[:40]}</title><description>{text}</description></item>\n")
    feed = public / "feed.xml"
    feed.write_text(f'<rss version="2.0"><channel>\n{"".join(items)}</channel></rss>\n')
    subprocess.run(["brotli", "-q", "11", "-k", feed], check=True)
    feed.with_name("feed.xml.br").touch()  # brotli cuts its time off at the second: older than it
    return public


def _ask(one: Served, case: str, seconds: int) -> Cost:
    headers = list(CASES[case])
    if case == "304":
        headers.append(f"If-None-Match: {_etag(one.port)}")
    if case == "br":
        _is_brotli(one)
    said = [part for header in headers for part in ("-H", header)]
    before = _spent(one.pid)
    url = f"http://127.0.0.1:{one.port}/feed.xml"
    command = ["wrk", "-t1", "-c32", f"-d{seconds}", *said, url]
    ran = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    spent = _spent(one.pid) - before
    count = int(re.search(r"(\d+) requests in", ran)[1])  # type: ignore[index]  # wrk says so
    wrong = "Non-2xx" in ran and case != "304"
    if wrong or "Socket errors" in ran:
        sys.exit(f"{one.name}, {case}: {ran}")
    return Cost(count / seconds, count / spent)


def _is_brotli(one: Served) -> None:
    wire = http.client.HTTPConnection("127.0.0.1", one.port)
    wire.request("GET", "/feed.xml", headers={"Accept-Encoding": "br"})
    answer = wire.getresponse()
    if answer.headers["content-encoding"] != "br":
        sys.exit(f"{one.name} does not send the brotli copy")
    wire.close()


def _etag(port: int) -> str:
    wire = http.client.HTTPConnection("127.0.0.1", port)
    wire.request("HEAD", "/feed.xml")
    first = wire.getresponse()
    first.read()
    etag = first.headers["etag"]
    wire.request("GET", "/feed.xml", headers={"If-None-Match": etag})
    answer = wire.getresponse()
    answer.read()
    if answer.status != 304:  # noqa: PLR2004  # the case to be measured
        sys.exit(f"port {port} says {answer.status} to its own tag")
    wire.close()
    return str(etag)


def _spent(pid: int) -> float:
    """Return the processor seconds of a process and of its children that live."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if pid in {int(stat.parent.name), int(fields[1])}:
            total += (int(fields[11]) + int(fields[12])) / TICK
    return total


@contextmanager
def _nginx(home: Path, public: Path) -> Iterator[Served]:
    port, file = _port(), home / "nginx.conf"
    file.write_text(NGINX.format(home=home, port=port, public=public))
    with _running("nginx", port, ["nginx", "-c", str(file)]) as served:
        yield served


@contextmanager
def _caddy(home: Path, public: Path) -> Iterator[Served]:
    port, file = _port(), home / "Caddyfile"
    file.write_text(CADDY.format(port=port, public=public))
    command = ["caddy", "run", "--config", str(file), "--adapter", "caddyfile"]
    env = {"GOMAXPROCS": "1", "HOME": str(home)}
    with _running("Caddy", port, command, **env) as served:
        yield served


@contextmanager
def _ours(home: Path) -> Iterator[Served]:
    port, file = _port(), home / "syndicator.toml"
    file.write_text(OURS.format(port=port))
    command = [sys.executable, "-m", "syndicator", "--config", str(file), "serve"]
    with _running("syndicator", port, command) as served:
        yield served


@contextmanager
def _running(name: str, port: int, command: Sequence[str], **env: str) -> Iterator[Served]:
    """Run a server for the block; it is there once its port answers."""
    with subprocess.Popen(
        command, env={**os.environ, **env}, stdout=subprocess.DEVNULL
    ) as process:
        try:
            end = time.monotonic() + 10
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if time.monotonic() > end or process.poll() is not None:
                        sys.exit(f"{name} does not start")
                    time.sleep(0.05)
            yield Served(name, port, process.pid)
        finally:
            process.terminate()


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _table(costs: Mapping[tuple[str, str], Sequence[Cost]], servers: Sequence[Served]) -> None:
    print(
        f"{'case':5}{'server':12}{'requests/s':>12}{'per CPU s':>12}{'x nginx':>9}{'x Caddy':>9}"
    )
    for case in CASES:
        each = {one.name: median(cost.each for cost in costs[case, one.name]) for one in servers}
        for one in servers:
            rate = median(cost.rate for cost in costs[case, one.name])
            mine = each[one.name]
            print(
                f"{case:5}{one.name:12}{rate:12,.0f}{mine:12,.0f}"
                f"{mine / each['nginx']:9.2f}{mine / each['Caddy']:9.2f}"
            )


if __name__ == "__main__":
    main()
