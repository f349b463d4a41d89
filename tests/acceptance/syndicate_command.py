"""Running the command ``syndicate``: as the shell does, or forked from a warm process.

``syndicate`` is the quick way and the usual one; ``start`` is a real process of its own, for tests
of signals, of a second instance, and of what only a fresh interpreter can show.
"""

import atexit
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

BINARY = Path(sys.executable).parent / "syndicate"
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()
PATIENCE = 180.0  # seconds; a command that needs them has failed, on the slowest machine
ENVIRON = {
    "PATH": os.environ.get("PATH", ""),
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "SYNDICATOR_OPS_SECRET": SECRET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of a command; ``code`` is negative for a signal."""

    code: int
    out: str
    err: str
    steps: int = 0
    seconds: float = 0.0  # on the processor

    def report(self) -> dict[str, Any]:
        """Read what ``--json`` printed."""
        read: dict[str, Any] = json.loads(self.out)
        return read


def syndicate(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    umask: int = 0o022,
    fatal: int | None = None,
    seconds: float = 0.0,
) -> Ran:
    """Run the command to its end.

    With ``fatal`` it counts its steps, and kills itself before that one (0: before none). After
    ``seconds`` on the processor it is killed wherever it is (0: never).
    """
    warm = _warm()
    assert warm.stdin is not None
    assert warm.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        order = {
            "argv": [str(one) for one in arguments],
            "cwd": str(cwd),
            "env": {**ENVIRON, **(env or {})},
            "umask": umask,
            "out": str(place / "out"),
            "err": str(place / "err"),
            "took": str(place / "took"),
            "fatal": fatal,
            "seconds": seconds,
        }
        warm.stdin.write(json.dumps(order) + "\n")
        warm.stdin.flush()
        code = os.waitstatus_to_exitcode(int(warm.stdout.readline()))
        took = place / "took"
        return _sane(
            Ran(
                code=code,
                out=(place / "out").read_text(encoding="utf-8"),
                err=(place / "err").read_text(encoding="utf-8"),
                **(json.loads(took.read_bytes()) if took.exists() else {}),
            )
        )


def start(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    umask: int = 0o022,
) -> "subprocess.Popen[str]":
    """Start the installed command in a process of its own."""
    return subprocess.Popen(
        [BINARY, *arguments],
        cwd=cwd,
        env={**ENVIRON, **(env or {})},
        umask=umask,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def finish(process: "subprocess.Popen[str]") -> Ran:
    """Wait for a started command to end."""
    with process:
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return _sane(Ran(code=process.returncode, out=out, err=err))


def _sane(ran: Ran) -> Ran:
    """Hold every command of every test to what no command may do."""
    assert "Traceback" not in ran.err, ran.err
    assert SECRET.removeprefix("whsec_") not in ran.out + ran.err
    return ran


@cache
def _warm() -> "subprocess.Popen[str]":
    command: Sequence[str | Path] = [sys.executable, Path(__file__).with_name("zygote.py")]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**ENVIRON, "PYTHONPATH": str(Path(__file__).parents[1])},
        encoding="utf-8",
    )
    atexit.register(_leave, process)
    return process


def _leave(process: "subprocess.Popen[str]") -> None:
    process.communicate(timeout=PATIENCE)
