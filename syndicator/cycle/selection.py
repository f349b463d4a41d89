"""Which problems are told: by the command line, the configuration, and the posts themselves."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from syndicator.content.globs import matcher
from syndicator.model.posts import Problem, Source
from syndicator.normalise.silence import Wish, wishes
from syndicator.rules import RULES, fits, named, nearest

_SELF = "FM020"  # that a wish silences nothing can't be silenced by the post that wishes it


class Asked(NamedTuple):
    """What one voice asks for: codes, or beginnings of codes; None: it does not say."""

    select: tuple[str, ...] | None = None
    extend: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Decides what is told; what is held back does not depend on it."""

    here: Asked = field(default_factory=Asked)  # the command line
    configured: tuple[str, ...] = ()  # codes not to be told
    per_path: tuple[tuple[Callable[[str], bool], tuple[str, ...]], ...] = ()
    silenced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by path

    def tells(self, problem: Problem) -> bool:
        """Tell whether a problem is to be told.

        The longest selector that fits a code decides, among equals the command line's before the
        configuration's, and "ignore" before "select". Then a pattern or a post may silence it.
        """
        code, path = problem.code, problem.path
        if not self._chosen(code):
            return False
        if any(_any_fits(code, codes) for fit, codes in self.per_path if fit(path)):
            return False
        return code == _SELF or not _any_fits(code, self.silenced.get(path, ()))

    def _chosen(self, code: str) -> bool:
        wanted = ("ALL",) if self.here.select is None else self.here.select
        base = 0 if self.here.select is None else 2
        voices = (
            *((one, base, True) for one in wanted),
            *((one, 2, True) for one in self.here.extend),
            *((one, 1, False) for one in self.configured),
            *((one, 2, False) for one in self.here.ignore),
        )
        heard = [
            (0 if one == "ALL" else len(one), rank, not told)
            for one, rank, told in voices
            if fits(code, one)
        ]
        return bool(heard) and not max(heard)[2]


def holds(problem: Problem) -> bool:
    """Tell whether a problem keeps its post from being published."""
    known = RULES.get(problem.code)
    return problem.severity == "error" and known is not None and known.holds


def heard(source: Source) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Return what a post wishes not to be told, and what is wrong with these wishes."""
    asked = wishes(source)
    return tuple(wish.selector for wish in asked), tuple(_in_vain(source.path, asked))


def _in_vain(path: str, asked: Iterable[Wish]) -> Iterator[Problem]:
    """Yield the wishes that silence nothing."""
    for selector, (line, column) in asked:
        if not named(selector):
            meant = nearest(selector)
            yield Problem(
                path=path,
                code="FM020",
                says=f"no rule is called {selector[:40]!r}: nothing is silenced by it",
                hint=f"did you mean {meant}?" if meant else "syndicate rule --all lists them",
                line=line,
                column=column,
                severity="warning",
            )


def patterns(
    per_path: Mapping[str, tuple[str, ...]],
) -> tuple[tuple[Callable[[str], bool], tuple[str, ...]], ...]:
    """Compile the patterns of ``[check] per-path``."""
    return tuple((matcher([pattern], ()), codes) for pattern, codes in per_path.items())


def _any_fits(code: str, selectors: Iterable[str]) -> bool:
    return any(fits(code, one) for one in selectors)
