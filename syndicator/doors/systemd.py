"""Telling the service manager how things are: datagrams, no library (sd_notify(3))."""

import os
import socket
import time
from collections.abc import Mapping

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"


def notify(environ: Mapping[str, str], *lines: str) -> bool:
    """Send lines such as ``READY=1``; tell whether a service manager listens. Never raises."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):  # the abstract namespace of Linux
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
            manager.connect(os.fsencode(address))
            manager.sendall("\n".join(lines).encode())
    except OSError:
        return False
    return True


def reloading() -> tuple[str, str]:
    """Word that the configuration is being read again; the time is what notify-reload asks for."""
    return "RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}"


def status(text: str) -> str:
    """Word one line for ``systemctl status``."""
    return f"STATUS={text.splitlines()[0] if text else ''}"


def extend(seconds: float) -> str:
    """Ask for that much more time to start or to stop, from now."""
    return f"EXTEND_TIMEOUT_USEC={round(seconds * 1_000_000)}"


def watchdog(environ: Mapping[str, str], pid: int) -> float | None:
    """Tell within how many seconds the manager wants to hear of us (sd_watchdog_enabled(3))."""
    every = environ.get("WATCHDOG_USEC", "")
    if not (every.isascii() and every.isdigit() and int(every)):
        return None
    if environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    return int(every) / 1_000_000
