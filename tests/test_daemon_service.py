"""What a service manager hears: that the daemon lives, as long as it works."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

from syndicator.daemon.service import Service
from syndicator.doors import systemd

ME = str(os.getpid())
Said = list[str]


def heard(tmp_path: Path, *, stuck: bool = False, damage: bool = False, feeds: int = 1) -> Said:
    state = tmp_path / "state.db"
    if damage:
        state.write_bytes(b"no database" * 100)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "60000000"}
        service = Service(environ, state)
        for _ in range(feeds):
            asyncio.run(service.feed(stuck=stuck))
        service.say("END=1")
        found = []
        while (line := manager.recv(100).decode()) != "END=1":
            found.append(line)
        return found


def test_the_watchdog_is_fed_no_more_often_than_it_must_be(tmp_path: Path) -> None:
    """Once in a third of its time."""
    assert heard(tmp_path, feeds=3) == ["WATCHDOG=1"]


def test_it_is_not_fed_while_something_is_stuck(tmp_path: Path) -> None:
    """A process that turns round and does nothing is to be replaced."""
    assert heard(tmp_path, stuck=True) == []


def test_it_is_not_fed_while_the_database_does_not_answer(tmp_path: Path) -> None:
    """Nor is one that can't do its work."""
    assert heard(tmp_path, damage=True) == []


@pytest.mark.parametrize(
    ("environ", "every"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": ME}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "often"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
    ],
)
def test_a_watchdog_is_ours_where_it_says_so(environ: dict[str, str], every: float | None) -> None:
    """As sd_watchdog_enabled(3) has it."""
    assert systemd.watchdog(environ, os.getpid()) == every


def test_lines_are_as_the_manager_reads_them() -> None:
    """One line a status; times in microseconds."""
    assert systemd.status("a\nREADY=1") == "STATUS=a"
    assert systemd.status("") == "STATUS="
    assert systemd.extend(1.5) == "EXTEND_TIMEOUT_USEC=1500000"
    word, moment = systemd.reloading()
    assert word == "RELOADING=1"
    assert moment.removeprefix("MONOTONIC_USEC=").isdigit()
