"""What a cold pass costs with other machines' help: ``python -m benchmarks.cluster``.

The first pass over posts that nobody saw before: alone (with this machine's cores, as ever), and
with one and two Dask workers on 127.0.0.1, a thread each, over TLS. Told are seconds of the clock,
and of the processor: of the pass with its own processes, of the scheduler, and of each worker.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import corpus
from benchmarks.push import spent, tell
from benchmarks.workers import COMMAND, beside


def lay(root: Path, posts: int, tables: str) -> None:
    """Write a site."""
    (root / "content").mkdir(parents=True)
    (root / "syndicator.toml").write_text(corpus.settings(more=tables))
    for name, body in corpus.plain(posts):
        path = root / "content" / name
        path.write_bytes(body)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    os.sync()


def cold(root: Path, posts: int, workers: int) -> str:
    """Make the first pass."""
    with ExitStack() as stack:
        pids: list[int] = []
        tables = ""
        if workers:
            made = stack.enter_context(beside("clusters").cluster(root.parent, ("",) * workers))
            pids = [made.scheduler.pid, *(one.pid for one in made.workers)]
            tables = made.settings
        lay(root, posts, tables)
        before = [spent(one) for one in pids]
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: S603  # ours
            [COMMAND, "--config", root / "syndicator.toml", "run"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        took = [f"{spent(one) - then:.1f}" for one, then in zip(pids, before, strict=True)]
    ours = used.ru_utime + used.ru_stime
    who = f"{workers or 'no'} worker{'' if workers == 1 else 's'}"
    there = f"{took[0]} | {' + '.join(took[1:])}" if took else "| "
    ended = f" (exit {process.returncode})" if process.returncode else ""
    return f"| {who}{ended} | {wall:.1f} | {ours:.1f} | {there} |"


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed
    root = Path(tempfile.mkdtemp(prefix="cluster-"))
    try:
        tell("| | seconds | CPU s, the pass | CPU s, the scheduler | CPU s, each worker |")
        tell("|---|---|---|---|---|")
        for number in range(args.rounds):
            for workers in (0, 1, 2):
                tell(cold(root / f"{number}-{workers}", args.posts, workers))
        tell(f"\nload {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
