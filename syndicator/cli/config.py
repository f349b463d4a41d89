"""``syndicate config show|schema``: what is in force and why, and what may be written."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syndicator.config.origin import Line


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
    from syndicator.config.origin import in_force  # noqa: PLC0415  # heavy
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


def _table(lines: "list[Line]") -> str:
    from syndicator.config.write import toml  # noqa: PLC0415  # for this verb alone

    settings = [f"{line.key} = {toml(line.value)}" for line in lines]
    width = min(60, max(map(len, settings), default=0))
    return "\n".join(
        f"{setting:<{width}}  # {line.origin}"
        for setting, line in zip(settings, lines, strict=True)
    )
