"""What every registered publisher promises, whoever wrote it."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType, ModuleType
from xml.etree import ElementTree as ET

import feedparser
import pytest
from entries import KEPT, LATER, NOON, NOW, SITE, documents, edition, entry, nasty, seed
from kinds import made

from syndicator.config.tables import Endpoint, Publisher
from syndicator.model.feeds import Announced, Document, Edition, Notice
from syndicator.model.posts import Channel
from syndicator.publish import registered

ATOM = "{http://www.w3.org/2005/Atom}"
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "localtime", "gmtime"}
LARGEST = 256 * 1024 + 1
CHANCE = {"random", "getrandbits", "urandom", "uuid1", "uuid4", "token_bytes"}


def whole() -> Edition:
    """Return an edition with an ordinary, a rich and the nastiest post, and changes of each."""
    posts = (seed(), entry("b", summary="", authors=("Ann", "Bo")), nasty())
    told = [("published", posts[0]), ("updated", posts[1]), ("removed", posts[2])]
    hubs = replace(SITE, channel=Channel(hubs=("https://hub.example/", "https://b.example/?a=1")))
    made_of = edition(*posts, told=told, site=hubs)  # type: ignore[arg-type]  # kinds are spelled right
    feeds = [
        Announced(path=path, title="", url=SITE.feeds + path, media_type="", type="rss")
        for path in ("feed.xml", "a b&c.xml")
    ]
    return replace(made_of, feeds=tuple(feeds))


def said_by(publisher: Publisher, told: Edition) -> list[Document | Notice]:
    """Return all that a publisher says of an edition, whose feeds all changed."""
    said = [one for one in publisher.publish(told) if isinstance(one, Document | Notice)]
    if isinstance(publisher, Endpoint):
        said += publisher.news(told.feeds, told.site, NOW)
    return said


@pytest.fixture(params=sorted(registered()))
def publisher(request: pytest.FixtureRequest) -> Publisher:
    return made(request.param)


def test_what_is_said_twice_is_the_same(publisher: Publisher) -> None:
    """The same edition gives the same values, from the same and from another instance."""
    once = said_by(publisher, whole())
    assert once
    assert said_by(publisher, whole()) == once
    assert said_by(made(publisher.type), whole()) == once


def test_no_clock_and_no_chance(publisher: Publisher) -> None:
    """Nothing a publisher runs asks for the time or for a random number.

    feedgen itself fills dates from the clock; that every one is overwritten is what the
    expected bytes of test_publish_rss and test_publish_atom show.
    """
    asked: list[str] = []

    def watch(frame: FrameType, event: str, called: object) -> None:
        name = getattr(called, "__name__", "")
        ours = not str(frame.f_globals.get("__name__")).startswith("feedgen.")
        source = getattr(called, "__self__", None)  # datetime(...).time() asks no clock
        known = isinstance(source, type | ModuleType) and name in CLOCKS | CHANCE
        if event == "c_call" and ours and known:
            asked.append(f"{frame.f_code.co_filename}:{frame.f_lineno} {name}")

    said_by(publisher, whole())  # what is imported or compiled once may look at the time
    sys.setprofile(watch)
    try:
        said_by(publisher, whole())
    finally:
        sys.setprofile(None)
    assert asked == []


def test_paths_and_keys_are_unique(publisher: Publisher) -> None:
    """No document overwrites another, no notice is taken for another."""
    said = said_by(publisher, whole())
    paths = [one.path for one in said if isinstance(one, Document)]
    keys = [(one.endpoint, one.key) for one in said if isinstance(one, Notice)]
    assert len(set(paths)) == len(paths)
    assert len(set(keys)) == len(keys)
    assert len(paths) + len(keys) == len(said)


def test_an_empty_edition_is_no_error(publisher: Publisher) -> None:
    """Before the first post, feeds are there and valid, and nobody is told anything."""
    said = list(publisher.publish(edition()))
    assert not [one for one in said if isinstance(one, Notice)]
    for document in said:
        assert isinstance(document, Document)
        assert document.body


def test_the_nastiest_post_is_text_that_everything_reads(publisher: Publisher) -> None:
    """What comes of control characters, surrogates and ]]> is UTF-8, and well-formed."""
    hostile = edition(nasty(), told=[("published", nasty())])
    for one in publisher.publish(hostile):
        assert isinstance(one, Document | Notice)
        text = one.body.decode("utf-8")
        assert "\x00" not in text
        assert len(one.body) < LARGEST or isinstance(one, Document)
        kind = one.media_type
        if kind == "text/html":
            assert "<script" not in text
        elif kind == "text/css":
            assert text.count("{") == text.count("}")
        elif one.body.startswith(b"<"):
            ET.fromstring(text.encode())  # noqa: S314  # our own output
        else:
            json.loads(text)


SCRIPT = """
import hashlib, sys
sys.path[:0] = sys.argv[1:]
import test_publishers as contract
for kind in sorted(contract.registered()):
    for one in contract.said_by(contract.made(kind), contract.whole()):
        print(kind, hashlib.sha256(one.body).hexdigest())
"""


@pytest.mark.parametrize(
    ("zone", "seed_of_hashes"), [("Asia/Taipei", "1"), ("America/St_Johns", "4242")]
)
def test_the_machine_leaves_no_trace(zone: str, seed_of_hashes: str) -> None:
    """Another time zone, hash seed and locale give the same bytes."""
    here = Path(__file__).parent
    machine = {"TZ": zone, "PYTHONHASHSEED": seed_of_hashes, "LC_ALL": "tr_TR.UTF-8"}
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(here), str(here.parent)],
        env={**os.environ, **machine},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    digests = [
        _digest(one) for kind in sorted(registered()) for one in said_by(made(kind), whole())
    ]
    assert found[1::2] == digests
    assert digests


def _digest(one: Document | Notice) -> str:
    return hashlib.sha256(one.body).hexdigest()


# --- the feeds, as readers read them ------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What a reader makes of an entry."""

    id: str
    url: str
    title: str
    content: str
    published: str
    authors: tuple[str, ...]
    picture: str


def read(document: Document) -> Iterator[Seen]:
    """Read a feed as a feed reader does: feedparser for XML, the specification for JSON."""
    if document.body.startswith(b"{"):
        for one in json.loads(document.body)["items"]:
            names = tuple(author["name"] for author in one["authors"])
            texts = (
                one["id"],
                one["url"],
                one["title"],
                one["content_html"],
                one["date_published"],
            )
            yield Seen(*texts, names, one.get("image", ""))
        return
    parsed = feedparser.parse(document.body, sanitize_html=False, resolve_relative_uris=False)
    assert parsed.bozo == 0
    for one in parsed.entries:
        when = "{:04}-{:02}-{:02}T{:02}:{:02}".format(*one.published_parsed)
        names = tuple(author.name for author in one.authors)
        pictures = [media["url"] for media in one.get("media_content", ())]
        assert [media["url"] for media in one.get("media_thumbnail", ())] == pictures
        yield Seen(
            one.id, one.link, one.title, one.content[0].value, when, names, "".join(pictures)
        )


@pytest.mark.parametrize("kind", ["rss", "atom", "json"])
def test_readers_find_the_same_posts_in_every_format(kind: str) -> None:
    """Ids, addresses, titles, text, dates, authors and the picture are the same everywhere."""
    whole = edition(seed(), entry("b", title="R&D <b>", authors=("Ann",)))
    (document,) = documents(made(kind), whole)
    first, second = read(document)
    assert first.id == "tag:site.example,2020-12-01:news/5g/"
    assert first.url == "https://site.example/news/5g/"
    assert first.title == "Kaohsiung establishes 5G alliance"
    assert first.content.startswith(f'<img src="{KEPT}" alt="" width="640" height="480"><p>“Kao')
    assert first.published.startswith(("2020-12-01T04:00", "2020-12-01T12:00:00+08:00"))
    assert first.authors == ("Taipei Times",)
    assert first.picture == KEPT
    assert (second.title, second.authors, second.picture) == ("R&D <b>", ("Ann",), "")
    assert second.content.strip() == "<p>Body of b.</p>"


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_readers_see_an_update_as_one(kind: str) -> None:
    """An update is dated beside the publication, in RSS too; the feed is as new as the newest."""
    (document,) = documents(made(kind), edition(seed()))
    parsed = feedparser.parse(document.body)
    (one,) = parsed.entries
    assert one.published_parsed[:5] == NOON.utctimetuple()[:5] == (2020, 12, 1, 4, 0)
    assert one.updated_parsed[:5] == LATER.utctimetuple()[:5] == (2020, 12, 3, 9, 30)
    assert parsed.feed.updated_parsed[:5] == (2020, 12, 3, 9, 30)


@pytest.mark.parametrize("kind", ["rss", "atom", "json"])
def test_one_nasty_post_changes_no_other(kind: str) -> None:
    """The posts beside it are told of as if it were not there."""
    (mixed,) = documents(made(kind), edition(seed(), nasty(), entry("b")))
    (alone,) = documents(made(kind), edition(seed(), entry("b")))
    others = [one for one in read(mixed) if one.id != nasty().id]
    assert others == list(read(alone))
    assert len(others) == 2


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_the_nastiest_post_spoils_no_feed(kind: str) -> None:
    """The reader's library finds nothing wrong, and every post beside it."""
    (document,) = documents(made(kind), edition(nasty(), seed()))
    parsed = feedparser.parse(document.body)
    assert parsed.bozo == 0
    assert [one.id.rpartition("news/")[2] for one in parsed.entries] == ["nasty/", "5g/"]
    assert "script" not in parsed.entries[0].content[0].value


@pytest.mark.parametrize("made_of", [edition(), edition(seed()), whole()])
def test_atom_has_what_rfc_4287_requires(made_of: Edition) -> None:
    """4.1.1, 4.1.2: id, title and updated once each, authors, one alternate link, dated zones."""
    (document,) = documents(made("atom"), made_of)
    root = ET.fromstring(document.body)  # noqa: S314  # our own output
    assert root.tag == f"{ATOM}feed"
    assert root.findall(f"{ATOM}author/{ATOM}name")
    links = [link.get("rel") for link in root.iterfind(f"{ATOM}link")]
    assert [rel for rel in links if rel != "hub"] == ["self", "alternate"]
    for element in (root, *root.iterfind(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = element.findall(f"{ATOM}{name}")
            assert found.text
        assert (element.findtext(f"{ATOM}updated") or "")[19:] in {"Z", "+08:00"}
    for one in root.iterfind(f"{ATOM}entry"):
        (link,) = one.findall(f"{ATOM}link")
        assert (link.get("rel"), link.get("type")) == ("alternate", "text/html")
        (content,) = one.findall(f"{ATOM}content")
        assert content.get("type") == "html"
        assert len(one.findall(f"{ATOM}published")) == 1
