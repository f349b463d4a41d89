"""Where reading has a short way and a long one, both come to the same."""

import json
import tomllib
from string import ascii_letters
from typing import cast

from hypothesis import example, given, settings
from hypothesis import strategies as st

from syndicator.normalise import handlers, tokens, toml_lines, trailer, urls
from syndicator.normalise.findings import Flaw
from syndicator.normalise.sanitise import accepts
from syndicator.normalise.values import Table, Value

TOML, JSON = handlers.HANDLERS[1:3]
NAMES = st.sampled_from(["a", "b", "title", "a-b", "é"])
WORDS = st.one_of(
    st.text(ascii_letters + "é\\\"'#= \u0001\ufffe", max_size=5),
    st.integers(),
    st.booleans(),
)
VALUES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
TOMLS = st.lists(
    st.one_of(
        st.builds("{} = {}".format, NAMES, VALUES.map(json.dumps)),
        st.builds("[{}]".format, NAMES),
        st.builds("[[{}]]".format, NAMES),
        st.sampled_from(["a.b = 1", "c = [\n 1.50, # x\n]", "d = {x = 1}", "e = 2020-01-01", ""]),
        st.sampled_from(
            ["a=[\n'b',\"c\" , \n]  ", "  b =  1_0  # c", "\t# c", "b = 1.0 2", "e = [", "]"]
        ),
    ),
    max_size=6,
).map("\n".join)
JSONS = st.one_of(
    st.dictionaries(NAMES, VALUES, max_size=4).map(json.dumps),
    st.lists(st.tuples(NAMES, VALUES.map(json.dumps)), max_size=4).map(
        lambda pairs: "{" + ",\n".join(f'"{name}": {value}' for name, value in pairs) + "}"
    ),
)


# plain names, most of them, and one piece that may be anything
_PIECES = st.lists(st.sampled_from(["a", "B1", "a-b", "a_b", "c.jpg", "/"]), max_size=6)
_ODD = st.one_of(st.just(""), st.text("ab-_./%:?#@{}|é \\", max_size=4), st.text(max_size=3))
REFERENCES = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(
        ["/"] * 3 + ["https://a.example/"] * 3 + ["https://a-b.c1.example/", "//", ""]
    ),
    _PIECES.map("".join),
    _ODD,
    _PIECES.map("".join),
)


def places(value: Value) -> object:
    """Return a value with the marks of all its tables."""
    if isinstance(value, Table):
        return {key: (places(one), value.marks[key]) for key, one in value.items()}
    if isinstance(value, list):
        return [places(one) for one in value]
    return value, type(value)


@given(front=TOMLS)
@example('[a]\nb = "x"\n[[c]]\nd = [{e = 1}, [{f = 2}]]\n')
@example('a = "\\ufffe"')
def test_toml_is_the_same_whether_its_places_are_asked_for_or_not(front: str) -> None:
    """Tables whose places are found out later are those that have them at once."""
    try:
        later = places(cast("Table", TOML.load(front)))
    except Flaw:
        return
    found = tomllib.loads(front, parse_float=str)
    assert later == places(handlers._table(found, tokens.TomlPlaces(front, 1, 0).marks))


@given(front=TOMLS)
@example("[a]\nb = [\n1,\n2]\nb = 3\n")
@example("a = 1\n[a]\n")
def test_the_key_that_stands_twice_is_the_one_that_a_walk_finds(front: str) -> None:
    """What is said of a key that stands twice in TOML is the same whichever way it is found."""
    try:
        tomllib.loads(front)
    except ValueError as e:
        if not ("overwrite" in str(e) or "twice" in str(e)) or not toml_lines.fits(front):
            return
        short, long = toml_lines.first_twice(front, 1), tokens.TomlPlaces(front, 1, 0).twice
        assert (short and (short.says, short.at)) == (long and (long.says, long.at))


@given(front=JSONS)
@example('{"a": {"b": 1, "b": 2}}')
@example('{"a": [' + "9" * 4001 + "]}")
def test_json_is_the_same_whether_its_places_are_asked_for_or_not(front: str) -> None:
    """Tables whose places are found out later are those that have them."""
    try:
        later = places(JSON.load(front))
    except Flaw:
        return
    at_once = places(tokens.json_table(front, 1, 0))
    assert later == at_once


@settings(max_examples=300)
@given(
    reference=REFERENCES,
    address=st.sampled_from(
        ["https://site.example/a/", "http://localhost:80/", "https://é.example/"]
    ),
)
def test_a_settled_reference_is_the_one_that_is_resolved(reference: str, address: str) -> None:
    """What is taken at a look is what resolving makes of it, and what the sanitiser accepts."""
    url = urls.settled(reference, urls.origin(address))
    if url:
        assert url == urls.resolve(address, reference)
        assert accepts(url)
        assert not urls.templated(reference)
        assert urls.unmarked(reference) == ("", reference)


def test_much_of_what_is_compared_is_settled() -> None:
    """The property above says nothing about references that are not taken at a look."""
    taken = []

    @settings(max_examples=200, derandomize=True, database=None, deadline=None)
    @given(reference=REFERENCES)
    def look(reference: str) -> None:
        taken.append((bool(urls.settled(reference, "https://site.example")), reference[:1] == "/"))

    look()
    assert taken.count((True, True)) > len(taken) / 20
    assert taken.count((True, False)) > len(taken) / 20


@settings(max_examples=300)
@given(
    pieces=st.lists(
        st.sampled_from(
            [
                *("Date: 2020-12-01", "Source: CNA", "\n", "\r\n", "\r", "<br/>", "<br>", " "),
                *("x" * 150, "![a](b.png)", "Date 2020", "\n" * 200, " " * 380, "Source: y"),
            ]
        ),
        max_size=20,
    )
)
def test_a_trailer_is_the_same_in_a_near_look_and_in_a_far_one(pieces: list[str]) -> None:
    """What the last lines settle does not depend on those above them."""
    body, labels = "".join(pieces), ("Date", "Source")
    begin = max(0, len(body) - 400)
    near, at = trailer._cut(body, begin, labels)  # the short way
    if at > begin:
        assert near == trailer._cut(body, max(0, len(body) - 2_000), labels)[0]
