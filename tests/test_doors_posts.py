"""How it stands with single posts: a handful of statements a page, and none reads through."""

import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from postgres import Postgres
from trial import PNG, Trial, webhook

from syndicator.doors import index, posts, server
from syndicator.model.roll import Row

STATEMENTS = (posts.LIVE, posts.APART, posts.PICTURES, posts.WHY, posts.PUSHES)
VALUES: Mapping[str, object] = {
    "state": "held",
    "limit": 2,
    "first": 0,
    "paths": '["a.md"]',
    "ids": '["a"]',
}
# what may be read from: the posts in their order, the files asked for, what was found of them
PAGE = re.compile(r"SCAN (post USING INDEX ix_post_newest$|asked VIRTUAL|found$|\(subquery)")


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Trial:
    """Make a site with posts of all kinds, on either kind of store."""
    made = Trial(root=tmp_path, tables=webhook() + webhook("chat"), store=store_url)
    made.make()
    made.says = _answer
    for day in range(1, 9):
        pictures = f"![](https://pics.example/{day}.png) ![](https://pics.example/gone.png)"
        made.write(f"{day}.md", pictures, title=f"Post {day}", date=f"2026-11-0{day}")
        made.write(f"held{day}.md", title=f"Held {day}", date="2026-13-01", tags="[")
    made.write("soon.md", title="Soon", date="2026-12-24T18:00:00+08:00")
    made.make()
    return made


def _answer(request: httpx.Request) -> httpx.Response:
    if request.url.host == "chat.example":
        return httpx.Response(503)
    return httpx.Response(404) if "gone" in str(request.url) else httpx.Response(200, content=PNG)


def rows(site: Trial, state: str, first: int = 0, limit: int = 100) -> list[Row]:
    return list(posts.standing(site.layout.state, state, first, limit, {"ops", "chat"}))


def test_many_are_told_with_as_few_statements_as_one(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page costs a handful of questions, however long it is."""
    said: list[str] = []
    for room in (index.Plain, server.Plain):
        monkeypatch.setattr(room, "execute", _noting(room.execute, said))
    counts = []
    for state in ("published", "held"):
        for limit in (1, 8):
            said.clear()
            assert len(rows(site, state, limit=limit)) == limit
            counts.append(len(said))
    assert counts == [4] * 4


def _noting(real: Callable[..., Any], said: list[str]) -> Callable[..., Any]:
    def execute(self: object, statement: str, *values: Any) -> Any:
        said.append(statement)
        return real(self, statement, *values)

    return execute


def test_each_row_has_what_is_its_own(site: Trial) -> None:
    """Pictures, why, when and pushes of each file stand beside that file, in the page's order."""
    told = rows(site, "published", first=2, limit=3)
    assert [one.title for one in told] == ["Post 6", "Post 5", "Post 4"]
    assert [(one.pictures, one.missing) for one in told] == [(2, 1)] * 3
    for one in told:
        chat, ops = one.pushes
        assert (chat.endpoint, chat.state, chat.count) == ("chat", "owed", 1)
        assert chat.next_at is not None
        assert (ops.endpoint, ops.state, ops.count) == ("ops", "told", 1)
    held = rows(site, "held")
    assert [one.path for one in held] == [f"held{day}.md" for day in range(1, 9)]
    assert {one.why.partition(" ")[0] for one in held} == {held[0].why.partition(" ")[0]}
    assert held[0].why
    (soon,) = rows(site, "scheduled")
    assert (soon.path, soon.wake is not None, soon.published) == ("soon.md", True, None)


def test_a_page_behind_the_last_is_empty(site: Trial) -> None:
    """And so is a state that no file has."""
    assert rows(site, "published", first=100) == []
    assert rows(site, "draft") == []


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_statement_reads_a_table_through(tmp_path: Path, statement: str) -> None:
    """Each finds its rows by an index, and sorts no more than a page of them."""
    site = Trial(root=tmp_path)
    site.make()
    assert isinstance(site.layout.state, Path)
    with closing(sqlite3.connect(site.layout.state)) as db:
        asked = f"EXPLAIN QUERY PLAN {index.in_sqlite(statement)}"
        plan = [row[3] for row in db.execute(asked, VALUES)]
    assert [line for line in plan if line.startswith("SCAN ") and not PAGE.match(line)] == []
    if statement in {posts.LIVE, posts.APART}:
        assert not [line for line in plan if "TEMP B-TREE" in line]


@pytest.mark.slow
@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_statement_needs_to_read_a_table_of_a_server_through(
    tmp_path: Path, server: Postgres, statement: str
) -> None:
    """Its indexes serve, whatever the planner would choose for a few rows."""
    site = Trial(root=tmp_path, store=str(server.store()))
    site.make()
    with index.opened(site.layout.state) as db, db.writing():
        db.execute("SET LOCAL enable_seqscan = off")
        plan = [row[0] for row in db.execute(f"EXPLAIN {statement}", VALUES)]
    assert [line for line in plan if "Seq Scan on" in line and "endpoint" not in line] == []
