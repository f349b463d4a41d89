"""The first step: bytes to text, and the characters no feed can carry."""

import re
from dataclasses import dataclass
from typing import Final

from syndicator.model.posts import Edit
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
_CHUNK: Final = 1 << 14  # bytes; they and what is made of them stay in the nearest cache
_BEYOND: Final = 2 * 1024 * 1024  # bytes a text may have more than characters
_FAR: Final = 1 << 20  # bytes in which a file that is refused anyway is looked at for worse
_LINE: Final = 1 << 12
_LONGEST: Final = 1 << 16  # bytes of a line in which columns are counted
_ENCODINGS: Final = ("Big5", "GB18030", "Shift_JIS", "EUC-KR", "Windows-1252")


@dataclass(slots=True)
class _Counted:
    """Line feeds that were counted on the way: to do so again takes longer than all the rest."""

    begin: int = 0  # the offset up to which they were
    breaks: int = 0


def decode(data: bytes, findings: Findings) -> str | None:
    """Return the text of a file that is ``sound``, else None and a problem."""
    return text_of(data, findings) if sound(data, findings) else None


def sound(data: bytes, findings: Findings) -> bool:
    """Whether a file is text; else a problem: FM006, FM007 (no UTF-8), FM008 (too much).

    Byte order marks are counted, with a warning.
    """
    if len(data) > FILE_LIMIT:
        findings.error(
            "FM008", f"the file has {len(data):,} bytes; the limit is 32 MiB", "split the post"
        )
        return False
    findings.data, findings.mark = data, _marks(data)
    counted = _Counted()
    try:
        at = _unfit(data, findings.mark, counted)
        if at < 0:
            bounds.endless(data)
    except UnicodeDecodeError as e:
        _no_utf8(data, e.start, counted, findings)
        return False
    except Flaw as flaw:
        findings.flaw(flaw)
        return False
    if findings.mark:
        findings.add(
            "warning",
            "FM010",
            "the file starts with a byte order mark",
            "save it as UTF-8 without BOM",
            (1, 1),
            edits=(Edit(start=0, end=findings.mark, text=""),),
        )
    if at >= 0:
        _no_text(data, at, counted, findings)
    return at < 0


def beginning(data: bytes, size: int) -> bytes:
    """Return about as many bytes from the beginning of a file; they end with a character."""
    return data[: _end(data, 0, size)]


def text_of(data: bytes, findings: Findings) -> str:
    """Return the text of a sound file, without its byte order mark."""
    findings.text = str(data[findings.mark :] if findings.mark else data, "utf-8")
    return findings.text


def _marks(data: bytes) -> int:
    """Return how many bytes of byte order marks a file starts with; some tools add one each."""
    size = 0
    while data.startswith(_MARK, size):
        size += len(_MARK)
    return size


def _unfit(data: bytes, begin: int, counted: _Counted) -> int:
    """Return the offset of the first byte of a character that no feed can carry, or -1.

    ``counted`` is told of the line feeds before it.
    Raises UnicodeDecodeError, with its place in ``data``, where that is no UTF-8 (of what is
    refused anyway, not all is looked at), and ``Flaw`` FM008 for too many marks of Markdown, or
    for too much that is not ASCII: to decode that takes more than all the rest.
    """
    found, start, stop, left, beyond = -1, begin, len(data), bounds.MARKS, _BEYOND
    while start < stop:
        end = _end(data, start, _CHUNK)
        chunk = data[start:end]
        # a translation that only deletes is ten times as fast as a search by pattern
        told = chunk.translate(None, _SILENT)
        text = "" if chunk.isascii() else _text(data, chunk, start)
        beyond -= len(chunk) - len(text) if text else 0
        other = _noncharacter(chunk, text)
        if controls := told.translate(None, bounds.MARKUP):
            at = chunk.index(controls[0])
            other = min(at, other) if other >= 0 else at
        if found < 0 <= other:
            found, stop = start + other, min(stop, begin + _FAR)
        elif found < 0:
            left -= bounds.marks(told)
            counted.begin, counted.breaks = end, counted.breaks + told.count(b"\n")
        if left < 0:
            raise bounds.too_many_marks()
        if beyond < 0:
            raise _too_wide()
        start = end
    return found


def _text(data: bytes, chunk: bytes, start: int) -> str:
    """Return what a chunk says; raises UnicodeDecodeError with its place in ``data``."""
    try:
        return str(chunk, "utf-8")
    except UnicodeDecodeError as e:
        e.object, e.start = data, e.start + start
        raise


def _too_wide() -> Flaw:
    return Flaw(
        "FM008",
        f"the text has over {_BEYOND:,} bytes more than characters: too much that is not ASCII",
        "split the post",
    )


def _noncharacter(chunk: bytes, text: str) -> int:
    """Return the offset of the first character of a chunk that is none, or -1."""
    if "\ufffe" not in text and "\uffff" not in text:
        return -1  # to look for one character takes a fraction of a search for bytes
    return min(at for at in map(chunk.find, _NONCHARACTERS) if at >= 0)


def _end(data: bytes, start: int, size: int) -> int:
    """Return where a piece of the data ends: never within a character."""
    stop = start + size
    if stop >= len(data):
        return len(data)
    for end in range(stop, stop - 4, -1):
        if data[end] & 0xC0 != 0x80:  # noqa: PLR2004  # no continuation (RFC 3629, 3)
            return end
    return stop  # four continuations belong to no character


def _place(data: bytes, at: int, mark: int, counted: _Counted) -> Place:
    """Return line and column of the character that begins at this byte.

    The column is not told in a line so long that nobody counts.
    """
    breaks = counted.breaks + data.count(b"\n", counted.begin, at)
    if data.find(b"\r", 0, at) >= 0:
        breaks += data.count(b"\r", 0, at) - data.count(b"\r\n", 0, at)
    near = max(0, at - _LONGEST - 1)
    begins = max(data.rfind(b"\n", near, at), data.rfind(b"\r", near, at)) + 1
    begins = begins or (mark if near == 0 else near)
    if at - begins > _LONGEST:
        return breaks + 1, 0
    return breaks + 1, len(data[begins:at].decode("utf-8", "replace")) + 1


def _no_utf8(data: bytes, at: int, counted: _Counted, findings: Findings) -> None:
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    findings.error(
        "FM007",
        f"not UTF-8: byte 0x{data[at]:02x} at offset {at}",
        f"save the file as UTF-8{'; it looks like UTF-16' if utf16 else _guess(data, at)}",
        (_place(data, at, findings.mark, counted)[0], 0),
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


def _no_text(data: bytes, at: int, counted: _Counted, findings: Findings) -> None:
    place = _place(data, at, findings.mark, counted)
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
