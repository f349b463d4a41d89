"""The sockets the server listens at: its own, or those a service manager opened before."""

import errno
import os
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISSOCK

from syndicator.config.listen import UNIX, split
from syndicator.errors import DoorError

FIRST = 3  # the first descriptor a service manager passes (sd_listen_fds(3))
MONITOR = "monitor"  # FileDescriptorName= of sockets for probes and metrics
BACKLOG = 2048
_OPEN, _CLOSED = 0o666, 0o660  # who may ask: anybody for feeds, the group for metrics


@dataclass(slots=True, kw_only=True)
class Sockets:
    """Listening sockets, by what is answered at them; ``close`` removes what was made."""

    public: list[socket.socket] = field(default_factory=list)
    monitor: list[socket.socket] = field(default_factory=list)
    made: list[Path] = field(default_factory=list)

    def close(self) -> None:
        """Close all, and remove the files of Unix sockets."""
        for one in (*self.public, *self.monitor):
            one.close()
        for path in self.made:
            with suppress(OSError):
                path.unlink()
        self.made.clear()

    def names(self) -> list[str]:
        """Say where the feeds are served, as a person would write it."""
        return [_name(one) for one in self.public]


def listen(
    public: Iterable[str], monitor: Iterable[str], environ: Mapping[str, str], pid: int
) -> Sockets:
    """Open the sockets; those passed by a service manager take the place of the configured ones.

    Raises DoorError where an address can't be had, with all sockets closed again.
    """
    opened = Sockets()
    try:
        _passed(opened, environ, pid)
        places = () if opened.public else public, () if opened.monitor else monitor
        for one in places[0]:
            opened.public.append(_open(one, _OPEN, opened.made))
        for one in places[1]:
            opened.monitor.append(_open(one, _CLOSED, opened.made))
    except BaseException:
        opened.close()
        raise
    return opened


def _passed(opened: Sockets, environ: Mapping[str, str], pid: int) -> None:
    """Take the descriptors that are meant for this process (sd_listen_fds(3))."""
    if environ.get("LISTEN_PID") != str(pid):
        return
    count = environ.get("LISTEN_FDS", "")
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    for at in range(int(count) if count.isascii() and count.isdigit() else 0):
        try:
            one = socket.socket(fileno=FIRST + at)
        except OSError as error:
            says = f"descriptor {FIRST + at}, passed by the service manager, is no socket"
            raise DoorError(says, hint="look at the .socket unit") from error
        one.settimeout(0)
        os.set_inheritable(one.fileno(), False)  # noqa: FBT003  # positional by its signature
        monitors = at < len(names) and names[at] == MONITOR
        (opened.monitor if monitors else opened.public).append(one)


def _open(address: str, mode: int, made: list[Path]) -> socket.socket:
    try:
        if address.startswith(UNIX):
            path = Path(address.removeprefix(UNIX))
            one = _unix(path, mode)
            made.append(path)
        else:
            one = _tcp(*split(address))
        one.listen(BACKLOG)  # can't fail where bind did not
        one.settimeout(0)
    except OSError as error:
        says = f"could not listen at {address}: {error.strerror or error}"
        raise DoorError(says, hint=_hint(error)) from error
    return one


def _tcp(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host or not host else socket.AF_INET
    if not host and not socket.has_dualstack_ipv6():
        family = socket.AF_INET
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:  # every address means both families, one means itself
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(bool(host)))
        one.bind((host, port))
    except OSError:
        one.close()
        raise
    return one


def _unix(path: Path, mode: int) -> socket.socket:
    _forget(path)
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        one.bind(str(path))
        path.chmod(mode)
    except OSError:
        one.close()
        raise
    return one


def _forget(path: Path) -> None:
    """Remove the socket of a process that is no more; leave everything else alone."""
    try:
        if not S_ISSOCK(path.lstat().st_mode):
            return
    except OSError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        try:
            knock.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()


def _hint(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "another program listens there: end it, or set another [serve] listen or monitor"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return "ports below 1024 and folders of others need a service manager's socket, or root"
    return "set [serve] listen or monitor to an address this machine has"


def _name(one: socket.socket) -> str:
    name = one.getsockname()
    if isinstance(name, str):
        return UNIX + name
    host, port = name[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
