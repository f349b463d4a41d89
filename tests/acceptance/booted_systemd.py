"""A real systemd, booted for a test in namespaces of its own; see boot_systemd.sh."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
SCRIPT = Path(__file__).with_name("boot_systemd.sh")
PATIENCE = 180.0  # seconds for anything inside
_ENVIRON = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "SYSTEMD_COLORS": "0"}
_NEEDS = ("systemctl", "unshare", "nsenter", "setpriv", "ip", "curl")


def missing() -> str:
    """Say what is missing here to boot one, "" for nothing."""
    if os.geteuid() != 0:
        return "booting a systemd needs root"
    if found := [name for name in _NEEDS if shutil.which(name) is None]:
        return f"not installed: {', '.join(found)}"
    if not Path("/lib/systemd/systemd").exists():
        return "systemd is not installed"
    if _cgroups() is None:
        return "no cgroup2 is mounted"
    if "overlay" not in Path("/proc/filesystems").read_text(encoding="ascii"):
        return "the kernel has no overlayfs"
    tried = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], check=False)
    return "" if tried.returncode == 0 else "namespaces can't be made here"


class Machine:
    """What was booted, and how to do something in it."""

    def __init__(self, parent: "subprocess.Popen[str]") -> None:
        self._parent = parent
        self._first = ""

    def ready(self) -> bool:
        """Tell whether the target is reached."""
        assert self._parent.poll() is None, self._parent.communicate()
        children = Path(f"/proc/{self._parent.pid}/task/{self._parent.pid}/children")
        self._first = children.read_text(encoding="ascii").split(" ")[0]
        if not self._first:
            return False
        name = Path(f"/proc/{self._first}/comm").read_text(encoding="ascii")
        return name == "systemd\n" and self.do("systemctl", "is-active", "test.target") == "active"

    def do(self, *command: str, given: str | None = None) -> str:
        """Run a command inside, and return what it said."""
        return self.ran(*command, given=given).stdout.strip()

    def ran(self, *command: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a command inside."""
        enter = ["nsenter", "-t", self._first, "-m", "-u", "-i", "-n", "-p", "-C"]
        return subprocess.run(
            [*enter, *command],
            input=given,
            env=_ENVIRON,
            check=False,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
        )

    def write(self, path: str, text: str) -> None:
        """Write a file inside."""
        self.do("mkdir", "-p", str(Path(path).parent))
        self.do("tee", path, given=text)

    def show(self, unit: str, name: str) -> str:
        """Tell a property of a unit."""
        return self.do("systemctl", "show", unit, "-p", name, "--value")

    def journal(self, *which: str) -> str:
        """Read what was logged until now: what was written last may not be in the journal yet."""
        self.do("journalctl", "--sync")
        return self.do("journalctl", *which)

    def moment(self, unit: str, name: str) -> float:
        """Tell when a unit did something last, by systemd, on the clock of ``time.monotonic``."""
        return int(self.show(unit, f"{name}TimestampMonotonic")) / 1_000_000

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something inside."""
        until(condition, lambda: self.do("journalctl", "-b", "-o", "cat", "-n", "60"))


def until(condition: Callable[[], bool], shown: Callable[[], str]) -> None:
    """Wait for something; ``shown`` tells why it did not come."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, shown()
        time.sleep(0.05)


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """Boot a machine with this installation at /opt, and take it away again."""
    groups = _cgroups()
    assert groups is not None
    group = groups / f"syndicator-test-{os.getpid()}"
    group.mkdir()
    trees = [f"{sys.base_prefix}:/opt/python", f"{PROJECT}:/opt/project"]
    trees.append(f"{Path(sys.prefix) / 'lib'}:/opt/lib")
    parent = subprocess.Popen(
        ["/bin/bash", SCRIPT, folder, *trees],
        env={**_ENVIRON, "BOOT_CGROUP": str(group)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    booted = Machine(parent)
    try:
        until(booted.ready, lambda: "the machine did not come up")
        yield booted
    finally:
        parent.kill()
        parent.communicate()
        until(lambda: _gone(group), lambda: f"{group} is still there")


def _gone(group: Path) -> bool:
    """Remove the cgroups of the machine, once the kernel has ended its processes."""
    for path, _, _ in os.walk(group, topdown=False):
        try:
            Path(path).rmdir()
        except OSError:
            return False
    return True


def _cgroups() -> Path | None:
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, place, kind, *_ = line.split(" ")
        if kind == "cgroup2":
            return Path(place)
    return None
