"""``syndicate push list|show|endpoints``: nothing is changed."""

import argparse
from datetime import UTC

from syndicator.cli.order import clock, order
from syndicator.cli.push import words
from syndicator.cli.show import ahead, plain

_MOST = 50  # pushes that are listed unless more are asked for


def _list_options(parser: argparse.ArgumentParser) -> None:
    parser.description = "List pushes, newest first. Reads only."
    parser.add_argument("--endpoint", metavar="NAME", default="", help="of this receiver only")
    parser.add_argument("--state", choices=words.STATES, help="in this state only")
    parser.add_argument("--dead", action="store_true", help="those that were given up")
    parser.add_argument("--since", metavar="TIME", type=words.since, help="2h, 3d or a date")
    parser.add_argument(
        "--limit",
        metavar="N",
        type=words.most,
        default=_MOST,
        help="so many; 0: all [default: 50]",
    )


def _show_options(parser: argparse.ArgumentParser) -> None:
    parser.description = "Say all that is known of a push: its attempts and its body. Reads only."
    parser.add_argument("message", metavar="MESSAGE", help="its id, msg_...")


def _endpoints_options(parser: argparse.ArgumentParser) -> None:
    parser.description = "Say how it stands with each receiver; exit 1 if one is disabled."


def _list(args: argparse.Namespace) -> int:
    from syndicator.cycle.pushing import listed  # noqa: PLC0415  # heavy, as below
    from syndicator.model.pushes import Ask  # noqa: PLC0415

    states = ("dead",) if args.dead else (args.state,) if args.state else ()
    asked = Ask(endpoint=args.endpoint, states=states, since=args.since, limit=args.limit)
    found = listed(order(args), asked)
    if args.json:
        print(words.as_json(found))
    for line in () if args.json else words.lines(found, clock()):
        print(line)
    return 0


def _show(args: argparse.Namespace) -> int:
    from syndicator.cycle.pushing import one  # noqa: PLC0415
    from syndicator.errors import ConfigError  # noqa: PLC0415

    found, tries, body = one(order(args), args.message)
    if not found:
        raise ConfigError(f"no push is called {args.message!r}", hint="syndicate push list")
    if args.json:
        print(words.as_json({"push": found[0], "attempts": tries, "body": body}))
        return 0
    for line in words.lines(found, clock()):
        print(line)
    for each in tries:
        when = each.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        came = f"status {each.status}" if each.status else "no answer"
        whence = f" from {each.peer}" if each.peer else ""
        took = f"{each.milliseconds} ms"
        print(f"    try {each.n}  {when}  {took}  {came}{whence}  {plain(each.says)}")
        for line in words.replied(each.reply):
            print(line)
    print(plain(body))
    return 0


def _endpoints(args: argparse.Namespace) -> int:
    from syndicator.cycle.pushing import standings  # noqa: PLC0415

    found = standings(order(args))
    if args.json:
        print(words.as_json(found))
    for one in () if args.json else found:
        counts = ", ".join(f"{count} {state}" for state, count in sorted(one.counts.items()))
        here = f"{one.type} {one.address}".strip() if one.configured else "not configured now"
        print(f"{one.endpoint}  {one.state}  {here}  {counts or 'nothing owed yet'}")
        if one.streak:
            rest = f", asked again {ahead(one.until, clock())}" if one.until else ""
            print(f"    {one.streak} failures in a row{rest}")
        if one.says:
            print(f"    {plain(one.says)}")
    return 1 if any(one.state == "disabled" and one.configured for one in found) else 0


OPTIONS = {"list": _list_options, "show": _show_options, "endpoints": _endpoints_options}
MAIN = {"list": _list, "show": _show, "endpoints": _endpoints}
