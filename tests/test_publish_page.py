"""The page on which people subscribe, the list of feeds, and how a feed looks in a browser."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from entries import DIGEST, SITE, edition, entry, nasty, seed
from feed_judges import faults

from syndicator.model.feeds import Announced, Document, Edition
from syndicator.publish import registered
from syndicator.publish.style import quoted, stylesheet


def announced(path: str, kind: str, media_type: str, tag: str = "") -> Announced:
    return Announced(
        path=path,
        title=f"News & Views: {tag}" if tag else "News & Views",
        url=f"https://feeds.example/{path}",
        media_type=media_type,
        type=kind,
        chosen=(("tag", tag),) if tag else (),
    )


FEEDS = (
    announced("feed.xml", "rss", "application/rss+xml"),
    announced("atom.xml", "atom", "application/atom+xml"),
    announced("feed.json", "json", "application/feed+json"),
    announced("tags/5g.xml", "rss", "application/rss+xml", "5G"),
)
OPML = announced("feeds.opml", "opml", "text/x-opml")
PAGE = replace(announced("index.html", "page", "text/html"), url="https://feeds.example/")


def made(kind: str, said: Edition, **settings: object) -> list[Document]:
    publisher = registered()[kind].model_validate({"type": kind, **settings})
    documents = list(publisher.publish(said))
    assert all(isinstance(one, Document) for one in documents)
    return [one for one in documents if isinstance(one, Document)]


def whole(said: Edition) -> Edition:
    return replace(said, feeds=FEEDS, companions=(OPML, PAGE))


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        """Read them."""
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one."""
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        """Return the attributes of each that has the wanted ones."""
        return [
            attrs
            for name, attrs in self.found
            if name == tag and all(attrs.get(key) == value for key, value in wanted.items())
        ]


def page(said: Edition, **settings: object) -> tuple[str, Tags]:
    text = made("page", whole(said), **settings)[0].body.decode()
    return text, Tags(text)


def test_every_feed_can_be_copied_and_is_discovered() -> None:
    """A field with its address, and a link that browsers and readers find by themselves."""
    text, tags = page(edition(seed()))
    urls = [feed.url for feed in FEEDS]
    assert [one["value"] for one in tags.all("input")] == urls
    links = tags.all("link", rel="alternate")
    assert [(one["href"], one["type"]) for one in links] == [
        (feed.url, feed.media_type) for feed in FEEDS
    ]
    assert "News &amp; Views" in text
    assert "News & Views" not in text
    assert tags.all("a", href="https://feeds.example/feeds.opml")
    assert tags.all("link", rel="canonical", href="https://feeds.example/")


def test_feeds_of_a_part_stand_aside() -> None:
    """They can be many: below the others, folded, without a script."""
    text, tags = page(edition())
    assert len(tags.all("details")) == 1
    assert text.index("<details>") < text.index("tags/5g.xml", text.index("<body>"))
    assert text.index("atom.xml", text.index("<body>")) < text.index("<details>")
    assert not tags.all("script")


def test_links_to_readers_hold_the_address_of_the_best_format() -> None:
    """As one part of a query, whatever stands in it; which readers is a setting."""
    _, tags = page(edition(), readers={"Mine": "https://r.example/?u={url}"})
    hrefs = [one["href"] for one in tags.all("a", rel="nofollow noreferrer")]
    assert hrefs[0] == "https://r.example/?u=https%3A%2F%2Ffeeds.example%2Ffeed.xml"
    assert not page(edition(), readers={})[1].all("a", rel="nofollow noreferrer")


def test_a_feed_of_summaries_says_so_and_is_no_readers_first_choice() -> None:
    """Nor is one with Markdown; the list names the feed that tells posts in full."""
    short = replace(FEEDS[1], path="short.xml", url="https://feeds.example/short.xml")
    said = replace(
        edition(seed()),
        feeds=(
            replace(short, variant="summaries"),
            replace(FEEDS[0], variant="Markdown"),
            FEEDS[2],
        ),
        companions=(OPML, PAGE),
    )
    body = made("page", said, readers={"Mine": "https://r.example/?{url}"})[0].body.decode()
    assert "Atom, summaries only" in body
    assert "RSS, with the Markdown of each post" in body
    assert "https://r.example/?https%3A%2F%2Ffeeds.example%2Ffeed.json" in body
    (listed,) = made("opml", said)
    assert b"feed.json" in listed.body
    assert b"short.xml" not in listed.body


def test_the_newest_posts_are_shown_with_kept_pictures() -> None:
    """By the way from the page, so that it holds wherever the folder is looked at."""
    _, tags = page(edition(seed(), entry("b"), entry("c")), limit=2)
    assert [one["href"] for one in tags.all("a") if "/news/" in str(one["href"])] == [
        "https://site.example/news/5g/",
        "https://site.example/news/b/",
    ]
    (picture,) = tags.all("img")
    assert picture["src"] == f"media/{DIGEST}.jpg"
    assert (picture["width"], picture["height"], picture["alt"]) == ("640", "480", "")
    _, deep = page(edition(seed()), path="a/b/index.html")
    assert deep.all("img")[0]["src"] == f"../../media/{DIGEST}.jpg"
    assert deep.all("link", rel="stylesheet")[0]["href"] == "../../page.css"
    assert not page(edition(seed()), limit=0)[1].all("article")


def test_nothing_a_post_says_becomes_markup() -> None:
    """Titles, summaries and authors are text, and no address but the web's is followed."""
    evil = entry("x", url="javascript:alert(1)", title='"><script>alert(1)</script>', tags=("<",))
    text, tags = page(edition(nasty(), evil))
    assert not tags.all("script")
    assert "javascript:" not in text
    assert {str(one["href"])[:4] for one in tags.all("a")} == {"http"}


def test_the_page_asks_nobody_else() -> None:
    """No picture, style, font or script of another host: whoever looks is told to nobody."""
    text, tags = page(edition(seed()))
    fetched = [one.get("src") for one in tags.all("img")]
    fetched += [one["href"] for one in tags.all("link", rel="stylesheet")]
    assert all(not str(url).startswith(("http", "//")) for url in fetched)
    assert "url(" not in made("page", whole(edition()))[1].body.decode()
    assert "style=" not in text


@pytest.mark.parametrize(("formats", "count"), [("best", 2), ("all", 4)])
def test_the_list_has_every_feed(formats: str, count: int) -> None:
    """Of formats of the same posts one, unless asked: imported twice, posts stand there twice."""
    (document,) = made("opml", whole(edition()), formats=formats)
    assert faults(replace(document, path="feeds.opml.xml")) == ()
    text = document.body.decode()
    assert text.count("<outline ") == count
    assert 'xmlUrl="https://feeds.example/atom.xml"' in text
    assert 'text="News &amp; Views: 5G"' in text
    assert ("feed.json" in text) == (formats == "all")


def test_a_feed_in_a_browser_names_the_page() -> None:
    """The stylesheet tells what a feed is, and where the page about it lies."""
    (sheet,) = stylesheet(whole(edition()))
    assert (sheet.path, sheet.media_type) == ("feed.css", "text/css")
    assert b"https://feeds.example/" in sheet.body
    bare = replace(whole(edition()), companions=())
    assert b"feeds.example" not in next(stylesheet(bare)).body


def test_no_stylesheet_where_nothing_names_it() -> None:
    """Without feeds, or where the configuration says so."""
    assert list(stylesheet(edition())) == []
    plain = replace(SITE, channel=replace(SITE.channel, stylesheet=False))
    assert list(stylesheet(whole(edition(site=plain)))) == []


def test_a_text_can_not_end_its_string_in_css() -> None:
    """Quotes, line ends and everything beyond ASCII are written as escapes."""
    assert quoted('a"b\\c\nd</style>') == '"a\\22 b\\5c c\\a d\\3c /style\\3e "'
