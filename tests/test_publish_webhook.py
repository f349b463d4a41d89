import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped]  # the package ships no types
import pytest
from entries import KEPT, NOW, SITE, edition, entry, seed

from syndicator.model.custody import Damaged
from syndicator.model.feeds import Notice
from syndicator.model.pictures import Entry
from syndicator.model.posts import ChangeKind
from syndicator.model.records import Alerted, Switched
from syndicator.publish.webhook import LIMIT, Webhook

EVERY = (
    "post.published",
    "post.updated",
    "post.removed",
    "feed.updated",
    "archive.damaged",
    "endpoint.disabled",
    "endpoint.failing",
    "endpoint.recovered",
    "job.failing",
    "job.recovered",
)
ALERTS: Final = ("job", "endpoint")
ALL = ("post.published", "post.updated", "post.removed")


def notices(*told: tuple[ChangeKind, Entry], **settings: object) -> list[Notice]:
    whole = {"type": "webhook", "name": "ops", "url": "https://x.example/h", "secret_env": "MARK"}
    return list(Webhook.model_validate(whole | settings).publish(edition(told=told)))


def data_of(one: Entry) -> Any:
    (notice,) = notices(("published", one))
    assert len(notice.body) <= LIMIT
    return json.loads(notice.body)["data"]


def test_a_message_reads_byte_for_byte_so() -> None:
    """Type, time of the event in UTC, and the data receivers were promised, compact, in order."""
    (notice,) = notices(("published", seed()))
    assert notice.body.decode() == (
        '{"type":"post.published","timestamp":"2026-11-22T08:05:01Z","data":{'
        '"id":"tag:site.example,2020-12-01:news/5g/",'
        '"url":"https://site.example/news/5g/",'
        '"title":"Kaohsiung establishes 5G alliance",'
        '"summary":"The “Asia New Bay Area” (亞洲新灣區) is ready.",'
        '"published":"2020-12-01T12:00:00+08:00","updated":"2020-12-03T09:30:00Z",'
        f'"image":"{KEPT}","authors":["Taipei Times"],"tags":["5G","R&D"],"seq":1}}}}'
    )


def test_a_notice_says_whom_about_what_and_when() -> None:
    """The outbox needs no look into the body."""
    (notice,) = notices(("updated", entry(seq=3)), events=ALL)
    assert notice.endpoint == "ops"
    assert notice.kind == "post.updated"
    assert notice.subject == "tag:site.example,2020-12-01:news/a/"
    assert (notice.seq, notice.at) == (3, NOW)


def test_the_key_is_that_of_the_change() -> None:
    """The same change has the same key for ever; another post, count or event has another one."""
    (notice,) = notices(("published", entry()))
    whole = b"tag:site.example,2020-12-01:news/a/\n1\npost.published"
    assert notice.key == hashlib.sha256(whole).hexdigest()
    others = notices(
        ("published", entry("b")), ("published", entry(seq=2)), ("updated", entry()), events=ALL
    )
    assert len({notice.key, *(other.key for other in others)}) == 4


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (("post.published",), ["post.published"]),
        (("post.removed", "post.updated"), ["post.updated", "post.removed"]),
        (ALL, list(ALL)),
    ],
)
def test_only_what_was_asked_for_is_told(events: tuple[str, ...], told: list[str]) -> None:
    """Events not configured are not owed; the order is that of the changes."""
    changes: list[tuple[ChangeKind, Entry]] = [
        ("published", entry("a")),
        ("updated", entry("b")),
        ("removed", entry("c")),
    ]
    assert [notice.kind for notice in notices(*changes, events=events)] == told


def test_what_is_not_there_is_null_or_empty_but_never_missing() -> None:
    """A receiver can rely on every key; a removed post is told of as it was."""
    (notice,) = notices(("removed", entry(summary="")), events=ALL)
    data = json.loads(notice.body)["data"]
    keys = "id url title summary published updated image authors tags seq"
    assert list(data) == keys.split()
    assert (data["image"], data["summary"], data["tags"]) == (None, "", [])


@pytest.mark.parametrize("letter", ["x", "字", "\U0001f4a9", '"'])
def test_a_summary_without_end_is_cut_between_characters(letter: str) -> None:
    """The body fills its limit but for less than a character, and says that it was cut."""
    (notice,) = notices(("published", entry(summary=letter * LIMIT)))
    data = json.loads(notice.body)["data"]
    assert data["summary"].rstrip("\N{HORIZONTAL ELLIPSIS}") == letter * (len(data["summary"]) - 1)
    assert LIMIT - 4 < len(notice.body) <= LIMIT
    assert data["title"] == "Post a"


def test_a_body_of_exactly_the_limit_is_whole() -> None:
    """Nothing is cut that fits into 256 KiB."""
    (short,) = notices(("published", entry(summary="x")))
    whole = "x" * (256 * 1024 - len(short.body) + 1)
    assert data_of(entry(summary=whole))["summary"] == whole
    assert data_of(entry(summary=whole + "x"))["summary"] == whole[:-3] + "…"


def test_other_fields_without_end_are_shortened_after_it() -> None:
    """Title, tags and authors can't make a message that no receiver takes."""
    endless = "x" * 2**20
    titled = data_of(entry(title=endless))
    assert titled["summary"] == ""
    assert titled["title"].endswith("x…")
    assert data_of(entry(tags=(endless,), authors=("Ann",)))["authors"] == ["Ann"]
    crowd = data_of(entry(tags=(endless,), authors=(endless,)))
    assert (crowd["tags"], crowd["authors"]) == ([], [])


def test_a_digest_says_once_what_a_pass_changed() -> None:
    """The counts, and the first twenty changes; a newer one takes the place of an older."""
    made = notices(
        ("published", entry("a")), ("removed", entry("b", seq=2)), events=("feed.updated",)
    )
    (notice,) = made
    assert json.loads(notice.body)["data"] == {
        "id": "https://feeds.example/",
        "url": "https://feeds.example/",
        "site": "https://site.example/",
        "published": 1,
        "updated": 0,
        "removed": 1,
        "posts": [
            {
                "event": f"post.{event}",
                "id": f"tag:site.example,2020-12-01:news/{name}/",
                "url": f"https://site.example/news/{name}/",
                "title": entry(name).post.title,
            }
            for event, name in (("published", "a"), ("removed", "b"))
        ],
    }
    assert notice.replaces == "untried"
    assert notices(events=("feed.updated",)) == []


def test_an_envelope_of_cloudevents_holds_the_same_data() -> None:
    """Structured JSON, and its media type."""
    (plain,), (wrapped,) = (
        notices(("published", entry())),
        notices(("published", entry()), format="cloudevents"),
    )
    assert wrapped.media_type == "application/cloudevents+json"
    told, body = json.loads(wrapped.body), json.loads(plain.body)
    assert told["data"] == body["data"]
    assert (told["type"], told["time"]) == (body["type"], body["timestamp"])
    assert told["id"] == plain.key


def test_every_body_fits_its_schema() -> None:
    """Those of posts, those of everything else, and the envelope."""
    folder = Path(__file__).parent.parent / "docs" / "reference"
    schema = {
        name: json.loads((folder / f"{name}.schema.json").read_text("utf-8"))
        for name in ("webhook", "webhook-events", "cloudevents")
    }
    for form in ("standard", "cloudevents"):
        hook = Webhook.model_validate(
            {
                "type": "webhook",
                "name": "ops",
                "url": "https://x.example/h",
                "secret_env": "MARK",
                "events": EVERY,
                "format": form,
            }
        )
        said = list(hook.publish(edition(told=[("published", seed()), ("removed", entry())])))
        damage = Damaged(at=NOW, name="ab.png", place="blobs", found="cd")
        switched = Switched(at=NOW, endpoint="news", state="disabled", says="gone")
        long = "n" * 999
        failing = Alerted(at=NOW, kind="job", name="x", state="failing", failures=3, says=long)
        well = replace(failing, state="recovered", began=NOW)
        alerts = [replace(one, kind=kind) for one in (failing, well) for kind in ALERTS]
        said += [
            one
            for one in (
                *(hook.alert(alerted, SITE) for alerted in alerts),
                hook.alarm(damage, ["a.md"], SITE),
                hook.warn(switched, SITE),
                hook.sample(SITE, NOW),
                hook.digest(said[:2], SITE),
            )
            if one is not None
        ]
        assert {one.kind for one in said} == {*EVERY, "endpoint.test"} - {"post.updated"}
        for one in said:
            name = "webhook" if one.kind.startswith("post.") else "webhook-events"
            jsonschema.validate(
                json.loads(one.body), schema["cloudevents" if form == "cloudevents" else name]
            )
