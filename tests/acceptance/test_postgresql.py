"""The real command on a site whose store is on a PostgreSQL server."""

import re
import shutil
from pathlib import Path

import pytest
from postgres import Postgres
from syndicate_command import syndicate

pytestmark = pytest.mark.slow


@pytest.fixture
def sites(site: Path, server: Postgres) -> tuple[Path, Path]:
    """Return the shipped site twice: with a state.db, and with a server in its place."""
    other = site / "other"
    other.mkdir()
    for name in ("config", "seeds"):
        shutil.copytree(site / name, other / name)
    file = other / "config" / "syndicator.toml"
    text = file.read_text("utf-8")
    address = f'[store]\nurl = "{server.store()}"'
    file.write_text(text.replace("[store]", address, 1), encoding="utf-8")
    return site, other


def public(site: Path) -> dict[str, bytes]:
    root = site / "archive" / "public"
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_the_seeds_come_out_as_they_do_with_a_file(sites: tuple[Path, Path]) -> None:
    """Byte for byte; a second pass, status, a check and a dry run are content."""
    for site in sites:
        assert syndicate("run", cwd=site).code == 0
    assert public(sites[0]) == public(sites[1]) != {}
    assert not (sites[1] / "archive" / "state.db").exists()
    for words in (("run",), ("status",), ("archive", "verify"), ("run", "--dry-run")):
        assert syndicate(*words, cwd=sites[1]).code == 0, words
    assert "schema 0001" in syndicate("db", "current", cwd=sites[1]).out
    assert public(sites[0]) == public(sites[1])


def test_a_server_that_is_away_is_told_and_harms_nothing(sites: tuple[Path, Path]) -> None:
    """Exit code 4, one line and a hint; the feeds stay as they are."""
    site = sites[1]
    syndicate("run", cwd=site)
    before = public(site)
    file = site / "config" / "syndicator.toml"
    away = 'url = "postgresql://me@/x?host=/nowhere"'
    text = re.sub('url = "postgresql://.*"', away, file.read_text("utf-8"))
    file.write_text(text, encoding="utf-8")
    ran = syndicate("run", cwd=site)
    assert ran.code == 4
    assert "/nowhere" in ran.err
    assert "help:" in ran.err
    assert "Traceback" not in ran.err
    assert public(site) == before
