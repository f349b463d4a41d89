"""How problems are written: for people, for programs, for code hosts and for test reports."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple, TextIO
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from syndicator import __version__
from syndicator.cli.baseline import said
from syndicator.cli.excerpt import Excerpt
from syndicator.cli.show import paint, plain
from syndicator.model.posts import Edit, Problem
from syndicator.rules import RULES, Rule

FORMATS = ("text", "json", "sarif", "github", "junit")

SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}  # SARIF 3.27.10
_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


class Told(NamedTuple):
    """A problem as it is told: under the name of its file as seen from here."""

    problem: Problem
    file: str
    fails: bool  # whether it makes the command fail


def text(
    told: Iterable[Told],
    stream: TextIO,
    source_line: Callable[[Problem], Excerpt | None],
    *,
    unsafe: bool = False,
) -> Iterator[str]:
    """Word problems as ``path:line:col CODE message``, ``[*]`` where it can be put right.

    ``source_line`` gives what of the file is shown below, if anything.
    """
    for problem, file, _ in told:
        place = ":".join(str(at) for at in (problem.line, problem.column) if at)
        code = paint(problem.code, problem.severity, stream)
        mark = " [*]" if problem.edits and (problem.safe or unsafe) else ""
        yield f"{plain(f'{file}:{place}' if place else file)} {code}{mark} {plain(problem.says)}"
        if (shown := source_line(problem)) is not None:
            number = str(problem.line)
            bar = paint("|", "quiet", stream)
            yield f"  {paint(number, 'quiet', stream)} {bar} {shown.line}"
            if shown.caret:
                caret = paint(shown.caret, problem.severity, stream)
                yield f"  {' ' * len(number)} {bar} {caret}"
        if problem.hint:
            yield f"  {paint('help:', 'quiet', stream)} {plain(problem.hint)}"


def as_json(told: Iterable[Told]) -> str:
    """Write problems as JSON: ``path`` is seen from the content root, ``file`` from here."""
    return json.dumps([_object(one) for one in told], ensure_ascii=False, indent=2)


def _object(one: Told) -> dict[str, Any]:
    problem = one.problem
    edits = [{"start": e.start, "end": e.end, "text": e.text} for e in problem.edits]
    return {
        "path": problem.path,
        "file": one.file,
        "line": problem.line,
        "column": problem.column,
        "code": problem.code,
        "severity": problem.severity,
        "says": problem.says,
        "hint": problem.hint,
        "fix": {"safe": problem.safe, "edits": edits} if edits else None,
    }


def sarif(told: Sequence[Told]) -> str:
    """Write problems as a SARIF 2.1.0 log of one run, with the rules they break."""
    codes = sorted({one.problem.code for one in told})
    run = {
        "tool": {
            "driver": {
                "name": "syndicator",
                "version": __version__,
                "rules": [_rule(RULES[code]) if code in RULES else {"id": code} for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes.index(one.problem.code)) for one in told],
    }
    log = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.means},
        "help": {"text": rule.matters},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(one: Told, index: int) -> dict[str, Any]:
    problem = one.problem
    artifact = {"uri": quote(one.file)}
    place: dict[str, Any] = {"artifactLocation": artifact}
    if problem.line:
        region = {"startLine": problem.line}
        place["region"] = region | ({"startColumn": problem.column} if problem.column else {})
    hint = f" ({problem.hint})" if problem.hint else ""
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": index,
        "level": _LEVELS[problem.severity],
        "message": {"text": problem.says + hint},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {
            "path/code/says/v1": f"{problem.path}/{problem.code}/{said(problem)}"
        },
    }
    if problem.edits:
        changes = [
            {"artifactLocation": artifact, "replacements": list(map(_replace, problem.edits))}
        ]
        result["fixes"] = [
            {"description": {"text": problem.hint or problem.says}, "artifactChanges": changes}
        ]
    return result


def _replace(edit: Edit) -> dict[str, Any]:
    return {
        "deletedRegion": {"byteOffset": edit.start, "byteLength": edit.end - edit.start},
        "insertedContent": {"text": edit.text},
    }


def github(told: Iterable[Told]) -> Iterator[str]:
    """Write problems as workflow commands, which GitHub shows beside the changed lines."""
    for problem, file, _ in told:
        parts = {"file": file, "line": problem.line, "col": problem.column, "title": problem.code}
        named = ",".join(f"{name}={_property(value)}" for name, value in parts.items() if value)
        words = f"{problem.says}\n{problem.hint}" if problem.hint else problem.says
        yield f"::{_COMMANDS[problem.severity]} {named}::{_data(words)}"


def _data(value: object) -> str:
    return str(value).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def junit(told: Sequence[Told]) -> Iterator[str]:
    """Write problems as a JUnit report: a suite for each file; only what fails is a failure.

    No attribute stands in it that Jenkins' schemas lack, and no two tests share a name.
    """
    counts = _counts(told) if told else 'tests="1" failures="0" errors="0"'
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="syndicate check" {counts}>'
    for file, group in groupby(told, key=lambda one: one.file):
        cases = list(group)
        name = _attribute(file)
        yield f"  <testsuite name={name} {_counts(cases)}>"
        met: Counter[str] = Counter()
        for one in cases:
            case = f"{one.problem.code} {one.problem.says}"
            met[case] += 1
            yield from _case(one, name, case if met[case] == 1 else f"{case} ({met[case]})")
        yield "  </testsuite>"
    if not told:  # a report without a test is taken for a broken one
        yield f'  <testsuite name="syndicate check" {counts}>'
        yield '    <testcase classname="syndicate check" name="all well" time="0"/>'
        yield "  </testsuite>"
    yield "</testsuites>"


def _counts(told: Sequence[Told]) -> str:
    failures = sum(one.fails for one in told)
    return f'tests="{len(told)}" failures="{failures}" errors="0"'


def _case(one: Told, suite: str, name: str) -> Iterator[str]:
    problem = one.problem
    place = ":".join(str(at) for at in (one.file, problem.line, problem.column) if at)
    words = _xml("\n".join(filter(None, (place, problem.says, problem.hint))))
    yield f'    <testcase classname={suite} name={_attribute(name)} time="0">'
    if one.fails:
        says = _attribute(problem.says)
        yield f'      <failure type="{problem.code}" message={says}>{words}</failure>'
    else:
        yield f"      <system-out>{words}</system-out>"
    yield "    </testcase>"


def _xml(value: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", value))


def _attribute(value: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", value), {"\n": "&#10;"})
