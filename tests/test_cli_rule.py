"""``syndicate rule``."""

import json

import pytest

from syndicator.cli import main
from syndicator.cli.rule import page
from syndicator.rules import RULES


def test_a_rule_is_explained_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """What it means, why it matters, and how it is done right, in any case of letters."""
    assert main(["rule", "date002"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("# DATE002: ambiguous-date\n\n*An error that holds the post back; ")
    assert "01/12/2020 is the first of December or the twelfth of January." in out
    assert "    date: 01/12/2020\n" in out
    assert "    date: 2020-12-01\n" in out


def test_invisible_characters_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """An example of what nobody sees would be of no use, and could harm a terminal."""
    assert main(["rule", "FM006", "TXT013"]) == 0
    out = capsys.readouterr().out
    assert "title: Ra<U+0001>in" in out
    assert "title: Rain··\n" in out
    assert "\x01" not in out


def test_a_family_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """The beginning of codes lists them, one a line."""
    assert main(["rule", "MD"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [c for c in RULES if c.startswith("MD")]
    assert lines[0].split() == ["MD001", "info", "heading-of-first-level"]


def test_without_a_code_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """The list is the way to a code one does not know."""
    assert main(["rule"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(RULES)


def test_all_is_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """`--all` prints the reference page, with every code in it."""
    assert main(["rule", "--all"]) == 0
    assert capsys.readouterr().out == page()
    assert all(f"### {code}: " in page() for code in RULES)


def test_json_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    """A program can build its own page."""
    assert main(["rule", "--all", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["code"] for one in found] == list(RULES)
    assert found[0]["means"] == RULES["FM001"].means


def test_an_unknown_code_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, and the code that was probably meant."""
    assert main(["rule", "IMGG"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "syndicate: no rule is called 'IMGG'\n  help: did you mean IMG?\n"
