import json
from xml.etree import ElementTree as ET

import nh3
from entries import KEPT, PHOTO, REMOTE, documents, edition, entry
from hypothesis import given
from hypothesis import strategies as st

from syndicator.model.posts import ImageRef
from syndicator.publish.atom import Atom
from syndicator.publish.content import localise
from syndicator.publish.jsonfeed import JsonFeed
from syndicator.publish.rss import Rss
from syndicator.publish.text import clean, line

MEDIA = "https://feeds.example/media/"
PIECES = [
    f'<img src="{REMOTE}" alt="a&quot;">',
    '<img src="https://x.example/y.png" alt="&lt;b&gt; &amp;">',
    "<img>",
    "<pre>\n\n",
    "</pre>",
    "<p>",
    "</p>",
    '<a href="https://x.example/?a=1&amp;b">',
    "</a>",
    "<b>",
    "</i>",
    "<table><tr><td>",
    "</table>",
    "<li>",
    "<blockquote>",
    "<hr>",
    "&nbsp;",
    "&lt;img src=q&gt;",
    "\n",
    "字",
]
# Any string, lone surrogates and control characters included.
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=80)
# Chosen from what breaks parsers, then sanitised, as stored bodies are.
STORED = st.lists(st.sampled_from(PIECES), max_size=12).map("".join).map(nh3.clean).map(nh3.clean)


@given(STORED)
def test_localising_twice_is_localising_once(html: str) -> None:
    """Whatever a stored body holds, no remote picture is left; a second time changes nothing."""
    once = localise(html, {REMOTE: PHOTO}, MEDIA)
    assert localise(once, {REMOTE: PHOTO}, MEDIA) == once
    assert once.count("<img ") == once.count(f'<img src="{KEPT}"')
    assert "<img>" not in once


@given(ANYTHING)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """A clean text is UTF-8 that XML can hold, and stays as it is; so does a line."""
    assert clean(clean(text)) == clean(text)
    assert line(line(text)) == line(text)
    ET.fromstring(f"<a>{clean(text).replace('&', '').replace('<', '')}</a>".encode())  # noqa: S314
    assert "\n" not in line(text)


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_every_format_says_the_same_of_any_text(
    title: str, summary: str, html: str, name: str
) -> None:
    """Feeds always parse back to the same title, content and author, in all three formats."""
    made = edition(
        entry(
            title=title,
            summary=summary,
            html=html,
            authors=(name,),
            lead=ImageRef(url=REMOTE, written=REMOTE),
            assets={REMOTE: PHOTO},
        )
    )
    (rss,) = documents(Rss(type="rss"), made)
    (atom,) = documents(Atom(type="atom"), made)
    (feed,) = documents(JsonFeed(type="json"), made)
    said = json.loads(feed.body)["items"][0]
    item = ET.fromstring(rss.body).find("channel/item")  # noqa: S314  # our own output
    space = "{http://www.w3.org/2005/Atom}"
    one = ET.fromstring(atom.body).find(f"{space}entry")  # noqa: S314  # our own output
    assert item is not None
    assert one is not None
    assert item.findtext("title") == one.findtext(f"{space}title") == said["title"]
    assert (
        item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
        == (said["content_html"])
    )
    assert one.findtext(f"{space}content") == said["content_html"]
    assert one.findtext(f"{space}author/{space}name") == said["authors"][0]["name"]
