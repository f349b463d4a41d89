"""The tests' own PostgreSQL: whose programs run, and what is said where there are none."""

from pathlib import Path

import postgres
import psycopg
import pytest


@pytest.fixture(autouse=True)
def _unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYNDICATOR_TEST_POSTGRES", raising=False)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be on a machine without a server of Debian's, or of the path's."""
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path / "postgresql")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def programs(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "initdb").touch(mode=0o755)
    return folder


def test_debians_newest_comes_first(bare: Path) -> None:
    """By number: 9 is older than 17."""
    programs(bare / "postgresql/9/bin")
    newest = programs(bare / "postgresql/17/bin")
    assert postgres.binaries() == newest


def test_then_what_the_path_has(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where it was built by hand."""
    found = programs(bare / "bin")
    monkeypatch.setenv("PATH", str(found))
    assert postgres.binaries() == found


def test_without_any_the_reason_says_what_to_install(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is what the skipped tests print."""
    monkeypatch.setattr(postgres, "WHEEL", "no_such_wheel")
    with pytest.raises(postgres.Missing, match=r"apt-get install postgresql") as caught:
        postgres.binaries()
    assert str(bare) in str(caught.value)


@pytest.mark.usefixtures("bare")
@pytest.mark.slow
def test_a_machine_without_one_runs_that_of_the_wheel() -> None:
    """Nothing but the development lock is installed there; the server answers."""
    assert postgres.WHEEL in postgres.binaries().parts
    with (
        postgres.running() as server,
        psycopg.connect(server.store().url) as connection,
    ):
        row = connection.execute("SHOW server_version").fetchone()
    assert row is not None
    assert int(row[0].partition(".")[0]) >= 16
