"""Telling the service manager how things are: one datagram, no library (sd_notify(3))."""

import os
import socket
from collections.abc import Mapping


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
