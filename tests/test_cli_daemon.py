"""Whose turn it is to publish: who stands by for what, and who says at once what is wrong."""

import os
import sys
import time
from pathlib import Path

import psycopg
import pytest

from syndicator.cli.daemon import Told, _turn
from syndicator.cli.log import logger
from syndicator.doors.layout import Layout
from syndicator.doors.server import Server
from syndicator.errors import StoreError

AWAY = "postgresql://me@/site?host=/nowhere"


class StoodBy(Exception):  # noqa: N818  # what the tests look for
    """It waits for its turn."""


@pytest.fixture(autouse=True)
def _no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(_seconds: float) -> None:
        raise StoodBy

    monkeypatch.setattr(time, "sleep", sleep)


def take_turn(root: Path, store: str) -> None:
    """Begin as a daemon does, and end."""
    place = Layout(root / "archive", store)
    place.root.mkdir()
    with _turn(place, {}, Told(logger(os.environ))):
        pass


def test_a_server_that_is_away_is_waited_for(tmp_path: Path) -> None:
    """It may be started after the daemon, as machines are."""
    with pytest.raises(StoodBy):
        take_turn(tmp_path, AWAY)


def test_without_psycopg_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting brings it: the message says how to install it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match="needs psycopg") as caught:
        take_turn(tmp_path, AWAY)
    assert "pip install" in caught.value.hint


@pytest.mark.slow
def test_a_database_of_a_newer_version_is_not_waited_for(tmp_path: Path, place: Server) -> None:
    """Nor led: every pass would fail. The message says what to do."""
    with psycopg.connect(place.url, autocommit=True) as made:
        made.execute("CREATE TABLE alembic_version (version_num varchar(32))")
        made.execute("INSERT INTO alembic_version VALUES ('9999')")
    with pytest.raises(StoreError, match="newer version of syndicator") as caught:
        take_turn(tmp_path, place.url)
    assert "upgrade" in caught.value.hint
