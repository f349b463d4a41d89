"""Where a key stands in a TOML text."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.config import locate
from syndicator.config.write import toml

TEXT = '''a.b = 1
# c [x]
[site]
title = """ x
[no]
k = 2
\\\\""" # "
url = 'c' # [y]
"q.r" . 'z' = [ "]", [1,
 2], # ] "
 { x = "}" }
]
[[publish]]
type = "rss"
  [[publish]]
  type="x"\r
  [publish.sub]
  e=1
  [[publish.l]]
  [[publish.l]]
  g={ h = 1 }'''


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (("a", "b"), (1, 1)),
        (("site",), (3, 1)),
        (("site", "title"), (4, 1)),
        (("site", "url"), (8, 1)),
        (("site", "q.r", "z"), (9, 1)),
        (("site", "q.r", "z", 1), (9, 1)),
        (("publish", 0), (13, 1)),
        (("publish", 0, "type"), (14, 1)),
        (("publish", 1, "type"), (16, 3)),
        (("publish", 1, "sub", "e"), (18, 3)),
        (("publish", 1, "l", 1), (20, 3)),
        (("publish", 1, "l", 1, "g", "h"), (21, 3)),
        (("publish", 1, "missing"), (15, 3)),
        (("nowhere",), (0, 0)),
    ],
)
def test_a_key_has_its_line_and_column(key: locate.Key, place: locate.Place) -> None:
    """Every way to write a key is found; what is inside a value has the place of its key."""
    tomllib.loads(TEXT)
    assert locate.nearest(locate.positions(TEXT), key) == place


def test_what_looks_like_a_key_in_a_text_is_none() -> None:
    """Lines of a long text are neither tables nor keys."""
    assert ("no",) not in locate.positions(TEXT)
    assert ("site", "k") not in locate.positions(TEXT)


@given(st.dictionaries(st.text(), st.dictionaries(st.text(), st.text() | st.integers())))
def test_every_key_of_any_text_is_found(tables: dict[str, dict[str, str | int]]) -> None:
    """Whatever keys and texts hold, each key is found on the line it was written on."""
    lines: list[str] = []
    expected: dict[locate.Key, int] = {}
    for table, keys in tables.items():
        lines.append(f"[{toml(table)}]")
        expected[table,] = len(lines)
        for key, value in keys.items():
            lines.append(f"{toml(key)} = {toml(value)}")
            expected[table, key] = len(lines)
    text = "\n".join(lines)
    tomllib.loads(text)
    found = locate.positions(text)
    assert {key: place[0] for key, place in found.items()} == expected
