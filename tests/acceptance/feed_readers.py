"""Real feed readers, each in a folder of its own, driven by their own commands."""

import json
import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path

import feedparser
import pytest

PROJECT = Path(__file__).parent.parent.parent
INSTALLED = PROJECT / ".readers"
PATIENCE = 300.0  # seconds


class Reader(ABC):
    """A reader that is asked on the command line."""

    command = ""
    by_id = True  # whether it knows a post by its id alone
    follows = False  # whether it asks for the pages that a feed links
    rereads = True  # whether it shows what a post says now, in place of what it said

    def __init__(self, home: Path) -> None:
        """Begin with nothing subscribed."""
        self.home = home
        if self.command and shutil.which(self.command) is None:
            pytest.skip(f"{self.command} is not installed: .ci/readers installs it")

    def run(self, *words: str, text: str | None = None, fails: bool = False) -> str:
        """Run a command of the reader in its home, with nothing of this machine's settings."""
        home = str(self.home)
        env = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "XDG_CONFIG_HOME": home,
            "XDG_DATA_HOME": home,
            "GPODDER_HOME": home,
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
        }
        ran = subprocess.run(
            words, cwd=home, env=env, input=text, capture_output=True, text=True, check=False,
            timeout=PATIENCE,
        )  # fmt: skip
        assert fails or ran.returncode == 0, (words, ran.stdout, ran.stderr)
        return ran.stdout

    @abstractmethod
    def subscribe(self, url: str) -> None:
        """Subscribe to a feed, without asking for it yet."""

    @abstractmethod
    def poll(self) -> None:
        """Ask for it."""

    @abstractmethod
    def entries(self) -> list[tuple[str, str]]:
        """Tell what it holds: titles and texts, in any order."""


class Feedparser(Reader):
    """feedparser (PyPI), as many readers use it: what it had is told to the server."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._url = self._etag = self._modified = ""
        self._held: dict[str, tuple[str, str]] = {}

    def subscribe(self, url: str) -> None:
        """Subscribe."""
        self._url = url

    def poll(self) -> None:
        """Ask."""
        read = feedparser.parse(self._url, etag=self._etag, modified=self._modified)
        assert not read.bozo, read.get("bozo_exception")
        self._etag, self._modified = read.get("etag", ""), read.get("modified", "")
        for one in read.entries:
            self._held[one.id] = (one.title, one.content[0].value)

    def entries(self) -> list[tuple[str, str]]:
        """Tell what it holds."""
        return list(self._held.values())


class Newsboat(Reader):
    """newsboat (Debian): RSS and Atom."""

    command = "newsboat"

    def _newsboat(self, *words: str) -> str:
        (self.home / "config").touch()
        return self.run("newsboat", "-C", "config", "-u", "urls", "-c", "cache.db", *words)

    def subscribe(self, url: str) -> None:
        """Subscribe."""
        (self.home / "urls").write_text(f"{url}\n", encoding="utf-8")

    def poll(self) -> None:
        """Ask."""
        self._newsboat("-x", "reload")

    def entries(self) -> list[tuple[str, str]]:
        """Tell what it holds."""
        if shutil.which("sqlite3") is None:
            pytest.skip("sqlite3 is not installed")
        asked = "select title, content from rss_item where deleted = 0"
        said = self.run("sqlite3", "-json", "cache.db", asked)
        return [(one["title"], one["content"]) for one in json.loads(said or "[]")]

    def imported(self, opml: Path) -> str:
        """Import a list of feeds and tell the subscriptions."""
        (self.home / "urls").touch()
        self._newsboat("-i", str(opml))
        return (self.home / "urls").read_text(encoding="utf-8")


READ = """\
import json, sys
from reader import make_reader
reader = make_reader("reader.sqlite")
verb, url = sys.argv[1:]
if verb == "add":
    reader.add_feed(url)
elif verb == "poll":
    for feed in reader.get_feeds():
        reader.update_feed(feed)
else:
    print(json.dumps([[one.title, one.get_content().value] for one in reader.get_entries()]))
"""


class Lemon(Reader):
    """lemon24/reader (PyPI): RSS, Atom and JSON Feed."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._python = str(INSTALLED / "bin" / "python")
        if not (INSTALLED / "bin" / "python").exists():
            pytest.skip("lemon24/reader is not installed: .ci/readers installs it")
        if self.run(self._python, "-c", "import reader; print(1)", fails=True) != "1\n":
            pytest.skip("lemon24/reader can't be imported")

    def _read(self, verb: str, url: str = "") -> str:
        return self.run(self._python, "-c", READ, verb, url)

    def subscribe(self, url: str) -> None:
        """Subscribe."""
        self._read("add", url)

    def poll(self) -> None:
        """Ask."""
        self._read("poll")

    def entries(self) -> list[tuple[str, str]]:
        """Tell what it holds."""
        return [(title, text) for title, text in json.loads(self._read("list"))]


class Rss2email(Reader):
    """rss2email (Debian), into a maildir; no mail is sent."""

    command = "r2e"
    rereads = False  # a mail that was sent is not sent again

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._mail = home / "mail" / "INBOX"
        for name in ("new", "cur", "tmp"):
            (self._mail / name).mkdir(parents=True)
        self.run("r2e", "new", "me@localhost")
        file = home / "rss2email.cfg"
        lines = file.read_text(encoding="utf-8").splitlines()
        told = {"email-protocol": "maildir", "maildir-path": str(home / "mail")}
        for at, line in enumerate(lines):
            name = line.partition("=")[0].strip()
            if name in told:
                lines[at] = f"{name} = {told[name]}"
        file.write_text("\n".join(lines), encoding="utf-8")

    def subscribe(self, url: str) -> None:
        """Subscribe."""
        self.run("r2e", "add", "feed", url)

    def poll(self) -> None:
        """Ask."""
        self.run("r2e", "run")

    def entries(self) -> list[tuple[str, str]]:
        """Tell what it holds."""
        mails = []
        for path in sorted((self._mail / "new").iterdir()):
            from email import message_from_bytes, policy  # noqa: PLC0415  # for this reader alone

            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = mail.get_body()
            assert body is not None
            mails.append((str(mail["Subject"]), str(body.get_content())))
        return mails

    def imported(self, opml: Path) -> str:
        """Import a list of feeds and tell the subscriptions."""
        self.run("r2e", "opmlimport", str(opml))
        return self.run("r2e", "list")


class Gpodder(Reader):
    """gPodder (Debian): a player of podcasts, which follows the pages of a feed."""

    command = "gpo"
    follows = True

    def subscribe(self, url: str) -> None:
        """Subscribe."""
        self.run("gpo", "subscribe", url)

    def poll(self) -> None:
        """Ask."""
        self.run("gpo", "update")

    def entries(self) -> list[tuple[str, str]]:
        """Tell what it holds."""
        database = next(self.home.glob("Database"), self.home / "Database")
        said = self.run(
            "sqlite3",
            "-json",
            str(database),
            "select title, description || description_html as description from episode",
        )
        return [(one["title"], one["description"]) for one in json.loads(said or "[]")]

    def imported(self, opml: Path) -> str:
        """Import a list of feeds and tell the subscriptions."""
        self.run("gpo", "import", str(opml))
        return self.run("gpo", "list")


class Sfeed(Reader):
    """sfeed (Debian): RSS and Atom, by curl, without conditions."""

    command = "sfeed_update"
    by_id = False  # but by id, address and title together
    rereads = False  # what it has, it keeps

    def subscribe(self, url: str) -> None:
        """Subscribe."""
        text = f'sfeedpath="{self.home}/feeds"\nfeeds() {{\n\tfeed "feed" "{url}"\n}}\n'
        (self.home / "sfeedrc").write_text(text, encoding="utf-8")

    def poll(self) -> None:
        """Ask."""
        self.run("sfeed_update", "sfeedrc")

    def entries(self) -> list[tuple[str, str]]:
        """Tell what it holds."""
        text = (self.home / "feeds" / "feed").read_text(encoding="utf-8")
        lines = [line.split("\t") for line in text.splitlines()]
        return [(line[1], line[3]) for line in lines]

    def imported(self, opml: Path) -> str:
        """Import a list of feeds and tell the subscriptions."""
        return self.run("sfeed_opml_import", text=opml.read_text(encoding="utf-8"))
