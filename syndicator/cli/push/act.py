"""``syndicate push retry|replay|confirm|cancel|pause|resume``: what changes something."""

import argparse
import sys
from typing import TYPE_CHECKING

from syndicator.cli.order import clock, order
from syndicator.cli.push import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.model.pushes import Ask, Push

_OPEN = ("dead", "pending")


def _some(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("messages", metavar="MESSAGE", nargs="*", help="their ids, msg_...")
    parser.add_argument("--endpoint", metavar="NAME", default="", help="all of this receiver")
    parser.add_argument("--since", metavar="TIME", type=words.since, help="owed since: 2h, 3d")
    _dry(parser)


def _dry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")


def _retry_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Let pushes be sent again at once that were given up, or wait for their next try. They\n"
        "keep their ids, and start anew with their attempts."
    )
    _some(parser)


def _replay_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Send pushes again, acknowledged ones too, with the same ids and the same bytes: for a\n"
        "receiver that lost what it had."
    )
    _some(parser)
    parser.add_argument("--dead", action="store_true", help="only those that were given up")


def _confirm_options(parser: argparse.ArgumentParser) -> None:
    parser.description = "Let go what was held back because it was too much at once (max_burst)."
    _some(parser)


def _cancel_options(parser: argparse.ArgumentParser) -> None:
    parser.description = "Call pushes off that were not acknowledged; `retry` brings them back."
    _some(parser)


def _switch_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("endpoint", metavar="ENDPOINT", help="the receiver's name")
    _dry(parser)


def _again(args: argparse.Namespace, states: tuple[str, ...]) -> int:
    from syndicator.cycle.pushing import again  # noqa: PLC0415  # heavy, as below

    found = again(order(args)._replace(dry_run=args.dry_run), _ask(args, states))
    return _tell(args, found, "would be sent" if args.dry_run else "to be sent")


def _retry(args: argparse.Namespace) -> int:
    return _again(args, (*_OPEN, "cancelled") if args.messages else _OPEN)


def _replay(args: argparse.Namespace) -> int:
    return _again(args, ("dead",) if args.dead else ("dead", "done", "superseded", "pending"))


def _confirm(args: argparse.Namespace) -> int:
    args.endpoint = args.endpoint or "*"
    return _again(args, ("unconfirmed",))


def _cancel(args: argparse.Namespace) -> int:
    from syndicator.cycle.pushing import cancel  # noqa: PLC0415

    found = cancel(order(args)._replace(dry_run=args.dry_run), _ask(args, ()))
    return _tell(args, found, "would be called off" if args.dry_run else "called off")


def _ask(args: argparse.Namespace, states: tuple[str, ...]) -> "Ask":
    from syndicator.errors import ConfigError  # noqa: PLC0415
    from syndicator.model.pushes import Ask  # noqa: PLC0415

    if not (args.messages or args.endpoint or args.since):
        raise ConfigError("which pushes?", hint="name messages, --endpoint NAME or --since TIME")
    return Ask(
        endpoint="" if args.endpoint == "*" else args.endpoint,
        states=states,
        messages=tuple(args.messages),
        since=args.since,
    )


def _tell(args: argparse.Namespace, found: "Sequence[Push]", what: str) -> int:
    if args.json:
        print(words.as_json(found))
    else:
        for line in words.lines(found, clock()):
            print(line)
        print(f"{len(found)} {what}")
    return 0 if found or not args.messages else _none()


def _none() -> int:
    print("syndicate: no such push in such a state: syndicate push list", file=sys.stderr)
    return 1


def _pause(args: argparse.Namespace) -> int:
    return _switch(args, "paused")


def _resume(args: argparse.Namespace) -> int:
    return _switch(args, "active")


def _switch(args: argparse.Namespace, state: str) -> int:
    from syndicator.cycle.pushing import switch  # noqa: PLC0415

    says = "paused by a person" if state == "paused" else ""
    asked = order(args)._replace(dry_run=args.dry_run)
    switch(asked, args.endpoint, state, says)  # type: ignore[arg-type]  # one of two, above
    if args.json:
        print(words.as_json({"endpoint": args.endpoint, "state": state}))
    else:
        print(f"{args.endpoint} {'would be' if args.dry_run else 'is'} {state}")
    return 0


OPTIONS = {
    "retry": _retry_options,
    "replay": _replay_options,
    "confirm": _confirm_options,
    "cancel": _cancel_options,
    "pause": _switch_options,
    "resume": _switch_options,
}
MAIN = {
    "retry": _retry,
    "replay": _replay,
    "confirm": _confirm,
    "cancel": _cancel,
    "pause": _pause,
    "resume": _resume,
}
