"""The command: arguments in, exit code out, and every error in words."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from syndicator import __version__
from syndicator.cli import VERBS, complain, main, status
from syndicator.errors import Busy, ConfigError, StoreError
from syndicator.model.posts import Problem


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """By its short name too."""
    assert (main(["--version"]), main(["-V"])) == (0, 0)
    assert capsys.readouterr().out == f"syndicate {__version__}\n" * 2


def test_help_names_every_verb_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """All a person needs who has no manual."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"    {verb} " in shown for verb in VERBS)
    assert all(f"\n  {code} " in shown for code in (0, 1, 2, 4, 5, 6, 75))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And says in it what it does."""
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])
    assert ended.value.code == 0
    assert f"usage: syndicate {verb}" in capsys.readouterr().out


def test_no_verb_shows_the_help_and_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr: a script that forgot the verb must notice."""
    assert main([]) == 2
    shown = capsys.readouterr()
    assert (shown.out, "usage: syndicate" in shown.err) == ("", True)


@pytest.mark.parametrize("argv", [["fly"], ["run", "--fast"], ["run", "--drain", "soon"]])
def test_a_wrong_word_is_a_usage_error(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, and the word is named."""
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    assert argv[-1] in capsys.readouterr().err


def test_a_missing_configuration_is_told_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For every verb that needs one."""
    monkeypatch.chdir(tmp_path)
    for verb in ("run", "check", "status"):
        assert main([verb]) == 2
        shown = capsys.readouterr()
        assert shown.err.startswith("syndicate: ")
        assert "\n  help: " in shown.err
        assert shown.out == ""


@pytest.mark.parametrize("verb", ["daemon", "serve", "worker"])
def test_a_long_life_ends_in_the_form_of_its_log(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verb: str,
) -> None:
    """Whoever reads the log as JSON can read its last line; a person at a terminal gets words."""
    monkeypatch.chdir(tmp_path)
    assert main([verb]) == 2
    told = json.loads(capsys.readouterr().err)
    assert (told["event"], told["kind"], told["level"]) == ("ended", "ConfigError", "error")
    assert "no configuration found" in told["message"]
    assert told["hint"]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main([verb]) == 2
    assert capsys.readouterr().err.startswith("syndicate: no configuration found")


def test_the_configuration_is_taken_from_the_flag_before_the_verb(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is not there is named."""
    assert main(["--config", str(tmp_path / "none.toml"), "run"]) == 2
    assert "none.toml" in capsys.readouterr().err


def test_an_error_is_printed_from_its_own_fields(capsys: pytest.CaptureFixture[str]) -> None:
    """Its problems first, each with its help; then what it says, and the way out."""
    problem = Problem(path="c.toml", code="CFG1", says="no\x1b[31m", hint="so", line=3, column=4)
    complain(ConfigError("the configuration is wrong", problems=(problem,)))
    complain(StoreError("broken"))
    assert capsys.readouterr().err == (
        "c.toml:3:4 CFG1 no\\x1b[31m\n  help: so\n"
        "syndicate: the configuration is wrong\nsyndicate: broken\n"
    )


@pytest.mark.parametrize(
    ("raised", "code"), [(Busy("in use"), 75), (StoreError("x"), 4), (KeyboardInterrupt(), 130)]
)
def test_every_way_to_end_has_its_exit_code(
    raised: BaseException, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that a verb raises, and Ctrl-C."""

    def fail(_args: object) -> int:
        raise raised

    monkeypatch.setattr(status, "main", fail)
    assert main(["status"]) == code


def test_a_reader_that_goes_away_is_no_error(site: Path) -> None:
    """``syndicate config schema | head -1`` prints no traceback."""
    command = f"{sys.executable} -m syndicator config schema | head -c 1"
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=site,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert (ended.stdout, ended.stderr) == (b"{", b"")


def test_output_that_is_no_terminal_has_no_colours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log file is for reading."""
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    complain(ConfigError("x", problems=(Problem(path="p", code="C", says="s"),)))
    sys.stderr.flush()
    raw = sys.stderr.buffer
    assert isinstance(raw, io.BytesIO)
    assert b"\x1b" not in raw.getvalue()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("file", ["run", "config", "status"])
def test_a_verb_is_no_verb_as_the_value_of_config(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--config run status`` is about status, and about a file called run."""
    monkeypatch.chdir(tmp_path)
    for argv in (["--config", file, "status"], [f"--config={file}", "status"]):
        assert main(argv) == 2
        assert f"--config names {tmp_path / file}" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["run", "--config", "my f"], ["init", "x", "--config=my f"]])
def test_config_behind_the_verb_is_told_where_it_stands(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With the command as it should have been."""
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    said = f"--config stands before the verb: syndicate --config 'my f' {argv[0]}\n"
    assert capsys.readouterr().err.endswith(said)


def test_an_unknown_verb_is_told_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    """Or, where nothing is like it, which verbs there are."""
    for word, hint in (("rum", "did you mean run?"), ("xyz", "there are init, run, check")):
        with pytest.raises(SystemExit):
            main([word, "--json"])
        assert f"no verb is called '{word}': {hint}" in capsys.readouterr().err


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_error(site: Path, closed: str) -> None:
    """The pass is made all the same; nothing is printed into a file that took the number."""
    command = f"{sys.executable} -m syndicator config show {closed}"
    ended = subprocess.run(
        ["bash", "-c", command],
        cwd=site,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
