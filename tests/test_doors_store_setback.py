"""A clock that was set back: what a clock that was ahead had planned."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from syndicator.doors import index
from syndicator.doors.store import Store, images, setback
from syndicator.doors.store.apply import apply
from syndicator.model.pictures import Rest
from syndicator.model.records import Capture

AT = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_picture_is_asked_for_again_as_soon_as_it_was_to_be(tmp_path: Path) -> None:
    """An hour after the attempt by whatever clock, not a year and an hour."""
    ahead = AT + timedelta(days=365)
    tried = Capture(at=ahead, url="u", reason="503", plan="retry", retry_at=ahead + HOUR)
    due = Capture(at=AT - 2 * HOUR, url="v", reason="503", plan="retry", retry_at=AT - HOUR)
    with Store(tmp_path / "state.db") as store, store.transaction() as session:
        setback.heal(session, ahead)
        apply(session, [tried, due])
        rest = Rest(host="h.example", since=ahead, until=ahead + HOUR, reason="503")
        images.rest(session, {rest.host: rest})
        assert setback.heal(session, AT) == timedelta(days=365)
        (still,) = images.resting(session)
    assert (still.since, still.until) == (AT, AT + HOUR)
    with index.opened(tmp_path / "state.db") as db:
        found = dict(db.execute("SELECT url, retry_at FROM image"))
    assert found == {
        "u": int((AT + HOUR).timestamp()),
        "v": int((AT - HOUR).timestamp()),
    }
