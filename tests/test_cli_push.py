"""``syndicate push``: what a person sees of pushes, and does about them."""

import base64
import json
import os
import re
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Settings, age

from syndicator.cli import main
from syndicator.cli.push import listen
from syndicator.doors import files
from syndicator.doors.subscriptions import Subscription, Subscriptions
from syndicator.publish import signing

Shown = pytest.CaptureFixture[str]
TABLE = """
[[publish]]
type = "webhook"
name = "ops"
url = "https://ops.invalid/secret-path"
secret_file = "ops.key"
events = ["post.published", "post.updated"]
since = "all"
[[publish]]
type = "http"
name = "chat"
url = "https://chat.invalid/"
template = "{{ title }}"
"""


@pytest.fixture
def root(small_site: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Shown) -> Path:
    """Make a site of one post and a receiver that nobody finds, owe it the post, stand in it."""
    made = small_site()
    config = made / "config" / "syndicator.toml"
    config.write_text(config.read_text("utf-8") + TABLE, "utf-8")
    (made / "content" / "a.md").write_text("---\ntitle: A\ndate: 2020-11-01\n---\nText.\n")
    age(made)
    monkeypatch.chdir(made)
    assert main(["push", "keygen", "--out", "config/ops.key"]) == 0
    main(["run", "--drain", "0"])
    capsys.readouterr()
    return made


def told(capsys: Shown, *verb: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["push", *verb]) == code
    return capsys.readouterr().out


def states(capsys: Shown) -> list[str]:
    return [one["state"] for one in json.loads(told(capsys, "list", "--json"))]


def test_what_is_owed_is_listed_and_shown(root: Path, capsys: Shown) -> None:
    """As text and as JSON, with each try; of the address only the host."""
    assert root.is_dir()
    (one,) = json.loads(told(capsys, "list", "--json"))
    assert (one["endpoint"], one["kind"], one["state"]) == ("ops", "post.published", "pending")
    assert one["message"] in told(capsys, "list", "--endpoint", "ops")
    shown = json.loads(told(capsys, "show", one["message"], "--json"))
    assert json.loads(shown["body"])["data"]["title"] == "A"
    assert len(shown["attempts"]) == 1
    everything = told(capsys, "show", one["message"]) + told(capsys, "endpoints")
    everything += told(capsys, "endpoints", "--json") + told(capsys, "list")
    assert "https://ops.invalid/\N{HORIZONTAL ELLIPSIS}" in everything
    assert "secret-path" not in everything
    assert "whsec_" not in everything
    assert told(capsys, "show", "none", code=2) == ""


def test_a_push_is_called_off_and_sent_again(root: Path, capsys: Shown) -> None:
    """First as a dry run, which changes nothing; the journal has each."""
    (one,) = json.loads(told(capsys, "list", "--json"))
    assert "1 would be called off" in told(capsys, "cancel", one["message"], "--dry-run")
    assert states(capsys) == ["pending"]
    assert "1 called off" in told(capsys, "cancel", "--endpoint", "ops")
    assert states(capsys) == ["cancelled"]
    assert "1 to be sent" in told(capsys, "retry", one["message"])
    assert states(capsys) == ["pending"]
    journal = "".join(path.read_text() for path in (root / "archive" / "journal").iterdir())
    assert re.findall(r'"event":"(settled|reopened)"', journal) == ["settled", "reopened"]
    assert told(capsys, "retry", code=2) == ""
    told(capsys, "retry", "msg_none", code=1)


def test_a_receiver_is_paused_and_resumed(root: Path, capsys: Shown) -> None:
    """What it is owed is kept, also when the database is made anew."""
    assert told(capsys, "pause", "ops") == "ops is paused\n"
    (root / "archive" / "state.db").unlink()
    main(["run", "--drain", "0"])
    (found, _) = json.loads(told(capsys, "endpoints", "--json"))
    assert (found["state"], found["counts"]) == ("paused", {"pending": 1})
    assert told(capsys, "resume", "ops") == "ops is active\n"
    told(capsys, "pause", "nobody", code=2)


def test_beside_a_running_instance_a_wish_is_left(root: Path, capsys: Shown) -> None:
    """The next pass fulfils it."""
    with files.lock(root / "archive" / "lock"):
        told(capsys, "pause", "ops")
    assert json.loads(told(capsys, "endpoints", "--json"))[0]["state"] == "active"
    main(["run", "--drain", "0"])
    assert json.loads(told(capsys, "endpoints", "--json"))[0]["state"] == "paused"
    assert list((root / "archive" / "wishes").iterdir()) == []


def test_a_trial_tells_what_came_of_it_and_records_nothing(root: Path, capsys: Shown) -> None:
    """Exit 1 when it was not taken."""
    assert root.is_dir()
    found = json.loads(told(capsys, "test", "ops", "--json", code=1))
    assert (found["endpoint"], found["means"], found["status"]) == ("ops", "again", 0)
    assert "secret-path" not in found["says"]
    assert len(states(capsys)) == 1


def test_a_key_is_rotated_with_an_overlap(root: Path, capsys: Shown) -> None:
    """The new one signs first, the old one for a day more; nobody else may read the file."""
    file = root / "config" / "ops.key"
    old = file.read_text()
    shown = told(capsys, "rotate", "ops", "--ed25519")
    assert re.search("whpk_[A-Za-z0-9+/]{43}=", shown)
    assert "whsk_" not in shown
    first, second = signing.keys(file.read_text())
    assert (first.scheme, second.text) == ("v1a", old.strip())
    assert second.until is not None
    assert file.stat().st_mode & 0o777 == 0o600
    told(capsys, "rotate", "ops")
    assert len(signing.keys(file.read_text())) == 3
    told(capsys, "rotate", "ops", code=2)


def test_a_rotated_key_stays_its_owner_s(root: Path, capsys: Shown) -> None:
    """Root may rotate what the daemon's user reads, by a link too; what can't be so is refused."""
    file, kept = root / "config" / "ops.key", root / "kept.key"
    file.rename(kept)
    file.symlink_to(kept)
    kept.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(kept, 12345, 12346)
    before = kept.stat()
    told(capsys, "rotate", "ops", "--overlap", "2h")
    after = kept.stat()
    assert file.is_symlink()
    assert len(signing.keys(kept.read_text())) == 2
    assert (after.st_uid, after.st_gid, after.st_mode) == (
        before.st_uid,
        before.st_gid,
        before.st_mode,
    )


@pytest.mark.parametrize(
    "verb",
    [
        ("list", "--since", "99999999999d"),
        ("list", "--limit", "-3"),
        ("list", "--limit", "1e3"),
        ("list", "--endpoint", "nope"),
        ("retry", "--endpoint", "nope"),
        ("cancel", "--endpoint", "nope"),
        ("confirm", "--endpoint", "nope"),
        ("replay",),
        ("pause", ""),
        ("keygen", "--out", "nowhere/key"),
        ("rotate", "ops", "--overlap", "-1h"),
        ("listen", "ops", "--port", "65536"),
        ("listen", "ops", "--count", "-1"),
        ("listen", "ops", "--answer", "99"),
        ("listen", "chat"),
        ("rotate", "chat"),
    ],
)
def test_what_can_t_be_meant_is_refused(root: Path, capsys: Shown, verb: tuple[str, ...]) -> None:
    """Exit 2, and a line that says why; nothing is changed."""
    assert root.is_dir()
    before = told(capsys, "list", "--json")
    capsys.readouterr()
    with suppress(SystemExit):
        assert main(["push", *verb]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "error" in said.err or "help:" in said.err
    assert told(capsys, "list", "--json") == before


def test_a_port_that_is_taken_is_told(root: Path, capsys: Shown) -> None:
    """With what to do."""
    assert root.is_dir()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told(capsys, "listen", "ops", "--port", port, code=5)


@pytest.mark.parametrize(("later", "said"), [(-1, ""), (0, "it is not signed with this secret")])
def test_a_listener_takes_no_key_that_is_over(later: int, said: str) -> None:
    """Until the moment that ``until`` names, the old key is as good as the new one."""
    new, old = (f"whsec_{base64.b64encode(bytes([n]) * 32).decode()}" for n in (1, 2))
    over = datetime(2026, 11, 29, 12, tzinfo=UTC)
    held = f"{new} {old} until={over.isoformat()}"
    now = over + timedelta(seconds=later)
    stamp = int(now.timestamp())
    for key, wrong in ((new, ""), (old, said)):
        headers = dict(signing.headers(signing.keys(key), "msg_1", stamp, b"{}"))
        assert listen.verdict(held, headers, b"{}", now) == wrong


@pytest.mark.parametrize(("kind", "prefix"), [((), "whsec_"), (("--ed25519",), "whsk_")])
def test_a_key_is_made(root: Path, capsys: Shown, kind: tuple[str, ...], prefix: str) -> None:
    """Fit to sign with, another each time; a file that is there is not written over."""
    made = [told(capsys, "keygen", *kind).split()[0] for _ in range(2)]
    assert made[0] != made[1]
    assert all(signing.keys(one) and one.startswith(prefix) for one in made)
    told(capsys, "keygen", "--out", str(root / "config" / "ops.key"), code=2)


def subscribed(root: Path) -> None:
    """Subscribe one that has what is published, and one that took nothing three times."""
    held = Subscriptions(root / "archive" / "subscriptions")
    for number, failures in ((1, 0), (2, 3)):
        held.put(
            Subscription(
                callback=f"https://c.example/secret-{number}",
                topic="https://f.example/feed.xml",
                path="feed.xml",
                expires=4e9,
                secret="s3cret",
                has="new" if not failures else "old",
                failures=failures,
                due=4e9 if failures else 0.0,
                at=1.8e9 + number,
                status=500 if failures else 204,
                says="answered 500 Internal Server Error" if failures else "",
            )
        )
    held.owed("feed.xml", "new", 0.0)
    held.close()


def test_the_hubs_subscribers_are_shown_as_pushes_are(root: Path, capsys: Shown) -> None:
    """Counted among the endpoints, listed, shown one by one; of a callback the host alone."""
    subscribed(root)
    main(["push", "endpoints"])
    out = capsys.readouterr().out
    assert "@hub  active  websub-subscribers  1 done, 1 pending\n" in out
    assert "1 of them took nothing last" in out
    found = told(capsys, "list", "--endpoint", "@hub", "--state", "pending", "--json")
    (one,) = json.loads(found)
    assert (one["kind"], one["attempts"], one["status"]) == ("websub.content", 3, 500)
    assert one["says"].endswith("answered 500 Internal Server Error")
    shown = told(capsys, "show", one["message"])
    assert "try 3  " in shown
    assert "secret-2" not in shown + found
    assert "s3cret" not in shown + found
    assert main(["push", "pause", "@hub"]) == 2
    assert "until the lease ends" in capsys.readouterr().err


def test_a_subscriber_is_sent_the_feed_again_or_not(root: Path, capsys: Shown) -> None:
    """Who waits gets it at once, who has it once more; who is called off gets the next version."""
    subscribed(root)
    ours = json.loads(told(capsys, "list", "--json"))[0]["message"]

    def owed() -> dict[str, float]:
        held = Subscriptions(root / "archive" / "subscriptions")
        found = {one.key: one.failures for one in held.owed("feed.xml", "new", 1.9e9)}
        held.close()
        return {f"sub_{key}": failures for key, failures in found.items()}

    def subscriber(*more: str) -> str:
        found = json.loads(told(capsys, "list", "--endpoint", "@hub", "--json", *more))
        return str(found[0]["message"])

    waits, has = subscriber("--state", "pending"), subscriber("--state", "done")
    assert owed() == {}
    assert "1 would be sent" in told(capsys, "retry", waits, "--dry-run")
    assert owed() == {}
    assert "2 to be sent" in told(capsys, "retry", waits, ours)
    assert owed() == {waits: 0}
    assert "1 called off" in told(capsys, "cancel", "--endpoint", "@hub")
    assert owed() == {}
    told(capsys, "retry", "--endpoint", "ops", waits, code=1)
    assert "1 to be sent" in told(capsys, "replay", has)
    assert owed() == {has: 0}
    told(capsys, "retry", "sub_unknown", code=1)
