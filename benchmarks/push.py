"""What pushing costs, and whom a dead receiver delays: ``python -m benchmarks.push``.

Receivers are one asyncio process on 127.0.0.1, each endpoint a path of it.
Three figures: deliveries a second and processor time each, from an outbox that is full; how long
after their commit messages are on the wire while all is idle; and, with messages that come at a
steady rate to 100 endpoints, how late they are with none and with three of them hanging.
These fall due by the second, 250 at a time: the figure is how they compare.
"""

import argparse
import asyncio
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles

from syndicator.deliver.attempt import Target
from syndicator.deliver.send import Sender
from syndicator.doors import files
from syndicator.doors.http import Limits, Web
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store
from syndicator.model import Joined, Owed, Site
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
        pipe.send(server.sockets[0].getsockname()[1])
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

    def __init__(self, root: Path, port: int, endpoints: int, dead: int) -> None:
        """Make it anew."""
        layout = Layout(root)
        files.make_folder(layout.public)
        self.ledger = Ledger(layout, Store(layout.state))
        self.names = [f"dead{n}" if n < dead else f"e{n}" for n in range(endpoints)]
        self.targets = {
            name: Target(
                endpoint=Webhook.model_validate(
                    {
                        "type": "webhook",
                        "name": name,
                        "url": f"http://127.0.0.1:{port}/{name}",
                        "secret_env": "X",
                    }
                ),
                secret=SECRET,
            )
            for name in self.names
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
                stop=asyncio.Event(),
            )
            await sender.drain(stay)
            return sender.done


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


def fairness(root: Path, seconds: int, rate: int, dead: int) -> None:
    """Let messages fall due, so many each second; those that hang hold a place until time-out."""
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


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=RATE)
    args = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="push-"))
    try:
        throughput(root / "a", args.count)
        latency(root / "b", 200)
        for dead in (0, DEAD):
            fairness(root / f"c{dead}", args.seconds, args.rate, dead)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        tell(f"memory at most: {peak} MiB")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
