"""Which part of an archive is checked tonight."""

from datetime import UTC, datetime, timedelta

import pytest

from syndicator.archive.slices import PERIOD, choose, due
from syndicator.doors.blobs import SHELVES

BORN = datetime(2026, 1, 1, 3, tzinfo=UTC)
DAY = timedelta(days=1)


def test_thirty_nights_cover_everything_for_ever() -> None:
    """However long it goes on, nothing is left unchecked for more than thirty days."""
    checked: dict[str, datetime] = {}
    for night in range(1, 100):
        now = BORN + night * DAY
        for shelf in choose(SHELVES, checked, BORN, now):
            checked[shelf] = now
        assert min(checked.get(shelf, BORN) for shelf in SHELVES) >= now - PERIOD


def test_a_night_has_its_share_and_no_more() -> None:
    """Even right after everything was checked at once: no night reads the whole disk."""
    checked = dict.fromkeys(SHELVES, BORN)
    sizes = []
    for night in range(1, 29):
        chosen = choose(SHELVES, checked, BORN, BORN + night * DAY)
        checked |= dict.fromkeys(chosen, BORN + night * DAY)
        sizes.append(len(chosen))
    assert set(sizes) == {9}


def test_what_is_late_is_checked_at_once() -> None:
    """A machine that was off for two months reads everything in its first night."""
    assert choose(SHELVES, {}, BORN, BORN + 60 * DAY) == list(SHELVES)


def test_the_longest_unchecked_come_first() -> None:
    """In an order that is the same every time."""
    checked = dict.fromkeys(SHELVES, BORN) | {"7f": BORN - DAY, "03": BORN - 2 * DAY}
    assert choose(SHELVES, checked, BORN, BORN + DAY)[:3] == ["03", "7f", "00"]


@pytest.mark.parametrize(
    ("hours", "hour", "is_due"),
    [(11, 3, False), (12, 3, True), (12, 14, False), (23, 14, False), (24, 14, True)],
)
def test_the_night_is_preferred_and_never_required(hours: int, hour: int, is_due: bool) -> None:
    """After half a day the next night will do; after a whole day, any hour."""
    now = datetime(2026, 3, 3, hour, tzinfo=UTC)
    last = now - timedelta(hours=hours)
    assert (due(last, BORN, now) <= now) is is_due


def test_an_archive_that_was_never_checked_counts_from_its_birth() -> None:
    """Its first slice is due a day after its first line."""
    assert due(None, BORN, BORN + DAY / 4) == BORN + DAY
