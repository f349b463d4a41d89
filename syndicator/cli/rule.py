"""``syndicate rule CODE``: what a code means, why it matters, and how to put it right."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syndicator.rules import Rule

_SAID = {
    "error": "an error",
    "warning": "a warning",
    "info": "a note",
}
WIDEST = 90  # characters of an example's line that are shown
PAGE = """\
# Rules

<!-- made by `syndicate rule --all`; edit syndicator/rules, not this page -->

Everything that `syndicate check` and `syndicate run` report has a code. Codes are stable: one that
was given is never given another meaning. `syndicate rule CODE` explains one.

An error of FM, DATE, TXT or URL holds the post back; if an earlier version of it was published,
that version stays. Errors of the others make `check` fail, and nothing else. `check --fix` puts
right what is marked *safe*, `check --fix --unsafe-fixes` what is marked *unsafe* too: that may
change what a post says.

Not to be told of a rule: `--ignore CODE`, `[check] ignore` and `[check] per-path` in the
configuration; for one post, `syndicate: {ignore: [CODE]}` in its front matter or
`<!-- syndicate-ignore CODE -->` in its text. The beginning of codes, such as `IMG`, means all of
them. Comments are heard in the first 256 KiB of a file, and a post with more than 16 KiB of front
matter is not heard at all.
"""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = "Explain codes that check and run report."
    parser.add_argument(
        "codes", nargs="*", metavar="CODE", help="such as IMG001; IMG lists all that begin so"
    )
    parser.add_argument("--all", action="store_true", help="explain every rule, as one page")
    parser.add_argument("--json", action="store_true", help="as a JSON array")


def main(args: argparse.Namespace) -> int:
    """Explain what is asked for; 2 for a code that does not exist."""
    from syndicator.rules import RULES, named, nearest  # noqa: PLC0415  # --help needs none

    chosen: list[Rule] = list(RULES.values()) if args.all or not args.codes else []
    for word in args.codes:
        found = named(word.upper())
        if not found:
            meant = nearest(word)
            hint = f"did you mean {meant}?" if meant else "syndicate rule lists them all"
            print(f"syndicate: no rule is called {word!r}\n  help: {hint}", file=sys.stderr)
            return 2
        chosen += (one for one in found if one not in chosen)
    if args.json:
        print(json.dumps([asdict(one) for one in chosen], ensure_ascii=False, indent=2))
    elif args.all:
        print(page(), end="")
    elif args.codes and (len(chosen) == len(args.codes)):
        print("\n".join(explained(one) for one in chosen), end="")
    else:
        for one in chosen:
            print(f"{one.code:<8} {one.severity:<8} {one.name}")
    return 0


def page() -> str:
    """Return the reference page of all rules."""
    from syndicator.rules import FAMILIES, RULES  # noqa: PLC0415  # --help needs none

    parts = [PAGE]
    for family, title in FAMILIES.items():
        parts.append(f"## {family}: {title}\n")
        parts += (explained(one, "###") for one in RULES.values() if one.family == family)
    return "\n".join(parts)


def explained(rule: "Rule", mark: str = "#") -> str:
    """Return what there is to say of a rule, as Markdown."""
    lines = [f"{mark} {rule.code}: {rule.name}", "", f"*{_facts(rule)}*", ""]
    lines += [rule.means, "", rule.matters, "", *_example("Wrong", rule.wrong, rule)]
    lines += _example("Right", rule.right, rule)
    return "\n".join(lines) + "\n"


def _facts(rule: "Rule") -> str:
    facts = [_SAID[rule.severity] + (" that holds the post back" if rule.holds else "")]
    if rule.fix:
        facts.append(f"{rule.fix} fix")
    facts.append(f"since {rule.since}" if rule.since else "reserved, not reported yet")
    return "; ".join(facts).capitalize()


def _example(word: str, text: str, rule: "Rule") -> Iterator[str]:
    """Yield an example: a post as a block of code, anything else as a sentence."""
    if rule.shown or "\n" in text:
        yield f"{word}:"
        yield ""
        yield from (f"    {_visible(line)}".rstrip() for line in text.splitlines())
    else:
        yield f"{word}: {text}"
    yield ""


def _visible(line: str) -> str:
    """Show what nobody can see: invisible characters as escapes, blanks at the end as dots."""
    more = len(line) - WIDEST
    if more > 0:
        line = f"{line[:WIDEST]} … and {more:,} characters more"
    shown = "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in line)
    end = shown.rstrip(" ")
    return end + "·" * (len(shown) - len(end))
