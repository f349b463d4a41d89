"""The generated pages of docs/reference: ``python docs/generate.py`` writes, ``--check`` compares.

configuration.md comes from the JSON Schema of the configuration, cli.md from the parsers of the
command, rules.md from the table of codes. Nothing of argparse's own layout is taken over: it
differs between versions of Python.
"""  # noqa: INP001  # a script, no package

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from syndicator import cli
from syndicator.cli import rule
from syndicator.config.load import json_schema
from syndicator.publish import registered

REFERENCE = Path(__file__).parent / "reference"
NOTE = "<!-- made by `python docs/generate.py`; edit the source it names, not this page -->"

CONFIGURATION = f"""\
# Configuration

{NOTE}
<!-- source: the docstrings and defaults in syndicator/config/tables.py and syndicator/publish -->

The configuration is one TOML file. The first of these that is named or found decides:
`--config FILE`, the environment variable `SYNDICATOR_CONFIG`, `./config/syndicator.toml`,
`/etc/syndicator/syndicator.toml`. Paths in it are seen from the folder the file lies in. An
unknown key is an error. `syndicate config show` prints every setting in force and where it comes
from, `syndicate config schema` the JSON Schema that editors check the file with. A secret never
stands in the file: it is named by `secret_env` or `secret_file`, one of the two.

A span of time is a number and a unit: `ms`, `s`, `m`, `h`, `d`. A size is a number and a unit:
`B`, `kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`.
"""

COMMAND = f"""\
# The command

{NOTE}
<!-- source: the parsers in syndicator/cli -->

`syndicate [--config FILE] VERB [OPTION ...]`. What goes to standard output is the result, what
goes to standard error is problems and progress. `NO_COLOR` is honoured. Every verb has `--help`.
"""


def configuration() -> str:
    """Return the page of all settings."""
    schema = json_schema(registered())
    kinds: Mapping[str, Any] = schema["$defs"]
    parts = [CONFIGURATION]
    for name, item in schema["properties"].items():
        if name == "publish":
            continue
        parts += _table(f"[{name}]", kinds[_name(item)])
        for key, setting in kinds[_name(item)]["properties"].items():
            inner = setting.get("additionalProperties", {})
            if "$ref" in inner:
                parts += _table(f'[{name}.{key}."NAME"]', kinds[_name(inner)], "###")
    parts.append(
        "## [[publish]]\n\n"
        "What is made for readers, and who is told: a table for each feed and each receiver.\n"
        "Its `type` decides which settings it has. Other types come with packages that register\n"
        "in the entry-point group `syndicator.publishers`.\n"
    )
    for item in schema["properties"]["publish"]["items"]["oneOf"]:
        kind = kinds[_name(item)]
        parts += _table(f'type = "{kind["properties"]["type"]["const"]}"', kind, "###")
    return "\n".join(parts)


def _name(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _table(title: str, kind: Mapping[str, Any], mark: str = "##") -> Iterator[str]:
    yield f"{mark} {title}\n\n{kind['description']}\n"
    yield "| setting | value | default | meaning |\n|---|---|---|---|"
    required = kind.get("required", ())
    for name, setting in kind["properties"].items():
        if "const" in setting:
            continue
        default = "required" if name in required else f"`{_toml(setting.get('default'))}`"
        yield f"| `{name}` | {_value(setting)} | {default} | {_cell(setting['description'])} |"
    yield ""


def _value(setting: Mapping[str, Any]) -> str:
    """Say what may stand there."""
    if "enum" in setting:
        return " or ".join(f"`{_toml(one)}`" for one in setting["enum"])
    if "anyOf" in setting:
        return " or ".join(_value(one) for one in setting["anyOf"])
    if setting.get("type") == "array":
        return f"list of: {_value(setting['items'])}"
    if "pattern" in setting:
        return "size" if "KiB" in setting["pattern"] else "span of time"
    if setting.get("type") == "integer":
        low, high = setting.get("minimum"), setting.get("maximum")
        return f"whole number, {low} to {high}" if high else f"whole number, at least {low}"
    kind = str(setting["type"])
    words = {"string": "text", "boolean": "true or false", "object": "table"}
    return words.get(kind, kind)


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)  # the same for texts, numbers and lists of them


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def command() -> str:
    """Return the page of all verbs, options and exit codes."""
    whole, _ = _parser([])
    parts = [COMMAND, "## For every verb\n", *_options(whole), ""]
    for verb, summary in cli.VERBS.items():
        parser = _verbs(_parser([verb])[0])[verb]
        parts += _verb(f"syndicate {verb}", summary, parser)
    codes = [line.split(maxsplit=1) for line in cli.EPILOGUE.splitlines()[1:]]
    parts += ["## Exit codes\n", "| code | meaning |\n|---|---|"]
    parts += [f"| {code} | {_cell(meaning)} |" for code, meaning in codes]
    parts.append(f"| {cli.INTERRUPTED} | interrupted with Ctrl-C; the next pass goes on |")
    return "\n".join(parts) + "\n"


def _parser(words: list[str]) -> tuple[argparse.ArgumentParser, object]:
    return cli._parser(words)  # noqa: SLF001  # main() would also run the verb


def _actions(parser: argparse.ArgumentParser) -> Iterable[argparse.Action]:
    return parser._actions  # noqa: SLF001  # argparse has no public list of them


def _verbs(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    found = [one.choices for one in _actions(parser) if isinstance(one.choices, dict)]
    return found[0] if found else {}


def _verb(name: str, summary: str, parser: argparse.ArgumentParser, mark: str = "##") -> list[str]:
    said = _cell(parser.description or "") or f"{summary[:1].upper()}{summary[1:]}."
    parts = [f"{mark} {name}\n", f"{said}\n", *_options(parser), ""]
    for word, inner in _verbs(parser).items():
        parts += _verb(f"{name} {word}", "", inner, "###")
    return parts


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    shown = [
        one for one in _actions(parser) if one.dest != "help" and not isinstance(one.choices, dict)
    ]
    if shown:
        yield "| option | meaning |\n|---|---|"
    for one in shown:
        value = "" if one.nargs == 0 else f" {one.metavar or one.dest.upper()}"
        names = ", ".join(f"`{name}{value}`" for name in one.option_strings)
        yield f"| {names or f'`{value.strip()}`'} | {_cell(one.help or '')} |"


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` name those that are not as they would be written."""
    stale = []
    pages = {"configuration.md": configuration(), "cli.md": command(), "rules.md": rule.page()}
    for name, text in pages.items():
        page = REFERENCE / name
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if arguments != ["--check"]:
            page.write_text(text, encoding="utf-8")
    verb = "out of date" if arguments == ["--check"] else "written"
    sys.stdout.write("".join(f"docs/reference/{name}: {verb}\n" for name in stale))
    return 1 if stale and arguments == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
