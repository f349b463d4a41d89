"""Groups of files that are alike: who leads them, asked from an index."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from syndicator.doors.server import Server
from syndicator.doors.store import Session, Store, alike
from syndicator.model.posts import Trait


@pytest.fixture
def session(state: Path | Server) -> Iterator[Session]:
    """Open an empty database."""
    with Store(state) as store, store.transaction() as made:
        yield made


def title(path: str, rank: int = 0, key: str = "rain") -> Trait:
    return Trait(kind="title", key=key, rank=rank, path=path, value=path)


def source(path: str, spelt: str, rank: int = 0) -> Trait:
    return Trait(kind="source", key="cna", rank=rank, path=path, value=spelt)


def test_the_first_leads_by_rank_then_path(session: Session) -> None:
    """Whoever came last; a group of which nothing is known has no leader."""
    alike.change(session, "abc", [title("c", 1), title("b", 1), title("a", 2)])
    assert alike.leaders(session, [("title", "rain"), ("title", "snow")]) == {
        ("title", "rain"): title("b", 1)
    }
    assert alike.members(session, [("title", "rain"), ("title", "snow")]) == {"a", "b", "c"}


def test_a_source_is_led_by_its_usual_spelling(session: Session) -> None:
    """The most frequent; of equals that of the first post."""
    said = ("C.N.A.", "CNA", "CNA")
    for rank, (path, usual) in enumerate(zip("abc", ("C.N.A.", "C.N.A.", "CNA"), strict=True)):
        alike.change(session, path, [source(path, said[rank], rank)])
        (first,) = alike.leaders(session, [("source", "cna")]).values()
        assert first.value == usual


def test_files_have_the_traits_they_were_given_last(session: Session) -> None:
    """Nothing of before stays, and other files keep theirs."""
    alike.change(session, "ab", [title("a"), title("b")])
    alike.change(session, "a", [title("a", key="snow")])
    assert alike.of(session, "ab") == {title("a", key="snow"), title("b")}


@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)  # as its planner tells it
def test_nothing_is_found_by_going_through_all_posts(session: Session) -> None:
    """Each question is answered by an index: with ten times the posts it costs the same."""
    asked: list[tuple[str, object]] = []

    def note(_c: object, _k: object, statement: str, values: object, *_: object) -> None:
        asked.append((statement, values))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    alike.change(session, "ab", [title("a"), source("a", "CNA"), source("b", "C.N.A.")])
    alike.of(session, "ab")
    alike.members(session, [("title", "rain")])
    alike.leaders(session, [("title", "rain"), ("source", "cna")])
    event.remove(connection, "before_cursor_execute", note)
    queries = [(text, values) for text, values in asked if "INSERT" not in text]
    assert len(queries) >= 6
    for text, values in queries:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)  # type: ignore[arg-type]  # as SQLAlchemy made them
        steps = [row[3] for row in plan]
        assert steps
        known = (
            "SCAN asked",
            "SCAN anon_1 VIRTUAL TABLE",
            "SCAN CONSTANT ROW",
        )  # what was asked for, and nothing
        assert not [step for step in steps if "SCAN" in step and not step.startswith(known)]
