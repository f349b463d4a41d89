"""From a path to a source, and why there is none."""

import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from syndicator.content.read import folders, read, unread, unreadable
from syndicator.doors import files
from syndicator.errors import Failed
from syndicator.model.posts import Source


def test_a_source_holds_the_bytes_and_all_that_is_known_of_them(tmp_path: Path) -> None:
    """Digest, time to the microsecond, and the names in its folder."""
    data = "# 亞洲\r\n".encode()
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.md").write_bytes(data)
    (tmp_path / "x" / "b.jpg").touch()
    os.utime(tmp_path / "x" / "a.md", ns=(0, 1_606_795_200_123_456_789))
    source, stat = read(tmp_path, "x/a.md")
    assert source == Source(
        path="x/a.md",
        data=data,
        digest=sha256(data).hexdigest(),
        modified=datetime(2020, 12, 1, 4, 0, 0, 123456, tzinfo=UTC),
        beside=frozenset({"a.md", "b.jpg"}),
    )
    assert stat == files.stat(tmp_path / "x" / "a.md")


def test_a_folder_is_listed_when_somebody_asks(tmp_path: Path, listed: list[Path]) -> None:
    """Once, and not for most posts; for those far away it is listed at once."""
    (tmp_path / "x").mkdir()
    for name in ("x/a.md", "x/b.pdf"):
        (tmp_path / name).touch()
    near = folders(tmp_path, ["x/a.md", "c.md"], far=False)
    assert (sorted(near), listed) == ([".", "x"], [])
    assert ("b.pdf" in near["x"], "c.pdf" in near["x"], listed) == (True, False, [tmp_path / "x"])
    assert folders(tmp_path, ["x/a.md"], far=True) == {"x": {"a.md", "b.pdf"}}


def test_a_time_before_1970_is_a_time(tmp_path: Path) -> None:
    """A file from a restored tape may have one."""
    (tmp_path / "a.md").touch()
    os.utime(tmp_path / "a.md", ns=(0, -1_000_000_000))
    assert read(tmp_path, "a.md")[0].modified == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_file_that_vanished_is_a_failure(tmp_path: Path) -> None:
    """Between the look and the reading it may go."""
    with pytest.raises(Failed, match="No such file"):
        read(tmp_path, "a.md")


def test_what_was_passed_over_is_told_with_its_reason(tmp_path: Path) -> None:
    """Folder, link, name: each with what to do; a warning, for nothing was lost."""
    (tmp_path / "link.md").symlink_to("a.md")
    told = [unread(tmp_path, path) for path in ("shut/", "link.md", "\udcff.md")]
    assert [(one.path, one.says) for one in told] == [
        ("shut/", "this folder can't be read"),
        ("link.md", "a symbolic link is not followed"),
        ("\\udcff.md", "the file's name is not UTF-8"),
    ]
    assert {(one.code, one.severity) for one in told} == {("SRC001", "warning")}
    assert all(one.hint for one in told)


def test_a_file_being_written_is_no_error() -> None:
    """It waits for the next pass; one that can't be read needs somebody."""
    busy = unreadable("a.md", "/x/a.md is still being written")
    shut = unreadable("a.md", "could not read /x/a.md: Permission denied")
    assert (busy.code, busy.severity, busy.says) == ("SRC002", "info", "still being written")
    assert (shut.code, shut.severity) == ("SRC002", "error")
    gone = unreadable("a.md", "could not read /x/a.md: No such file or directory")
    assert (gone.code, gone.severity, gone.says) == (
        "SRC002",
        "info",
        "it went while it was to be read",
    )
    assert "Permission denied" in shut.says
