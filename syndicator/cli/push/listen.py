"""``syndicate push listen``: a receiver to look at pushes with."""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from syndicator.cli.order import clock, order
from syndicator.cli.push import words
from syndicator.cli.show import plain
from syndicator.errors import ConfigError, DoorError

_LARGEST = 2**20  # bytes of a body
_TOLERANCE = 300  # seconds between its clock and ours
_LOOK = 0.05  # seconds between looks for the end
_GOOD = range(200, 600)
_PORTS = 65535
_DIGITS = 12  # of a time or a length


def _options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Receive pushes on 127.0.0.1, check their signatures with the secret of an endpoint, and\n"
        "print them, until interrupted. Point the endpoint's url there, and allow 127.0.0.0/8 in\n"
        "[network]."
    )
    parser.add_argument("endpoint", metavar="ENDPOINT", help="whose secret to check with")
    parser.add_argument(
        "--port", metavar="N", type=words.most, default=8765, help="[default: 8765]"
    )
    parser.add_argument(
        "--answer", metavar="STATUS", type=int, default=204, help="what to say [default: 204]"
    )
    parser.add_argument(
        "--count", metavar="N", type=words.most, default=0, help="end after so many pushes"
    )


def _main(args: argparse.Namespace) -> int:
    from syndicator.config.secret import secret  # noqa: PLC0415  # heavy, as below
    from syndicator.cycle.custody import settings  # noqa: PLC0415
    from syndicator.cycle.pushing import endpoint_of  # noqa: PLC0415

    if args.answer not in _GOOD:
        raise ConfigError(f"{args.answer} is no status to answer with", hint="200 to 599")
    if args.port > _PORTS:
        raise ConfigError(f"{args.port} is no port", hint=f"0 to {_PORTS}; 0: any that is free")
    asked = order(args)
    made = settings(asked)
    endpoint = endpoint_of(made, args.endpoint)
    if endpoint.type != "webhook":
        says = f"{endpoint.name} signs nothing: it is of type {endpoint.type!r}"
        raise ConfigError(says, hint="name an endpoint of type 'webhook'")
    held = secret(endpoint, asked.environ, made.folder)

    def check(headers: dict[str, str], body: bytes) -> str:
        return verdict(held, headers, body, clock())

    ear = _Ear(check=check, answer=args.answer, count=args.count, as_json=args.json)
    handler = type("Receiver", (_Receiver,), {"ear": ear})
    with _bound(args.port, handler) as server:
        where = f"http://127.0.0.1:{server.server_address[1]}/"
        print(
            f"listening on {where} with the secret of {args.endpoint}", file=sys.stderr, flush=True
        )
        server.serve_forever(_LOOK)
    return 1 if ear.failed else 0


def _bound(port: int, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        says = f"127.0.0.1:{port} can't be listened at: {error.strerror}"
        raise DoorError(says, hint="name another --port, or 0 for any that is free") from error


@dataclass(slots=True, kw_only=True)
class _Ear:
    """What came, one push after another, whatever connections they came by."""

    check: Callable[[dict[str, str], bytes], str]
    answer: int
    count: int  # pushes to hear; 0: no end
    as_json: bool
    heard: int = 0
    failed: int = 0
    turn: Lock = field(default_factory=Lock)

    def hear(self, headers: dict[str, str], body: bytes) -> int:
        """Check and print a push; return the status to answer with."""
        if self.full:
            return HTTPStatus.SERVICE_UNAVAILABLE
        wrong = self.check(headers, body)
        self.heard += 1
        self.failed += bool(wrong)
        _print(headers, body, wrong, as_json=self.as_json)
        return HTTPStatus.UNAUTHORIZED if wrong else self.answer

    @property
    def full(self) -> bool:
        """Whether it has heard all it was to."""
        return 0 < self.count <= self.heard


class _Receiver(BaseHTTPRequestHandler):
    """Takes the pushes of one connection."""

    ear: _Ear
    protocol_version = "HTTP/1.1"
    timeout = 10

    def handle(self) -> None:
        """Serve one connection; a peer that goes away is no fault of ours."""
        with suppress(ConnectionError):
            super().handle()

    def do_POST(self) -> None:
        """Take a push; the last one is answered before the end."""
        length = self.headers.get("content-length", "0")
        size = int(length) if _is_number(length) else 0
        if size > _LARGEST:
            self.close_connection = True
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(size)
        if len(body) < size:  # it broke off: no push, and no fault of its signature
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.ear.turn:
            self.send_response(self.ear.hear(headers, body))
            self.send_header("content-length", "0")
            self.end_headers()
        if self.ear.full:
            self.server.shutdown()

    def log_message(self, *_: Any) -> None:  # noqa: ANN401  # the overridden signature
        """Say nothing else."""


def verdict(held: str, headers: dict[str, str], body: bytes, now: datetime) -> str:
    """Say what is wrong with a push, "" for nothing."""
    from syndicator.publish import signing  # noqa: PLC0415

    stamp = headers.get("webhook-timestamp", "")
    if not _is_number(stamp):
        return "it has no webhook-timestamp"
    if abs(now.timestamp() - int(stamp)) > _TOLERANCE:
        return "its time is more than 5 minutes from ours"
    keys = signing.live(signing.keys(held), now)
    made = signing.headers(keys, headers.get("webhook-id", ""), int(stamp), body)
    ours = set(dict(made)["webhook-signature"].split())
    theirs = set(headers.get("webhook-signature", "").split())
    return "" if ours & theirs else "it is not signed with this secret"


def _is_number(text: str) -> bool:
    """Tell whether this is a whole number, and none that only a joker sends."""
    return text.isdecimal() and len(text) <= _DIGITS


def _print(headers: dict[str, str], body: bytes, wrong: str, *, as_json: bool) -> None:
    text = body.decode("utf-8", "replace")
    name = headers.get("webhook-id", "")
    if as_json:
        print(
            json.dumps({"id": name, "verified": not wrong, "says": wrong, "body": text}),
            flush=True,
        )
        return
    print(f"{plain(name) or 'no id'}: {wrong or 'signature good'}")
    print(f"    {plain(text)}", flush=True)


OPTIONS = {"listen": _options}
MAIN = {"listen": _main}
