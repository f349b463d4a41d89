"""What a pass over 1,000 posts does, counted: no clock is asked, so no neighbour changes it.

The bounds are what was counted when they were set, and a tenth on top. Who makes a pass do more
has to raise one here, and say why.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from trial import PNG, Trial

from benchmarks import corpus
from syndicator.content import sweep
from syndicator.doors import workers
from syndicator.doors.files import Mark
from syndicator.doors.scan import scan

POSTS = 1000
PICTURED = 100  # of them
HEAD = """\
[site]
title = "Counted"
url = "https://site.example/"
timezone = "Asia/Taipei"
[content]
root = "../content"
static = ["../static"]
[archive]
root = "../archive"
[serve]
url = "https://feeds.example/"
[[publish]]
type = "atom"
limit = 50
[[publish]]
type = "rss"
limit = 50
[[publish]]
type = "json"
limit = 50
"""
WRITING = os.O_WRONLY | os.O_RDWR


@dataclass(slots=True)
class Counts:
    """What was counted below a folder: how often each post was read, the rest by its name."""

    root: str
    posts: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    def opened(self, path: str, how: int) -> None:
        """Count the opening of a file: not of a module, nor of what the trial itself writes."""
        place, below, name = path.partition(self.root)
        if place or not below:
            return
        if not how & WRITING:
            self.done["read"] += 1
            if name.startswith("content/"):
                self.posts[name.removeprefix("content/")] += 1
        elif name != "config/syndicator.toml":
            self.done["written"] += 1

    def within(self, **most: int) -> None:
        """Hold what was done against its bounds: what has none was not done."""
        over = {name: count for name, count in self.done.items() if count > most.get(name, 0)}
        assert not over


watching: list[Counts] = []


def heed(name: str, about: tuple[Any, ...]) -> None:
    """Note the opening of a file, while somebody watches; a hook can't be taken away again."""
    if watching and name == "open" and isinstance(about[0], str | os.PathLike):
        watching[-1].opened(os.fspath(about[0]), about[2])


sys.addaudithook(heed)


def flushing(counts: Counts, name: str) -> Callable[..., None]:
    """Count the flushes of one kind."""
    real = getattr(os, name)

    def flush(*args: Any) -> None:
        counts.done["flushes"] += 1
        real(*args)

    return flush


def looking(counts: Counts, name: str) -> Callable[..., os.stat_result]:
    """Count the files that are looked at one by one."""
    real = getattr(os, name)

    def look(path: Any, **how: Any) -> os.stat_result:
        if isinstance(path, str | os.PathLike) and os.fspath(path).startswith(counts.root):
            counts.done["looked"] += 1
        found: os.stat_result = real(path, **how)
        return found

    return look


def scanning(counts: Counts) -> Callable[..., Iterator[tuple[str, Mark | None]]]:
    """Count the files of which a sweep tells."""

    def scanned(*args: Any, **how: Any) -> Iterator[tuple[str, Mark | None]]:
        for found in scan(*args, **how):
            counts.done["looked"] += 1
            yield found

    return scanned


@contextmanager
def counted(root: Path) -> Iterator[Counts]:
    """Count files looked at and opened, flushes to the disk, statements and their rows."""
    counts = Counts(f"{root}/")

    def execute(*args: Any) -> None:  # SQLAlchemy's events are untyped
        counts.done["statements"] += 1
        counts.done["rows"] += len(args[3]) if args[5] else 1

    event.listen(Engine, "before_cursor_execute", execute)
    watching.append(counts)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "fdatasync", "sync"):
            patch.setattr(os, name, flushing(counts, name))
        for name in ("stat", "lstat"):
            patch.setattr(os, name, looking(counts, name))
        patch.setattr(sweep, "scan", scanning(counts))
        try:
            yield counts
        finally:
            watching.pop()
            event.remove(Engine, "before_cursor_execute", execute)


@pytest.fixture(scope="module")
def changed() -> str:
    """Name the post that is changed."""
    *_, (name, _) = corpus.plain(POSTS)
    return name


@pytest.fixture(scope="module")
def passes(tmp_path_factory: pytest.TempPathFactory, changed: str) -> dict[str, Counts]:
    """Make the passes over 1,000 posts, in one process, and count."""
    made = Trial(root=tmp_path_factory.mktemp("counts"), head=HEAD)
    content = made.root / "content"
    pictures = made.root / "static" / "images"
    for folder in (content, pictures):
        folder.mkdir(parents=True)
    for number in range(0, POSTS, POSTS // PICTURED):
        (pictures / f"{number}.png").write_bytes(PNG)
    for name, body in corpus.plain(POSTS):
        (content / name).write_bytes(body)
        made.age(name)
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "FEW", POSTS + 1)  # what another process does is not counted
        with counted(made.root) as found["cold"]:
            assert made.make().published == POSTS
        with counted(made.root) as found["nothing changed"]:
            assert made.make().unchanged
        for what, told in {"one changed": None, "one told of": frozenset({changed})}.items():
            with (content / changed).open("ab") as file:
                file.write(b"\nOne more sentence.\n")
            with counted(made.root) as found[what]:
                assert made.make(written=told).updated == 1
    return found


def test_a_pass_costs_what_changed(passes: dict[str, Counts], changed: str) -> None:
    """A first pass reads each post once, a quiet one none, one after an edit the one edited.

    The disk is waited for by the batch; of the documents those are written that hold the post;
    where nothing changed, the configuration and the folder are opened, and no row is touched.
    Who is told what was written, as in the daemon, looks at that, and at what it publishes.
    """
    cold, quiet, one, told = passes.values()
    assert Counter(cold.posts.values()) == {1: POSTS}
    assert list(one.posts) == list(told.posts) == [changed]
    cold.within(statements=1230, rows=15300, flushes=24, read=1340, written=3490, looked=13600)
    quiet.within(read=2, looked=3600)
    one.within(statements=162, rows=185, flushes=8, read=14, written=24, looked=3600)
    told.within(statements=162, rows=185, flushes=8, read=14, written=24, looked=145)
