"""``syndicate db copy`` interrupted, refused, beside a daemon: the store is whole at all times."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from syndicate_command import ENVIRON, PATIENCE, syndicate
from trial_site import configure, post, public, site

from syndicator.doors import affairs, files
from syndicator.doors.index import HEAD, Where
from syndicator.doors.layout import Layout
from syndicator.doors.server import LEADER, Server, holders

KILLED = """
import os, signal, sys
from syndicator.cli import main
from syndicator.doors.store import transfer
real, left = transfer._fill, int(sys.argv[1])
def fill(*given):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given)
transfer._fill = fill
sys.exit(main(sys.argv[2:]))
"""
pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path, stores: Callable[[], Where]) -> Path:
    """Make a site whose store, of either kind, holds less than ``saved.db``."""
    root = site(tmp_path / "site")
    for name in ("a", "b", "c"):
        post(root, f"2024-05-01-{name}.md")
    assert syndicate("run", cwd=root).code == 0
    assert syndicate("db", "backup", "saved.db", cwd=root).code == 0
    there = stores()
    if isinstance(there, Server):
        configure(root, rest=f'[store]\nurl = "{there}"')
    return root


def store(root: Path) -> Where:
    """Tell where the store is that the configuration names."""
    text = (root / "config/syndicator.toml").read_text("utf-8")
    return Layout(root / "archive", text.partition('url = "postgresql')[2] and _url(text)).state


def _url(text: str) -> str:
    return "postgresql" + text.partition('url = "postgresql')[2].partition('"')[0]


def let_it_be_noticed(where: Where) -> None:
    """Wait until the server knows that who led is gone: until then, nobody else does."""
    if isinstance(where, Server):
        end = time.monotonic() + PATIENCE
        with psycopg.connect(where.url, autocommit=True) as asking:
            while asking.execute(holders(LEADER).encode()).fetchone():
                assert time.monotonic() < end


@pytest.mark.parametrize("at", [1, 5, 15])
def test_a_copy_that_was_killed_changed_nothing(here: Path, at: int) -> None:
    """The store holds what it held; copied again, it holds all."""
    post(here, "2024-05-02-d.md")
    assert syndicate("run", cwd=here).code == 0
    before, feeds = affairs.standing(store(here)), public(here)
    words = [sys.executable, "-c", KILLED, str(at), "db", "copy", "--replace", "saved.db"]
    ran = subprocess.run(words, cwd=here, env={**ENVIRON, "PATH": os.environ["PATH"]}, check=False)
    assert ran.returncode == -9
    let_it_be_noticed(store(here))
    assert affairs.standing(store(here)) == before
    again = syndicate("db", "copy", "--replace", "saved.db", cwd=here)
    assert again.code == 0
    assert "rows copied" in again.out
    assert affairs.standing(store(here)) == affairs.standing(here / "saved.db") != before
    assert syndicate("run", cwd=here).code == 0
    assert public(here) == feeds


def test_one_that_knows_posts_is_let_go_by_wish_alone(here: Path) -> None:
    """Exit 4, and nothing changed."""
    assert syndicate("run", cwd=here).code == 0
    before = affairs.standing(store(here))
    ran = syndicate("db", "copy", "saved.db", cwd=here)
    assert ran.code == 4
    assert "knows posts already" in ran.err
    assert "--replace" in ran.err
    assert affairs.standing(store(here)) == before


def test_an_older_schema_is_named(here: Path) -> None:
    """One without the tables of leases, say: what it has is not guessed at."""
    with closing(sqlite3.connect(here / "saved.db")) as db:
        db.executescript("DROP TABLE lane; DROP TABLE tray;")
        db.execute("UPDATE alembic_version SET version_num = '0001'")
        db.commit()
    ran = syndicate("db", "copy", "--replace", "saved.db", cwd=here)
    assert ran.code == 4
    assert f"saved.db is of another version of syndicator: schema 0001, not {HEAD}" in ran.err
    assert "archive reindex" in ran.err


def test_nothing_is_copied_while_another_works_on_the_archive(here: Path) -> None:
    """A daemon, or a pass: exit 75, at once."""
    with files.lock(here / "archive/lock"):
        for words in (("db", "copy", "--replace", "saved.db"), ("db", "upgrade")):
            assert syndicate(*words, cwd=here).code == 75, words


def test_a_password_in_the_address_is_refused_and_not_said_back(here: Path) -> None:
    """Others see the arguments of a command, and logs keep what it says."""
    for address in ("postgresql://me:hunter2@db/x", "postgresql://me@db/x?password=hunter2"):
        ran = syndicate("db", "copy", "--replace", address, cwd=here)
        assert ran.code == 2
        assert "hunter2" not in ran.out + ran.err
        assert "~/.pgpass" in ran.err


def test_a_server_that_is_away_is_told(here: Path) -> None:
    """Exit 4; the store is as it was."""
    ran = syndicate("db", "copy", "--replace", "postgresql://me@/x?host=/nowhere", cwd=here)
    assert ran.code == 4
    assert "/nowhere" in ran.err


def test_what_is_saved_while_a_pass_writes_is_of_one_moment(here: Path) -> None:
    """Nobody waits for anybody."""
    assert syndicate("run", cwd=here).code == 0
    where = store(here)
    if isinstance(where, Server):
        with psycopg.connect(where.url) as other:
            other.execute("LOCK TABLE meta IN ROW EXCLUSIVE MODE")
            assert syndicate("db", "backup", "two.db", cwd=here).code == 0
    else:
        with closing(sqlite3.connect(where, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            assert syndicate("db", "backup", "two.db", cwd=here).code == 0
    assert affairs.standing(here / "two.db") == affairs.standing(where)
