"""``syndicate push listen``: a receiver to look at pushes with."""

import argparse
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from syndicator.cli.order import clock, order
from syndicator.cli.show import plain
from syndicator.errors import ConfigError

_LARGEST = 2**20  # bytes of a body
_TOLERANCE = 300  # seconds between its clock and ours
_GOOD = range(200, 600)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Receive pushes on 127.0.0.1, check their signatures with the secret of an endpoint, and\n"
        "print them, until interrupted. Point the endpoint's url there, and allow 127.0.0.0/8 in\n"
        "[network]."
    )
    parser.add_argument("endpoint", metavar="ENDPOINT", help="whose secret to check with")
    parser.add_argument("--port", metavar="N", type=int, default=8765, help="[default: 8765]")
    parser.add_argument(
        "--answer", metavar="STATUS", type=int, default=204, help="what to say [default: 204]"
    )
    parser.add_argument("--count", metavar="N", type=int, default=0, help="end after so many")


def _main(args: argparse.Namespace) -> int:
    from syndicator.config.secret import secret  # noqa: PLC0415  # heavy, as below
    from syndicator.cycle.custody import settings  # noqa: PLC0415
    from syndicator.cycle.pushing import endpoint_of  # noqa: PLC0415

    if args.answer not in _GOOD:
        raise ConfigError(f"{args.answer} is no status to answer with", hint="200 to 599")
    asked = order(args)
    made = settings(asked)
    endpoint = endpoint_of(made, args.endpoint)
    held = secret(endpoint, asked.environ, made.folder)
    failed = 0

    class Receiver(BaseHTTPRequestHandler):
        """Checks and prints one push."""

        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            """Take a push."""
            nonlocal failed
            length = self.headers.get("content-length", "0")
            size = min(int(length), _LARGEST) if length.isdecimal() else 0
            body = self.rfile.read(size)
            headers = {name.lower(): value for name, value in self.headers.items()}
            wrong = verdict(held, headers, body, clock().timestamp())
            failed += bool(wrong)
            _print(headers, body, wrong, as_json=args.json)
            self.send_response(401 if wrong else args.answer)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:  # noqa: ANN401  # the overridden signature
            """Say nothing else."""

    with ThreadingHTTPServer(("127.0.0.1", args.port), Receiver) as server:
        where = f"http://127.0.0.1:{server.server_address[1]}/"
        print(
            f"listening on {where} with the secret of {args.endpoint}", file=sys.stderr, flush=True
        )
        if args.count:
            for _ in range(args.count):
                server.handle_request()
        else:
            server.serve_forever()
    return 1 if failed else 0


def verdict(held: str, headers: dict[str, str], body: bytes, now: float) -> str:
    """Say what is wrong with a push, "" for nothing."""
    from syndicator.publish import signing  # noqa: PLC0415

    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isdecimal():
        return "it has no webhook-timestamp"
    if abs(now - int(stamp)) > _TOLERANCE:
        return "its time is more than 5 minutes from ours"
    made = signing.headers(signing.keys(held), headers.get("webhook-id", ""), int(stamp), body)
    ours = set(dict(made)["webhook-signature"].split())
    theirs = set(headers.get("webhook-signature", "").split())
    return "" if ours & theirs else "it is not signed with this secret"


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
