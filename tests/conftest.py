"""What every test is given: a clean environment, and makers of sites."""

import gc
import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partialmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import postgres
import pytest
import quick
from hypothesis import HealthCheck, settings

from syndicator.doors import files, workers
from syndicator.doors.layout import Layout
from syndicator.doors.server import Server

if TYPE_CHECKING:
    from buckets import Service

PROJECT = Path(__file__).parent.parent

# how long examples take to make, or to judge, says how busy the machine is
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", patient, max_examples=50)
settings.register_profile("ci", patient, max_examples=500, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the proxies, configuration or colours of the machine it runs on."""
    for name in tuple(os.environ):
        if name.upper().endswith("_PROXY") or name.startswith("SYNDICATOR_"):
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden documents be written anew; a person reads the difference before committing."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/golden/*.expected.*"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare with a document that was agreed on: ``golden("seed.expected.rss.xml", body)``."""

    def compare(name: str, body: bytes) -> None:
        file = PROJECT / "tests" / "golden" / name
        if request.config.getoption("--update-golden"):
            file.write_bytes(body)
        assert body.decode() == file.read_text(encoding="utf-8"), f"see {file}; --update-golden"

    return compare


@pytest.fixture
def project() -> Path:
    """Tell where the project lies."""
    return PROJECT


@pytest.fixture
def now() -> datetime:
    """Tell the moment at which time stands still in tests."""
    return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Copy the shipped configuration and seeds, older than any clock's grain."""
    for name in ("config", "seeds"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    age(tmp_path)
    return tmp_path


def age(folder: Path) -> None:
    """Make files look as if they had been there for a while: their stat can be trusted."""
    for path in folder.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Postgres]:
    """Run a PostgreSQL for this process's tests; skip them, and say why, where there is none."""
    from syndicator.doors.store import Store  # noqa: PLC0415  # heavy, and few ask for it

    try:
        found = postgres.running()
        with found as running, pytest.MonkeyPatch.context() as patient:
            # a machine that is busy may let a test stand still in a transaction for longer
            patient.setattr(Store, "beside", partialmethod(Store.beside, patience=60.0))
            yield running
    except postgres.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def place(server: postgres.Postgres) -> Server:
    """Tell a place for a new store on a PostgreSQL server."""
    return server.store()


@pytest.fixture(scope="module")
def service() -> "Iterator[Service]":
    """Run an S3 service for the tests of a module."""
    from buckets import Service  # noqa: PLC0415  # heavy, and few ask for it

    made = Service()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def at(tmp_path: Path) -> Layout:
    """Make an empty archive."""
    layout = Layout(tmp_path / "archive")
    files.make_folder(layout.public)
    return layout


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Path | Server]:
    """Return what tells a place for a new store, of either kind."""
    if request.param == "postgresql":
        running: postgres.Postgres = request.getfixturevalue("server")
        return running.store
    numbers = itertools.count()
    return lambda: tmp_path / f"state{next(numbers) or ''}.db"


@pytest.fixture
def state(stores: Callable[[], Path | Server]) -> Path | Server:
    """Tell a place for one store, of either kind."""
    return stores()


@pytest.fixture
def store_url(state: Path | Server) -> str:
    """Tell the address of a store of either kind, as a configuration has it: "" for state.db."""
    return state.url if isinstance(state, Server) else ""


Settings = Callable[..., Path]


@pytest.fixture
def small_site(tmp_path: Path) -> Settings:
    """Make a site of one's own: ``small_site(publish="…", network="…")``; posts in content/."""

    def make(
        *, publish: str = "", network: str = "", serve: str = "https://feeds.example/"
    ) -> Path:
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "content").mkdir(exist_ok=True)
        file = tmp_path / "config" / "syndicator.toml"
        file.write_text(
            '[site]\ntitle = "Seeds"\nurl = "https://site.example/"\ntimezone = "Asia/Taipei"\n'
            f'[content]\nroot = "../content"\n[archive]\nroot = "../archive"\n'
            f"[network]\n{network}\n"
            f'[serve]\nurl = "{serve}"\n'
            '[[publish]]\ntype = "atom"\npath = "atom.xml"\nlimit = 0\n'
            f"{publish}\n",
            encoding="utf-8",
        )
        return tmp_path

    return make


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the folders that were listed so far, each as often as it was."""
    found: list[Path] = []
    names = files.names

    def seen(folder: Path) -> frozenset[str]:
        found.append(folder)
        return names(folder)

    monkeypatch.setattr(files, "names", seen)
    return found


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[object]]:
    """Have all posts read by workers from the call of this on; it returns what they answer."""

    def begin() -> list[object]:
        answers: list[object] = []
        submit = workers.Workers.submit

        def awaited(*args: Any) -> Future[Any]:
            future: Future[Any] = submit(*args)
            answers.append(future.result())  # before this process can do it itself
            return future

        monkeypatch.setattr(workers, "FEW", 1)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1, 2})
        monkeypatch.setattr(workers.Workers, "submit", awaited)
        return answers

    return begin


@pytest.fixture
def joining(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Join clusters whatever somebody's own configuration of Dask says, and however busy all is.

    Each test ends its threads, and collects its connections, not a later one's.
    """
    from syndicator.doors import cluster  # noqa: PLC0415  # heavy, and few ask for it

    monkeypatch.setenv("DASK_CONFIG", "/nowhere")
    monkeypatch.setattr(cluster, "JOINING", 60.0)
    monkeypatch.setattr(cluster, "PATIENCE", 300.0)
    yield
    gc.collect()
    assert {one.name for one in threading.enumerate()} & {"IO loop", "cluster"} == set()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """Make a folder in memory, where there is one: whoever is killed finds his files there too.

    A trial of crashes makes thousands of files durable, and waits for the disk at each.
    """
    shared = quick.in_memory()
    if shared is None:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        yield Path(folder)
