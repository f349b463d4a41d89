"""What is found wrong while a post is read: a ``Flaw`` stops a step, ``Findings`` keep all."""

from dataclasses import dataclass, field
from typing import Final

from syndicator.model import Problem, Severity

Place = tuple[int, int]  # line and column in the file, both from 1; 0 = not known
NOWHERE: Final[Place] = (0, 0)
_HOLDING: Final = ("FM", "DATE", "TXT", "URL")


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
    """The problems of one file, in the order in which they were found."""

    path: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, severity: Severity, code: str, says: str, hint: str, at: Place) -> None:
        """Keep one problem; the same one at the same place is kept once."""
        problem = Problem(
            path=self.path,
            code=code,
            says=says,
            hint=hint,
            line=at[0],
            column=at[1],
            severity=severity,
        )
        if problem not in self.problems:
            self.problems.append(problem)

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
        return any(p.severity == "error" and p.code.startswith(_HOLDING) for p in self.problems)


def shown(value: object, limit: int = 60) -> str:
    """Return a value as a message quotes it: on one line, printable, never long."""
    text = str(value)
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut)
