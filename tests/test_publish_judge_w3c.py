"""What the W3C's feed validator was seen to say, rule by rule; our judges ask no network for it.

Each is called as the validator calls it. DuplicateUpdated is left out on purpose (two posts of one
day are no fault), and so is UnknownNamespace, which is told of tombstones and ``source:markdown``.
"""

from dataclasses import replace

import pytest
from entries import edition, entry, nasty, seed
from test_publish_judge import PERFECT

from syndicator.model.feeds import Announced, Document
from syndicator.publish.judge import judge
from syndicator.publish.opml import Opml

IMAGE = "<image><url>https://s.example/{}</url><title>News</title>{}</image><language>"
ENCLOSURE = '<enclosure url="https://s.example/{}.mp3" length="9" type="audio/mpeg"/>'
LINKED = '<link rel="enclosure" href="https://s.example/{}" type="audio/mpeg" length="9"/>'
SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:atom="'
RULES = [
    ("InvalidWidth", "error", "FEED015", "rss", "<language>",
     IMAGE.format("a.png", "<width>512</width>")),
    ("InvalidHeight", "error", "FEED015", "rss", "<language>",
     IMAGE.format("a.png", "<height>512</height>")),
    ("ImageUrlFormat, WebP", "warning", "FEED015", "rss", "<language>",
     IMAGE.format("a.webp", "")),
    ("InvalidContact, author", "error", "FEED013", "rss", "<dc:creator>Ann</dc:creator>",
     "<author>Ann</author>"),
    ("InvalidContact, managingEditor", "error", "FEED013", "rss", "<language>",
     "<managingEditor>Ann</managingEditor><language>"),
    ("MissingAttribute, source without url", "error", "FEED002", "rss", "<guid",
     "<source>Other</source><guid"),
    ("MediaGroupWithoutAlternatives", "error", "FEED010", "rss",
     '<media:content url="https://f.example/m/a.jpg"/>',
     '<media:group><media:content url="https://f.example/m/a.jpg"/></media:group>'),
    ("DuplicateAtomLink", "error", "FEED014", "atom", '<link href="https://s.example/a/"/>',
     '<link href="https://s.example/a/"/><link href="https://s.example/a.mp3"/>'),
    ("UndefinedElement, sy:UpdateFrequency", "error", "FEED016", "rss", 'xmlns:atom="', SY),
    ("UndefinedElement", "error", "FEED016", "rss", "<guid", "<updated/><guid"),
    ("UndefinedElement, XHTML in RSS", "error", "FEED016", "rss", "<language>",
     '<script xmlns="http://www.w3.org/1999/xhtml"/><language>'),
    ("InvalidMIMEType", "error", "FEED002", "atom", '<content type="html">',
     '<content type="CDATA">'),
    ("SAXError", "error", "FEED001", "rss", "<content:encoded>", "<other:encoded>"),
    ("InvalidPermalink", "error", "FEED004", "rss", ' isPermaLink="false"', ""),
    ("InvalidRFC2822Date", "error", "FEED005", "rss", "<pubDate>Tue, 01 Dec 2020",
     "<pubDate>1.12."),
    ("InvalidRFC3339Date", "error", "FEED005", "atom", "<published>2020-12-01T",
     "<published>2020-"),
    ("MissingSelf", "warning", "FEED003", "rss",
     '<atom:link rel="self" href="https://f.example/f.xml"/>', ""),
    ("SelfDoesntMatchLocation", "error", "FEED003", "rss",
     'href="https://f.example/f.xml"', 'href="https://f.example/g.xml"'),
    ("ContentBeforeDescription", "warning", "FEED011", "rss",
     "<description>A &amp;amp; B</description>\n<content:encoded>",
     "<content:encoded/><description>A</description><content:encoded>"),
    ("DuplicateEnclosure", "warning", "FEED012", "rss", "<guid",
     ENCLOSURE.format("a") + ENCLOSURE.format("b") + "<guid"),
    ("DuplicateEnclosure, Atom", "warning", "FEED012", "atom", "<summary",
     LINKED.format("a") + LINKED.format("b") + "<summary"),
    ("DuplicateSemantics, author", "warning", "FEED013", "rss", "<dc:creator>",
     "<author>a@s.example (Ann)</author><dc:creator>"),
    ("DuplicateItemSemantics, date", "warning", "FEED005", "rss", "<pubDate>",
     "<dc:date>2020-12-01T12:00:00+08:00</dc:date><pubDate>"),
    ("ContainsRelRef", "warning", "FEED006", "rss", 'src="https://f.example', 'src="'),
    ("SecurityRisk, script", "warning", "FEED007", "rss", "&lt;p>x", "&lt;script>x&lt;/script>"),
    ("SecurityRiskAttr", "warning", "FEED007", "rss", "&lt;p>x", '&lt;p onclick="x()">x'),
    ("DangerousStyleAttr", "warning", "FEED007", "rss", "&lt;p>x",
     '&lt;p style="position:fixed">x'),
    ("MissingSourceElement", "warning", "FEED017", "atom", "<summary",
     "<source><title>x</title></source><summary"),
    ("ContainsUndeclaredHTML, entity twice in a title", "warning", "FEED009", "rss", "R&#x26;D",
     "R&amp;amp;D"),
    ("ContainsHTML, tag in a title", "warning", "FEED009", "atom", "<title>Rain",
     "<title>&lt;b>Rain&lt;/b>"),
    ("NotHtml", "warning", "FEED009", "rss", "A &amp;amp; B", "A &amp; B"),
    ("AvoidNamespacePrefix, cc", "warning", "FEED016", "rss", 'xmlns:atom="',
     'xmlns:cc="http://creativecommons.org/ns#" xmlns:atom="'),
    ("BadCharacters, U+FFFD", "warning", "FEED008", "rss", "A &amp;amp; B", "A \ufffd"),
    ("BadCharacters, U+0085", "warning", "FEED008", "rss", "A &amp;amp; B", "A \x85"),
    ("MissingAttribute, outline without title", "error", "FEED002", "opml", 'title="News" ', ""),
]  # fmt: skip
CLEAN = (
    '<cloud domain="s.example" port="80" path="/c" registerProcedure="" protocol="http-post"/>',
    "<ttl>60</ttl>",
    '<s:updateBase xmlns:s="http://purl.org/rss/1.0/modules/syndication/">2020</s:updateBase>',
    '<fh:complete xmlns:fh="http://purl.org/syndication/history/1.0"/>',
    '<fh:archive xmlns:fh="http://purl.org/syndication/history/1.0"/>',
    '<atom:link rel="hub" href="https://h.example/"/><atom:link rel="hub" href="https://i.example/"/>',
    *(
        f'<atom:link rel="{rel}" href="https://f.example/g.xml"/>'
        for rel in ("license", "prev-archive", "current", "next", "via")
    ),
    "<image><url>https://s.example/a.png</url><width>144</width><height>400</height></image>",
    *(
        f"<image><url>https://s.example/a.{ending}</url><title>News</title></image>"
        for ending in ("jpg", "png", "gif")
    ),
)
CLEAN_IN_ITEMS = (
    '<dct:modified xmlns:dct="http://purl.org/dc/terms/">2020-12-01T12:00:00+08:00</dct:modified>',
    '<media:thumbnail url="https://f.example/m/a.jpg"/>',
    "<media:credit>Ann</media:credit>",
    "<dc:source>Radio</dc:source>",
    '<c:license xmlns:c="http://backend.userland.com/creativeCommonsRssModule">x</c:license>',
    '<category domain="https://s.example/tags/">rain</category>',
    ENCLOSURE.format("a"),
)


@pytest.mark.parametrize(
    ("severity", "code", "kind", "right", "wrong"),
    [rule[1:] for rule in RULES],
    ids=[rule[0] for rule in RULES],
)
def test_a_rule_of_the_validator_is_ours(
    severity: str, code: str, kind: str, right: str, wrong: str
) -> None:
    """What it calls an error we call one, and a warning a warning at least."""
    perfect = PERFECT[kind]
    assert right in perfect
    body = perfect.replace(right, wrong, 1)
    if wrong == SY:
        body = body.replace("<language>", "<sy:UpdateFrequency/><language>")
    found = judge(body.encode(), "f.xml", "https://f.example/f.xml")
    assert {(one.code, one.severity) for one in found} >= {(code, severity)}, found


@pytest.mark.parametrize("element", CLEAN)
def test_what_it_finds_clean_in_a_channel_we_do(element: str) -> None:
    """A judge that cries at what is right is not listened to."""
    body = PERFECT["rss"].replace("<language>", element + "<language>")
    assert judge(body.encode(), "f.xml", "https://f.example/f.xml") == ()


@pytest.mark.parametrize("element", CLEAN_IN_ITEMS)
def test_what_it_finds_clean_in_an_item_we_do(element: str) -> None:
    """As above."""
    body = PERFECT["rss"].replace("<guid", element + "<guid")
    assert judge(body.encode(), "f.xml", "https://f.example/f.xml") == ()


def test_our_list_of_feeds_has_what_it_asks_for() -> None:
    """A title for every outline, and no docs in the head, which it calls an error."""
    one = Announced(
        path="f.xml", title="News", url="https://f.example/f.xml", media_type="", type="rss"
    )
    made = edition(seed(), entry("b"), nasty())
    (document,) = Opml(type="opml").publish(replace(made, feeds=(one,)))
    assert isinstance(document, Document)
    assert b"<docs>" not in document.body
    assert document.body.count(b' title="') == document.body.count(b"<outline")
