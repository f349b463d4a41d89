"""What every publisher is handed: the entries, what changed, and which feeds there are."""

from collections.abc import Callable, Iterable
from functools import partial

from syndicator.config.tables import Settings
from syndicator.doors.store import Session, lists
from syndicator.model.feeds import Change, Edition, History
from syndicator.model.posts import Site


def edition(
    session: Session,
    settings: Settings,
    site: Site,
    changes: Callable[[str], Iterable[Change]],
    history: History,
) -> Edition:
    """Return what readers get now; entries are read from the session when they are asked for."""
    values = partial(lists.values, session)
    made = settings.publish
    return Edition(
        site=site,
        entries=partial(lists.entries, session),
        changes=changes,
        values=values,
        history=history,
        feeds=tuple(one for each in made for one in each.announce(site, values)),
        companions=tuple(one for each in made for one in each.companions(site)),
    )
