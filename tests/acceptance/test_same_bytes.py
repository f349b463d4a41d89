"""The same content gives the same bytes, whatever the machine's habits are."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from syndicate_command import ENVIRON
from trial_site import NOWHERE, png, post, put, site, tree


class Habit(NamedTuple):
    """What differs from machine to machine, and from day to day."""

    now: str
    environ: Mapping[str, str]
    umask: int


HABITS = (
    Habit(
        "2026-12-31T23:30:00+00:00",
        {"TZ": "America/St_Johns", "PYTHONHASHSEED": "1", "LC_ALL": "C"},
        0o022,
    ),
    Habit(
        "2031-07-03T04:05:06+00:00",
        {"TZ": "Pacific/Apia", "PYTHONHASHSEED": "4242", "LC_ALL": "C.UTF-8", "LANG": "de"},
        0o077,
    ),
)
FEEDS = """\
[[publish]]
type = "rss"
limit = 2
markdown = true
[[publish]]
type = "atom"
limit = 3
tombstones = 5
[[publish]]
type = "json"
limit = 0
complete = true
[[publish]]
type = "atom"
path = "tags/{tag}.xml"
per = "tag"
limit = 2
[[publish]]
type = "rss"
path = "by/{author}.xml"
per = "author"
content = "summary"
[[publish]]
type = "page"
[[publish]]
type = "opml"
"""
KINDS = (
    *("feed.xml", "feed-archive/2024-01.xml", "atom-archive/2024-02.xml", "feed.json"),
    *("tags/z.xml", "tags/z-archive/2024-03.xml", "by/ann.xml", "index.html", "feeds.opml"),
    "feed.css",
)
COMPRESS = 'compress = ["gz", "br", "zst"]'
COMMAND = """\
import sys
from datetime import datetime
from syndicator import cli
from syndicator.cli import order
now = datetime.fromisoformat(sys.argv[1])
order.clock = lambda: now
sys.exit(cli.main(sys.argv[2:]))
"""


def _lay_out(root: Path, project: Path) -> Path:
    site(root, feeds=FEEDS, rest=COMPRESS)
    shutil.copytree(project / "seeds", root / "content", dirs_exist_ok=True)
    put(root / "content/near.png", png(5))
    post(root, "2024-05-01-day.md", "![](near.png)", tags="[z, a, m]", author="[Zoë, Ann]")
    post(root, "2024-05-01-same-day.md", day="2024-05-01 08:00", tags="[z, C++, 亞]")
    post(root, "2024-05-01-same-hour.md", day="2024-05-01 08:00", tags="[Z]")
    for month in range(1, 5):
        post(root, f"2024-0{month}-02-post-{month}.md", f"*Month* {month}.", tags="[z]")
    for path in sorted((root / "content").rglob("*"), reverse=root.name == "second"):
        if path.is_file():
            put(path, path.read_bytes())
    return root


def _made(config: Path, here: Path, habit: Habit) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", COMMAND, habit.now, "--config", config, "run"],
        cwd=here,
        env={**ENVIRON, **habit.environ},
        umask=habit.umask,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()


def test_the_machine_leaves_no_trace(tmp_path: Path, project: Path) -> None:
    """Date, time zone, hash seed, locale, umask, folder, order of files change no byte.

    Of no feed, archive, page or list, of no compressed copy; nor does a database made anew.
    """
    seen = []
    for name, habit in zip(("first", "second"), HABITS, strict=True):
        root = _lay_out(tmp_path / name, project)
        here = root if name == "first" else tmp_path
        config = root / "config/syndicator.toml"
        assert NOWHERE in config.read_text(encoding="utf-8")
        _made(config, here, habit)
        seen.append(tree(root / "archive/public"))
    first, second = (
        {path: (mode, digest) for path, (mode, _, digest) in one.items()} for one in seen
    )
    assert first == second
    for path in KINDS:
        assert {path, *(f"{path}.{coding}" for coding in ("gz", "br", "zst"))} <= first.keys()
    (tmp_path / "second/archive/state.db").unlink()
    _made(tmp_path / "second/config/syndicator.toml", tmp_path, HABITS[0])
    assert tree(tmp_path / "second/archive/public") == seen[1]
