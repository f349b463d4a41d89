"""``syndicate db``: which database is in use; saved, and filled from another."""

import json
from pathlib import Path

import pytest
from postgres import Postgres
from trial import Trial

from syndicator.cli import main
from syndicator.doors import affairs
from syndicator.doors.index import HEAD


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site of one post, and a pass."""
    made = Trial(root=tmp_path)
    made.write("a.md")
    made.make()
    return made


def db(site: Trial, *words: str) -> int:
    return main(["--config", str(site.file), "db", *words])


def test_the_database_in_use_is_told(site: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    """Its place and its schema; a pass made it, and upgrade finds nothing to do."""
    state = site.layout.root / "state.db"
    assert db(site, "current") == db(site, "upgrade") == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [f"{state}: schema {HEAD}, this version {HEAD}"] * 2
    assert db(site, "current", "--json") == 0
    known = json.loads(capsys.readouterr().out)
    assert known == {"store": str(state), "schema": HEAD, "newest": HEAD}


def test_it_is_saved_as_a_file_and_brought_back(site: Trial, tmp_path: Path) -> None:
    """What is in the file is what was in use; nothing is overwritten unless that is meant."""
    saved = tmp_path / "saved.db"
    before = affairs.standing(site.layout.state)
    assert db(site, "backup", str(saved)) == 0
    assert affairs.standing(saved) == before
    assert db(site, "backup", str(saved)) == 4
    assert db(site, "copy", str(saved)) == 4
    site.write("b.md")
    site.make()
    assert db(site, "copy", "--replace", str(saved)) == 0
    assert affairs.standing(site.layout.state) == before


@pytest.mark.parametrize("source", ["nothing.db", "archive/state.db", "archive/README.txt"])
def test_it_is_filled_from_databases_alone(
    site: Trial, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """Not from what is not there, is something else, or is the very one."""
    monkeypatch.chdir(site.root)
    before = affairs.standing(site.layout.state)
    assert db(site, "copy", "--replace", source) == 4
    assert affairs.standing(site.layout.state) == before


@pytest.mark.slow
def test_a_site_moves_to_a_server_and_back(
    site: Trial, server: Postgres, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The log of attempts comes along; the next pass finds nothing to do."""
    place = server.store()
    site.store = str(place)
    file = site.layout.root / "state.db"
    site.make()
    assert db(site, "copy", "--replace", str(file)) == 0
    assert db(site, "current") == 0
    assert f"{place}: schema {HEAD}" in capsys.readouterr().out
    site.make()
    assert site.make().unchanged
    assert db(site, "backup", str(tmp_path / "saved.db")) == 0
    site.store = ""
    assert db(site, "copy", "--replace", str(place)) == 0
    assert affairs.standing(file) == affairs.standing(place)
