"""What a daemon or a server says, an event at a time: for a terminal, for journald, or as JSON.

Each event has a name (``pass.done``, ``post.problem``), a message, and, if it is about one, a
``post``, ``url``, ``endpoint``, ``job`` or ``file``. Everything from outside is made harmless in
all three forms. What other rooms and packages log (``logging``) is told in the same way.
What can't be told, as where the disk is full, is lost: nobody's work ends for it.
"""

import logging
import os
import socket
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from syndicator.cli.show import plain
from syndicator.errors import ConfigError, SyndicatorError

if TYPE_CHECKING:
    from syndicator.model.posts import Problem
    from syndicator.serve.app import Request

JOURNAL = Path("/run/systemd/journal/socket")
ABOUT = ("post", "url", "endpoint", "job", "file")  # what ``extra`` may say that a record is about
_PRIORITY = {"error": "3", "warning": "4", "info": "6"}  # of syslog
Event = MutableMapping[str, Any]


def begin(environ: Mapping[str, str]) -> Any:  # noqa: ANN401  # structlog's own
    """Make the logger of a process, and have it tell what is logged elsewhere in it."""
    made = logger(environ)
    logging.basicConfig(handlers=[Relay(made)], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
    return made


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
    return structlog.wrap_logger(_Lines(stream), processors=[*early, *late])


def requests(log: Any) -> "Callable[[Request], None]":  # noqa: ANN401  # structlog's own
    """Return what logs the requests that a server answers."""

    def tell(one: "Request") -> None:
        log.info("request", message=str(one), **one._asdict())

    return tell


def ended(error: SyndicatorError) -> None:
    """Say what ended a long life: to a person as every verb does, else as the log has it."""
    from syndicator.cli import complain  # noqa: PLC0415  # it imports the verbs that import us

    if sys.stderr.isatty():
        complain(error)
    else:
        failed(logger(os.environ), error, "ended")


def failed(log: Any, error: SyndicatorError, event: str, before: str = "") -> None:  # noqa: ANN401  # structlog's own
    """Log an error from its own fields, and each problem it names; ``pass.failed`` is of a job."""
    problems(log, error.problems, is_file=isinstance(error, ConfigError))
    kind = type(error).__name__
    job, _, how = event.partition(".")
    about = {"job": job} if how == "failed" else {}
    log.error(event, message=f"{before}{error}", **about, hint=error.hint, kind=kind)


def problems(log: Any, found: "Iterable[Problem]", *, is_file: bool = False) -> None:  # noqa: ANN401  # structlog's own
    """Log problems of posts, or of the configuration's file."""
    for one in found:
        of_file = is_file or one.code.startswith("CFG")
        event, about = ("config.problem", "file") if of_file else ("post.problem", "post")
        (log.error if one.severity == "error" else log.warning)(
            event,
            message=f"{one.code} {one.says}",
            **{about: one.path},
            line=one.line,
            column=one.column,
            hint=one.hint,
        )


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
    about = {f"SYNDICATOR_{key.upper()}": _text(value) for key, value in event.items()}
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
    return {key: _plain(value) for key, value in event.items()}


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return plain(value) if isinstance(value, str) else value


def _text(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


class Relay(logging.Handler):
    """Has records of ``logging`` told as events; ``extra`` may give name and matter of one."""

    def __init__(self, log: Any) -> None:  # noqa: ANN401  # structlog's logger
        """Tell ``log``."""
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of one; what is wrong with it is as little to its sender as with any handler."""
        try:
            self._tell(record)
        except Exception:  # noqa: BLE001  # as logging's own handlers do
            self.handleError(record)

    def _tell(self, record: logging.LogRecord) -> None:
        about = {key: getattr(record, key) for key in ABOUT if getattr(record, key, "")}
        grave = record.levelno >= logging.ERROR
        level = "error" if grave else "warning"
        kind = next(iter(about), record.name.removeprefix("syndicator."))
        if record.exc_info:
            about["trace"] = "".join(traceback.format_exception(*record.exc_info)).splitlines()
        tell = self._log.error if grave else self._log.warning
        tell(getattr(record, "event", f"{kind}.{level}"), message=record.getMessage(), **about)


class _Console:
    """One line an event, the message first: a person reads it. Below it a trace, if any."""

    def __init__(self, *, colors: bool) -> None:
        self._colors = colors

    def __call__(self, _logger: object, level: str, event: Event) -> str:
        name, message = event.pop("event"), event.pop("message", "")
        clock, _ = str(event.pop("timestamp")).partition("T")[2][:8], event.pop("level", "")
        trace = "".join(f"\n{line}" for line in event.pop("trace", ()))
        tint = {"error": "\x1b[31m", "warning": "\x1b[33m"}.get(level, "") if self._colors else ""
        about = "".join(f" {key}={value}" for key, value in event.items() if str(value))
        end = f"{chr(27)}[0m" if tint else ""
        return f"{clock} {tint}{message or name}{end}  [{name}{about}]{trace}"


class _Lines(structlog.WriteLogger):
    """Writes lines to the stream, if it takes them."""

    def msg(self, message: str) -> None:
        with suppress(OSError, ValueError):  # a full disk, a reader that went; a closed stream
            super().msg(message)

    info = warning = error = msg


class _Journal:
    """Sends events to journald; what is too large for a datagram goes to the stream, as text."""

    def __init__(self, place: Path, stream: TextIO) -> None:
        self._place, self._stream = place, stream
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

    def msg(self, data: bytes) -> None:
        try:
            self._socket.sendto(data, str(self._place))
        except OSError:
            with suppress(OSError, ValueError):
                print(data[16:].split(b"\n", 1)[0].decode("utf-8", "replace"), file=self._stream)

    info = warning = error = msg
