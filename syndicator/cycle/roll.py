"""How it stands with single posts: a page of those in one state, for the operator's page."""

from pathlib import Path
from typing import Final

from syndicator.cycle import layout
from syndicator.cycle.facts import configured, unknown
from syndicator.doors import affairs, posts
from syndicator.model.roll import Roll

STATES: Final = ("published", "held", "scheduled", "draft", "expired", "skipped")


def roll(file: Path, state: str, page: int, length: int) -> Roll | None:
    """Tell of ``length`` files in a state, on a page from 1 on; None where there is no such page.

    The first page is there even if nothing is on it. Raises StoreError where no pass was made
    yet, ConfigError where the configuration can't be used.
    """
    place = layout(file)
    counts = affairs.counts(place.state)
    if counts is None:
        raise unknown(place)
    pages = max(1, -(-counts.get(state, 0) // length))
    if state not in STATES or page > pages:
        return None
    endpoints = configured(file)
    rows = posts.standing(place.state, state, (page - 1) * length, length, endpoints)
    return Roll(state=state, rows=tuple(rows), page=page, pages=pages, counts=counts)
