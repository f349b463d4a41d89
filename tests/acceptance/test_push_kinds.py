"""Receivers of other kinds than the webhook, seen from theirs."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from fake_networks import FakeBluesky, FakeMastodon, faked
from local_web import ALLOW, LocalWeb, local_web
from syndicate_command import Ran, syndicate
from trial_site import contents, let_fall_due, post, public, site, sql

CANARY = "canary-5f1d9c"
FEED = "https://feeds.example/feed.xml"


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Receive what is sent."""
    with local_web() as served:
        yield served


def run(root: Path, web: LocalWeb | None = None) -> Ran:
    """Make a pass that must end well, and shows no secret anywhere."""
    chat = web.url(f"/{CANARY}") if web else ""
    env = {"CHAT": chat, "TOKEN": CANARY}
    ran = syndicate("run", "--drain", "3", cwd=root, env=env)
    assert ran.code == 0, ran
    assert CANARY not in ran.out + ran.err
    assert not [name for name, data in contents(root).items() if CANARY.encode() in data]
    return ran


def test_a_hub_is_told_of_a_feed_that_changed_once_it_has(tmp_path: Path, web: LocalWeb) -> None:
    """One ping for each feed, when it reads so already; nothing for a feed that is as it was."""
    hub = f'[feeds]\nhubs = ["{web.url("/hub")}"]'
    root = site(tmp_path, publish='[[publish]]\ntype = "websub"\n', network=ALLOW, rest=hub)
    post(root, "2024-05-01-a.md")
    run(root, web)
    assert web.pushes == []  # nobody is told of what was there before
    found: list[bool] = []
    web.hook = lambda _push: found.append(b"2024-05-02-b" in public(root)["feed.xml"])
    post(root, "2024-05-02-b.md")
    run(root, web)
    said = [parse_qs(push.body.decode()) for push in web.pushes]
    assert {one["hub.mode"][0] for one in said} == {"publish"}
    topics = [one["hub.url"] for one in said]
    assert topics == [one["hub.topic"] for one in said]
    assert sorted(topic for (topic,) in topics) == [
        "https://feeds.example/atom.xml",
        "https://feeds.example/feed.json",
        FEED,
    ]
    assert found == [True] * 3
    web.pushes.clear()
    (root / "archive/state.db").unlink()
    run(root, web)
    assert web.pushes == []


def test_a_chat_gets_a_post_once(tmp_path: Path, web: LocalWeb) -> None:
    """At the address that is the secret, which shows nowhere."""
    chat = '[[publish]]\ntype = "http"\nname = "chat"\npreset = "slack"\nsecret_env = "CHAT"\n'
    root = site(tmp_path, publish=chat, network=ALLOW)
    run(root, web)
    post(root, "2024-05-01-a.md", title="Tom & Jerry")
    run(root, web)
    (push,) = web.pushes
    assert push.path == f"/{CANARY}"
    said = json.loads(push.body)
    assert said["text"].startswith("*<https://site.example/a/|Tom &amp; Jerry>*")


def test_a_template_that_fails_is_told_with_its_place(tmp_path: Path) -> None:
    """Before anything is done: file, line of the setting, line of the template."""
    chat = '[[publish]]\ntype = "http"\nname = "chat"\nsecret_env = "CHAT"\n'
    root = site(tmp_path, publish=chat + 'template = "{{ titel }}"\n')
    ran = syndicate("run", cwd=root)
    assert ran.code == 2
    assert "syndicator.toml:" in ran.err
    assert "line 1 of it: 'titel' is undefined" in ran.err
    assert not (root / "archive/state.db").exists()


def test_a_template_that_fails_for_one_post_costs_its_push_alone(
    tmp_path: Path, web: LocalWeb
) -> None:
    """Feeds and other pushes go on; run, status and doctor name its place, and how to send it."""
    chat = f'[[publish]]\ntype = "http"\nname = "chat"\nurl = "{web.url("/hook")}"\nrate = 0\n'
    text = "{{ title }}{% if tags %}{{ tags[1] }}{% endif %}"
    root = site(tmp_path, publish=f'{chat}template = "{text}"\n', network=ALLOW)
    run(root, web)
    post(root, "2024-05-01-a.md", title="A")
    file = root / "content/2024-05-02-b.md"
    file.write_text("---\ntitle: B\ntags: [x]\n---\nText.\n")
    let_fall_due(root)
    assert syndicate("run", cwd=root).code == 1
    assert [push.body for push in web.pushes] == [b"A"]
    assert b"<title>B</title>" in public(root)["feed.xml"]
    for verb in ("run", "status", "doctor --offline"):
        ran = syndicate(*verb.split(), cwd=root)
        assert ran.code == 1
        said = ran.out + ran.err
        assert "endpoint chat can't be told of 2024-05-02-b.md: its template fails: line 1" in said
        assert "push replay --dead --endpoint chat" in said
        assert "config/syndicator.toml:" in said
    config = root / "config/syndicator.toml"
    config.write_text(config.read_text().replace("tags[1]", "tags[-1]"))
    assert syndicate(*["push", "replay", "--dead", "--endpoint", "chat"], cwd=root).code == 0
    run(root, web)
    assert [push.body for push in web.pushes] == [b"A", b"Bx"]


def test_a_status_is_posted_once_whatever_is_lost(tmp_path: Path) -> None:
    """The answer is dropped, and the same key is a 500: one status, edited and deleted with it."""
    with faked(FakeMastodon(token=CANARY, drops=1)) as fake:
        table = (
            f'[[publish]]\ntype = "mastodon"\nname = "toots"\nurl = "{fake.url}"\n'
            'secret_env = "TOKEN"\n'
        )
        root = site(tmp_path, publish=table, network=ALLOW)
        run(root)
        post(root, "2024-05-01-a.md", title="Tom & Jerry")
        run(root)
        assert len(fake.statuses) == 1
        assert sql(root, "SELECT state FROM delivery") == [("pending",)]
        fake.lag = 1  # it does not list what it has just got
        let_fall_due(root)
        run(root)
        assert (fake.refused, len(fake.statuses)) == (1, 1)
        assert sql(root, "SELECT state FROM delivery") == [("done",)]
        post(root, "2024-05-01-a.md", title="Tom and Jerry")
        run(root)
        (status,) = fake.statuses.values()
        assert status.startswith("Tom and Jerry\n\n")
        assert status.endswith("\n\nhttps://site.example/a/")
        (root / "content/2024-05-01-a.md").unlink()
        post(root, "2024-05-02-b.md")
        run(root)
        assert [one.partition("\n")[0] for one in fake.statuses.values()] == ["2024-05-02-b"]


def test_a_record_is_put_once_whatever_is_lost(tmp_path: Path) -> None:
    """The answer is dropped: the same key is put again, and that is one post; then it goes."""
    with faked(FakeBluesky(token=CANARY, drops=1)) as fake:
        table = (
            f'[[publish]]\ntype = "bluesky"\nname = "sky"\nurl = "{fake.url}"\n'
            'handle = "site.example"\nsecret_env = "TOKEN"\n'
        )
        root = site(tmp_path, publish=table, network=ALLOW)
        run(root)
        post(root, "2024-05-01-a.md", title="Tom & Jerry")
        run(root)
        let_fall_due(root)
        run(root)
        assert fake.puts == 2
        ((key, record),) = fake.records.items()
        assert (len(key), record["createdAt"]) == (13, "2024-05-01T04:00:00Z")
        assert record["text"].startswith("Tom & Jerry\n\n")
        assert sql(root, "SELECT state FROM delivery") == [("done",)]
        (root / "content/2024-05-01-a.md").unlink()
        post(root, "2024-05-02-b.md")
        run(root)
        assert len(fake.records) == 1
        assert key not in fake.records
