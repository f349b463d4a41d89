"""Front matter: what is read, what is refused, and how fast."""

from datetime import date

import pytest
import yaml

from syndicator.normalise import yaml_events
from syndicator.normalise.findings import Findings, Flaw
from syndicator.normalise.matter import Matter, take_apart
from syndicator.normalise.values import Table


def apart(text: str) -> tuple[Matter, list[str]]:
    findings = Findings("a.md")
    return take_apart(text, findings), [one.code for one in findings.problems]


@pytest.fixture(params=["C", "Python"])
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "Python":
        monkeypatch.setattr(yaml_events, "_LOADER", yaml.SafeLoader)


@pytest.mark.usefixtures("_loader")
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("0123", "0123"),
        ("08", "08"),
        ("1.10", "1.10"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("-0", "-0"),
        ("2020-12-01", "2020-12-01"),
        ("2020-12-01 10:00:00 +0800", "2020-12-01 10:00:00 +0800"),
        ("5G", "5G"),
        (".inf", ".inf"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("2020", 2020),
        ("'2020'", "2020"),
        ('"true"', "true"),
        ("'it''s'", "it's"),
        ('"\\u4e2d"', "中"),
        ("a # b", "a"),
        ("a#b", "a#b"),
        ("|\n  a\n  b", "a\nb\n"),
        (">-\n  a\n  b", "a b"),
        ("[a, {b: c}]", ["a", {"b": "c"}]),
        ("x\u2028y\u0085z", "x\u2028y\u0085z"),
    ],
)
def test_scalars_stay_as_written(written: str, value: object) -> None:
    """Null, true, false and plain integers are typed; all other text is text, in both parsers."""
    table = yaml_events.load(f"key: {written}\n")
    assert isinstance(table, Table)
    assert table["key"] == value
    assert type(table["key"]) is type(value) or isinstance(value, (list, dict))


@pytest.mark.usefixtures("_loader")
def test_every_key_knows_its_place() -> None:
    """Keys at every level carry line and column of the file."""
    table = yaml_events.load("# c\na: 1\nb:\n  c: True\n  'd': [x]\n", 2)
    assert isinstance(table, Table)
    inner = table["b"]
    assert isinstance(inner, Table)
    assert table.marks["a"][:3] == (3, 1, "1")
    assert table.marks["b"][:3] == (4, 1, "")
    assert inner.marks["c"][:3] == (5, 3, "True")
    assert inner.marks["d"][:3] == (6, 3, "")


@pytest.mark.usefixtures("_loader")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1\na: 2", "FM005"),
        ("a: {b: 1, b: 2}", "FM005"),
        ("a: &x 1", "FM009"),
        ("a: &x [1]\nb: *x", "FM009"),
        ("<<: {a: 1}", "FM009"),
        ("a: !!python/name:os.system ''", "FM009"),
        ("a: ! b", "FM009"),
        ("[a, b]: c", "FM003"),
        ("a: 1\n--- \nb: 2", "FM003"),
        ("a: [", "FM003"),
        ("a: '", "FM003"),
        ("\ta: b", "FM003"),
        ('a: "\\x00"', "FM006"),
        ("a: " + "[" * 33 + "]" * 33, "FM008"),
        ("a: [" + "1," * 20_000 + "]", "FM008"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    """Duplicates, tags, anchors, merges and too much of anything are refused by their code."""
    with pytest.raises(Flaw) as caught:
        yaml_events.load(text)
    assert caught.value.code == code
    assert caught.value.at[0] >= 1


def test_a_quoted_merge_key_is_a_key() -> None:
    """Only the plain ``<<`` merges anything."""
    assert yaml_events.load("'<<': a") == {"<<": "a"}


def test_thirty_two_levels_are_read() -> None:
    """The limit of depth is the last that is allowed."""
    assert yaml_events.load("[" * 32 + "]" * 32) is not None


@pytest.mark.parametrize(
    ("text", "body", "line"),
    [
        ("---\na: 1\n---\nbody\n", "body\n", 4),
        ("---\na: 1\n---\n\n  body", "\n  body", 4),
        ("---\r\na: 1\r\n---\r\n\u3000body\r\n", "\u3000body\r\n", 4),
        ("---\ra: 1\r...\rbody", "body", 4),
        ("\n---\na: 1\n---\nbody", "body", 5),
        ("---\n---\nbody", "body", 3),
        ("---\n# only a comment\n---\nbody", "body", 4),
        ("---\na: 1\n---", "", 3),
        ("+++\na = 1\n+++\nbody", "body", 4),
        ('{"a": 1}\nbody', "body", 2),
        ('{"a": "{ \\"Hugo\\" }"}body', "body", 1),
        ("---\na: 1 --- 2\n---\n---\nbody", "---\nbody", 4),
    ],
)
def test_the_body_is_kept_byte_for_byte(text: str, body: str, line: int) -> None:
    """What follows the fence is the body, untouched, and its line is known."""
    found, codes = apart(text)
    assert (found.body, found.line, found.fenced) == (body, line, True)
    assert not [code for code in codes if code != "FM018"]


@pytest.mark.parametrize(
    "text",
    [
        "--- true\nx",
        "----------name---value",
        "---whatever\na: b\n---",
        "{{ x }}",
        "{% x %}",
        "***\na: b\n***",
        "- a: b",
        "",
    ],
)
def test_what_is_no_front_matter_is_body(text: str) -> None:
    """Nothing is lost of a text that only looks a little like front matter."""
    found, _ = apart(text)
    assert (found.body, found.fenced, found.table) == (text, False, {})


def test_four_dashes_are_no_fence() -> None:
    """A longer fence opens nothing, and that is said."""
    found, codes = apart("----\ntitle: A\n----\nbody")
    assert not found.fenced
    assert codes == ["FM018"]


def test_toml_dates_come_as_dates() -> None:
    """TOML has dates of its own; numbers with a point stay text."""
    found, codes = apart("+++\nd = 2020-12-01\nf = 1.10\n[t]\nx = [1]\n+++\n")
    assert not codes
    assert found.table == {"d": date(2020, 12, 1), "f": "1.10", "t": {"x": [1]}}
    assert {key: mark.place for key, mark in found.table.marks.items()} == {
        "d": (2, 1),
        "f": (3, 1),
        "t": (4, 2),
    }


def test_places_in_toml_see_through_texts() -> None:
    """A key within a text of several lines is no key."""
    found, _ = apart('+++\na = """\nb = 1\n"""\nc = [\n"b = 2",\n]\nb = 3\n+++\n')
    assert found.table.marks["b"].place == (8, 1)


def test_places_in_json_are_those_of_the_outer_keys() -> None:
    """A nested key of the same name does not lend its place."""
    found, _ = apart('{\n "x": {"a": "\\"a\\":"},\n "a": 1\n}\n')
    assert found.table.marks["a"].place == (3, 2)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("title: A: B", "quotes"),
        ("by: @me", "quotes"),
        ("by: %me", "quotes"),
        ("title: 'it's me'", "quotes"),
        ("a:\n\tb: c", "tabs"),
        ("title:A\nx: b", "space after the colon"),
    ],
)
def test_the_hint_says_what_to_do(line: str, word: str) -> None:
    """The usual slips each get the advice that mends them."""
    findings = Findings("a.md")
    take_apart(f"---\n{line}\n---\n", findings)
    assert word in findings.problems[0].hint


def test_places_of_nested_keys_in_all_three_syntaxes() -> None:
    """Line and column of a key at any depth, whether YAML, TOML or JSON."""
    yaml_text = "---\na:\n  b:\n    c: 1\n---\n"
    toml_text = "+++\n[a]\n  [a.b]\n  x = {y = 0}\n  c = 1\n+++\n"
    json_text = '{"a":\n {"b":\n  {"x": "}", "c": 1}}}\n'
    for text, place in ((yaml_text, (4, 5)), (toml_text, (5, 3)), (json_text, (3, 14))):
        found, codes = apart(text)
        assert not codes
        outer = found.table["a"]
        assert isinstance(outer, Table)
        inner = outer["b"]
        assert isinstance(inner, Table)
        mark = inner.marks["c"]
        assert mark.place == place
        assert mark.text == "1"
        assert text[mark.at] == "c" or text[mark.at : mark.at + 3] == '"c"'
        assert text[mark.start : mark.end] == "1"


def test_places_in_arrays_of_tables_and_dotted_keys() -> None:
    """TOML has more ways to nest than one; each key keeps its own place."""
    found, _ = apart('+++\n[[r]]\nsrc = "a"\n[[r]]\nsrc = "b" # c\n[r.x]\ny.z = 1\n+++\n')
    listed = found.table["r"]
    assert isinstance(listed, list)
    first, second = listed
    assert isinstance(first, Table)
    assert isinstance(second, Table)
    assert (first.marks["src"].place, second.marks["src"].place) == ((3, 1), (5, 1))
    inner = second["x"]
    assert isinstance(inner, Table)
    deepest = inner["y"]
    assert isinstance(deepest, Table)
    assert (inner.marks["y"].place, deepest.marks["z"].place) == ((7, 1), (7, 3))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("---\na: 1\nb: 2\na: 3\n---\n", "line 2 and line 4"),
        ("+++\na = 1\nb = 2\na = 3\n+++\n", "line 2 and line 4"),
        ("+++\n[a]\nx = 1\n[a]\n+++\n", "line 2 and line 4"),
        ("+++\n[a]\nx.y = 1\n\nx.y = 1\n+++\n", "line 3 and line 5"),
        ('{"a": 1,\n"b": {"c": 1,\n"c": 2}}', "line 2 and line 3"),
    ],
)
def test_both_lines_of_a_duplicate_are_named(text: str, lines: str) -> None:
    """A key that stands twice is refused in every syntax, naming the two lines."""
    findings = Findings("a.md")
    take_apart(text, findings)
    assert [one.code for one in findings.problems] == ["FM005"]
    assert lines in findings.problems[0].says
