"""The command ``syndicate``: arguments in, exit code out; one file a verb.

Only the verb that is asked for is imported, and what is heavy only inside it: ``--help`` and
``--version`` cost little more than Python itself.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from syndicator import __version__

if TYPE_CHECKING:
    import argparse
    from types import ModuleType

    from syndicator.errors import SyndicatorError

VERBS = {
    "init": "write an annotated configuration and the folders it names",
    "run": "make one pass: read, keep, publish, push",
    "check": "say what is wrong with posts, pictures and archive, and put right what can be",
    "rule": "explain a code that check reports, with an example",
    "daemon": "make passes at the configured interval until stopped; serve meanwhile",
    "worker": "send what is owed, beside others; on PostgreSQL",
    "serve": "serve the published files over HTTP until stopped",
    "status": "say how things stand, and what needs you",
    "doctor": "look for what keeps the installation from working, and say what to do",
    "push": "see what receivers are owed; send it again, call it off, try a receiver",
    "archive": "look after what is kept: check, repair, export, take down",
    "feeds": "look at the feeds as readers do; take over those of another generator",
    "db": "look after the database: save it, move it to another one",
    "systemd": "write the units that run it as a service",
    "config": "show the configuration in force, or its JSON Schema",
}
EPILOGUE = """\
exit codes:
  0   done; pictures and pushes that are to be tried again included
  1   something needs you: posts held back, check's errors, pushes given up, warnings with --strict
  2   the command line or the configuration is wrong
  4   the archive's state or journal can't be used
  5   the world outside failed as a whole
  6   a publisher broke its promise
  75  another instance is at work on this archive
"""
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; every error is printed here, and nowhere else."""
    _reopen()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):  # the fast way; the parser below knows it too
        print(f"syndicate {__version__}")
        return 0
    parser, verb = _parser(arguments)
    args = parser.parse_args(arguments)
    if verb is None:
        parser.print_help(sys.stderr)
        return 2
    return _run(verb, args)


def _reopen() -> None:
    """Put the null device where the shell closed a standard stream (``syndicate run >&-``).

    Otherwise the next file that is opened, the database perhaps, would get its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  # it lives as long as we do


def _run(verb: "ModuleType", args: "argparse.Namespace") -> int:
    """Run one verb; turn what goes wrong into a message and an exit code."""
    from syndicator.errors import DoorError, SyndicatorError  # noqa: PLC0415  # --help needs none

    try:
        code: int = verb.main(args)
        sys.stdout.flush()
    except SyndicatorError as error:
        _end(verb, error)
        code = error.exit_code
    except BrokenPipeError:  # the reader of our output went away: syndicate status | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        refused = DoorError(str(error), hint="the disk or the network refused what was asked")
        _end(verb, refused)
        code = DoorError.exit_code
    except KeyboardInterrupt:
        print("interrupted; the next pass goes on where this one stopped", file=sys.stderr)
        code = INTERRUPTED
    return code


def _end(verb: "ModuleType", error: "SyndicatorError") -> None:
    """Say what ended a verb: in the form of its log, if it has one."""
    if getattr(verb, "LOGS", False):
        from syndicator.cli.log import ended  # noqa: PLC0415  # heavy: for a long life alone

        ended(error)
    else:
        complain(error)


def _parser(arguments: Sequence[str]) -> "tuple[argparse.ArgumentParser, ModuleType | None]":
    """Make the parser, with the options of the one verb that is asked for."""
    import argparse  # noqa: PLC0415  # --version needs none

    parser = argparse.ArgumentParser(
        prog="syndicate",
        description="Markdown posts in; feeds, an image archive and signed pushes out.",
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # --config is looked for by its name below
    )
    parser.add_argument("-V", "--version", action="version", version=f"syndicate {__version__}")
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="the configuration [env: SYNDICATOR_CONFIG] [default: ./config/syndicator.toml, "
        "then /etc/syndicator/syndicator.toml]",
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs")
    wanted, rest = _split(arguments)
    if wanted is not None and (slip := _slip(wanted, rest)):
        parser.error(slip)
    module = None
    for name, summary in VERBS.items():
        verb = verbs.add_parser(
            name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name == wanted:
            module = _verb(name)
            module.options(verb)
    return parser, module


def _verb(name: str) -> "ModuleType":
    """Import a verb; what that makes stays, so that no look for garbage has to pass through it."""
    from syndicator.doors.garbage import settling  # noqa: PLC0415  # --help needs none

    with settling():
        return import_module(f"{__name__}.{name}")


def _split(arguments: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """Find the verb as the parser does, past the value of --config; return it and what follows."""
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if not word.startswith("-"):
            return word, arguments[at + 1 :]
        at += 2 if word == "--config" else 1
    return None, ()


def _slip(verb: str, rest: Sequence[str]) -> str:
    """Say what is wrong with the verb or its place, or nothing."""
    if verb not in VERBS:
        from difflib import get_close_matches  # noqa: PLC0415  # for a slip alone

        meant = get_close_matches(verb, VERBS, n=1)
        hint = f"did you mean {meant[0]}?" if meant else f"there are {', '.join(VERBS)}"
        return f"no verb is called {verb!r}: {hint}"
    for at, word in enumerate(rest):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if name == "--config":
            import shlex  # noqa: PLC0415  # for a slip alone

            file = value if equals else next(iter(rest[at + 1 :]), "FILE")
            return (
                f"--config stands before the verb: syndicate --config {shlex.quote(file)} {verb}"
            )
    return ""


def complain(error: "SyndicatorError") -> None:
    """Print an error from its own fields: its problems, what it says, and the way out."""
    from syndicator.cli.show import problem_lines  # noqa: PLC0415

    for line in problem_lines(error.problems):
        print(line, file=sys.stderr)
    print(f"syndicate: {error}", file=sys.stderr)
    if error.hint:
        print(f"  help: {error.hint}", file=sys.stderr)
