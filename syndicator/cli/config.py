"""``syndicate config show|schema``: what is in force and why, and what may be written."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from syndicator.config.locate import Key
    from syndicator.config.tables import Settings

_HIDDEN = "…"


class Line(NamedTuple):
    """A setting in force: its key as the file would write it, its value, where it is from."""

    key: str
    value: object
    origin: str  # FILE:LINE, or "default"


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = "Show the configuration in force, or the JSON Schema of the file."
    verbs = parser.add_subparsers(dest="what", metavar="show|schema", required=True)
    show = verbs.add_parser(
        "show",
        help="every setting, its value and where it comes from",
        description="Print every setting in force, with the line it stands on or 'default'. "
        "Secrets are never shown, and of webhook addresses only the host.",
    )
    show.add_argument("--json", action="store_true", help="as a JSON array")
    verbs.add_parser(
        "schema",
        help="the JSON Schema that editors check the file with",
        description="Print the JSON Schema of syndicator.toml, installed publishers included.",
    )


def main(args: argparse.Namespace) -> int:
    """Print what was asked for; ConfigError where the configuration can't be used."""
    import json  # noqa: PLC0415  # for this verb alone

    from syndicator.config.file import find  # noqa: PLC0415  # for this verb alone
    from syndicator.config.load import json_schema, load  # noqa: PLC0415  # heavy
    from syndicator.publish import registered  # noqa: PLC0415  # heavy

    publishers = registered()
    if args.what == "schema":
        print(json.dumps(json_schema(publishers), indent=2, ensure_ascii=False))
        return 0
    lines = in_force(load(find(args.config, os.environ, Path.cwd()), publishers))
    if args.json:
        print(json.dumps([line._asdict() for line in lines], indent=2, ensure_ascii=False))
    else:
        print(_table(lines))
    return 0


def in_force(settings: "Settings") -> list[Line]:
    """Return every setting in the order of the file's tables, without a secret in it."""
    from syndicator.config import file, locate  # noqa: PLC0415  # for this verb alone
    from syndicator.config.findings import spell  # noqa: PLC0415  # heavy

    data, raw = file.read(settings.file)
    places = locate.positions(data.decode("utf-8-sig"))
    values = settings.model_dump(mode="json", exclude={"file", "digest"})
    lines = []
    for key, value in _leaves(values, ()):
        line = locate.nearest(places, key)[0] if _written(raw, key) else 0
        origin = f"{settings.file}:{line}" if line else "default"
        lines.append(Line(spell(key), _shown(key, value), origin))
    return lines


def _leaves(value: object, key: "Key") -> "list[tuple[Key, object]]":
    """Return the settings in nested tables; a list of plain values is one setting."""
    if isinstance(value, dict) and (value or not key):
        parts = value.items()
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        parts = dict(enumerate(value)).items()
    else:
        return [(key, value)]
    return [leaf for part, inner in parts for leaf in _leaves(inner, (*key, part))]


def _written(raw: Any, key: "Key") -> bool:  # noqa: ANN401  # whatever TOML holds
    """Tell whether the file itself says something under this key."""
    try:
        for part in key:
            raw = raw[part]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _shown(key: "Key", value: object) -> object:
    """Hide what in an address may be a secret: user, password, and a webhook's path."""
    if not isinstance(value, str) or not value:
        return value
    if key[0] == "publish" and key[-1] == "url":
        parts = urlsplit(value)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{_HIDDEN}"
    if key == ("network", "proxy") and "@" in value:
        parts = urlsplit(value)
        return f"{parts.scheme}://{_HIDDEN}@{parts.netloc.rpartition('@')[2]}"
    return value


def _table(lines: list[Line]) -> str:
    from syndicator.config.write import toml  # noqa: PLC0415  # for this verb alone

    settings = [f"{line.key} = {toml(line.value)}" for line in lines]
    width = min(60, max(map(len, settings), default=0))
    return "\n".join(
        f"{setting:<{width}}  # {line.origin}"
        for setting, line in zip(settings, lines, strict=True)
    )
