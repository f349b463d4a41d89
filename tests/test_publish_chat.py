"""Messages to Slack and Discord: whole, within their limits, and harmless."""

import json
from typing import Any

import pytest
from entries import KEPT, SITE, entry, nasty, seed
from exchanges import answer

from syndicator.model.pictures import Entry
from syndicator.publish.chat import discord, pause, slack
from syndicator.publish.items import item


def said(preset: Any, one: Entry) -> Any:
    return json.loads(preset(item(one, SITE), "News & Views"))


def test_a_message_to_slack_reads_so() -> None:
    """Linked title, summary, picture; & < > escaped; no second preview."""
    one = entry(
        "a", title="R&D <!channel>", summary="See <@U1> & more", url="https://a.example/?a=1&b|c"
    )
    assert said(slack, one) == {
        "text": "*<https://a.example/?a=1&amp;b%7Cc|R&amp;D &lt;!channel&gt;>*\n"
        "See &lt;@U1&gt; &amp; more",
        "unfurl_links": False,
        "unfurl_media": False,
    }
    (picture,) = said(slack, seed())["attachments"]
    assert picture["image_url"] == KEPT


def test_a_message_to_discord_reads_so() -> None:
    """An embed; Markdown in texts is escaped, addresses in them are not; nobody is mentioned."""
    one = entry(
        "a", title="*Big* @everyone", summary="[x](https://evil.example/a_b) _y_", authors=("Ann",)
    )
    made = said(discord, one)
    assert made["allowed_mentions"] == {"parse": []}
    (embed,) = made["embeds"]
    assert embed["title"] == r"\*Big\* \@everyone"
    assert embed["description"] == r"\[x\]\(https://evil.example/a_b) \_y\_"
    assert embed["url"] == one.post.url
    assert embed["author"] == {"name": "Ann"}
    assert said(discord, seed())["embeds"][0]["image"] == {"url": KEPT}


@pytest.mark.parametrize("letter", ["x", "字", "&", "*", "\U0001f4a9", "e\u0301"])
def test_texts_without_end_fit(letter: str) -> None:
    """Limits count what is sent, escapes and all; what is cut says so."""
    one = entry("a", title=letter * 5000, summary=letter * 50_000)
    text = said(slack, one)["text"]
    assert len(text) <= 3000
    assert text.endswith("…")
    (embed,) = said(discord, one)["embeds"]
    assert len(embed["title"]) <= 256
    assert len(embed["description"]) <= 4096
    assert embed["description"].endswith("…")


@pytest.mark.parametrize("preset", [slack, discord])
def test_the_nastiest_post_is_a_message_too(preset: Any) -> None:
    """Whatever is in it: it is JSON in UTF-8, and not long."""
    assert len(preset(item(nasty(), SITE), "x")) < 20_000


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"retry_after": 0.5}, 0.5),
        ({"retry_after": 1e300}, 86400.0),
        ({"retry_after": -1}, 0.0),
        ({"retry_after": float("nan")}, 0.0),
        ({"retry_after": True}, 0.0),
        ({"retry_after": "1"}, 0.0),
        ([], 0.0),
    ],
)
def test_discord_says_in_the_body_how_long_to_wait(body: object, seconds: float) -> None:
    """Nonsense is no wait."""
    assert pause(answer(429, body)) == seconds


def test_a_body_that_is_no_json_asks_for_nothing() -> None:
    """An empty one included."""
    assert pause(answer(429)) == 0.0
