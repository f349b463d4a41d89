"""Requests from templates and presets: what is refused, what is sent, what an answer means."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from entries import KEPT, NOW, SITE, edition, entry, nasty, seed
from exchanges import SECRET, answer, exchange, parcel
from pydantic import ValidationError

from syndicator.errors import Refused
from syndicator.model.feeds import Attempt, Notice
from syndicator.model.records import Alerted
from syndicator.model.report import UNWORDED
from syndicator.publish.http import Http

ADDRESS = f"https://hooks.example/services/{SECRET}"


def http(**settings: Any) -> Http:
    whole = {"type": "http", "name": "chat", "secret_env": "CHAT", "preset": "slack"}
    return Http.model_validate({**whole, **settings})


def template(text: str, **settings: Any) -> Http:
    return http(preset="", template=text, **settings)


def notice(one: Http, told: Any = None) -> Notice:
    (made,) = one.publish(edition(told=[("published", told or seed())]))
    return made


def test_a_template_says_what_the_post_says() -> None:
    """Every name, quoted for JSON where that is asked for."""
    names = "event id url title summary picture tags authors language published updated seq"
    text = "{" + ",".join(f'"{name}": {{{{ {name} | tojson }}}}' for name in names.split()) + "}"
    said = json.loads(notice(template(text)).body)
    assert said["event"] == "post.published"
    assert said["title"] == "Kaohsiung establishes 5G alliance"
    assert (said["picture"], said["tags"], said["authors"]) == (
        KEPT,
        ["5G", "R&D"],
        ["Taipei Times"],
    )
    assert said["published"] == "2020-12-01T12:00:00+08:00"
    plain = template("{{ title }} <{{ site.title }}>", media_type="text/plain")
    assert notice(plain).body == b"Kaohsiung establishes 5G alliance <News & Views>"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a\n{% if %}", "line 2 of it: "),
        ("a\n\n{{ titel }}", "line 3 of it: 'titel' is undefined"),
        ("{{ tags[0] }}", "line 1 of it: "),
        ("{{ title.__class__ }}", "line 1 of it: "),
        ("{{ ''.__class__.__mro__ }}", "line 1 of it: "),
        ("{% include '/etc/passwd' %}", "line 1 of it: "),
        ("{{ title.nope() }}", "line 1 of it: "),
        ("{% for i in range(9999) %}{{ title }}{% endfor %}", "more than 256 KiB"),
        ("{{ 1 // 0 }}", "line 1 of it: "),
    ],
)
def test_a_template_that_fails_is_an_error_of_the_configuration(text: str, why: str) -> None:
    """It is tried when it is read, with a full post and with a bare one; not when a post comes."""
    with pytest.raises(ValidationError, match="works for every post") as caught:
        template(text)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"template": "x"}, "one of the two"),
        ({"preset": ""}, "one of the two"),
        ({"secret_env": ""}, "has no address"),
        ({"headers": {"Host": "x"}}, "belongs to the connection"),
        ({"headers": {"a b": "x"}}, "no name of a header"),
        ({"headers": {"X": "{{ title }}"}}, "'title' is undefined"),
        ({"headers": {"X": "a\nb"}}, "line breaks"),
    ],
)
def test_what_can_not_work_is_refused(settings: dict[str, object], why: str) -> None:
    """At once, and with the reason."""
    with pytest.raises(ValidationError, match=why):
        http(**settings)


ODD = "{% if 'R&D' in tags %}{{ tags[2] | tojson }}{% endif %}"  # works for the samples


def test_what_a_template_fails_at_is_owed_as_it_came() -> None:
    """And filled in when it is sent, by the template of then; other posts are worded at once."""
    told: Any = [("published", seed()), ("published", entry())]
    owed, other = template(f"x{ODD}").publish(edition(told=told))
    assert (owed.media_type, json.loads(owed.body)["tags"]) == (UNWORDED, ["5G", "R&D"])
    mended = template("{{ title }}: {{ tags | join(', ') }}", media_type="text/plain")
    (sent,) = exchange(mended, parcel(owed), [answer(200)]).requests
    assert sent.body == b"Kaohsiung establishes 5G alliance: 5G, R&D"
    assert sent.headers == (("content-type", "text/plain"),)
    assert (other.body, owed.key) == (b"x", notice(mended).key)
    (chat,) = exchange(http(), parcel(owed), [answer(200)], ADDRESS).requests
    assert json.loads(chat.body) == json.loads(notice(http()).body)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ODD, "its template fails: line 1 of it: tuple object has no element 2"),
        ("\n{{ title.__class__ if 'R&D' in tags }}", "line 2 of it: access to attribute"),
        ("{% for i in range(summary | length * 300) %}{{ summary }}{% endfor %}", "256 KiB"),
        ("{{ {}[summary * 99] if 'R&D' in tags }}", "has no attribute"),
    ],
)
def test_nothing_is_sent_while_a_template_fails(text: str, why: str) -> None:
    """It is told in which of its lines, and why, in a few words."""
    one = template(text)
    owed = notice(one)
    with pytest.raises(Refused, match=why) as caught:
        one.request(parcel(owed), Attempt(at=NOW, n=1, secret=ADDRESS))
    assert (owed.media_type, len(str(caught.value)) < 400) == (UNWORDED, True)


def test_alerts_and_samples_a_template_fails_at_are_told_too() -> None:
    """As what is owed of posts: the endpoint's fault ends nothing but their sending."""
    events = ["job.failing", "post.published"]
    one = template("{% if 'post' not in event %}{{ oops }}{% endif %}", events=events)
    told = one.alert(ALERT, SITE)
    assert told is not None
    for owed in (told, one.sample(SITE, NOW)):
        with pytest.raises(Refused, match="'oops' is undefined"):
            one.request(parcel(owed), Attempt(at=NOW, n=1, secret=ADDRESS))


def test_the_secret_is_the_address() -> None:
    """It is in the request, and in nothing that is kept."""
    one = http()
    kept = notice(one)
    made = exchange(one, parcel(kept), [answer(200)], secret=ADDRESS)
    assert made.requests[0].url == ADDRESS
    assert SECRET not in repr(made.requests) + repr(kept) + repr(one)
    assert made.requests[0].headers == (("content-type", "application/json"),)


def test_the_secret_may_be_a_token() -> None:
    """Then the address is a setting, and headers hold the secret and the id of the message."""
    headers = {"Authorization": "Bearer {{ secret }}", "Idempotency-Key": "{{ message }}"}
    one = http(url="https://api.example/x", headers=headers, method="PUT")
    made = exchange(one, parcel(notice(one)), [answer(201)])
    assert made.asked == ["PUT https://api.example/x"]
    assert dict(made.requests[0].headers) == {
        "content-type": "application/json",
        "Authorization": f"Bearer {SECRET}",
        "Idempotency-Key": "msg_1",
    }


@pytest.mark.parametrize(
    ("secret", "fits"),
    [(ADDRESS, True), ("no address", False), (SECRET, False), ("https://a.example/\n", False)],
)
def test_a_secret_that_is_no_address_is_refused_unquoted(secret: str, fits: bool) -> None:
    """The reason never says what the secret is."""
    why = http().unfit(secret)
    assert (why == "") is fits
    assert secret.strip() not in why or not why


@pytest.mark.parametrize("status", [404, 410])
def test_a_chat_that_forgot_the_webhook_ends_it(status: int) -> None:
    """For a chat 404 means deleted; for anything else it may be a mistake of a day."""
    assert exchange(http(), parcel(notice(http())), [answer(status)]).outcome.means == "gone"
    other = template("x")
    told = exchange(other, parcel(notice(other)), [answer(404)]).outcome
    assert told.means == "refused"


def test_a_chat_that_asks_for_a_pause_gets_it() -> None:
    """Discord says the seconds in the body, Slack in a header that the sender reads."""
    told = exchange(http(), parcel(notice(http())), [answer(429, {"retry_after": 2.5})]).outcome
    assert (told.means, told.wait, told.busy) == ("again", 2.5, True)
    assert exchange(http(), parcel(notice(http())), [answer(429)]).outcome.busy


def test_chats_are_told_once_and_of_new_posts_only() -> None:
    """Unless the settings say otherwise."""
    one = http()
    assert (one.mode, one.events, one.max_inflight) == ("at-most-once", ("post.published",), 1)
    edits: Any = [("updated", seed()), ("removed", entry("b"))]
    assert list(one.publish(edition(told=edits))) == []
    told = http(events=["post.updated", "post.removed"]).publish(edition(told=edits))
    assert [made.kind for made in told] == ["post.updated", "post.removed"]


def test_a_receiver_can_be_tried() -> None:
    """With a message that tells of nothing, in the form of the others."""
    assert b"A test: nothing happened" in http().sample(SITE, NOW).body
    made = template("{{ event }} {{ title }} {{ site.title }}", media_type="text/plain")
    one = made.sample(SITE, NOW)
    assert one.body == b"endpoint.test A test: nothing happened News & Views"
    assert (one.kind, one.media_type) == ("endpoint.test", "text/plain")


def test_posts_without_end_make_no_message_without_end() -> None:
    """Values are cut before they fill a template."""
    one = template("{{ title | tojson }}{{ summary }}{{ tags | join }}")
    assert len(notice(one, nasty()).body) < 50_000


ALERT = Alerted(at=NOW, kind="job", name="pass", state="failing", failures=3, says="no <disk>")


def test_an_alert_reads_like_a_post() -> None:
    """In a chat as in a template; once for one alert, whatever it says; and only on request."""
    assert http().alert(ALERT, SITE) is None
    chat = http(events=["job.failing"]).alert(ALERT, SITE)
    assert chat is not None
    said = json.loads(chat.body)["text"]
    assert "pass: failed 3 times in a row" in said
    assert said.endswith("no &lt;disk&gt;")
    own = template("{{ event }}: {{ title }}: {{ summary }}", events=["job.failing"])
    made = own.alert(ALERT, SITE)
    assert made is not None
    assert made.body == b"job.failing: pass: failed 3 times in a row: no <disk>"
    assert made.key == chat.key
    well = Alerted(at=NOW, kind="endpoint", name="ops", state="recovered", failures=5, began=NOW)
    again = http(events=["endpoint.recovered"]).alert(well, SITE)
    assert again is not None
    assert "endpoint ops: goes well again" in json.loads(again.body)["text"]


def test_the_cdn_of_the_documentation_is_told_what_to_forget() -> None:
    """Its table is one that works: JSON, with the token in a header, for every kind of change."""
    page = Path(__file__).parent.parent / "docs/explanation/scale.md"
    block = re.search(r"```toml\n(\[\[publish]].*?)```", page.read_text("utf-8"), re.DOTALL)
    assert block is not None
    (table,) = tomllib.loads(block[1])["publish"]
    cdn = Http.model_validate(table)
    told = edition(told=[("published", seed()), ("updated", entry())])
    notices = list(cdn.publish(told))
    files = ["https://feeds.example/feed.xml", "https://feeds.example/atom.xml"]
    assert [json.loads(one.body) for one in notices] == [{"files": files}] * 2
    (sent,) = exchange(cdn, parcel(notices[0]), [answer(200)]).requests
    assert dict(sent.headers)["Authorization"] == f"Bearer {SECRET}"
