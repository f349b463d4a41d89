"""What a bad answer asks of us."""

import pytest

from syndicator.doors.http.body import retry_after

NOW = "Sun, 22 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("9" * 5_000, 999_999_999),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90),
        ("Sun, 22 Nov 2026 12:01:30 -0000", 90),
        ("Sunday, 22-Nov-26 12:02:00 GMT", 120),
        ("Sun Nov 22 12:02:00 2026", 120),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("", 0),
        ("-5", 0),
        ("1.5", 0),
        ("\N{ARABIC-INDIC DIGIT THREE}", 0),
        ("\N{SUPERSCRIPT TWO}", 0),
        ("soon", 0),
        ("Sun, 99 Nov 2026 99:99:99 GMT", 0),
        ("Sun, 22 Nov 0000 12:02:00 GMT", 0),
        ("Sun, 22 Nov 99999999999 11:00:00 GMT", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(asked: str, seconds: float) -> None:
    """RFC 9110's forms are read, a date against the answer's own; nonsense asks for nothing."""
    assert retry_after({"retry-after": asked, "date": NOW}) == seconds


def test_a_date_without_the_other_clock_asks_for_nothing() -> None:
    """Our own clock may be wrong by hours; then our own schedule is the better guess."""
    assert retry_after({"retry-after": "Sun, 22 Nov 2026 12:01:30 GMT"}) == 0


def test_without_the_header_nothing_is_asked() -> None:
    """No Retry-After, no wait."""
    assert retry_after({}) == 0
