"""Pings to hubs: what is said, to whom, and when nothing is."""

from dataclasses import replace
from urllib.parse import parse_qs

from entries import NOW, SITE, edition, seed
from exchanges import answer, exchange, parcel

from syndicator.model import Announced, Channel, Notice
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
