"""Statuses: their words, and one of each post whatever was lost on the way."""

import html
import json
from typing import Any

import pytest
from entries import NOW, SITE, edition, entry, nasty, seed
from exchanges import SECRET, Exchange, answer, exchange, parcel

from syndicator.model.feeds import Answer, Change, Notice
from syndicator.model.pictures import Entry
from syndicator.model.posts import ChangeKind
from syndicator.publish.mastodon import LINK, Mastodon, count

V1 = "https://x.example/api/v1/"
ME = answer(200, {"id": "7"})
NONE = answer(200, [])
LOOK = [
    f"GET {V1}accounts/verify_credentials",
    f"GET {V1}accounts/7/statuses?limit=40&exclude_replies=true&exclude_reblogs=true",
]


def mastodon(**settings: Any) -> Mastodon:
    whole = {"type": "mastodon", "name": "m", "secret_env": "T", "url": "https://x.example"}
    return Mastodon.model_validate({**whole, **settings})


def notice(kind: ChangeKind = "published", one: Entry | None = None, **settings: Any) -> Notice:
    told: Any = [(kind, one or seed())]
    (made,) = mastodon(**settings).publish(edition(told=told))
    return made


def words(one: Notice) -> str:
    text: str = json.loads(one.body)["status"]
    return text


def listed(one: Notice, key: str = "42") -> Answer:
    """Return a list with a status of these words, as Mastodon writes it."""
    text = html.escape(words(one)).replace("https://", '<span class="invisible">https://</span>')
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
    return answer(
        200, [{"id": "1", "content": "<p>other</p>"}, {"id": key, "content": paragraphs}]
    )


def attempt(one: Notice, *answers: Answer, remote: str = "") -> Exchange:
    return exchange(mastodon(), parcel(one, remote=remote), answers)


def test_a_status_reads_so() -> None:
    """Title, summary, address; seen by whom it is to be, in its language."""
    made = json.loads(notice(visibility="unlisted").body)
    assert made == {
        "status": "Kaohsiung establishes 5G alliance\n\n"
        "The “Asia New Bay Area” (亞洲新灣區) is ready.\n\nhttps://site.example/news/5g/",
        "visibility": "unlisted",
        "language": "en",
    }


@pytest.mark.parametrize("letter", ["x", "字", "\U0001f4a9", "e\u0301", "a b ", "https://a.b "])
def test_a_status_fits_its_server(letter: str) -> None:
    """An address counts for 23, however long; what is cut is cut between letters."""
    url = "https://site.example/" + "y" * 400
    text = words(notice(one=entry("a", title=letter * 999, summary=letter * 999, url=url)))
    *texts, link = text.split("\n\n")
    assert link == url
    assert count("\n\n".join(texts)) + 2 + LINK <= 500
    assert len(text) > 500 - 150
    assert all(part.endswith("…") for part in texts)
    assert len(words(notice(one=nasty(), characters=200))) < 200 + 60


def test_nobody_is_mentioned() -> None:
    """A title with an account's name calls nobody; a mail address stays as it is."""
    text = words(notice(one=entry("a", title="@ann@evil.example and me@site.example")))
    assert text.startswith("@\u200bann@evil.example and me@site.example\n")


def test_a_new_status_is_posted_under_the_id_of_the_message() -> None:
    """After a look, with the token in a header, and what it is called is kept."""
    made = attempt(notice(), ME, NONE, answer(200, {"id": "99"}))
    assert made.asked == [*LOOK, f"POST {V1}statuses"]
    assert dict(made.requests[2].headers) == {
        "authorization": f"Bearer {SECRET}",
        "idempotency-key": "msg_1",
        "content-type": "application/json",
    }
    assert (made.outcome.means, made.outcome.remote) == ("done", "99")
    assert SECRET not in repr(made)


def test_a_status_that_is_there_is_not_posted_again() -> None:
    """Only one of exactly these words is it: another about the same page is somebody's own."""
    one = notice()
    made = attempt(one, ME, listed(one))
    assert (made.asked, made.outcome.remote) == (LOOK, "42")
    about = answer(200, [{"id": "1", "content": "<p>Read https://site.example/news/5g/</p>"}])
    assert attempt(one, ME, about, answer(200, {"id": "99"})).outcome.remote == "99"


def test_a_500_to_a_known_key_is_looked_into() -> None:
    """Some versions answer so to a key they know: what it made is found, or it is tried again."""
    one = notice()
    found = attempt(one, ME, NONE, answer(500), ME, listed(one))
    assert (found.outcome.means, found.outcome.remote) == ("done", "42")
    missed = attempt(one, ME, NONE, answer(500), ME, NONE)
    assert (missed.outcome.means, missed.outcome.says) == ("again", "answered 500")
    unseen = attempt(one, ME, NONE, answer(500), answer(502))
    assert unseen.outcome.says == "answered 500, and 502 when asked for its last statuses"


def test_an_edit_edits_and_a_removal_deletes() -> None:
    """The status we know of; one that somebody deleted is left so."""
    edit = attempt(notice("updated"), answer(200, {"id": "42"}), remote="42")
    assert (edit.asked, edit.outcome.remote) == ([f"PUT {V1}statuses/42"], "42")
    assert edit.json(0)["status"] == words(notice())
    gone = attempt(notice("removed"), answer(200, {}), remote="42")
    assert (gone.asked, gone.outcome.remote) == ([f"DELETE {V1}statuses/42"], "")
    lost = attempt(notice("updated"), answer(404), remote="42")
    assert (lost.outcome.means, lost.outcome.says) == ("done", "the status was deleted there")


def test_what_was_never_posted_is_neither_edited_nor_deleted() -> None:
    """It is looked for, and if it is not there that is that; a strange name is no id."""
    made = attempt(notice("removed"), ME, NONE)
    assert (made.asked, made.outcome.means) == (LOOK, "done")
    odd = attempt(notice("updated"), ME, NONE, remote="../admin")
    assert (odd.asked, odd.outcome.means) == (LOOK, "done")


@pytest.mark.parametrize("status", [401, 403, 422, 429, 503])
def test_what_is_refused_is_judged_as_usual(status: int) -> None:
    """Nothing is posted by an account that can't be asked who it is."""
    made = attempt(notice(), answer(status, {"error": "no"}))
    assert made.asked == LOOK[:1]
    assert made.outcome.means == ("again" if status in {429, 503} else "refused")


@pytest.mark.parametrize("said", [None, [], {"id": 7}, {"id": "../x"}, "x"])
def test_answers_of_another_shape_break_nothing(said: object) -> None:
    """Whatever answers there is not to be trusted."""
    made = attempt(notice(), answer(200, said))
    assert made.outcome.means == "again"


def test_only_what_was_asked_for_is_told() -> None:
    """Settings choose whether edits and removals are told."""
    told = [Change(kind="removed", entry=seed(), at=notice().at)]
    assert told
    made = mastodon(events=["post.published"]).publish(edition(told=[("removed", seed())]))
    assert list(made) == []


def test_a_trial_posts_nothing() -> None:
    """It asks who the token is of; a refusal is told as one."""
    sample = mastodon().sample(SITE, NOW)
    made = exchange(mastodon(), parcel(sample), [ME])
    assert (made.asked, made.outcome.means) == (LOOK[:1], "done")
    assert "nothing was posted" in made.outcome.says
    refused = exchange(mastodon(), parcel(sample), [answer(401, {"error": "no"})])
    assert refused.outcome.means == "refused"
