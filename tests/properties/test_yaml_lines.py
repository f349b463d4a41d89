"""The short way through YAML and the long one come to the same."""

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syndicator.normalise import yaml_events, yaml_keys, yaml_lines
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
    st.sampled_from(["", " ", "  x", "x", "# c", "-", "  -"]),
    st.builds("{}: {}".format, st.sampled_from(KEYS), st.text(max_size=8)),
)
FRONTS = st.builds(
    lambda lines, end, last: end.join(lines) + (end if last else ""),
    st.lists(LINES, max_size=6),
    st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]),
    st.booleans(),
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
def test_a_key_that_stands_twice_is_the_same_before_anything_is_built(front: str) -> None:
    """What is told of the events of a long text is what building a short one comes to."""
    if any(mark in front for mark in ("<<", "\\", "\x85", "\u2028", "\ufeff")):
        return  # always read the other way
    found: Flaw | None = None
    early: Flaw | None = None
    try:
        yaml_events.load(front, 3)
    except Flaw as flaw:
        found = flaw
    if found is not None and found.code != "FM005":
        return
    try:
        yaml_keys.once(yaml_events._events(yaml_events._LOADER(front)), 3)
    except Flaw as flaw:
        early = flaw
    except yaml.YAMLError:
        return  # is told first of a long text
    assert (early and (early.says, early.at)) == (found and (found.says, found.at))
