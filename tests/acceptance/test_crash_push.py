"""Pushes survive ``kill -9``: with a producer at work, at random moments."""

import logging
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from local_web import ALLOW, LocalWeb, local_web
from random_kills import Kills
from syndicate_command import PATIENCE, start, syndicate
from trial_site import configure, journal, post, put, site, webhook

from syndicator.deliver.schedule import SETTLED

KILLS = 50
POSTS = 3  # written in each life
SLOWLY = 0.1  # seconds a receiver takes to answer: kills find messages on their way
_log = logging.getLogger(__name__)
pytestmark = pytest.mark.slow


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Receive pushes."""
    with local_web() as served:
        yield served


def test_fifty_kills_lose_no_push(tmp_path: Path, web: LocalWeb) -> None:
    """Each post reaches each receiver under one id; the database is whole.

    Nobody but the receiver knows whether what was on its way at a kill came; it comes again, once
    the process that sends it has lived for some seconds, and so no kill meets it twice.
    """
    names = ("one", "two", "three")
    web.hook = lambda _push: web.over.wait(SLOWLY)
    hooks = "".join(webhook(web.url(f"/{name}"), name=name) for name in names)
    root = site(tmp_path, publish=hooks, network=ALLOW)
    configure(root, publish=hooks, network=ALLOW)
    assert syndicate("run", "--drain", "0", cwd=root).code == 0
    kills, written = Kills(latest=0.8 * SETTLED), 0
    for _ in range(KILLS):
        for _ in range(POSTS):
            post(root, f"2024-05-01-p{written}.md", f"Text {written}.")
            written += 1
        kills.run("run", "--drain", "1s", cwd=root)
    ended = syndicate("run", "--drain", "10m", "--confirm", cwd=root)
    assert ended.code == 0, ended
    assert kills.count >= KILLS // 4
    owed = {(one["endpoint"], one["message"]) for one in journal(root) if one["event"] == "owed"}
    assert len(owed) == written * len(names)
    heard = Counter((push.path.removeprefix("/"), push.id) for push in web.pushes)
    assert heard.keys() == owed
    assert max(heard.values()) <= 2
    told = Counter(heard.values())
    _log.info("%d kills, %d messages, %d of them twice", kills.count, len(heard), told[2])
    with closing(sqlite3.connect(root / "archive/state.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("SELECT count(*) FROM delivery WHERE state != 'done'").fetchone() == (0,)


DIES = """
import os, signal
from syndicator.deliver.send import Sender

async def drain(self, stay, **_more):
    os.kill(os.getpid(), signal.SIGKILL)

Sender.drain = drain
"""


def test_what_was_owed_when_the_power_went_is_sent_by_the_first_pass_after(
    tmp_path: Path, web: LocalWeb
) -> None:
    """Killed between the commit and the first send; it waits for no schedule and no lease."""
    root = site(tmp_path, publish=webhook(web.url("/one"), name="one", since="all"), network=ALLOW)
    put(root / "patches/sitecustomize.py", DIES)
    post(root, "2024-05-01-a.md")
    with start("run", cwd=root, env={"PYTHONPATH": str(root / "patches")}) as process:
        process.communicate(timeout=PATIENCE)
    assert process.returncode == -9
    assert [one["event"] for one in journal(root)].count("owed") == 1
    assert list(web.pushes) == []
    ran = syndicate("run", "--drain", "0", "--json", cwd=root)
    assert (ran.report()["sent"], ran.report()["owed"]) == (1, 0)
    assert len(web.pushes) == 1
