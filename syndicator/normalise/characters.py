"""The first step: bytes to text, and the characters no feed can carry."""

import re
from typing import Final

from syndicator.normalise.findings import Findings

FILE_LIMIT: Final = 32 * 1024 * 1024
LINE_END: Final = re.compile(r"\r\n|\n|\r")
# what XML 1.0 (2.2) leaves out
UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def decode(data: bytes, findings: Findings) -> str | None:
    """Return the text of a file, or None and a problem: FM006, FM007 (no UTF-8), FM008 (too long).

    A byte order mark is taken off, with a warning.
    """
    if len(data) > FILE_LIMIT:
        findings.error(
            "FM008", f"the file has {len(data):,} bytes; the limit is 32 MiB", "split the post"
        )
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        findings.error(
            "FM007",
            f"not UTF-8: byte 0x{data[e.start]:02x} at offset {e.start}",
            f"save the file as UTF-8{'; it looks like UTF-16' if utf16 else ''}",
            (line_of(data[: e.start].decode("utf-8")), 0),
        )
        return None
    if text.startswith("\ufeff"):
        findings.warn(
            "FM010",
            "the file starts with a byte order mark",
            "save it as UTF-8 without BOM",
            (1, 1),
        )
        text = text[1:]
    bad = UNFIT.search(text)
    if bad is None:
        return text
    before = text[: bad.start()]
    place = (line_of(before), len(LINE_END.split(before)[-1]) + 1)
    if bad.group() == "\0":
        offset = data.index(b"\0")
        findings.error(
            "FM007",
            f"a NUL byte at offset {offset}: this is no text",
            "restore the file, or save it as UTF-8",
            place,
        )
    else:
        findings.error(
            "FM006",
            f"the control character U+{ord(bad.group()):04X} can't be published",
            "delete it; most editors can show invisible characters",
            place,
        )
    return None


def line_of(before: str) -> int:
    """Return the number of the line that follows this text, from 1."""
    return (before.count("\n") if "\r" not in before else len(LINE_END.findall(before))) + 1
