"""``syndicate init [DIR]``: a configuration and the folders it names."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from syndicator.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from syndicator.cli.sites import Neighbour
    from syndicator.config.write import Value


class Choice(NamedTuple):
    """A value for the new file, and where it came from; ``edit`` says what a person must do."""

    value: "Value"
    source: str
    edit: str = ""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Write config/syndicator.toml, annotated line by line, and the folders it names. In a "
        "Jekyll, Hugo or Zola site, title, address, time zone and folders are taken from there. "
        "Nothing that exists is overwritten."
    )
    parser.add_argument("dir", nargs="?", default=".", metavar="DIR", help="default: this folder")
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would be written, and write nothing"
    )


def main(args: argparse.Namespace) -> int:
    """Write the files and say so; ConfigError where a configuration is there already."""
    from syndicator.cli.sites import look  # noqa: PLC0415  # yaml
    from syndicator.config.write import annotated  # noqa: PLC0415  # for this verb alone

    folder = Path(args.dir)
    file = folder / "config" / "syndicator.toml"
    if file.exists() or file.is_symlink():
        hint = "edit it, or name another folder: syndicate init DIR"
        raise ConfigError(f"{file} exists, and init never overwrites", hint=hint)
    neighbour = look(folder)
    chosen = choose(neighbour)
    text = annotated(
        {key: choice.value for key, choice in chosen.items()},
        {key: choice.edit for key, choice in chosen.items() if choice.edit},
    )
    _tell(neighbour, chosen, file, text)
    _make(file, text, chosen, dry_run=args.dry_run)
    if args.dry_run:
        print(f"\n{text}", end="")
    _next(folder, file, dry_run=args.dry_run)
    if neighbour and neighbour.advice:
        print(f"To do: {neighbour.advice}")
    return 0


def choose(neighbour: "Neighbour | None") -> dict[str, Choice]:
    """Return a usable value for every key of the new file: the site's, where it is fit."""
    chosen = _blank()
    for key, found in (neighbour.values if neighbour else {}).items():
        reason = _refusal(key, found.value)
        if reason:
            edit = f"{found.source} could not be taken over: {reason}"
            chosen[key] = chosen[key]._replace(edit=edit)
        else:
            chosen[key] = Choice(found.value, found.source)
    url = chosen["url"]
    if not url.edit:
        feeds = str(url.value).rstrip("/") + "/feeds/"
        chosen["feeds"] = chosen["feeds"]._replace(value=feeds, source="a guess from url")
    return chosen


def _blank() -> dict[str, Choice]:
    """Return what the file holds where nothing is known of a site."""
    from syndicator.config import file  # noqa: PLC0415  # for this verb alone

    return {
        "title": Choice("My site", "an example", "the name of your site"),
        "url": Choice("https://site.example/", "an example", "the address of your site"),
        "timezone": Choice("UTC", "an example", 'your time zone, such as "Asia/Taipei"'),
        "description": Choice("", "default"),
        "language": Choice("en", "default"),
        "author": Choice("", "default"),
        "root": Choice("../content", "default"),
        "include": Choice(file.CONTENT_INCLUDE, "default"),
        "exclude": Choice(file.CONTENT_EXCLUDE, "default"),
        "static": Choice(("../content",), "default"),
        "permalinks": Choice({}, "default"),
        "archive": Choice("../archive", "default"),
        "feeds": Choice(
            "https://feeds.example/", "an example", "where readers will reach archive/public"
        ),
    }


def _refusal(key: str, value: "Value") -> str:
    """Return why the configuration would refuse a value, or nothing."""
    from pydantic import ValidationError  # noqa: PLC0415  # heavy

    from syndicator.config.findings import explain  # noqa: PLC0415  # heavy
    from syndicator.config.tables import ContentTable, SiteTable  # noqa: PLC0415  # heavy

    if key == "archive":
        return ""  # a constant of ours
    table = SiteTable if key in SiteTable.model_fields else ContentTable
    fit = {"title": "x", "url": "https://x.example/", "timezone": "UTC"}
    try:
        table.model_validate(({} if table is ContentTable else fit) | {key: value})
    except ValidationError as error:
        return next(finding.says for finding in explain(error, table))
    return ""


def _make(file: Path, text: str, chosen: dict[str, Choice], *, dry_run: bool) -> None:
    """Make what is not there yet, the configuration last: a file that exists means it is done."""
    import json  # noqa: PLC0415  # for this verb alone

    from syndicator.config.load import json_schema  # noqa: PLC0415  # heavy
    from syndicator.publish import registered  # noqa: PLC0415  # heavy

    schema = json.dumps(json_schema(registered()), indent=2, ensure_ascii=False) + "\n"
    folders = [(file.parent / str(chosen[key].value)).resolve() for key in ("root", "archive")]
    files = {file.with_name("syndicator.schema.json"): schema, file: text}
    verb = "would make" if dry_run else "made"
    try:
        for folder in [file.parent.resolve(), *folders]:
            if not folder.exists():
                if not dry_run:
                    folder.mkdir(parents=True)
                print(f"{verb} {folder}/")
        for path, content in files.items():
            if path.exists():
                print(f"kept {path.resolve()}")
                continue
            if not dry_run:
                with path.open("x", encoding="utf-8") as opened:
                    opened.write(content)
            print(f"{verb} {path.resolve()}")
    except OSError as error:
        where = error.filename or file.parent
        raise StoreError(
            f"can't write {where}: {error.strerror}", hint="name a folder you may write in"
        ) from error


def _tell(neighbour: "Neighbour | None", chosen: dict[str, Choice], file: Path, text: str) -> None:
    """Say what was taken from where, and which lines wait for a person."""
    from syndicator.config.write import toml  # noqa: PLC0415  # for this verb alone

    if neighbour:
        print(f"This is a {neighbour.kind} site.")
        if neighbour.complaint:
            print(neighbour.complaint)
        for key in neighbour.values:
            if not chosen[key].edit:
                print(f"  {key:<12} {toml(chosen[key].value)}   ({chosen[key].source})")
    for number, line in enumerate(text.splitlines(), 1):
        setting, marked, what = line.partition("  # EDIT: ")
        if marked:
            print(f"  to edit: {file}:{number}: {setting.partition(' ')[0]}: {what}")


def _next(folder: Path, file: Path, *, dry_run: bool) -> None:
    import shlex  # noqa: PLC0415  # for this verb alone

    if dry_run:
        return
    named = "" if folder.resolve() == Path.cwd() else f"--config {shlex.quote(str(file))} "
    print("Next:")
    print(f"  syndicate {named}check")
    print(f"  syndicate {named}run")
