"""Secrets planted wherever one may stand: none of them is ever seen again."""

import base64
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread, Timer
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest
from local_web import dead_port
from syndicate_command import PATIENCE, SECRET, start, syndicate
from trial_site import post, put, site, sql

from syndicator.doors.subscriptions import Subscription, Subscriptions

WORD = "canary"  # in every secret, and in nothing else
_SEED = f"{WORD} that is thirty-two bytes..".encode()
_AGED = f"{WORD} that is 2 bytes longer, old".encode()
SIGNS = f"whsec_{base64.b64encode(_SEED).decode()}"
OLD = f"whsec_{base64.b64encode(_AGED).decode()}"
PRIVATE = f"whsk_{base64.b64encode(_SEED[:32]).decode()}"
PLANTED = (
    WORD.encode(),
    *(key.partition("_")[2].encode() for key in (SIGNS, OLD, PRIVATE, SECRET)),
    _SEED.hex().encode(),
)
TOKEN = f"services/T0/B0/{WORD}-in-an-address"


class _Telltale(BaseHTTPRequestHandler):
    """Fails, and says all it knows while it does: in the reason, in headers, in the body."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = f"{self.path} {SIGNS} {PRIVATE} {WORD}\n{self.headers}".encode() * 3
        self.send_response(302 if self.path.startswith("/moved") else 500, f"No, {WORD} {SIGNS}")
        for name in ("Location", "Server", "Content-Type", "X-Secret", "Webhook-Delivery"):
            self.send_header(name, f"http://127.0.0.1:9/{WORD}?{SIGNS}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """Serve a telltale."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Telltale) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


ENV = {"CANARY_KEYS": f"{SIGNS} {OLD} until=2999-01-01T00:00:00+00:00"}


def planted(root: Path, port: int) -> dict[str, str]:
    """Make a site that has a secret of each form; return the environment to run it in."""
    addresses = {
        "refused": f"http://127.0.0.1:{dead_port()}/{TOKEN}",
        "garbled": f"https://127.0.0.1:{port}/{TOKEN}?key={WORD}",
        "echoed": f"http://127.0.0.1:{port}/echo/{TOKEN}?key={WORD}",
        "moved": f"http://127.0.0.1:{port}/moved/{TOKEN}",
        "behind": f"https://hooks.example/{TOKEN}?key={WORD}",
        "forbidden": f"https://10.1.2.3/{TOKEN}",
    }
    sources = ('secret_env = "CANARY_KEYS"', 'secret_file = "k"', 'secret_credential = "c"')
    tables = "".join(
        f'[[publish]]\ntype = "webhook"\nname = "{name}"\nurl = "{url}"\n'
        f'since = "all"\n{sources[number % 3]}\n'
        for number, (name, url) in enumerate(addresses.items())
    )
    network = (
        f'allow = ["127.0.0.0/8"]\nproxy = "http://me:{WORD}-at-a-proxy@127.0.0.1:{dead_port()}/"'
    )
    rest = f'listen = "unix:{root}/l"\nmonitor = "unix:{root}/m"\n[schedule]\nevery = "1s"'
    site(root, publish=tables, network=network, rest=rest)
    put(root / "config/k", f"{PRIVATE}\n{SIGNS}\n").chmod(0o600)
    put(root / "credentials/c", PRIVATE)
    post(root, "2024-05-01-a.md")
    return ENV | {"CREDENTIALS_DIRECTORY": str(root / "credentials")}


@contextmanager
def unseen(root: Path, *, but: str = "none") -> Iterator[list[str]]:
    """Take what was said, and hold it and every file that was written to hold no secret.

    Files ``but`` these: hub.db has the secrets of subscribers, and is there for its owner alone.
    """
    said: list[str] = []
    yield said
    for number, text in enumerate(said):
        for needle in PLANTED:
            assert needle not in text.encode(), (number, needle)
    for path in sorted((root / "archive").rglob("*")):
        if path.name.startswith(but):
            continue
        data = path.read_bytes() if path.is_file() else str(path).encode()
        for needle in PLANTED:
            assert needle not in data, (path, needle)


def test_no_verb_and_no_file_tells_a_secret(tmp_path: Path, port: int) -> None:
    """Receivers refuse, garble, redirect, and echo; nothing planted is said or kept."""
    env = planted(tmp_path, port)
    with unseen(tmp_path) as said:

        def say(*verb: str) -> str:
            ran = syndicate(*verb, cwd=tmp_path, env=env)
            said.extend((ran.out, ran.err))
            return ran.out

        assert "0 sent, 5 owed, 1 given up" in say("run", "--drain", "0")
        for ask in (("status",), ("config", "show"), ("push", "list"), ("push", "endpoints")):
            assert say(*ask)
            assert say(*ask, "--json")
        for (message,) in sql(tmp_path, "SELECT id FROM message"):
            assert say("push", "show", message)
            assert say("push", "show", message, "--json")
        for (endpoint,) in sql(tmp_path, "SELECT DISTINCT endpoint FROM delivery"):
            assert say("push", "test", endpoint)
            assert say("push", "test", endpoint, "--json")
        assert len(said) == 2 * (1 + 8 + 12 + 12)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"https://10.1.2.3/{TOKEN}", f"https://me:{WORD}@receiver.example/"),
        (f"https://10.1.2.3/{TOKEN}", f"gopher://receiver.example/{WORD}"),
        (f"https://10.1.2.3/{TOKEN}", f"https://receiver .example/{WORD}"),
        (f"{WORD}-at-a-proxy", f"{WORD}/{WORD}"),
        ('secret_file = "k"', f'secret = "{SIGNS}"'),
        ('secret_file = "k"', f'secret_file = "{SIGNS}"'),
        ('secret_env = "CANARY_KEYS"', f'secret_env = "{SIGNS}"'),
    ],
)
def test_a_mistake_in_the_configuration_tells_no_secret(
    tmp_path: Path, port: int, old: str, new: str
) -> None:
    """A value that is refused is not quoted where it may hold one."""
    env = planted(tmp_path, port)
    file = tmp_path / "config/syndicator.toml"
    assert old in file.read_text("utf-8")
    put(file, file.read_text("utf-8").replace(old, new))
    with unseen(tmp_path) as said:
        for verb in ("check", "run", "status"):
            ran = syndicate(verb, cwd=tmp_path, env=env)
            said.extend((ran.out, ran.err))
        assert any(said)


@pytest.mark.parametrize("key", [WORD, f"whsec_{WORD}", f"whsk_{SIGNS}", f"{SIGNS} until={WORD}"])
def test_a_key_that_can_not_be_used_is_not_quoted(tmp_path: Path, port: int, key: str) -> None:
    """Only where it is, and what is wrong with it."""
    env = planted(tmp_path, port)
    put(tmp_path / "config/k", key)
    with unseen(tmp_path) as said:
        for verb in (("run",), ("push", "test", "garbled")):
            ran = syndicate(*verb, cwd=tmp_path, env=env)
            assert ran.code == 2
            said.extend((ran.out, ran.err))


BREAKS = """
import os
from syndicator.deliver.send import Sender
from syndicator.doors.http.web import Web

async def send(self, request):
    raise RuntimeError(f"{request!r}")

def settle(self, batch, back):
    raise RuntimeError(f"{self!r} {back!r} {batch!r}")

if "BREAK_SENDING" in os.environ:
    Web.send = send
if "BREAK_SETTLING" in os.environ:
    Sender._settle = settle
"""


UNTIL = {
    "": "5 owed",
    "BREAK_SENDING": "internal error: RuntimeError",
    "BREAK_SETTLING": "RuntimeError: Sender(",
}


@pytest.mark.parametrize(
    "breaks", [pytest.param("", marks=pytest.mark.slow), "BREAK_SENDING", "BREAK_SETTLING"]
)
def test_no_log_no_metric_and_no_traceback_tells_a_secret(
    tmp_path: Path, port: int, breaks: str
) -> None:
    """A daemon at work, one whose every request fails, and one whose passes break off."""
    env = planted(tmp_path, port) | {"PYTHONPATH": str(tmp_path / "patches"), breaks or "X": "1"}
    put(tmp_path / "patches/sitecustomize.py", BREAKS)
    with unseen(tmp_path) as said, alive(tmp_path, env) as process:
        assert process.stderr is not None
        until = UNTIL[breaks]
        for line in process.stderr:
            said.append(line)
            if until in line:
                break
        said.append(page_of(tmp_path, "metrics"))
        process.terminate()
        said.extend(process.communicate(timeout=PATIENCE))
        assert until in "".join(said)
        assert "syndicator_" in "".join(said)


def test_the_hub_tells_no_secret_of_a_subscriber(tmp_path: Path, port: int) -> None:
    """Nor its address, nor the key of an endpoint, to whoever looks, though it echoes both."""
    env = planted(tmp_path, port)
    file = tmp_path / "config/syndicator.toml"
    put(file, file.read_text("utf-8").replace("[serve]\n", "[serve]\nhub = true\n"))
    assert syndicate("run", "--drain", "0", cwd=tmp_path, env=env).code in {0, 1}
    one = Subscription(
        callback=f"http://127.0.0.1:{port}/echo/{TOKEN}?key={WORD}",
        topic="https://feeds.example/atom.xml",
        path="atom.xml",
        expires=4e9,
        secret=f"{WORD} of its own",
        has="an older one",
    )
    held = Subscriptions(tmp_path / "archive/subscriptions")
    held.put(one)
    held.close()
    with unseen(tmp_path, but="hub.db") as said, alive(tmp_path, env) as process:
        end = monotonic() + PATIENCE
        while True:  # until the hub has told it
            ran = syndicate("push", "show", f"sub_{one.key}", cwd=tmp_path, env=env)
            said.extend((ran.out, ran.err))
            if "status 500" in ran.out or monotonic() > end:
                break
        assert "answered 500" in ran.out
        for ask in (("list", "--endpoint", "@hub"), ("show", f"sub_{one.key}"), ("endpoints",)):
            for more in ((), ("--json",)):
                ran = syndicate("push", *ask, *more, cwd=tmp_path, env=env)
                assert ran.out
                said.extend((ran.out, ran.err))
        for page in ("metrics", "status"):
            said.append(page_of(tmp_path, page))
            assert "1" in said[-1]
        process.terminate()
        said.extend(process.communicate(timeout=PATIENCE))
    assert "internal error" not in "".join(said)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_listening_tells_no_secret(tmp_path: Path, port: int, form: tuple[str, ...]) -> None:
    """What is signed well, and what is not, is printed without the key that told them apart."""
    env = planted(tmp_path, port)
    verb = ("push", "listen", "echoed", "--port", "0", "--count", "2", *form)
    with unseen(tmp_path) as said, start(*verb, cwd=tmp_path, env=env) as ear:
        assert ear.stderr is not None
        said.append(ear.stderr.readline())
        where = urlsplit(said[0].split()[2])
        for signature in ("v1,none", "v1a,none v1,bm9uZQ=="):
            with closing(HTTPConnection("127.0.0.1", where.port, timeout=PATIENCE)) as line:
                stamp = str(int(datetime.now(UTC).timestamp()))  # noqa: TID251  # so does the ear
                names = ("webhook-id", "webhook-timestamp", "webhook-signature")
                headers = dict(zip(names, ("msg_1", stamp, signature), strict=True))
                line.request("POST", "/", "{}", headers)
                assert line.getresponse().status == 401
        said.extend(ear.communicate(timeout=PATIENCE))
        assert "not signed with this secret" in said[1]
        assert ear.returncode == 1


def page_of(root: Path, name: str) -> str:
    """Ask the daemon for a page of its monitor."""
    with closing(socket.socket(socket.AF_UNIX)) as line_in:
        line_in.settimeout(PATIENCE)
        line_in.connect(str(root / "m"))
        line_in.sendall(f"GET /{name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: line_in.recv(65536), b"")).decode()


@contextmanager
def alive(root: Path, env: dict[str, str]) -> "Iterator[subprocess.Popen[str]]":
    """Let a daemon live for the block, and never for longer."""
    with start("daemon", cwd=root, env=env) as process:
        guard = Timer(2 * PATIENCE, process.kill)
        guard.start()
        try:
            yield process
        finally:
            guard.cancel()
            process.kill()
