"""``syndicate status``: how things stand."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Settings, age

from syndicator.cli import main
from syndicator.doors.subscriptions import Subscription, Subscriptions

Shown = pytest.CaptureFixture[str]


@pytest.fixture
def root(small_site: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a site of one post, and stand in it."""
    made = small_site()
    (made / "content" / "a.md").write_text("---\ntitle: A\ndate: 2020-11-01\n---\nText.\n")
    age(made)
    monkeypatch.chdir(made)
    return made


def test_before_the_first_pass_there_is_no_status(root: Path, capsys: Shown) -> None:
    """Exit 4, what to do, and nothing made by asking."""
    assert main(["status"]) == 4
    assert "no pass was made yet" in capsys.readouterr().err
    assert not (root / "archive").exists()


def test_status_tells_what_the_last_pass_left(root: Path, capsys: Shown) -> None:
    """As text and as JSON; nothing is changed by asking."""
    main(["run"])
    before = {path: path.stat().st_mtime_ns for path in (root / "archive").rglob("*")}
    capsys.readouterr()
    assert main(["status"]) == 0
    assert "1 seen, 1 published" in capsys.readouterr().out
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["live"] == 1
    assert {path: path.stat().st_mtime_ns for path in (root / "archive").rglob("*")} == before


def test_a_held_post_is_exit_1(root: Path, capsys: Shown) -> None:
    """With its problem, as the run told it."""
    (root / "content" / "b.md").write_text("---\ntitle: B\ndate: 2026-99-99\n---\n")
    main(["run"])
    capsys.readouterr()
    assert main(["status"]) == 1
    assert "b.md:3" in capsys.readouterr().err


def test_a_database_of_another_version_is_told(root: Path, capsys: Shown) -> None:
    """Nothing is guessed from a schema this version does not know."""
    main(["run"])
    with closing(sqlite3.connect(root / "archive" / "state.db")) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    capsys.readouterr()
    assert main(["status"]) == 4
    assert "another version of syndicator (schema 9999)" in capsys.readouterr().err


def test_status_tells_of_the_hub(root: Path, capsys: Shown) -> None:
    """How many subscribed, and how many of them fail; one whose lease ended is none."""
    main(["run"])
    held = Subscriptions(root / "archive" / "subscriptions")
    for number, (expires, failures) in enumerate([(4e9, 0), (4e9, 2), (1.0, 1)]):
        held.put(
            Subscription(
                callback=f"https://c.example/{number}",
                topic="https://f.example/feed.xml",
                path="feed.xml",
                expires=expires,
                failures=failures,
            )
        )
    capsys.readouterr()
    main(["status"])
    assert "hub      2 subscriptions, 1 failing\n" in capsys.readouterr().out
    main(["status", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (told["subscribers"], told["subscribers_failing"]) == (2, 1)
