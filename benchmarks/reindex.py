"""What making state.db anew costs: ``python -m benchmarks.reindex [--posts N]``.

A made-up site is published once, its database deleted, and ``syndicate archive reindex`` run as a
command of its own. Feeds and ids must be the same, byte for byte. Beside it stands what its parts
cost alone: replaying the journal, and reading the posts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from PIL import Image

from benchmarks import corpus
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store

COMMAND = Path(sys.executable).with_name("syndicate")
# as it is installed: a shell that lets Python write no bytecode has all compiled anew each time
ENVIRON = {name: os.environ[name] for name in os.environ.keys() - {"PYTHONDONTWRITEBYTECODE"}}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _command(root: Path, *arguments: str) -> tuple[str, float, float]:
    """Run the command; tell what it printed, how long it took, and its processor's seconds."""
    began, before = time.perf_counter(), os.times()
    ran = subprocess.run(  # noqa: S603  # the command under test
        [COMMAND, "--config", "syndicator.toml", *arguments],
        cwd=root,
        env=ENVIRON,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode not in {0, 1}:
        raise SystemExit(ran.stderr)
    spent = os.times()
    processor = spent.children_user + spent.children_system
    processor -= before.children_user + before.children_system
    return ran.stdout, time.perf_counter() - began, processor


def _publishable(root: Path, count: int) -> None:
    """Write the posts, and a picture for each on this disk; none that would be fetched."""
    pictures = root / "static/images"
    pictures.mkdir(parents=True)
    for number, (path, data) in enumerate(corpus.posts(count)):
        place = root / "content" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data.replace(b"![", b"!\\["))
        colour = (number % 256, number // 256 % 256, 7)
        picture = Image.new("RGB", (2, 2), colour)
        picture.save(pictures / f"{number}.jpg", quality=100, subsampling=0)


def _feeds(root: Path) -> dict[str, str]:
    found = (root / "archive/public").glob("*.*")
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in found}


def _ids(root: Path) -> set[str]:
    lines = (root / "archive/journal").glob("*.jsonl")
    told = (json.loads(line) for path in lines for line in path.open(encoding="utf-8"))
    return {line["id"] for line in told if line["event"] == "version"}


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _replay(root: Path) -> None:
    """Bring a new database to the end of the journal, and do no more."""
    layout = Layout(root / "archive")
    with tempfile.TemporaryDirectory() as folder:
        layout.state = Path(folder) / "state.db"
        with Store(layout.state) as store:
            Ledger(layout, store, dry=True)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "syndicator.toml").write_text(corpus.settings(limit=20), encoding="utf-8")
        _publishable(root, args.posts)
        _, first, spent = _command(root, "run", "--drain", "0")
        _say(f"{args.posts:,} posts: first pass {first:.1f} s, {spent:.1f} s of the processor")
        feeds, ids = _feeds(root), _ids(root)
        os.remove(root / "archive/state.db")  # noqa: PTH107  # as the shell does
        told, took, spent = _command(root, "archive", "reindex", "--json")
        _say(f"reindex                {took:8.2f} s, {spent:.2f} s of the processor   (aim: 10)")
        _say(f"  the journal alone    {_timed(lambda: _replay(root)):8.2f} s")
        same = feeds == _feeds(root) and json.loads(told)["documents"] == []
        _say(f"feeds byte for byte the same: {same}; ids the same: {ids == _ids(root)}")
        _, again, _ = _command(root, "run", "--drain", "0")
        _say(f"the pass after it      {again:8.2f} s")


if __name__ == "__main__":
    main()
