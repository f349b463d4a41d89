"""What it costs to send a change to all subscribers of the hub: ``python -m benchmarks.hub``.

Subscribers are one asyncio process; each has a host of its own below 127/8, or ``--hosts`` of them
share that many. Told are the time until all were sent a feed of ``--size`` bytes, the sender's
processor time for each, its memory, and what an idle second costs afterwards.
"""

import argparse
import asyncio
import multiprocessing
import resource
import shutil
import tempfile
import time
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.push import ANSWER, now, tell
from syndicator.doors.http import Limits, Web
from syndicator.doors.subscriptions import Subscription, Subscriptions
from syndicator.serve.hub import Hub
from syndicator.serve.ring import Ring
from syndicator.serve.shelf import Shelf

URL = "https://f.example/"
IDLE = 10  # looks


def receiver(pipe: Connection) -> None:
    """Serve until the pipe closes; count what comes."""
    heard = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
                heard += 1
                writer.write(ANSWER)
        except (OSError, EOFError, asyncio.IncompleteReadError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "0.0.0.0", 0, backlog=1000)  # noqa: S104  # all of 127/8
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(pipe.recv)
        pipe.send(heard)

    asyncio.run(main())


async def change(root: Path, port: int, subscribers: int, hosts: int, size: int) -> None:
    """Publish a feed, let everybody have subscribed, and send it."""
    (root / "public").mkdir()
    feed = b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>'
    (root / "public/feed.xml").write_bytes(feed + b" " * (size - len(feed)))
    kept = Subscriptions(root / "subscriptions")
    for number in range(subscribers):
        host = number % hosts
        kept.put(
            Subscription(
                callback=f"http://127.{host >> 16}.{host >> 8 & 255}.{host & 255}:{port}/{number}",
                topic=f"{URL}feed.xml",
                path="feed.xml",
                expires=4e9,
                secret="a secret of theirs",  # noqa: S106  # of no use
            )
        )
    hub = Hub(
        url=URL,
        shelf=Shelf(root / "public", Ring(None)),
        subscriptions=kept,
        clock=lambda: now().timestamp(),
        draw=lambda: "",
        secrets=lambda: (),
    )
    async with Web(Limits(timeout=10, allow=(ip_network("127.0.0.0/8"),)), agent="b") as web:
        hub._web = web  # noqa: SLF001  # as ``work`` does, without its waits
        cpu, wall = time.process_time(), time.monotonic()
        await hub.turn()
        await hub.settled()
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
        sent = hub.distribution.sent
        tell(
            f"{sent} sent in {wall:.1f} s, {cpu / sent * 1000:.2f} ms CPU each, {cpu:.1f} s in all"
        )
        cpu = time.process_time()
        for _ in range(IDLE):
            await hub.turn()
        tell(f"a look with nothing to do: {(time.process_time() - cpu) / IDLE * 1000:.1f} ms CPU")
    kept.close()


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=10_000)
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=50_000)
    args = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="hub-"))
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=receiver, args=(there,), daemon=True)
    process.start()
    try:
        asyncio.run(change(root, here.recv(), args.subscribers, args.hosts, args.size))
        here.send("")
        tell(f"{here.recv()} received")
    finally:
        process.terminate()
        shutil.rmtree(root)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    tell(f"memory at most: {peak} MiB")


if __name__ == "__main__":
    main()
