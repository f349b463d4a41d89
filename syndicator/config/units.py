"""Sizes and spans of time as people write them: "20MiB", "15m"."""

import re
from fractions import Fraction

SIZES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
SPANS = {
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
}
_AMOUNTS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024
LARGEST_SIZE = 2**63 - 1  # what SQLite and most file systems can count
LONGEST_SPAN = 3650 * 86400  # ten years, in seconds

_NUMBER = r"([0-9]{1,19}(?:\.[0-9]{1,9})?)"
SIZE = re.compile(rf"{_NUMBER} ?({'|'.join(SIZES)})")
SPAN = re.compile(rf"{_NUMBER} ?({'|'.join(SPANS)})")


def size(text: str) -> int:
    """Return the bytes that a text such as "20MiB" or "1.5GB" means.

    ValueError for anything else: no unit, an unknown one, a broken number of bytes, too large.
    """
    found = SIZE.fullmatch(text)
    if found is None:
        raise ValueError('expected a size such as "20MiB" (B, kB, MB, GB, KiB, MiB, GiB)')
    count = Fraction(found[1]) * SIZES[found[2]]
    if count.denominator != 1:
        raise ValueError("this is not a whole number of bytes")
    if count > LARGEST_SIZE:
        raise ValueError("this is more than any disk holds")
    return int(count)


def seconds(text: str) -> float:
    """Return the seconds that a text such as "60s", "15m" or "1.5h" means; ValueError else."""
    found = SPAN.fullmatch(text)
    if found is None:
        raise ValueError('expected a span of time such as "60s" or "15m" (ms, s, m, h, d)')
    span = Fraction(found[1]) * SPANS[found[2]]
    if span > LONGEST_SPAN:
        raise ValueError("this is longer than ten years")
    return float(span)


def spell_size(count: int) -> str:
    """Return the shortest text that ``size`` reads back as ``count`` bytes."""
    return min((f"{count // n}{unit}" for unit, n in SIZES.items() if count % n == 0), key=len)


def amount(count: int) -> str:
    """Word a number of bytes for a person: "1 byte", "812 bytes", "3.4 MiB"."""
    value, unit = float(count), 0
    while round(value, 1) >= _STEP and unit < len(_AMOUNTS) - 1:
        value, unit = value / _STEP, unit + 1
    if unit == 0:
        return "1 byte" if count == 1 else f"{count} bytes"
    return f"{value:.1f} {_AMOUNTS[unit]}"


def spell_seconds(span: float) -> str:
    """Return a text that ``seconds`` reads back as ``span``, to the nearest millisecond.

    In the largest unit there are two of, as people say it: 60s and 90m, not 1m and 5400s.
    """
    exact = Fraction(round(span * 1000), 1000)
    for unit, length in reversed(SPANS.items()):
        count = exact / length
        if count.denominator == 1 and (count >= 2 or unit == "s"):  # noqa: PLR2004  # see above
            return f"{count}{unit}"
    return f"{exact / SPANS['ms']}ms"
