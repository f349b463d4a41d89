"""Watching with more files than the kernel tells of: a sweep is the truth, so none is missed."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from syndicate_command import PATIENCE

from syndicator.content.look import Place
from syndicator.daemon.watch import Watching
from syndicator.doors.layout import Layout

pytestmark = pytest.mark.slow

RUNS, POSTS, FOLDERS = 10, 10_000, 50
STOPPED = 40_000  # files; the kernel's queue holds 16,384 events
WATCHER = """
import asyncio, sys
from pathlib import Path
from syndicator.content.look import Place
from syndicator.daemon.watch import Watching
from syndicator.doors.layout import Layout

async def whole():
    root = Path(sys.argv[1])
    watching = Watching(Place(root, ("**/*.md",), (), Layout(root.parent / "archive")), print)
    print("watching", flush=True)
    while True:
        await watching.changed()
        print(len(watching._before), flush=True)

asyncio.run(whole())
"""


def write(root: Path, count: int) -> None:
    """Write so many files into folders that are new, as a checkout does."""
    for number in range(count):
        folder = root / f"{number % FOLDERS:03}"
        if number < FOLDERS:
            folder.mkdir()
        os.close(os.open(folder / f"{number}.md", os.O_CREAT | os.O_WRONLY))


@pytest.mark.parametrize("run", range(RUNS))
def test_a_checkout_is_seen_whole(tmp_path: Path, run: int) -> None:
    """All of it, in every one of ten runs, whatever events were lost of folders that are new.

    ``python -m benchmarks.latency --checkout 10000`` publishes them, too.
    """
    root = tmp_path / f"content-{run}"
    root.mkdir()

    async def until(seen: Callable[[Watching], bool]) -> None:
        place = Place(root, ("**/*.md",), (), Layout(tmp_path / "archive"))
        watching = Watching(place, pytest.fail)
        thread = threading.Thread(target=write, args=(root, POSTS))
        thread.start()
        try:
            async with asyncio.timeout(PATIENCE):
                while not seen(watching):
                    await watching.changed()
        finally:
            watching.end()
            thread.join()

    asyncio.run(until(lambda watching: len(watching._before) == POSTS))


def test_what_was_written_while_the_process_stood_still_is_seen(tmp_path: Path) -> None:
    """More files than the kernel's queue holds, while nobody took anything from it."""
    root = tmp_path / "content"
    root.mkdir()
    command = [sys.executable, "-c", WATCHER, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        end = threading.Timer(PATIENCE, process.kill)
        end.start()
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "watching\n"
            os.kill(process.pid, signal.SIGSTOP)
            write(root, STOPPED)
            os.kill(process.pid, signal.SIGCONT)
            seen = (int(line) for line in process.stdout)
            assert any(count == STOPPED for count in seen)
        finally:
            end.cancel()
            process.kill()
