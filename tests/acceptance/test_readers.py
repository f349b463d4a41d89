"""Real feed readers against the running server: whole, unchanged, and only what is new.

newsboat comes from Debian (``apt-get install newsboat``). reader is asked through a Python that
has it, named by READER_PYTHON: ``python3 -m venv V && V/bin/pip install reader sgmllib3k``, then
``READER_PYTHON=V/bin/python``. What is absent is skipped, and says so.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from served import Site, serving

from syndicator.serve.app import Watch

pytestmark = pytest.mark.slow
Update = Callable[[], list[str]]  # lets a reader ask for news; returns the titles it knows
Client = Callable[[Path, str], Update]  # of a folder for what it keeps, and the feed's address
OLD = 1_700_000_000  # libcurl, under newsboat, throws away what has the Last-Modified it knows
FEED = {"feed.xml": "rss", "atom.xml": "atom"}


def _rss(names: str, url: str) -> str:
    items = "".join(
        f'<item><title>{one}</title><guid isPermaLink="false">{one}</guid><link>{url}{one}</link>'
        f"<description>text of {one}</description>"
        f"<pubDate>Wed, 0{at + 1} Jan 2025 12:00:00 GMT</pubDate></item>"
        for at, one in enumerate(reversed(names))
    )
    head = f"<title>T</title><link>{url}</link><description>d</description>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


def _atom(names: str, url: str) -> str:
    entries = "".join(
        f'<entry><id>tag:{one}</id><title>{one}</title><link href="{url}{one}"/>'
        f"<updated>2025-01-0{at + 1}T12:00:00Z</updated><content>text of {one}</content></entry>"
        for at, one in enumerate(reversed(names))
    )
    head = "<id>tag:feed</id><title>T</title><updated>2025-01-09T12:00:00Z</updated>"
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>'


def _run(*command: str | Path, **env: str) -> str:
    ran = subprocess.run(
        command, capture_output=True, check=False, timeout=60, text=True, env={**os.environ, **env}
    )
    assert ran.returncode == 0, ran
    return ran.stdout


def _newsboat(folder: Path, url: str) -> Update:
    if shutil.which("newsboat") is None:
        pytest.skip("newsboat is not installed (apt-get install newsboat)")
    (folder / "urls").write_text(f"{url}\n", encoding="utf-8")
    (folder / "config").touch()
    cache = folder / "cache.db"
    command = ("newsboat", "-C", folder / "config", "-u", folder / "urls", "-c", cache)

    def update() -> list[str]:
        _run(*command, "-x", "reload", HOME=str(folder))
        with closing(sqlite3.connect(cache)) as known:
            return [title for (title,) in known.execute("SELECT title FROM rss_item ORDER BY id")]

    return update


READER = """\
import sys
from reader import make_reader
with make_reader(sys.argv[1]) as known:
    known.add_feed(sys.argv[2], exist_ok=True)
    known.update_feed(sys.argv[2])
    print(*(entry.title for entry in known.get_entries()))
"""


def _reader(folder: Path, url: str) -> Update:
    python = os.environ.get("READER_PYTHON", "")
    if not python:
        pytest.skip("READER_PYTHON names no Python that has reader (pip install reader sgmllib3k)")

    def update() -> list[str]:
        return _run(python, "-c", READER, folder / "reader.sqlite", url).split()

    return update


FEEDPARSER = """\
import json, sys, feedparser
from pathlib import Path
state, url = Path(sys.argv[1]), sys.argv[2]
known = json.loads(state.read_text()) if state.exists() else {"titles": []}
got = feedparser.parse(url, etag=known.get("etag"), modified=known.get("modified"))
known["titles"] += [one.title for one in got.entries if one.title not in known["titles"]]
known.update(etag=got.get("etag"), modified=got.get("modified"))
state.write_text(json.dumps(known))
print(*known["titles"])
"""


def _feedparser(folder: Path, url: str) -> Update:
    def update() -> list[str]:
        return _run(sys.executable, "-c", FEEDPARSER, folder / "state.json", url).split()

    return update


@pytest.fixture(params=[_newsboat, _reader, _feedparser])
def client(request: pytest.FixtureRequest) -> Client:
    """Take each reader in turn."""
    chosen: Client = request.param
    return chosen


@pytest.mark.parametrize("path", FEED)
def test_a_reader_takes_a_delta_for_what_it_is(tmp_path: Path, path: str, client: Client) -> None:
    """It gets the whole, then 304, then 226 with the new entry, and keeps the old ones."""
    make = _rss if FEED[path] == "rss" else _atom
    lines: list[str] = []
    site = Site(tmp_path / "public")
    with serving(site.root, watch=Watch(log=lines.append)) as port:
        url = f"http://127.0.0.1:{port}/"
        os.utime(site.put(path, make("cba", url).encode()), (OLD, OLD))
        update = client(tmp_path, url + path)
        for _ in range(3):  # newsboat stores no validators the first time
            assert sorted(update()) == ["a", "b", "c"]
        site.put(path, make("dcba", url).encode())
        assert sorted(update()) == ["a", "b", "c", "d"], lines
        assert sorted(update()) == ["a", "b", "c", "d"], lines
    statuses = [line.split()[3] for line in lines]
    assert statuses in (
        ["200", "200", "304", "226", "304"],
        ["200", "304", "304", "226", "304"],
    ), lines
