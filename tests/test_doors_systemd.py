"""One datagram to the service manager, and no harm where there is none."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from syndicator.doors.systemd import notify


@pytest.fixture
def manager() -> Iterator[socket.socket]:
    """Listen as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(60)
        yield listening


def test_lines_arrive_in_one_datagram(tmp_path: Path, manager: socket.socket) -> None:
    """As sd_notify(3) has it: assignments, one a line."""
    manager.bind(str(tmp_path / "notify"))
    assert notify({"NOTIFY_SOCKET": str(tmp_path / "notify")}, "READY=1", "STATUS=a b")
    assert manager.recv(1000) == b"READY=1\nSTATUS=a b"


def test_the_abstract_namespace_is_heard_too(tmp_path: Path, manager: socket.socket) -> None:
    """An address with @ has no file."""
    manager.bind(f"\0{tmp_path}")
    assert notify({"NOTIFY_SOCKET": f"@{tmp_path}"}, "STOPPING=1")
    assert manager.recv(1000) == b"STOPPING=1"


@pytest.mark.parametrize("address", ["", "relative", "vsock:2:1", "/none/such", "/" + "x" * 300])
def test_nobody_listening_is_no_error(address: str) -> None:
    """Outside of a service manager the daemon lives as well."""
    assert not notify({"NOTIFY_SOCKET": address}, "READY=1")
    assert not notify({}, "READY=1")
