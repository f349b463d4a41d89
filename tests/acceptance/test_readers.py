"""Real readers subscribe to what was written, over HTTP, and see every post once.

Those that are not installed are skipped; ``.ci/readers`` installs them.
"""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from feed_readers import Feedparser, Gpodder, Lemon, Newsboat, Reader, Rss2email, Sfeed
from local_web import free_port
from syndicate_command import finish, start, syndicate

pytestmark = pytest.mark.slow

POST = """\
---
title: {title}
date: 2020-12-0{day}
permalink: {permalink}
summary: A summary.
---
The whole text of {title}{more}.
"""
TITLES = ("Rain & wind", "Snow", "高雄 5G")
FEEDS = """
[[publish]]
type = "rss"
path = "feed.xml"
[[publish]]
type = "json"
[[publish]]
type = "rss"
path = "paged.xml"
limit = 1
[[publish]]
type = "atom"
path = "paged-atom.xml"
limit = 1
select = { language = "en" }
[[publish]]
type = "page"
[[publish]]
type = "opml"
"""


@dataclass(slots=True)
class Site:
    """A site of three posts that is served, and what was asked of its server."""

    root: Path
    url: str
    log: list[str]
    process: "subprocess.Popen[str]"

    def write(self, number: int, *, name: str = "", permalink: str = "", more: str = "") -> None:
        """Write a post; another name is another file, and the old one goes."""
        old = self.root / "content" / f"2020-12-0{number}-post.md"
        old.unlink(missing_ok=True)
        text = POST.format(
            title=TITLES[number - 1],
            day=number,
            permalink=permalink or f"/post-{number}/",
            more=more,
        )
        (self.root / "content" / (name or old.name)).write_text(text, "utf-8")

    def run(self) -> None:
        """Make a pass."""
        assert syndicate("run", "--drain", "0", cwd=self.root).code == 0

    def asked(self) -> list[str]:
        """Read the server's lines about requests since the last time."""
        self.process.send_signal(signal.SIGTERM)
        out = finish(self.process).err
        self.process = _serve(self.root, self.url)
        return [json.loads(line)["message"] for line in out.splitlines() if "GET" in line]


def _serve(root: Path, url: str) -> "subprocess.Popen[str]":
    process = start("serve", cwd=root)
    assert process.stderr is not None
    assert "serving" in process.stderr.readline(), url
    return process


@pytest.fixture
def site(small_site: Callable[..., Path]) -> Iterator[Site]:
    """Publish three posts and serve them with the built-in server."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    root = small_site(publish=FEEDS, serve=url)
    file = root / "config" / "syndicator.toml"
    told = f'[serve]\nlisten = "127.0.0.1:{port}"\nlog = true\n'
    file.write_text(file.read_text("utf-8").replace("[serve]\n", told), "utf-8")
    made = Site(root, url, [], None)  # type: ignore[arg-type]  # it is served once there is something
    for number in (1, 2, 3):
        made.write(number)
    made.run()
    made.process = _serve(root, url)
    try:
        yield made
    finally:
        made.process.send_signal(signal.SIGTERM)
        finish(made.process)


READERS: tuple[tuple[type[Reader], str], ...] = (
    (Feedparser, "feed.xml"),
    (Feedparser, "atom.xml"),
    (Newsboat, "feed.xml"),
    (Newsboat, "atom.xml"),
    (Lemon, "feed.xml"),
    (Lemon, "atom.xml"),
    (Lemon, "feed.json"),
    (Rss2email, "feed.xml"),
    (Rss2email, "atom.xml"),
    (Gpodder, "feed.xml"),
    (Gpodder, "atom.xml"),
    (Sfeed, "feed.xml"),
    (Sfeed, "atom.xml"),
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a reader a folder."""
    (tmp_path / "reader").mkdir()
    return tmp_path / "reader"


@pytest.mark.parametrize(
    ("kind", "feed"), READERS, ids=[f"{kind.__name__}-{feed}" for kind, feed in READERS]
)
def test_a_reader_sees_every_post_once(
    kind: type[Reader], feed: str, site: Site, home: Path
) -> None:
    """The whole text; edited, at a new address, in another file, with the database made anew."""
    reader = kind(home)
    reader.subscribe(site.url + feed)
    reader.poll()
    first = reader.entries()
    assert sorted(title for title, _ in first) == sorted(TITLES)
    texts = dict(first)
    for title in TITLES:
        assert "The whole text of" in texts[title], (title, texts[title])
    site.write(1, more=", mended")
    _sees_each_once(reader, site, "an edit")
    if reader.rereads:
        assert "mended" in dict(reader.entries())[TITLES[0]]
    if reader.by_id:
        site.write(2, permalink="/elsewhere/")
        _sees_each_once(reader, site, "a moved permalink")
    site.write(3, name="2020-12-03-renamed.md")
    _sees_each_once(reader, site, "a renamed file")
    (site.root / "archive" / "state.db").unlink()
    _sees_each_once(reader, site, "a rebuilt database")


def _sees_each_once(reader: Reader, site: Site, after: str) -> None:
    """Make a pass and poll: every title is there once, what was mailed too."""
    site.run()
    reader.poll()
    assert sorted(title for title, _ in reader.entries()) == sorted(TITLES), after


@pytest.mark.parametrize("feed", ["paged.xml", "paged-atom.xml"])
def test_a_reader_that_follows_pages_gets_everything(feed: str, site: Site, home: Path) -> None:
    """GPodder reads RFC 5005: a feed of one post leads it to all, and to none twice."""
    reader = Gpodder(home)
    reader.subscribe(site.url + feed)
    reader.poll()
    assert sorted(title for title, _ in reader.entries()) == sorted(TITLES)
    stem = feed.removesuffix(".xml")
    asked = {line.split("GET ")[1].split()[0] for line in site.asked()}
    assert {f"/{stem}-archive/2020-12.xml", f"/{stem}-archive/2020-12-2.xml"} <= asked
    few = Newsboat(home)
    few.subscribe(site.url + feed)
    few.poll()
    assert [title for title, _ in few.entries()] == [TITLES[2]]


@pytest.mark.parametrize(
    ("kind", "feed", "polls"),
    [
        (Feedparser, "atom.xml", 2),
        (Newsboat, "feed.xml", 3),
        (Lemon, "atom.xml", 2),
        (Lemon, "feed.json", 2),
        (Rss2email, "feed.xml", 2),
        (Gpodder, "feed.xml", 2),
    ],
)
def test_a_reader_asks_again_and_gets_nothing(
    kind: type[Reader], feed: str, polls: int, site: Site, home: Path
) -> None:
    """304, with no body, once it has the feed; newsboat keeps no tag of its first answer."""
    reader = kind(home)
    reader.subscribe(site.url + feed)
    for _ in range(polls):
        reader.poll()
    lines = [line for line in site.asked() if f"/{feed}" in line]
    assert len(lines) >= polls
    assert " 304 " in lines[-1], lines


@pytest.mark.parametrize(
    ("kind", "feed"),
    [(Newsboat, "feed.xml"), (Newsboat, "atom.xml"), (Lemon, "feed.xml"), (Lemon, "atom.xml")],
)
def test_a_reader_takes_a_delta(kind: type[Reader], feed: str, site: Site, home: Path) -> None:
    """Only what changed comes (226, RFC 3229), and the reader keeps what it has beside that."""
    reader = kind(home)
    reader.subscribe(site.url + feed)
    for _ in range(3):
        reader.poll()
    before = [line for line in site.asked() if f"/{feed}" in line]
    assert (" 200 " in before[0], " 304 " in before[-1]) == (True, True), before
    site.write(1, more=", mended")
    site.run()
    reader.poll()
    asked = [line for line in site.asked() if f"/{feed}" in line]
    assert " 226 " in asked[-1], asked
    assert sorted(title for title, _ in reader.entries()) == sorted(TITLES)
    assert "mended" in dict(reader.entries())[TITLES[0]]


@pytest.mark.parametrize("kind", [Newsboat, Rss2email, Sfeed, Gpodder])
def test_a_list_of_feeds_is_imported(
    kind: type[Newsboat | Rss2email | Sfeed | Gpodder], site: Site, home: Path
) -> None:
    """Each subscribes to what the OPML file lists: a feed of everything, and one of English."""
    opml = site.root / "archive" / "public" / "feeds.opml"
    said = kind(home).imported(opml)
    for feed in ("atom.xml", "paged-atom.xml"):
        assert said.count(f"{site.url}{feed}") == 1, said


def test_the_feeds_are_found_from_the_page(site: Site, home: Path) -> None:
    """sfeed_web reads the page as a browser's extension does."""
    page = (site.root / "archive" / "public" / "index.html").read_text("utf-8")
    found = Sfeed(home).run("sfeed_web", site.url, text=page)
    for feed in ("feed.xml", "atom.xml", "paged.xml"):  # it looks for no other types
        assert f"{site.url}{feed}" in found
