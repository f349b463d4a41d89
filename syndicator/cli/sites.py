"""What the configuration of a site generator tells of its site: Jekyll, Hugo, Zola.

The files belong to somebody else: whatever is odd in them is passed over, never guessed at, and
no file of theirs can stop ``syndicate init``.
"""

import json
import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from syndicator.cli import patterns
from syndicator.config.write import Value

LARGEST = 1 << 20  # bytes

_JEKYLL = ("_config.yml", "_config.yaml", "_config.toml")
_HUGO = tuple(
    f"{folder}{name}.{ending}"
    for name, folders in (("hugo", ("", "config/_default/")), ("config", ("", "config/_default/")))
    for folder in folders
    for ending in ("toml", "yaml", "yml", "json")
)
_GLOBS = ("**/*.md", "**/*.markdown")
_FOLDER_NAME = re.compile(r"[A-Za-z0-9_-]+")

Table = Mapping[str, object]


class Found(NamedTuple):
    """A value for a key of ``config.write.SHIPPED``, and where it was found."""

    value: Value
    source: str


_HIDDEN = Found("../_archive", "Jekyll publishes folders without an underscore")


class Neighbour(NamedTuple):
    """A site generator's site: which one, its values, and what could not be read."""

    kind: str
    values: dict[str, Found]
    complaint: str = ""
    advice: str = ""  # what a person should change in the site's own configuration


def look(folder: Path) -> Neighbour | None:
    """Return what is known of the site in a folder, or None where there is none of a known kind.

    Paths come back as seen from the folder ``config`` in it. Raises nothing: a file that can't be
    read gives a Neighbour with a complaint and no values.
    """
    for kind, names in (("Jekyll", _JEKYLL), ("Hugo", _HUGO)):
        for name in names:
            if not (folder / name).is_file():
                continue
            try:
                data = _parsed(folder / name)
            except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
                says = " ".join(str(error).split()) or type(error).__name__
                safe = {"archive": _HIDDEN} if kind == "Jekyll" else {}
                return Neighbour(kind, safe, f"{name} can't be read and is left out: {says}")
            if kind == "Jekyll":
                values = dict(_jekyll(folder, name, data))
                return Neighbour(kind, values, "", _unpublished(name, data))
            sort = "Zola" if _pick(data, "base_url") else kind  # they share their names for files
            return Neighbour(sort, dict(_hugo(folder, name, data)))
    return None


def _parsed(file: Path) -> Table:
    with file.open("rb") as opened:
        data = opened.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"larger than {LARGEST} bytes")
    text = data.decode("utf-8-sig")
    if file.suffix == ".toml":
        return tomllib.loads(text)
    if file.suffix == ".json":
        found: object = json.loads(text)
    else:  # nodes only: nothing is constructed, no alias is expanded, no tag is obeyed
        found = _plain(yaml.compose(text, Loader=yaml.SafeLoader), {})
    if not isinstance(found, dict):
        raise ValueError("it is no mapping")  # noqa: TRY004  # a value of the file is wrong
    return found


def _plain(node: yaml.Node | None, known: dict[int, object]) -> object:
    """Return a YAML node as dicts, lists and texts as written; aliases share one object."""
    if node is None or isinstance(node, yaml.ScalarNode):
        return node.value if node else {}
    if id(node) not in known:
        if isinstance(node, yaml.MappingNode):
            table: dict[str, object] = {}
            known[id(node)] = table
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    table[str(key.value)] = _plain(value, known)
        else:
            items: list[object] = []
            known[id(node)] = items
            items.extend(_plain(item, known) for item in node.value)
    return known[id(node)]


def _jekyll(folder: Path, name: str, data: Table) -> Iterator[tuple[str, Found]]:
    words = {
        "title": ("title",),
        "description": ("description",),
        "timezone": ("timezone",),
        "language": ("lang", "locale"),
        "author": ("author.name", "author"),
    }
    yield from _texts(name, data, words)
    url, base = _text(data, "url"), _text(data, "baseurl")
    if url:
        source = "url + baseurl" if base else "url"
        yield "url", Found(posixpath.join(url.rstrip("/"), base.strip("/")), f"{name}: {source}")
    root = _text(data, "source") or "."
    yield "static", Found((_seen(root),), f"{name}: source" if root != "." else "Jekyll's habit")
    if _at_top(data):
        yield "archive", _HIDDEN
    base = posixpath.normpath(posixpath.join(root, _text(data, "collections_dir")))
    posts = [one for one in _collections(data) if (folder / base / one).is_dir()]
    written = _text(data, "permalink")
    names = [one.lstrip("_") for one in posts]
    own = {one: _text(data, f"collections.{one}.permalink") for one in names}
    addresses = patterns.jekyll(written, posts, own, alone=len(posts) == 1)
    if addresses:
        source = f"{name}: permalink" if written or any(own.values()) else "Jekyll's habit"
        yield "permalinks", Found(addresses, source)
    if len(posts) == 1:
        yield "root", Found(_seen(posixpath.join(base, posts[0])), f"the folder {posts[0]}")
    elif posts:
        yield "root", Found(_seen(base), f"the folders {', '.join(posts)}")
        globs = tuple(f"{one}/{glob}" for one in posts for glob in _GLOBS)
        yield "include", Found(globs, f"{name}: collections")


def _at_top(data: Table) -> bool:
    """Tell whether Jekyll copies what lies beside its configuration into the public site."""
    return posixpath.normpath(_text(data, "source") or ".") == "."


def _unpublished(name: str, data: Table) -> str:
    """Say how to keep the folder ``config`` out of a Jekyll site, or nothing where it is."""
    found = _pick(data, "exclude")
    listed = found[1] if found else []
    names = [listed] if isinstance(listed, str) else listed if isinstance(listed, list) else []
    if not _at_top(data) or any(str(one).strip("/") in {"config", "config/**"} for one in names):
        return ""
    line = 'exclude = ["config"]' if name.endswith(".toml") else "exclude: [config]"
    add = f"add config to `exclude` in {name}" if found else f"add `{line}` to {name}"
    return f"{add}: else Jekyll publishes the folder config"


def _collections(data: Table) -> Iterator[str]:
    """Yield the folders of the collections whose documents become pages."""
    yield "_posts"
    collections = data.get("collections")
    if isinstance(collections, dict):
        for name, about in collections.items():
            shown = isinstance(about, dict) and str(about.get("output")).lower() == "true"
            if shown and name != "posts" and _FOLDER_NAME.fullmatch(name):
                yield f"_{name}"


def _hugo(folder: Path, name: str, data: Table) -> Iterator[tuple[str, Found]]:
    main = _text(data, "defaultContentLanguage") or "en"
    words = {
        "title": ("title", f"languages.{main}.title"),
        "description": ("description", "params.description"),
        "timezone": ("timeZone",),
        "language": ("locale", "languageCode", "defaultContentLanguage", "default_language"),
        "author": ("author.name", "author", "params.author.name", "params.author"),
        "url": ("baseURL", "base_url"),
    }
    yield from _texts(name, data, words)
    content = _text(data, "contentDir")
    source = f"{name}: contentDir" if content else "Hugo's habit"
    yield "root", Found(_seen(content or "content"), source)
    yield "exclude", Found(("**/_index.md",), "pages that list others are no posts")
    sections = _pick(data, "permalinks.page") or _pick(data, "permalinks")
    if sections and isinstance(sections[1], dict) and (made := dict(patterns.hugo(sections[1]))):
        yield "permalinks", Found(made, f"{name}: permalinks")
    written = _pick(data, "staticDir")
    listed = written[1] if written else ["static"]
    folders = [listed] if isinstance(listed, str) else listed if isinstance(listed, list) else []
    folders = [*folders, _text(data, "assetDir") or "assets"]
    static = tuple(
        _seen(one) for one in folders if isinstance(one, str) and (folder / one).is_dir()
    )
    if static:
        yield "static", Found(static, "the folders that are there")


def _texts(
    name: str, data: Table, keys: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, Found]]:
    for ours, theirs in keys.items():
        for key in theirs:
            if text := _text(data, key):
                yield ours, Found(text, f"{name}: {key}")
                break


def _text(data: Table, dotted: str) -> str:
    """Return the text under a dotted key, its blanks made single, or nothing."""
    found = _pick(data, dotted)
    return " ".join(found[1].split()) if found and isinstance(found[1], str) else ""


def _pick(data: Table, dotted: str) -> tuple[str, object] | None:
    """Return key and value under a dotted key; case does not count (Hugo's rule)."""
    value: object = data
    for part in dotted.lower().split("."):
        if not isinstance(value, dict):
            return None
        value = next((item for key, item in value.items() if str(key).lower() == part), None)
    return None if value is None else (dotted, value)


def _seen(path: str) -> str:
    """Return a path of the site as seen from its folder ``config``."""
    return posixpath.normpath(posixpath.join("..", path))
