"""What pushing costs, and whom a dead receiver delays: ``python -m benchmarks.push``.

Receivers are one asyncio process, each endpoint an address of it: 127.0.0.1, 127.0.0.2, ...
Three figures: deliveries a second and processor time each, from an outbox that is full; how long
after their commit messages are on the wire while all is idle; and, with messages that come at a
steady rate to 100 endpoints, how late they are with none and with three of them hanging. These
fall due by the second, 250 at a time, and both are measured at once: the figure is how they
compare. ``--fairness`` takes that alone. ``--rows N``: what the claim and the look of a pass cost
beside N deliveries that are done, as a multiple of the same beside a thousand. ``--restart``: from
the start of a daemon, after one that was killed between commit and first send, to the request.
"""

import argparse
import asyncio
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles

from syndicator.deliver.attempt import Target
from syndicator.deliver.send import Sender
from syndicator.doors import files, index
from syndicator.doors.http import Limits, Web
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store, lanes, outbox
from syndicator.model.feeds import Verdict
from syndicator.model.posts import Site
from syndicator.model.records import Joined, Owed
from syndicator.publish.webhook import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  # published, of no use
BODY = '{"type":"post.published","data":{"x":"' + "x" * 600 + '"}}'
ENDPOINTS, DEAD, RATE = 100, 3, 250
SITE = Site(
    title="B",
    url="https://b.example/",
    timezone="UTC",
    feeds="https://f.example/",
    authority="b.example",
)
TIMEOUT = 10.0  # seconds
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)  # noqa: TID251  # a measurement


def address(number: int) -> str:
    """Tell where an endpoint listens: each has an origin of its own, as receivers have."""
    return f"127.0.0.{number + 1}"


def receiver(pipe: Connection, delay: float) -> None:
    """Serve until the pipe closes: note when each message comes; /dead... never answers."""
    heard: dict[str, float] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(head.split("content-length: ")[1].split("\r\n")[0])
                await reader.readexactly(length)
                if head.startswith("post /dead"):
                    await asyncio.sleep(3600)
                name = head.split("webhook-id: ")[1].split("\r\n")[0]
                heard.setdefault(name, now().timestamp())
                await asyncio.sleep(delay)
                writer.write(ANSWER)
        except (OSError, EOFError, asyncio.IncompleteReadError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await asyncio.start_server(serve, [address(n) for n in range(1, ENDPOINTS)], port)
        pipe.send(port)
        await asyncio.to_thread(pipe.recv)
        pipe.send(heard)

    asyncio.run(main())


@contextmanager
def receiving(delay: float) -> Iterator[tuple[int, Connection]]:
    """Run a receiver; send anything through the pipe to be told what it heard."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=receiver, args=(there, delay), daemon=True)
    process.start()
    try:
        yield here.recv(), here
    finally:
        process.terminate()
        process.join()


class Outbox:
    """An archive with endpoints, and a sender."""

    def __init__(
        self, root: Path, port: int, endpoints: int, dead: int, *, store: str = ""
    ) -> None:
        """Make it anew; ``store`` is the address of a server's database."""
        layout = Layout(root, store)
        files.make_folder(layout.public)
        self.ledger = Ledger(layout, Store(layout.state))
        self.names = [f"dead{n}" if n < dead else f"e{n}" for n in range(endpoints)]
        self.targets = {
            name: Target(
                endpoint=Webhook.model_validate(
                    {
                        "type": "webhook",
                        "name": name,
                        "url": f"http://{address(number)}:{port}/{name}",
                        "secret_env": "X",
                    }
                ),
                secret=SECRET,
            )
            for number, name in enumerate(self.names)
        }
        with self.ledger.batch() as batch:
            batch.record(Joined(at=now(), endpoint=name, since="all") for name in self.names)
        self.count = 0

    def owe(self, count: int, at: datetime | None = None) -> dict[str, float]:
        """Owe so many messages, to the endpoints in turn; tell when each is due."""
        records = []
        for _ in range(count):
            name = self.names[self.count % len(self.names)]
            self.count += 1
            records.append(
                Owed(
                    at=at or now(),
                    message=f"msg_{name}_{self.count}",
                    key=str(self.count),
                    endpoint=name,
                    kind="post.published",
                    subject=f"s{self.count}",
                    seq=1,
                    body=BODY,
                )
            )
        with self.ledger.batch() as batch:
            batch.record(records)
        since = (at or now()).timestamp()
        return dict.fromkeys((one.message for one in records), since)

    async def drain(self, stay: float) -> int:
        """Send."""
        limits = Limits(timeout=TIMEOUT, allow=(ip_network("127.0.0.0/8"),))
        async with Web(limits, agent="benchmark") as web:
            sender = Sender(
                ledger=self.ledger,
                web=web,
                targets=self.targets,
                site=SITE,
                clock=now,
                jitter=lambda: 0.0,
                age=lambda: 60.0,
                stop=asyncio.Event(),
            )
            await sender.drain(stay)
            return sender.done


KILLED = """
import os, signal
from syndicator.deliver.send import Sender

async def drain(self, stay, **_more):
    os.kill(os.getpid(), signal.SIGKILL)

Sender.drain = drain
"""


def spent(process: int) -> float:
    """Tell the processor time of a process, in seconds (proc(5))."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def restart(root: Path) -> None:
    """Kill a daemon between commit and first send; start another, and wait for the request."""
    for path in ("content", "config", "patches"):
        (root / path).mkdir()
    (root / "patches/sitecustomize.py").write_text(KILLED)
    (root / "content/2026-01-01-a.md").write_text("# A\n\nText.\n")
    with receiving(0.0) as (port, pipe):
        (root / "config/syndicator.toml").write_text(
            '[site]\ntitle = "B"\nurl = "https://b.example/"\ntimezone = "UTC"\n'
            '[content]\nroot = "../content"\n[archive]\nroot = "../archive"\n'
            '[network]\nallow = ["127.0.0.0/8"]\n[serve]\nurl = "https://f.example/"\n'
            f'[[publish]]\ntype = "webhook"\nname = "e"\nurl = "http://127.0.0.1:{port}/e"\n'
            'since = "all"\nsecret_env = "KEY"\n'
        )
        command = [str(Path(sys.executable).parent / "syndicate"), "daemon"]
        env = {**os.environ, "KEY": SECRET, "PYTHONDONTWRITEBYTECODE": ""}  # as installed
        broken = {**env, "PYTHONPATH": str(root / "patches")}
        ended = subprocess.run(command, cwd=root, env=broken, check=False, capture_output=True)  # noqa: S603  # ours
        began = now().timestamp()
        with subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.DEVNULL) as daemon:  # noqa: S603
            time.sleep(8)
            before = spent(daemon.pid)
            time.sleep(10)
            idle = (spent(daemon.pid) - before) / 10
            daemon.terminate()
        pipe.send("")
        (at,) = pipe.recv().values()
    tell(f"killed ({ended.returncode}), and sent {at - began:.2f} s after the restart")
    tell(f"its start and first pass: {before:.2f} s CPU; idle: {idle * 1000:.1f} ms CPU a second")


def tell(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def spread(seconds: list[float]) -> str:
    """Word p50 and p99 in milliseconds."""
    cut = quantiles(seconds, n=100)
    return f"p50 {cut[49] * 1000:.0f} ms, p99 {cut[98] * 1000:.0f} ms"


def throughput(root: Path, count: int) -> None:
    """Empty a full outbox."""
    with receiving(0.0) as (port, _):
        box = Outbox(root, port, 10, 0)
        box.owe(count)
        cpu, wall = time.process_time(), time.monotonic()
        done = asyncio.run(box.drain(600))
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    tell(f"full outbox: {done} sent, {done / wall:.0f}/s, {cpu / done * 1000:.2f} ms CPU each")


def latency(root: Path, count: int) -> None:
    """One message at a time, each in a pass of its own."""
    with receiving(0.0) as (port, pipe):
        box = Outbox(root, port, 10, 0)
        owed: dict[str, float] = {}
        for _ in range(count):
            owed |= box.owe(1)
            asyncio.run(box.drain(0))
        pipe.send("")
        heard = pipe.recv()
    tell(f"commit to request, idle: {spread([heard[one] - owed[one] for one in owed])}")


def fairness(root: Path, seconds: int, rate: int, dead: int) -> float:
    """Let messages fall due, so many each second; those that hang hold a place until time-out.

    Returns p99 in seconds.
    """
    with receiving(0.02) as (port, pipe):
        box = Outbox(root, port, ENDPOINTS, dead)
        first = now().replace(microsecond=0) + timedelta(seconds=5)
        owed: dict[str, float] = {}
        for second in range(seconds):
            owed |= box.owe(rate, first + timedelta(seconds=second))
        stay = (first - now()).total_seconds() + seconds + 2
        asyncio.run(box.drain(stay))
        pipe.send("")
        heard = pipe.recv()
    mine = [one for one in owed if not one.startswith("msg_dead")]
    left = sum(one not in heard for one in mine)
    late = [heard[one] - owed[one] for one in mine if one in heard]
    tell(f"{dead} of {ENDPOINTS} hang, {rate}/s due: {spread(late)}, {left} left in the end")
    return quantiles(late, n=100)[98]


def both(root: Path, seconds: int, rate: int) -> list[float]:
    """Measure with none and with some dead at the same time: what else runs delays them alike."""
    with ProcessPoolExecutor(2) as pool:
        arms = [
            pool.submit(fairness, root / f"c{dead}", seconds, rate, dead) for dead in (0, DEAD)
        ]
        return [arm.result() for arm in arms]


NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?)"
AGED = (
    f"""{NUMBERS} INSERT INTO message (id, key, kind, subject, seq, at, media_type, body)
    SELECT 'old' || i, i, 'post.published', 's' || i, 1, '2026-01-01', '', '{{}}' FROM n""",  # noqa: S608  # constants
    f"""{NUMBERS} INSERT INTO delivery (message, endpoint, subject, state, attempts, next_at,
    since_at, waits, last_status, last_error, remote, interrupted)
    SELECT 'old' || i, 'e' || (i % 10), 's' || i, 'done', 1, 4000000000, 0, 0, 204, '', '', 0
    FROM n""",  # noqa: S608
)


def age(box: Outbox, count: int) -> None:
    """Let so many deliveries have been done, without sending any."""
    with box.ledger.store.transaction() as session:
        for statement in AGED:
            session.connection().exec_driver_sql(statement, (count,))


def rows(root: Path, count: int) -> None:
    """Claim, finish, owe and look beside a table of so many deliveries that are done."""
    found = []
    for size in (1000, count):
        box = Outbox(root / str(size), 9, 10, 0)
        age(box, size)
        began = time.process_time()
        for _ in range(20):
            box.owe(10)
            with box.ledger.store.transaction() as session:
                parcels = lanes.claim(session, now(), dict.fromkeys(box.names, 8))
                done = Verdict(state="done")
                lanes.finish(
                    session, [lanes.Finished(one, done, now(), 1, 204) for one in parcels]
                )
                outbox.waiting(session)
                outbox.hold(session, box.names)
            index.load(box.ledger.layout.state)
        found.append((time.process_time() - began) / 20 * 1000)
        tell(f"{size} rows: {found[-1]:.1f} ms CPU a round of ten")
    tell(f"a table of {count} costs {found[1] / found[0]:.2f} times one of a thousand")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fairness", action="store_true")
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--restart", action="store_true")
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=RATE)
    args = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="push-"))
    try:
        if args.rows:
            rows(root, args.rows)
        elif args.restart:
            restart(root)
        else:
            if not args.fairness:
                throughput(root / "a", args.count)
                latency(root / "b", 200)
            late = both(root, args.seconds, args.rate)
            tell(f"p99 with dead ones is {late[1] / late[0]:.2f} times that without")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        tell(f"memory at most: {peak} MiB")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
