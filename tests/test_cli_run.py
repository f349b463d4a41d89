"""``syndicate run``, called in this process."""

import argparse
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Settings, age

from syndicator.cli import main
from syndicator.cli.run import _span
from syndicator.doors import files, jobs
from syndicator.doors.jobs import Ended

Shown = pytest.CaptureFixture[str]
AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
POST = "---\ntitle: A\ndate: 2020-11-01\n---\nText.\n"


@pytest.fixture
def root(small_site: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a site of one post, and stand in it."""
    made = small_site()
    (made / "content" / "a.md").write_text(POST)
    age(made)
    monkeypatch.chdir(made)
    return made


def test_a_run_ends_with_a_summary(root: Path, capsys: Shown) -> None:
    """On stdout, and exit 0; the feed is there."""
    assert main(["run"]) == 0
    shown = capsys.readouterr()
    assert "posts    1 seen, 1 published\n" in shown.out
    assert "feeds    atom.xml written\n" in shown.out
    assert shown.err == ""
    assert (root / "archive" / "public" / "atom.xml").exists()


def test_a_second_run_says_that_nothing_changed(root: Path, capsys: Shown) -> None:
    """And changes no file."""
    main(["run"])
    before = {path: path.stat().st_mtime_ns for path in (root / "archive").rglob("*")}
    capsys.readouterr()
    assert main(["run"]) == 0
    assert capsys.readouterr().out == (
        "nothing changed: 1 seen, 1 published; nothing written, nothing pushed\n"
    )
    assert {path: path.stat().st_mtime_ns for path in (root / "archive").rglob("*")} == before


def test_json_is_the_whole_report(root: Path, capsys: Shown) -> None:
    """One object on stdout and nothing else."""
    (root / "content" / "b.md").write_text("---\ntitle: B\ndate: 2026-99-99\n---\n")
    assert main(["run", "--json"]) == 1
    shown = capsys.readouterr()
    report = json.loads(shown.out)
    assert (report["live"], report["held"], report["documents"]) == (1, 1, ["atom.xml"])
    assert report["problems"][0]["path"] == "b.md"
    assert shown.err == ""


def test_a_held_post_is_exit_1_with_its_problem(root: Path, capsys: Shown) -> None:
    """On stderr, with file and line; everything else goes out. The next run says it again."""
    (root / "content" / "b.md").write_text("---\ntitle: B\ndate: 2026-99-99\n---\n")
    age(root / "content")
    for _ in range(2):
        assert main(["run"]) == 1
        shown = capsys.readouterr()
        assert "b.md:3" in shown.err
        assert shown.err.endswith("something needs you: see above\n")
        assert "1 published, 1 held back" in shown.out


def test_strict_makes_every_problem_count(root: Path) -> None:
    """A warning is enough."""
    (root / "content" / "link.md").symlink_to("a.md")
    assert (main(["run"]), main(["run", "--strict"])) == (0, 1)


def test_a_dry_run_leaves_no_trace(root: Path, capsys: Shown) -> None:
    """Not even a folder; and it needs no lock."""
    assert main(["run", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("dry run: nothing was written")
    assert "\n         would be 1 published, 0 updated, 0 removed in this pass\n" in out
    assert "\nfeeds    atom.xml would be written\n" in out
    assert not (root / "archive").exists()


def test_a_second_instance_is_turned_away(root: Path, capsys: Shown) -> None:
    """Exit 75, naming the archive; a dry run may look on."""
    with files.lock(root / "archive" / "lock"):
        assert main(["run"]) == 75
        assert "is in use by" in capsys.readouterr().err
        assert main(["run", "--dry-run"]) == 0


def test_an_emptied_folder_needs_force(root: Path, capsys: Shown) -> None:
    """The feeds are not emptied by an unmounted disk."""
    main(["run"])
    (root / "content" / "a.md").unlink()
    capsys.readouterr()
    assert main(["run"]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["run", "--force"]) == 0
    assert "1 removed in this pass" in capsys.readouterr().out


def test_a_damaged_database_is_one_clear_message(root: Path, capsys: Shown) -> None:
    """Exit 4; moved away, the next run goes on as if nothing had been."""
    main(["run"])
    for name in ("state.db-wal", "state.db-shm"):
        (root / "archive" / name).unlink(missing_ok=True)
    before = (root / "archive" / "public" / "atom.xml").read_bytes()
    (root / "archive" / "state.db").write_bytes(b"garbage" * 1000)
    capsys.readouterr()
    assert main(["run"]) == 4
    shown = capsys.readouterr().err
    assert "is damaged" in shown
    assert "move it away" in shown
    (root / "archive" / "state.db").rename(root / "damaged.db")
    assert main(["run"]) == 0
    assert (root / "archive" / "public" / "atom.xml").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("30", 30), ("30s", 30), ("2m", 120), ("1.5h", 5400), ("250ms", 0.25), (" 5s ", 5)],
)
def test_a_span_of_time_is_read(text: str, seconds: float) -> None:
    """With a unit, or in seconds."""
    assert _span(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-5s", "5 s", "5d", "1e3", "nan", "٣s"])
def test_a_span_that_is_none_is_refused(text: str) -> None:
    """The message shows how to write one."""
    with pytest.raises(argparse.ArgumentTypeError, match="write 30s, 2m or 0"):
        _span(text)


def _edited(root: Path, old: str, new: str) -> None:
    file = root / "config" / "syndicator.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("verb", ["run", "check"])
def test_what_still_waits_for_a_person_is_told(root: Path, capsys: Shown, verb: str) -> None:
    """A marked line and an address under .example; the exit code is that of a good pass."""
    file = root / "config" / "syndicator.toml"
    _edited(root, 'title = "Seeds"', 'title = "Mine"  # EDIT: the name of your site')
    _edited(root, 'url = "https://feeds.example/"', 'url = "https://feeds.example.org/"')
    assert main([verb]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "CFG009" in line]
    assert told == [
        f"{file}:2 CFG009 title is still to be edited: the name of your site",
        f"{file}:3 CFG009 url is still an example: https://site.example/",
    ]


def test_examples_in_comments_are_no_placeholders(root: Path, capsys: Shown) -> None:
    """Nor is the configuration of a site that has everything."""
    _edited(root, 'title = "Seeds"', 'title = "Mine"\n# url = "https://x.example/"  # EDIT: x')
    _edited(root, "https://site.example/", "https://example.org/.example/")
    _edited(root, "https://feeds.example/", "https://feeds.example.org/")
    assert main(["run"]) == 0
    assert capsys.readouterr().err == ""


def test_a_folder_without_a_post_is_named(root: Path, capsys: Shown) -> None:
    """By run and by check: a wrong pattern looks like a good pass else."""
    (root / "content" / "a.md").rename(root / "content" / "a.text")
    says = f"no file in {root / 'content'} matches [content] include\n"
    assert main(["run"]) == 0
    assert capsys.readouterr().err == f"syndicate: {says}"
    assert main(["check"]) == 0
    assert capsys.readouterr().err == says


def test_a_run_forgets_the_jobs_of_a_daemon(root: Path, capsys: Shown) -> None:
    """Nothing would ever say that they go well again: `status` would exit 1 for ever."""
    assert main(["run"]) == 0
    state = root / "archive" / "state.db"
    for _ in range(3):
        jobs.note(state, Ended("check", AT, "no disk", 1.0, None), 3)
    with closing(sqlite3.connect(state)) as db, db:
        db.execute("INSERT INTO alert VALUES ('job', 'check', '2026-11-28T12:00:00Z', 3, 'x')")
    assert main(["status"]) == 1
    capsys.readouterr()
    assert main(["run", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["jobs"], report["alerts"]) == ([], [])
    assert main(["status"]) == 0
    with closing(sqlite3.connect(state)) as db:
        assert db.execute("SELECT count(*) FROM alert").fetchone() == (0,)
