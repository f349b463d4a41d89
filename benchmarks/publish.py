"""What feeds cost: ``python -m benchmarks.publish [--posts 10000 100000]``.

First the stage alone: RSS and Atom of 20, 1,000 and 10,000 entries, beside feedgen with the same
texts and without our extension. Then whole passes over a history: one changed post among as many
as ``--posts`` names; what more than 20,000 leave is written into the database, not published.
Seconds are those of the processor; of the stage the best of three.
"""

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from feedgen.feed import FeedGenerator

from benchmarks.corpus import settings
from syndicator.cycle import Order, Stop, run
from syndicator.cycle.issue import Issue
from syndicator.doors import bodies
from syndicator.model.feeds import Announced
from syndicator.model.pictures import Entry
from syndicator.model.posts import Post, Site
from syndicator.model.report import Report
from syndicator.publish.atom import Atom
from syndicator.publish.papers import Paper
from syndicator.publish.rss import Rss

START = datetime(2001, 1, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_STEP = timedelta(hours=2)  # from one post of the history to the next
_MOST = 20_000  # posts that a first pass publishes; more are put where passes leave them
_TIMES = 3
SIZES = (20, 1_000, 10_000)
TEXT = "<p>" + "It rained on the harbour, and nobody minded. " * 70 + "</p>"  # 3 kB, as real ones
SITE = Site(
    title="Made up",
    url="https://site.example/",
    timezone="UTC",
    feeds="https://feeds.example/",
    authority="site.example",
)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _entries(count: int) -> list[Entry]:
    made = []
    for number in range(count):
        day = START + timedelta(hours=number)
        post = Post(
            path=f"{number}.md",
            url=f"https://site.example/{number}/",
            title=f"Rain, part {number}",
            summary="It rained on the harbour.",
            html=TEXT,
            published=day,
            authors=("Ann",),
            tags=("rain", "harbour"),
        )
        key = f"tag:site.example,2020:{number}"
        made.append(Entry(id=key, seq=1, post=post, published=day, updated=day))
    return made


def _ours(entries: Sequence[Entry]) -> None:
    for feed in (Rss(type="rss", limit=0), Atom(type="atom", limit=0)):
        one = Announced(
            path=feed.path,
            title="Made up",
            url=feed.url(SITE),
            media_type=feed.media_type,
            type=feed.type,
        )
        paper = Paper(feed=one, path=one.path, url=one.url, entries=entries, brief=frozenset())
        for made in feed.write(paper, SITE, "syndicator"):
            assert isinstance(made, bytes)  # noqa: S101  # nothing here is wrong


def _bare(entries: Sequence[Entry]) -> None:
    for name in ("rss_str", "atom_str"):
        made = FeedGenerator()
        made.title("Made up")
        made.id("tag:site.example,2020:feed")
        made.description("Made up")
        made.link(href="https://site.example/", rel="alternate")
        for entry in entries:
            one = made.add_entry(order="append")
            one.id(entry.id)
            one.title(entry.post.title)
            one.link(href=entry.post.url)
            one.summary(entry.post.summary)
            one.content(entry.post.html, type="html")
            one.author(name=entry.post.authors[0], email="ann@site.example")
            one.published(entry.published)
            one.updated(entry.updated)
            for tag in entry.post.tags:
                one.category(term=tag)
        getattr(made, name)(pretty=True)


def _cost(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def stage() -> Iterator[str]:
    """Measure the stage alone."""
    yield "entries   ours    bare feedgen   ratio   (RSS and Atom, CPU seconds)"
    for size in SIZES:
        entries = _entries(size)
        ours = min(_cost(lambda made=entries: _ours(made)) for _ in range(3))  # type: ignore[misc]  # bound at once
        bare = min(_cost(lambda made=entries: _bare(made)) for _ in range(3))  # type: ignore[misc]
        yield f"{size:7,}  {ours:6.3f}  {bare:6.3f}         {ours / bare:.2f}"


def _write(root: Path, number: int, text: str) -> None:
    day = START + number * _STEP
    folder = root / "content" / f"{day:%Y}" / f"{day:%m}"
    folder.mkdir(parents=True, exist_ok=True)
    head = f"---\ntitle: Rain, part {number}\ndate: {day:%Y-%m-%d %H:%M:%S}\n---\n"
    file = folder / f"{number}.md"
    file.write_text(f"{head}{text} {number}.\n", encoding="utf-8")
    # Before the time of the passes: a file that is younger than a pass is read again by the next.
    os.utime(file, ((NOW - timedelta(days=1)).timestamp(),) * 2)


def _filled(root: Path, posts: int) -> None:
    """Put a history into the files and the database as passes leave them, without making them.

    The first post is published by a pass; the rows of all others are made from its rows.
    """
    _write(root, 0, "It rained on the harbour.")
    _pass(root)
    for number in range(1, posts):
        _write(root, number, "It rained on the harbour.")
    with closing(sqlite3.connect(root / "archive" / "state.db")) as database:
        database.row_factory = sqlite3.Row
        for table in ("post", "reading", "seen"):
            first = dict(database.execute(f"SELECT * FROM {table}").fetchone())  # noqa: S608  # one of three
            names, marks = ", ".join(f'"{name}"' for name in first), ", ".join("?" for _ in first)
            rows = (tuple((first | _row(table, first, root, n)).values()) for n in range(1, posts))
            database.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608  # as above
        database.commit()


def _row(table: str, first: dict[str, Any], root: Path, number: int) -> dict[str, object]:
    """Return what tells the row of a post from that of the first; every one is of another hour."""
    day = START + number * _STEP
    path = f"{day:%Y}/{day:%m}/{number}.md"
    if table == "seen":
        found = (root / "content" / path).stat()
        return {
            "path": path,
            "size": found.st_size,
            "mtime_ns": found.st_mtime_ns,
            "inode": found.st_ino,
        }
    mark = f"{number:064x}"  # in the place of a digest
    microseconds = int(day.timestamp()) * 10**6
    if table == "reading":
        text = bodies.unpack(first["body"])
        text = replace(text, path=path, url=f"{SITE.url}{number}/", published=day)
        body = bodies.pack(text)
        return {
            "path": path,
            "source": mark,
            "good": mark,
            "published_us": microseconds,
            "body": body,
        }
    return {
        "id": f"tag:site.example,{day:%Y-%m-%d}:{number}",
        "path": path,
        "url": f"{SITE.url}{number}/",
        "source": mark,
        "published": day.isoformat(),
        "published_us": microseconds,
        "updated": day.isoformat(),
        "month": f"{day:%Y-%m}",
        "place": (day - max(START, day.replace(day=1, hour=0))) // _STEP,
    }


class _Stage:
    """The publish stage of a pass, and the seconds of the processor that it takes."""

    def __init__(self) -> None:
        self.cost = 0.0
        self._make = Issue.make

    def __enter__(self) -> Self:
        def make(issue: Issue, gone: Iterable[str], taken: str) -> None:
            before = time.process_time()
            self._make(issue, gone, taken)
            self.cost += time.process_time() - before

        Issue.make = make  # type: ignore[method-assign]  # for as long as is measured
        return self

    def __exit__(self, *_: object) -> None:
        Issue.make = self._make  # type: ignore[method-assign]  # as it was


def _told(cost: float, stage: float, report: Report) -> str:
    return f"{cost:.2f} s, {stage:.2f} of it the publish stage, {len(report.documents)} documents"


def _pass(root: Path) -> tuple[Report, float, float]:
    """Make a pass; tell what it and its publish stage took."""
    order = Order(
        file=root / "syndicator.toml",
        clock=lambda: NOW,
        environ={},
        jitter=lambda: 0.0,
        age=lambda: 60.0,
        stop=Stop(),
        drain=0.0,
    )
    before = time.process_time()
    with _Stage() as stage:
        report = run(order)
    return report, time.process_time() - before, stage.cost


def history(posts: int) -> Iterator[str]:
    """Measure passes over a history: the first, one new post, one edited in the middle."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "syndicator.toml").write_text(settings(zone="UTC", limit=20), encoding="utf-8")
        if posts > _MOST:
            _filled(root, posts)
            yield f"{posts:,} posts, put into the database as passes leave them"
        else:
            for number in range(posts):
                _write(root, number, "It rained on the harbour.")
            report, cost, stage = _pass(root)
            yield f"{posts:,} posts: the first pass {_told(cost, stage, report)}"
        for again in range(_TIMES):
            _write(root, posts + again, "It rained again.")
            report, cost, stage = _pass(root)
            yield f"  one new post: {_told(cost, stage, report)}"
            _write(root, posts // 2 - again, "It did not rain.")
            report, cost, stage = _pass(root)
            yield f"  one edited in the middle: {_told(cost, stage, report)}"
        _, cost, _ = _pass(root)
        yield f"  nothing changed: {cost:.2f} s (the look at every file that begins each)"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, nargs="*", default=[10_000, 100_000])
    given = parser.parse_args()
    for line in stage():
        _say(line)
    for posts in given.posts:
        for line in history(posts):
            _say(line)


if __name__ == "__main__":
    main()
