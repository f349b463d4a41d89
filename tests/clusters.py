"""A cluster of Dask on 127.0.0.1, with certificates made for it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from syndicator.config.cluster import Scheduler

FATAL = 30
MARKS = [
    pytest.mark.usefixtures("joining"),
    # a client of Dask that gave up leaves connections to the collector, which warns of them
    pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"),
]
_SCHEDULER = "from distributed.cli.dask_scheduler import main; main()"
_WORKER = "from distributed.cli.dask_worker import main; main()"


def certify(folder: Path) -> tuple[Path, Path, Path]:
    """Write an authority, and a certificate of it with its key."""
    keys = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, who)]) for who in ("ca", "we")]

    def signed(which: int) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .issuer_name(names[0])
            .subject_name(names[which])
            .public_key(keys[which].public_key())
            .serial_number(which + 1)
            .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
            .add_extension(x509.BasicConstraints(which == 0, None), critical=True)
            .sign(keys[0], None)
        )

    pem = serialization.Encoding.PEM
    clear = serialization.NoEncryption()
    made = {
        "ca.pem": signed(0).public_bytes(pem),
        "cert.pem": signed(1).public_bytes(pem),
        "key.pem": keys[1].private_bytes(pem, serialization.PrivateFormat.PKCS8, clear),
    }
    folder.mkdir(exist_ok=True)
    for name, data in made.items():
        (folder / name).write_bytes(data)
    ca_file, cert, key = (folder / name for name in made)
    return ca_file, cert, key


@dataclass(slots=True)
class Made:
    """A scheduler and its workers, each a process."""

    place: Scheduler
    scheduler: "subprocess.Popen[str]"
    workers: "list[subprocess.Popen[str]]" = field(default_factory=list)

    @property
    def settings(self) -> str:
        """The table of the configuration that leads here."""
        named = zip(("scheduler", "ca_file", "cert", "key"), self.place, strict=True)
        return "[cluster]\n" + "".join(f'{key} = "{value}"\n' for key, value in named if value)


@contextmanager
def cluster(folder: Path, paths: Sequence[str] = ("", ""), *, tls: bool = True) -> Iterator[Made]:
    """Run a scheduler, and a worker for each of ``paths``, from which it imports first."""
    pem = certify(folder) if tls else ()
    files = [
        f"--tls-{name}={one}" for name, one in zip(("ca-file", "cert", "key"), pem, strict=False)
    ]
    scheme = "tls" if tls else "tcp"
    host = [f"--host={scheme}://127.0.0.1"]
    with ExitStack() as stack:
        ready = (r"Scheduler at:\s+(\S+)", ["--port=0", "--no-dashboard", "--no-jupyter"])
        scheduler, address = _started(stack, _SCHEDULER, ready, [*host, *files])
        made = Made(Scheduler(address, *pem), scheduler)
        ready = (r"Registered to:\s+(\S+)", ["--no-nanny", "--nthreads=1", "--no-dashboard"])
        for path in paths:
            more = [address, *host, *files, f"--local-directory={folder}"]
            made.workers.append(_started(stack, _WORKER, ready, more, path)[0])
        yield made


def _started(
    stack: ExitStack, program: str, ready: tuple[str, list[str]], more: list[str], path: str = ""
) -> "tuple[subprocess.Popen[str], str]":
    told, options = ready
    near = os.pathsep.join(filter(None, [path, str(Path(__file__).parent)]))
    process = subprocess.Popen(
        [sys.executable, "-c", program, *options, *more],
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",  # where nothing is that could be imported
        env={**os.environ, "PYTHONPATH": near},
    )
    assert process.stderr is not None
    lines = []
    try:
        for line in process.stderr:
            lines.append(line)
            if found := re.search(told, line):
                break
        else:
            raise AssertionError("".join(lines))
    finally:  # what it says later is taken from it: else it would wait for that some day
        rest = Thread(target=process.stderr.read)
        rest.start()
        stack.callback(_ended, process, rest)
    return process, found[1]


def _ended(process: "subprocess.Popen[str]", rest: Thread) -> None:
    with process:
        process.kill()
        rest.join()


def twice(number: int) -> int:
    """Answer."""
    return 2 * number


def doubled(number: int) -> tuple[int, int]:
    """Answer, and tell which process did it."""
    return 2 * number, os.getpid()


def never(_number: int) -> int:
    """Fail, wherever."""
    raise LookupError("no answer")


def fatal(number: int, *, here: int) -> int:
    """Answer in the process of the tests; anywhere else be killed, as when memory runs out."""
    if number == FATAL and os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def fatal_once(number: int, *, flag: Path, here: int) -> int:
    """Be killed once, and leave a flag."""
    if number == FATAL and not flag.exists():
        flag.touch()
        return fatal(number, here=here)
    return 2 * number
