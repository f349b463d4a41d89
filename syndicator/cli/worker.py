"""``syndicate worker``: send what is owed, beside others."""

import argparse
import os
import signal

from syndicator.cli.order import order

LOGS = True  # it lives long: what ends it is said there, too


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Send the pushes that are due, until stopped: as many workers as you like, on any\n"
        "machine that reaches the store, which must be on a PostgreSQL server ([store] url).\n"
        "A worker needs the configuration and its secrets; neither content nor archive. A daemon\n"
        "publishes meanwhile. What a worker that dies had in hand, another one sends."
    )


def main(args: argparse.Namespace) -> int:
    """Work until a signal comes."""
    from syndicator.cli.log import begin  # noqa: PLC0415  # heavy: for a long life alone
    from syndicator.config.load import load  # noqa: PLC0415
    from syndicator.cycle.worker import server_of, work  # noqa: PLC0415
    from syndicator.doors import systemd  # noqa: PLC0415
    from syndicator.publish import registered  # noqa: PLC0415

    asked = order(args)
    settings = load(asked.file, registered())
    server = server_of(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.stop.set())
    log = begin(os.environ)
    log.info("worker.started", message=f"started: {server}, {len(settings.endpoints)} endpoints")
    systemd.notify(os.environ, systemd.READY, systemd.status("sending what is owed"))
    done = work(asked, settings)
    log.info("worker.stopped", message=f"stopped: {done} taken", sent=done)
    return 0
