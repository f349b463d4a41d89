from datetime import datetime
from pathlib import Path

from syndicator.doors import affairs
from syndicator.doors.store import Store, outbox
from syndicator.doors.store.apply import apply
from syndicator.model.records import Owed, Record, Settled


def owed(message: str, at: datetime) -> Owed:
    return Owed(
        at=at,
        message=message,
        key=message,
        endpoint="ops",
        kind="post.published",
        subject="tag:site.example,2020-12-01:a",
        seq=1,
        body="{}",
    )


def test_an_endpoint_that_left_the_configuration_needs_nobody_until_it_is_back(
    tmp_path: Path, now: datetime
) -> None:
    """What it is owed and what was given up are laid aside, and both come back with it."""
    given_up = Settled(at=now, message="b", endpoint="ops", verdict="dead", status=410)
    records: list[Record] = [owed("a", now), owed("b", now), given_up]
    path = tmp_path / "state.db"
    with Store(path) as store:
        with store.transaction() as session:
            apply(session, records)
        counts = []
        for configured in (["ops"], [], ["ops"]):
            with store.transaction() as session:
                outbox.hold(session, configured)
            known = affairs.standing(path)
            assert known is not None
            counts.append((known.owed, known.dead, len(known.lanes)))
    assert counts == [(1, 1, 1), (0, 0, 0), (1, 1, 1)]
