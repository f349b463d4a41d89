"""``syndicate archive status|history|show``: what is kept; nothing is changed."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.cli.archive import words

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.cycle import Order
    from syndicator.cycle.holdings import Shelves
    from syndicator.model.keeping import Difference, Facts, Holdings, Stage

_LATE = timedelta(days=30)


def _status_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Say what the archive holds, and when it was checked; exit 1 for damage. Reads only."
    )
    words.json_option(parser)


def _history_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "List every version of a post, oldest first, or show how two of them differ."
    )
    parser.add_argument("path", metavar="PATH", help="below the content folder; or address, or id")
    parser.add_argument(
        "--diff",
        nargs="*",
        metavar="N",
        help="how version A became B, by their numbers; default: the last two different ones",
    )
    words.json_option(parser, "a JSON array")


def _show_options(parser: argparse.ArgumentParser) -> None:
    parser.description = "Say what is known of a kept file, or print its bytes."
    parser.add_argument("digest", metavar="DIGEST", help="or the beginning of one")
    parser.add_argument("--raw", action="store_true", help="write the bytes to standard output")
    words.json_option(parser)


def _status(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.holdings import holdings  # noqa: PLC0415  # heavy

    held = holdings(order)
    if args.json:
        print(words.as_json(held))
    else:
        words.tell(_held(held, order.clock()))
    return 1 if held.damaged else 0


def _held(held: "Holdings", now: "datetime") -> Iterator[str]:

    yield f"archive  {held.root}"
    yield f"kept     {words.number(held.blobs, 'file')}, {words.amount(held.size)}"
    versions = words.number(held.versions, "version")
    yield f"         {versions} of posts, {held.live:,} posts published now"
    yield f"         {words.number(held.pictures, 'picture')}, {held.missing:,} missing"
    if held.evidence:
        yield f"         {words.number(held.evidence, 'answer')} that came in place of pictures"
    yield f"journal  {words.amount(held.journal)}"
    yield f"checked  {words.ago(held.checked_at, now)}; every file within {_within(held, now)}"
    if now - held.oldest_check > _LATE:
        yield words.bad("late     syndicate archive verify --slice, or a daemon, once a day")
    yield f"         the daemon checks the next share {words.ahead(held.next_check, now)}"
    if held.loose:
        yield f"loose    {words.number(held.loose, 'file')}: syndicate archive gc"
    if held.forgotten:
        yield f"forgot   {words.number(held.forgotten, 'take-down')}"
    if held.quarantined:
        yield f"aside    {words.number(held.quarantined, 'file')} in quarantine"
    for path in held.damaged:
        yield words.bad(f"damaged  {path}")
    if held.damaged:
        yield "         syndicate archive repair"
    yield f"disk     {words.amount(held.free)} free"


def _within(held: "Holdings", now: "datetime") -> str:
    word = words.ago(held.oldest_check, now)
    return "this minute" if word == "just now" else f"the last {word.removesuffix(' ago')}"


def _history(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.holdings import Shelves  # noqa: PLC0415  # heavy

    shelves = Shelves(order)
    stages = shelves.history(args.path)
    if args.diff is not None:
        made = _diff(shelves, stages, args.diff)
        words.tell([words.as_json(made)] if args.json else _told(made))
    elif args.json:
        print(words.listed(stages))
    else:
        for number, stage in enumerate(stages, 1):
            gone = "" if stage.here or not stage.digest else "  (not there any more)"
            seq = f"#{stage.seq}" if stage.seq else ""
            print(
                f"{number:>3}  {words.stamp(stage.at)}  {stage.kind:<9} {seq:<4} "
                f"{stage.digest[:12]:<12}  {words.plain(stage.path)}{gone}"
            )
    return 0


def _diff(shelves: "Shelves", stages: "Sequence[Stage]", which: list[str]) -> "Difference":
    from difflib import unified_diff  # noqa: PLC0415

    from syndicator.model.keeping import Difference  # noqa: PLC0415

    both = _two(stages, which)
    names = [f"{one.path} {one.at.isoformat()} {one.digest[:12]}" for one in both]
    texts = [shelves.data(one.digest).decode("utf-8", "replace").splitlines() for one in both]
    lines = unified_diff(texts[0], texts[1], names[0], names[1], lineterm="")
    return Difference(old=both[0], new=both[1], lines=tuple(lines))


def _told(made: "Difference") -> Iterator[str]:
    if not made.lines:
        yield "the same bytes"
    yield from (line[:1] + words.plain(line[1:]) for line in made.lines)


def _two(stages: "Sequence[Stage]", which: list[str]) -> "tuple[Stage, Stage]":
    from syndicator.errors import ConfigError  # noqa: PLC0415

    if not which:
        kept = [stage for stage in stages if stage.digest]
        other = [stage for stage in kept if stage.digest != kept[-1].digest]
        if not other:
            raise ConfigError("there is one version only", hint="nothing to compare")
        return other[-1], kept[-1]
    chosen = []
    for word in which:
        if not word.isdecimal() or not 1 <= int(word) <= len(stages):
            raise ConfigError(
                f"there is no version {word}", hint=f"they go from 1 to {len(stages)}"
            )
        chosen.append(stages[int(word) - 1])
    last = next(stage for stage in reversed(stages) if stage.digest)
    old, new = (*chosen, last)[:2]
    if len(which) > 2 or not (old.digest and new.digest):  # noqa: PLR2004  # A and B
        raise ConfigError("two versions that have bytes can be compared", hint="--diff A B")
    return old, new


def _show(args: argparse.Namespace, order: "Order") -> int:
    from syndicator.cycle.holdings import Shelves  # noqa: PLC0415  # heavy

    shelves = Shelves(order)
    if args.raw:
        sys.stdout.buffer.write(shelves.data(args.digest))
        return 0
    facts = shelves.facts(args.digest)
    if args.json:
        print(words.as_json(facts))
    else:
        words.tell(_facts(facts))
    return 0


def _facts(facts: "Facts") -> Iterator[str]:

    pixels = f", {facts.width} x {facts.height} pixels" if facts.width else ""
    kind = facts.media_type or "no picture, no post: what came in place of one"
    yield f"sha256   {facts.digest}"
    yield f"type     {kind}, {words.amount(facts.size)}{pixels}"
    yield f"file     {facts.path}" + (f": {facts.gone}" if facts.gone else "")
    if facts.first is not None and facts.last is not None:
        yield f"told of  from {words.stamp(facts.first)} to {words.stamp(facts.last)}"
    yield from words.some([f"was      {path}" for path in facts.sources])
    yield from words.some([f"from     {url}" for url in facts.urls])
    yield from words.some([f"post     {post}" for post in facts.posts])


OPTIONS: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {
    "status": _status_options,
    "history": _history_options,
    "show": _show_options,
}
MAIN: "Mapping[str, Callable[[argparse.Namespace, Order], int]]" = {
    "status": _status,
    "history": _history,
    "show": _show,
}
