"""What a daemon or a server says, an event at a time: for a terminal, for journald, or as JSON.

Each event has a name (``pass.done``, ``post.problem``), a message, and what it is about: ``post``,
``url`` or ``endpoint``. Everything from outside is made harmless in all three forms.
"""

import os
import socket
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

from syndicator.cli.show import plain

JOURNAL = Path("/run/systemd/journal/socket")
_PRIORITY = {"error": "3", "warning": "4", "info": "6"}  # of syslog
Event = MutableMapping[str, Any]


def logger(environ: Mapping[str, str], stream: TextIO | None = None) -> Any:  # noqa: ANN401  # structlog's own
    """Make a logger that fits what ``stream`` (else stderr) leads to."""
    stream = stream or sys.stderr
    early = [structlog.processors.add_log_level, _harmless]
    if is_journal(environ, stream):
        return structlog.wrap_logger(_Journal(JOURNAL, stream), processors=[*early, fields])
    late: list[Any] = [structlog.processors.TimeStamper(fmt="iso", utc=True)]
    if stream.isatty():
        colors = not (environ.get("NO_COLOR") or environ.get("TERM") == "dumb")
        late.append(_Console(colors=colors))
    else:
        late.append(structlog.processors.JSONRenderer(ensure_ascii=False, default=str))
    return structlog.wrap_logger(structlog.WriteLogger(stream), processors=[*early, *late])


def is_journal(environ: Mapping[str, str], stream: TextIO) -> bool:
    """Tell whether a stream leads to journald (``$JOURNAL_STREAM``, systemd.exec(5))."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def fields(_logger: object, level: str, event: Event) -> bytes:
    """Word an event in journald's own form, a field each: `journalctl` can select by them."""
    name, message = str(event.pop("event")), str(event.pop("message", ""))
    event.pop("level", None)
    about = {f"SYNDICATOR_{key.upper()}": str(value) for key, value in event.items()}
    told = {
        "MESSAGE": message or name,
        "PRIORITY": _PRIORITY.get(level, "6"),
        "SYSLOG_IDENTIFIER": "syndicator",
        "SYNDICATOR_EVENT": name,
        **about,
    }
    parts = []
    for key, value in told.items():
        data = value.encode("utf-8", "replace")
        parts.append(key.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n")
    return b"".join(parts)


def _harmless(_logger: object, _level: str, event: Event) -> Event:
    return {key: plain(val) if isinstance(val, str) else val for key, val in event.items()}


class _Console:
    """One line an event, the message first: a person reads it."""

    def __init__(self, *, colors: bool) -> None:
        self._colors = colors

    def __call__(self, _logger: object, level: str, event: Event) -> str:
        name, message = event.pop("event"), event.pop("message", "")
        clock, _ = str(event.pop("timestamp")).partition("T")[2][:8], event.pop("level", "")
        tint = {"error": "\x1b[31m", "warning": "\x1b[33m"}.get(level, "") if self._colors else ""
        about = "".join(f" {key}={value}" for key, value in event.items() if str(value))
        return f"{clock} {tint}{message or name}{chr(27) + '[0m' if tint else ''}  [{name}{about}]"


class _Journal:
    """Sends events to journald; what is too large for a datagram goes to the stream, as text."""

    def __init__(self, place: Path, stream: TextIO) -> None:
        self._place, self._stream = place, stream
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

    def msg(self, data: bytes) -> None:
        try:
            self._socket.sendto(data, str(self._place))
        except OSError:
            print(data[16:].split(b"\n", 1)[0].decode("utf-8", "replace"), file=self._stream)

    info = warning = error = msg
