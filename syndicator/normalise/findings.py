"""What is found wrong while a post is read: a ``Flaw`` stops a step, ``Findings`` keep all."""

from dataclasses import dataclass, field, replace
from typing import Final

from syndicator.model.posts import Edit, Problem, Severity

Place = tuple[int, int]  # line and column in the file, both from 1; 0 = not known
NOWHERE: Final[Place] = (0, 0)
_HOLDING: Final = ("FM", "DATE", "TXT", "URL")
_END: Final = 1 << 62
_MOST: Final = 100  # problems of one code in one file; nobody reads more


def line_of(text: str, end: int | None = None) -> int:
    """Return the number, from 1, of the line in which a text (or its first ``end``) ends."""
    count = text.count("\n", 0, end)
    if "\r" in text:
        count += text.count("\r", 0, end) - text.count("\r\n", 0, end)
    return count + 1


def place_in(text: str, offset: int, first: int = 1) -> Place:
    """Return line and column of a character of a text whose first line is line ``first``."""
    begins = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return first + line_of(text, offset) - 1, offset - begins + 1


class Flaw(ValueError):  # noqa: N818  # what is wrong with a post, not with the program
    """One step of reading can't be done; never leaves this room."""

    def __init__(self, code: str, says: str, hint: str = "", at: Place = NOWHERE) -> None:
        """Keep what a ``Problem`` will need."""
        super().__init__(says)
        self.code = code
        self.says = says
        self.hint = hint
        self.at = at


@dataclass(slots=True)
class Findings:
    """The problems of one file, in the order in which they were found.

    ``text`` is what the file's ``data`` says, its byte order mark of ``mark`` bytes left out:
    places and edits are told by offsets in it.
    """

    path: str
    problems: list[Problem] = field(default_factory=list)
    text: str = ""
    data: bytes = b""
    mark: int = 0
    _seen: set[tuple[str, str, Place]] = field(default_factory=set)
    _counts: dict[str, int] = field(default_factory=dict)
    _known: tuple[int, int] = (0, 0)  # an offset in characters, and the same in bytes
    _more: dict[tuple[str, bool], list[Edit]] = field(default_factory=dict)
    _held: bool = False

    def add(
        self,
        severity: Severity,
        code: str,
        says: str,
        hint: str = "",
        at: Place = NOWHERE,
        *,
        edits: tuple[Edit, ...] = (),
        safe: bool = True,
    ) -> None:
        """Keep one problem; the same one at the same place once, of one code the first hundred."""
        if severity == "error" and code.startswith(_HOLDING):
            self._held = True
        count = self._counts.get(code, 0)
        if count < _MOST and (code, says, at) in self._seen:
            return
        self._counts[code] = count + 1
        if count >= _MOST:
            self._more.setdefault((code, safe), []).extend(edits)
            return
        self._seen.add((code, says, at))
        problem = Problem(
            path=self.path,
            code=code,
            says=says,
            hint=hint,
            line=at[0],
            column=at[1],
            severity=severity,
            edits=edits,
            safe=safe,
        )
        self.problems.append(problem)

    def take(self, other: "Findings") -> None:
        """Keep what was found in the beginning of the same file.

        That no date was found (DATE004) is not sure there: its end may have one.
        """
        for one in other.problems:
            if one.code == "DATE004":
                continue
            at = (one.line, one.column)
            self.add(
                *(one.severity, one.code, one.says, one.hint, at), edits=one.edits, safe=one.safe
            )

    def told(self) -> tuple[Problem, ...]:
        """Return all problems in the order of their places, those without one last.

        Where a code was cut short, its last one says how many follow, and has their edits.
        """
        if not self.problems:
            return ()
        last = {one.code: at for at, one in enumerate(self.problems)}
        for code, count in self._counts.items():
            if count > _MOST:
                one = self.problems[last[code]]
                says = f"{one.says} (and {count - _MOST:,} more {code} in this file)"
                edits = (*one.edits, *self._more.get((code, one.safe), ()))
                self.problems[last[code]] = replace(one, says=says, edits=edits)
        return tuple(sorted(self.problems, key=lambda one: (one.line or _END, one.column)))

    def error(self, code: str, says: str, hint: str = "", at: Place = NOWHERE) -> None:
        """Keep what must be mended; of FM, DATE, TXT and URL it holds the post back."""
        self.add("error", code, says, hint, at)

    def warn(self, code: str, says: str, hint: str = "", at: Place = NOWHERE) -> None:
        """Keep what the author should look at; the post goes out."""
        self.add("warning", code, says, hint, at)

    def info(self, code: str, says: str, hint: str = "", at: Place = NOWHERE) -> None:
        """Keep what is good to know."""
        self.add("info", code, says, hint, at)

    def flaw(self, flaw: Flaw, at: Place = NOWHERE) -> None:
        """Keep a flaw as an error, at its own place where it knows one."""
        self.error(flaw.code, flaw.says, flaw.hint, flaw.at if flaw.at[0] else at)

    @property
    def hold(self) -> bool:
        """Whether an error forbids publishing."""
        return self._held

    def full(self, code: str) -> bool:
        """Whether more problems of this code would only be counted."""
        return self._counts.get(code, 0) >= _MOST

    def place(self, offset: int, code: str = "") -> Place:
        """Return line and column of a character, while more of this code are told one by one."""
        if self.full(code):
            return NOWHERE  # counting lines a million times is what a hostile text is after
        return place_in(self.text, offset)

    def edit(self, start: int, end: int, text: str) -> Edit:
        """Return the change of the characters from ``start`` to ``end`` into ``text``."""
        return Edit(start=self._bytes(start), end=self._bytes(end), text=text)

    def _bytes(self, offset: int) -> int:
        if self.text.isascii():
            return offset + self.mark
        known, size = self._known if self._known[0] <= offset else (0, 0)
        size += len(self.text[known:offset].encode())
        self._known = (offset, size)
        return size + self.mark


def shown(value: object, limit: int = 60) -> str:
    """Return a value as a message quotes it: on one line, printable, never long."""
    text = str(value)
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut)
