"""The first step: bytes to text, and the characters no feed can carry."""

import re
from typing import Final

from syndicator.model import Edit
from syndicator.normalise import bounds
from syndicator.normalise.findings import Findings, Flaw, Place

FILE_LIMIT: Final = 32 * 1024 * 1024
LINE_END: Final = re.compile(r"\r\n|\n|\r")
# what XML 1.0 (2.2) leaves out
UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_MARK: Final = b"\xef\xbb\xbf"
_CONTROLS: Final = {*range(0x20)} - {*b"\t\n\r"}
_SILENT: Final = bytes({*range(0x100)} - _CONTROLS - {*bounds.MARKUP})
_NONCHARACTERS: Final = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_CHUNK: Final = 1 << 16  # bytes; they stay in the cache from one look to the next
_FAR: Final = 1 << 20  # bytes in which a file that is refused anyway is looked at for worse
_LINE: Final = 1 << 12
_ENCODINGS: Final = ("Big5", "GB18030", "Shift_JIS", "EUC-KR", "Windows-1252")


def decode(data: bytes, findings: Findings) -> str | None:
    """Return the text of a file, or None and a problem: FM006, FM007 (no UTF-8), FM008 (too much).

    A byte order mark is taken off, with a warning.
    """
    if len(data) > FILE_LIMIT:
        findings.error(
            "FM008", f"the file has {len(data):,} bytes; the limit is 32 MiB", "split the post"
        )
        return None
    findings.mark = _marks(data)
    lines: list[int] = []
    try:
        at = _unfit(data, findings.mark, lines)
        if at < 0:
            bounds.endless(data)
        # memory for all of a long text takes longer to get than the text to look through
        text = str(data[findings.mark :] if findings.mark else data, "utf-8") if at < 0 else ""
    except UnicodeDecodeError as e:
        _no_utf8(data, e.start, lines, findings)
        return None
    except Flaw as flaw:
        findings.flaw(flaw)
        return None
    findings.text, findings.data = text, data
    if findings.mark:
        findings.add(
            "warning",
            "FM010",
            "the file starts with a byte order mark",
            "save it as UTF-8 without BOM",
            (1, 1),
            edits=(Edit(start=0, end=findings.mark, text=""),),
        )
    if at < 0:
        return text
    _no_text(data, at, lines, findings)
    return None


def _marks(data: bytes) -> int:
    """Return how many bytes of byte order marks a file starts with; some tools add one each."""
    size = 0
    while data.startswith(_MARK, size):
        size += len(_MARK)
    return size


def _unfit(data: bytes, begin: int, lines: list[int]) -> int:
    """Return the offset of the first byte of a character that no feed can carry, or -1.

    ``lines`` gets the number of line feeds in each chunk that was looked at.
    Raises UnicodeDecodeError, with its place in ``data``, where that is no UTF-8 (of what is
    refused anyway, not all is looked at), and ``Flaw`` FM008 for too many marks of Markdown.
    """
    found, start, left = -1, begin, bounds.MARKS
    while start < len(data) and found < 0:
        chunk = data[start : start + _CHUNK]
        # a translation that only deletes is ten times as fast as a search by pattern
        told = chunk.translate(None, _SILENT)
        left -= bounds.marks(told)
        lines.append(told.count(b"\n"))
        if controls := told.translate(None, bounds.MARKUP):
            found = start + chunk.index(controls[0])
        elif left < 0:
            raise bounds.too_many_marks()
        start += _CHUNK
    stop = len(data) if found < 0 else min(len(data), begin + _FAR)
    other = _noncharacter(data, begin, stop)
    return min(found, other) if found >= 0 and other >= 0 else max(found, other)


def _noncharacter(data: bytes, begin: int, stop: int) -> int:
    """Return the offset of the first character up to ``stop`` that is none, or -1.

    Raises UnicodeDecodeError, with its place in ``data``, where that is no UTF-8.
    """
    found, start = -1, begin
    while start < stop:
        end = min(stop, _end(data, start))
        chunk = data[start:end]
        try:
            text = "" if chunk.isascii() else str(chunk, "utf-8")
        except UnicodeDecodeError as e:
            if end == stop < len(data) and e.end == len(chunk):
                break  # cut off within a character
            e.start += start
            raise
        if found < 0 and ("\ufffe" in text or "\uffff" in text):
            found = min(at for at in map(chunk.find, _NONCHARACTERS) if at >= 0) + start
        start = end
    return found


def _end(data: bytes, start: int) -> int:
    """Return where a piece of the data ends: never within a character."""
    stop = start + _CHUNK
    if stop >= len(data):
        return len(data)
    for end in range(stop, stop - 4, -1):
        if data[end] & 0xC0 != 0x80:  # noqa: PLR2004  # no continuation (RFC 3629, 3)
            return end
    return stop  # four continuations belong to no character


def _place(data: bytes, at: int, mark: int, lines: list[int]) -> Place:
    """Return line and column of the character that begins at this byte.

    The column is not told in a line so long that nobody counts. ``lines`` is what ``_unfit``
    counted, up to the first control character: to count them again takes longer than all the rest.
    """
    whole = min((at - mark) // _CHUNK, len(lines))
    breaks = sum(lines[:whole]) + data.count(b"\n", mark + whole * _CHUNK, at)
    if data.find(b"\r", 0, at) >= 0:
        breaks += data.count(b"\r", 0, at) - data.count(b"\r\n", 0, at)
    near = max(0, at - _CHUNK - 1)
    begins = max(data.rfind(b"\n", near, at), data.rfind(b"\r", near, at)) + 1
    begins = begins or (mark if near == 0 else near)
    if at - begins > _CHUNK:
        return breaks + 1, 0
    return breaks + 1, len(data[begins:at].decode("utf-8", "replace")) + 1


def _no_utf8(data: bytes, at: int, lines: list[int], findings: Findings) -> None:
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    findings.error(
        "FM007",
        f"not UTF-8: byte 0x{data[at]:02x} at offset {at}",
        f"save the file as UTF-8{'; it looks like UTF-16' if utf16 else _guess(data, at)}",
        (_place(data, at, findings.mark, lines)[0], 0),
    )


def _guess(data: bytes, at: int) -> str:
    """Return which encoding the line of this byte may be in: the strictest that takes it."""
    begin = data.rfind(b"\n", max(0, at - _LINE), at) + 1 or max(0, at - _LINE)
    end = data.find(b"\n", at, at + _LINE)
    line = data[begin : end if end >= 0 else at + _LINE]
    for name in _ENCODINGS:
        try:
            line.decode(name)
        except UnicodeDecodeError:
            continue
        return f"; it may be {name}"
    return ""


def _no_text(data: bytes, at: int, lines: list[int], findings: Findings) -> None:
    place = _place(data, at, findings.mark, lines)
    if data[at] == 0:
        findings.error(
            "FM007",
            f"a NUL byte at offset {at}: this is no text",
            "restore the file, or save it as UTF-8",
            place,
        )
    else:
        noncharacter = data[at : at + 3] in _NONCHARACTERS
        character = ord(data[at : at + 3].decode()) if noncharacter else data[at]
        findings.error(
            "FM006",
            f"the control character U+{character:04X} can't be published",
            "delete it; most editors can show invisible characters",
            place,
        )
