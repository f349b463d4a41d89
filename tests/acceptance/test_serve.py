"""``syndicate serve``, and the daemon's own server: real processes asked over real sockets."""

import hmac
import http.client
import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from local_web import ALLOW, local_web
from syndicate_command import BINARY, ENVIRON, PATIENCE, finish, start, syndicate
from trial_site import post, site


class _Wire(http.client.HTTPConnection):
    """Asks at a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        """Connect to the path."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(str(self._path))


def _ask(path: Path, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    wire = _Wire(path)
    wire.request("GET", target, headers=headers)
    answer = wire.getresponse()
    told = answer.status, dict(answer.getheaders()), answer.read()
    wire.close()
    return told


@contextmanager
def _started(root: Path, verb: str, *lines: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a verb until the block ends; returns once it has logged these beginnings of messages."""
    process = start(verb, cwd=root)
    assert process.stderr is not None
    try:
        for line in lines:
            said = ""
            while not said.startswith(line):
                said = json.loads(process.stderr.readline())["message"]
        yield process
        process.send_signal(signal.SIGTERM)
        ran = finish(process)
        assert (ran.code, ran.out) == (0, "")
        assert json.loads(ran.err.splitlines()[-1])["message"] == "stopped"
    finally:
        if process.poll() is None:
            process.kill()
            finish(process)


def test_published_files_are_served_until_a_signal_comes(tmp_path: Path) -> None:
    """Beside passes of ``run``, whose new feeds are served at once; 304 until then."""
    place = tmp_path / "s"
    root = site(tmp_path, rest=f'listen = "unix:{place}"')
    post(root, "2024-05-01-a.md", title="First")
    assert syndicate("run", cwd=root).code == 0
    with _started(root, "serve", f"serving {root}/archive/public at unix:{place}"):
        status, headers, body = _ask(place, "/atom.xml")
        assert (status, headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
        assert headers["link"] == '<https://feeds.example/atom.xml>; rel="self"'
        tag = {"If-None-Match": headers["etag"]}
        assert _ask(place, "/atom.xml", **tag)[0] == 304
        post(root, "2024-05-02-b.md", title="Second")
        assert syndicate("run", cwd=root).code == 0
        status, _, body = _ask(place, "/atom.xml", **tag)
        assert status == 200
        assert b"<title>Second</title>" in body
        assert _ask(place, "/state.db")[0] == 404
    assert not place.exists()


def test_a_daemon_serves_what_it_publishes(tmp_path: Path) -> None:
    """With probes and metrics at an address of their own, which know of its passes."""
    place, inside = tmp_path / "s", tmp_path / "m"
    rest = f'listen = "unix:{place}"\nmonitor = "unix:{inside}"\n[schedule]\nevery = "1h"'
    root = site(tmp_path, rest=rest)
    post(root, "2024-05-01-a.md", title="First")
    lines = f"started: archive {root}/archive", f"serving at unix:{place}", "posts"
    with _started(root, "daemon", *lines):
        assert b"First" in _ask(place, "/feed.json")[2]
        assert _ask(place, "/readyz")[0] == 404
        assert _ask(inside, "/readyz")[0] == 200
        assert b'syndicator_posts{state="live"} 1\n' in _ask(inside, "/metrics")[2]
        assert (
            b'syndicator_http_requests_total{kind="feed",code="200"} 1\n'
            in (_ask(inside, "/metrics")[2])
        )


def test_what_is_served_follows_a_reload(tmp_path: Path) -> None:
    """How long answers hold and which hubs tell of news, as the feeds say it by now."""
    place = tmp_path / "s"
    root = site(tmp_path, rest=f'listen = "unix:{place}"\n[schedule]\nevery = "1h"')
    post(root, "2024-05-01-a.md", title="First")
    lines = f"started: archive {root}/archive", f"serving at unix:{place}", "posts"
    with _started(root, "daemon", *lines) as process:
        assert _ask(place, "/atom.xml")[1]["cache-control"] == "public, max-age=3600"
        file = root / "config/syndicator.toml"
        more = '[feeds]\nttl = "2h"\nhubs = ["https://hub.example/"]\n'
        file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        assert any("config.taken" in line for line in process.stderr)
        headers = _ask(place, "/atom.xml")[1]
        assert headers["cache-control"] == "public, max-age=7200"
        assert headers["link"].endswith('<https://hub.example/>; rel="hub"')


def test_an_address_that_is_taken_ends_it_at_once(tmp_path: Path) -> None:
    """Exit code 5, what is taken, and what to do; the same for both verbs."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        root = site(tmp_path, rest=f'listen = "{address}"')
        for verb in ("serve", "daemon"):
            ran = syndicate(verb, cwd=root)
            assert ran.code == 5, ran.err
            told = json.loads(ran.err.splitlines()[-1])
            assert told["message"] == f"could not listen at {address}: Address already in use"
            assert told["hint"].startswith("another program listens there")


def test_a_systemd_socket_is_answered_at(tmp_path: Path) -> None:
    """What was opened before is used in place of [serve] listen (sd_listen_fds(3))."""
    place = tmp_path / "s"
    root = site(tmp_path)
    syndicate("run", cwd=root)
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(place))
        opened.listen()
        script = 'exec 3<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
        with subprocess.Popen(
            ["/bin/sh", "-c", script, "sh", BINARY, "serve"],
            stdin=opened.fileno(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            cwd=root,
            env=ENVIRON,
        ) as process:
            assert _ask(place, "/feed.xml")[0] == 200
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, "")
    told = json.loads(err.splitlines()[0])["message"]
    assert told == f"serving {root}/archive/public at unix:{place}"
    assert place.exists()


def test_nothing_is_served_without_an_address(tmp_path: Path) -> None:
    """``serve`` says what is missing, and what is wrong with what was given."""
    root = site(tmp_path)
    ran = syndicate("serve", cwd=root)
    assert (ran.code, ran.out) == (2, "")
    assert 'set [serve] listen = "127.0.0.1:8000"' in json.loads(ran.err)["hint"]
    ran = syndicate("serve", "--listen", "example.org:80", cwd=root)
    assert ran.code == 2
    assert "--listen: names no address and port" in ran.err


def test_a_daemon_is_a_hub(tmp_path: Path) -> None:
    """Who subscribes is asked whether it means it, and sent the feed when a post comes."""
    place, came = tmp_path / "s", threading.Event()
    more = f'listen = "unix:{place}"\nhub = true\n[schedule]\nevery = "1s"'
    root = site(tmp_path, network=ALLOW, rest=more)
    post(root, "2024-05-01-a.md", title="First")
    lines = f"started: archive {root}/archive", "serving at", "posts"
    with local_web() as web, _started(root, "daemon", *lines):
        web.hook = lambda _push: came.set()
        assert '<https://feeds.example/hub>; rel="hub"' in _ask(place, "/atom.xml")[1]["link"]
        form = {
            "hub.mode": "subscribe",
            "hub.topic": "https://feeds.example/atom.xml",
            "hub.callback": web.url("/back"),
            "hub.secret": "theirs",
        }
        wire = _Wire(place)
        wire.request("POST", "/hub", urlencode(form))
        assert wire.getresponse().status == 202
        wire.close()
        post(root, "2024-05-02-b.md", "Another text.", title="Second")
        assert came.wait(PATIENCE)
        sent = web.pushes[0]
        assert b"<title>Second</title>" in sent.body
        right = hmac.digest(b"theirs", sent.body, "sha256").hex()
        assert sent.headers["x-hub-signature"] == f"sha256={right}"
