"""Which files are posts: patterns with ``*``, ``?``, ``[…]`` and ``**`` over relative paths.

``pathlib`` matches ``**`` only from Python 3.13 on, and the libraries that do cost more to import
than a pass that finds nothing changed.
"""

import re
from collections.abc import Callable, Iterable


def matcher(include: Iterable[str], exclude: Iterable[str]) -> Callable[[str], bool]:
    """Make the test for "a path that some of ``include`` and none of ``exclude`` matches".

    ``*`` and ``?`` stop at a slash; ``**/`` is any number of folders, none included; a pattern
    that ends in ``/`` or ``/**`` means everything below.
    """
    wanted, unwanted = _compile(include), _compile(exclude)

    def matches(path: str) -> bool:
        return wanted.fullmatch(path) is not None and unwanted.fullmatch(path) is None

    return matches


def _compile(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)) or r"(?!)", re.DOTALL)


def translate(pattern: str) -> str:
    """Write a glob pattern as a regular expression for ``fullmatch``."""
    pattern = pattern.removeprefix("./")
    pattern += "**" if pattern.endswith("/") else ""
    out, at = "", 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            out, at = out + r"(?:[^/]+/)*", at + 3
        elif pattern.startswith("**", at):
            out, at = out + r".*", at + 2
        elif pattern[at] == "[" and (end := pattern.find("]", at + 2)) > 0:
            out, at = out + _choice(pattern[at + 1 : end]), end + 1
        else:
            out += {"*": "[^/]*", "?": "[^/]"}.get(pattern[at], re.escape(pattern[at]))
            at += 1
    return out


def _choice(inside: str) -> str:
    """Write what stands between brackets; a range that runs backwards holds nothing."""
    negated = inside.startswith("!")

    def part(found: re.Match[str]) -> str:
        low, high, single = found.groups()
        if single is not None:
            return re.escape(single)
        return f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""

    body = re.sub(r"(.)-(.)|(.)", part, inside[negated:], flags=re.DOTALL)
    if not body:
        return "[^/]" if negated else "(?!)"
    return f"(?!/)[{'^' * negated}{body}]"
