"""What keeping pictures costs, beside curl and sha256sum: ``python -m benchmarks.fetch``.

Both fetch the same pictures of 50 to 500 kB from one nginx on 127.0.0.1, which stands for eight
hosts. Ours judges, hashes and syncs them, and writes journal and database, as a pass does; curl
writes files, and sha256sum reads them. Then our client asks for pictures it has kept, and is
told (304) that they are the same. What is printed are medians of interleaved rounds.

Needs nginx and curl (Debian: ``apt-get install nginx-light curl``).
"""

import argparse
import asyncio
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from statistics import median
from typing import NamedTuple

from PIL import Image

from syndicator.archive.capture import Terms
from syndicator.archive.collect import Collector
from syndicator.archive.fetch import Fetches
from syndicator.archive.local import Roots
from syndicator.doors import files
from syndicator.doors.http import Limits, Web
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store, copies
from syndicator.model.pictures import Asset, Shown, Want

HOSTS = 8
PORT = 8473
# httpx and tenacity load these where our linters or a cluster brought them: an installed program
# has none of them
BARE = """\
import sys
sys.modules.update(dict.fromkeys(("click", "pygments", "rich", "tornado")))
from benchmarks import fetch
fetch.main()
"""
LEAST, MOST = 50_000, 500_000  # bytes a picture
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONF = """\
daemon off; pid {root}/nginx.pid; error_log {root}/error.log; worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; keepalive_requests 100000; etag on;
  client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
  uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
  server {{ {listen} root {root}/www; }}
}}
"""


class Cost(NamedTuple):
    """What a run took: seconds by the clock and of the processor, and MiB of memory at most."""

    clock: float
    processor: float
    memory: float = 0.0


def url(number: int, again: int = 0) -> str:
    """Return the address of a picture; the same picture has as many as one likes."""
    query = f"?{again}" if again else ""
    return f"http://127.0.0.{1 + number % HOSTS}:{PORT}/{number}.jpg{query}"


def draw(folder: Path, count: int) -> int:
    """Make pictures, each unlike the others; return their size together."""
    chance = random.Random(1)  # noqa: S311  # the same pictures every time
    folder.mkdir()
    total = 0
    steps = 10
    noise = [_noise(chance, LEAST + (MOST - LEAST) * step // (steps - 1)) for step in range(steps)]
    for number in range(count):
        body = noise[number % steps]
        unique = f"picture {number}".encode()
        comment = b"\xff\xfe" + (len(unique) + 2).to_bytes(2, "big") + unique
        data = body[:2] + comment + body[2:]
        (folder / f"{number}.jpg").write_bytes(data)
        total += len(data)
    return total


def _noise(chance: random.Random, size: int) -> bytes:
    """Return a picture of about so many bytes: of noise, that is one for each 1.34 pixels."""
    side = int((size * 1.34) ** 0.5)
    out = io.BytesIO()
    image = Image.frombytes("L", (side, side), chance.randbytes(side * side))
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


@contextmanager
def served(root: Path) -> Iterator[None]:
    """Let nginx serve the folder ``www``."""
    listen = " ".join(f"listen 127.0.0.{1 + n}:{PORT};" for n in range(HOSTS))
    (root / "nginx.conf").write_text(CONF.format(root=root, listen=listen))
    command = ["nginx", "-c", str(root / "nginx.conf"), "-e", str(root / "error.log")]
    server = subprocess.Popen(command)  # noqa: S603  # our own words
    try:
        while subprocess.run(["curl", "-sfo", "/dev/null", url(0)], check=False).returncode:  # noqa: S603, S607
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait()


def run(*command: str) -> tuple[Cost, str]:
    """Run a command to its end."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    said = child.stdout.read() if child.stdout else ""
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command[0]} failed with {child.returncode}")
    clock = time.perf_counter() - began
    return Cost(clock, used.ru_utime + used.ru_stime), said


def curl(root: Path, count: int) -> Cost:
    """Fetch with curl, hash with sha256sum."""
    folder = root / "curl"
    folder.mkdir()
    lines = [f'url = "{url(n)}"\noutput = "{folder}/{n}.jpg"' for n in range(count)]
    (root / "curl.txt").write_text("\n".join(lines))
    first, _ = run(
        "curl",
        "-s",
        "--no-progress-meter",
        "--parallel",
        "--parallel-max",
        "16",
        "-K",
        str(root / "curl.txt"),
    )
    second, said = run("sha256sum", *(str(folder / f"{n}.jpg") for n in range(count)))
    if len(said.splitlines()) != count:
        raise SystemExit("curl did not bring every picture")
    shutil.rmtree(folder)
    return Cost(first.clock + second.clock, first.processor + second.processor)


def ours(root: Path, what: str, count: int) -> Cost:
    """Run this file in a process of its own; the clock runs while it works, not at its start."""
    layout = Layout(root / "archive")
    files.make_folder(layout.public)
    Store(layout.state).close()  # the first pass of all makes the database; this is a later one
    _, said = run(sys.executable, "-c", BARE, f"--{what}", str(count), str(root))
    shutil.rmtree(root / "archive")
    return Cost(**json.loads(said))


def work(root: Path, wants: Sequence[Want]) -> dict[str, float]:
    """Do what a pass does with these pictures; return what that took."""
    layout = Layout(root / "archive")
    limits = Limits(allow=(ip_network("127.0.0.0/8"),))
    with Store(layout.state) as store:
        ledger = Ledger(layout, store)
        collector = Collector(
            ledger=ledger,
            roots=Roots(content=root, static=()),
            terms=Terms(limit=20 << 20),
            clock=lambda: AT,
            progress=lambda *_: None,
        )

        async def go() -> None:
            async with (
                Web(limits, agent="benchmark") as web,
                Fetches(wants, web, terms=collector.terms, clock=collector.clock) as fetches,
            ):
                await collector.fetch(fetches, until=float("inf"))

        clock, processor = time.perf_counter(), time.process_time()
        asyncio.run(go())
        took = {
            "clock": time.perf_counter() - clock,
            "processor": time.process_time() - processor,
            "memory": _memory(),
        }
        with store.transaction() as session:
            kept = len(copies.every(session))
    fresh = sum(not one.kept for one in wants)
    if kept != fresh or collector.failed or collector.checked != len(wants) - fresh:
        raise SystemExit(f"{kept} of {fresh} pictures were kept, {collector.failed} failed")
    return took


def _memory() -> float:
    """Tell the most memory that this process ever held; what rusage tells begins before it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def known(count: int) -> list[Want]:
    """Return pictures that were kept before, with their validators as nginx gives them."""

    async def ask() -> list[Mapping[str, str]]:  # a pass has no body of them in memory
        limits = Limits(allow=(ip_network("127.0.0.0/8"),))
        async with Web(limits, agent="benchmark") as web:
            return [(await web.fetch(url(n), limit=MOST * 2)).headers for n in range(100)]

    wants = []
    heads = asyncio.run(ask())
    for number in range(count):
        head = heads[number % 100]
        where = url(number % 100, 1 + number // 100)
        copy = Asset(
            digest="0" * 64,
            media_type="image/jpeg",
            extension=".jpg",
            size=1,
            width=1,
            height=1,
            came_from=where,
        )
        shown = Shown(
            digest=copy.digest, etag=head["etag"], modified=head["last-modified"], plan="kept"
        )
        wants.append(Want(url=where, copy=copy, shown=shown))
    return wants


def main() -> None:
    """Measure, and say so; or be one of the measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--checks", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--fetch", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--again", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.fetch:
        wants = [Want(url=url(n)) for n in range(int(args.fetch[0]))]
        sys.stdout.write(json.dumps(work(Path(args.fetch[1]), wants)))
    elif args.again:
        sys.stdout.write(json.dumps(work(Path(args.again[1]), known(int(args.again[0])))))
    else:
        measure(args.pictures, args.checks, args.rounds)


def measure(pictures: int, checks: int, rounds: int) -> None:
    """Run all of them, one after the other, and print their medians."""
    if not shutil.which("nginx") or not shutil.which("curl"):
        raise SystemExit("nginx and curl are needed: apt-get install nginx-light curl")
    costs: dict[str, list[Cost]] = {"curl": [], "fetch": [], "again": []}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)  # nginx's worker is another user
        size = draw(root / "www", pictures)
        with served(root):
            for _ in range(rounds):
                costs["curl"].append(curl(root, pictures))
                costs["fetch"].append(ours(root, "fetch", pictures))
                costs["again"].append(ours(root, "again", checks))
    middle = {
        name: Cost(*(median(part) for part in zip(*found, strict=True)))
        for name, found in costs.items()
    }
    names = {"curl": "curl, sha256sum", "fetch": "syndicator", "again": "looked at again"}
    for name, cost in middle.items():
        count = checks if name == "again" else pictures
        rate = "" if name == "again" else f"{size / cost.clock / 1e6:7.0f} MB/s"
        memory = f"  memory {cost.memory:4.0f} MiB" if cost.memory else ""
        sys.stdout.write(
            f"{names[name]:16} {count:6} in {cost.clock:6.2f} s {count / cost.clock:7.0f}/s"
            f" {rate:12} CPU {cost.processor:6.2f} s{memory}\n"
        )
    share = middle["curl"].clock / middle["fetch"].clock
    sys.stdout.write(f"rate of syndicator beside curl and sha256sum: {share:.2f}\n")


if __name__ == "__main__":
    main()
