"""Pushes survive ``kill -9``: with a producer at work, at random moments."""

import random
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from local_web import ALLOW, LocalWeb, local_web
from syndicate_command import PATIENCE, start, syndicate
from trial_site import configure, journal, post, site, webhook

KILLS = 50
POSTS = 3  # written in each life
pytestmark = pytest.mark.slow


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Receive pushes."""
    with local_web() as served:
        yield served


def test_fifty_kills_lose_no_push_and_send_none_three_times(tmp_path: Path, web: LocalWeb) -> None:
    """Each post reaches each receiver, once or twice, under one id; the database is whole."""
    names = ("one", "two", "three")
    hooks = "".join(webhook(web.url(f"/{name}"), name=name) for name in names)
    root = site(tmp_path, publish=hooks, network=ALLOW)
    configure(root, publish=hooks, network=ALLOW)
    assert syndicate("run", "--drain", "0", cwd=root).code == 0
    killed, written = 0, 0
    for _ in range(KILLS):
        for _ in range(POSTS):
            post(root, f"2024-05-01-p{written}.md", f"Text {written}.")
            written += 1
        with start("run", "--drain", "1s", cwd=root) as process:
            try:
                process.communicate(timeout=random.uniform(0.7, 2.2))  # noqa: S311  # no secret
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate(timeout=PATIENCE)
            killed += process.returncode == -9
    ended = syndicate("run", "--drain", "20s", "--confirm", cwd=root)
    assert ended.code == 0, ended
    assert killed >= KILLS // 4
    owed = {(one["endpoint"], one["message"]) for one in journal(root) if one["event"] == "owed"}
    assert len(owed) == written * len(names)
    heard = Counter((push.path.removeprefix("/"), push.id) for push in web.pushes)
    assert heard.keys() == owed
    assert max(heard.values()) <= 2
    with closing(sqlite3.connect(root / "archive/state.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("SELECT count(*) FROM delivery WHERE state != 'done'").fetchone() == (0,)
