"""``syndicate check`` from the command line to the exit code."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from syndicator.cli import main
from syndicator.doors import files
from syndicator.errors import StoreError

POST = "---\ntitle: {title}\ndate: 2020-12-01\n---\n{title} fell.\n"
HELD = "---\ntitle: held\ndate: 01/12/2020\n---\nIt fell.\n"
LINK = "---\ntitle: picture\ndate: 2020-12-01\n---\n![x](rain.jpg)\n"


@pytest.fixture
def root(small_site: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a site of one good post, and go there."""
    made = small_site()
    (made / "content" / "a.md").write_text(POST.format(title="a"), encoding="utf-8")
    monkeypatch.chdir(made)
    return made


def _put(root: Path, path: str, text: str) -> None:
    file = root / "content" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _configure(root: Path, text: str) -> None:
    file = root / "config" / "syndicator.toml"
    file.write_text(f"{file.read_text('utf-8')}\n{text}\n", encoding="utf-8")


def _codes(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    capsys.readouterr()
    main(["check", "--json", *arguments])
    return [one["code"] for one in json.loads(capsys.readouterr().out)]


def test_a_good_site_is_all_well(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, nothing on standard output, and no archive is made."""
    assert main(["check"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "1 post checked: all well\n"
    assert not (root / "archive").exists()


def test_only_what_was_asked_for_is_counted(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a folder or a post the verdict counts the posts there, problems or none."""
    _put(root, "news/b.md", POST.format(title="b"))
    _put(root, "news/c.md", POST.format(title="c"))
    assert main(["check", "content/news"]) == 0
    assert capsys.readouterr().err == "2 posts checked: all well\n"
    assert main(["check", "content/a.md"]) == 0
    assert capsys.readouterr().err == "1 post checked: all well\n"


def test_an_error_fails_and_is_told_as_ruff_does(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Path as seen from here, line, column, code, message; then the help."""
    _put(root, "news/b.md", HELD)
    assert main(["check"]) == 1
    captured = capsys.readouterr()
    first, second = captured.out.splitlines()
    assert first.startswith("content/news/b.md:3:1 DATE002 ")
    assert second.startswith("  help: ")
    assert captured.err == "2 posts checked: 1 error\n"


def test_a_warning_fails_only_when_strict(root: Path) -> None:
    """A note never does."""
    _put(root, "b.md", POST.format(title="a").replace("fell", "rose"))  # TXT005
    assert main(["check"]) == 0
    assert main(["check", "--strict"]) == 1
    assert main(["check", "--strict", "--ignore", "TXT005"]) == 0
    _put(root, "b.md", POST.format(title="b").replace("2020", "2099"))  # DATE007
    assert main(["check", "--strict"]) == 0


def test_paths_limit_what_is_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files and folders, seen from here or from the content; all are compared all the same."""
    _put(root, "news/b.md", HELD)
    _put(root, "c.md", POST.format(title="a").replace("fell", "rose"))
    for path in ("content/news", "content/news/", "news", "news/b.md"):
        assert _codes(capsys, path) == ["DATE002"], path
    assert _codes(capsys, "content/c.md") == ["TXT005"]
    assert _codes(capsys, "content/a.md") == []
    assert _codes(capsys, "content") == ["TXT005", "DATE002"]
    assert main(["check", "content/a.md"]) == 0
    assert _codes(capsys, ".") == _codes(capsys, "..") == ["TXT005", "DATE002"]


@pytest.mark.usefixtures("root")
def test_a_path_that_is_not_there_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """A slip must not look like a good result."""
    assert main(["check", "nowhere.md"]) == 2
    assert "nowhere.md: no such post" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["/etc", "../config", "content/../config"])
def test_a_path_outside_of_the_content_is_wrong_usage(
    root: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    """What is not looked at is not called well: no post lies there."""
    assert root.is_dir()
    assert main(["check", path]) == 2
    assert f"{path}: not below the content" in capsys.readouterr().err


def test_what_is_ignored_is_held_back_all_the_same(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check is silent but for a word at the end; the run is not."""
    _put(root, "b.md", HELD)
    assert main(["check", "--ignore", "DATE"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "held back for reasons not told here: 1 post" in captured.err
    _configure(root, '[check]\nignore = ["DATE"]')
    assert main(["run"]) == 1
    assert "DATE002" in capsys.readouterr().err


def test_codes_are_chosen_by_their_beginnings(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Several, by commas or one after the other."""
    _put(root, "b.md", HELD)
    _put(root, "c.md", LINK)
    assert _codes(capsys) == ["DATE002", "IMG001"]
    assert _codes(capsys, "--select", "IMG") == ["IMG001"]
    assert _codes(capsys, "--select", "IMG, DATE00") == ["DATE002", "IMG001"]
    assert _codes(capsys, "--select", "IMG", "--select", "DATE") == ["DATE002", "IMG001"]
    assert _codes(capsys, "--ignore", "ALL", "--extend-select", "IMG001") == ["IMG001"]


@pytest.mark.usefixtures("root")
def test_an_unknown_code_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """It would select nothing, and look like a good result."""
    with pytest.raises(SystemExit) as caught:
        main(["check", "--select", "IMGG"])
    assert caught.value.code == 2
    assert "no rule is called 'IMGG': did you mean IMG?" in capsys.readouterr().err


def test_the_configuration_silences_by_path(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Patterns are seen from the content root."""
    _put(root, "old/b.md", HELD)
    _put(root, "c.md", HELD.replace("held", "c"))
    _configure(root, '[check.per-path]\n"old/**" = ["DATE"]')
    assert main(["check", "--json"]) == 1
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["path"], one["file"]) == ("c.md", "content/c.md")


def test_an_unknown_code_in_the_configuration_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the line, and what was probably meant."""
    _configure(root, '[check]\nignore = ["TXT5"]')
    assert main(["check"]) == 2
    captured = capsys.readouterr()
    assert "CFG006 check.ignore[0]: is no rule" in captured.err


def test_what_is_silenced_is_shown_with_the_configuration(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under the names that the file has, set or not."""
    assert main(["config", "show"]) == 0
    assert "check.per-path = {}" in capsys.readouterr().out
    _configure(root, '[check.per-path]\n"old/**" = ["DATE"]')
    assert main(["config", "show"]) == 0
    assert 'check.per-path."old/**" = ["DATE"]' in capsys.readouterr().out


def test_a_post_silences_what_it_knows_better(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a comment or in front matter; a code that does not exist is told."""
    _put(root, "b.md", LINK + "<!-- syndicate-ignore IMG001 -->\n")
    _put(root, "c.md", LINK.replace("title", "syndicate: {ignore: IMG}\ntitle"))
    assert _codes(capsys, "--ignore", "TXT,URL,FM014") == []
    _put(root, "b.md", LINK + "<!-- syndicate-ignore IMG777 -->\n")
    assert _codes(capsys, "--ignore", "TXT,URL,FM014") == ["IMG001", "FM020"]


def test_every_format_is_what_it_says(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same problem in each, and nothing else on standard output."""
    _put(root, "b.md", HELD)
    out = {}
    for kind in ("json", "sarif", "github", "junit"):
        assert main(["check", "--output-format", kind]) == 1
        out[kind] = capsys.readouterr().out
    assert json.loads(out["json"])[0]["code"] == "DATE002"
    result = json.loads(out["sarif"])["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "content/b.md"
    assert out["github"].startswith("::error file=content/b.md,line=3,col=1,title=DATE002::")
    assert ET.fromstring(out["junit"]).find(".//failure[@type='DATE002']") is not None  # noqa: S314  # ours


def test_a_baseline_tells_only_what_is_new(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is there today is written, told no more, and told to be gone when it is."""
    _put(root, "b.md", HELD)
    baseline = ["--baseline", "known.json"]
    assert main(["check", *baseline]) == 2  # not written yet
    assert main(["check", *baseline, "--write-baseline"]) == 0
    assert main(["check", *baseline]) == 0
    _put(root, "c.md", HELD.replace("held", "c"))
    assert _codes(capsys, *baseline) == ["DATE002"]
    assert main(["check", *baseline]) == 1
    _put(root, "b.md", POST.format(title="b"))
    capsys.readouterr()
    main(["check", *baseline])
    assert "gone from the baseline: 1 problem;" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--write-baseline"],
        ["--baseline", "b.json", "--write-baseline", "content/a.md"],
        ["--baseline", "b.json", "--write-baseline", "--fix"],
    ],
)
def test_a_baseline_is_of_the_whole_site(root: Path, arguments: list[str]) -> None:
    """One written of a part would forget the rest."""
    assert main(["check", *arguments]) == 2
    assert not (root / "b.json").exists()


def test_fix_puts_right_what_is_sure(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """First shown, then done, then nothing is left to do."""
    (root / "content" / "rain.JPG").write_bytes(b"")
    _put(root, "b.md", LINK)
    path = root / "content" / "b.md"
    chosen = ["--select", "IMG001"]
    assert main(["check", *chosen]) == 1
    captured = capsys.readouterr()
    assert "IMG001 [*] rain.jpg is not there" in captured.out
    assert "1 can be put right with --fix" in captured.err
    assert main(["check", *chosen, "--diff"]) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines()[:2] == ["--- content/b.md", "+++ content/b.md"]
    assert "+![x](rain.JPG)" in captured.out
    assert path.read_text("utf-8") == LINK
    assert main(["check", *chosen, "--fix"]) == 0
    assert path.read_text("utf-8") == LINK.replace("rain.jpg", "rain.JPG")
    assert "put right: 1 problem in 1 post\n" in capsys.readouterr().err
    stat = path.stat()
    assert main(["check", *chosen, "--fix"]) == 0
    assert main(["check", *chosen, "--diff"]) == 0
    assert path.stat() == stat


def test_a_post_that_cant_be_put_right_keeps_no_other_from_it(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, with the reason; what is wrong with it is told, and the exit code says so."""
    (root / "content" / "rain.JPG").write_bytes(b"")
    for name in ("b.md", "c.md"):
        _put(root, name, LINK)
    (root / "content" / "b.md").chmod(0o444)
    assert main(["check", "--fix", "--select", "IMG001"]) == 1
    captured = capsys.readouterr()
    assert "content/b.md: not put right: read-only\n" in captured.err
    assert "put right: 1 problem in 1 post\n" in captured.err
    assert next(line for line in captured.out.splitlines() if "IMG001" in line).startswith(
        "content/b.md:"
    )
    assert "rain.JPG" in (root / "content" / "c.md").read_text("utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise StoreError("the disk is full", hint="free some space")

    (root / "content" / "b.md").chmod(0o644)
    monkeypatch.setattr(files, "write", refuse)
    assert main(["check", "--fix", "--select", "IMG001"]) == 4
    captured = capsys.readouterr()
    assert (
        "content/b.md: not put right: the disk is full\n  help: free some space\n" in captured.err
    )
    assert "IMG001" in captured.out


def test_what_may_be_meant_needs_a_word_more(root: Path) -> None:
    """A likely name is written with --unsafe-fixes only."""
    (root / "content" / "rains.jpg").write_bytes(b"")
    _put(root, "b.md", LINK)
    path = root / "content" / "b.md"
    assert main(["check", "--fix", "--select", "IMG001"]) == 1
    assert path.read_text("utf-8") == LINK
    assert main(["check", "--fix", "--unsafe-fixes", "--select", "IMG001"]) == 0
    assert "(rains.jpg)" in path.read_text("utf-8")


@pytest.mark.parametrize("how", [["--ignore", "IMG"], ["content/a.md"], ["--baseline", "k.json"]])
def test_what_is_not_told_is_not_put_right(root: Path, how: list[str]) -> None:
    """A post is edited for nothing that is ignored, elsewhere, or known."""
    (root / "content" / "rain.JPG").write_bytes(b"")
    _put(root, "b.md", LINK)
    main(["check", "--baseline", "k.json", "--write-baseline"])
    main(["check", "--fix", *how])
    assert (root / "content" / "b.md").read_text("utf-8") == LINK


def test_a_terminal_shows_the_line_with_a_caret(root: Path) -> None:
    """What a post holds has no power over it."""
    _put(root, "b.md", HELD.replace("01/12/2020", "\u202e01/12/2020"))
    watcher, terminal = pty.openpty()
    command = [sys.executable, "-m", "syndicator", "check"]
    environ = os.environ | {"NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "80"}
    done = subprocess.run(
        command, stdout=terminal, stderr=subprocess.DEVNULL, env=environ, check=False
    )
    os.close(terminal)
    shown = os.read(watcher, 65536).decode()
    os.close(watcher)
    assert done.returncode == 1
    lines = shown.splitlines()
    assert "  3 | date: \\x202e01/12/2020" in lines
    assert "    | ^" in lines
    assert "\u202e" not in shown
