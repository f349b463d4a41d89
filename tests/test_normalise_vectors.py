"""What each generator's files are taken apart into: a table of cases with where each is from."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from syndicator.normalise.characters import decode
from syndicator.normalise.findings import Findings
from syndicator.normalise.matter import take_apart

VECTORS = Path(__file__).parent / "vectors"
TABLE: list[tuple[str, dict[str, Any]]] = [
    (f"{file.stem}: {vector['name']}", vector)
    for file in sorted(VECTORS.glob("*.toml"))
    for vector in tomllib.loads(file.read_text("utf-8"))["vectors"]
]


def test_the_table_is_large_and_says_where_it_comes_from() -> None:
    """At least 150 cases, each with a source of its expectation and a name of its own."""
    assert len(TABLE) >= 150
    assert len({name for name, _ in TABLE}) == len(TABLE)
    assert all(vector["from"] for _, vector in TABLE)


@pytest.mark.parametrize(("vector"), [one for _, one in TABLE], ids=[name for name, _ in TABLE])
def test_a_file_is_taken_apart(vector: dict[str, Any]) -> None:
    """Keys, body, the body's line and what is told are exactly those of the table."""
    findings = Findings("a.md")
    text = decode(vector["text"].encode("utf-8", "surrogatepass"), findings)
    assert text is not None
    found = take_apart(text, findings)
    assert [one.code for one in findings.problems] == vector.get("codes", [])
    if "body" not in vector:
        assert findings.hold
        return
    assert text.endswith(found.body)
    keys = json.loads(vector["keys_json"]) if "keys_json" in vector else vector["keys"]
    assert (found.table, found.body, found.line) == (keys, vector["body"], vector["line"])
    assert found.fenced is vector.get("fenced", True)
    assert [type(one) for one in found.table.values() if not isinstance(one, dict)] == [
        type(one) for one in keys.values() if not isinstance(one, dict)
    ]
