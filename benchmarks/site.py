"""Whole passes beside other programs: ``python -m benchmarks.site [--posts 100 1000 10000]``.

Each program that is installed (see ``benchmarks.peers``) makes the feed of the same posts, in
turn: cold, with nothing changed, and with one post changed. Told are medians over the rounds of
seconds of the clock and of the processor, and the memory of the largest process. Below stand the
floors that nobody who reads the posts can go below. ``--json`` and ``--plot`` write files.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import corpus
from benchmarks.peers import Peer, peers
from benchmarks.plot import plot

COMMAND = Path(sys.executable).with_name("syndicate")
ENTRIES = 50  # in every feed
WHAT = ("cold", "nothing changed", "one changed")
# A picture of one point; readers are told its true size.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c63f8cfc0f01f00050001ff89993d1d0000000049454e44ae426082"
)
Key = tuple[int, str, str]  # posts, who, what


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run took."""

    wall: float
    processor: float
    mebibytes: float


def say(line: str = "") -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def spend(peer: Peer, root: Path) -> Spent:
    """Let a program run once; raises ``SystemExit`` where it fails, or makes no whole feed."""
    with tempfile.TemporaryFile() as words:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603  # programs that the caller has installed
            peer.command,
            cwd=root,
            stdout=words,
            stderr=words,
            env=_environment(peer),
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            words.seek(0)
            raise SystemExit(f"{peer.name}: {words.read().decode(errors='replace')}")
        feed = root / peer.feed
        text = feed.read_text(encoding="utf-8") if feed.exists() else ""
        if max(text.count("</item>"), text.count("</entry>")) != ENTRIES:
            raise SystemExit(f"{peer.name}: {feed} has not {ENTRIES} posts")
    return Spent(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _environment(peer: Peer) -> dict[str, str]:
    """Return what a program finds set: not what has Python compile all it imports anew."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **peer.environment}


def lay(peer: Peer, root: Path, count: int) -> Path:
    """Write the posts for a program, and return the newest one."""
    peer.lay(root)
    posts = root / peer.posts
    posts.mkdir(parents=True, exist_ok=True)
    newest = ""
    for name, body in corpus.plain(count):
        (posts / name).write_bytes(body)
        newest = max(newest, name)
    pictures = root / "static/images"
    pictures.mkdir(parents=True)
    for number in range(0, count, 10):
        (pictures / f"{number}.png").write_bytes(PNG)
    for path in posts.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return posts / newest


def rounds(peer: Peer, root: Path, newest: Path, number: int) -> Iterator[tuple[str, Spent]]:
    """Yield what each kind of run took."""
    peer.forget(root)
    os.sync()
    yield "cold", spend(peer, root)
    yield "nothing changed", spend(peer, root)
    with newest.open("ab") as file:
        file.write(f"\nOne more sentence, number {number}.\n".encode())
    yield "one changed", spend(peer, root)


def measure(count: int, times: int, who: Sequence[Peer]) -> dict[Key, list[Spent]]:
    """Run every program in turn, as often as asked."""
    spent = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        place = {peer.name: Path(folder) / f"{at}" for at, peer in enumerate(who)}
        newest = {peer.name: lay(peer, place[peer.name], count) for peer in who}
        for number in range(times):
            for peer in who:
                for what, taken in rounds(peer, place[peer.name], newest[peer.name], number):
                    spent[count, peer.name, what].append(taken)
        floors = subprocess.run(  # noqa: S603  # a benchmark of ours
            [sys.executable, "-m", "benchmarks.floors", place[who[0].name] / who[0].posts],
            capture_output=True,
            check=True,
        )
        for what, seconds in json.loads(floors.stdout).items():
            spent[count, "floor", what].append(Spent(seconds, seconds, 0))
    return dict(spent)


def medians(spent: dict[Key, list[Spent]]) -> dict[Key, Spent]:
    """Take the median of every figure by itself."""
    return {
        key: Spent(
            statistics.median(one.wall for one in runs),
            statistics.median(one.processor for one in runs),
            statistics.median(one.mebibytes for one in runs),
        )
        for key, runs in spent.items()
    }


def table(found: dict[Key, Spent], count: int) -> Iterator[str]:
    """Yield a table in Markdown; in brackets how many times Hugo's seconds of the clock."""
    yield f"\n**{count:,} posts**\n"
    yield f"| | {' | '.join(WHAT)} | processor: {' | '.join(WHAT)} | MiB |"
    yield f"|---|{'---|' * 7}"
    for name in _names(found, count):
        runs = [found[count, name, what] for what in WHAT]
        walls = [
            f"{one.wall:.2f}{_beside(found, count, what, one)}"
            for what, one in zip(WHAT, runs, strict=True)
        ]
        seconds = [f"{one.processor:.2f}" for one in runs]
        most = max(one.mebibytes for one in runs)
        yield f"| {name} | {' | '.join(walls)} | {' | '.join(seconds)} | {most:.0f} |"
    floors = [
        f"{what} {one.wall:.2f}"
        for (n, who, what), one in found.items()
        if (n, who) == (count, "floor")
    ]
    yield f"\nFloors, s: {'; '.join(floors)}."


def _names(found: Iterable[Key], count: int) -> list[str]:
    return list(dict.fromkeys(name for n, name, _ in found if n == count and name != "floor"))


def _beside(found: dict[Key, Spent], count: int, what: str, one: Spent) -> str:
    hugo = found.get((count, "hugo", what))
    return f" ({one.wall / hugo.wall:.2f})" if hugo else ""


def _read(file: Path) -> dict[Key, list[Spent]]:
    spent = defaultdict(list)
    for row in json.loads(file.read_bytes()):
        spent[row["posts"], row["who"], row["what"]].append(
            Spent(*(row[one] for one in Spent.__slots__))
        )
    return dict(spent)


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these programs, and no others")
    parser.add_argument("--json", type=Path, help="where to write every run")
    parser.add_argument("--also", type=Path, nargs="+", default=[], help="runs to draw as well")
    parser.add_argument("--plot", type=Path, help="where to draw growth, as SVG")
    asked = parser.parse_args()
    known = [peer for peer in peers(COMMAND) if not asked.only or peer.name in asked.only]
    say(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; ")
    say(f"programs found: {', '.join(peer.name for peer in known)}")
    spent: dict[Key, list[Spent]] = {}
    for count in asked.posts:
        spent |= measure(count, asked.rounds, [peer for peer in known if count <= peer.most])
        for line in table(medians(spent), count):
            say(line)
    if asked.json:
        rows = [
            {
                "posts": n,
                "who": who,
                "what": what,
                **{name: getattr(one, name) for name in Spent.__slots__},
            }
            for (n, who, what), runs in spent.items()
            for one in runs
        ]
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if asked.plot:
        for file in asked.also:
            spent |= _read(file)
        lines = defaultdict(list)
        for (count, who, what), one in medians(spent).items():
            if who != "floor":
                lines[f"{who}: {what}"].append((count, one.wall))
        asked.plot.write_text(plot(dict(lines)), encoding="utf-8")


if __name__ == "__main__":
    main()
