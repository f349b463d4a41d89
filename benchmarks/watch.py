"""From a saved post to the feeds, beside ``hugo server``: ``python -m benchmarks.watch``.

A daemon of ours and ``hugo server --watch`` live on the same posts, each on a copy of its own. In
turn a sentence is added to the newest post of each, and the clock runs until every feed on disk
has it: two of ours, Hugo's one. Told are medians, and the processor time of each edit.
"""
# ruff: noqa: S603 -- it starts the programs that it measures

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.latency import PATIENCE, TICK, free, until
from benchmarks.peers import Peer, peers
from benchmarks.site import COMMAND, lay, say, spend

REST = 1.0  # seconds between two edits


class Took(NamedTuple):
    """What an edit took, in seconds."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Server:
    """A program that watches, and where its feeds and the post are."""

    process: subprocess.Popen[bytes]
    feeds: tuple[Path, ...]
    newest: Path

    def cpu(self) -> float:
        """Tell its processor seconds."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / TICK

    def edit(self, sentence: str) -> Took:
        """Add a sentence to the post, and wait until the feeds have it."""
        mark, before = sentence.encode(), self.cpu()
        text = self.newest.read_bytes()
        aside = self.newest.with_name(".aside")
        aside.write_bytes(text + b"\n" + mark + b"\n")
        began = time.monotonic()
        aside.replace(self.newest)
        read = until(lambda: all(mark in feed.read_bytes() for feed in self.feeds), 0.002)
        time.sleep(REST)
        return Took(read - began, self.cpu() - before)


def watching(peer: Peer) -> Peer | None:
    """Return a program told to watch, with all its feeds; None for one that is not compared."""
    if peer.name == "syndicator":
        command = (*peer.command[:-1], "daemon")
    elif peer.name == "hugo":
        options = ("server", "--disableFastRender", "--disableLiveReload", "--port", str(free()))
        command = (*peer.command, *options)
    else:
        return None
    return replace(peer, command=command)


@contextmanager
def living(peer: Peer, root: Path, count: int) -> Iterator[Server]:
    """Let a program live on a site of so many posts, its feeds made."""
    newest = lay(peer, root, count)
    spend(peer, root)
    served = watching(peer)
    assert served is not None  # noqa: S101  # the caller chose it so
    names = {"archive/public/feed.xml": ("feed.xml", "atom.xml")}.get(peer.feed, ("index.xml",))
    feeds = tuple((root / peer.feed).with_name(name) for name in names)
    quiet = subprocess.DEVNULL
    with subprocess.Popen(served.command, cwd=root, stdout=quiet, stderr=quiet) as process:
        try:
            server = Server(process, feeds, newest)
            settle(server)
            yield server
        finally:
            process.terminate()


def settle(server: Server) -> None:
    """Wait until a program has done what it does at its start: a second without work."""
    end, before = time.monotonic() + PATIENCE, -1.0
    while (spent := server.cpu()) - before > 0.05 or spent < 0.05:  # noqa: PLR2004  # seconds
        if time.monotonic() > end:
            sys.exit(f"{server.process.args!r} comes to no rest")
        before = spent
        time.sleep(REST)


def measure(count: int, edits: int, who: Sequence[Peer]) -> None:
    """Print what edits take with so many posts."""
    took: dict[str, list[Took]] = {peer.name: [] for peer in who}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = {
            peer.name: stack.enter_context(living(peer, Path(folder) / str(at), count))
            for at, peer in enumerate(who)
        }
        for number in range(edits):
            for name, server in servers.items():
                took[name].append(server.edit(f"Sentence {number} that nobody wrote before."))
    for name, all_of in took.items():
        wall = median(one.wall for one in all_of)
        processor = median(one.processor for one in all_of)
        beside = wall / median(one.wall for one in took.get("hugo", all_of))
        say(
            f"{count:8,} posts  {name:12}{wall * 1000:8.0f} ms to the feeds"
            f"  {processor:6.2f} s CPU  {beside:6.2f} of hugo"
        )


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--posts", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--edits", type=int, default=10)
    asked = parser.parse_args()
    who = [peer for peer in peers(COMMAND) if watching(peer)]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for count in asked.posts:
        measure(count, asked.edits, who)


if __name__ == "__main__":
    main()
