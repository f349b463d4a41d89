"""What a judge writes down while it reads a feed."""

from dataclasses import dataclass, field

from syndicator.model.posts import Problem, Severity

_MOST = 50  # findings of one code: a feed with one fault has it in every entry
_SHOWN = 100  # characters of what was found that are repeated


@dataclass(slots=True, kw_only=True)
class Verdict:
    """The problems of one feed, called ``path``."""

    path: str
    problems: list[Problem] = field(default_factory=list)

    def find(
        self, code: str, severity: Severity, says: str, *, hint: str = "", line: int = 0
    ) -> None:
        """Note a problem, unless there are enough of its kind."""
        if sum(one.code == code for one in self.problems) < _MOST:
            self.problems.append(
                Problem(
                    path=self.path, code=code, says=says, hint=hint, line=line, severity=severity
                )
            )


def short(text: str) -> str:
    """Return the beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
