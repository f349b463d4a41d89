"""The lines in which a post names its source: ``Date: 2020-12-01`` and ``Source: Taipei Times``.

They stand at the very end of the text, in either order, alone or both, with or without ``<br/>``
around them. Read upwards; what is not understood ends the trailer. A ``Source:`` line under a
picture within the text is text.
"""

import re
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from syndicator.model.posts import TRAILER
from syndicator.normalise.dates import day_of

# labels whose value can only be a day; under any other one a day is the date, all else the source
_DATES: Final = frozenset(("date", "datum", "fecha", "data", "日期", "日付", "날짜", "дата"))
_WINDOW: Final = 2_000  # characters; a trailer is short, and text may be 32 MiB
_LONGEST: Final = 120
_LAST: Final = 400  # characters; the last line of a trailer lies within them
_NEAR_LABELS: Final = ("date", "source")
_BREAK: Final = re.compile(r"(\r\n|\n|\r|<br ?/?>)", re.IGNORECASE)
_PICTURE: Final = re.compile(
    r"[ ]{0,3}(?:!\[[^\]]*\]\([^)]*\)|!\[\[[^\]]*\]\]|<img\b[^>]*>)[ \t]*"
)
_NEAR: Final = re.compile(r"[ ]{0,3}(?:date|source)[ \t]+\S.{0,60}", re.IGNORECASE)


class Trailer(NamedTuple):
    """What the end of a text says of its source, and the text without it."""

    body: str
    source: str = ""  # Markdown, as written
    day: date | None = None
    doubtful: str = ""  # a last line that looks like a trailer and can't be read as one


@lru_cache(maxsize=8)
def _pattern(labels: tuple[str, ...]) -> re.Pattern[str]:
    named = "|".join(re.escape(label) for label in labels) or "(?!)"
    # up to three blanks: four make a code block
    return re.compile(
        rf"[ ]{{0,3}}({named})[ \t\u3000]*[:\uff1a][ \t\u3000]*(\S.*?)\s*", re.IGNORECASE
    )


@lru_cache(maxsize=8)
def _hints(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(label.lower() for label in (*labels, *_NEAR_LABELS))


def cut(body: str, labels: tuple[str, ...] = TRAILER) -> Trailer:
    """Take the trailer off a text; without one the text comes back as it is.

    A source right under a picture, without a date, is the picture's and stays.
    """
    ending = body[-_WINDOW:].rstrip()[-_LAST:].lower()
    if not any(map(ending.__contains__, _hints(labels))):
        return Trailer(body)  # most texts: there is nothing to look for
    near = len(body) - _LAST
    if near > 0:  # most trailers are read to their end well within the last lines
        found, at = _cut(body, near, labels)
        if at > near:
            return found
    return _cut(body, max(0, len(body) - _WINDOW), labels)[0]


def _cut(body: str, begin: int, labels: tuple[str, ...]) -> tuple[Trailer, int]:
    """Read what stands behind ``begin``; tell too down to where it was looked at."""
    pattern = _pattern(labels)
    source, day, end, doubtful, above = "", None, -1, "", ""
    at = len(body)
    for piece in reversed(_BREAK.split(body[begin:])):
        at -= len(piece)
        if not piece.strip() or _BREAK.fullmatch(piece):
            above += piece
            if end >= 0:
                end = at
            continue
        if at == begin and begin > 0:
            break  # the window may have cut this line in two
        label = pattern.fullmatch(piece)
        if label is None:
            if end >= 0 and day is None and _PICTURE.fullmatch(piece) and _next(above):
                return Trailer(body), at
            doubtful = piece.strip() if end < 0 and _NEAR.fullmatch(piece) else ""
            break
        name, value = label.group(1).lower(), label.group(2)
        read = day_of(value)
        if read is not None and day is None:
            day = read
        elif read is None and name not in _DATES and not source and len(value) <= _LONGEST:
            source = value
        else:
            doubtful = piece.strip() if end < 0 else ""
            break
        end, above = at, ""
    if end < 0:
        return Trailer(body, doubtful=doubtful), at
    return Trailer(body[:end], source, day), at


def _next(between: str) -> bool:
    """Whether what stands between two lines is one line end and nothing else."""
    return between in ("\n", "\r", "\r\n")
