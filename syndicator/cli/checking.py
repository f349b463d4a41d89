"""The work of ``syndicate check``: examine, choose, put right, tell."""

import argparse
import shutil
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from syndicator.cli import baseline, fix, formats
from syndicator.cli.baseline import Split
from syndicator.cli.excerpt import Excerpt, excerpt
from syndicator.cli.formats import Told
from syndicator.cli.order import clock, file, placeholders, unmatched
from syndicator.cli.show import count as _count
from syndicator.cli.show import plain, problem_lines
from syndicator.config.load import load
from syndicator.config.tables import Settings
from syndicator.cycle.examine import Examination, Examiner
from syndicator.cycle.selection import Asked, Selection, patterns
from syndicator.doors import files
from syndicator.errors import ConfigError, Failed, StoreError
from syndicator.model.posts import Problem
from syndicator.publish import registered
from syndicator.rules import RULES

GUTTER = 12  # cells that line number and bar take of a terminal's width
NARROWEST = 20  # cells of a source line that are shown on any terminal


def check(args: argparse.Namespace) -> int:
    """Do what the command line asks for; return the exit code."""
    _usable(args)
    settings = load(file(args), registered())
    below = [_placed(name, settings.content_root.resolve()) for name in args.paths]
    work = _Work(args, settings, below, Examiner(settings))
    for line in problem_lines(placeholders(settings.file)):
        print(line, file=sys.stderr)
    found = work.examiner.all(clock())
    if args.fix or args.diff:
        mended = work.mend(found)
        if args.diff:
            return 1 if mended.posts else 0
        if mended.posts:
            work = work._replace(examiner=Examiner(settings))
            found = work.examiner.all(clock())
        return max(work.tell(found), mended.code)
    return work.tell(found)


class _Mended(NamedTuple):
    """How many posts were put right, and the exit code for those that were to be and are not."""

    posts: int
    code: int


class _Work(NamedTuple):
    """One check: what was asked for, and what it is about."""

    args: argparse.Namespace
    settings: Settings
    below: Sequence[str]
    examiner: Examiner

    def wanted(self, found: Examination) -> list[Problem]:
        """Return the problems to be told, before any baseline."""
        selection = self.selection(found)
        return [one for one in found.problems if self.inside(one.path) and selection.tells(one)]

    def selection(self, found: Examination) -> Selection:
        """Return who wants to be told what."""
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

    def mend(self, found: Examination) -> _Mended:
        """Put right what is wanted, or show how; what can't be written harms no other post."""
        wanted = self.wanted(found)
        new = self.new(wanted).new
        old = {_known_by(one) for one in wanted} - {_known_by(one) for one in new}
        selection, unsafe = self.selection(found), self.args.unsafe_fixes

        def mended(one: Problem) -> bool:
            return (one.safe or unsafe) and selection.tells(one) and _known_by(one) not in old

        posts = count = code = 0
        paths = sorted({one.path for one in new if one.edits})
        for made in fix.fixes(self.examiner, paths, mended):
            if self.args.diff:
                for line in fix.diff(made, self.shown(made.source.path)):
                    print(plain(line))
            elif (failed := self._write(made)) >= 0:
                code = max(code, failed)
                continue
            posts, count = posts + 1, count + len(made.problems)
        would = "would be put" if self.args.diff else "put"
        amount = f"{_count(count, 'problem')} in {_count(posts, 'post')}"
        print(f"{would} right: {amount}", file=sys.stderr)
        return _Mended(posts, code)

    def _write(self, made: fix.Fix) -> int:
        """Replace a post; where that can't be, say why and return the exit code, else -1."""
        try:
            left, hint, code = fix.write(self.examiner.root, made), "", 1
        except StoreError as error:
            left, hint, code = error.says, error.hint, error.exit_code
        if not left:
            return -1
        shown = self.shown(made.source.path)
        print(plain(f"{shown}: not put right: {left}"), file=sys.stderr)
        if hint:
            print(f"  help: {hint}", file=sys.stderr)
        return code

    def new(self, problems: list[Problem]) -> Split:
        """Take away what the baseline knows."""
        known = Counter() if self.args.baseline is None else baseline.read(self.args.baseline)
        return baseline.split(problems, known)

    def tell(self, found: Examination) -> int:
        """Tell what is wrong, and return the exit code."""
        wanted = self.wanted(found)
        if self.args.write_baseline:
            known = _count(baseline.write(self.args.baseline, wanted), "problem")
            print(f"{self.args.baseline}: known from now on: {known}", file=sys.stderr)
            return 0
        new, mended = self.new(wanted)
        grave = {"error", "warning"} if self.args.strict else {"error"}
        told = [Told(one, self.shown(one.path), one.severity in grave) for one in new]
        for line in self.written(told):
            print(line)
        held = [path for path in found.held if self.inside(path)]
        if not (found.seen or told):
            print(unmatched(self.settings.file), file=sys.stderr)
        else:
            seen = sum(map(self.inside, found.seen))
            said = _verdict(seen, told, held, unsafe=self.args.unsafe_fixes)
            print(said, file=sys.stderr)
        if mended:
            hint = "write it again with --write-baseline"
            print(f"gone from the baseline: {_count(mended, 'problem')}; {hint}", file=sys.stderr)
        return 1 if any(one.fails for one in told) else 0

    def written(self, told: list[Told]) -> Iterable[str]:
        """Return the lines of the report in the format that is asked for."""
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


def _known_by(problem: Problem) -> tuple[str, str, str]:
    return problem.path, problem.code, problem.says


class _Lines:
    """Gives the source line of a problem; one file is held at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = ""
        self._lines: list[bytes] = []

    def __call__(self, problem: Problem) -> Excerpt | None:
        if problem.path != self._path:
            self._path, self._lines = problem.path, self._read(problem.path)
        if not 0 < problem.line <= len(self._lines):
            return None
        line = self._lines[problem.line - 1].decode("utf-8", "replace")
        width = shutil.get_terminal_size().columns - GUTTER
        return excerpt(line.removeprefix("\ufeff"), problem.column, max(width, NARROWEST))

    def _read(self, path: str) -> list[bytes]:
        try:
            return files.read(self._root / path)[0].splitlines()
        except Failed:  # gone since it was examined
            return []


def _no_lines(_problem: Problem) -> None:
    return None


def _verdict(seen: int, told: Sequence[Told], held: Collection[str], *, unsafe: bool) -> str:
    """Word the end: how much was found, what can be put right, what is held back unsaid."""
    problems = [one.problem for one in told]
    counts = [
        _count(number, name)
        for name, kind in (("error", "error"), ("warning", "warning"), ("note", "info"))
        if (number := sum(one.severity == kind for one in problems))
    ]
    parts = [f"{_count(seen, 'post')} checked: {', '.join(counts) or 'all well'}"]
    fixable = [one for one in problems if one.edits]
    if safe := sum(one.safe or unsafe for one in fixable):
        parts.append(f"{safe} can be put right with --fix")
    if rest := len(fixable) - safe:
        parts.append(f"{rest} more with --fix --unsafe-fixes")
    blamed = {one.path for one in problems if one.severity == "error" and _holds(one.code)}
    if unsaid := len(set(held) - blamed):
        parts.append(f"held back for reasons not told here: {_count(unsaid, 'post')}")
    return "; ".join(parts)


def _holds(code: str) -> bool:
    return code in RULES and RULES[code].holds


def _usable(args: argparse.Namespace) -> None:
    """Raise ConfigError for options that can't be meant together."""
    if args.write_baseline and args.baseline is None:
        raise ConfigError("--write-baseline needs --baseline FILE")
    if args.write_baseline and (args.paths or args.fix or args.diff):
        raise ConfigError("--write-baseline is about the whole site as it is: no PATH, no --fix")


def _placed(name: str, root: Path) -> str:
    """Return a path asked for, as seen from here or from the content root, as posts have it."""
    here = Path(name).resolve()
    if root.is_relative_to(here):
        return ""  # the content, or a folder around it
    below = (here.relative_to(root) if here.is_relative_to(root) else Path(name)).as_posix()
    if Path(below).is_absolute() or ".." in Path(below).parts:
        raise ConfigError(f"{name}: not below the content, which is {root}")
    if not (root / below).exists():
        raise ConfigError(f"{name}: no such post in {root}")
    return below
