"""Problems by the stage that found them: each replaces its own and leaves those of the others."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from syndicator.doors.store.rows import among, batches
from syndicator.doors.store.schema import Reading, Trouble
from syndicator.model.posts import Problem
from syndicator.model.records import Note, Noted

# read: by itself; decided: beside what readers know; alike: compared with others; pictures: on
# this disk and in the archive; kept: its bytes are lost; site: about more than what one file says;
# archive: about kept files, of which the journal tells by lines of their own; published: no feed
# can carry it
Stage = Literal["read", "decided", "alike", "pictures", "kept", "site", "archive", "published"]

BESIDE: Final[tuple[Stage, ...]] = ("decided", "alike", "pictures")  # by more than what it says

ALIKE: Final = ("MD008", "TXT003", "TXT005", "TXT014", "URL008", "URL009", "URL010")
# where the journal does not say who found a problem, its code does
_STAGES: Final[Mapping[str, Stage]] = MappingProxyType(
    {
        **dict.fromkeys(("URL001", "URL002", "DATE007", "DATE010"), "decided"),
        **dict.fromkeys(ALIKE, "alike"),
        **dict.fromkeys((f"IMG{number:03}" for number in (*range(1, 8), 13, 16, 19)), "pictures"),
        **dict.fromkeys(("SRC001", "SRC002", "SITE003", "SITE004"), "site"),
        "ARC002": "kept",
        "PUB001": "published",
    }
)


def put(session: Session, stage: Stage, paths: Iterable[str], found: Iterable[Problem]) -> None:
    """Let these be all the problems a stage knows of these files."""
    for batch in batches(paths):
        session.exec(
            delete(Trouble).where(col(Trouble.stage) == stage, among(Trouble.path, batch))
        )
    _add(session, [_row(one, stage) for one in found])


def notes(session: Session, paths: Iterable[str]) -> dict[str, tuple[Note, ...]]:
    """Tell what is wrong with files, as the journal has it, in order; not of those that are well.

    The order depends on nothing but the problems.
    """
    told: dict[str, list[Note]] = defaultdict(list)
    for batch in batches(paths):
        for row in session.exec(select(Trouble).where(among(Trouble.path, batch))):
            told[row.path].append(_note(row))
    session.expunge_all()
    return {path: tuple(sorted(all_of, key=_order)) for path, all_of in told.items()}


def at_stage(session: Session, *stages: Stage) -> set[str]:
    """Tell the files of which one of these stages knows problems."""
    return set(session.exec(select(Trouble.path).where(col(Trouble.stage).in_(stages))))


def known(session: Session) -> set[str]:
    """Tell the files of which anything is wrong by itself, or was before they went."""
    elsewhere = col(Trouble.stage).in_(("site", "archive"))
    return set(session.exec(select(Trouble.path).where(~elsewhere)))


def silenced(session: Session, paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Tell what these files wish not to be told: codes, or beginnings of codes."""
    wish = (col(Reading.path), col(Reading.silenced))
    return {
        path: tuple(codes.split())
        for batch in batches(paths)
        for path, codes in session.exec(
            select(*wish).where(among(Reading.path, batch), col(Reading.silenced) != "")
        )
    }


def apply(session: Session, records: Sequence[Noted]) -> None:
    """Bring the table to where the journal is: what is there already stays, with its advice."""
    last = {record.path: record.problems for record in records}
    here = notes(session, last)
    wrong = [path for path, told in last.items() if here.get(path, ()) != told]
    forget(session, wrong)
    told = [(path, one) for path in wrong for one in last[path]]
    _add(session, [_row(_problem(path, one), _stage(one.code)) for path, one in told])


def forget(session: Session, paths: Collection[str]) -> None:
    """Forget all problems of these files."""
    for batch in batches(paths):
        session.exec(delete(Trouble).where(among(Trouble.path, batch)))


def _stage(code: str) -> Stage:
    return _STAGES.get(code, "read")


def _add(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    for some in batches(rows):
        session.connection().execute(insert(Trouble), some)  # as rows: objects cost five times


def _row(problem: Problem, stage: Stage) -> dict[str, object]:
    return {
        "path": problem.path,
        "stage": stage,
        "code": problem.code,
        "says": problem.says,
        "hint": problem.hint,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
    }


def _note(row: Trouble) -> Note:
    return Note(
        code=row.code,
        line=row.line,
        column=row.column,
        severity=row.severity,  # type: ignore[arg-type]  # written by _row from a Severity
        says=row.says,
    )


def _problem(path: str, one: Note) -> Problem:
    return Problem(
        path=path,
        code=one.code,
        says=one.says,
        line=one.line,
        column=one.column,
        severity=one.severity,
    )


def _order(one: Note) -> tuple[int, int, str, str, str]:
    return one.line, one.column, one.code, one.says, one.severity
