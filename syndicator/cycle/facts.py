"""How things stand, read from what the last pass left: for ``status`` and for the page alike."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from syndicator import __version__
from syndicator.config import file as configuration
from syndicator.cycle import layout
from syndicator.cycle.behind import lacking
from syndicator.cycle.report import standing
from syndicator.cycle.unworded import unworded
from syndicator.doors import affairs, index, receivers, subscriptions
from syndicator.doors.layout import Layout
from syndicator.errors import StoreError
from syndicator.model.report import Report


def facts(file: Path, now: datetime) -> Report:
    """Tell how things stand with the site of a configuration. Reads only, and nothing heavy.

    Raises StoreError where no pass was made yet, ConfigError where the file can't be used.
    """
    place = layout(file)
    known = affairs.standing(place.state)
    if known is None:
        raise unknown(place)
    behind = lacking(place, bucket_of(file))
    held = subscriptions.standing(place.subscriptions, now.timestamp())
    return standing(
        known,
        [*unworded(file, known), *([behind] if behind else [])],
        subscribers=held.subscribers,
        subscribers_failing=held.failing,
        receivers=tuple(receivers.standing(place.state, configured(file))),
        checked_at=receivers.checked(place.state),
        free=shutil.disk_usage(place.root).free,
        version=__version__,
    )


def unknown(place: Layout) -> StoreError:
    """Say why nothing can be told."""
    found = index.revision(place.state)
    if found:
        says = f"{place.state} was written by another version of syndicator (schema {found})"
        return StoreError(says, hint="syndicate run; if that refuses it: archive reindex")
    return StoreError(f"no pass was made yet: {place.state} is missing", hint="syndicate run")


def bucket_of(file: Path) -> str:
    """Tell the bucket that is configured, "" for none."""
    table: Any = configuration.read(file)[1].get("archive", {})
    return str(table.get("bucket", "")) if isinstance(table, dict) else ""


def configured(file: Path) -> set[str]:
    """Tell the names of the publishers that are configured; by its type one that has none."""
    tables: Any = configuration.read(file)[1].get("publish", [])
    named = [one for one in tables if isinstance(one, dict)] if isinstance(tables, list) else []
    return {str(one.get("name", one.get("type"))) for one in named}
