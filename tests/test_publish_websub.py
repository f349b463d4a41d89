"""Pings to hubs: what is said, to whom, and when nothing is."""

import json
from dataclasses import replace
from urllib.parse import parse_qs
from xml.etree.ElementTree import fromstring

import pytest
from entries import NOW, SITE, edition, seed
from exchanges import answer, exchange, parcel

from syndicator.model.feeds import Announced, Document, Notice
from syndicator.model.posts import Channel
from syndicator.publish.atom import Atom
from syndicator.publish.jsonfeed import JsonFeed
from syndicator.publish.rss import Rss
from syndicator.publish.settings import Feed
from syndicator.publish.websub import WebSub

HUBS = ("https://hub.example/", "https://other.example/?key=1")
TOPIC = "https://feeds.example/feed.xml"
FEED = Announced(path="feed.xml", title="T", url=TOPIC, media_type="a/b", type="rss")


def pings(*hubs: str) -> list[Notice]:
    site = replace(SITE, channel=Channel(hubs=hubs))
    return list(WebSub(type="websub").news([FEED], site, NOW))


def test_each_hub_hears_of_each_feed_once() -> None:
    """A hub named twice is one, our own needs no ping; posts alone are no news."""
    own = "https://feeds.example/hub"
    assert [one.subject for one in pings(*HUBS, HUBS[0], own)] == [
        f"{hub} {TOPIC}" for hub in HUBS
    ]
    assert pings() == []
    assert list(WebSub(type="websub").publish(edition(told=[("published", seed())]))) == []


def test_a_ping_names_the_topic_in_both_spellings() -> None:
    """As a form, to the hub's address with its query."""
    _, one = pings(*HUBS)
    made = exchange(WebSub(type="websub"), parcel(one), [answer(202)], secret="")
    (request,) = made.requests
    assert (request.method, request.url) == ("POST", HUBS[1])
    assert request.headers == (("content-type", "application/x-www-form-urlencoded"),)
    said = parse_qs(request.body.decode())
    assert said == {"hub.mode": ["publish"], "hub.url": [TOPIC], "hub.topic": [TOPIC]}
    assert made.outcome.means == "done"


def test_a_ping_that_waits_is_not_doubled() -> None:
    """It carries nothing, so any later one takes its place; each change is a notice of its own."""
    (first,) = pings(HUBS[0])
    site = replace(SITE, channel=Channel(hubs=HUBS[:1]))
    (second,) = WebSub(type="websub").news([FEED], site, NOW.replace(year=2027))
    assert (first.replaces, first.subject) == ("unsettled", second.subject)
    assert first.key != second.key


def test_without_a_hub_of_others_it_says_that_it_is_idle() -> None:
    """Our own sees for itself."""
    own = replace(SITE, channel=Channel(hubs=(f"{SITE.feeds}hub",)))
    assert "names none" in WebSub(type="websub").idle(own)
    assert WebSub(type="websub").idle(replace(own, channel=Channel(hubs=HUBS))) == ""


ATOM = "{http://www.w3.org/2005/Atom}link"


@pytest.mark.parametrize("publisher", [Rss(type="rss"), Atom(type="atom"), JsonFeed(type="json")])
def test_websub_rocks_publisher_discovers_one_topic_and_its_hubs(publisher: Feed) -> None:
    """https://websub.rocks/publisher: at least one hub, exactly one self; that is what is pinged.

    The header is held by ``test_serve_front``, the delivery by ``test_serve_hub``.
    """
    site = replace(SITE, channel=Channel(hubs=HUBS))
    made = [
        one for one in publisher.publish(edition(seed(), site=site)) if isinstance(one, Document)
    ]
    (feed,) = [one for one in publisher.announce(site, lambda *_: ()) if one.path == made[0].path]
    if isinstance(publisher, JsonFeed):
        said = json.loads(made[0].body)
        topics, hubs = [said["feed_url"]], [one["url"] for one in said["hubs"]]
    else:
        links = list(fromstring(made[0].body).iter(ATOM))  # noqa: S314  # ours
        topics = [one.get("href") for one in links if one.get("rel") == "self"]
        hubs = [one.get("href") for one in links if one.get("rel") == "hub"]
    assert topics == [feed.url]
    assert hubs == list(HUBS)
    told = list(WebSub(type="websub").news([feed], site, NOW))
    assert {parse_qs(one.body.decode())["hub.topic"][0] for one in told} == set(topics)
