"""Plain YAML values that are lost or changed on the way, here or in other tools.

A value is looked at where it is read, because afterwards nobody knows how it was written.
"""

import re
from typing import Final, Literal, NamedTuple

from syndicator.normalise.findings import Place
from syndicator.normalise.values import Value

Kind = Literal["cut", "changed", "glued"]

_CUT: Final = re.compile(r"[ \t]+#[^\s#][^\r\n]*")
_FIRST: Final = frozenset("yYnNoO0123456789+-.")
_WORD: Final = re.compile(r"yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF")
# YAML 1.1: base 60, octal, hexadecimal, binary, digits grouped by _, infinite, not a number
_NUMBER: Final = re.compile(
    r"[-+]?(?:[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|0[0-9_]+|0x[0-9a-fA-F_]+|0b[01_]+"
    r"|[0-9]+_[0-9_]*|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)"
)
_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?")
_GLUED: Final = re.compile(r"[A-Za-z_][\w-]{1,40}:[^\s/:\\][^\r\n]*")
_LONGEST: Final = 64  # no number that anybody writes is longer


class Remark(NamedTuple):
    """A plain value worth a word: what kind, under which key, and where it stands."""

    kind: Kind
    key: str
    text: str  # cut: what was lost; else the value
    value: Value
    place: Place
    start: int  # offsets in characters of the text
    end: int


def of_plain(text: str, front: str, end: int) -> tuple[Kind, str] | None:
    """Return what is to be said of a plain value that ends at ``end`` of the front matter."""
    if end < len(front) and front[end] in " \t" and (cut := _CUT.match(front, end)):
        return "cut", cut.group()
    if not text:
        return None
    if text[0] in _FIRST and len(text) <= _LONGEST and changed(text):
        return "changed", text
    if ":" in text and _GLUED.fullmatch(text):
        return "glued", text
    return None


def changed(text: str) -> bool:
    """Whether YAML 1.1 reads something else in this text than what is written."""
    if _WORD.fullmatch(text) or _NUMBER.fullmatch(text):
        return True
    return _FLOAT.fullmatch(text) is not None and repr(float(text)) != text
