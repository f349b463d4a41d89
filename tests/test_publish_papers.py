"""What feeds hold and say of themselves: selections, limits, history, removals, bad entries."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import feedparser
import pytest
from entries import NOON, NOW, PHOTO, REMOTE, SITE, Past, edition, entry, nasty, seed
from entries import documents as published
from feed_judges import faults
from pydantic import ValidationError

from syndicator.config.tables import Publisher
from syndicator.model.feeds import Document, Edition
from syndicator.model.pictures import Entry
from syndicator.model.posts import Channel, Problem
from syndicator.publish.atom import Atom
from syndicator.publish.jsonfeed import JsonFeed
from syndicator.publish.rss import Rss

ATOM = "{http://www.w3.org/2005/Atom}"
FH = "{http://purl.org/syndication/history/1.0}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
TOLD = Channel(
    icon="https://site.example/icon.png",
    logo="https://site.example/logo.gif",
    favicon="https://site.example/favicon.ico",
    rights="© Site & Co",
    license="https://creativecommons.org/licenses/by/4.0/",
    ttl=30,
    hubs=("https://hub.example/", "https://hub2.example/"),
    tag_page="https://site.example/tags/{slug}/",
    sources=(("Taipei Times", "https://source.example/feed.xml"),),
)


def documents(publisher: Publisher, made: Edition) -> list[Document]:
    """Return what a feed publishes, in which no judge finds an error."""
    found = published(publisher, made)
    for one in found:
        if one.path.endswith((".xml", ".json")):
            wrong = [fault for fault in faults(one) if fault.severity == "error"]
            assert wrong == []
    return found


def feed(kind: str, **settings: object) -> Publisher:
    """Return a publisher with these settings."""
    made: Mapping[str, type[Publisher]] = {"rss": Rss, "atom": Atom, "json": JsonFeed}
    return made[kind].model_validate({"type": kind, **settings})


def many(count: int, **fields: object) -> list[Entry]:
    """Return entries of one day each, newest first."""
    days = (NOON + timedelta(days=day) for day in reversed(range(count)))
    return [entry(f"p{day:%m%d}", published=day, updated=day, **fields) for day in days]


def ids(document: Document) -> list[str]:
    """Return the ids of the entries, as readers find them."""
    if document.body.startswith(b"{"):
        return [one["id"] for one in json.loads(document.body)["items"]]
    parsed = feedparser.parse(document.body)
    assert parsed.bozo == 0
    return [one.id for one in parsed.entries]


def root(document: Document) -> ET.Element:
    """Parse a document; that of RSS from its channel on."""
    parsed = ET.fromstring(document.body)  # noqa: S314  # our own output
    channel = parsed.find("channel")
    return parsed if channel is None else channel


def links(document: Document) -> dict[str, list[str]]:
    """Return the links of a feed by relation."""
    found: dict[str, list[str]] = {}
    for one in root(document).iterfind(f"{ATOM}link"):
        found.setdefault(one.get("rel", ""), []).append(one.get("href", ""))
    return found


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_a_feed_says_what_the_site_is_told_to_say(kind: str) -> None:
    """Hubs, licence, rights; in Atom icon and logo, in RSS the picture and how long to wait."""
    (document,) = documents(feed(kind), edition(seed(), site=replace(SITE, channel=TOLD)))
    assert links(document)["hub"] == ["https://hub.example/", "https://hub2.example/"]
    assert links(document)["license"] == [TOLD.license]
    parsed = feedparser.parse(document.body)
    assert parsed.bozo == 0
    assert parsed.feed.rights == "© Site & Co"
    assert parsed.feed.generator == "syndicator"
    if kind == "atom":
        assert (parsed.feed.icon, parsed.feed.logo) == (TOLD.icon, TOLD.logo)
    else:
        channel = root(document)
        assert channel.findtext("ttl") == "30"
        assert channel.findtext("image/url") == TOLD.logo
        assert channel.findtext("docs") == "http://www.rssboard.org/rss-specification"


def test_a_picture_that_rss_does_not_know_is_not_told_there() -> None:
    """A channel's image is GIF, JPEG or PNG (RSS Best Practices Profile)."""
    told = replace(TOLD, logo="https://site.example/logo.webp")
    (document,) = documents(feed("rss"), edition(seed(), site=replace(SITE, channel=told)))
    assert root(document).find("image") is None


def test_a_json_feed_says_the_same() -> None:
    """Icon, favicon and hubs have members of their own (JSON Feed 1.1)."""
    (document,) = documents(feed("json"), edition(seed(), site=replace(SITE, channel=TOLD)))
    said = json.loads(document.body)
    assert (said["icon"], said["favicon"]) == (TOLD.icon, TOLD.favicon)
    assert said["hubs"] == [{"type": "WebSub", "url": hub} for hub in TOLD.hubs]


def test_a_browser_is_shown_a_stylesheet_unless_it_is_not_wanted() -> None:
    """The instruction stands before the root."""
    mark = b'<?xml-stylesheet type="text/css" href="https://feeds.example/feed.css"?>\n<'
    (styled,) = documents(feed("atom"), edition(seed()))
    assert mark in styled.body
    plain = replace(SITE, channel=Channel(stylesheet=False))
    (bare,) = documents(feed("atom"), edition(seed(), site=plain))
    assert b"xml-stylesheet" not in bare.body


def test_an_entry_says_where_it_comes_from() -> None:
    """What it is about, else its other home, else the feed of its source; never itself."""
    one = entry(source_url="https://a.example/1", canonical="https://b.example/2")
    other = entry("b", canonical="https://b.example/2", source_name="Taipei Times")
    third = entry("c", source_name="Taipei Times")
    own = entry("d", canonical="https://site.example/news/d/", source_url="javascript:alert(1)")
    made = edition(one, other, third, own, site=replace(SITE, channel=TOLD))
    (document,) = documents(feed("atom"), made)
    found = [
        [link.get("href") for link in each.iterfind(f"{ATOM}link[@rel='via']")]
        for each in root(document).iterfind(f"{ATOM}entry")
    ]
    assert found == [
        ["https://a.example/1"],
        ["https://b.example/2"],
        ["https://source.example/feed.xml"],
        [],
    ]
    (rss,) = documents(feed("rss"), made)
    sources = [(source.get("url"), source.text) for source in root(rss).iterfind("item/source")]
    assert sources == [("https://source.example/feed.xml", "Taipei Times")] * 2
    (said,) = documents(feed("json"), made)
    abroad = [one.get("external_url") for one in json.loads(said.body)["items"]]
    assert abroad == ["https://a.example/1", None, None, None]


def test_a_category_leads_to_the_page_of_its_tag() -> None:
    """Atom's scheme and RSS' domain are the page, where the site has one."""
    made = edition(entry(tags=("Open Source", "R&D")), site=replace(SITE, channel=TOLD))
    (atom,) = documents(feed("atom"), made)
    schemes = [one.get("scheme") for one in root(atom).iterfind(f"{ATOM}entry/{ATOM}category")]
    assert schemes[0] == "https://site.example/tags/open-source/"
    (rss,) = documents(feed("rss"), made)
    domains = [one.get("domain") for one in root(rss).iterfind("item/category")]
    assert domains == schemes


@pytest.mark.parametrize("kind", ["rss", "atom", "json"])
@pytest.mark.parametrize(
    ("select", "names"),
    [
        ({"tag": "open_source"}, ["a"]),
        ({"folder": "news"}, ["b", "c"]),
        ({"folder": "news/2020"}, ["c"]),
        ({"author": "ann"}, ["a", "b"]),
        ({"language": "ZH-tw"}, ["c"]),
        ({"source": "cna"}, ["c"]),
        ({"category": "Tech"}, ["b"]),
        ({"author": "Ann", "category": "tech"}, ["b"]),
        ({"tag": "nothing"}, []),
    ],
)
def test_a_feed_selects(kind: str, select: dict[str, str], names: list[str]) -> None:
    """By folder, tag, category, author, language or source, all of those that are named."""
    made = edition(
        entry("a", tags=("Open Source",), authors=("Ann",)),
        entry("b", path="news/b.md", categories=("Tech",), tags=("Tech",), authors=("Ann",)),
        entry("c", path="news/2020/c.md", language="zh-TW", source_name="CNA"),
    )
    (document,) = documents(feed(kind, select=select), made)
    assert [one.rpartition("news/")[2].strip("/") for one in ids(document)] == names


@pytest.mark.parametrize("kind", ["rss", "atom", "json"])
def test_one_feed_for_each_value(kind: str) -> None:
    """Each with its own path, title and id; values that fold alike share one."""
    made = edition(
        entry("a", tags=("C++", "Open Source")),
        entry("b", tags=("C#",)),
        entry("c", tags=("open-source", "\N{CJK UNIFIED IDEOGRAPH-4E9E}")),
    )
    publisher = feed(kind, per="tag", path="tags/{tag}.feed")
    found = {one.path: one for one in documents(publisher, made)}
    assert len(found) == 4
    assert [len(ids(found[path])) for path in sorted(found)] == [1, 1, 2, 1]
    plus = next(path for path in found if path.startswith("tags/c-"))
    assert plus != "tags/c-.feed"
    announced = list(publisher.announce(SITE, made.values))
    assert [(one.path, one.title) for one in announced if "open" in one.path] == [
        ("tags/open-source.feed", "News & Views: open-source")
    ]
    assert {one.path for one in announced} == found.keys()
    assert {one.url for one in announced} >= {"https://feeds.example/tags/%E4%BA%9E.feed"}


@pytest.mark.parametrize(
    "settings",
    [
        {"per": "tag"},
        {"per": "tag", "path": "{tag}.xml"},
        {"per": "tag", "path": "x/{author}.xml"},
        {"path": "tags/{tag}.xml"},
        {"select": {"tag": " - "}},
        {"select": {"colour": "red"}},
        {"max_bytes": -1},
    ],
)
def test_settings_that_can_not_be_meant(settings: dict[str, object]) -> None:
    """A path without its mark, or with one nobody fills; a selection of nothing."""
    with pytest.raises(ValidationError):
        feed("rss", **settings)


@pytest.mark.parametrize("kind", ["rss", "atom", "json"])
def test_summaries_alone(kind: str) -> None:
    """No full text; what is in its place is what the format asks for."""
    (document,) = documents(feed(kind, content="summary"), edition(seed(), entry("b", summary="")))
    assert b"Chen" not in document.body
    assert b"Asia New Bay Area" in document.body
    assert len(ids(document)) == 2


@pytest.mark.parametrize("kind", ["rss", "atom", "json"])
def test_a_limit_in_bytes(kind: str) -> None:
    """What is older is left out; one post too long for all of it is told by its summary."""
    made = edition(*many(10, html="<p>" + "x" * 993 + "</p>"))
    (document,) = documents(feed(kind, max_bytes=3500, archives=False), made)
    assert len(ids(document)) == 3
    (short,) = documents(feed(kind, max_bytes=10, archives=False), made)
    assert len(ids(short)) == 1
    assert b"xxx" not in short.body
    assert b"Summary of" in short.body


@pytest.mark.parametrize("limit", [4, 20, 0])
@pytest.mark.parametrize("kind", ["rss", "atom", "json"])
def test_what_stands_in_no_archive_is_never_left_out(kind: str, limit: int) -> None:
    """Beyond the bytes there are, it is told by its summary."""
    made = edition(*many(10, html="<p>" + "x" * 993 + "</p>"))
    head, *archives = documents(feed(kind, limit=limit, max_bytes=1500), made)
    assert head.body.count(b"x" * 993) == 1
    assert bool(archives) == (limit == 4)
    assert {one for each in (head, *archives) for one in ids(each)} == {
        one.id for one in made.entries(0)
    }


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_the_history_reads_back_to_its_beginning(kind: str) -> None:
    """RFC 5005, 3 and 4: each document is linked by the next, says what it is, and is valid."""
    made = edition(*many(75))
    head, *archives = documents(feed(kind, limit=20, path="f.xml"), made)
    assert [one.path for one in archives] == [
        "f-archive/2021-01-2.xml",
        "f-archive/2021-01.xml",
        "f-archive/2020-12-2.xml",
        "f-archive/2020-12.xml",
    ]
    assert links(head)["prev-archive"] == ["https://feeds.example/f-archive/2021-01-2.xml"]
    assert "current" not in links(head)
    for older, newer in zip(archives[1:], archives, strict=False):
        url = f"https://feeds.example/{older.path}"
        assert links(newer)["prev-archive"] == links(newer)["next"] == [url]
        here = [f"https://feeds.example/{newer.path}"]
        assert links(older)["next-archive"] == links(older)["previous"] == here
    for one in archives:
        assert links(one)["current"] == links(one)["first"] == ["https://feeds.example/f.xml"]
        assert root(one).find(f"{FH}archive") is not None
        assert "hub" not in links(one)
    assert len(ids(head)) == 20
    assert len({one for each in (head, *archives) for one in ids(each)}) == 75


def test_a_json_feed_is_paged() -> None:
    """next_url leads to everything (JSON Feed 1.1); each page names its own address."""
    pages = {one.path: json.loads(one.body) for one in documents(feed("json"), edition(*many(75)))}
    seen, path = set(), "feed.json"
    while path:
        seen |= {one["id"] for one in pages[path]["items"]}
        assert pages[path]["feed_url"] == f"https://feeds.example/{path}"
        path = pages[path].get("next_url", "").removeprefix("https://feeds.example/")
    assert len(seen) == 75


def test_no_history_where_it_is_not_wanted() -> None:
    """One document, as long as the limit says."""
    (document,) = documents(feed("atom", archives=False), edition(*many(75)))
    assert links(document).keys() == {"self", "alternate"}
    assert len(ids(document)) == 20


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_a_feed_that_is_complete_says_so_on_request(kind: str) -> None:
    """RFC 5005, 2: only where it holds every entry there is."""
    small, large = edition(*many(3)), edition(*many(30))
    cut = feed(kind, complete=True, max_bytes=1)
    for publisher, made, says in (
        (feed(kind, complete=True), small, True),
        (feed(kind, complete=True, limit=0), large, True),
        (feed(kind, complete=True), large, False),
        (feed(kind, complete=True, archives=False), large, False),
        (cut, small, False),
        (feed(kind), small, False),
    ):
        head = documents(publisher, made)[0]
        assert (root(head).find(f"{FH}complete") is not None) is says


def test_removals_are_told_on_request() -> None:
    """RFC 6721, 3: by id and moment; as many as are asked for, the newest first."""
    past = Past(many(3))
    past.gone = [(f"tag:site.example,2020:{at}", NOW) for at in range(5)]
    made = replace(edition(*many(3)), history=past)
    (document,) = documents(feed("atom", tombstones=2), made)
    found = [
        (one.get("ref"), one.get("when")) for one in root(document).iter(f"{AT}deleted-entry")
    ]
    assert found == [
        ("tag:site.example,2020:0", "2026-11-22T08:05:01Z"),
        ("tag:site.example,2020:1", "2026-11-22T08:05:01Z"),
    ]
    (silent,) = documents(feed("atom"), made)
    assert b"deleted-entry" not in silent.body


def said(publisher: Publisher, made: Edition) -> tuple[list[Document], list[Problem]]:
    """Return what a publisher made, and what it says is wrong."""
    found = list(publisher.publish(made))
    return (
        [one for one in found if isinstance(one, Document)],
        [one for one in found if isinstance(one, Problem)],
    )


@pytest.mark.parametrize("kind", ["rss", "atom", "json"])
@pytest.mark.parametrize(
    "bad",
    [
        entry("bad", url="javascript:alert(1)"),
        entry("bad", url="https://[broken/"),
        entry("bad", url=""),
        entry("bad", id="\x00"),
        entry("bad", title=None),
        entry("bad", html=7),
        entry("bad", updated="yesterday"),
    ],
    ids=lambda one: repr(one.post.url) if isinstance(one, Entry) else "",
)
def test_one_bad_entry_is_left_out_and_told(kind: str, bad: Entry) -> None:
    """Whatever is wrong with it, the others are as if it were not there."""
    (alone,), nothing = said(feed(kind), edition(seed(), entry("b")))
    (mixed,), problems = said(feed(kind), edition(seed(), bad, entry("b")))
    assert mixed == alone
    assert nothing == []
    assert [(one.path, one.code, one.severity) for one in problems] == [
        ("bad.md", "PUB001", "error")
    ]


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_titles_and_tags_without_end_are_cut(kind: str) -> None:
    """A megabyte of title is shown by no reader, and harms every one."""
    endless = entry("e", title="x" * 2**20, tags=tuple("y" * 2**18 + str(n) for n in range(300)))
    (document,) = documents(feed(kind), edition(endless, nasty()))
    assert len(document.body) < 100_000
    assert len(feedparser.parse(document.body).entries) == 2


def test_the_picture_has_one_address_everywhere() -> None:
    """In the text, beside it and in JSON: or readers show it twice."""
    one = entry(
        html=f'<p><img src="{REMOTE}" alt=""></p>', lead=seed().post.lead, assets={REMOTE: PHOTO}
    )
    for kind in ("rss", "atom", "json"):
        (document,) = documents(feed(kind), edition(one))
        assert b"www.example.com" not in document.body
        assert b"enclosure" not in document.body
        assert b"media:description" not in document.body
