"""Problems by the stage that found them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from syndicator.doors.server import Server
from syndicator.doors.store import Session, Store, problems
from syndicator.doors.store.schema import Trouble
from syndicator.model.posts import Problem
from syndicator.model.records import Note, Noted

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def session(state: Path | Server) -> Iterator[Session]:
    """Open an empty database."""
    with Store(state) as store, store.transaction() as made:
        yield made


def problem(code: str, path: str = "a.md", says: str = "s") -> Problem:
    return Problem(path=path, code=code, says=says, hint="h", line=2, severity="warning")


def note(code: str, says: str = "s") -> Note:
    return Note(code=code, says=says, line=2, severity="warning")


def rows(session: Session) -> list[tuple[str, str, str, str]]:
    found = session.exec(select(Trouble).order_by(Trouble.path, Trouble.code))
    return [(row.path, row.stage, row.code, row.hint) for row in found]


def test_a_stage_replaces_its_own_problems(session: Session) -> None:
    """Those of other stages, and of other files, stay."""
    problems.put(session, "read", ["a.md", "b.md"], [problem("FM010"), problem("FM010", "b.md")])
    problems.put(session, "alike", ["a.md"], [problem("TXT005")])
    problems.put(session, "read", ["a.md"], [problem("MD001")])
    assert rows(session) == [
        ("a.md", "read", "MD001", "h"),
        ("a.md", "alike", "TXT005", "h"),
        ("b.md", "read", "FM010", "h"),
    ]
    assert problems.at_stage(session, "alike") == {"a.md"}


def test_notes_are_in_order_whoever_found_them(session: Session) -> None:
    """The journal compares them; well files are left out."""
    problems.put(session, "alike", ["a.md"], [problem("TXT005")])
    problems.put(session, "read", ["a.md"], [problem("FM010", says="z"), problem("FM010")])
    assert problems.notes(session, ["a.md", "b.md"]) == {
        "a.md": (note("FM010"), note("FM010", "z"), note("TXT005"))
    }


def test_the_journal_s_word_takes_the_place_of_what_was(session: Session) -> None:
    """Each problem goes back to the stage that finds its like; the last line of a file counts."""
    problems.put(session, "read", ["a.md"], [problem("FM010")])
    found = (note("IMG001"), note("SRC002"), note("TXT005"), note("URL001"))
    problems.apply(session, [Noted(at=AT, path="a.md"), Noted(at=AT, path="a.md", problems=found)])
    assert rows(session) == [
        ("a.md", "pictures", "IMG001", ""),
        ("a.md", "site", "SRC002", ""),
        ("a.md", "alike", "TXT005", ""),
        ("a.md", "decided", "URL001", ""),
    ]
    problems.apply(session, [Noted(at=AT, path="a.md")])
    assert rows(session) == []


def test_what_is_there_already_keeps_its_advice(session: Session) -> None:
    """A line about what this very pass found takes nothing away."""
    problems.put(session, "pictures", ["a.md"], [problem("IMG008")])
    problems.apply(session, [Noted(at=AT, path="a.md", problems=(note("IMG008"),))])
    assert rows(session) == [("a.md", "pictures", "IMG008", "h")]
