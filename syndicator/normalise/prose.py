"""Characters that are not what they look like, or can't be seen: told with place and edit."""

import re
from collections.abc import Callable
from typing import Final

from syndicator.model.posts import Edit
from syndicator.normalise import fields
from syndicator.normalise.findings import Findings, shown
from syndicator.normalise.spans import CODE, Spans, around
from syndicator.normalise.values import Table

# how UTF-8 begins what the rules below are about: bytes are looked through in no time
_OTHER_SCRIPTS: Final = tuple(bytes((lead,)) for lead in range(0xCD, 0xD4))
_GARBLED_BYTES: Final = (
    *(bytes((0xC3, second)) for second in (0x82, 0x83, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8)),
    *(b"\xc3\xaf\xc2", b"\xc3\xa9\xc2", b"\xc3\xab\xc2", b"\xc3\xac\xc2", b"\xc3\x90\xc2"),
)
_LOST: Final = b"\xef\xbf\xbd"
_WIDE: Final = re.compile("(?<=[A-Za-z])[ ]?([\uff0c\uff1a])[ ]?(?=[A-Za-z])")
_NARROW: Final = {"\uff0c": ", ", "\uff1a": ": "}
_HIDDEN: Final = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")
_HIDDEN_BYTES: Final = tuple(
    (begin, tuple(chr(code).encode() for code in codes))
    for begin, codes in (
        (b"\xc2\xad", (0xAD,)),
        (b"\xe2\x80", (0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F))),
        (b"\xe2\x81", (0x2060, *range(0x2066, 0x206A))),
        (b"\xef\xbb\xbf", (0xFEFF,)),
    )
)
# where these marks have work to do: Hebrew and Arabic turn, Thai, Lao, Burmese and Khmer break
_AT_WORK: Final = re.compile("[\u0590-\u08ff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LOOKALIKE: Final = "\u0370-\u03ff\u0400-\u04ff"
_WORD: Final = re.compile(f"[A-Za-z]*[{_LOOKALIKE}][A-Za-z{_LOOKALIKE}]*")
_LATIN: Final = re.compile("[A-Za-z]")
# Greek letters that stand beside Latin ones in units and formulas, and look like themselves
_HONEST: Final = re.compile("[αβγδεθλμπστφωΔΣΩµ]")
_GARBLED: Final = re.compile(
    "(?:[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]{1,3})+"
)
_NAMES: Final = {
    "\u00ad": "a soft hyphen",
    "\u200b": "a zero-width space",
    "\u200e": "a left-to-right mark",
    "\u200f": "a right-to-left mark",
    "\u2060": "a word joiner",
    "\ufeff": "a byte order mark",
}
_BLANKS: Final = re.compile(r"[ \t]+(?=[\r\n]|\Z)")
_FOLDED: Final = re.compile(r"[|>][-+0-9]{0,2}[ \t]*$", re.MULTILINE)


def tell(findings: Findings, table: Table, begin: int) -> None:
    """Keep TXT006, TXT007, TXT008 and TXT009 of the whole file; its body begins at ``begin``."""
    if findings.text.isascii():
        return
    data = findings.data[findings.mark :] if findings.mark else findings.data
    spans = Spans(findings.text, table, begin)
    if b"\xef\xbc" in data:
        _wide(findings, spans)
    if any(begin in data and _any(marks, data) for begin, marks in _HIDDEN_BYTES):
        _hidden(findings, spans)
    if any(lead in data for lead in _OTHER_SCRIPTS):
        _mixed(findings)
    if _LOST in data or (b"\xc3" in data and _any(_GARBLED_BYTES, data)):
        _garbled(findings)


def _any(marks: tuple[bytes, ...], data: bytes) -> bool:
    return any(mark in data for mark in marks)


def _wide(findings: Findings, spans: Spans) -> None:
    text, known = findings.text, None
    for match in _WIDE.finditer(text):
        mark, start, edit = match.group(1), match.start(), None
        span = None if start >= spans.begin else around(spans.values, start)
        if around(spans.fixed, match.start(1)):
            pass
        elif start >= spans.begin or (span and text[span[0]] in "\"'"):
            edit = findings.edit(start, match.end(), _NARROW[mark])
        elif span is not None and span != known and span in spans.plain:
            # outside of quotes a colon, or a comma, would mean something to YAML; all of the
            # value's marks are put right at once, or long values would be copied for each
            told = _WIDE.sub(lambda one: _NARROW[one.group(1)], text[slice(*span)])
            edit, known = findings.edit(*span, fields.quoted(told)), span
        findings.add(
            "info",
            "TXT006",
            f"the full-width {mark} stands between Latin letters",
            f"write {_NARROW[mark].strip()} and a blank",
            findings.place(match.start(1), "TXT006"),
            edits=(edit,) if edit else (),
        )


def _mixed(findings: Findings) -> None:
    for match in _WORD.finditer(findings.text):
        word = match.group()
        if findings.full("TXT008"):
            break
        if _LATIN.search(word) and not _HONEST.sub("", word).isascii():
            findings.warn(
                "TXT008",
                f"{shown(word)!r} mixes letters of several scripts that look alike",
                "write it again on one keyboard",
                findings.place(match.start(), "TXT008"),
            )


def _hidden(findings: Findings, spans: Spans) -> None:
    idle = not _AT_WORK.search(findings.text)
    for match in _HIDDEN.finditer(findings.text):
        mark = match.group()[0]
        # without it a key may be another one, and a line a fence, a heading, a list
        within = findings.text[match.start() - 1 : match.start()].isalnum() and (
            match.start() >= spans.begin or around(spans.values, match.start()) is not None
        )
        name = _NAMES.get(mark, "a mark that turns the text around")
        findings.add(
            "warning",
            "TXT007",
            f"{name} (U+{ord(mark):04X}) can't be seen",
            "delete it",
            findings.place(match.start(), "TXT007"),
            edits=(findings.edit(match.start(), match.end(), ""),),
            safe=idle and within and not around(spans.fixed, match.start()),
        )


def _garbled(findings: Findings) -> None:
    """Find UTF-8 that was read as Windows-1252 and saved: undone, it is UTF-8 again."""
    for match in _GARBLED.finditer(findings.text):
        if findings.full("TXT009"):
            return
        try:
            meant = _bytes(match.group()).decode("utf-8")
        except UnicodeError:
            continue
        findings.add(
            "warning",
            "TXT009",
            f"{shown(match.group())!r} is {shown(meant)!r} read in the wrong encoding",
            f"write {shown(meant)}",
            findings.place(match.start(), "TXT009"),
            edits=(findings.edit(match.start(), match.end(), meant),),
            safe=False,
        )
    for match in re.finditer("\ufffd+", findings.text):
        findings.warn(
            "TXT009",
            "U+FFFD stands for characters that were lost when the file was converted",
            "write them again",
            findings.place(match.start(), "TXT009"),
        )


def _bytes(text: str) -> bytes:
    """Return what Windows-1252 makes of a text; its five holes are the control characters."""
    return b"".join(
        bytes((ord(c),)) if 0x80 <= ord(c) <= 0x9F else c.encode("cp1252")  # noqa: PLR2004
        for c in text
    )


def blank_ends(text: str) -> bool:
    """Whether any line ends in a blank or a tab: most texts have none, and this is seen fast."""
    if text[-1:] in (" ", "\t") or " \n" in text:
        return True
    return ("\t" in text and ("\t\n" in text or "\t\r" in text)) or (
        "\r" in text and " \r" in text
    )


def blanks(findings: Findings, begin: int, same: Callable[[str], bool]) -> None:
    """Keep TXT013: blanks at the ends of lines; ``begin`` is where the body begins.

    ``same`` tells whether a body without them renders as the body with them. A line break made
    of two blanks is none of them, nor is anything in code or in folded values.
    """
    text = findings.text
    found = [*_idle(text, 0, begin, _FOLDED), *_idle(text, begin, len(text), CODE)]
    edits: list[Edit] = [findings.edit(start, end, "") for start, end in found]
    if not edits:
        return
    body, at = [], begin
    for start, end in found:
        if start >= begin:
            body.append(text[at:start])
            at = end
    if not same("".join(body) + text[at:]):
        return
    lines = f"{len(found)} lines end" if len(found) > 1 else "this line ends"
    findings.add(
        "info",
        "TXT013",
        f"{lines} in blanks",
        "delete them",
        findings.place(found[0][0]),
        edits=tuple(edits),
    )


def _idle(text: str, begin: int, end: int, unless: re.Pattern[str]) -> list[tuple[int, int]]:
    """Return the runs of blanks at ends of lines that mean nothing."""
    if unless.search(text, begin, end):
        return []
    return [
        match.span()
        for match in _BLANKS.finditer(text, begin, end)
        # after a backslash a blank keeps the line's end from being escaped
        if text[match.start() - 1 : match.start()] != "\\"
        and (unless is _FOLDED or not _breaks(text, *match.span()))
    ]


def _breaks(text: str, start: int, end: int) -> bool:
    """Whether blanks make a line break: two or more, between two lines of one paragraph."""
    if end - start < 2 or start == 0 or text[start - 1] in "\r\n":  # noqa: PLR2004  # CommonMark 6.7
        return False
    after = end + (2 if text.startswith("\r\n", end) else 1)
    return text[after : after + 1] not in ("", "\n", "\r")
