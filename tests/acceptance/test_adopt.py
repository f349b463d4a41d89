"""A feed is taken over from its address: with its pages, over redirects, from nowhere private."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from local_web import ALLOW, LocalWeb, local_web
from syndicate_command import syndicate

from syndicator.publish.judge import outline

POST = "---\ntitle: {name}\ndate: 2020-12-01\npermalink: /{name}/\n---\nIt fell.\n"
PAGE = """<?xml version="1.0"?><rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel>
<title>Old</title><link>https://site.example/</link><description/>{link}
<item><title>{name}</title><link>https://site.example/{name}/</link>
<guid isPermaLink="false">old-{name}</guid></item></channel></rss>"""


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Serve a feed of two pages, whose address is two moves away from the one people know."""
    with local_web() as made:
        made.moves["/feed/"] = (301, "/rss")
        made.moves["/rss"] = (308, "/rss/feed.xml")
        first = PAGE.format(name="rain", link='<a:link rel="next" href="older.xml"/>')
        made.serve("/rss/feed.xml", first.encode(), "application/rss+xml")
        made.serve("/rss/older.xml", PAGE.format(name="wind", link="").encode(), "text/xml")
        yield made


def _site(small_site: Callable[..., Path], network: str = "") -> Path:
    root = small_site(network=network)
    for name in ("rain", "wind", "snow"):
        (root / "content" / f"{name}.md").write_text(POST.format(name=name), "utf-8")
    return root


def test_a_feed_is_taken_over_from_its_address(
    web: LocalWeb, small_site: Callable[..., Path]
) -> None:
    """301 and 308 are followed, and so is what a page links, seen from where it lies."""
    root = _site(small_site, ALLOW)
    ran = syndicate("feeds", "adopt", web.url("/feed/"), "--json", cwd=root)
    assert ran.code == 0, ran
    assert [one["outcome"] for one in json.loads(ran.out)["entries"]] == ["adopted", "adopted"]
    assert web.asked == ["/feed/", "/rss", "/rss/feed.xml", "/rss/older.xml"]
    assert syndicate("run", cwd=root).code == 0
    feed = outline((root / "archive/public/atom.xml").read_bytes())
    ids = {one.title: one.id for one in feed.entries}
    assert (ids["rain"], ids["wind"]) == ("old-rain", "old-wind")
    assert ids["snow"].startswith("tag:site.example,")


def test_a_private_address_is_not_asked(web: LocalWeb, small_site: Callable[..., Path]) -> None:
    """Unless the configuration allows it; nothing is changed, and what to do is said."""
    root = _site(small_site)
    ran = syndicate("feeds", "adopt", web.url("/feed/"), cwd=root)
    assert ran.code == 5
    assert "127.0.0.1" in ran.err
    assert "help: fetch it with another tool, and name the file" in ran.err
    assert web.asked == []
    assert not (root / "archive" / "state.db").exists()


@pytest.mark.parametrize(("path", "code"), [("/nowhere", 5), ("/page", 2)])
def test_what_is_no_feed_changes_nothing(
    web: LocalWeb, small_site: Callable[..., Path], path: str, code: int
) -> None:
    """An answer of 404 is told as such, a page of HTML as no feed."""
    web.serve("/page", b"<!doctype html><title>404</title>", "text/html")
    root = _site(small_site, ALLOW)
    ran = syndicate("feeds", "adopt", web.url(path), cwd=root)
    assert ran.code == code, ran
    assert ("answered 404" if code == 5 else "is no feed") in ran.err
    assert not (root / "archive" / "state.db").exists()
