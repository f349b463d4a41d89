"""The operator's pages as HTML: without a script, with one style sheet that is in the page."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

from syndicator import __version__
from syndicator.config.origin import Line
from syndicator.config.units import amount
from syndicator.config.write import toml
from syndicator.cycle.report import needs
from syndicator.deliver.health import OPENS
from syndicator.doors.tally import Sum
from syndicator.model.report import Receiver, Report
from syndicator.model.roll import Roll
from syndicator.publish.private import without_folders, without_query
from syndicator.publish.style import markup

ROWS = 200  # problems, and pictures, that are shown
HERE = "/status"
Roots = Iterable[Path]  # folders that no page names


def status(report: Report, kept: Sum, now: datetime, roots: Roots = ()) -> str:
    """Return the page that says how things stand as a whole."""
    found = needs(report)
    return _page("status.html", now, roots, needs=found, report=report, kept=kept, rows=ROWS)


def posts(roll: Roll, now: datetime, roots: Roots = ()) -> str:
    """Return a page of posts."""
    again = f"{HERE}/posts?state={roll.state}&page={roll.page}"
    return _page("posts.html", now, roots, here=f"{HERE}/posts", again=again, roll=roll)


def configuration(file: Path, lines: Sequence[Line], now: datetime, roots: Roots = ()) -> str:
    """Return the page of what is in force."""
    here = f"{HERE}/configuration"
    told = [one._replace(origin=one.origin.replace(str(file), file.name)) for one in lines]
    tables = [(name, list(some)) for name, some in groupby(told, _table)]
    shown = [(_heading(name, some), [_within(one) for one in some]) for name, some in tables]
    return _page(
        "configuration.html", now, roots, here=here, again=here, tables=shown, file=file.name
    )


def nothing(wrong: str, now: datetime, roots: Roots = ()) -> str:
    """Return the page that says why nothing can be told."""
    return _page("frame.html", now, roots, needs=[wrong])


def policy() -> bytes:
    """Allow the one style sheet that is in the page, by its digest, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ).encode()


def _page(name: str, now: datetime, roots: Roots, **words: object) -> str:
    given = {
        "here": HERE,
        "again": HERE,
        "needs": [],
        "now": now,
        "style": _style(),
        "breaker": _breaker,
        "private": partial(without_folders, roots=tuple(roots)),
        "version": __version__,
    }
    page: str = _room().get_template(name).render({**given, **words})
    return page


def _table(line: Line) -> str:
    """Tell the table a setting stands in: all of a publisher are in one."""
    return line.key.partition(".")[0]


def _heading(name: str, lines: Sequence[Line]) -> str:
    if not name.startswith("publish["):
        return f"[{name}]"
    said = {one.key.partition(".")[2]: str(one.value) for one in lines}
    named = said.get("name") or said.get("path") or ""
    return f"[[publish]] {said.get('type', '')} {named}".rstrip()


def _within(line: Line) -> Line:
    return line._replace(key=line.key.partition(".")[2] or line.key)


def _breaker(one: Receiver) -> str:
    """Say whether an endpoint is asked, and how."""
    if one.state != "active":
        return one.state
    if one.streak >= OPENS:
        return "open: single probes"
    return f"closed, {one.streak} failed in a row" if one.streak else "closed"


@cache
def _room() -> Any:  # noqa: ANN401  # of Jinja2, whose room is publish
    room = markup(_file)
    own = {"moment": _moment, "iso": _iso, "away": _away, "size": amount, "toml": toml}
    room.filters |= {**own, "without_query": without_query}
    return room


def _file(name: str) -> str:
    return files("syndicator.serve").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _style() -> str:
    return _file("status.css")


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _away(at: datetime, now: datetime) -> str:
    """Say how far away a moment is: "in 5 min", "2 h ago"."""
    gap = abs((at - now).total_seconds())
    for size, name in ((86400, "days"), (3600, "h"), (60, "min")):
        if gap >= 2 * size:
            said = f"{round(gap / size)} {name}"
            break
    else:
        said = f"{round(gap)} s"
    return f"in {said}" if at > now else f"{said} ago"
