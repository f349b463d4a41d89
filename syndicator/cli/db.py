"""``syndicate db``: the database, a file or a server's."""

import argparse
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syndicator.doors.layout import Layout

NOUNS = {
    "current": "say which database is in use, and its schema",
    "upgrade": "bring the schema to this version's; every pass does so itself",
    "backup": "save the database as a file",
    "copy": "fill the database from another one",
}


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = "Look after the database: [store] url, or state.db in the archive."
    nouns = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    each = {
        name: nouns.add_parser(name, help=summary, allow_abbrev=False)
        for name, summary in NOUNS.items()
    }
    each["current"].description = "Say which database is in use, and its schema. Reads only."
    each["current"].add_argument("--json", action="store_true", help="print it as JSON")
    each[
        "backup"
    ].description = (
        "Save the database, as it is at one moment, as an SQLite file; a pass may be under way."
    )
    each["backup"].add_argument("file", metavar="FILE", help="a file that is not there yet")
    each["copy"].description = (
        "Fill the database of the configuration from another one: from state.db after [store] url "
        "was set, or from the server after it was taken out. The other one stays as it is."
    )
    each["copy"].add_argument(
        "source", metavar="FROM", help="a state.db, or an address as [store] url has it"
    )
    each["copy"].add_argument(
        "--replace", action="store_true", help="let go of what the database holds already"
    )


def main(args: argparse.Namespace) -> int:
    """Do what is asked for; whatever changes the database holds the archive's lock."""
    from syndicator.cli.order import file  # noqa: PLC0415  # --help needs none
    from syndicator.cycle import layout  # noqa: PLC0415  # as above
    from syndicator.doors import files, writer  # noqa: PLC0415

    place = layout(file(args))
    if args.what in {"upgrade", "copy"}:
        files.make_folder(place.root)
        held: contextlib.AbstractContextManager[object] = writer.alone(place)
    else:
        held = contextlib.nullcontext()
    with held:
        for line in _done(args, place):
            print(line)
    return 0


def _done(args: argparse.Namespace, place: "Layout") -> Iterator[str]:
    """Do it, and yield what to say of it."""
    from syndicator.cycle import stores  # noqa: PLC0415

    if args.what == "backup":
        stores.backup(place, Path(args.file).absolute())
        yield f"{args.file}: a copy of {place.state}"
    elif args.what == "copy":
        count = stores.fill(place, args.source, replace=args.replace)
        yield f"{place.state}: {count:,} rows copied"
    else:
        known = stores.upgrade(place) if args.what == "upgrade" else stores.current(place)
        if getattr(args, "json", False):
            yield json.dumps(known._asdict())
        else:
            schema = known.schema or "none"
            yield f"{known.store}: schema {schema}, this version {known.newest}"
