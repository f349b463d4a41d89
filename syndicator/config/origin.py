"""Every setting in force, its value and where it comes from, with nothing secret in it."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from syndicator.config import file, locate
from syndicator.config.findings import spell
from syndicator.config.locate import Key
from syndicator.config.tables import ServeTable, Settings

DEFAULT = "default"
STARTED = "as it was started"  # by --listen, or before the file was changed
_HIDDEN = "…"
_KEYS = {("schedule", "heartbeat")}  # addresses that open something to whoever knows them


class Line(NamedTuple):
    """A setting in force: its key as the file would write it, its value, where it is from."""

    key: str
    value: object
    origin: str  # FILE:LINE, DEFAULT or STARTED


def in_force(settings: Settings, began: ServeTable | None = None) -> list[Line]:
    """Return every setting in the order of the file's tables, without a secret in it.

    ``began`` is the table that a server at work was started with: it takes no other.
    """
    data, raw = file.read(settings.file)
    places = locate.positions(data.decode("utf-8-sig"))
    values = settings.model_dump(mode="json", exclude={"file", "digest"})
    other = set[str]()
    if began is not None:
        now, values["serve"] = values["serve"], began.model_dump(mode="json")
        other = {key for key, value in values["serve"].items() if value != now[key]}
    lines = []
    for key, value in _leaves(values, ()):
        line = locate.nearest(places, key)[0] if _written(raw, key) else 0
        origin = f"{settings.file}:{line}" if line else DEFAULT
        if key[0] == "serve" and key[1] in other:
            origin = STARTED
        lines.append(Line(spell(key), _shown(key, value), origin))
    return lines


def _leaves(value: object, key: Key) -> list[tuple[Key, object]]:
    """Return the settings in nested tables; a list of plain values is one setting."""
    if isinstance(value, dict) and (value or not key):
        parts = value.items()
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        parts = dict(enumerate(value)).items()
    else:
        return [(key, value)]
    return [leaf for part, inner in parts for leaf in _leaves(inner, (*key, part))]


def _written(raw: Any, key: Key) -> bool:  # noqa: ANN401  # whatever TOML holds
    """Tell whether the file itself says something under this key."""
    try:
        for part in key:
            raw = raw[part]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _shown(key: Key, value: object) -> object:
    """Hide what in an address may be a secret: user, password, a webhook's path; and headers."""
    if not isinstance(value, str) or not value:
        return value
    if key in _KEYS or (key[0] == "publish" and key[-1] == "url"):
        parts = urlsplit(value)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{_HIDDEN}"
    if key[0] == "publish" and "headers" in key:
        return _HIDDEN  # a template may hold a token as it is
    if key == ("network", "proxy") and "@" in value:
        parts = urlsplit(value)
        return f"{parts.scheme}://{_HIDDEN}@{parts.netloc.rpartition('@')[2]}"
    return value
