"""Addresses told to search engines: in which requests, with which key, and what answers mean."""

import json
from dataclasses import replace
from typing import Any

import pytest
from entries import NOW, SITE, edition, entry
from exchanges import answer, exchange, parcel
from pydantic import ValidationError

from syndicator.model.feeds import Document, Notice
from syndicator.publish.indexnow import MOST, IndexNow

KEY = "0123456789abcdef"


def indexnow(**settings: Any) -> IndexNow:
    return IndexNow.model_validate({"type": "indexnow", "key": KEY, **settings})


def told(*names: str, **settings: Any) -> list[Notice]:
    changes: Any = [("published", entry(name)) for name in names]
    return list(indexnow(**settings).publish(edition(told=changes)))  # type: ignore[arg-type]  # no document here


def test_one_request_holds_all_of_a_pass() -> None:
    """For each host one, each address once, with the key and where it lies."""
    moved = entry("c", url="https://other.example/c/")
    changes: Any = [("published", entry("a")), ("updated", entry("b")), ("removed", moved)]
    here, there = indexnow().publish(edition(told=changes))
    assert isinstance(here, Notice)
    assert json.loads(here.body) == {
        "host": "site.example",
        "key": KEY,
        "keyLocation": f"https://site.example/{KEY}.txt",
        "urlList": ["https://site.example/news/a/", "https://site.example/news/b/"],
    }
    assert json.loads(there.body)["host"] == "other.example"


def test_more_than_ten_thousand_are_several_requests() -> None:
    """As many as are needed, none larger than the engines take, and none taken for another."""
    made = told(*(str(n) for n in range(MOST + 1)))
    assert [len(json.loads(one.body)["urlList"]) for one in made] == [MOST, 1]
    assert len({one.key for one in made}) == 2


def test_nothing_changed_is_nothing_told() -> None:
    """No request, and no file that is not ours to write."""
    assert told() == []


def test_the_key_is_written_where_it_lies_among_the_feeds() -> None:
    """Elsewhere, whoever keeps the site puts it there."""
    place = f"https://feeds.example/{KEY}.txt"
    (document,) = indexnow(key_location=place).publish(edition())
    assert document == Document(path=f"{KEY}.txt", media_type="text/plain", body=KEY.encode())
    same = replace(SITE, feeds=SITE.url)
    (document,) = indexnow().publish(edition(site=same))
    assert isinstance(document, Document)
    for odd in ("https://feeds.example/media/k.txt", "https://feeds.example/../k.txt"):
        assert list(indexnow(key_location=odd).publish(edition())) == []


@pytest.mark.parametrize(
    ("status", "means"),
    [(200, "done"), (202, "done"), (403, "refused"), (422, "refused"), (429, "again")],
)
def test_answers_mean_what_the_protocol_says(status: int, means: str) -> None:
    """A key that is not believed is for a person to look at."""
    made = exchange(indexnow(), parcel(told("a")[0]), [answer(status)], secret="")
    assert made.asked == ["POST https://api.indexnow.org/indexnow"]
    assert made.outcome.means == means
    assert ("key" in made.outcome.says) is (status in {403, 422})
    assert made.outcome.alarm is (status in {403, 422})


@pytest.mark.parametrize("key", ["short", "x" * 129, "has a blank in it", "k/../../etc/passwd"])
def test_a_key_that_no_engine_takes_is_refused(key: str) -> None:
    """8 to 128 letters, digits and -."""
    with pytest.raises(ValidationError, match="8 to 128"):
        indexnow(key=key)


def test_a_trial_tells_of_the_site_itself() -> None:
    """With the key, as all else is told."""
    sample = indexnow().sample(SITE, NOW)
    made = exchange(indexnow(), parcel(sample), [answer(202)], secret="")
    assert made.json(0)["urlList"] == [SITE.url]
    assert (made.json(0)["key"], made.outcome.means) == (KEY, "done")
