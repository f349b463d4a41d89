"""What the verbs that make a pass have in common: the configuration, what it lacks, the clock."""

import os
import random
import re
import time
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from syndicator.config.file import find, quick, read
from syndicator.cycle import Order, Stop
from syndicator.model.posts import Problem

_BORN = time.monotonic()
_SHIPPED = "Seeds"  # title of the configuration that is shipped to be tried as it is
_MARK = re.compile(r"\s*([\w-]+).*  # EDIT: (.*)")  # as config.write marks a line
_EXAMPLE = re.compile(  # RFC 2606 keeps these names for documents: nobody's site is there
    r"""[^#]*?\b(url)\s*=\s*["'](https?://)(?:[^/?#"']*@)?([^/?#"':@]*\.example)(?=[:/?#"'])"""
)


def clock() -> datetime:
    """Tell the time; every room below is handed this."""
    return datetime.now(UTC)  # noqa: TID251  # cli reads the clock for all below


def file(args: Namespace) -> Path:
    """Find the configuration that the command line, the environment or the folder names."""
    return find(args.config, os.environ, Path.cwd())


def order(args: Namespace) -> Order:
    """Make the order for a plain pass."""
    jitter = random.SystemRandom().random
    return Order(
        file=file(args),
        clock=clock,
        environ=os.environ,
        jitter=jitter,
        age=lambda: time.monotonic() - _BORN,
        stop=Stop(),
    )


def placeholders(file: Path) -> Iterator[Problem]:
    """Yield a warning for each line of a configuration that still waits for a person.

    A line marked EDIT, or an address under .example; the shipped file is meant to have those.
    Raises ConfigError where the file can't be read.
    """
    data, raw = read(file)
    site = raw.get("site")
    if isinstance(site, dict) and site.get("title") == _SHIPPED:
        return
    for number, line in enumerate(data.decode("utf-8-sig").splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        if found := _MARK.fullmatch(line):
            says = f"{found[1]} is still to be edited: {found[2]}"
        elif found := _EXAMPLE.match(line):
            # not all of it: the address of a chat is its key
            says = f"{found[1]} is still an example: {found[2]}{found[3]}/"
        else:
            continue
        yield Problem(
            path=str(file),
            line=number,
            code="CFG009",
            says=says,
            hint="write your own value; readers remember for years what feeds say of addresses",
            severity="warning",
        )


def unmatched(file: Path) -> str:
    """Say that no file is a post, and where they were looked for."""
    found = quick(read(file)[1], file.parent)
    where = f"in {found.content_root} " if found else ""
    return f"no file {where}matches [content] include"
