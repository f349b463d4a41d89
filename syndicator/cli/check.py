"""``syndicate check``: what is wrong with the posts; without --fix nothing is changed."""

import argparse
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from syndicator.cli.order import clock, file
from syndicator.errors import ConfigError

if TYPE_CHECKING:
    from syndicator.cli.excerpt import Excerpt
    from syndicator.cli.formats import Told
    from syndicator.cli.selection import Selection
    from syndicator.config.tables import Settings
    from syndicator.cycle.examine import Examination, Examiner
    from syndicator.model import Problem

GUTTER = 12  # cells that line number and bar take of a terminal's width


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = (
        "Read every post as a run would, look at its pictures and at the archive, and say what\n"
        "is wrong. Exit 1 for an error (with --strict for a warning too), 2 for wrong usage."
    )
    add = parser.add_argument
    add(
        "paths", nargs="*", metavar="PATH", help="tell only of posts that are, or lie below, these"
    )
    codes = partial(add, metavar="CODES", type=_codes, action="extend")
    codes("--select", help="tell only of these: codes, or beginnings such as IMG or FM01")
    codes("--extend-select", default=[], help="tell of these too, although ignored")
    codes("--ignore", default=[], help="do not tell of these; what is held back stays held back")
    add("--strict", action="store_true", help="exit 1 for any warning, too")
    add(
        "--output-format",
        choices=("text", "json", "sarif", "github", "junit"),
        default="text",
        help="how problems are written [default: text]",
    )
    add(
        "--json",
        dest="output_format",
        action="store_const",
        const="json",
        help="the same as --output-format json",
    )
    add("--baseline", metavar="FILE", type=Path, help="tell only what this file does not know yet")
    add("--write-baseline", action="store_true", help="write what is found into the baseline")
    add("--fix", action="store_true", help="put right what surely can be, in the posts themselves")
    add("--unsafe-fixes", action="store_true", help="count edits too that may change a meaning")
    add("--diff", action="store_true", help="show what --fix would do; exit 1 if anything")


def main(args: argparse.Namespace) -> int:
    """Check the configuration, the posts, their pictures and the archive."""
    from syndicator.config.load import load  # noqa: PLC0415  # heavy
    from syndicator.cycle.examine import Examiner  # noqa: PLC0415  # heavy
    from syndicator.publish import registered  # noqa: PLC0415  # heavy

    _usable(args)
    settings = load(file(args), registered())
    work = _Work(args, settings, _below(args.paths, settings), Examiner(settings))
    found = work.examiner.all(clock())
    if args.fix or args.diff:
        changed = work.mend(found)
        if args.diff:
            return 1 if changed else 0
        if changed:
            work = work._replace(examiner=Examiner(settings))
            found = work.examiner.all(clock())
    return work.tell(found)


class _Work(NamedTuple):
    """One check: what was asked for, and what it is about."""

    args: argparse.Namespace
    settings: "Settings"
    below: Sequence[str]
    examiner: "Examiner"

    def wanted(self, found: "Examination") -> "list[Problem]":
        """Return the problems to be told, before any baseline."""
        selection = self.selection(found)
        return [one for one in found.problems if self.inside(one.path) and selection.tells(one)]

    def selection(self, found: "Examination") -> "Selection":
        """Return who wants to be told what."""
        from syndicator.cli.selection import Asked, Selection, patterns  # noqa: PLC0415

        select = None if self.args.select is None else tuple(self.args.select)
        here = Asked(select, tuple(self.args.extend_select), tuple(self.args.ignore))
        return Selection(
            here=here,
            configured=self.settings.check.ignore,
            per_path=patterns(self.settings.check.per_path),
            silenced=found.silenced,
        )

    def inside(self, path: str) -> bool:
        """Tell whether a path is one of those asked for, or lies below one."""
        return not self.below or any(
            not one or path == one or path.startswith(f"{one}/") for one in self.below
        )

    def mend(self, found: "Examination") -> int:
        """Put right what is wanted, or show how; return how many files that changes."""
        from syndicator.cli import fix  # noqa: PLC0415  # only where it is asked for

        wanted = self.wanted(found)
        new = self.new(wanted).new
        old = {_known_by(one) for one in wanted} - {_known_by(one) for one in new}
        selection, unsafe = self.selection(found), self.args.unsafe_fixes

        def mended(one: "Problem") -> bool:
            return (one.safe or unsafe) and selection.tells(one) and _known_by(one) not in old

        files = count = 0
        for made in fix.fixes(
            self.examiner, sorted({one.path for one in new if one.edits}), mended
        ):
            if self.args.diff:
                for line in fix.diff(made, self.shown(made.source.path)):
                    print(_line(line))
            elif not fix.write(self.examiner.root, made):
                print(f"{self.shown(made.source.path)}: changed meanwhile", file=sys.stderr)
                continue
            files, count = files + 1, count + len(made.problems)
        would = "would be put" if self.args.diff else "put"
        print(f"{would} right: {count} problems in {files} posts", file=sys.stderr)
        return files

    def new(self, problems: "list[Problem]") -> "_New":
        """Take away what the baseline knows."""
        from syndicator.cli import baseline  # noqa: PLC0415  # only where it is asked for

        if self.args.baseline is None or self.args.write_baseline:
            return _New(problems, 0)
        return _New(*baseline.split(problems, baseline.read(self.args.baseline)))

    def tell(self, found: "Examination") -> int:
        """Tell what is wrong, and return the exit code."""
        from syndicator.cli import baseline  # noqa: PLC0415  # only where it is asked for
        from syndicator.cli.formats import Told  # noqa: PLC0415

        wanted = self.wanted(found)
        if self.args.write_baseline:
            count = baseline.write(self.args.baseline, wanted)
            print(f"{self.args.baseline}: {count} problems are known now", file=sys.stderr)
            return 0
        new, mended = self.new(wanted)
        grave = {"error", "warning"} if self.args.strict else {"error"}
        told = [Told(one, self.shown(one.path), one.severity in grave) for one in new]
        for line in self.written(told):
            print(line)
        print(_verdict(found, told, unsafe=self.args.unsafe_fixes), file=sys.stderr)
        if mended:
            hint = "write it again with --write-baseline"
            print(f"{mended} problems of the baseline are no more: {hint}", file=sys.stderr)
        return 1 if any(one.fails for one in told) else 0

    def written(self, told: "list[Told]") -> Iterable[str]:
        """Return the lines of the report in the format that is asked for."""
        from syndicator.cli import formats  # noqa: PLC0415

        kind = self.args.output_format
        if kind == "text":
            lines = _Lines(self.examiner.root) if sys.stdout.isatty() else _no_lines
            return formats.text(told, sys.stdout, lines, unsafe=self.args.unsafe_fixes)
        if kind == "github":
            return formats.github(told)
        if kind == "junit":
            return formats.junit(told)
        return [formats.sarif(told) if kind == "sarif" else formats.as_json(told)]

    def shown(self, path: str) -> str:
        """Return the name of a file as seen from here, where that is short; with slashes."""
        whole, here = self.settings.content_root / path, Path.cwd()
        return (whole.relative_to(here) if whole.is_relative_to(here) else whole).as_posix()


def _known_by(problem: "Problem") -> tuple[str, str, str]:
    return problem.path, problem.code, problem.says


class _New(NamedTuple):
    new: "list[Problem]"
    mended: int  # problems the baseline knows and that are gone


class _Lines:
    """Gives the source line of a problem; one file is held at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = ""
        self._lines: list[bytes] = []

    def __call__(self, problem: "Problem") -> "Excerpt | None":
        from syndicator.cli.excerpt import excerpt  # noqa: PLC0415  # on a terminal only

        if problem.path != self._path:
            self._path, self._lines = problem.path, self._read(problem.path)
        if not 0 < problem.line <= len(self._lines):
            return None
        line = self._lines[problem.line - 1].decode("utf-8", "replace")
        width = shutil.get_terminal_size().columns - GUTTER
        return excerpt(line.removeprefix("\ufeff"), problem.column, max(width, 20))

    def _read(self, path: str) -> list[bytes]:
        from syndicator.doors import files  # noqa: PLC0415
        from syndicator.errors import Failed  # noqa: PLC0415

        try:
            return files.read(self._root / path)[0].splitlines()
        except Failed:  # gone since it was examined
            return []


def _no_lines(_problem: "Problem") -> None:
    return None


def _verdict(found: "Examination", told: "Sequence[Told]", *, unsafe: bool) -> str:
    """Word the end: how much was found, what can be put right, what is held back unsaid."""
    counts = {
        f"{name}{'' if number == 1 else 's'}": number
        for name, kind in (("error", "error"), ("warning", "warning"), ("note", "info"))
        if (number := sum(one.problem.severity == kind for one in told))
    }
    words = ", ".join(f"{number} {name}" for name, number in counts.items()) or "all well"
    parts = [f"{found.seen} posts checked: {words}"]
    fixable = [one.problem for one in told if one.problem.edits]
    if safe := sum(one.safe or unsafe for one in fixable):
        parts.append(f"{safe} can be put right with --fix")
    if rest := len(fixable) - safe:
        parts.append(f"{rest} more with --fix --unsafe-fixes")
    blamed = {one.problem.path for one in told if one.problem.severity == "error"}
    if unsaid := len(found.held - blamed):
        parts.append(f"{unsaid} posts are held back for reasons not told here")
    return "; ".join(parts)


def _codes(text: str) -> list[str]:
    """Read codes, or beginnings of codes, parted by commas."""
    from syndicator.rules import named, nearest  # noqa: PLC0415  # only where one is written

    codes = [word for part in text.split(",") if (word := part.strip())]
    for word in codes:
        if not named(word):
            meant = nearest(word)
            hint = f": did you mean {meant}?" if meant else "; syndicate rule --all lists them"
            raise argparse.ArgumentTypeError(f"no rule is called {word!r}{hint}")
    return codes


def _usable(args: argparse.Namespace) -> None:
    """Raise ConfigError for options that can't be meant together."""
    if args.write_baseline and args.baseline is None:
        raise ConfigError("--write-baseline needs --baseline FILE")
    if args.write_baseline and (args.paths or args.fix or args.diff):
        raise ConfigError("--write-baseline is about the whole site as it is: no PATH, no --fix")


def _below(names: Iterable[str], settings: "Settings") -> list[str]:
    """Return the paths asked for, given as seen from here or from the content root."""
    return list(_placed(names, settings.content_root.resolve()))


def _placed(names: Iterable[str], root: Path) -> Iterator[str]:
    for name in names:
        here = Path(name).resolve()
        below = here.relative_to(root).as_posix() if here.is_relative_to(root) else name
        below = "" if below == "." else below.rstrip("/")
        if not (root / below).exists():
            raise ConfigError(f"{name}: no such post in {root}")
        yield below


def _line(text: str) -> str:
    from syndicator.cli.show import plain  # noqa: PLC0415

    return plain(text.rstrip("\n"))
