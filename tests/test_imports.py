"""What the quick ways through the program may import: every module costs each poll of each day."""

import subprocess
import sys
from pathlib import Path

import pytest

from syndicator.config.table import Table
from syndicator.doors.store.table import Row

HEAVY = {
    "PIL",
    "alembic",
    "apscheduler",
    "asyncio",
    "cmarkgfm",
    "feedgen",
    "frontmatter",
    "httpcore",
    "httpx",
    "json",
    "lxml",
    "nh3",
    "pydantic",
    "rich",
    "selectolax",
    "sqlalchemy",
    "sqlmodel",
    "ssl",
    "structlog",
    "tenacity",
    "uvicorn",
    "uvloop",
    "watchfiles",
    "yaml",
}
CLIENT = {"httpcore", "httpx", "tenacity"}
FRONT = {"syndicator", "syndicator.cli"}
QUIET = {
    *FRONT,
    "syndicator.cli.order",
    "syndicator.cli.run",
    "syndicator.cli.show",
    "syndicator.config",
    "syndicator.config.file",
    "syndicator.content",
    "syndicator.content.globs",
    "syndicator.content.look",
    "syndicator.content.sweep",
    "syndicator.cycle",
    "syndicator.cycle.report",
    "syndicator.doors",
    "syndicator.doors.affairs",
    "syndicator.doors.files",
    "syndicator.doors.garbage",
    "syndicator.doors.index",
    "syndicator.doors.journal",
    "syndicator.doors.layout",
    "syndicator.doors.writer",
    "syndicator.doors.scan",
    "syndicator.errors",
    "syndicator.model",
    "syndicator.model.posts",
    "syndicator.model.report",
}
ASK = """\
import sys
from syndicator.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
print("modules:", *sorted(sys.modules))
sys.exit(code)
"""


def imported(*arguments: str, cwd: Path) -> set[str]:
    """Run the command in a fresh interpreter and tell the modules it ended with."""
    ran = subprocess.run(
        [sys.executable, "-c", ASK, *arguments],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return set(ran.stdout.partition("modules: ")[2].split())


def _offline(site: Path) -> None:
    """Have every request of a site refused at once."""
    file = site / "config/syndicator.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('# proxy = ""', 'proxy = "http://127.0.0.1:9/"'), "utf-8")


def _ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] == "syndicator"}


def _heavy(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} & HEAVY


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_the_front_page_imports_next_to_nothing(tmp_path: Path, argument: str) -> None:
    """``--version`` and ``--help`` import the front of the command and nothing heavy."""
    modules = imported(argument, cwd=tmp_path)
    assert _ours(modules) == FRONT
    assert _heavy(modules) == set()


def test_a_verb_s_help_imports_nothing_heavy(tmp_path: Path) -> None:
    """``VERB --help`` imports the verb, and nothing heavy with it."""
    for verb in ("run", "status", "check", "init", "config"):
        assert _heavy(imported(verb, "--help", cwd=tmp_path)) <= {"json"}, verb


def test_a_pass_that_finds_nothing_changed_imports_nothing_heavy(site: Path) -> None:
    """It ends after a look, with exactly these modules of ours: no ORM, client, parser or feed."""
    _offline(site)
    imported("run", cwd=site)
    modules = imported("run", cwd=site)
    assert _ours(modules) == QUIET
    assert _heavy(modules) == set()


def test_the_heavy_ones_are_known_by_their_names(site: Path) -> None:
    """A pass that has work to do imports them: the names above are not merely misspelt."""
    _offline(site)
    modules = imported("run", cwd=site)
    absent = {
        "apscheduler",
        "uvicorn",
        "uvloop",
        "rich",
        "structlog",
        "watchfiles",
    }  # rich comes with httpx, if at all
    assert HEAVY - _heavy(modules) <= absent


def test_a_pass_that_asks_nobody_imports_no_client_and_no_reader_of_pictures(site: Path) -> None:
    """What fetches, sends and judges pictures is imported once there is something to do for it."""
    _offline(site)
    imported("run", cwd=site)
    (site / "seeds/2024-05-01-b.md").write_text("---\ntitle: b\n---\nb\n", "utf-8")
    modules = imported("run", cwd=site)
    assert "feedgen" in modules
    assert _heavy(modules) & {*CLIENT, "PIL", "alembic"} == set()
    idle = {
        "archive.fetch",
        "archive.formats.svg",
        "deliver.attempt",
        "deliver.send",
        "doors.http",
    }
    assert {f"syndicator.{name}" for name in idle} & modules == set()


@pytest.mark.parametrize("verb", ["check", "status"])
def test_to_look_asks_nobody(site: Path, verb: str) -> None:
    """``check`` and ``status`` import no client."""
    _offline(site)
    imported("run", cwd=site)
    assert _heavy(imported(verb, cwd=site)) & CLIENT == set()


def test_what_checks_a_table_is_built_with_the_first_to_check() -> None:
    """No row of the database is validated, and most publishers stand in no configuration."""
    for model in (Row, Table):
        assert model.model_config["defer_build"], model


def test_one_process_with_a_folder_imports_nothing_of_larger_places(site: Path) -> None:
    """A whole pass on state.db: nothing of PostgreSQL, of a bucket, or of a cluster."""
    imported("run", cwd=site)
    (site / "seeds/2024-05-01-b.md").write_text("---\ntitle: b\n---\nb\n", "utf-8")
    modules = imported("run", cwd=site)
    assert "sqlalchemy.dialects.sqlite" in modules
    theirs = ("sqlalchemy.dialects.postgresql", "psycopg", "obstore", "dask", "distributed")
    assert {one for one in modules if one.startswith(theirs)} == set()
