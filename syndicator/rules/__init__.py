"""Every code that is ever reported, in one frozen table: what it means and what to do.

The rooms that report a code carry their own wording of the case at hand; a test holds the codes
they use against this table, both ways.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from syndicator.rules import (
    addresses,
    body,
    dates,
    feeds,
    front,
    pictures,
    places,
    publishing,
    text,
)
from syndicator.rules.rule import NOT_YET, Rule

__all__ = ["FAMILIES", "NOT_YET", "RULES", "Rule", "fits", "named", "nearest"]

FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "FM": "Front matter",
        "DATE": "Dates",
        "TXT": "Text",
        "URL": "Addresses",
        "IMG": "Pictures",
        "MD": "Markdown",
        "SITE": "The site as a whole",
        "ARC": "The archive",
        "SRC": "Files",
        "PUB": "Publishing",
        "CFG": "The configuration",
        "FEED": "Feeds",
    }
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        rule.code: rule
        for room in (front, dates, text, addresses, pictures, body, places, publishing, feeds)
        for rule in room.RULES
    }
)


def fits(code: str, selector: str) -> bool:
    """Tell whether a selector means this code: a code, or the beginning of one.

    ``IMG`` is every rule about pictures, ``IMG01`` those from IMG010 to IMG019; ``FM`` is not the
    beginning of another family, ``ALL`` is every code.
    """
    if selector == "ALL":
        return True
    letters = selector.rstrip("0123456789")
    return code.startswith(selector) and code.rstrip("0123456789") == letters


def named(selector: str) -> list[Rule]:
    """Return the rules that a selector means, in the order of the table."""
    return [rule for code, rule in RULES.items() if fits(code, selector)]


def nearest(word: str) -> str:
    """Return the code, name or family a person who wrote ``word`` probably meant, or nothing."""
    by_name = {rule.name: rule.code for rule in RULES.values()}
    known = [*RULES, *FAMILIES, *by_name]
    found = get_close_matches(word.upper(), known, n=1, cutoff=0.6)
    found = found or get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return by_name.get(found[0], found[0]) if found else ""
