"""A line of a source with a caret, on terminals of any width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.cli.excerpt import excerpt


@pytest.mark.parametrize(
    ("line", "column", "shown", "caret"),
    [
        ("title: Rain", 8, "title: Rain", "       ^"),
        ("title: Rain\r\n", 12, "title: Rain", "           ^"),
        ("標題: 雨", 5, "標題: 雨", "      ^"),  # wide characters take two cells
        ("cafe\u0301: x", 6, "cafe\u0301: x", "    ^"),  # an accent of its own takes none
        ("\ttitle", 2, "    title", "    ^"),
        ("a\x1b[31mb", 7, "a\\x1b[31mb", "         ^"),
        ("Ra\u200bin", 3, "Ra\\x200bin", "  ^"),
        ("title", 0, "title", ""),
        ("", 1, "", "^"),
    ],
)
def test_the_caret_stands_under_its_character(
    line: str, column: int, shown: str, caret: str
) -> None:
    """Whatever stands before it: wide, combining, tab or control."""
    assert excerpt(line, column, 60) == (shown, caret)


def test_a_long_line_is_cut_around_the_caret() -> None:
    """What matters is in view, and what is left out is marked on both sides."""
    line = "a" * 500 + "HERE" + "b" * 500
    shown, caret = excerpt(line, 501, 40)
    assert len(shown) <= 40
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert shown[len(caret) - 1 :].startswith("HERE")


@given(line=st.text(max_size=200), column=st.integers(0, 250), width=st.integers(20, 120))
def test_no_line_has_power_over_a_terminal(line: str, column: int, width: int) -> None:
    """Every character shown is printable, and the caret stays where it can be seen."""
    shown, caret = excerpt(line, column, width)
    assert all(char.isprintable() for char in shown)
    assert len(caret) <= width + 1
    assert caret.strip() in {"", "^"}


def test_a_megabyte_on_one_line_is_no_burden() -> None:
    """The cut does not walk the line once for every character before the caret."""
    shown, _ = excerpt("字" * 1_000_000, 999_999, 80)
    assert shown.startswith("…字")
