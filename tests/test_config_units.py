"""Sizes and spans of time as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.config import units


@pytest.mark.parametrize(
    ("text", "count"),
    [("20MiB", 20_971_520), ("1.5 GB", 1_500_000_000), ("7B", 7), ("1.5KiB", 1536), ("0B", 0)],
)
def test_a_size_is_exact(text: str, count: int) -> None:
    """Decimal and binary units mean what they say, to the byte."""
    assert units.size(text) == count


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60), ("15m", 900), ("1.5h", 5400), ("2d", 172_800), ("5ms", 0.005)],
)
def test_a_span_is_exact(text: str, seconds: float) -> None:
    """Every unit of time is its seconds."""
    assert units.seconds(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "20", "MiB", "20 mb", "-1B", "1e3B", "٣B", "1.5B", "9" * 18 + "GiB", "20MiB\n"]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    """No unit, a wrong one, half a byte, another script's digits: none is guessed at."""
    with pytest.raises(ValueError, match=r"."):
        units.size(text)


@pytest.mark.parametrize("text", ["", "60", "1 week", "-1s", "infs", "nan", "1h30m", "3651d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    """Nothing without a unit, nothing endless."""
    with pytest.raises(ValueError, match=r"."):
        units.seconds(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(60, "60s"), (900, "15m"), (5400, "90m"), (1, "1s"), (0.001, "1ms"), (1.5, "1500ms")],
)
def test_a_span_is_spelt_as_people_say_it(seconds: float, text: str) -> None:
    """The shown text is the one a person would have written."""
    assert units.spell_seconds(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (3_565_158, "3.4 MiB"),
        (2**20 - 1, "1.0 MiB"),
        (2**30, "1.0 GiB"),
        (5 * 2**50, "5120.0 TiB"),
    ],
)
def test_an_amount_is_told_in_one_way(count: int, text: str) -> None:
    """Whoever tells it: in units of 1,024, rounded to a tenth of the largest there is one of."""
    assert units.amount(count) == text


@given(st.integers(0, units.LARGEST_SIZE))
def test_every_size_survives_its_spelling(count: int) -> None:
    """What `config show` prints can be put into the file."""
    assert units.size(units.spell_size(count)) == count


@given(st.integers(0, units.LONGEST_SPAN * 1000))
def test_every_span_survives_its_spelling(milliseconds: int) -> None:
    """What `config show` prints can be put into the file."""
    assert units.seconds(units.spell_seconds(milliseconds / 1000)) == milliseconds / 1000
