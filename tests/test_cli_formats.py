"""The forms in which problems are written."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]  # the package ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.cli import formats
from syndicator.cli.excerpt import Excerpt
from syndicator.cli.formats import Told
from syndicator.model.posts import Edit, Problem
from syndicator.rules import RULES, Rule

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


def _closed(required: str, **properties: object) -> dict[str, object]:
    """Return the JSON Schema of an object with these properties and no others."""
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


def _some(items: object, least: int = 0) -> dict[str, object]:
    return {"type": "array", "items": items, "minItems": least, "uniqueItems": True}


TEXT = {"type": "string", "minLength": 1}
MESSAGE = _closed("text", text=TEXT)  # SARIF 3.11
LEVEL = {"enum": ["none", "note", "warning", "error"]}  # 3.27.10
FROM_0, FROM_1 = ({"type": "integer", "minimum": least} for least in (0, 1))
ARTIFACT = _closed("uri", uri={"type": "string", "pattern": "^[!-~]+$"})  # 3.4, RFC 3986
PLACE = _closed(
    "artifactLocation",
    artifactLocation=ARTIFACT,
    region=_closed("startLine", startLine=FROM_1, startColumn=FROM_1),  # 3.30
)
REPLACEMENT = _closed(  # 3.57
    "deletedRegion",
    deletedRegion=_closed("byteOffset byteLength", byteOffset=FROM_0, byteLength=FROM_0),
    insertedContent=_closed("text", text={"type": "string"}),
)
FIX = _closed(  # 3.55, 3.56
    "artifactChanges",
    description=MESSAGE,
    artifactChanges=_some(
        _closed(
            "artifactLocation replacements",
            artifactLocation=ARTIFACT,
            replacements={"type": "array", "items": REPLACEMENT, "minItems": 1},
        ),
        1,
    ),
)
RESULT = _closed(  # 3.27
    "ruleId ruleIndex level message locations",
    ruleId=TEXT,
    ruleIndex=FROM_0,
    level=LEVEL,
    message=MESSAGE,
    locations=_some(_closed("physicalLocation", physicalLocation=PLACE), 1),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    fixes=_some(FIX, 1),
)
DESCRIPTOR = _closed(  # 3.49
    "id",
    id=TEXT,
    name=TEXT,
    shortDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=_closed("level", level=LEVEL),
)
DRIVER = _closed("name", name=TEXT, version=TEXT, rules=_some(DESCRIPTOR))  # 3.19
LOG = _closed(  # 3.13, 3.14
    "version runs",
    **{"$schema": TEXT},
    version={"const": "2.1.0"},
    runs=_some(
        _closed(
            "tool results",
            tool=_closed("driver", driver=DRIVER),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results={"type": "array", "items": RESULT},
        ),
        1,
    ),
)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_sarif_of_every_rule_fits_the_standard(rule: Rule) -> None:
    """Nothing but what SARIF 2.1.0 knows, in its types; with a hint and an edit, and without."""
    hinted = replace(ERROR.problem, code=rule.code, severity=rule.severity)
    bare = replace(hinted, hint="", line=0, column=0)
    told = [Told(one, "caf\u00e9/a b%.md", fails=True) for one in (hinted, bare)]
    jsonschema.validate(json.loads(formats.sarif(told)), LOG)


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


def _junit(told: Sequence[Told]) -> ET.Element:
    return ET.fromstring("\n".join(formats.junit(told)))  # noqa: S314  # our own text


def test_junit_counts_only_what_fails() -> None:
    """Any XML parser reads it, whatever a post held."""
    root = _junit(BOTH)
    suites = root.findall("testsuite")
    assert [(one.get("name"), one.get("tests"), one.get("failures")) for one in suites] == [
        ("content/news/a b.md", "1", "1"),
        ("content/b.md", "1", "0"),
    ]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "1", "0")
    failure = suites[0].find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "DATE002"
    assert failure.get("message") == ERROR.problem.says
    assert failure.text == f"content/news/a b.md:3:7\n{ERROR.problem.says}\nwrite 2020-12-01"
    assert suites[1].findtext("testcase/system-out") == (
        "content/b.md\nno text\ufffd[31m\nhere & <there>"
    )


# what Jenkins' xunit plugin lets stand in each of its versions (junit-10.xsd since 2014): an
# attribute or an element more, and it refuses the report
JENKINS = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "id", "package", "file"},
        {"testcase"},
    ),
    "testcase": ({"name", "classname", "time"}, {"failure", "system-out"}),
    "failure": ({"type", "message"}, set[str]()),
    "system-out": (set[str](), set[str]()),
}
REQUIRED = {"testsuite": {"name", "tests", "failures", "errors"}, "testcase": {"name"}}


def test_jenkins_takes_the_report() -> None:
    """Every element has the attributes it must have, and none besides those it may."""
    every = [
        Told(
            Problem(path=code, code=code, says="x", hint="y", line=1, severity=rule.severity),
            code,
            fails=rule.severity == "error",
        )
        for code, rule in RULES.items()
    ]
    for root in (_junit(every), _junit(BOTH), _junit([])):
        assert root.tag == "testsuites"
        for one in root.iter():
            allowed, inside = JENKINS[one.tag]
            assert REQUIRED.get(one.tag, set()) <= set(one.keys()) <= allowed
            assert {child.tag for child in one} <= inside


def test_no_two_tests_of_a_junit_report_have_one_name() -> None:
    """GitLab shows one of those that share class and name, and none of the others."""
    two = [ERROR, ERROR._replace(problem=replace(ERROR.problem, line=9)), ERROR]
    names = [(one.get("classname"), one.get("name")) for one in _junit(two).iter("testcase")]
    says = f"DATE002 {ERROR.problem.says}"
    assert names == [
        ("content/news/a b.md", name) for name in (says, f"{says} (2)", f"{says} (3)")
    ]


def test_a_junit_test_keeps_its_name_where_lines_move() -> None:
    """Else what was wrong before a change is taken for something new."""
    moved = ERROR._replace(problem=replace(ERROR.problem, line=30))
    first, second = (_junit([one]).find(".//testcase") for one in (ERROR, moved))
    assert first is not None
    assert second is not None
    assert first.get("name") == second.get("name")


def test_junit_of_nothing_is_one_good_test() -> None:
    """A report without a test is taken for a broken one."""
    root = _junit([])
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
    assert len(list(_junit(told).iter("failure"))) == 1
    assert json.loads(formats.sarif(told))["runs"][0]["results"]
    assert json.loads(formats.as_json(told))[0]["says"] == says
    (command,) = formats.github(told)
    assert "\n" not in command
    assert "\r" not in command
    for shown in formats.text(told, io.StringIO(), _nothing):
        assert all(char.isprintable() for char in shown)
