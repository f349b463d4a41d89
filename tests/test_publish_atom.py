from dataclasses import replace
from xml.etree import ElementTree as ET

from entries import KEPT, SITE, documents, edition, entry, seed

from syndicator.model.feeds import Edition
from syndicator.publish.atom import Atom

ATOM = "{http://www.w3.org/2005/Atom}"
EXPECTED = f"""\
<?xml version='1.0' encoding='UTF-8'?>
<?xml-stylesheet type="text/css" href="https://feeds.example/feed.css"?>
<feed xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" \
xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
  <id>tag:site.example,2020:feeds/atom.xml</id>
  <title>News &amp; Views</title>
  <updated>2020-12-03T09:30:00Z</updated>
  <author>
    <name>The Desk</name>
  </author>
  <link href="https://feeds.example/atom.xml" rel="self" type="application/atom+xml"/>
  <link href="https://site.example/" rel="alternate" type="text/html"/>
  <generator>syndicator</generator>
  <subtitle>What happens</subtitle>
  <entry>
    <id>tag:site.example,2020-12-01:news/5g/</id>
    <title>Kaohsiung establishes 5G alliance</title>
    <updated>2020-12-03T09:30:00Z</updated>
    <author>
      <name>Taipei Times</name>
    </author>
    <content type="html">&lt;img src="{KEPT}" alt="" width="640" height="480"&gt;\
&lt;p&gt;“Kaohsiung is ready,” Chen (陳其邁) said.&lt;/p&gt;
</content>
    <link href="https://site.example/news/5g/" rel="alternate" type="text/html"/>
    <summary type="html">The “Asia New Bay Area” (亞洲新灣區) is ready.</summary>
    <category term="5G"/>
    <category term="R&amp;D"/>
    <published>2020-12-01T12:00:00+08:00</published>
    <media:content url="{KEPT}" type="image/jpeg" medium="image" fileSize="54321" \
width="640" height="480"/>
    <media:thumbnail url="{KEPT}" width="640" height="480"/>
  </entry>
</feed>
"""


def atom(made: Edition) -> bytes:
    (document,) = documents(Atom(type="atom"), made)
    assert (document.path, document.media_type) == ("atom.xml", "application/atom+xml")
    return document.body


def root_of(body: bytes) -> ET.Element:
    return ET.fromstring(body)  # noqa: S314  # our own output


def test_the_seed_reads_byte_for_byte_so() -> None:
    """Elements, order and escaping are as a person decided; nothing is from the clock."""
    assert atom(edition(seed())).decode() == EXPECTED


def test_an_empty_feed_is_of_the_epoch() -> None:
    """RFC 4287 needs a date: without an entry it is one that never changes."""
    assert root_of(atom(edition())).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"


def test_a_feed_always_has_an_author() -> None:
    """RFC 4287, 4.1.1: the site's author, or its title where nobody is named."""
    anonymous = replace(SITE, author="")
    for made in (edition(entry(), site=anonymous), edition(site=anonymous)):
        root = root_of(atom(made))
        assert [name.text for name in root.iterfind(f"{ATOM}author/{ATOM}name")] == [
            "News & Views"
        ]
        assert root.find(f"{ATOM}entry/{ATOM}author") is None


def test_a_summary_is_html_for_readers_that_mix_types() -> None:
    """Plain text beside html content makes rss2email mail nothing but the summary."""
    found = root_of(atom(edition(entry(summary='A & <B> "c"')))).find(f"{ATOM}entry/{ATOM}summary")
    assert found is not None
    assert (found.get("type"), found.text) == ("html", 'A &amp; &lt;B&gt; "c"')


def test_a_language_is_told_where_it_differs() -> None:
    """xml:lang marks the entry that is not in the language of the feed."""
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    entries = root_of(atom(edition(entry("a", language="zh-TW"), entry("b", language="en"))))
    assert [one.get(lang) for one in entries.iterfind(f"{ATOM}entry")] == ["zh-TW", None]


def test_a_site_without_description_has_no_subtitle() -> None:
    """Nothing is said twice for want of something to say."""
    assert b"<subtitle" not in atom(edition(entry(), site=replace(SITE, description="")))


def test_pictures_of_unknown_size_name_no_size() -> None:
    """A width of 0 would hide the picture."""
    vector = seed()
    (url,) = vector.assets
    flat = replace(vector, assets={url: replace(vector.assets[url], width=0, height=0)})
    body = atom(edition(flat)).decode()
    assert f'<media:thumbnail url="{KEPT}"/>' in body
    assert 'width="' not in body
