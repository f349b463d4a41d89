"""What a rule is."""

from dataclasses import dataclass
from typing import Final, Literal

from syndicator.model.posts import Severity

FIRST: Final = "0.1"
NOT_YET: Final = ""
PATH: Final = "2020-12-01-a-post.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong, and how to put it right.

    Where one post is enough to show it, ``wrong`` and ``right`` are whole posts, read under
    ``path``; a test reads them. Where it takes more, they tell of it in words.
    """

    code: str
    severity: Severity  # the gravest it is reported with
    name: str
    means: str
    matters: str
    wrong: str
    right: str
    fix: Literal["", "safe", "unsafe"] = ""  # what ``check --fix`` can do about it, at best
    since: str = FIRST  # the version that reports it first; NOT_YET: its code is only reserved
    path: str = PATH
    shown: bool = True  # whether the examples are whole posts

    @property
    def family(self) -> str:
        """The letters of the code."""
        return self.code.rstrip("0123456789")

    @property
    def holds(self) -> bool:
        """Whether an error of this rule holds the post back."""
        return self.severity == "error" and self.family in {"FM", "DATE", "TXT", "URL"}
