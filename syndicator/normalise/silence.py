"""What a post asks ``syndicate check`` not to tell: in front matter, or in a comment.

``syndicate: {ignore: [IMG010, MD]}``, or ``<!-- syndicate-ignore IMG010 MD -->`` anywhere in the
text but in code, in the first 256 KiB of a file. It silences a report and changes nothing else.
"""

import re
from itertools import islice
from typing import Final, NamedTuple

from syndicator.model.posts import Source
from syndicator.normalise import markdown, matter
from syndicator.normalise.characters import beginning, decode
from syndicator.normalise.findings import Findings, Place
from syndicator.normalise.values import Front, Value

_MOST: Final = 100  # comments that are heard: more would be no wish but an attack
_HEARD: Final = 256 * 1024  # bytes from the beginning of a file: they are read once more here
_FRONT: Final = 16 * 1024  # what front matter may have then
_COMMENT: Final = re.compile(r"<!--\s*syndicate-ignore\b([^>]{0,500}?)-->")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_WORDS: Final = re.compile(r"[^\s,]+")


class Wish(NamedTuple):
    """A code, or the beginning of codes, as the post names it, and where."""

    selector: str
    place: Place


def wishes(source: Source) -> tuple[Wish, ...]:
    """Return what a post wishes not to be told; nothing for one that can't be read.

    Nor for one with more than 16 KiB of front matter.
    """
    data = beginning(source.data, _HEARD)
    if b"syndicate" not in data:
        return ()
    findings = Findings(source.path)
    content = decode(data, findings)
    taken = matter.take_apart(content, findings, _FRONT) if content is not None else None
    if content is None or taken is None or findings.hold:
        return ()
    asked = Front(taken.table).inside("syndicate", "ignore")
    named = [Wish(word, one.place) for one in asked for word in _words(one.value)]
    return (*named, *_comments(taken.body, taken.line))


def _words(value: Value) -> list[str]:
    if isinstance(value, list):
        return [word for item in value for word in _words(item)]
    return _WORDS.findall(value) if isinstance(value, str) else []


def _comments(body: str, first: int) -> list[Wish]:
    """Find the comments where they are comments: after rendering, code is escaped."""
    if "syndicate-ignore" not in body:
        return []
    found = []
    for comment in islice(_COMMENT.finditer(markdown.render(body)), _MOST):
        at = body.find(comment.group())
        place = _place(body, at, first) if at >= 0 else (0, 0)
        found += [Wish(word, place) for word in _WORDS.findall(comment.group(1))]
    return found


def _place(body: str, at: int, first: int) -> Place:
    ends = [end.end() for end in _LINE_END.finditer(body, 0, at)]
    return first + len(ends), at - (ends[-1] if ends else 0) + 1
