"""How results look: reports and problems, for people and as JSON; colours and progress."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from syndicator.model.posts import Problem
    from syndicator.model.report import Missing, Report

WARNINGS = 10  # warnings that a pass words one by one
SHOWN = 5  # missing pictures that are worded one by one
FEEDS = 6  # feeds that a pass names
_STYLES = {"error": "31", "warning": "33", "info": "36", "good": "32", "quiet": "2"}


def paint(text: str, style: str, stream: TextIO) -> str:
    """Colour a text for a terminal that wants it (https://no-color.org)."""
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def plain(text: str) -> str:
    """Take the power out of a text from outside: no control character reaches the terminal."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def problem_lines(problems: "Iterable[Problem]", stream: TextIO | None = None) -> Iterator[str]:
    """Word problems as ``path:line:col CODE message`` with a ``help:`` line, for stderr."""
    stream = stream or sys.stderr
    for problem in problems:
        place = ":".join(str(at) for at in (problem.line, problem.column) if at)
        where = plain(f"{problem.path}:{place}" if place else problem.path)
        code = paint(problem.code, problem.severity, stream)
        yield f"{where} {code} {plain(problem.says)}"
        if problem.hint:
            yield f"  {paint('help:', 'quiet', stream)} {plain(problem.hint)}"


def grave_lines(problems: "Iterable[Problem]", stream: TextIO | None = None) -> Iterator[str]:
    """Word every error, and the first few warnings; ``check`` tells all of them."""
    grave = [problem for problem in problems if problem.severity != "info"]
    mild = [problem for problem in grave if problem.severity != "error"][WARNINGS:]
    left = {id(problem) for problem in mild}
    yield from problem_lines([one for one in grave if id(one) not in left], stream)
    if mild:
        yield f"and {count(len(mild), 'more warning')}: syndicate check"


def summary(report: "Report", now: datetime) -> Iterator[str]:
    """Word the report of a pass for a person: what was seen, done, and is still to come."""
    if report.unchanged:
        yield f"nothing changed: {_posts(report)}; nothing written, nothing pushed"
    else:
        if report.dry_run:
            yield "dry run: nothing was written, fetched or pushed; this is what a run would do"
        would = "would be " if report.dry_run else ""
        yield f"posts    {_posts(report)}"
        yield (
            f"         {would}{report.published} published, {report.updated} updated, "
            f"{report.removed} removed in this pass"
        )
        if not report.dry_run:
            kept, failed = report.images_kept, report.images_failed
            left = f"; {report.images_left} left for the next" if report.images_left else ""
            again = f", {report.images_checked} looked at again" if report.images_checked else ""
            yield f"images   {kept} kept, {failed} failed{again} in this pass{left}"
        yield f"feeds    {_feeds(report.documents)} {would}written"
        yield f"pushes   {report.sent} sent, {report.owed} owed, {report.dead} given up"
    yield from _ahead(report, now)


def _feeds(paths: "Sequence[str]") -> str:
    """Name the feeds that were written; of the months of an archive there can be hundreds."""
    if len(paths) <= FEEDS:
        return ", ".join(paths) or "none"
    # those that lie highest are those that people subscribe to
    named = sorted(paths, key=lambda path: path.count("/"))[:FEEDS]
    return f"{', '.join(named)} and {len(paths) - FEEDS} more"


def state(report: "Report", now: datetime) -> Iterator[str]:
    """Word how things stand for a person."""
    yield f"posts    {_posts(report)}"
    yield f"pushes   {report.owed} owed, {report.dead} given up"
    yield from _ahead(report, now)
    if report.subscribers:
        failing = f", {report.subscribers_failing} failing" if report.subscribers_failing else ""
        yield f"hub      {count(report.subscribers, 'subscription')}{failing}"
    if report.wake is not None:
        yield f"next     something falls due {ahead(report.wake, now)}"
    if report.free:
        from syndicator.config.units import amount  # noqa: PLC0415  # no pass needs it

        yield f"disk     {amount(report.free)} free"
    for alert in report.alerts:
        yield (
            f"alert    {alert.kind} {alert.name} failed {count(alert.failures, 'time')} in a row "
            f"by {alert.at:%Y-%m-%d %H:%M:%SZ}"
        )
        if alert.says:
            yield f"         {plain(alert.says)}"
    for job in report.jobs:
        when = f"; next {ahead(job.next_at, now)}" if job.next_at else ""
        ended = f"{job.result} at {job.at:%Y-%m-%d %H:%M:%SZ}, {job.seconds:.1f} s"
        yield f"job      {job.name}: {ended}{when}"
        if job.failures:
            good = f"{job.good_at:%Y-%m-%d %H:%M:%SZ}" if job.good_at else "never"
            yield f"         {count(job.failures, 'failure')} in a row, last good {good}"
            yield f"         {plain(job.says)}"


def _ahead(report: "Report", now: datetime) -> Iterator[str]:
    """Word what is missing, and when it is tried again."""
    yield from _pictures("missing", report.missing, now)
    yield from _pictures("outlived", report.outlived, now)
    for lane in report.lanes:
        due = f", next try {ahead(lane.next_at, now)}" if lane.next_at else ""
        lost = f", {lane.dead} given up" if lane.dead else ""
        held = f", {lane.held} to be confirmed: syndicate push confirm" if lane.held else ""
        state = f" ({lane.state})" if lane.state != "active" else ""
        yield f"endpoint {lane.endpoint}{state}: {lane.owed} owed{lost}{held}{due}"
        for says in dict.fromkeys((lane.alarm, lane.says)):
            if says:
                yield f"         {plain(says)}"


def _pictures(word: str, pictures: "Sequence[Missing]", now: datetime) -> Iterator[str]:
    for one in pictures[:SHOWN]:
        when = f"again {ahead(one.retry_at, now)}" if one.retry_at else "once it changes"
        used = ", ".join(one.posts)
        yield f"{word:8} {plain(one.url)}"
        yield f"         {plain(one.reason)} ({one.plan}); tried {when}; wanted by {plain(used)}"
    if len(pictures) > SHOWN:
        more = count(len(pictures) - SHOWN, "more picture")
        yield f"         and {more}: syndicate status --json"


def _posts(report: "Report") -> str:
    kinds = {
        "published": report.live,
        "held back": report.held,
        "draft": report.drafts,
        "scheduled": report.scheduled,
        "expired": report.expired,
        "skipped": report.skipped,
    }
    parts = [f"{count} {name}" for name, count in kinds.items() if count or name == "published"]
    return f"{report.seen} seen, {', '.join(parts)}"


def count(number: int, word: str) -> str:
    """Word a number of things: "1 post", "2 posts"."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def ahead(moment: datetime, now: datetime) -> str:
    """Word a moment to come: "in 5 min", "in 2 h", "in 3 days", or "now"."""
    seconds = (moment - now).total_seconds()
    for size, name in ((86400, "days"), (3600, "h"), (60, "min"), (1, "s")):
        if seconds >= 2 * size or (seconds >= size and name != "days"):
            return f"in {round(seconds / size)} {name}"
    return "now" if seconds < 1 else "in 1 s"


def as_json(value: object) -> str:
    """Write a value of ``model`` as indented JSON; times as ISO 8601."""
    import json  # noqa: PLC0415  # only where it is asked for
    from dataclasses import asdict  # noqa: PLC0415

    def other(item: Any) -> str:  # noqa: ANN401  # whatever json can't write
        if isinstance(item, datetime):
            return item.isoformat()
        raise TypeError(type(item))

    return json.dumps(asdict(value), default=other, ensure_ascii=False, indent=2)  # type: ignore[call-overload]  # a dataclass, by contract


class Progress:
    """A line on stderr that says how far long work is; silent where nobody watches."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Watch whether ``stream``, else stderr, is a terminal."""
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._shown = False

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` are through."""
        if self._live:
            self._stream.write(f"\r\x1b[K{what} {done}/{total}")
            self._stream.flush()
            self._shown = True

    def clear(self) -> None:
        """Take the line away again."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False
