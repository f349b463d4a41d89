"""The judges of feeds: silent on ours, and awake to every fault they know of."""

import json

import pytest
from entries import edition, entry, nasty, seed
from feed_judges import faults, validator

from syndicator.model.feeds import Document
from syndicator.publish import registered
from syndicator.publish.judge import judge, outline

KINDS = ("rss", "atom", "json")
PERFECT = {
    "rss": """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>News</title><link>https://s.example/</link><description>D</description>
<atom:link rel="self" href="https://f.example/f.xml"/>
<lastBuildDate>Tue, 01 Dec 2020 12:00:00 +0800</lastBuildDate><language>en</language>
<item><title>R&#x26;D</title><link>https://s.example/a/</link>
<description>A &amp;amp; B</description>
<content:encoded>&lt;p>x &lt;img src="https://f.example/m/a.jpg" alt="">&lt;/p></content:encoded>
<guid isPermaLink="false">tag:a</guid><pubDate>Tue, 01 Dec 2020 12:00:00 +0800</pubDate>
<atom:updated>2020-12-01T12:00:00+08:00</atom:updated><dc:creator>Ann</dc:creator>
<media:content url="https://f.example/m/a.jpg"/></item></channel></rss>""",
    "atom": """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"
 xmlns:media="http://search.yahoo.com/mrss/"><id>tag:f</id><title>News</title>
<updated>2020-12-01T12:00:00+08:00</updated><author><name>Ann</name></author>
<link rel="self" href="https://f.example/f.xml"/><link href="https://s.example/"/>
<entry><id>tag:a</id><title>Rain</title><updated>2020-12-01T12:00:00+08:00</updated>
<published>2020-12-01T12:00:00+08:00</published><link href="https://s.example/a/"/>
<summary type="html">S</summary><content type="html">&lt;p>x&lt;/p></content></entry></feed>""",
    "json": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "News",
            "home_page_url": "https://s.example/",
            "feed_url": "https://f.example/f.xml",
            "items": [
                {
                    "id": "tag:a",
                    "url": "https://s.example/a/",
                    "title": "Rain",
                    "content_html": "<p>x</p>",
                    "date_published": "2020-12-01T12:00:00+08:00",
                }
            ],
        }
    ),
    "opml": """<opml version="2.0"><head><title>News</title></head><body>
<outline type="rss" text="News" title="News" xmlUrl="https://f.example/f.xml"/></body></opml>""",
}
FAULTS = [
    ("FEED001", "rss", "R&#x26;D", "R&D"),
    ("FEED001", "atom", "<id>tag:f</id>", "<id>tag:f"),
    ("FEED001", "json", '"version"', "version"),
    ("FEED001", "json", "jsonfeed.org", "x.example"),
    ("FEED001", "opml", "opml", "html"),
    ("FEED002", "rss", "<description>D</description>", ""),
    ("FEED002", "rss", 'version="2.0"', 'version="0.92"'),
    ("FEED002", "rss", "<language>en</language>", "<language>en</language><language/>"),
    ("FEED002", "rss", "<guid", "<source>Other</source><guid"),
    ("FEED002", "atom", "<id>tag:f</id>", ""),
    ("FEED002", "atom", '<content type="html">', '<content type="CDATA">'),
    ("FEED002", "atom", "<updated>2020-12-01T12:00:00+08:00</updated>\n<pub", "<pub"),
    ("FEED002", "json", '"id": "tag:a"', '"id": 7'),
    ("FEED002", "json", '"content_html"', '"content"'),
    ("FEED002", "opml", 'title="News" ', ""),
    ("FEED002", "opml", 'version="2.0"', 'version="1.0"'),
    ("FEED003", "rss", '<atom:link rel="self" href="https://f.example/f.xml"/>', ""),
    ("FEED003", "atom", "https://f.example/f.xml", "http://localhost/f.xml"),
    ("FEED003", "json", "https://f.example/f.xml", "https://f.example/other.xml"),
    ("FEED004", "rss", ' isPermaLink="false"', ""),
    ("FEED004", "rss", '<guid isPermaLink="false">tag:a</guid>', ""),
    ("FEED005", "rss", "<pubDate>Tue, 01 Dec 2020", "<pubDate>1 Dec 20"),
    ("FEED005", "rss", "<pubDate>", "<dc:date>2020-12-01T12:00:00+08:00</dc:date><pubDate>"),
    ("FEED005", "atom", "<published>2020-12-01T12:00:00+08:00", "<published>2020-12-01"),
    ("FEED005", "atom", "News</title>\n<updated>2020", "News</title>\n<updated>2019"),
    ("FEED005", "json", "+08:00", ""),
    ("FEED006", "rss", 'src="https://f.example', 'src="'),
    ("FEED006", "atom", 'href="https://s.example/a/"', 'href="a/"'),
    ("FEED006", "json", "https://s.example/a/", "javascript:alert(1)"),
    ("FEED007", "rss", "&lt;p>x ", "&lt;script>x&lt;/script>"),
    ("FEED007", "atom", "&lt;p>x", '&lt;p onclick="x()">x'),
    ("FEED007", "json", "<p>x</p>", "<a href='javascript:x'>x</a>"),
    ("FEED008", "rss", "A &amp;amp; B", "A \N{REPLACEMENT CHARACTER}"),
    ("FEED008", "atom", "<title>Rain", "<title>\N{RIGHT-TO-LEFT OVERRIDE}Rain"),
    ("FEED009", "rss", "R&#x26;D", "R&amp;amp;D"),
    ("FEED009", "rss", "A &amp;amp; B", "A &amp; B"),
    ("FEED009", "atom", "<title>Rain", "<title>&lt;b>Rain&lt;/b>"),
    ("FEED010", "rss", '<media:content url="https://f.example/m/a.jpg"/>',
     '<media:group><media:content url="https://f.example/m/a.jpg"/></media:group>'),
    ("FEED010", "atom", "<summary", "<media:description>x</media:description><summary"),
    ("FEED011", "rss", "<description>A &amp;amp; B</description>\n<content:encoded>",
     "<content:encoded/><description>A</description><content:encoded>"),
    ("FEED012", "rss", "<guid", '<enclosure url="https://s.example/a.mp3"/><guid'),
    ("FEED012", "atom", "<summary", '<link rel="enclosure" href="https://s.example/a"/><summary'),
    ("FEED013", "rss", "<dc:creator>Ann</dc:creator>", "<author>Ann</author>"),
    ("FEED013", "rss", "<dc:creator>", "<author>a@s.example</author><dc:creator>"),
    ("FEED013", "atom", "<author><name>Ann</name></author>", ""),
    ("FEED014", "atom", '<link href="https://s.example/a/"/>',
     '<link href="https://s.example/a/"/><link href="https://s.example/b/"/>'),
    ("FEED015", "rss", "<language>",
     "<image><url>https://s.example/a.png</url><width>512</width></image><language>"),
    ("FEED015", "rss", "<language>", "<image><url>https://s.example/a</url></image><language>"),
    ("FEED016", "rss", "<guid", "<updated/><guid"),
    ("FEED016", "rss", 'xmlns:atom="', 'xmlns:cc="http://creativecommons.org/ns#" xmlns:atom="'),
    ("FEED017", "atom", PERFECT["atom"].partition("08:00</published>")[2].partition("</entry")[0],
     ""),
    ("FEED017", "atom", "<summary", "<source><title>x</title></source><summary"),
    ("FEED018", "rss", "<language>en</language>", "<language>zh_TW.UTF-8</language>"),
    ("FEED019", "rss", 'src="https://f.example/m/a.jpg"', 'src="https://s.example/x/a.jpg"'),
    ("FEED020", "rss", "&lt;p>x ", f"&lt;p>{'x' * 1_000_000}"),
]  # fmt: skip


@pytest.mark.parametrize("kind", PERFECT)
def test_a_perfect_feed_is_not_criticised(kind: str) -> None:
    """The judges have nothing to say of the smallest feed that is right in everything."""
    body = PERFECT[kind].encode()
    assert judge(body, "f.xml", "https://f.example/f.xml") == ()


@pytest.mark.parametrize(("code", "kind", "right", "wrong"), FAULTS)
def test_every_fault_is_found(code: str, kind: str, right: str, wrong: str) -> None:
    """One wrong place in a perfect feed is told under its code, and where it stands."""
    assert right in PERFECT[kind]
    body = PERFECT[kind].replace(right, wrong, 1).encode()
    found = judge(body, "f.xml", "https://f.example/f.xml")
    assert code in {one.code for one in found}, found
    assert {one.path for one in found} == {"f.xml"}


def test_two_entries_of_one_id_are_found() -> None:
    """A reader would show one of the two."""
    feed = json.loads(PERFECT["json"])
    feed["items"] *= 2
    found = judge(json.dumps(feed).encode(), "f.json")
    assert {(one.code, one.severity) for one in found} == {
        ("FEED004", "error"),
        ("FEED004", "warning"),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_our_feeds_are_not_criticised(kind: str) -> None:
    """Not with plain and rich posts, nor empty, by any judge; feedparser and a schema included."""
    publisher = registered()[kind].model_validate({"type": kind})
    for said in (edition(), edition(seed(), entry("b", summary="", authors=("Ann", "Bo")))):
        for document in publisher.publish(said):
            assert isinstance(document, Document)
            assert faults(document) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_the_nastiest_post_harms_no_feed(kind: str) -> None:
    """It is cut to what readers can show, and its title is text that looks like tags."""
    publisher = registered()[kind].model_validate({"type": kind})
    for document in publisher.publish(edition(seed(), nasty())):
        assert isinstance(document, Document)
        assert {one.code for one in faults(document)} == {"FEED009"}


def test_a_page_that_leads_to_itself_is_found() -> None:
    """No schema can say it: next_url must not be feed_url (JSON Feed 1.1, Top-level)."""
    feed = json.loads(PERFECT["json"])
    feed |= {"next_url": feed["feed_url"], "_ours": {"about": "x"}}
    assert validator().is_valid(feed)
    assert [one.code for one in judge(json.dumps(feed).encode(), "f.json")] == ["FEED002"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": 7},
        {"items": {}},
        {"authors": [{}]},
        {"strange": "x"},
        {"_ours": "x"},
        {"_1": {}},
        {"items": [{"id": "a", "content_text": "x", "_a.b": {}}]},
        {"hubs": [{"url": "https://h.example/"}]},
        {"items": [{"id": "a"}]},
        {"items": [{"id": "a", "content_text": "x", "tags": "x"}]},
        {"items": [{"id": "a", "content_text": "x", "attachments": [{"url": "https://x/"}]}]},
    ],
    ids=str,
)
def test_our_model_of_json_feed_and_its_schema_agree(wrong: dict[str, object]) -> None:
    """What the one refuses, the other does."""
    feed = json.loads(PERFECT["json"])
    assert validator().is_valid(feed)
    feed |= wrong
    assert not validator().is_valid(feed)
    assert "FEED002" in {one.code for one in judge(json.dumps(feed).encode(), "f.json")}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{" * 100_000,
        b"<rss/>",
        b"[]",
        b"<a>" * 5000,
        b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss version="2.0">&b;</rss>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0">&x;</rss>',
    ],
    ids=lambda body: repr(body[:12]),
)
def test_hostile_bytes_are_told_and_not_believed(body: bytes) -> None:
    """No entity is expanded, no file read, no depth followed; the verdict is a problem."""
    assert [one.code for one in judge(body, "f.xml")] == ["FEED001"]


def test_an_entity_of_a_document_type_stays_unread() -> None:
    """What it stands for never gets into what is shown."""
    evil = PERFECT["rss"].replace(
        "<rss", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss', 1
    )
    seen = outline(evil.replace("R&#x26;D", "R&x;D").encode())
    assert seen.entries[0].title in {"RD", "R&x;D"}


def test_every_format_reads_the_same() -> None:
    """RSS, Atom and JSON Feed of one edition show a reader the same entries."""
    shown = []
    for kind in KINDS:
        publisher = registered()[kind].model_validate({"type": kind})
        (document,) = publisher.publish(edition(seed(), entry("b")))
        assert isinstance(document, Document)
        seen = outline(document.body)
        shown.append([(one.id, one.url, one.title, one.html, one.image, one.authors, one.tags,
                       one.published, one.updated) for one in seen.entries])  # fmt: skip
    assert shown[0] == shown[1] == shown[2]
    assert len(shown[0]) == 2
