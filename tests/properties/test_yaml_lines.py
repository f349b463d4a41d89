"""The short way through YAML and the long one come to the same."""

from unittest.mock import patch

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syndicator.normalise import yaml_events, yaml_lines
from syndicator.normalise.findings import Flaw
from syndicator.normalise.remarks import Remark
from syndicator.normalise.values import Table, Value

KEYS = ["title", "date", "tags", "a_b", "x-1", "k", "no", "<<", "é", "'q'", "? x", "1"]
TEXTS = [
    *("", "A", "a b ", "A, B; c.", "It's", "/a/b.jpg", ".5", "1", "-1", "0", "007", "1.10", "1e3"),
    *("true", "no", "Null", "~", "null", "yes", "12:30", "12:30:00", "2020-12-01", "0x1F", "1_0"),
    *(
        "2020-12-01 10:00:00 +0800",
        "https://a.example/b?c=d#e",
        "a: b",
        "a:b",
        "a:",
        "a #b",
        "a#b",
    ),
    *(
        "'x'",
        "''",
        '"x"',
        '""',
        "'it''s'",
        '"a\\n"',
        "'a' b",
        '"a" #b',
        "'a",
        '"',
        "'",
        "a'",
        'b"',
    ),
    *("[]", "[ ]", "[a]", "[a, b]", "['a', \"b\"]", "[a,]", "[,]", "[a, , b]", "[a b, 1, no]"),
    *(
        "[a, 'b, c']",
        "[a: b]",
        "[[a]]",
        "{a: b}",
        "[a #b]",
        "[a",
        "a]",
        "[a]b",
        "[a?b]",
        "[a ? b]",
    ),
    *("[a-b, -c]", "[a/b, .c]", "[true, ~, null]", "[a  ,  b  ]", "['a' b]", "[a'b, c'd]"),
    *(
        "- a",
        "-",
        "-a",
        "?",
        "? a",
        "!a",
        "&a b",
        "*a",
        "|",
        ">",
        "%a",
        "@a",
        "`a`",
        "\\",
        "=",
        "{{ x }}",
    ),
    *(
        "中文",
        "中文\uff1a標題",
        "\u3000a",
        "a\u3000",
        "a\u200bb",
        "é",
        "“a”",
        "a\u2028b",
        "a\x85b",
        "a\ufeff",
    ),
    *(
        "a\tb",
        "\ta",
        "a\t",
        "#",
        "# a",
        "a - b",
        "a -b",
        "...",
        "---",
        "--- a",
        "... a",
        "a ... b",
    ),
]
LINES = st.one_of(
    st.builds("{}: {}".format, st.sampled_from(KEYS), st.sampled_from(TEXTS)),
    st.builds("{}:{}".format, st.sampled_from(KEYS), st.sampled_from(["", " ", "  ", "x", "  x"])),
    st.builds(
        "{}{}: {}".format,
        st.sampled_from([" ", "  ", "   ", "\t"]),
        st.sampled_from(KEYS),
        st.sampled_from(TEXTS),
    ),
    st.builds("{}- {}".format, st.sampled_from(["", " ", "  "]), st.sampled_from(TEXTS)),
    st.sampled_from(["", " ", "  x", "x", "# c", "-", "  -", "---", "--- {k: 1, k: 2}", "? [k]"]),
    st.builds("{}: {}".format, st.sampled_from(KEYS), st.text(max_size=8)),
)
# what the short way takes: a block for each key
BLOCKS = st.one_of(
    st.sampled_from(
        [
            *("A", "a b ", "A, B; c.", "/a/b.jpg", "1", "true", "null", "a:b"),
            *("'x'", '""', '"a: b"', "[]", "[a]", "['a', \"b\"]", "[a b, 1, true]", "2020-12-01"),
        ]
    ).map(" {}".format),
    st.sampled_from(["\n- c\n- 1", "\n  - 'c'", "\n  b: c\n  d: 'e'", "\n b: 1", " \n  b: [c]\n"]),
)
PLAIN = st.dictionaries(
    st.sampled_from(["title", "date", "tags", "a_b", "x-1", "k"]), BLOCKS, min_size=1, max_size=4
).map(lambda table: "\n".join(f"{key}:{says}" for key, says in table.items()).split("\n"))


def _odd(lines: list[str], at: int, line: str, *, instead: bool) -> list[str]:
    """Return lines with one that may be anything among them."""
    at %= len(lines)
    return [*lines[:at], line, *lines[at + instead :]]


NEARLY = st.builds(_odd, PLAIN, st.integers(0, 9), LINES, instead=st.booleans())
FRONTS = st.one_of(
    PLAIN.map("\n".join),
    NEARLY.map("\n".join),
    st.builds("{}\n".format, NEARLY.map("\n".join)),
    st.builds(
        lambda lines, end, last: end.join(lines) + (end if last else ""),
        st.one_of(st.lists(LINES, max_size=6), PLAIN),
        st.sampled_from(["\n", "\r\n", "\r"]),
        st.booleans(),
    ),
)


def places(value: Value) -> object:
    """Return a value with the marks of all its tables."""
    if isinstance(value, Table):
        return {key: (places(one), value.marks[key]) for key, one in value.items()}
    if isinstance(value, list):
        return [places(one) for one in value]
    return value, type(value)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(front=FRONTS)
@example("a:\n- b\n- c\nd: e\n")
@example("a:\n  b: c\n  d: 'e'\n\nf: [g, 'h']\n")
@example("a:\n  - b\n - c\n")
@example("a: b\n  c\n")
@example("a:\n\n  - b\n")
@example("a: [b]\n# c\n")
def test_both_ways_read_the_same(front: str) -> None:
    """What is read line by line has the values, types and places that the events give it."""
    short = yaml_lines.read(front, 3, 7)
    if short is not None:
        remarks: list[Remark] = []
        assert places(short) == places(yaml_events.load(front, 3, 7, remarks))
        assert remarks == []


def test_much_of_what_is_compared_goes_the_short_way() -> None:
    """The property above says little about texts that the short way gives up."""
    taken = []

    @settings(max_examples=200, derandomize=True, database=None, deadline=None)
    @given(front=FRONTS)
    def look(front: str) -> None:
        taken.append(yaml_lines.read(front, 3, 7) is not None)

    look()
    assert sum(taken) > len(taken) / 10


def test_common_front_matter_goes_the_short_way() -> None:
    """What most posts begin with is what the short way was made for."""
    front = (
        'layout: post\ntitle: "A: b"\ndate: 2020-12-01 10:00:00 +0800\ntags: [a, "b c"]\n'
        "excerpt: One, two.\nimage:\n  path: /a.jpg\n  alt: A b\ncategories:\n- c\n- d\n"
        "link: https://a.example/b\ndraft: false\nweight: 3\n"
    )
    assert yaml_lines.read(front) == yaml_events.load(front)
    assert yaml_lines.read(front) is not None


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(front=FRONTS)
@example("a: 1\nb:\n  a: 2\n  a: 3\na: 4\n")
@example("a: 1\n? [b]\n: c\na: 2\n")
@example("a: 1\n--- {m: 1, m: 2}\n")
@example("a: 1\n---\na: 2\n")
@example("a: 1\nb: &c d\na: 2\n")
def test_a_long_text_is_refused_for_what_a_short_one_is(front: str) -> None:
    """A long text is judged whole before anything is built, and a short one as it is built."""
    short = _refusal(front)
    with patch.object(yaml_events, "_SMALL", -1):
        assert _refusal(front) == short


def _refusal(front: str) -> object:
    try:
        yaml_events.load(front, 3)
    except Flaw as flaw:
        return flaw.code, flaw.says, flaw.at
    return None
