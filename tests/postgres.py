"""A real PostgreSQL, started for the tests that ask for one, from Debian's package."""

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

from syndicator.doors.server import Server

_SHARED = Path("/dev/shm")  # noqa: S108  # where Linux has files in memory
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
    """Tell where the newest server's programs are."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3])
    )
    if found:
        return found[-1].parent
    if elsewhere := shutil.which("initdb"):
        return Path(elsewhere).parent
    raise Missing("no initdb in /usr/lib/postgresql/*/bin or PATH: apt-get install postgresql")


@contextmanager
def running() -> Iterator[Postgres]:
    """Run a server on files of its own until the end of the block; raise Missing without one.

    Its texts are ordered as people order them, so that a statement which leans on the order of
    code points must say so. It refuses to be root's: then it is ``postgres``', or nobody's.
    """
    programs = binaries()
    owner = _owner()
    folder = Path(
        tempfile.mkdtemp(prefix="syndicator-pg-", dir=_SHARED if _SHARED.is_dir() else None)
    )
    try:
        if owner:
            shutil.chown(folder, owner)
        data = folder / "data"
        wishes = ["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8"]
        wishes += ["--locale-provider=icu", "--icu-locale=en"]
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


def _owner() -> str | None:
    if os.getuid():
        return None
    import pwd  # noqa: PLC0415  # asked where it matters

    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"
