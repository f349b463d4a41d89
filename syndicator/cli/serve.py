"""``syndicate serve``: the published files over HTTP, until stopped."""

import argparse
import os
import signal
import threading
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from syndicator.cli.order import clock, file
from syndicator.errors import ConfigError

if TYPE_CHECKING:
    from types import FrameType

    from syndicator.config.tables import Settings

LOGS = True  # it lives long: what ends it is said there, too
_HINT = 'set [serve] listen = "127.0.0.1:8000", or name an address with --listen'


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Serve the folder public of the archive at [serve] listen, until SIGTERM. Makes no\n"
        "pass and needs no lock: it may run beside `run`, or as another user who may read that\n"
        "folder. `syndicate daemon` does the same besides its passes."
    )
    parser.add_argument(
        "--listen",
        metavar="ADDRESS",
        action="append",
        default=[],
        help="serve here instead, such as 127.0.0.1:8000 or unix:/run/x.sock; may be repeated",
    )


def main(args: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    from syndicator.cli.log import begin, requests  # noqa: PLC0415  # heavy: for this verb alone
    from syndicator.config.load import load  # noqa: PLC0415
    from syndicator.doors import systemd  # noqa: PLC0415
    from syndicator.publish import registered  # noqa: PLC0415
    from syndicator.serve import prepare  # noqa: PLC0415

    settings = _listening(load(file(args), registered()), args.listen)
    log = begin(os.environ)
    server = prepare(settings, os.environ, clock, draw=token_urlsafe, log=requests(log))
    if server is None:
        raise ConfigError("no address to serve at", hint=_HINT)
    ended = threading.Event()

    def end(_number: int, _frame: "FrameType | None") -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    server.start(ended.set)
    systemd.notify(os.environ, "READY=1")
    at = ", ".join(server.sockets.names())
    log.info("server.started", message=f"serving {server.root} at {at}", url=settings.serve.url)
    ended.wait()
    systemd.notify(os.environ, "STOPPING=1")
    server.stop()
    log.info("server.stopped", message="stopped")
    return 0


def _listening(settings: "Settings", addresses: list[str]) -> "Settings":
    """Let the server listen at these addresses, if there are any, in place of those configured."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415  # heavy: for this verb alone

    from syndicator.config.listen import Address  # noqa: PLC0415

    if not addresses:
        return settings
    try:
        places = tuple(TypeAdapter(Address).validate_python(one) for one in addresses)
    except ValidationError as error:
        raise ConfigError(f"--listen: {error.errors()[0]['msg']}", hint=_HINT) from error
    table = settings.serve.model_copy(update={"listen": places})
    return settings.model_copy(update={"serve": table})
