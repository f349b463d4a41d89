"""What an examination of the whole installation found."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: how it is, and what to do where it is not well."""

    about: str  # what was looked at, in a word or two
    state: Literal["good", "warning", "error"]
    says: str
    remedy: str = ""  # one line; "" where nothing is to be done


def good(about: str, says: str) -> Finding:
    """Return a finding that asks for nothing."""
    return Finding(about=about, state="good", says=says)


def warning(about: str, says: str, remedy: str) -> Finding:
    """Return a finding that may be meant, and may not."""
    return Finding(about=about, state="warning", says=says, remedy=remedy)


def error(about: str, says: str, remedy: str) -> Finding:
    """Return a finding that keeps something from working."""
    return Finding(about=about, state="error", says=says, remedy=remedy)
