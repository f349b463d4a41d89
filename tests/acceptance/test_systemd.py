"""The units, under a real systemd: as an operator installs them, and as things go wrong."""

import sys
import time
from collections.abc import Iterator

import pytest
from booted_systemd import Machine, machine, missing

pytestmark = pytest.mark.slow
UNIT = "syndicator.service"
PYTHON = f"/opt/python/bin/python3.{sys.version_info.minor}"
LIBRARY = f"/opt/project:/opt/lib/python3.{sys.version_info.minor}/site-packages"
COMMAND = "/opt/syndicator/bin/syndicate"
CONFIG = "/etc/syndicator/syndicator.toml"
SETTINGS = """\
[site]
title = "Small"
url = "https://site.example.org/"
timezone = "Asia/Taipei"
[content]
root = "/srv/blog"
[archive]
root = "/var/lib/syndicator/archive"
[serve]
url = "https://feeds.example.org/"
[schedule]
every = "1h"
[[publish]]
type = "atom"
path = "atom.xml"
[[publish]]
type = "webhook"
name = "ops"
url = "https://ops.example.org/"
secret_credential = "secret_ops"
events = ["post.published"]
"""
ENVIRON = (f"PYTHONPATH={LIBRARY}", "LD_LIBRARY_PATH=/opt/python/lib")
WATCHDOG = 6  # seconds
QUICK = f"""\
[Unit]
StartLimitIntervalSec=0
[Service]
WatchdogSec={WATCHDOG}s
RestartSec=100ms
Environment={" ".join(ENVIRON)}
"""  # the tests of a fast machine start it more often than anybody may
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENTRY = f"""\
#!{PYTHON}
import sys
from syndicator.cli import main
sys.exit(main())
"""
ONCE = f"""\
[Service]
Type=oneshot
Restart=no
SyslogIdentifier=probe
ExecStart=
ExecStart={PYTHON} /opt/syndicator/probe.py
"""
# each act, tried by the unit's own user within its sandbox: what comes of it
ACTS = {
    "write /etc/x": 'open("/etc/x", "w")',
    "write /srv/blog/x": 'open("/srv/blog/x", "w")',
    "write /opt/syndicator/x": 'open("/opt/syndicator/x", "w")',
    "read the secrets' folder": 'open("/etc/syndicator/credentials/ops")',
    "see /root": 'os.stat("/root/.profile")',
    "see other processes": 'os.stat("/proc/1")',
    "see the kernel's settings": 'os.stat("/proc/sys/kernel")',
    "run what was written": 'p = "/var/lib/syndicator/x"; open(p, "w").write("#!/bin/sh\\n"); '
    "os.chmod(p, 0o700); subprocess.run([p], check=True)",
    "become root": "os.setuid(0)",
    "make a namespace": "ctypes.CDLL(None, use_errno=True).unshare(0x20000) and fail()",
    "a raw socket": "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "a packet socket": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "set the clock": "time.clock_settime(time.CLOCK_REALTIME, 0)",
    "memory that is written and run": "mmap.mmap(-1, 4096, prot=7)",
    "a lower niceness": "os.nice(-5)",
    "mount": 'ctypes.CDLL(None, use_errno=True).mount(b"x", b"/tmp", b"tmpfs", 0, 0) and fail()',
    "a device": 'os.open("/dev/tty0", os.O_RDWR)',
    "ask this machine": 'socket.create_connection(("127.0.0.1", 80), 1)',
    "ask the local network": 'socket.create_connection(("10.0.0.1", 80), 1)',
    "ask the cloud": 'socket.create_connection(("169.254.169.254", 80), 1)',
}
ALLOWED = {
    "write its own folder": 'open("/var/lib/syndicator/y", "w")',
    "read posts": 'open("/srv/blog/a.md")',
    "ask a public address": 'socket.create_connection(("203.0.113.1", 80), 3)',
    "read its credential": 'open(os.environ["CREDENTIALS_DIRECTORY"] + "/secret_ops")',
}
# more than five starts within ten seconds would be refused (StartLimitBurst=)
SOON = """\
[Timer]
OnCalendar=
OnCalendar=*:*:0/5
RandomizedDelaySec=0
AccuracySec=100ms
"""
PROBE = """\
import ctypes, mmap, os, socket, subprocess, sys, time
def fail(): raise OSError("refused")
for name, act in {acts!r}.items():
    try:
        exec(act)
        print("did", name)
    except (OSError, subprocess.SubprocessError):
        pass
"""


@pytest.fixture(scope="module")
def booted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Boot a machine, and install there as systemd/README.md says."""
    if reason := missing():
        pytest.skip(reason)
    with machine(tmp_path_factory.mktemp("machine")) as made:
        made.write(
            COMMAND, f"#!{PYTHON}\nimport sys\nfrom syndicator.cli import main\nsys.exit(main())\n"
        )
        made.do("chmod", "755", COMMAND)
        made.write(CONFIG, SETTINGS)
        made.write("/srv/blog/a.md", "---\ntitle: A\ndate: 2020-11-01\n---\nText.\n")
        ran = made.ran("env", *ENVIRON, COMMAND, "systemd", "install")
        assert ran.returncode == 0, ran.stderr
        made.write("/etc/syndicator/credentials/ops", SECRET)
        for unit in ("syndicator", "syndicator-run"):
            made.write(f"/etc/systemd/system/{unit}.service.d/test.conf", QUICK)
        assert made.ran("systemd-sysusers").returncode == 0
        assert made.ran("systemctl", "daemon-reload").returncode == 0
        yield made


@pytest.fixture
def running(booted: Machine) -> Machine:
    """Let the daemon run."""
    started = booted.ran("systemctl", "start", UNIT)
    assert started.returncode == 0, booted.journal("-u", UNIT, "-o", "cat")
    booted.until(lambda: "posts: 1" in booted.show(UNIT, "StatusText"))
    return booted


def _replaced(machine: Machine, pid: str) -> bool:
    now = machine.show(UNIT, "MainPID")
    return now not in {"0", pid} and machine.show(UNIT, "ActiveState") == "active"


def test_the_units_are_right(booted: Machine) -> None:
    """Systemd finds nothing to remark in them, and little that they leave open."""
    units = (UNIT, "syndicator.socket", "syndicator-run.service", "syndicator-run.timer")
    ran = booted.ran("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units)
    assert (ran.returncode, ran.stderr) == (0, "")
    ran = booted.ran("systemd-analyze", "security", "--threshold=11", "--no-pager", UNIT)
    assert ran.returncode == 0, ran.stdout[-200:]


def test_the_daemon_runs_and_logs_fields(running: Machine) -> None:
    """The feed is there for other users; an event can be looked for by its name."""
    assert running.do("stat", "-c", "%a", "/var/lib/syndicator/archive/public/atom.xml") == "644"
    assert running.do("stat", "-c", "%U", "/var/lib/syndicator/archive") == "syndicator"
    said = running.journal("SYNDICATOR_EVENT=daemon.started", "-o", "cat")
    assert "started: archive /var/lib/syndicator/archive" in said
    assert SECRET not in running.journal("-o", "export")


def test_it_is_active_within_two_seconds(running: Machine) -> None:
    """Of processor time, by systemd's account: what a start takes on a machine that is idle."""
    assert running.ran("systemctl", "restart", UNIT).returncode == 0
    assert int(running.show(UNIT, "CPUUsageNSec")) < 2_000_000_000


def test_a_hung_daemon_is_replaced(running: Machine) -> None:
    """Begun anew when the watchdog's time is over, by systemd; what was kept stays.

    A second after that on a machine that is idle; tests run beside others.
    """
    pid = running.show(UNIT, "MainPID")
    before = time.monotonic()
    running.do("kill", "-STOP", pid)
    stopped = time.monotonic()
    running.until(lambda: _replaced(running, pid))
    began = running.moment(UNIT, "ExecMainStart")
    assert before < began < stopped + WATCHDOG + 30
    assert "Watchdog timeout" in running.journal("-u", UNIT, "-o", "cat")
    running.until(lambda: "posts: 1" in running.show(UNIT, "StatusText"))


def test_a_killed_daemon_is_replaced(running: Machine) -> None:
    """With its state, without a person."""
    pid = running.show(UNIT, "MainPID")
    running.do("kill", "-KILL", pid)
    running.until(lambda: _replaced(running, pid))
    running.until(lambda: "posts: 1" in running.show(UNIT, "StatusText"))


def test_a_reload_keeps_the_process(running: Machine) -> None:
    """A broken configuration too; then the old one stays in force."""
    pid = running.show(UNIT, "MainPID")
    for text, says in ((SETTINGS + "broken", "is wrong"), (SETTINGS, "is in force")):
        running.write(CONFIG, text)
        assert running.ran("systemctl", "reload", UNIT).returncode == 0
        said = f"the new configuration {says}"
        running.until(lambda said=said: said in running.journal("-u", UNIT, "-o", "cat"))  # type: ignore[misc]  # bound now
    assert running.show(UNIT, "MainPID") == pid


def test_a_broken_configuration_fails_once(booted: Machine) -> None:
    """Starting again would not mend it."""
    booted.do("systemctl", "stop", UNIT)
    before = booted.show(UNIT, "NRestarts")
    booted.write(CONFIG, SETTINGS + "broken")
    assert booted.ran("systemctl", "start", UNIT).returncode != 0
    booted.until(lambda: booted.show(UNIT, "ActiveState") == "failed")
    assert booted.show(UNIT, "ExecMainStatus") == "2"
    assert booted.show(UNIT, "NRestarts") in {before, "0"}
    booted.write(CONFIG, SETTINGS)
    booted.do("systemctl", "reset-failed", UNIT)


def test_the_timer_and_its_single_pass(booted: Machine) -> None:
    """One pass, then nothing is left running; the timer knows when the next one is."""
    booted.do("systemctl", "stop", UNIT)
    ran = booted.ran("systemctl", "start", "syndicator-run.service")
    assert ran.returncode == 0, booted.journal("-u", "syndicator-run", "-o", "cat")
    assert booted.show("syndicator-run.service", "Result") == "success"
    assert booted.ran("systemctl", "start", "syndicator-run.timer").returncode == 0
    assert booted.show("syndicator-run.timer", "NextElapseUSecRealtime")
    booted.do("systemctl", "stop", "syndicator-run.timer")


def test_the_timer_makes_passes(booted: Machine) -> None:
    """By itself, one after another: with another calendar, as nobody waits for its quarter."""
    run, place = "syndicator-run.service", "/etc/systemd/system/syndicator-run.timer.d/soon.conf"
    booted.do("systemctl", "stop", UNIT)
    booted.write(place, SOON)
    booted.do("systemctl", "daemon-reload")
    before = booted.moment(run, "ExecMainExit")
    try:
        assert booted.ran("systemctl", "start", "syndicator-run.timer").returncode == 0
        for _ in range(2):
            booted.until(lambda at=before: booted.moment(run, "ExecMainExit") > at)  # type: ignore[misc]  # bound now
            assert booted.show(run, "Result") == "success"
            before = booted.moment(run, "ExecMainExit")
    finally:
        booted.do("systemctl", "stop", "syndicator-run.timer")
        booted.do("rm", place)
        booted.do("systemctl", "daemon-reload")


def test_the_socket_starts_the_daemon(booted: Machine) -> None:
    """At the first request, which waits for its answer."""
    booted.do("systemctl", "stop", UNIT)
    assert booted.ran("systemctl", "start", "syndicator-run.service").returncode == 0  # a feed
    assert booted.ran("systemctl", "start", "syndicator.socket").returncode == 0
    answer = booted.do("curl", "-sS", "-m", "180", "http://127.0.0.1:8420/atom.xml")
    assert "<title>A</title>" in answer
    booted.do("systemctl", "stop", "syndicator.socket", UNIT)


def test_what_the_sandbox_must_refuse_is_refused(booted: Machine) -> None:
    """Tried in the unit itself, by its user; and what it needs is allowed."""
    booted.do("systemctl", "stop", UNIT)
    for address in ("203.0.113.1", "10.0.0.1", "169.254.169.254", "127.0.0.1"):
        server = ("/usr/bin/python3", "-m", "http.server", "--bind", address, "80")
        booted.do("systemd-run", "-q", *server)
        asked = ("curl", "-s", "-o", "/dev/null", f"http://{address}/")
        booted.until(lambda asked=asked: booted.ran(*asked).returncode == 0)  # type: ignore[misc]  # bound now
    booted.write("/opt/syndicator/probe.py", PROBE.format(acts={**ACTS, **ALLOWED}))
    booted.write(f"/etc/systemd/system/{UNIT}.d/zz-probe.conf", ONCE)
    booted.do("systemctl", "daemon-reload")
    try:
        ran = booted.ran("systemctl", "start", UNIT)
        said = booted.journal("-t", "probe", "-o", "cat")
        assert ran.returncode == 0, said
        assert set(said.splitlines()) == {f"did {name}" for name in ALLOWED}
    finally:
        booted.do("rm", f"/etc/systemd/system/{UNIT}.d/zz-probe.conf")
        booted.do("systemctl", "daemon-reload")
