"""Texts and times in the one form that every reader takes."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from functools import lru_cache

# What XML 1.0 can't hold (section 2.2) or warns of (C1 controls, U+FFFD): one of them in one
# post would make a whole feed unreadable, or draw a warning from every validator.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
_LINE_END = re.compile(r"\r\n?")
_BLANKS = re.compile(r"[\t-\r\x1c- \x85\u2028\u2029]+")
# Embeddings, overrides and isolates: unbalanced in a title, they turn round the reader's own page.
_DIRECTIONS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")  # RFC 4287, 2: atomLanguageTag
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_NEAR = 24  # characters: a word that is longer is cut
_JOINER = "\u200d"  # between the parts of one emoji
_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))  # of the skin of the emoji before
_MINUTE = timedelta(minutes=1)


def clean(text: str) -> str:
    r"""Return a text without what XML or UTF-8 can't hold; every line ends in ``\n``."""
    if _is_plain(text.replace("\n", "")):  # as nearly all are: ten times faster than to look
        return text
    return _FORBIDDEN.sub("", _LINE_END.sub("\n", text))


def _is_plain(text: str) -> bool:
    return text.isprintable() and "\ufffd" not in text


def line(text: str) -> str:
    """Return a clean text as one line: white space folded, no control over writing direction."""
    if _is_plain(text) and "  " not in text and text == text.strip(" "):
        return text
    folded = _DIRECTIONS.sub("", clean(_BLANKS.sub(" ", text)))
    return _BLANKS.sub(" ", folded).strip(" ")


def lines(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the texts as lines, in their order, each once and none empty."""
    return tuple(dict.fromkeys(filter(None, map(line, texts))))


def fit(text: str, room: int, cost: Callable[[str], int] = len) -> str:
    """Return a text that costs at most ``room``, cut where it has to be and with an ellipsis then.

    It is cut at a blank, where one is near, and never before a mark that belongs to the letter in
    front of it. ``cost`` must not fall when a text grows.
    """
    if cost(text) <= room:
        return text
    n = bisect_right(range(len(text)), room, key=lambda n: cost(text[:n] + ELLIPSIS)) - 1
    if n < 0:
        return ""
    blank = text.rfind(" ", 0, n + 1)
    if blank > n - _NEAR:
        n = blank
    while n > 0 and (_joins(text[n]) or text[n - 1] == _JOINER):
        n -= 1
    return text[:n].rstrip() + ELLIPSIS


def _joins(letter: str) -> bool:
    """Say whether a character belongs to the one in front of it."""
    return (
        letter in _TONES or letter == _JOINER or unicodedata.category(letter) in {"Mn", "Me", "Mc"}
    )


def cut(text: str, longest: int) -> str:
    """Return a text of at most ``longest`` characters; one that was longer ends in an ellipsis."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


@lru_cache(maxsize=256)
def language(text: str) -> str:
    """Return a language tag that a feed can carry, or nothing where the text is none."""
    tag = line(text).replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""


def rfc3339(moment: datetime) -> str:
    """Return a moment with its offset as Atom and JSON Feed write it, to the second."""
    written = _whole(moment).isoformat(timespec="seconds")
    return written.removesuffix("+00:00") + "Z" if written.endswith("+00:00") else written


def rfc822(moment: datetime) -> str:
    """Return a moment with its offset as RSS writes it: English in every locale."""
    return format_datetime(_whole(moment))


def utc(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC, to the second, ending in Z."""
    return rfc3339(moment.astimezone(UTC))


def _whole(moment: datetime) -> datetime:
    """Give a moment an offset of whole minutes: old local times have seconds, no format does."""
    offset = moment.utcoffset() or timedelta()
    rest = offset % _MINUTE
    if not rest and not moment.microsecond:
        return moment
    shown = moment.replace(tzinfo=None, microsecond=0) - rest
    return shown.replace(tzinfo=timezone(offset - rest))
