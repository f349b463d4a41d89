"""The server on real sockets: whole exchanges, clients that keep it waiting, overload."""

import asyncio
import shutil
import socket
import subprocess
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import served
from served import RSS, Site, ask, exchange, serving
from trial import Trial

from syndicator.config.load import load
from syndicator.errors import DoorError
from syndicator.model.report import Report
from syndicator.publish import registered
from syndicator.serve import connection, follow, prepare
from syndicator.serve.app import Monitor, Request, Watch
from syndicator.serve.connection import PATIENCE, Connection, sweep
from syndicator.serve.metrics import Pulse
from syndicator.serve.sockets import listen

GET = b"GET /feed.xml HTTP/1.1\r\nHost: x\r\n"
CLOSE = b"Connection: close\r\n\r\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a public folder with a feed."""
    return Site(tmp_path / "public").put("feed.xml", RSS).parent


def test_a_feed_comes_over_the_wire(root: Path) -> None:
    """Two requests in one piece are two answers; the second ends the connection as asked."""
    with serving(root) as port:
        got = exchange(port, GET + b"\r\n" + GET + CLOSE)
    assert got.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert got.count(RSS) == 2
    assert got.lower().count(b"\r\ndate: ") == 2
    assert b"\r\nserver: " not in got.lower()


def test_a_client_of_http_1_0_names_no_host(root: Path) -> None:
    """And is answered all the same, once for each connection."""
    with serving(root) as port:
        got = exchange(port, b"GET /feed.xml HTTP/1.0\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 200 OK\r\n")
    assert got.endswith(RSS)


def test_a_large_file_comes_whole_to_a_slow_reader(root: Path) -> None:
    """Piece by piece, as fast as it is taken."""
    data = bytes(range(256)) * 2**14
    (root / "large.bin").write_bytes(data)
    with serving(root) as port:
        got = exchange(port, GET.replace(b"feed.xml", b"large.bin") + CLOSE)
    assert got.partition(b"\r\n\r\n")[2] == data


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000, b"431"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /feed.xml HTTP/1.1\r\n\r\n", b"400"),
        (GET + b"Host: y\r\n\r\n", b"400"),
        (GET + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (b"POST /feed.xml HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\nabc", b"405"),
    ],
)
def test_a_bad_request_is_answered_and_the_connection_ends(
    root: Path, sent: bytes, status: bytes
) -> None:
    """Headers without end, no HTTP, no host or two, two lengths at once, an unasked body."""
    with serving(root) as port:
        assert exchange(port, sent).startswith(b"HTTP/1.1 " + status)
        assert b" 200 OK" in exchange(port, GET + CLOSE)


def test_more_connections_than_allowed_are_told_when_to_come_again(root: Path) -> None:
    """503 with Retry-After; the first is served on, and the next after it."""
    with serving(root, limit=1) as port:
        with socket.create_connection(("127.0.0.1", port), served.PATIENCE) as first:
            first.sendall(GET + b"\r\n")
            assert first.recv(15) == b"HTTP/1.1 200 OK"
            got = exchange(port, GET + b"\r\n")
            assert got.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: 10\r\n" in got
            while RSS not in first.recv(65536):
                pass
            first.sendall(GET + CLOSE)
            while first.recv(65536):
                pass
        assert exchange(port, GET + CLOSE).startswith(b"HTTP/1.1 200 OK")


def test_a_crowd_is_let_go_unheard(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond those who are told when to come again, connections end at once."""
    monkeypatch.setattr(connection, "SPARE", 1)
    with serving(root, limit=1) as port:
        crowd = [socket.create_connection(("127.0.0.1", port), served.PATIENCE) for _ in range(2)]
        with (
            socket.create_connection(("127.0.0.1", port), served.PATIENCE) as last,
            suppress(ConnectionError),
        ):
            assert last.recv(1) == b""
        for one in crowd:
            one.close()


def _connection(waiting: int = 0, **state: object) -> Any:
    """Stand in for a connection whose transport holds ``waiting`` bytes."""
    one = Connection.__new__(Connection)
    aborted: list[bool] = []
    transport = SimpleNamespace(
        get_write_buffer_size=lambda: waiting, abort=lambda: aborted.append(True)
    )
    vars(one).update(transport=transport, aborted=aborted, cycle=None, **state)
    return one


def test_a_client_that_keeps_the_server_waiting_is_let_go() -> None:
    """Half a head for too long, or an answer nobody takes; who takes a little at a time stays."""
    half, idle = _connection(begun=1.0), _connection(begun=0.0)
    stuck, taking = _connection(5), _connection(5)
    everybody = {half, idle, stuck, taking}
    assert sweep(everybody, 2.0) == 0
    taking.transport.get_write_buffer_size = lambda: 4
    assert sweep(everybody, 2.0 + PATIENCE + 0.1) == 2
    assert [one.aborted for one in (half, idle, stuck, taking)] == [[True], [], [True], []]


def test_a_unix_socket_can_be_asked_and_goes_with_the_server(root: Path) -> None:
    """One that a killed process left behind is replaced; a living one, or a file, is not."""
    path = root.parent / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    opened = listen([f"unix:{path}"], [], {}, 0)
    with pytest.raises(DoorError, match="Address already in use") as caught:
        listen([f"unix:{path}"], [], {}, 0)
    assert "another program listens there" in caught.value.hint
    opened.close()
    assert not path.exists()
    path.write_bytes(b"a file")
    with pytest.raises(DoorError):
        listen([f"unix:{path}"], [], {}, 0)
    assert path.read_bytes() == b"a file"


def test_an_address_that_is_taken_is_an_error_with_a_hint(root: Path) -> None:
    """Whatever was opened before it is closed again."""
    del root
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(DoorError, match=f"127.0.0.1:{taken}: Address already in use"):
            listen(["127.0.0.1:0", f"127.0.0.1:{taken}"], [], {}, 0)
    with pytest.raises(DoorError) as caught:
        listen(["192.0.2.1:80"], [], {}, 0)
    assert caught.value.exit_code == 5


def test_sockets_of_a_service_manager_take_the_place_of_our_own() -> None:
    """For this process only; one named ``monitor`` is for metrics (sd_listen_fds(3))."""
    passed = {"LISTEN_PID": "7", "LISTEN_FDS": "0", "LISTEN_FDNAMES": ""}
    own = listen(["127.0.0.1:0"], [], passed, 7)
    assert len(own.public) == 1
    own.close()
    assert listen([], [], {**passed, "LISTEN_FDS": "nonsense"}, 7).public == []
    assert listen([], [], {**passed, "LISTEN_FDS": "2"}, 8).public == []


def busy() -> Watch:
    """Return what was counted where something happened of each kind."""
    pulse = Pulse()
    watch = Watch(pulse=pulse)
    watch.counts.count("feed", 200, 104_441, 0.0007)
    watch.counts.count("feed", 304, 0, 20.0)
    pulse.passed(Report(live=3, owed=1, seconds=0.5), 1_800_000_000.0)
    pulse.failed(1_800_000_100.0)
    return watch


def test_metrics_tell_what_was_counted() -> None:
    """In the text format of Prometheus."""
    told = asyncio.run(ask(Monitor(busy()), "/metrics"))
    assert told.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = told.body.decode().splitlines()
    assert 'syndicator_http_requests_total{kind="feed",code="304"} 1' in lines
    assert 'syndicator_http_request_duration_seconds_bucket{le="0.001"} 1' in lines
    assert 'syndicator_http_request_duration_seconds_bucket{le="+Inf"} 2' in lines
    assert 'syndicator_last_pass_timestamp_seconds{result="ok"} 1800000000.0' in lines
    assert 'syndicator_posts{state="live"} 3' in lines


@pytest.mark.slow
def test_promtool_accepts_the_metrics() -> None:
    """Every name, unit and help."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: .ci/readers installs it (Debian's prometheus)")
    told = asyncio.run(ask(Monitor(busy()), "/metrics"))
    ran = subprocess.run(
        [promtool, "check", "metrics"], input=told.body, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")


def test_probes_tell_how_the_passes_go_and_do_nothing() -> None:
    """Alive while requests are answered; ready while a good pass was made not too long ago."""
    now = [1000.0]
    pulse = Pulse()
    monitor = Monitor(Watch(pulse=pulse, patience=60.0, now=lambda: now[0]))

    def status(path: str) -> int:
        return asyncio.run(ask(monitor, path)).status

    assert (status("/livez"), status("/readyz")) == (200, 503)
    pulse.passed(Report(), 1000.0)
    assert status("/readyz") == 200
    pulse.failed(1050.0)
    now[0] = 1061.0
    assert (status("/livez"), status("/readyz")) == (200, 503)
    assert asyncio.run(ask(Monitor(Watch()), "/readyz")).status == 200
    assert asyncio.run(ask(monitor, "/feed.xml")).status == 404
    assert asyncio.run(ask(monitor, "/metrics", "POST")).status == 405


def test_a_reload_tells_when_a_daemon_is_late(tmp_path: Path) -> None:
    """By the schedule that is in force now, not by that of the start."""
    site = Trial(root=tmp_path)
    site.head = site.head.replace("[serve]", f'[serve]\nlisten = "unix:{tmp_path}/s"')
    old, pulse = load(site.file, registered()), Pulse()
    pulse.passed(Report(), site.now.timestamp())
    site.now += timedelta(hours=20)
    server = prepare(old, {}, lambda: site.now, draw=str, pulse=pulse)
    assert server is not None
    monitor = Monitor(server.watch)
    assert asyncio.run(ask(monitor, "/readyz")).status == 503
    daily = old.schedule.model_copy(update={"cron": "0 9 * * *"})
    follow(server, old.model_copy(update={"schedule": daily}))
    assert asyncio.run(ask(monitor, "/readyz")).status == 200
    server.stop()


def test_probes_are_at_the_public_address_and_metrics_are_not(tmp_path: Path) -> None:
    """Unless an address of their own is configured: what goes on inside is nobody's business."""
    site = Site(tmp_path / "public")
    assert site.ask("/livez").body == b"alive\n"
    assert site.ask("/readyz").body == b"ready\n"
    assert site.ask("/metrics").status == 404


def test_a_request_is_told_of_without_secrets(tmp_path: Path) -> None:
    """No query, no cookie, no address; nothing that could forge a line or a terminal's colours."""
    told: list[Request] = []
    site = Site(tmp_path / "public", watch=Watch(clock=lambda: 0.0, log=told.append))
    site.put("feed.xml", RSS)
    site.ask("/feed.xml?token=secret", cookie="secret", authorization="secret", user_agent='n"/2')
    site.ask("/\x1b[31m\nx")
    assert told[0]._asdict() == {
        "method": "GET",
        "url": "/feed.xml",
        "status": 200,
        "sent": len(RSS),
        "agent": "n?/2",
    }
    assert [str(one) for one in told] == [
        f'request GET /feed.xml 200 {len(RSS)} "n?/2"',
        'request GET /?[31m?x 404 22 ""',
    ]
