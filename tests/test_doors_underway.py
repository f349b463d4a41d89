"""What is on its way is on the disk before it goes."""

from dataclasses import replace
from pathlib import Path

import pytest
from records import AT

from syndicator.doors.underway import Begun, Underway, left
from syndicator.errors import StoreError
from syndicator.model.feeds import Parcel

PARCEL = Parcel(
    delivery=7, message="m", endpoint="ops", kind="k", subject="s", body=b"", attempts=2
)


def test_what_was_begun_is_found_by_the_next_process(tmp_path: Path) -> None:
    """Though nobody closed the file; whoever opens it anew has taken it in."""
    path = tmp_path / "underway"
    assert left(path) == []
    with Underway(path) as noted:
        noted.note(PARCEL, AT, 1.5)
        noted.note(replace(PARCEL, delivery=8, attempts=0), AT, 2)
        assert left(path) == [
            Begun(7, 2, AT.isoformat(), 1.5),
            Begun(8, 0, AT.isoformat(), 2.0),
        ]
    assert len(left(path)) == 2
    with Underway(path):
        assert left(path) == []


def test_a_line_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    """A power cut may leave anything."""
    path = tmp_path / "underway"
    path.write_bytes(b"\0\0\0 1 x 1\n7 2 x 3\n8\nx 1 2 3\n\xff 0 1 2\n9 0 x")
    assert left(path) == [Begun(7, 2, "x", 3.0)]


def test_nothing_goes_out_unnoted(tmp_path: Path) -> None:
    """Where it can't be written, nothing is sent, and a person is told where."""
    with pytest.raises(StoreError, match="underway"):
        Underway(tmp_path / "nowhere" / "underway")
    if not Path("/dev/full").exists():
        pytest.skip("no full disk to try it on")
    with Underway(Path("/dev/full")) as noted, pytest.raises(StoreError, match="No space"):
        noted.note(PARCEL, AT, 1.5)
