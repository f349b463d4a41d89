"""What several workers send in a second: ``python -m benchmarks.workers``.

An outbox that is full, of 40 endpoints with 250 messages each: emptied by one process with SQLite,
then by one and by two ``syndicate worker`` on a PostgreSQL that is started for it as for the tests
(on files in memory, without fsync). Receivers are those of ``benchmarks.push``. Told are
deliveries a second, from the commit that owes them until the books say that all are done, and the
processor time of each process.
"""

import argparse
import asyncio
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType

from benchmarks.corpus import settings
from benchmarks.push import SECRET, Outbox, address, receiving, spent, tell
from syndicator.doors.server import WORKER, holders
from syndicator.doors.store import Store

COMMAND = Path(sys.executable).with_name("syndicate")
ENDPOINTS, EACH = 40, 250
OPEN = "SELECT count(*) FROM delivery WHERE state IN ('pending', 'leased')"
LIVE = f"SELECT count(*) FROM ({holders(WORKER)}) AS found"  # noqa: S608  # constants
LOOK = 0.1  # seconds


def beside(name: str) -> ModuleType:
    """Return a module of the tests: they have what starts servers."""
    tests = str(Path(__file__).parent.parent / "tests")
    if tests not in sys.path:
        sys.path.append(tests)
    return importlib.import_module(name)


def until(store: Store, statement: str, count: int) -> None:
    """Look until the store says so."""
    while True:
        with store.reading() as connection:
            if connection.exec_driver_sql(statement).scalar() == count:
                return
        time.sleep(LOOK)


@contextmanager
def workers(root: Path, port: int, store: str, count: int) -> Iterator[list[int]]:
    """Run so many; yield their numbers."""
    hooks = "".join(
        f'[[publish]]\ntype = "webhook"\nname = "e{n}"\nsecret_env = "KEY"\n'
        f'url = "http://{address(n)}:{port}/e{n}"\n'
        for n in range(ENDPOINTS)
    )
    (root / "syndicator.toml").write_text(
        settings(network='allow = ["127.0.0.0/8"]', more=f'[store]\nurl = "{store}"\n{hooks}')
    )
    command = [COMMAND, "--config", root / "syndicator.toml", "worker"]
    env, quiet = {**os.environ, "KEY": SECRET}, subprocess.DEVNULL
    with ExitStack() as stack:
        made = [
            stack.enter_context(subprocess.Popen(command, env=env, stderr=quiet))  # noqa: S603  # ours
            for _ in range(count)
        ]
        try:
            yield [one.pid for one in made]
        finally:
            for one in made:
                one.terminate()


def servers(folder: str) -> dict[int, float]:
    """Tell what a database server's processes spent so far."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{folder}".encode() in (process / "cmdline").read_bytes() or (
                process / "cwd"
            ).readlink().is_relative_to(folder):
                found[int(process.name)] = spent(int(process.name))
        except OSError:
            continue
    return found


def alone(root: Path) -> str:
    """Empty an outbox of a state.db."""
    with receiving(0.0) as (port, _):
        box = Outbox(root, port, ENDPOINTS, 0)
        box.owe(ENDPOINTS * EACH)
        cpu, wall = time.process_time(), time.monotonic()
        done = asyncio.run(box.drain(600))
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    return f"| SQLite, one process | {done / wall:.0f} | {wall:.1f} | {cpu:.1f} | |"


def shared(root: Path, store: str, folder: str, count: int) -> str:
    """Empty an outbox on a server with so many workers."""
    with receiving(0.0) as (port, _):
        box = Outbox(root, port, ENDPOINTS, 0, store=store)
        with workers(root, port, store, count) as pids:
            until(box.ledger.store, LIVE, count)
            before = {one: spent(one) for one in pids}, servers(folder)
            began = time.monotonic()
            box.owe(ENDPOINTS * EACH)
            owed = time.monotonic() - began
            until(box.ledger.store, OPEN, 0)
            wall = time.monotonic() - began - owed
            took = [spent(one) - before[0][one] for one in pids]
            there = _more(servers(folder), before[1])
        box.ledger.store.close()
    each = " + ".join(f"{one:.1f}" for one in took)
    who = "one worker" if count == 1 else f"{count} workers"
    rate = ENDPOINTS * EACH / wall
    return f"| PostgreSQL, {who} | {rate:.0f} | {wall:.1f} | {each} | {there:.1f} |"


def _more(after: Mapping[int, float], before: Mapping[int, float]) -> float:
    return sum(one - before.get(process, 0.0) for process, one in after.items())


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed
    postgres = beside("postgres")
    root = Path(tempfile.mkdtemp(prefix="workers-"))
    try:
        with postgres.running() as server:
            tell("| | a second | seconds | CPU s, each process | CPU s, PostgreSQL |")
            tell("|---|---|---|---|---|")
            for number in range(rounds):
                tell(alone(root / f"{number}-0"))
                for count in (1, 2):
                    place = root / f"{number}-{count}"
                    tell(shared(place, str(server.store()), server.folder, count))
        tell(f"\nload {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
