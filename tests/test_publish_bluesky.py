"""Records: their words, their key, and what answers mean."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from entries import NOW, SITE, edition, entry, nasty, seed
from exchanges import SECRET, answer, exchange, parcel

from syndicator.model.feeds import Notice
from syndicator.model.pictures import Entry
from syndicator.model.posts import ChangeKind
from syndicator.publish.bluesky import Bluesky, key

XRPC = "https://bsky.social/xrpc/com.atproto."
SESSION = answer(200, {"accessJwt": "jwt", "did": "did:plc:1"})
EVENTS = ["post.published", "post.updated", "post.removed"]


def bluesky(**settings: Any) -> Bluesky:
    whole = {"type": "bluesky", "name": "sky", "secret_env": "T", "handle": "@site.example"}
    return Bluesky.model_validate({**whole, "events": EVENTS, **settings})


def notice(kind: ChangeKind = "published", one: Entry | None = None) -> Notice:
    told: Any = [(kind, one or seed())]
    (made,) = bluesky().publish(edition(told=told))
    return made


def record(one: Entry) -> Any:
    return json.loads(notice(one=one).body)["record"]


def test_a_record_reads_so() -> None:
    """Title, summary and a link whose place counts bytes of UTF-8; a card of the page."""
    made = record(seed())
    text = (
        "Kaohsiung establishes 5G alliance\n\nThe “Asia New Bay Area” (亞洲新灣區) is ready."
        "\n\nsite.example/news/5g"
    )
    assert made["text"] == text
    (facet,) = made["facets"]
    index = facet["index"]
    assert text.encode()[index["byteStart"] : index["byteEnd"]] == b"site.example/news/5g"
    assert facet["features"] == [
        {"$type": "app.bsky.richtext.facet#link", "uri": "https://site.example/news/5g/"}
    ]
    assert made["embed"]["external"] == {
        "uri": "https://site.example/news/5g/",
        "title": "Kaohsiung establishes 5G alliance",
        "description": "The “Asia New Bay Area” (亞洲新灣區) is ready.",
    }
    assert (made["langs"], made["createdAt"]) == (["en"], "2020-12-01T04:00:00Z")


@pytest.mark.parametrize("letter", ["x", "字", "\U0001f4a9", "e\u0301", "a b "])
def test_a_record_fits(letter: str) -> None:
    """In 300 characters, and 3,000 bytes."""
    url = "https://site.example/" + "y" * 999
    text = record(entry("a", title=letter * 999, summary=letter * 999, url=url))["text"]
    assert 200 < len(text) <= 300
    assert len(text.encode()) <= 3000
    assert text.count("…") == 3
    assert len(record(nasty())["text"]) <= 300


def test_a_key_is_a_tid_that_never_changes() -> None:
    """13 digits of the alphabet of TIDs; an edit has the same, another post of that second not."""
    made = key(seed())
    assert made == key(entry("5g", title="Other", seq=9))
    assert len(made) == 13
    assert set(made) <= set("234567abcdefghijklmnopqrstuvwxyz")
    assert made[0] in "234567abcdefghij"
    assert made != key(entry("b"))
    assert key(entry("b", published=datetime(2021, 1, 1, tzinfo=UTC))) > made
    assert key(nasty())[0] == "2"


def test_a_post_is_put_and_taken_away() -> None:
    """After a login, by the account's id; twice is once."""
    made = exchange(bluesky(), parcel(notice()), [SESSION, answer(200, {"uri": "at://1/2/3"})])
    assert made.asked == [f"POST {XRPC}server.createSession", f"POST {XRPC}repo.putRecord"]
    assert [one.login for one in made.requests] == [True, False]
    assert made.json(0) == {"identifier": "site.example", "password": SECRET}
    assert made.json(1)["repo"] == "did:plc:1"
    assert made.json(1)["rkey"] == key(seed())
    assert ("authorization", "Bearer jwt") in made.requests[1].headers
    assert (made.outcome.means, made.outcome.remote) == ("done", "at://1/2/3")
    gone = exchange(bluesky(), parcel(notice("removed")), [SESSION, answer(200, {})])
    assert gone.asked[1] == f"POST {XRPC}repo.deleteRecord"
    assert "record" not in gone.json(1)
    edit = exchange(bluesky(), parcel(notice("updated")), [SESSION, answer(200, {})])
    assert edit.json(1)["rkey"] == key(seed())


@pytest.mark.parametrize(
    ("status", "error", "means", "says"),
    [
        (401, "AuthenticationRequired", "refused", "the handle or the app password is wrong"),
        (401, "AccountTakedown", "refused", "answered 401 AccountTakedown: the account was taken"),
        (401, SECRET, "refused", "answered 401 Unauthorized"),
        (401, "AuthFactorTokenRequired", "refused", "it wants an app password"),
        (429, "RateLimitExceeded", "again", "answered 429"),
        (503, "", "again", "answered 503"),
        (200, "", "again", "is no session"),
    ],
)
def test_a_login_that_fails(status: int, error: str, means: str, says: str) -> None:
    """Nothing is put; a person is told what to do where something can be done."""
    made = exchange(bluesky(), parcel(notice()), [answer(status, {"error": error})])
    assert made.outcome.means == means
    assert says in made.outcome.says
    assert SECRET not in made.outcome.says


@pytest.mark.parametrize(
    ("status", "error", "means"),
    [
        (400, "ExpiredToken", "again"),
        (400, "InvalidRequest", "refused"),
        (500, "InternalServerError", "again"),
        (400, SECRET, "refused"),
    ],
)
def test_a_record_that_is_refused(status: int, error: str, means: str) -> None:
    """A token that ran out is taken anew; what a server says is not repeated."""
    made = exchange(bluesky(), parcel(notice()), [SESSION, answer(status, {"error": error})])
    assert made.outcome.means == means
    assert SECRET not in made.outcome.says


def test_a_trial_posts_nothing() -> None:
    """It logs in; a refusal is told as one."""
    sample = bluesky().sample(SITE, NOW)
    made = exchange(bluesky(), parcel(sample), [SESSION])
    assert made.asked == [f"POST {XRPC}server.createSession"]
    assert (made.outcome.means, "nothing was posted" in made.outcome.says) == ("done", True)
    refused = exchange(
        bluesky(), parcel(sample), [answer(401, {"error": "AuthenticationRequired"})]
    )
    assert refused.outcome.means == "refused"
