"""The forms in which problems are written."""

import io
import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.cli import formats
from syndicator.cli.excerpt import Excerpt
from syndicator.cli.formats import Told
from syndicator.model import Edit, Problem
from syndicator.rules import RULES

ERROR = Told(
    Problem(
        path="news/a b.md",
        code="DATE002",
        says="date: '01/12/2020' can be read in two ways",
        hint="write 2020-12-01",
        line=3,
        column=7,
        edits=(Edit(start=20, end=30, text="2020-12-01"),),
        safe=False,
    ),
    "content/news/a b.md",
    fails=True,
)
NOTE = Told(
    Problem(path="b.md", code="IMG010", says="no text\x1b[31m\nhere & <there>", severity="info"),
    "content/b.md",
    fails=False,
)
BOTH = [ERROR, NOTE]


def _nothing(_problem: Problem) -> None:
    return None


def test_text_has_place_code_message_and_help() -> None:
    """One line a problem, without control characters; the help below it."""
    lines = list(formats.text(BOTH, io.StringIO(), _nothing))
    assert lines == [
        "content/news/a b.md:3:7 DATE002 date: '01/12/2020' can be read in two ways",
        "  help: write 2020-12-01",
        "content/b.md IMG010 no text\\x1b[31m\\x0ahere & <there>",
    ]


def test_text_marks_what_can_be_put_right() -> None:
    """An unsafe edit counts only where unsafe ones are asked for."""
    safe = ERROR._replace(problem=replace(ERROR.problem, safe=True))
    assert "DATE002 [*] date" in next(formats.text([safe], io.StringIO(), _nothing))
    assert "DATE002 [*] date" in next(formats.text([ERROR], io.StringIO(), _nothing, unsafe=True))


def test_text_shows_the_source_line_where_there_is_one() -> None:
    """The caret stands under the place."""
    shown = Excerpt("date: 01/12/2020", "      ^")
    lines = list(formats.text([ERROR], io.StringIO(), lambda _: shown))
    assert lines[1:3] == ["  3 | date: 01/12/2020", "    |       ^"]


def test_json_has_every_field() -> None:
    """Edits come with their bytes, so that an editor can make them."""
    found = json.loads(formats.as_json(BOTH))
    assert found[0] == {
        "path": "news/a b.md",
        "file": "content/news/a b.md",
        "line": 3,
        "column": 7,
        "code": "DATE002",
        "severity": "error",
        "says": "date: '01/12/2020' can be read in two ways",
        "hint": "write 2020-12-01",
        "fix": {"safe": False, "edits": [{"start": 20, "end": 30, "text": "2020-12-01"}]},
    }
    assert found[1]["fix"] is None


def test_sarif_has_what_the_standard_requires() -> None:
    """SARIF 2.1.0: 3.13 log, 3.14 run, 3.18 tool, 3.27 result, 3.29 location, 3.55 fix."""
    log = json.loads(formats.sarif(BOTH))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "syndicator"
    assert [rule["id"] for rule in driver["rules"]] == ["DATE002", "IMG010"]
    assert driver["rules"][0]["shortDescription"]["text"] == RULES["DATE002"].means
    assert run["columnKind"] == "unicodeCodePoints"
    error, note = run["results"]
    assert driver["rules"][error["ruleIndex"]]["id"] == error["ruleId"] == "DATE002"
    assert (error["level"], note["level"]) == ("error", "note")
    assert error["message"]["text"].endswith("in two ways (write 2020-12-01)")
    place = error["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "content/news/a%20b.md"},
        "region": {"startLine": 3, "startColumn": 7},
    }
    assert "region" not in note["locations"][0]["physicalLocation"]
    assert error["fixes"][0]["artifactChanges"][0]["replacements"] == [
        {
            "deletedRegion": {"byteOffset": 20, "byteLength": 10},
            "insertedContent": {"text": "2020-12-01"},
        }
    ]
    assert error["partialFingerprints"] != note["partialFingerprints"]


def test_sarif_of_nothing_is_a_run_without_results() -> None:
    """That nothing was found is a result too: `results` is there, and empty."""
    (run,) = json.loads(formats.sarif([]))["runs"]
    assert run["results"] == []


def test_github_gets_one_command_a_problem() -> None:
    """What would end a command or a property is escaped."""
    tricky = Told(
        Problem(path="a", code="MD001", says="100%\nsure: yes, ::error::", severity="warning"),
        "a:b,c%.md",
        fails=False,
    )
    first, second = formats.github([ERROR, tricky])
    place, _, words = first.rpartition("::")
    assert place == "::error file=content/news/a b.md,line=3,col=7,title=DATE002"
    assert words == "date: '01/12/2020' can be read in two ways%0Awrite 2020-12-01"
    assert second == "::warning file=a%3Ab%2Cc%25.md,title=MD001::100%25%0Asure: yes, ::error::"


def test_junit_counts_only_what_fails() -> None:
    """Any XML parser reads it, whatever a post held."""
    root = ET.fromstring("\n".join(formats.junit(BOTH)))  # noqa: S314  # our own text
    suites = root.findall("testsuite")
    assert [(one.get("name"), one.get("tests"), one.get("failures")) for one in suites] == [
        ("content/news/a b.md", "1", "1"),
        ("content/b.md", "1", "0"),
    ]
    failure = suites[0].find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "DATE002"
    assert failure.get("message") == ERROR.problem.says
    assert suites[0].find("testcase[@line='3']") is not None
    assert suites[1].findtext("testcase/system-out") == "no text\ufffd[31m\nhere & <there>"


def test_junit_of_nothing_is_one_good_test() -> None:
    """A report without a test is taken for a broken one."""
    root = ET.fromstring("\n".join(formats.junit([])))  # noqa: S314  # our own text
    assert [case.get("name") for case in root.iter("testcase")] == ["all well"]


@pytest.mark.parametrize("severity", ["error", "warning", "info"])
def test_every_severity_has_its_word_everywhere(severity: str) -> None:
    """GitHub says notice, SARIF says note."""
    told = Told(Problem(path="a", code="MD001", says="x", severity=severity), "a", fails=False)  # type: ignore[arg-type]  # the three of them
    command = {"info": "notice"}.get(severity, severity)
    level = {"info": "note"}.get(severity, severity)
    assert next(formats.github([told])).startswith(f"::{command} ")
    assert json.loads(formats.sarif([told]))["runs"][0]["results"][0]["level"] == level


@given(says=st.text(), hint=st.text(), path=st.text(min_size=1), line=st.integers(0, 9))
def test_no_text_breaks_a_format(says: str, hint: str, path: str, line: int) -> None:
    """Whatever a post or a file name holds, programs can read the report."""
    problem = Problem(path=path, code="IMG001", says=says, hint=hint, line=line)
    told = [Told(problem, path, fails=True)]
    assert len(list(ET.fromstring("\n".join(formats.junit(told))).iter("failure"))) == 1  # noqa: S314
    assert json.loads(formats.sarif(told))["runs"][0]["results"]
    assert json.loads(formats.as_json(told))[0]["says"] == says
    (command,) = formats.github(told)
    assert "\n" not in command
    assert "\r" not in command
    for shown in formats.text(told, io.StringIO(), _nothing):
        assert all(char.isprintable() for char in shown)
