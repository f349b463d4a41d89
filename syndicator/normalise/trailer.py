"""The lines in which a post names its source: ``Date: 2020-12-01`` and ``Source: Taipei Times``.

They stand at the very end of the text, in either order, alone or both, with or without ``<br/>``
around them. Read upwards; what is not understood ends the trailer. A ``Source:`` line under a
picture within the text is text.
"""

import re
from datetime import date
from typing import Final, NamedTuple

from syndicator.normalise.dates import day_of

_DATE_LABELS: Final = ("date", "日期")
_SOURCE_LABELS: Final = ("source", "來源", "来源")
_WINDOW: Final = 2_000  # characters; a trailer is short, and text may be 32 MiB
_LONGEST: Final = 120
_BREAK: Final = re.compile(r"(\r\n|\n|\r|<br ?/?>)", re.IGNORECASE)
# up to three blanks: four make a code block
_LABEL: Final = re.compile(
    r"[ ]{0,3}("
    + "|".join((*_DATE_LABELS, *_SOURCE_LABELS))
    + r")[ \t\u3000]*[:\uff1a][ \t\u3000]*(\S.*?)\s*",
    re.IGNORECASE,
)
_NEAR: Final = re.compile(r"[ ]{0,3}(?:date|source)[ \t]+\S.{0,60}", re.IGNORECASE)


class Trailer(NamedTuple):
    """What the end of a text says of its source, and the text without it."""

    body: str
    source: str = ""  # Markdown, as written
    day: date | None = None
    doubtful: str = ""  # a last line that looks like a trailer and can't be read as one


def cut(body: str) -> Trailer:
    """Take the trailer off a text; without one the text comes back as it is."""
    begin = max(0, len(body) - _WINDOW)
    source, day, end, doubtful = "", None, -1, ""
    pieces = _BREAK.split(body[begin:])
    at = len(body)
    for piece in reversed(pieces):
        at -= len(piece)
        if not piece.strip() or _BREAK.fullmatch(piece):
            if end >= 0:
                end = at
            continue
        if at == begin and begin > 0:
            break  # the window may have cut this line in two
        label = _LABEL.fullmatch(piece)
        if label is None:
            doubtful = piece.strip() if end < 0 and _NEAR.fullmatch(piece) else ""
            break
        name, value = label.group(1).lower(), label.group(2)
        if name in _DATE_LABELS and day is None and (read := day_of(value)):
            day = read
        elif name in _SOURCE_LABELS and not source and len(value) <= _LONGEST:
            source = value
        else:
            doubtful = piece.strip() if end < 0 else ""
            break
        end = at
    if end < 0:
        return Trailer(body, doubtful=doubtful)
    return Trailer(body[:end], source, day)
