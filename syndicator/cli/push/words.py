"""How the verbs of ``syndicate push`` read moments and word pushes."""

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from syndicator.cli.order import clock
from syndicator.cli.show import ahead, plain
from syndicator.model.pushes import Push

STATES = ("pending", "leased", "done", "dead", "superseded", "cancelled", "unconfirmed", "held")
_SPAN = re.compile(r"(\d+)([smhd])", re.ASCII)
_DIGITS = 16
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def since(text: str) -> datetime:
    """Read a moment: a span before now (2h, 3d), or ISO 8601, in UTC unless it has an offset."""
    if found := _SPAN.fullmatch(text.strip()):
        try:
            return clock() - timedelta(**{_UNITS[found[2]]: int(found[1])})
        except (OverflowError, ValueError):
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is longer than time is") from None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        says = f"{text!r} is no moment: write 2h, 3d, 2026-11-29 or 2026-11-29T12:00+08:00"
        raise argparse.ArgumentTypeError(says) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def most(text: str) -> int:
    """Read how many are wanted: a number from 0 on."""
    if not (text.isascii() and text.isdecimal() and len(text) < _DIGITS):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no number from 0 on")
    return int(text)


def as_json(value: object) -> str:
    """Write values of ``model`` as JSON; times as ISO 8601."""

    def other(item: Any) -> object:  # noqa: ANN401  # whatever json can't write
        return item.isoformat() if isinstance(item, datetime) else asdict(item)

    return json.dumps(value, default=other, ensure_ascii=False, indent=2)


def lines(pushes: Iterable[Push], now: datetime) -> Iterator[str]:
    """Word pushes for a person, one a line and its trouble below."""
    for one in pushes:
        due = f", next try {ahead(one.next_at, now)}" if one.next_at and one.attempts else ""
        tries = f" after {one.attempts} tries" if one.attempts > 1 else ""
        when = one.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        yield f"{one.message}  {when}  {one.endpoint}  {one.kind}  {one.state}{tries}{due}"
        yield f"    {plain(one.subject)}" + (f"  {plain(one.says)}" if one.says else "")


def replied(reply: str) -> Iterator[str]:
    """Word what a receiver said, a line each."""
    return (f"        | {plain(line)}" for line in reply.splitlines())
