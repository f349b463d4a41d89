from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from syndicator.publish.text import clean, language, line, lines, rfc822, rfc3339, utc


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a\x00\x08\x0b\x0c\x0e\x1fb", "ab"),
        ("a\x7f\x85\x9fb", "ab"),
        ("a\ud800\udfffb", "ab"),
        ("a\ufffd\ufffe\uffffb", "ab"),
        ("a\r\nb\rc\n\td", "a\nb\nc\n\td"),
        ("亞洲 “é” \U0001f4a9\xa0\u3000", "亞洲 “é” \U0001f4a9\xa0\u3000"),
    ],
)
def test_clean_leaves_out_what_xml_cannot_hold_and_nothing_else(given: str, kept: str) -> None:
    """A clean text has no character that XML 1.0 or UTF-8 forbids, or a validator warns of."""
    assert clean(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" a \r\n\t b\x85c\u2028d ", "a b c d"),
        ("a \x00 b", "a b"),
        ("\u202egnp.exe\u202c \u2066x\u2069", "gnp.exe x"),
        ("標題\u3000副標題\xa0!", "標題\u3000副標題\xa0!"),
        ("\x00\ud800 ", ""),
    ],
)
def test_a_line_is_one_line_and_turns_no_text_round(given: str, kept: str) -> None:
    """White space is folded, wide and unbreakable blanks stay, direction controls go."""
    assert line(given) == kept


def test_lines_keep_their_order_each_once_and_none_empty() -> None:
    """Tags that read the same are one tag."""
    assert lines(("b", "a\x00", " a ", "", "\x01")) == ("b", "a")


@pytest.mark.parametrize(
    ("given", "tag"),
    [("en", "en"), ("zh_TW", "zh-TW"), (" de\x00 ", "de"), ("no language", ""), ("", "")],
)
def test_a_language_that_is_none_is_left_out(given: str, tag: str) -> None:
    """xml:lang is a language tag or absent: anything else makes the feed invalid."""
    assert language(given) == tag


def test_a_date_keeps_its_offset() -> None:
    """A post of noon in Taipei is shown as noon in Taipei."""
    noon = datetime(2020, 12, 1, 12, tzinfo=ZoneInfo("Asia/Taipei"))
    assert rfc3339(noon) == "2020-12-01T12:00:00+08:00"
    assert rfc822(noon) == "Tue, 01 Dec 2020 12:00:00 +0800"
    assert utc(noon) == "2020-12-01T04:00:00Z"


def test_utc_is_written_as_readers_know_it() -> None:
    """UTC is Z in RFC 3339 and +0000 in RFC 822; fractions of a second are left out."""
    moment = datetime(2020, 12, 3, 9, 30, 5, 999999, tzinfo=UTC)
    assert rfc3339(moment) == "2020-12-03T09:30:05Z"
    assert rfc822(moment) == "Thu, 03 Dec 2020 09:30:05 +0000"


def test_an_offset_with_seconds_is_written_in_minutes_at_the_same_moment() -> None:
    """Local times of before 1937 have offsets that neither RFC can write."""
    old = datetime(1910, 1, 1, 12, tzinfo=timezone(timedelta(minutes=19, seconds=32)))
    assert rfc3339(old) == "1910-01-01T11:59:28+00:19"
    assert datetime.fromisoformat(rfc3339(old)) == old
    assert rfc822(old) == "Sat, 01 Jan 1910 11:59:28 +0019"


def test_years_have_four_digits() -> None:
    """The first century is written with four digits too, as both RFCs ask."""
    early = datetime(7, 1, 1, 12, tzinfo=UTC)
    assert rfc3339(early) == "0007-01-01T12:00:00Z"
    assert rfc822(early) == "Mon, 01 Jan 0007 12:00:00 +0000"
