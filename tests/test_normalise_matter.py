"""Front matter: what is read, what is refused, and how fast."""

import threading
import time
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


LAUGHS = "a: &a [x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(10)
)
BOMBS = {
    "brackets": "---\na: " + "[" * 60_000 + "\n---\n",
    "sequences": "---\na:\n " + "- " * 30_000 + "\n---\n",
    "laughs": "---\n" + LAUGHS + "---\n",
    "merges": "---\na: &a {x: 1}\n" + "b: {<<: [*a, *a]}\n" * 50 + "---\n",
    "values": "---\na: [" + "1," * 300_000 + "]\n---\n",
    "too long": "---\na: " + "x" * 2_000_000 + "\n---\n",
    "never closed": "---\na: b\n" + "x\n" * 2_000_000,
    "toml brackets": "+++\na = " + "[" * 60_000 + "\n+++\n",
    "toml dots": "+++\n" + "a." * 30_000 + "a = 1\n+++\n",
    "toml quotes": "+++\na = " + '"""\\' * 200_000 + "\n+++\n",
    "toml digits": "+++\na = " + "1" * 100_000 + "\n+++\n",
    "json brackets": '{"a":' + "[" * 60_000,
    "json quotes": '{"a":"' + '\\"' * 400_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_at_once(name: str) -> None:
    """No front matter costs much more to refuse than to read, nor ends the process.

    The aim is 50 ms; the limit here leaves room for a busy machine and is far below the seconds,
    or the crash, that each of these costs a parser without limits.
    """
    begin = time.process_time()
    _, codes = apart(BOMBS[name])
    assert time.process_time() - begin < 0.5
    assert codes
    assert codes[0] in ("FM003", "FM008", "FM009")


def test_bombs_are_refused_in_a_thread() -> None:
    """A small stack is enough: depth costs no recursion."""
    codes: list[str] = []

    def work() -> None:
        codes.extend(code for bomb in BOMBS.values() for code in apart(bomb)[1])

    threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(0)
    assert len(codes) == len(BOMBS)
