"""The journal's files: appended, durable, never changed."""

from pathlib import Path

import pytest

from syndicator.doors import journal
from syndicator.doors.journal import START, Position
from syndicator.errors import StoreError

MORE = b"+\n"


def lines(folder: Path, after: Position = START) -> list[bytes]:
    return [line for _, line in journal.read(folder, after)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make an empty journal."""
    journal.mend(tmp_path / "journal", MORE)
    return tmp_path / "journal"


def test_what_is_appended_is_read_again_in_order_over_months(folder: Path) -> None:
    """Oldest first, each line with the position behind it."""
    first = journal.append(folder, "2026-11", [b"a\n", b"bc\n"])
    second = journal.append(folder, "2026-12", [b"d\n"])
    assert (first, second) == (Position("2026-11.jsonl", 5), Position("2026-12.jsonl", 2))
    assert list(journal.read(folder)) == [
        (Position("2026-11.jsonl", 2), b"a\n"),
        (Position("2026-11.jsonl", 5), b"bc\n"),
        (Position("2026-12.jsonl", 2), b"d\n"),
    ]
    assert lines(folder, Position("2026-11.jsonl", 2)) == [b"bc\n", b"d\n"]
    assert lines(folder, first) == [b"d\n"]
    assert lines(folder, second) == []
    assert journal.end(folder) == second


def test_a_clock_set_back_goes_on_in_the_newest_file(folder: Path) -> None:
    """Positions sort as what happened did, whatever the clock says."""
    journal.append(folder, "2026-12", [b"a\n"])
    assert journal.append(folder, "2026-11", [b"b\n"]) == Position("2026-12.jsonl", 4)
    assert lines(folder) == [b"a\n", b"b\n"]


def test_a_position_is_written_and_read_back() -> None:
    """As the database keeps it; nonsense is the start."""
    for where in (START, Position("2026-11.jsonl", 1234)):
        assert journal.position(str(where)) == where
    for nonsense in ("", "x", "2026-11.jsonl:", ":7", "2026-11.jsonl:-1", "a:1.5"):
        assert journal.position(nonsense) == START


def test_no_journal_is_an_empty_one(tmp_path: Path) -> None:
    """Before the first pass there is nothing, and that is no error."""
    assert journal.end(tmp_path / "none") == START
    assert lines(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("torn", "whole"),
    [
        (b"", b""),
        (b"a\nb\n", b"a\nb\n"),
        (b"a\nb", b"a\n"),
        (b"half", b""),
        (b"a\n" + b"x" * 200_000, b"a\n"),
        (b"a\n" + b"x" * 65_536 + b"\n", b"a\n" + b"x" * 65_536 + b"\n"),
        (b"a\nb+\n", b"a\n"),
        (b"a\nb+\nc+\nd", b"a\n"),
        (b"b+\nc+\n", b""),
        (b"a+\nb\n", b"a+\nb\n"),
        (b"+\n", b""),
    ],
)
def test_a_torn_batch_at_the_end_is_cut_off_and_nothing_else(
    folder: Path, torn: bytes, whole: bytes
) -> None:
    """A crash leaves a part of one batch: what is left of it never happened."""
    (folder / "2026-10.jsonl").write_bytes(b"old\nhalf")
    (folder / "2026-11.jsonl").write_bytes(torn)
    assert journal.mend(folder, MORE) == len(torn) - len(whole)
    assert (folder / "2026-11.jsonl").read_bytes() == whole
    assert (folder / "2026-10.jsonl").read_bytes() == b"old\nhalf"
    assert journal.mend(folder, MORE) == 0


@pytest.mark.parametrize("after", [Position("2026-11.jsonl", 3), Position("2026-10.jsonl", 1)])
def test_a_journal_that_lost_lines_is_not_read_on(folder: Path, after: Position) -> None:
    """The database knows more than the journal: a person must say which one is right."""
    journal.append(folder, "2026-11", [b"a\n"])
    with pytest.raises(StoreError, match=r"shorter than state\.db remembers") as caught:
        lines(folder, after)
    assert "restore the journal" in caught.value.hint


def test_a_position_within_a_line_is_no_position(folder: Path) -> None:
    """Somebody changed lines before it; what is read from there would be nonsense."""
    last = journal.append(folder, "2026-11", [b"one\n", b"two\n"])
    assert lines(folder, Position(last.name, 4)) == [b"two\n"]
    with pytest.raises(StoreError, match="no line ends at") as caught:
        lines(folder, Position(last.name, 5))
    assert "archive reindex" in caught.value.hint


def test_a_disk_that_refuses_leaves_the_journal_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a batch is taken back; the message says that nothing was lost."""
    journal.append(folder, "2026-11", [b"a\n"])

    def refuse(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(StoreError, match="No space left"):
        journal.append(folder, "2026-11", [b"b\n"])
    assert (folder / "2026-11.jsonl").read_bytes() == b"a\n"


def test_a_journal_that_can_not_be_opened_is_the_stores_error(folder: Path) -> None:
    """Whatever stands in its place, a person is told which file."""
    (folder / "2026-11.jsonl").mkdir()
    with pytest.raises(StoreError, match=r"could not write .*/2026-11\.jsonl: Is a directory"):
        journal.append(folder, "2026-11", [b"a\n"])


def test_a_new_file_that_can_not_be_made_durable_gets_no_lines(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of it is empty, and no position is behind it."""
    first = journal.append(folder, "2026-11", [b"a\n"])

    def refuse(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", refuse)
        with pytest.raises(StoreError, match="Input/output error"):
            journal.append(folder, "2026-12", [b"b\n"])
    assert lines(folder) == [b"a\n"]
    assert journal.end(folder) == first
    assert journal.append(folder, "2026-12", [b"b\n"]) == Position("2026-12.jsonl", 2)


def test_empty_files_at_the_end_hold_no_position(folder: Path) -> None:
    """The end is where the last line ends, as the pass that wrote it remembers."""
    for name in ("2026-11.jsonl", "2026-12.jsonl"):
        (folder / name).touch()
    assert journal.end(folder) == START
    (folder / "2026-10.jsonl").write_bytes(b"a\n")
    assert journal.end(folder) == Position("2026-10.jsonl", 2)


def test_other_files_in_the_folder_are_left_alone(folder: Path) -> None:
    """Only the journal's own files are read."""
    (folder / "notes.txt").write_text("mine")
    journal.append(folder, "2026-11", [b"a\n"])
    assert lines(folder) == [b"a\n"]
    assert journal.end(folder).name == "2026-11.jsonl"
