from dataclasses import replace

import pytest
from entries import SITE
from pydantic import ValidationError

from syndicator.publish.atom import Atom
from syndicator.publish.jsonfeed import JsonFeed
from syndicator.publish.rss import Rss
from syndicator.publish.settings import tag
from syndicator.publish.webhook import Webhook


def test_every_feed_has_its_usual_file() -> None:
    """Without a path, three formats make three files."""
    feeds = (Rss(type="rss"), Atom(type="atom"), JsonFeed(type="json"))
    assert [feed.path for feed in feeds] == ["feed.xml", "atom.xml", "feed.json"]
    assert {feed.limit for feed in feeds} == {20}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/cron.d/feed",
        "../feed.xml",
        "a/../../feed.xml",
        "a/./feed.xml",
        "a//feed.xml",
        "a/",
        "a\\feed.xml",
        "feed\n.xml",
        "feed\0.xml",
        "media",
        "media/feed.xml",
        "é" * 128,
    ],
)
def test_a_feed_can_only_be_written_below_public(path: str) -> None:
    """A path that leaves the folder, hides in media or is no file name is refused."""
    with pytest.raises(ValidationError, match="path"):
        Rss(type="rss", path=path)


@pytest.mark.parametrize("path", ["news/5g/feed.xml", "..feed.xml", "新聞 1.xml", "medias.xml"])
def test_ordinary_paths_are_allowed(path: str) -> None:
    """Folders, blanks and other scripts are fine."""
    assert Rss(type="rss", path=path).path == path


def test_the_self_link_is_where_the_file_is_served() -> None:
    """Characters that can't stand in a URL are percent-encoded."""
    assert Rss(type="rss", path="新 1.xml").url(SITE) == "https://feeds.example/%E6%96%B0%201.xml"


def test_the_id_of_a_feed_outlives_its_url() -> None:
    """Serving the feeds elsewhere, or moving the site, changes no id."""
    feed = Atom(type="atom", path="news/a b.xml")
    moved = replace(SITE, feeds="https://other.example/f/", url="https://other.example/")
    assert tag(SITE, feed.path) == tag(moved, feed.path)
    assert tag(SITE, feed.path) == "tag:site.example,2020:feeds/news/a%20b.xml"


def test_a_limit_is_not_negative() -> None:
    """0 is all; less than that means nothing."""
    with pytest.raises(ValidationError, match="limit"):
        Rss(type="rss", limit=-1)


def _webhook(**settings: object) -> Webhook:
    whole = {"type": "webhook", "name": "ops", "url": "https://x.example/h", "secret_env": "MARK"}
    return Webhook.model_validate(whole | settings)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.example/",
        "https://user@x.example/",
        "https://user:word@x.example/",
        "https://",
        "",
    ],
)
def test_a_webhook_goes_to_a_web_address_without_a_password(url: str) -> None:
    """Other schemes and user names in the address are refused."""
    with pytest.raises(ValidationError, match="url"):
        _webhook(url=url)


def test_an_at_sign_in_a_path_is_no_user() -> None:
    """Only the authority can hold a user name."""
    assert _webhook(url="https://x.example/@me").url == "https://x.example/@me"


@pytest.mark.parametrize("events", [[], ["post.renamed"], "post.published"])
def test_a_webhook_hears_of_something_that_exists(events: object) -> None:
    """An empty list, or an event we never send, is a mistake to report."""
    with pytest.raises(ValidationError, match="events"):
        _webhook(events=events)
