"""How results look."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from syndicator.cli.show import (
    Progress,
    ahead,
    as_json,
    grave_lines,
    paint,
    plain,
    problem_lines,
    summary,
)
from syndicator.model.posts import Problem
from syndicator.model.report import Lane, Missing, Report

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Terminal(io.StringIO):
    """A stream somebody looks at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "now"),
        (0, "now"),
        (0.9, "now"),
        (1, "in 1 s"),
        (59, "in 59 s"),
        (60, "in 1 min"),
        (90, "in 2 min"),
        (3599, "in 60 min"),
        (3600, "in 1 h"),
        (7200, "in 2 h"),
        (86400, "in 24 h"),
        (172800, "in 2 days"),
        (10 * 86400, "in 10 days"),
    ],
)
def test_a_moment_to_come_is_worded_as_people_do(seconds: float, words: str) -> None:
    """Short, and never early."""
    assert ahead(NOW + timedelta(seconds=seconds), NOW) == words


def test_a_problem_is_a_line_an_editor_can_follow() -> None:
    """``path:line:col CODE message``, and a line of help where there is one."""
    told = [
        Problem(path="a.md", code="X1", says="bad", hint="mend it", line=3, column=7),
        Problem(path="b.md", code="X2", says="odd", line=3),
        Problem(path="c.md", code="X3", says="sad"),
    ]
    assert list(problem_lines(told, io.StringIO())) == [
        "a.md:3:7 X1 bad",
        "  help: mend it",
        "b.md:3 X2 odd",
        "c.md X3 sad",
    ]


def test_a_text_from_outside_has_no_power_over_the_terminal() -> None:
    """Control characters, bidirectional ones too, are shown and not obeyed."""
    assert plain("a\x1b[2J\n\u202eb é 新") == "a\\x1b[2J\\x0a\\x202eb é 新"
    hostile = Problem(path="\x1b]0;x\x07.md", code="X", says="\r\n", hint="\x9b1m")
    shown = "".join(problem_lines([hostile], io.StringIO()))
    assert shown.isprintable()


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file, nor NO_COLOR, nor a dumb terminal gets any."""
    monkeypatch.setenv("TERM", "xterm")
    assert paint("x", "error", Terminal()) == "\x1b[31mx\x1b[0m"
    assert paint("x", "error", io.StringIO()) == "x"
    monkeypatch.setenv("TERM", "dumb")
    assert paint("x", "error", Terminal()) == "x"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert paint("x", "error", Terminal()) == "x"


def test_a_summary_reads_so() -> None:
    """Every figure the run ends with, what is missing, and who is owed what."""
    report = Report(
        seen=6,
        live=3,
        held=1,
        drafts=1,
        scheduled=1,
        published=2,
        updated=1,
        images_kept=4,
        images_failed=1,
        documents=("feed.xml", "atom.xml"),
        sent=2,
        owed=1,
        dead=1,
        missing=(
            Missing(
                url="https://x.example/a.png",
                reason="answered 404",
                plan="gone",
                retry_at=NOW + timedelta(hours=1),
                posts=("a.md", "b.md"),
            ),
            Missing(
                url="/b.png", reason="no such file", plan="suspect", retry_at=None, posts=("a.md",)
            ),
        ),
        images_checked=7,
        images_left=2,
        outlived=(
            Missing(
                url="https://x.example/c.png",
                reason="404 Not Found",
                plan="gone",
                retry_at=NOW + timedelta(days=9),
                posts=("c.md",),
            ),
        ),
        lanes=(
            Lane(
                endpoint="ops",
                owed=1,
                dead=1,
                next_at=NOW + timedelta(seconds=5),
                says="no answer",
            ),
        ),
    )
    assert list(summary(report, NOW)) == [
        "posts    6 seen, 3 published, 1 held back, 1 draft, 1 scheduled",
        "         2 published, 1 updated, 0 removed in this pass",
        "images   4 kept, 1 failed, 7 looked at again in this pass; 2 left for the next",
        "feeds    feed.xml, atom.xml written",
        "pushes   2 sent, 1 owed, 1 given up",
        "missing  https://x.example/a.png",
        "         answered 404 (gone); tried again in 1 h; wanted by a.md, b.md",
        "missing  /b.png",
        "         no such file (suspect); tried once it changes; wanted by a.md",
        "outlived https://x.example/c.png",
        "         404 Not Found (gone); tried again in 9 days; wanted by c.md",
        "endpoint ops: 1 owed, 1 given up, next try in 5 s",
        "         no answer",
    ]


def test_nothing_changed_is_said_in_one_line() -> None:
    """And a dry run says first that it was one."""
    assert list(summary(Report(unchanged=True, seen=2, live=2), NOW)) == [
        "nothing changed: 2 seen, 2 published; nothing written, nothing pushed"
    ]
    assert next(iter(summary(Report(dry_run=True), NOW))).startswith("dry run: nothing was")


def test_many_feeds_are_not_all_named() -> None:
    """The months of an archive, hundreds in a first pass, do not hide what one subscribes to."""
    months = tuple(f"feed-archive/2024-{month:02}.xml" for month in range(1, 13))
    report = Report(documents=("feed.xml", *months, "atom.xml", *months, "feed.json"))
    (feeds,) = (line for line in summary(report, NOW) if line.startswith("feeds"))
    names = "feed.xml, atom.xml, feed.json, " + ", ".join(months[:3])
    assert feeds == f"feeds    {names} and 21 more written"


def test_many_missing_pictures_are_not_all_told() -> None:
    """A dead image host must not bury the rest."""
    lost = tuple(
        Missing(url=f"u{number}", reason="404", plan="gone", retry_at=None, posts=("a.md",))
        for number in range(9)
    )
    shown = list(summary(Report(missing=lost), NOW))
    assert sum(line.startswith("missing") for line in shown) == 5
    assert shown[-1] == "         and 4 more pictures: syndicate status --json"


def test_json_is_for_programs() -> None:
    """Times in ISO 8601, text as it is, no surprise for unknown values."""
    missing = Missing(url="新", reason="", plan="retry", retry_at=NOW, posts=("a.md",))
    read = json.loads(as_json(missing))
    assert read == {
        "url": "新",
        "reason": "",
        "plan": "retry",
        "retry_at": "2026-11-22T12:00:00+00:00",
        "posts": ["a.md"],
    }
    assert "新" in as_json(missing)
    with pytest.raises(TypeError):
        as_json(Report(wake=object()))  # type: ignore[arg-type]  # what no report holds


def test_progress_is_shown_on_a_terminal_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else sees a sign of it."""
    monkeypatch.setenv("TERM", "xterm")
    screen, file = Terminal(), io.StringIO()
    for stream in (screen, file):
        progress = Progress(stream)
        progress("posts", 1, 2)
        progress.clear()
        progress.clear()
    assert screen.getvalue() == "\r\x1b[Kposts 1/2\r\x1b[K"
    assert file.getvalue() == ""


def test_a_pass_words_every_error_and_only_the_first_warnings() -> None:
    """Ten thousand posts with the same slip must not bury the one that is held back."""
    warnings = [
        Problem(path=f"{n}.md", code="URL003", says="w", severity="warning") for n in range(15)
    ]
    told = list(
        grave_lines([*warnings, Problem(path="z.md", code="FM003", says="e")], io.StringIO())
    )
    assert [line.split()[0] for line in told[:10]] == [f"{n}.md" for n in range(10)]
    assert told[10:] == ["z.md FM003 e", "and 5 more warnings: syndicate check"]
