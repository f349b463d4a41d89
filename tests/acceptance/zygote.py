"""Runs the command in children forked from one warmed-up process: seconds of imports are saved.

Reads orders as JSON lines on stdin, and answers each with the child's wait status. A child is the
command as the shell starts it (own folder, environment, umask, stdout and stderr), and may be told
to kill itself just before its n-th step: a call that the disk, the database or a receiver would
notice; or to be killed after so much time on the processor. Started by ``syndicate_command``; no
test imports it.
"""

import contextlib
import gc
import io
import json
import os
import random
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from crash_trial import Trial
from local_web import local_web
from syndicate_command import ENVIRON

from syndicator.cli import main
from syndicator.cycle import keeping

STEPS = frozenset(
    {"open", "write", "fsync", "sync", "fchmod", "truncate", "mkdir", "replace", "rename", "link",
     "unlink", "flock", "execute", "executemany", "commit", "send", "sendall"}
)  # fmt: skip
READS = ("SELECT", "PRAGMA", "BEGIN")  # what can't change anything is no step
DISK, OTHERS = (io.BufferedWriter, io.FileIO), (sqlite3.Connection, sqlite3.Cursor, socket.socket)


class Steps:
    """Counts the steps of this process, and ends it before the one it is told."""

    def __init__(self, fatal: int | None) -> None:
        """``fatal`` is the number of the step not to take; 0 or None for none."""
        self.taken = 0
        self._fatal = fatal

    def sync(self) -> None:
        """Take the place of ``os.sync``: who is killed loses nothing that the system has by then.

        The real one waits for all disks of the machine, in every trial.
        """
        self._take()

    def _take(self) -> None:
        self.taken += 1
        if self.taken == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, frame: FrameType, event: str, what: Callable[..., Any]) -> None:
        """Hear of a call (see ``sys.setprofile``)."""
        if event == "c_call" and what.__name__ in STEPS and _is_step(frame, what):
            self._take()


def _is_step(frame: FrameType, what: Callable[..., Any]) -> bool:
    if getattr(what, "__module__", "") in {"posix", "fcntl"}:
        return True
    owner = getattr(what, "__self__", None)
    if isinstance(owner, DISK):
        return owner.fileno() > sys.stderr.fileno()
    if isinstance(owner, sqlite3.Cursor) and owner.connection.in_transaction:
        return False  # before the commit nobody sees it, and whoever is killed takes it along
    statement = str(frame.f_locals.get("statement", ""))
    return isinstance(owner, OTHERS) and not statement.lstrip().startswith(READS)


def child(order: dict[str, Any]) -> int:
    """Be the command."""
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # a descriptor, for good
    sys.stderr = open(  # noqa: SIM115
        2, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1
    )
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    os.umask(order["umask"])
    os.chdir(order["cwd"])
    random.seed()
    steps = Steps(order["fatal"])
    os.sync = steps.sync
    if order["fatal"] is not None:
        sys.setprofile(steps)
        threading.setprofile(steps)  # what is kept and published while more is fetched
    # SIGPROF, which nobody handles, ends a process as SIGKILL does
    signal.setitimer(signal.ITIMER_PROF, order["seconds"])
    before = time.process_time()
    try:
        code = main(order["argv"])
    finally:
        sys.setprofile(None)
        signal.setitimer(signal.ITIMER_PROF, 0)
    sys.stdout.flush()
    took = {"steps": steps.taken, "seconds": time.process_time() - before}
    Path(order["took"]).write_text(json.dumps(took), encoding="ascii")
    return code


def _ended(order: dict[str, Any]) -> int:
    try:
        return child(order)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # what Python itself does with it
        sys.excepthook(*sys.exc_info())
        return 1


def warm_up() -> None:
    """Make what trials make, so that everything that a pass imports and prepares is there."""
    os.environ.update(ENVIRON)
    with (
        local_web() as web,
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        trial = Trial(Path(folder, "site"), web)
        os.chdir(trial.root)
        assert main(["run"]) == 1  # a post is broken
        trial.change()
        assert main(["run"]) == 1
        assert main(["run"]) == 1
        for verb in (["verify"], ["repair"], ["gc"], ["reindex"]):
            assert main(["archive", *verb]) == 0
        os.chdir("/")
    gc.collect()
    gc.freeze()  # a child that searches all this for garbage copies it, page by page


def serve() -> None:
    """Take orders until there are no more."""
    for line in sys.stdin:
        order = json.loads(line)
        process = os.fork()
        if process == 0:
            code = _ended(order)
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    keeping.SOON = 600.0  # feeds are written once, with all pictures, however slow it all is
    warm_up()
    serve()
