"""A baseline: only what is new is told."""

from pathlib import Path

import pytest

from syndicator.cli import baseline
from syndicator.errors import ConfigError
from syndicator.model.posts import Problem


def _problem(says: str = "gone", **parts: object) -> Problem:
    fields = {"path": "a.md", "code": "IMG001", "says": says} | parts
    return Problem(**fields)  # type: ignore[arg-type]  # each part is given with its type


def test_what_is_known_is_told_no_more(tmp_path: Path) -> None:
    """A line that moved makes no new problem; another post, code or wording does."""
    file = tmp_path / "baseline.json"
    assert baseline.write(file, [_problem(line=3)]) == 1
    known = baseline.read(file)
    assert baseline.split([_problem(line=9)], known) == ([], 0)
    for other in (_problem("broken"), _problem(path="b.md"), _problem(code="IMG002")):
        assert baseline.split([other], known) == ([other], 1)


def test_one_more_of_the_same_is_new(tmp_path: Path) -> None:
    """A problem is known as often as it was there."""
    file = tmp_path / "baseline.json"
    baseline.write(file, [_problem(line=1), _problem(line=2)])
    known = baseline.read(file)
    third = _problem(line=3)
    assert baseline.split([_problem(line=1), _problem(line=2), third], known).new == [third]
    assert baseline.split([_problem(line=1)], known) == ([], 1)


def test_the_archive_and_the_site_are_never_old_news(tmp_path: Path) -> None:
    """Damage is told until it is mended."""
    file = tmp_path / "baseline.json"
    damage = _problem(code="ARC001")
    assert baseline.write(file, [damage, _problem(code="SITE004"), _problem(code="SRC002")]) == 0
    assert baseline.split([damage], baseline.read(file)).new == [damage]


def test_the_file_is_the_same_for_the_same_problems(tmp_path: Path) -> None:
    """It lies in version control: order and lines make no difference."""
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    baseline.write(one, [_problem("a", line=1), _problem("b", line=2)])
    baseline.write(two, [_problem("b", line=7), _problem("a", line=8)])
    assert one.read_bytes() == two.read_bytes()
    assert one.read_text("utf-8").endswith("]}\n")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 2, "problems": []}',
        '{"format": 1, "problems": [1]}',
        "[" * 9999,
    ],
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    """A wrong file is wrong usage, not an empty baseline."""
    file = tmp_path / "baseline.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="is no baseline"):
        baseline.read(file)


def test_a_missing_baseline_says_how_to_write_one(tmp_path: Path) -> None:
    """The hint is the command."""
    with pytest.raises(ConfigError) as caught:
        baseline.read(tmp_path / "none.json")
    assert "--write-baseline" in caught.value.hint
