"""``syndicate check``: what is wrong with the posts, and nothing is changed."""

import json
from pathlib import Path

import pytest
from conftest import Settings

from syndicator.cli import main

Shown = pytest.CaptureFixture[str]


@pytest.fixture
def root(small_site: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a site with a good post and two bad ones, and stand in it."""
    made = small_site()
    posts = {
        "a.md": "title: A\ndate: 2026-11-01",
        "x/bad.md": "title: B\ndate: 2026-99-99",
        "y/bad.md": "title: C\ndate: 2026-99-99",
    }
    for name, matter in posts.items():
        (made / "content" / name).parent.mkdir(exist_ok=True)
        (made / "content" / name).write_text(f"---\n{matter}\n---\nText.\n")
    monkeypatch.chdir(made)
    return made


def test_every_problem_is_told_and_nothing_is_written(root: Path, capsys: Shown) -> None:
    """Problems on stdout, the count on stderr, exit 1 for an error."""
    assert main(["check"]) == 1
    shown = capsys.readouterr()
    assert [line[:9] for line in shown.out.splitlines() if line[0] != " "] == [
        "x/bad.md:",
        "y/bad.md:",
    ]
    assert shown.err == "3 posts checked: 2 errors, 0 warnings\n"
    assert not (root / "archive").exists()


def test_good_posts_are_all_well(root: Path, capsys: Shown) -> None:
    """Exit 0."""
    for name in ("x", "y"):
        (root / "content" / name / "bad.md").unlink()
    assert main(["check"]) == 0
    assert capsys.readouterr().err == "1 post checked: all well\n"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["content/x"], ["x/bad.md"]),
        (["content/x/bad.md"], ["x/bad.md"]),
        (["x/bad.md"], ["x/bad.md"]),
        (["content/a.md"], []),
        (["content"], ["x/bad.md", "y/bad.md"]),
        (["content/x", "y"], ["x/bad.md", "y/bad.md"]),
    ],
)
@pytest.mark.usefixtures("root")
def test_some_posts_can_be_asked_about(names: list[str], found: list[str], capsys: Shown) -> None:
    """By a path from here, or below the content; the rest is silent."""
    assert main(["check", "--json", *names]) == (1 if found else 0)
    assert [one["path"] for one in json.loads(capsys.readouterr().out)] == found


@pytest.mark.usefixtures("root")
def test_a_post_that_is_not_there_is_named(capsys: Shown) -> None:
    """A misspelt path must not look like a good post."""
    main(["check", "none.md"])
    assert "none.md: no such post" in capsys.readouterr().err


def test_two_posts_with_one_address_are_found(root: Path, capsys: Shown) -> None:
    """Though each of them alone is well."""
    for name in ("one.md", "two.md"):
        text = "---\ntitle: T\ndate: 2026-11-01\npermalink: /same/\n---\nText.\n"
        (root / "content" / name).write_text(text)
    assert main(["check", "two.md"]) == 1
    assert "URL001" in capsys.readouterr().out
