"""Bytes to text, piece by piece: the pieces change nothing."""

import re
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from syndicator.normalise import characters
from syndicator.normalise.characters import UNFIT, decode
from syndicator.normalise.findings import Findings

MARK = b"\xef\xbb\xbf"
PARTS = st.one_of(
    st.text(max_size=6).map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from(["日本", "😀", "é", "\r\n", "\x01", "\x00", "\ufffe", "\uffff"]).map(
        str.encode
    ),
    st.binary(max_size=3),
    st.sampled_from([b"\x80" * 5, b"\xe6\x97", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xff", MARK]),
)


@given(data=st.lists(PARTS, max_size=12).map(b"".join), marks=st.integers(0, 2))
def test_a_long_text_is_judged_as_a_short_one(data: bytes, marks: int) -> None:
    """Wherever pieces are cut: the same text, or the same first fault at the same place."""
    data = MARK * marks + data
    whole, pieces = Findings("a"), Findings("a")
    text = decode(data, whole)
    with patch.object(characters, "_CHUNK", 7):
        assert decode(data, pieces) == text
    assert [one.says for one in pieces.problems] == [one.says for one in whole.problems]
    assert [one.line for one in pieces.problems] == [one.line for one in whole.problems]


@given(data=st.lists(PARTS, max_size=12).map(b"".join))
def test_what_is_taken_is_what_utf_8_says(data: bytes) -> None:
    """A text is taken if it is UTF-8 and XML can carry it, and then as it stands."""
    findings = Findings("a")
    text = decode(data, findings)
    body = re.sub(rb"\A(?:\xef\xbb\xbf)+", b"", data)
    try:
        meant, bad = body.decode(), -1
    except UnicodeDecodeError as e:
        meant, bad = "", e.start + len(data) - len(body)
    if bad >= 0:
        assert text is None
        assert f"offset {bad}" in findings.problems[0].says
    else:
        assert text == (None if UNFIT.search(meant) else meant)


@given(
    data=st.lists(st.one_of(PARTS, st.just(b"a\nb\r\n")), max_size=12).map(b"".join),
    marks=st.integers(0, 2),
)
@example(data=b"a\x00" + b"\n" * 30 + b"\xff", marks=1)
@example(data=b"\n\x01" + b"a\n" * 30 + b"\xff\xff", marks=0)
def test_the_line_is_the_one_an_editor_shows(data: bytes, marks: int) -> None:
    """Of whatever is told first, and however far behind the first control character it stands."""
    data, findings = MARK * marks + data, Findings("a")
    with patch.object(characters, "_CHUNK", 7):
        decode(data, findings)
    for one in findings.problems:
        if offset := re.search("offset ([0-9]+)", one.says):
            before = data[: int(offset[1])]
            assert one.line == len(re.findall(rb"\r\n|\r|\n", before)) + 1


def test_nobody_counts_the_columns_of_an_endless_line() -> None:
    """The line is told, and the column where a person could find it."""
    findings = Findings("a")
    decode(b"a\n" + b"x" * 70_000 + b"\x01", findings)
    decode(b"a\n" + b"x" * 60_000 + b"\x01", findings)
    assert [(one.line, one.column) for one in findings.problems] == [(2, 0), (2, 60_001)]
