"""Sites to try the command on, and what can be seen of their archives from outside."""

import hashlib
import json
import os
import re
import sqlite3
import struct
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import feedparser

FEEDS = """\
[[publish]]
type = "rss"
path = "feed.xml"
limit = 0
[[publish]]
type = "atom"
path = "atom.xml"
limit = 0
[[publish]]
type = "json"
path = "feed.json"
limit = 0
"""
ALL_EVENTS = '["post.published", "post.updated", "post.removed"]'
OLD = 1_700_000_000  # a time of modification that no clock's grain puts in doubt
# Where no test may go: a proxy that nobody answers at.
NOWHERE = 'proxy = "http://127.0.0.1:9/"'


def site(
    root: Path, *, publish: str = "", network: str = NOWHERE, feeds: str = FEEDS, rest: str = ""
) -> Path:
    """Make a site with an empty folder ``content``."""
    (root / "content").mkdir(parents=True, exist_ok=True)
    configure(root, publish=publish, network=network, feeds=feeds, rest=rest)
    return root


def configure(
    root: Path, *, publish: str = "", network: str = NOWHERE, feeds: str = FEEDS, rest: str = ""
) -> None:
    """Write its configuration, where the command finds it by itself."""
    (root / "config").mkdir(exist_ok=True)
    put(
        root / "config/syndicator.toml",
        '[site]\ntitle = "Small"\nurl = "https://site.example/"\ntimezone = "Asia/Taipei"\n'
        '[content]\nroot = "../content"\nstatic = ["../static"]\n[archive]\nroot = "../archive"\n'
        f'[network]\n{network}\n[serve]\nurl = "https://feeds.example/"\n{rest}\n{feeds}{publish}',
    )


def webhook(url: str, *, name: str = "ops", since: str = "configured", more: str = "") -> str:
    """Write a table for a receiver of everything."""
    return (
        f'[[publish]]\ntype = "webhook"\nname = "{name}"\nurl = "{url}"\n'
        f'secret_env = "SYNDICATOR_OPS_SECRET"\nevents = {ALL_EVENTS}\nsince = "{since}"\n{more}\n'
    )


def put(path: Path, text: str | bytes, *, at: int = OLD) -> Path:
    """Write a file as an editor does: a new one in the place of the old."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name[:40]}.new")
    aside.write_bytes(text.encode() if isinstance(text, str) else text)
    os.utime(aside, (at, at))
    aside.replace(path)
    return path


def post(
    root: Path, name: str, text: str = "Some words.", *, day: str = "", **fields: str
) -> Path:
    """Write a post ``name`` ("2024-05-01-a.md"); ``fields`` go into the front matter."""
    matter = {"title": name.removesuffix(".md"), **({"date": day} if day else {}), **fields}
    lines = "".join(f"{key}: {value}\n" for key, value in matter.items())
    return put(root / "content" / name, f"---\n{lines}---\n{text}\n")


def png(width: int, height: int = 3) -> bytes:
    """Make a picture; another width is another picture, on every machine the same bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    rows = (b"\0" + b"\x20\x80\xc0" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


# --- what can be seen from outside -------------------------------------------------------------


def tree(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Tell everything below a folder: mode, time of modification, digest or kind.

    A folder's own time is left out: SQLite makes and removes files beside state.db to read it.
    """
    seen = {}
    for path in sorted(folder.rglob("*")):
        found = path.lstat()
        what = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        moment = 0 if path.is_dir() else found.st_mtime_ns
        seen[str(path.relative_to(folder))] = (found.st_mode, moment, what)
    return seen


def contents(folder: Path) -> dict[str, bytes]:
    """Tell every file below a folder by its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def public(root: Path) -> dict[str, bytes]:
    """Tell what readers get."""
    return contents(root / "archive/public")


def journal(root: Path) -> list[dict[str, Any]]:
    """Read the journal."""
    files = sorted((root / "archive/journal").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def ids(root: Path) -> dict[str, str]:
    """Tell the ids of the posts in the JSON feed by their titles."""
    return {title: key for key, title, _ in items(root, "feed.json")}


def items(root: Path, name: str) -> list[tuple[str, str, str]]:
    """Tell id, title and address of the posts in a feed, which must be well-formed."""
    data = (root / "archive/public" / name).read_bytes()
    if name.endswith(".json"):
        found = json.loads(data)["items"]
        return [(item["id"], item["title"], item["url"]) for item in found]
    feed = feedparser.parse(data)
    assert not feed.bozo, feed.get("bozo_exception")
    return [(entry.id, entry.title, entry.link) for entry in feed.entries]


def sql(root: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Ask (or change) state.db behind the command's back."""
    with closing(sqlite3.connect(root / "archive/state.db")) as db, db:
        return db.execute(statement, values).fetchall()


def let_fall_due(root: Path) -> None:
    """Let the hour of the next attempt come."""
    sql(root, "UPDATE delivery SET next_at = 0 WHERE state != 'done'")
    sql(root, "UPDATE endpoint SET rest_until = 0")


def bad_blobs(root: Path) -> list[str]:
    """Tell the blobs whose bytes are not what their names say, or that no line tells of."""
    named = set(re.findall(r'"digest":"([0-9a-f]{64})"', _journal_text(root)))
    bad = []
    for path in (root / "archive/blobs").rglob("*"):
        if path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if digest != path.name.partition(".")[0] or digest not in named:
                bad.append(path.name)
    return bad


def _journal_text(root: Path) -> str:
    return "".join(
        file.read_text(encoding="utf-8") for file in (root / "archive/journal").glob("*.jsonl")
    )
