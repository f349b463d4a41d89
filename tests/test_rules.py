"""The table of rules: complete, true to the program, and the source of the reference page."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syndicator.cli.fix import apply
from syndicator.cli.rule import page
from syndicator.model.posts import Problem, Site, Source
from syndicator.normalise import normalise
from syndicator.rules import FAMILIES, NOT_YET, RULES, Rule, fits, named, nearest

PROJECT = Path(__file__).parent.parent
SITE = Site(
    title="Site",
    url="https://site.example/",
    timezone="Asia/Taipei",
    feeds="https://feeds.example/",
    authority="site.example",
)
CODE = re.compile(rf'"((?:{"|".join(FAMILIES)})\d{{3}})"')
GRAVITY = ("info", "warning", "error")
SHOWN = [rule for rule in RULES.values() if rule.shown and rule.since != NOT_YET]
ELSEWHERE = {"FM020"}  # found by the examination, which knows the table


def _codes(*folders: Path) -> set[str]:
    files = [path for folder in folders for path in folder.rglob("*.py")]
    return {code for path in files for code in CODE.findall(path.read_text("utf-8"))}


def _read(rule: Rule, text: str) -> list[Problem]:
    data = text.encode()
    found = Source(
        path=rule.path, data=data, digest="0" * 64, modified=datetime(2021, 1, 1, tzinfo=UTC)
    )
    return list(normalise(found, SITE).problems)


def test_every_code_of_the_program_is_in_the_table() -> None:
    """What is reported can be looked up; what is only reserved says so."""
    rooms = [path for path in (PROJECT / "syndicator").iterdir() if path.name != "rules"]
    emitted = _codes(*rooms)
    assert emitted - RULES.keys() == set(), "reported, but not in the table"
    promised = {rule.code for rule in RULES.values() if rule.since != NOT_YET}
    assert promised - emitted == set(), "in the table as reported, but nothing reports it"
    assert emitted - promised == set(), "reported, but only reserved in the table"


def test_every_code_is_seen_in_some_test() -> None:
    """No rule is promised that no test has ever seen reported, its own examples included."""
    seen = _codes(PROJECT / "tests") | {rule.code for rule in SHOWN}
    promised = {rule.code for rule in RULES.values() if rule.since != NOT_YET}
    assert promised - seen == set()


def test_the_table_is_well_made() -> None:
    """Codes are unique, of a known family, in order; names are unique, of words and hyphens."""
    rules = list(RULES.values())
    assert {rule.family for rule in rules} == set(FAMILIES)
    assert len({rule.name for rule in rules}) == len(rules)
    for family in FAMILIES:
        numbers = [int(rule.code[-3:]) for rule in rules if rule.family == family]
        assert numbers == list(range(1, len(numbers) + 1)), family
    for rule in rules:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name), rule.code
        assert rule.means.endswith((".", ")")), rule.code
        assert rule.matters.endswith("."), rule.code
        assert rule.wrong, rule.code
        assert rule.right, rule.code


@pytest.mark.parametrize(
    "rule", [r for r in SHOWN if r.code not in ELSEWHERE], ids=lambda r: r.code
)
def test_the_examples_are_true(rule: Rule) -> None:
    """The wrong post is told so, as gravely as the table says; the right one is not."""
    wrong = [one for one in _read(rule, rule.wrong) if one.code == rule.code]
    assert wrong, _read(rule, rule.wrong)
    assert max(GRAVITY.index(one.severity) for one in wrong) == GRAVITY.index(rule.severity)
    assert _read(rule, rule.right) == []


@pytest.mark.parametrize("rule", SHOWN, ids=lambda r: r.code)
def test_edits_come_from_rules_that_say_so(rule: Rule) -> None:
    """An unsafe one never from a rule that is marked safe."""
    for one in _read(rule, rule.wrong):
        if one.edits:
            assert RULES[one.code].fix != ""
            assert one.safe or RULES[one.code].fix == "unsafe"


@pytest.mark.parametrize("rule", [r for r in SHOWN if r.fix], ids=lambda r: r.code)
def test_what_is_marked_can_be_put_right(rule: Rule) -> None:
    """The edits of the wrong example make it a post that is told so no more."""
    wrong = [one for one in _read(rule, rule.wrong) if one.code == rule.code]
    mended = apply(rule.wrong.encode(), wrong)
    assert mended.problems == tuple(wrong)
    assert rule.code not in {one.code for one in _read(rule, mended.data.decode())}


def test_the_reference_page_is_the_table() -> None:
    """docs/reference/rules.md is what `syndicate rule --all` prints."""
    assert (PROJECT / "docs" / "reference" / "rules.md").read_text("utf-8") == page()


@pytest.mark.parametrize(
    ("code", "selector", "meant"),
    [
        ("IMG010", "IMG010", True),
        ("IMG010", "IMG01", True),
        ("IMG010", "IMG", True),
        ("IMG010", "ALL", True),
        ("IMG010", "IMG1", False),
        ("IMG010", "IM", False),
        ("IMG010", "img", False),
        ("IMG010", "", False),
        ("MD001", "M", False),
        ("MD001", "MD001x", False),
    ],
)
def test_a_selector_is_a_code_or_the_beginning_of_codes(
    code: str, selector: str, meant: bool
) -> None:
    """Families are never cut, so that no family is taken for another."""
    assert fits(code, selector) is meant


def test_what_was_meant_is_guessed_from_letters_or_name() -> None:
    """A slip in a code, a family or a name leads to the rule."""
    assert nearest("IMG01O") in RULES
    assert nearest("img") == "IMG"
    assert nearest("title-twise") == "TXT005"
    assert nearest("qqqqqqqq") == ""
    assert [rule.code for rule in named("SITE00")] == ["SITE001", "SITE002", "SITE003", "SITE004"]
