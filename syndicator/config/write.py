"""A new configuration file, annotated line by line; the shipped one is written from here too."""

import importlib.resources
import json
from collections.abc import Mapping
from string import Template

Value = str | tuple[str, ...] | Mapping[str, str]

# The shipped file: it works as it is on seeds/, and serves as the example in the documents.
SHIPPED: Mapping[str, Value] = {
    "title": "Seeds",
    "url": "https://site.example/",
    "timezone": "Asia/Taipei",
    "description": "Posts to try syndicator on",
    "language": "en",
    "author": "",
    "root": "../seeds",
    "include": ("**/*.md", "**/*.markdown"),
    "exclude": (),
    "static": ("../seeds",),
    "permalinks": {},
    "archive": "../archive",
    "feeds": "https://feeds.example/",
}


def annotated(values: Mapping[str, Value], edit: Mapping[str, str] | None = None) -> str:
    """Return the text of a configuration file with these values, every setting explained.

    ``values`` has the keys of ``SHIPPED``; ``edit`` says of a key what a person must put there
    instead, and its line is marked ``EDIT``. KeyError for a key that is missing.
    """
    marks = edit or {}
    written = {
        key: toml(value) + (f"  # EDIT: {_comment(marks[key])}" if key in marks else "")
        for key, value in values.items()
    }
    source = importlib.resources.files("syndicator.config").joinpath("annotated.toml")
    return Template(source.read_text("utf-8")).substitute(written)


def toml(value: object) -> str:
    """Return a text, number, boolean, or a list or table of them, as TOML writes it on one line.

    JSON's escapes are TOML's, but for DEL, which TOML wants escaped too. A lone surrogate, which
    no UTF-8 file can hold, becomes U+FFFD.
    """
    if isinstance(value, tuple | list):
        return f"[{', '.join(toml(item) for item in value)}]"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{toml(key)} = {toml(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if not isinstance(value, str):
        return json.dumps(value)
    text = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _comment(text: str) -> str:
    """Return a text that can't end the comment it stands in."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
