"""``syndicate push test``: a sample to a receiver, and what it answers."""

import argparse

from syndicator.cli.order import order
from syndicator.cli.push import words
from syndicator.cli.show import plain


def _options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Send a signed sample (type endpoint.test) to a receiver, and show what it answered;\n"
        "exit 1 unless it was taken. Nothing is recorded. Mastodon and Bluesky are asked whether\n"
        "the secret is good, and nothing is posted; hubs are told of the first feed, and search\n"
        "engines of the site itself."
    )
    parser.add_argument("endpoint", metavar="ENDPOINT", help="the receiver's name")


def _main(args: argparse.Namespace) -> int:
    from syndicator.cycle.pushing import trial  # noqa: PLC0415  # heavy

    found = trial(order(args), args.endpoint)
    if args.json:
        print(words.as_json(found))
    else:
        came = f"status {found['status']}" if found["status"] else "no answer"
        whence = f" from {found['peer']}" if found["peer"] else ""
        took = f"{found['milliseconds']} ms"
        print(f"{found['message']} to {args.endpoint}: {came}{whence} in {took}")
        print(f"    {plain(str(found['says'] or 'taken'))}")
        for line in words.replied(str(found["reply"])):
            print(line)
        if found["body"]:
            print(f"    sent: {plain(str(found['body']))}")
    return 0 if found["means"] == "done" else 1


OPTIONS = {"test": _options}
MAIN = {"test": _main}
