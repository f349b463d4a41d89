"""A pass costs what changed: nothing that it asks of the database grows with what there is."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event
from trial import PNG, Trial, webhook

from syndicator.doors import affairs, index

# A scan of one of these reads what waits, what is gone, or what is wrong: not what there is.
SOME = re.compile(
    r"USING (COVERING )?INDEX (ix_reading_(pending|waits|stale|wake)|ix_use_asked|ix_image_due"
    r"|ix_image_outlived|ix_image_unplanned|ix_document_unseen|ix_post_touched|ix_seen_apart"
    r"|ix_delivery_\w+)"
)
# So does a scan of one of these whole; those of the last line are temporary.
SMALL = re.compile(
    r"SCAN (endpoint|alert|rest|meta|job|adoption|tombstone|damage|loose|shelf"
    r"|asked|json_each|found|hosts|CONSTANT ROW|\(subquery-\d+\)|left_over|anon_\d+)"
)
MANY = re.compile(r"\?(, \?)+")
FEEDS = """\
[[publish]]
type = "rss"
limit = 3
[[publish]]
type = "json"
path = "tags/{tag}.json"
per = "tag"
"""
Steps = dict[str, int]


def site(root: Path, posts: int) -> Trial:
    """Publish a history: each post with a tag and a picture, some with one that is lost."""
    made = Trial(root=root, tables=FEEDS + webhook())
    made.head = made.head.replace("limit = 0", "limit = 5")
    made.says = lambda request: httpx.Response(404 if "lost" in str(request.url) else 200)
    (root / "content").mkdir(parents=True)
    (root / "content" / "a.png").write_bytes(PNG)
    for number in range(posts):
        write(made, number)
    made.make()
    made.make()
    return made


def write(made: Trial, number: int, text: str = "It rained.") -> None:
    """Write a post of its own month and title; one in ten has a picture that can't be had."""
    day = f"{2000 + number // 12 % 25}-{1 + number % 12:02}-11"
    far = f"\n\n![B](https://img.example/lost{number}.png)" if number % 10 == 0 else ""
    body = f"{text} {number}\n\n![A](a.png)\n\n{far}"
    made.write(f"{number}.md", body, title=f"Rain {number}", date=day, tags=f"[tag{number % 5}]")


@contextmanager
def counted() -> Iterator[Steps]:
    """Count the steps that SQLite takes for each statement of a store, in hundreds."""
    steps: Steps = {}
    now = [""]

    def watch(connection: Any, *_: object) -> None:  # SQLAlchemy's events are untyped
        def step() -> int:
            steps[now[0]] = steps.get(now[0], 0) + 1
            return 0

        connection.set_progress_handler(step, 100)

    def begin(*args: Any) -> None:
        now[0] = MANY.sub("?", str(args[2]))
        steps.setdefault(now[0], 0)

    event.listen(Engine, "connect", watch)
    event.listen(Engine, "before_cursor_execute", begin)
    try:
        yield steps
    finally:
        event.remove(Engine, "connect", watch)
        event.remove(Engine, "before_cursor_execute", begin)


def one_left(made: Trial) -> str:
    """Name a post of the middle of the history that is still there."""
    numbers = (number for number in range(23, 40) if number % 10)
    there = (f"{number}.md" for number in numbers)
    return next(name for name in there if (made.root / "content" / name).exists())


CHANGES: dict[str, Callable[[Trial], None]] = {
    "a new post": lambda made: write(made, 7001 + 10 * made.now.toordinal() + made.now.hour),
    "an edit": lambda made: write(made, 20, f"It snowed at {made.now.hour}."),
    "a removal": lambda made: made.remove(one_left(made)),
    "a broken edit": lambda made: made.write(
        "22.md", f"{made.now}", title="Broken", date="2020-99-99"
    ),
}


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trial, Trial]:
    """Make a small site, and one that is six times as large."""
    folder = tmp_path_factory.mktemp("growth")
    return site(folder / "small", 40), site(folder / "large", 240)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_costs_the_same_whatever_there_is(
    sites: tuple[Trial, Trial], change: str
) -> None:
    """The database answers it in as many statements, and in as many steps."""
    found: list[Steps] = []
    for made in sites:
        CHANGES[change](made)
        with counted() as steps:
            report = made.make()
        assert not report.unchanged
        found.append(steps)
    few, many = found
    grown = {one: (few.get(one, 0), count) for one, count in many.items() if count > 3}
    grown = {one: both for one, both in grown.items() if both[1] > 2 * both[0] + 3}
    assert not grown
    assert sum(many.values()) < 1.5 * sum(few.values()) + 10


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_reads_through_no_table(sites: tuple[Trial, Trial], change: str) -> None:
    """Every statement of a pass finds its rows by an index."""
    _, made = sites
    noted: dict[str, object] = {}

    def note(*args: Any) -> None:  # SQLAlchemy's events are untyped
        noted.setdefault(str(args[2]), next(iter(args[3])) if args[5] else args[3])

    CHANGES[change](made)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        made.make()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert noted
    with closing(sqlite3.connect(str(made.layout.state))) as db:
        for statement, values in noted.items():
            check(db, statement, values)


@pytest.mark.parametrize(
    "statement",
    [
        *(index.RETRY_AT, index.CHECK_DUE, index.WAKE_AT, index.PENDING),
        *(affairs.MISSING, affairs.OUTLIVED, affairs.STATES, affairs.HELD),
    ],
)
def test_the_short_look_reads_what_waits_alone(sites: tuple[Trial, Trial], statement: str) -> None:
    """But for the stats of files, which it is there for."""
    with closing(sqlite3.connect(str(sites[1].layout.state))) as db:
        check(db, index.in_sqlite(statement), {"now": 0})


def test_a_pass_that_broke_off_in_the_middle_of_the_history_is_made_whole(tmp_path: Path) -> None:
    """What the journal told and this database had not seen is looked at, all of it, once."""
    made = site(tmp_path, 12)
    assert made.make().live == 12
    made.forget()
    made.remove("3.md")
    stop = made.order().stop
    stop.set()
    made.make(stop=stop)
    known = index.load(made.layout.state)
    assert known is not None
    assert known.adrift
    made.now += timedelta(hours=1)
    report = made.make()
    known = index.load(made.layout.state)
    assert known is not None
    assert (report.removed, report.live, known.adrift) == (1, 11, False)


def check(db: sqlite3.Connection, statement: str, values: object) -> None:
    """Let a statement's plan scan nothing that grows with the site."""
    if not re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)\b", statement):
        return
    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", values)]  # type: ignore[arg-type]  # as SQLAlchemy handed them over
    scans = [line for line in plan if line.startswith("SCAN") or "AUTOMATIC" in line]
    if " LIMIT " in statement:  # in the order of an index, and no further than asked
        ordered = ("INDEX ix_post_newest", "INDEX ix_post_place")
        scans = [line for line in scans if not line.endswith(ordered)]
    bad = [line for line in scans if not SOME.search(line) and not SMALL.match(line)]
    assert not bad, (statement, plan)
