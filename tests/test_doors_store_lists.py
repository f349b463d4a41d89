"""What documents ask of the posts is found by an index, however long the history is."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from records import version
from sqlalchemy import event

from syndicator.doors import index
from syndicator.doors.store import Session, Store, lists, posts
from syndicator.doors.store.apply import apply
from syndicator.model.feeds import EVERYTHING, Part

PART = Part("2026-11", 1, 20)
ASKED: dict[str, Callable[[Session], object]] = {
    "exceeds": lambda session: lists.exceeds(session, EVERYTHING, 20),
    "head": lambda session: list(lists.head(session, EVERYTHING, 20, None)),
    "entries": lambda session: list(lists.entries(session, 20)),
    "before": lambda session: lists.before(session, EVERYTHING, PART, 20),
    "newest": lambda session: lists.before(session, EVERYTHING, None, 20),
    "after": lambda session: lists.after(session, EVERYTHING, PART),
    "count": lambda session: lists.count(session, EVERYTHING, PART),
    "touched": lists.touched,
    "touched paths": posts.touched_paths,
    "untouch": posts.untouch,
    "any live": posts.any_live,
}


@pytest.mark.parametrize("name", ASKED)
def test_no_question_reads_through_all_posts(tmp_path: Path, name: str) -> None:
    """Neither a scan of the table nor a sort of what it holds, however many posts there are."""
    place = tmp_path / "state.db"
    asked: list[tuple[str, Any]] = []
    with Store(place) as store:
        event.listen(store._engine, "before_cursor_execute", lambda *args: asked.append(args[2:4]))
        with store.transaction() as session:
            apply(session, [version()])
        asked.clear()
        with store.transaction() as session:
            ASKED[name](session)
    plans = [plan for one in asked if "post" in one[0] for plan in _plans(place, *one)]
    assert plans
    assert [plan for plan in plans if "TEMP B-TREE" in plan] == []
    assert [plan for plan in plans if plan.startswith("SCAN post") and "INDEX" not in plan] == []


def test_the_look_counts_by_indexes(tmp_path: Path) -> None:
    """What every pass begins with: how many readings are pending, told without reading them."""
    place = tmp_path / "state.db"
    Store(place).close()
    plans = _plans(place, index.in_sqlite(index.PENDING), ())
    assert [plan for plan in plans if "SCAN reading" in plan and "INDEX ix_" not in plan] == []


def _plans(place: Path, statement: str, values: object) -> list[str]:
    with closing(sqlite3.connect(place)) as database:
        found = database.execute(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]  # as SQLAlchemy handed them over
        return [str(row[3]) for row in found]
