"""No statement of the outbox reads through what is over: however many rows there are."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from outboxes import sent
from records import AT, hook, owed
from sqlalchemy import event

from syndicator.deliver.owing import recover
from syndicator.doors import affairs, files, index, receivers
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import (
    Session,
    Store,
    alerts,
    history,
    interrupted,
    lanes,
    outbox,
    setback,
)
from syndicator.doors.store.apply import apply
from syndicator.doors.underway import Begun
from syndicator.model.custody import Forgotten
from syndicator.model.feeds import Notice
from syndicator.model.records import Joined, Reopened, Settled, Tried

TABLES = re.compile(r"\bSCAN (one|older|delivery\w*|message|attempt)\b")
# A scan of one of these reads what is open, or waits for a person, alone.
PARTIAL = re.compile(
    r"USING (COVERING )?INDEX ix_delivery_"
    r"(due|open|leased|interrupted|unconfirmed|aside|waits|dead)"
)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[tuple[Ledger, list[tuple[str, object]]]]:
    """Open an outbox whose statements are noted."""
    layout = Layout(tmp_path)
    files.make_folder(layout.public)
    with Store(layout.state) as store:
        noted: list[tuple[str, object]] = []
        ledger = Ledger(layout, store)

        @event.listens_for(store._engine, "before_cursor_execute")
        def _note(*args: Any) -> None:
            statement, values, many = str(args[2]), args[3], args[5]
            if re.search(r"\b(delivery|message|attempt)\b", statement):
                noted.append((statement, next(iter(values)) if many else values))

        with ledger.batch() as batch:
            batch.record([Joined(at=AT, endpoint="ops", since="all")])
            batch.record(owed(f"m{n}", subject=f"s{n % 3}") for n in range(9))
        yield ledger, noted


def ping() -> Notice:
    return Notice(
        key="k",
        endpoint="ops",
        kind="feed.updated",
        subject="s1",
        seq=0,
        at=AT,
        body=b"",
        replaces="unsettled",
    )


def broken(session: Session) -> None:
    """Interrupt an attempt, and make it again."""
    (parcel,) = lanes.claim(session, AT, {"ops": 1})
    interrupted.note(session, [Begun(parcel.delivery, 0, AT.isoformat(), 1.0)], "killed", 5)
    assert interrupted.endpoints(session) == {"ops": 5}
    again = lanes.claim_interrupted(session, AT, "ops")
    assert again is not None
    assert (again.delivery, again.attempts, again.interrupted) == (parcel.delivery, 1, 5)
    assert lanes.claim_interrupted(session, AT, "ops") is None


STEPS: dict[str, Callable[[Ledger, Session], object]] = {
    "owe": lambda _, session: apply(session, [owed("n1"), owed("n2", subject="s1")]),
    "settle": lambda _, session: apply(
        session, [Settled(at=AT, message="m1", endpoint="ops", verdict="done", status=200)]
    ),
    "reopen": lambda _, session: apply(session, [Reopened(at=AT, message="m1", endpoint="ops")]),
    "try": lambda _, session: apply(
        session, [Tried(at=AT, message="m1", endpoint="ops", state="begun")]
    ),
    "send": lambda _, session: sent(session),
    "hold": lambda _, session: outbox.hold(session, ["ops"]),
    "older": lambda _, session: outbox.older(session, ping()),
    "awaiting": lambda _, session: outbox.awaiting(session, AT),
    "waiting": lambda _, session: outbox.waiting(session),
    "let go": lambda _, session: outbox.let_go(session, ["m1", "m2"], AT),
    "unconfirmed": lambda _, session: outbox.unconfirmed(session, ["ops"]),
    "free": lambda _, session: outbox.free_leases(session),
    "forget": lambda _, session: apply(
        session, [Forgotten(at=AT, kind="post", subject="a.md", reason="", ids=("s1", "s2"))]
    ),
    "interrupt": lambda _, session: broken(session),
    "prune": lambda _, session: history.prune(session, AT + timedelta(days=99)),
    "set back": lambda _, session: setback.heal(session, AT - timedelta(days=1)),
}


@pytest.mark.parametrize("step", STEPS)
def test_no_step_of_a_pass_reads_through_what_is_over(
    told: tuple[Ledger, list[tuple[str, object]]], step: str
) -> None:
    """Every statement finds its rows by an index, or in one of what is open alone."""
    ledger, noted = told
    if step == "set back":
        with ledger.store.transaction() as session:
            setback.heal(session, AT)
    noted.clear()
    with ledger.store.transaction() as session:
        STEPS[step](ledger, session)
    assert noted
    with ledger.store.transaction() as session:
        for statement, values in noted.copy():
            check(session.connection().exec_driver_sql, statement, values)


def test_to_finish_what_a_crash_left_reads_through_nothing(
    told: tuple[Ledger, list[tuple[str, object]]],
) -> None:
    """Every pass begins with it."""
    ledger, noted = told
    noted.clear()
    recover(ledger, [hook("ops")], AT)
    assert noted
    with ledger.store.transaction() as session:
        for statement, values in noted.copy():
            check(session.connection().exec_driver_sql, statement, values)


@pytest.mark.parametrize(
    "statement",
    [
        *(affairs.LANES, index.PUSH_AT, affairs.OWED, affairs.DEAD, affairs.UNWORDED),
        *(receivers.RECEIVERS, receivers.LAST, str(alerts.LAST), str(alerts.ANSWERED)),
    ],
)
def test_the_short_look_reads_through_nothing(
    told: tuple[Ledger, list[tuple[str, object]]], statement: str
) -> None:
    """It begins every pass, and ends most; alarms and the page of receivers look as little."""
    ledger, _ = told
    with closing(sqlite3.connect(str(ledger.layout.state))) as db:
        check(db.execute, index.in_sqlite(statement), {"endpoint": "ops"})


def check(run: Callable[..., object], statement: str, values: object) -> None:
    """Let a statement's plan scan no table, and no index of what is over."""
    if statement.lstrip().upper().startswith("INSERT"):
        return
    rows = run(f"EXPLAIN QUERY PLAN {statement}", values)
    plan = [row[3] for row in rows]  # type: ignore[attr-defined]  # a cursor's rows
    bad = [line for line in plan if TABLES.search(line) and not PARTIAL.search(line)]
    assert not bad, (statement, plan)
