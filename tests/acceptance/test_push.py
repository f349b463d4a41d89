"""What a receiver of pushes may rely on, seen from a real one."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from local_web import ALLOW, LocalWeb, Push, dead_port, local_web
from standardwebhooks.webhooks import Webhook
from syndicate_command import SECRET, Ran, finish, start, syndicate
from trial_site import configure, ids, let_fall_due, png, post, public, put, site, sql, webhook

KEYS = {
    "id",
    "url",
    "title",
    "summary",
    "published",
    "updated",
    "image",
    "authors",
    "tags",
    "seq",
}


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Receive pushes."""
    with local_web() as served:
        yield served


@pytest.fixture
def told(tmp_path: Path, web: LocalWeb) -> Path:
    """Make a site of two posts, published when a receiver was configured already."""
    root = site(tmp_path, publish=webhook(web.url("/hook")), network=ALLOW)
    post(root, "2024-05-01-a.md", summary="Of a", tags="[x, y]", author="Ann")
    post(root, "2024-05-02-b.md")
    run(root)
    return root


def run(root: Path) -> Ran:
    """Make a pass that must end well."""
    ran = syndicate("run", "--drain", "0", cwd=root)
    assert ran.code == 0, ran
    return ran


def said(web: LocalWeb) -> list[tuple[str, str, int]]:
    """Tell what came: event, title, seq."""
    bodies: list[dict[str, Any]] = [json.loads(body) for body in web.pushed()]
    return [(body["type"], body["data"]["title"], body["data"]["seq"]) for body in bodies]


def test_the_official_verifier_accepts_a_push(told: Path, web: LocalWeb) -> None:
    """A push is signed as Standard Webhooks ask, with its time, over the bytes that came."""
    post(told, "2024-05-03-c.md")
    run(told)
    (push,) = web.pushes
    Webhook(SECRET).verify(push.body.decode(), push.headers)
    assert push.headers["content-type"] == "application/json"


def test_a_push_says_all_of_a_post(told: Path, web: LocalWeb) -> None:
    """The body has exactly the promised keys, and the values of the feeds."""
    picture = web.serve("/p.png", png(9))
    post(
        told,
        "2024-05-03-c.md",
        "Words of c.",
        title="C & D",
        summary="Of c",
        image=picture,
        author="Cy",
        tags="[one, two]",
        permalink="c-d/",
    )
    run(told)
    body = json.loads(web.pushes[0].body)
    assert body.keys() == {"type", "timestamp", "data"}
    assert body["data"].keys() == KEYS
    media = next(name for name in public(told) if name.endswith(".png"))
    assert body["type"] == "post.published"
    assert body["data"] == {
        "id": ids(told)["C & D"],
        "url": "https://site.example/c-d/",
        "title": "C & D",
        "summary": "Of c",
        "published": "2024-05-03T12:00:00+08:00",
        "updated": "2024-05-03T12:00:00+08:00",
        "image": f"https://feeds.example/{media}",
        "authors": ["Cy"],
        "tags": ["one", "two"],
        "seq": 1,
    }


def test_a_new_receiver_hears_nothing_of_the_past(told: Path, web: LocalWeb) -> None:
    """``since = "configured"``: only what is published from then on."""
    assert web.pushes == []
    post(told, "2024-05-03-c.md")
    run(told)
    assert said(web) == [("post.published", "2024-05-03-c", 1)]


def test_since_all_announces_existing_posts_oldest_first(told: Path, web: LocalWeb) -> None:
    """``since = "all"``: a new receiver gets every post there is, once, in order of date."""
    strict = 'order = "strict"'
    other = webhook(web.url("/other"), name="other", since="all", more=strict)
    configure(told, publish=webhook(web.url("/hook")) + other, network=ALLOW)
    run(told)
    run(told)
    assert said(web) == [
        ("post.published", "2024-05-01-a", 1),
        ("post.published", "2024-05-02-b", 1),
    ]
    assert {push.path for push in web.pushes} == {"/other"}


def test_an_edit_is_pushed_once(told: Path, web: LocalWeb) -> None:
    """An edit is one ``post.updated`` with the next seq and the same id."""
    before = ids(told)
    post(told, "2024-05-01-a.md", "Other words.", summary="Of a")
    run(told)
    run(told)
    assert said(web) == [("post.updated", "2024-05-01-a", 2)]
    assert json.loads(web.pushes[0].body)["data"]["id"] == before["2024-05-01-a"]


def test_white_space_is_not_pushed(told: Path, web: LocalWeb) -> None:
    """An edit that no reader would notice tells nobody anything."""
    file = told / "content/2024-05-02-b.md"
    put(file, file.read_text(encoding="utf-8") + "\n\n\n")
    assert "1 seen" not in run(told).out
    assert web.pushes == []


def test_a_removal_is_pushed_once(told: Path, web: LocalWeb) -> None:
    """A post whose file goes is one ``post.removed``, and leaves the feeds."""
    (told / "content/2024-05-02-b.md").unlink()
    run(told)
    run(told)
    assert said(web) == [("post.removed", "2024-05-02-b", 2)]
    assert list(ids(told)) == ["2024-05-01-a"]


def test_a_renamed_file_is_the_same_post(told: Path, web: LocalWeb) -> None:
    """A file that moves with its content keeps its id, and nobody is told."""
    before = ids(told)
    content = told / "content"
    post(told, "2024-05-03-c.md", permalink="here/")
    run(told)
    web.pushes.clear()
    before = ids(told)
    (content / "2024-05-03-c.md").rename(content / "2024-05-03-other-name.md")
    run(told)
    assert ids(told) == before
    assert web.pushes == []


def test_a_dead_receiver_is_tried_again_under_the_same_id(told: Path, web: LocalWeb) -> None:
    """What a receiver refuses stays owed; when its hour comes it gets the same message."""
    web.answers.append(500)
    post(told, "2024-05-03-c.md")
    failed = run(told)
    assert "endpoint ops: 1 owed, next try in " in failed.out
    assert "answered 500 Internal Server Error" in failed.out
    let_fall_due(told)
    assert "1 sent, 0 owed" in run(told).out
    first, second = web.pushes
    assert (first.id, first.body) == (second.id, second.body)
    Webhook(SECRET).verify(second.body.decode(), second.headers)


def test_nothing_goes_out_before_its_hour(told: Path, web: LocalWeb) -> None:
    """A receiver that just failed is left alone until its next attempt is due."""
    hook = webhook(web.url("/hook"), more='retries = ["1h"]')
    configure(told, publish=hook, network=ALLOW)
    web.answers.append(503)
    post(told, "2024-05-03-c.md")
    run(told)
    assert run(told).out.startswith("nothing changed")
    assert len(web.pushes) == 1


def test_a_receiver_that_is_not_there_holds_up_nobody(told: Path, web: LocalWeb) -> None:
    """With one receiver down, the other gets its pushes, and the pass ends with 0."""
    down = webhook(f"http://127.0.0.1:{dead_port()}/", name="down")
    configure(told, publish=down + webhook(web.url("/hook")), network=ALLOW)
    run(told)
    post(told, "2024-05-03-c.md")
    assert "pushes   1 sent, 1 owed, 0 given up" in run(told).out
    assert said(web) == [("post.published", "2024-05-03-c", 1)]


def test_a_receiver_that_wants_no_more_is_disabled(told: Path, web: LocalWeb) -> None:
    """410 Gone ends it at once; the pass says so and exits with 1; a person may resume it."""
    web.answers.append(410)
    post(told, "2024-05-03-c.md")
    ran = syndicate("run", "--drain", "20s", cwd=told)
    assert ran.code == 1
    assert "endpoint ops (disabled): 1 owed" in ran.out
    post(told, "2024-05-04-d.md")
    assert syndicate("run", "--drain", "0", cwd=told).code == 1
    assert len(web.pushes) == 1
    assert syndicate("push", "resume", "ops", cwd=told).code == 0
    assert "2 sent, 0 owed" in syndicate("run", "--drain", "20s", cwd=told).out


def test_a_push_never_comes_before_the_feeds(told: Path, web: LocalWeb) -> None:
    """The moment a receiver hears of a post, all feeds hold it already."""
    seen: list[list[bool]] = []

    def look(_push: Push) -> None:
        feeds = [public(told)[name] for name in ("feed.xml", "atom.xml", "feed.json")]
        seen.append([b"Fresh news" in feed for feed in feeds])

    web.hook = look
    post(told, "2024-05-03-c.md", title="Fresh news")
    run(told)
    assert seen == [[True, True, True]]


def test_published_and_owed_are_one(told: Path, web: LocalWeb) -> None:
    """A receiver taken out of the configuration for a while gets what was owed to it before."""
    web.answers.append(500)
    post(told, "2024-05-03-c.md")
    run(told)
    configure(told, network=ALLOW)
    run(told)
    configure(told, publish=webhook(web.url("/hook")), network=ALLOW)
    let_fall_due(told)
    run(told)
    assert [push.id for push in web.pushes] == [web.pushes[0].id] * 2
    assert sql(told, "SELECT count(*) FROM delivery WHERE state != 'done'") == [(0,)]


def test_listen_ends_after_so_many_pushes(told: Path) -> None:
    """Not connections: some bring none, or half a one, some many; the last is answered, too."""
    with start("push", "listen", "ops", "--port", "0", "--count", "3", "--json", cwd=told) as ear:
        assert ear.stderr is not None
        where = urlsplit(ear.stderr.readline().split()[2])
        assert where.port is not None
        with (
            socket.create_connection(("127.0.0.1", where.port)),
            closing(HTTPConnection("127.0.0.1", where.port)) as line,
        ):
            with socket.create_connection(("127.0.0.1", where.port)) as torn:  # it breaks off
                torn.sendall(b"POST / HTTP/1.1\r\ncontent-length: 10\r\n\r\nab")
            with socket.create_connection(("127.0.0.1", where.port)) as large:
                large.sendall(b"POST / HTTP/1.1\r\ncontent-length: 2000000\r\n\r\n")
                assert large.recv(100).split()[1] == b"413"
            assert [send(line, body) for body in ("{}", "[]", "torn")] == [204, 204, 401]
        ran = finish(ear)
    assert ran.code == 1
    heard = [json.loads(one) for one in ran.out.splitlines()]
    assert [(one["body"], one["verified"]) for one in heard] == [
        ("{}", True),
        ("[]", True),
        ("torn", False),
    ]


def send(line: HTTPConnection, body: str) -> int:
    """Send a signed body, or "torn" with the signature of another; return the status."""
    now = datetime.now(UTC)  # noqa: TID251  # the listener reads the clock, too
    signature = Webhook(SECRET).sign("msg_1", now, "whole" if body == "torn" else body)
    stamp = str(int(now.timestamp()))
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    headers = dict(zip(names, ("msg_1", stamp, signature), strict=True))
    line.request("POST", "/", body=body, headers=headers)
    answer = line.getresponse()
    answer.read()
    return answer.status
