"""Leases under fire: processes that take and finish deliveries, one killed, one stopped."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from records import AT, owed
from sqlalchemy import text

from syndicator.doors.server import Server
from syndicator.doors.store import Store, leases
from syndicator.doors.store.apply import apply
from syndicator.model.records import Joined

WORKER = Path(__file__).parent / "lease_worker.py"
ENDPOINTS, MESSAGES = 50, 200
LEASE = "2"  # seconds
MORE = (
    """INSERT INTO message (id, key, kind, subject, seq, at, media_type, body)
        SELECT id || n, key || n, kind, subject || n, seq, at, media_type, body
        FROM message, generate_series(1, :more) AS n""",
    """INSERT INTO delivery (message, endpoint, subject, state, attempts, next_at, since_at, waits,
            interrupted, last_status, last_error, remote)
        SELECT message || n, endpoint, subject || n, state, attempts, next_at, since_at, waits,
            interrupted, last_status, last_error, remote
        FROM delivery, generate_series(1, :more) AS n""",
)

pytestmark = pytest.mark.slow


def fill(place: Server) -> None:
    """Let a store have 10,000 deliveries that are due."""
    names = [f"e{n}" for n in range(ENDPOINTS)]
    with Store(place) as store, store.transaction() as session:
        apply(session, [Joined(at=AT, endpoint=name, since="all") for name in names])
        apply(session, [owed(f"{name}-0", endpoint=name) for name in names])
        leases.prepare(session, names)
        for statement in MORE:  # as those above; to record each would take most of the test
            session.connection().execute(text(statement), {"more": MESSAGES - 1})


@contextmanager
def worker(place: Server, name: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a worker to the end of the block at the latest."""
    command = [sys.executable, str(WORKER), str(place), name, LEASE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def sent(one: "subprocess.Popen[str]", count: int) -> list[str]:
    """Wait until a worker has sent so many; return what it said until then."""
    assert one.stdout is not None
    lines = [one.stdout.readline() for _ in range(count)]
    assert all(lines)
    return lines


def test_with_one_killed_and_one_stopped_nothing_is_lost_or_finished_twice(place: Server) -> None:
    """10,000 deliveries: all are done, each once, though one comes back past its lease."""
    fill(place)
    with ExitStack() as stack:
        killed, stopped = (stack.enter_context(worker(place, one)) for one in "ab")
        sent(killed, 200)
        killed.kill()
        third = stack.enter_context(worker(place, "c"))
        sent(stopped, 200)
        stopped.send_signal(signal.SIGSTOP)
        said, _ = third.communicate()  # it may lose a lane, too, where the machine is slow
        assert third.returncode == 0
        stopped.send_signal(signal.SIGCONT)
        late, _ = stopped.communicate()
        assert stopped.returncode == 0
    assert said
    with Store(place) as store, store.reading() as connection:
        states = connection.exec_driver_sql("SELECT state FROM delivery").scalars()
        finished = connection.exec_driver_sql("SELECT delivery FROM attempt WHERE status = 200")
        assert Counter(states) == {"done": ENDPOINTS * MESSAGES}
        assert set(Counter(finished.scalars()).values()) == {1}
    assert late
