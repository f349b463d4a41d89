import json
from dataclasses import replace
from typing import Any

from entries import KEPT, SITE, documents, edition, entry, seed

from syndicator.model.feeds import Edition
from syndicator.publish.jsonfeed import JsonFeed


def feed(made: Edition) -> Any:
    (document,) = documents(JsonFeed(type="json"), made)
    assert (document.path, document.media_type) == ("feed.json", "application/feed+json")
    return json.loads(document.body)


def test_the_seed_has_every_member_in_the_order_of_the_specification() -> None:
    """JSON Feed 1.1: what there is, as it is; what there is not, not at all."""
    found = feed(edition(seed()))
    assert found == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News & Views",
        "home_page_url": "https://site.example/",
        "feed_url": "https://feeds.example/feed.json",
        "description": "What happens",
        "language": "en",
        "authors": [{"name": "The Desk"}],
        "items": [
            {
                "id": "tag:site.example,2020-12-01:news/5g/",
                "url": "https://site.example/news/5g/",
                "title": "Kaohsiung establishes 5G alliance",
                "content_html": f'<img src="{KEPT}" alt="" width="640" height="480">'
                "<p>“Kaohsiung is ready,” Chen (陳其邁) said.</p>\n",
                "summary": "The “Asia New Bay Area” (亞洲新灣區) is ready.",
                "image": KEPT,
                "date_published": "2020-12-01T12:00:00+08:00",
                "date_modified": "2020-12-03T09:30:00Z",
                "authors": [{"name": "Taipei Times"}],
                "tags": ["5G", "R&D"],
            }
        ],
    }
    assert list(found)[-1] == "items"
    assert list(found["items"][0])[:4] == ["id", "url", "title", "content_html"]


def test_nothing_empty_is_written_but_what_the_format_requires() -> None:
    """Empty members go; items and content_html stay, without which the feed is invalid."""
    bare = replace(SITE, description="", author="", language="")
    found = feed(edition(entry(summary="", html=""), site=bare))
    assert list(found) == ["version", "title", "home_page_url", "feed_url", "items"]
    assert list(found["items"][0]) == [
        "id",
        "url",
        "title",
        "content_html",
        "date_published",
        "date_modified",
    ]
    assert feed(edition(site=bare))["items"] == []


def test_other_scripts_are_readable_in_the_file() -> None:
    """UTF-8, not escapes, one member a line: a change is a small diff, and ends in a line feed."""
    (document,) = documents(JsonFeed(type="json"), edition(seed()))
    assert "亞洲新灣區".encode() in document.body
    assert document.body.count(b"\n") == 34
    assert document.body.endswith(b"}\n")
