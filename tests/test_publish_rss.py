from dataclasses import replace
from xml.etree import ElementTree as ET

import feedparser
from entries import DIGEST, KEPT, SITE, documents, edition, entry, nasty, seed
from feed_judges import faults

from syndicator.model.feeds import Edition
from syndicator.publish.rss import Rss

EXPECTED = f"""\
<?xml version='1.0' encoding='UTF-8'?>
<?xml-stylesheet type="text/css" href="https://feeds.example/feed.css"?>
<rss xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" \
xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" \
version="2.0">
  <channel>
    <title>News &#x26; Views</title>
    <link>https://site.example/</link>
    <description>What happens</description>
    <atom:link href="https://feeds.example/feed.xml" rel="self" type="application/rss+xml"/>
    <docs>http://www.rssboard.org/rss-specification</docs>
    <generator>syndicator</generator>
    <language>en</language>
    <lastBuildDate>Thu, 03 Dec 2020 09:30:00 +0000</lastBuildDate>
    <ttl>60</ttl>
    <item>
      <title>Kaohsiung establishes 5G alliance</title>
      <link>https://site.example/news/5g/</link>
      <description>The “Asia New Bay Area” (亞洲新灣區) is ready.</description>
      <content:encoded>&lt;img src="{KEPT}" alt="" width="640" height="480"&gt;\
&lt;p&gt;“Kaohsiung is ready,” Chen (陳其邁) said.&lt;/p&gt;
</content:encoded>
      <guid isPermaLink="false">tag:site.example,2020-12-01:news/5g/</guid>
      <category>5G</category>
      <category>R&amp;D</category>
      <pubDate>Tue, 01 Dec 2020 12:00:00 +0800</pubDate>
      <atom:updated>2020-12-03T09:30:00Z</atom:updated>
      <dc:creator>Taipei Times</dc:creator>
      <media:content url="{KEPT}" type="image/jpeg" medium="image" fileSize="54321" \
width="640" height="480"/>
      <media:thumbnail url="{KEPT}" width="640" height="480"/>
    </item>
  </channel>
</rss>
"""


def rss(made: Edition, limit: int = 20) -> bytes:
    document, *_ = documents(Rss(type="rss", limit=limit), made)
    assert (document.path, document.media_type) == ("feed.xml", "application/rss+xml")
    return document.body


def item_of(body: bytes) -> ET.Element:
    found = ET.fromstring(body).find("channel/item")  # noqa: S314  # our own output
    assert found is not None
    return found


def test_the_seed_reads_byte_for_byte_so() -> None:
    """Elements, order and escaping are as a person decided; nothing is from the clock."""
    assert rss(edition(seed())).decode() == EXPECTED
    assert len(DIGEST) == 64


def test_a_title_reads_the_same_decoded_once_or_twice() -> None:
    """& < > of a title are hexadecimal references (RSS Best Practices Profile)."""
    body = rss(edition(entry(title="A&T <b> > \x00\n&amp;")))
    assert b"<title>A&#x26;T &#x3C;b&#x3E; &#x3E; &#x26;amp;</title>" in body
    assert item_of(body).findtext("title") == "A&T <b> > &amp;"


def test_other_elements_are_no_titles() -> None:
    """A post that writes about titles is not changed by the care for them."""
    body = rss(edition(entry(html="<p>&lt;title&gt;a &amp;amp; b&lt;/title&gt;</p>")))
    encoded = item_of(body).findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
    assert encoded == "<p>&lt;title&gt;a &amp;amp; b&lt;/title&gt;</p>"


def test_a_description_is_html_and_comes_before_the_content() -> None:
    """A summary with & or < is escaped as HTML, then as XML; readers keep the first of the two."""
    tags = [child.tag for child in item_of(rss(edition(entry(summary="A & <B>"))))]
    assert tags.index("description") < tags.index(
        "{http://purl.org/rss/1.0/modules/content/}encoded"
    )
    assert item_of(rss(edition(entry(summary="A & <B>")))).findtext("description") == (
        "A &amp; &lt;B&gt;"
    )


def test_full_text_is_content_encoded_without_a_summary_too() -> None:
    """Readers look for full text in one place, whatever else a post has."""
    found = item_of(rss(edition(entry(summary=""))))
    assert found.find("description") is None
    assert found.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") == (
        "<p>Body of a.</p>\n"
    )


def test_an_empty_feed_names_no_date() -> None:
    """Without an entry there is no date to tell, and none is invented."""
    body = rss(edition())
    assert b"lastBuildDate" not in body
    assert feedparser.parse(body).bozo == 0


def test_the_newest_change_dates_the_feed() -> None:
    """The feed's lastBuildDate is that of the entry changed last, wherever it stands."""
    body = rss(edition(entry("new"), seed(), entry("old")))
    assert b"<lastBuildDate>Thu, 03 Dec 2020 09:30:00 +0000</lastBuildDate>" in body


def test_the_limit_keeps_the_newest_and_zero_keeps_all() -> None:
    """Entries stand in the order of the edition, newest first."""
    made = edition(*(entry(str(n)) for n in range(30)))
    assert [e.title for e in feedparser.parse(rss(made, 2)).entries] == ["Post 0", "Post 1"]
    assert len(feedparser.parse(rss(made)).entries) == 20
    assert len(feedparser.parse(rss(made, 0)).entries) == 30


def test_authors_are_named_without_addresses() -> None:
    """Every author is a dc:creator; the site's author stands in where a post has none."""
    creator = "{http://purl.org/dc/elements/1.1/}creator"
    two = item_of(rss(edition(entry(authors=("Ann", "Bo & Co"), source_name="CNA"))))
    assert [element.text for element in two.iter(creator)] == ["Ann", "Bo & Co"]
    none = item_of(rss(edition(entry())))
    assert [element.text for element in none.iter(creator)] == ["The Desk"]
    anonymous = edition(entry(), site=replace(SITE, author=""))
    assert list(item_of(rss(anonymous)).iter(creator)) == []


def test_a_language_is_told_where_it_differs() -> None:
    """dc:language marks the post that is not in the language of the feed."""
    language = "{http://purl.org/dc/elements/1.1/}language"
    assert item_of(rss(edition(entry(language="zh_TW")))).findtext(language) == "zh-TW"
    assert item_of(rss(edition(entry(language="EN")))).find(language) is None


def test_the_rarest_site_has_a_valid_channel() -> None:
    """A channel needs a title, a link and a description, even where the site names neither."""
    bare = replace(SITE, title="\x00", description="", author="", language="")
    parsed = feedparser.parse(rss(edition(nasty(), site=bare)))
    assert parsed.bozo == 0
    assert parsed.feed.title == parsed.feed.description == parsed.feed.link == SITE.url


MARKDOWN = "{http://source.scripting.com/}markdown"


def test_a_post_is_told_as_written_where_that_is_asked_for() -> None:
    """source:markdown beside the full text, in this feed alone; what XML can't hold is dropped."""
    made = edition(entry(markdown="\n*Rain* & <wind>\r\n\x00]]>\n\n"))
    document, *_ = documents(Rss(type="rss", markdown=True), made)
    assert b'xmlns:source="http://source.scripting.com/"' in document.body
    assert item_of(document.body).findtext(MARKDOWN) == "*Rain* & <wind>\n]]>"
    assert faults(document) == ()
    assert b"source.scripting.com" not in rss(made)
    brief, *_ = documents(Rss(type="rss", markdown=True, content="summary"), made)
    assert item_of(brief.body).find(MARKDOWN) is None


def test_markdown_counts_as_text_of_a_feed() -> None:
    """max_bytes is what a subscriber gets, not half of it."""
    made = edition(*(entry(name, markdown="x" * 500) for name in "abc"))
    few = Rss(type="rss", max_bytes=1000, archives=False)
    held = [documents(few.model_copy(update={"markdown": to}), made)[0] for to in (False, True)]
    assert [one.body.count(b"<item>") for one in held] == [3, 1]
