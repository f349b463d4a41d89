"""A whole pass whose posts are read by several processes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from trial import Trial

from syndicator.content.read import alone
from syndicator.cycle import LETTER, reading
from syndicator.doors.files import Stat
from syndicator.errors import Failed
from syndicator.model.posts import Source


def site(root: Path) -> Trial:
    """Make a site of posts good, bad and unreadable."""
    trial = Trial(root=root)
    for number in range(80):
        day = "2020-99-99" if number % 7 == 3 else f"2020-12-{1 + number % 28:02}"
        trial.write(f"{number:02}.md", f"Text of *{number}*.\n\n![A](/a.png)", title="A", date=day)
    (root / "content" / "50.md").unlink()
    (root / "content" / "50.md").mkdir()
    return trial


def test_a_pass_shared_among_processes_leaves_the_same(
    tmp_path: Path, shared: Callable[[], list[object]]
) -> None:
    """Journal, feeds and report: byte for byte what one process alone makes."""
    alone, several = site(tmp_path / "alone"), site(tmp_path / "several")
    report = alone.make()
    answers = shared()
    again = several.make()
    assert again == replace(report, seconds=again.seconds)
    assert report.held > 10
    assert {name: data for name, (data, _) in alone.files().items()} == {
        name: data for name, (data, _) in several.files().items()
    }
    assert len(answers) > 2


def test_progress_comes_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts what was looked at, up to the last post, even if just that one can't be read."""
    trial = site(tmp_path)

    def refused(root: Path, path: str) -> tuple[Source, Stat]:
        if path == "79.md":
            raise Failed("refused")
        return alone(root, path)

    monkeypatch.setattr(reading, "alone", refused)
    told: list[tuple[str, int, int]] = []
    trial.make(progress=lambda *now: told.append(now))
    assert [now for now in told if now[0] == "posts"][-1] == ("posts", 79, 79)


def test_the_letter_to_the_finder_is_this_program_s(tmp_path: Path) -> None:
    """An older program's does not tell of all the lines that this one writes."""
    made = site(tmp_path)
    made.make()
    letter = made.layout.letter
    letter.write_text("An older one.\n", encoding="utf-8")
    (tmp_path / "content" / "new.md").write_text("---\ntitle: New\n---\nText.\n", encoding="utf-8")
    made.make()
    assert letter.read_text(encoding="utf-8") == LETTER
