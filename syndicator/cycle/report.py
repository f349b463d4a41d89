"""The report of a pass, read from the state it left: the same for one that did nothing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from syndicator.doors.affairs import Standing
from syndicator.model.posts import Problem
from syndicator.model.report import Alert, Job, Lane, Missing, Report

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PROBLEM = ("path", "code", "says", "hint", "line", "column", "severity")

BEHIND = "ARC008"  # the bucket is
FAILING = "CFG010"  # the template of an endpoint is
_ABOUT_NO_POST = {BEHIND, FAILING}


def standing(
    known: Standing,
    extra: Sequence[Problem] = (),
    took: timedelta = timedelta(0),
    **done: object,
) -> Report:
    """Report how things stand, and what was ``done``; ``extra`` problems are this pass's own."""
    stored = [Problem(**dict(zip(_PROBLEM, row, strict=True))) for row in known.problems]
    unreadable = [one for one in stored if one.code == "SRC002"]
    posts = (one for one in (*extra, *unreadable) if one.code not in _ABOUT_NO_POST)
    refused = {one.path for one in posts if one.severity == "error"}
    held = refused.union(known.held)
    moments = [at for at in (known.wake_at, known.retry_at, known.push_at) if at is not None]
    figures: dict[str, object] = {
        "seen": known.seen,
        "live": known.live,
        "held": len(held),
        "drafts": known.states.get("draft", 0),
        "scheduled": known.states.get("scheduled", 0),
        "expired": known.states.get("expired", 0),
        "skipped": known.states.get("skipped", 0),
        "missing": tuple(_missing(known.missing)),
        "outlived": tuple(_missing(known.outlived)),
        "owed": known.owed,
        "dead": known.dead,
        "lanes": tuple(
            Lane(
                endpoint=name,
                owed=owed,
                dead=dead,
                next_at=_moment(at),
                says=says,
                state=state,
                alarm=alarm,
                held=held,
            )
            for name, owed, dead, at, says, state, alarm, held in known.lanes
        ),
        "jobs": tuple(map(_job, known.jobs)),
        "alerts": tuple(map(_alert, known.alerts)),
        "wake": _moment(min(moments, default=None)),
        "problems": (*extra, *stored),
        "seconds": took.total_seconds(),
    }
    return Report(**{**figures, **done})  # type: ignore[arg-type]  # both name Report's fields


def needs(report: Report) -> list[str]:
    """Say what needs a person: nothing, if all is well."""
    told = {(one.kind, one.name) for one in report.alerts}
    failed = [one.name for one in report.jobs if one.failures and ("job", one.name) not in told]
    return [
        *left(report),
        *(f"{one.kind} {one.name} fails again and again" for one in report.alerts),
        *(f"job {name} failed last" for name in failed),
    ]


def unscheduled(report: Report, scheduled: Collection[str] = ()) -> set[str]:
    """Name the jobs that a report tells of and that are not ``scheduled`` now."""
    told = {one.name for one in report.alerts if one.kind == "job"}
    return told.union(one.name for one in report.jobs).difference(scheduled)


def left(report: Report) -> list[str]:
    """Say what a pass left to a person: posts, pushes, receivers, damaged files."""
    bad = [one for one in report.problems if one.code.startswith("ARC")]
    damaged = sum(one.severity == "error" and one.code != BEHIND for one in bad)
    counts = (
        ("held back", report.held, "post"),
        ("given up", report.dead, "push"),
        ("damaged and not repaired", damaged, "file"),
    )
    said = [f"{what}: {_count(number, word)}" for what, number, word in counts if number]
    if any(one.code == BEHIND and one.severity == "error" for one in bad):
        said.append("the bucket is behind and won't be brought up to date by itself")
    for one in report.lanes:
        if one.state == "disabled":
            said.append(f"endpoint {one.endpoint} is disabled")
        elif one.alarm:
            said.append(f"endpoint {one.endpoint} refuses: {one.alarm}")
        if one.held:
            said.append(f"to be confirmed at {one.endpoint}: {_count(one.held, 'push')}")
    return said


def _count(number: int, word: str) -> str:
    plural = f"{word}es" if word.endswith("sh") else f"{word}s"
    return f"{number} {word if number == 1 else plural}"


def together(before: Mapping[str, object], more: Mapping[str, object]) -> dict[str, object]:
    """Add the figures of a later part of a pass to those of an earlier one: counts, and names."""
    both = dict(before)
    for name, value in more.items():
        old = both.get(name)
        if isinstance(old, tuple) and isinstance(value, tuple):
            value = tuple(dict.fromkeys((*old, *value)))  # noqa: PLW2901  # a step of one value
        elif isinstance(old, int) and isinstance(value, int):
            value = old + value  # noqa: PLW2901
        both[name] = value
    return both


def _missing(found: Sequence[tuple[str, str, str, int | None, str]]) -> list[Missing]:
    posts: dict[str, list[str]] = {}
    rows: dict[str, tuple[str, str, int | None]] = {}
    for url, reason, plan, retry_at, path in found:
        rows[url] = (reason, plan, retry_at)
        posts.setdefault(url, []).append(path)
    return [
        Missing(url=url, reason=reason, plan=plan, retry_at=_moment(at), posts=tuple(posts[url]))
        for url, (reason, plan, at) in rows.items()
    ]


def _job(row: Sequence[Any]) -> Job:
    name, at, good_at, result, says, failures, milliseconds, next_at = row
    return Job(
        name=name,
        at=_EPOCH + timedelta(seconds=at),
        good_at=_moment(good_at),
        result=result,
        says=says,
        failures=failures,
        seconds=milliseconds / 1000,
        next_at=_moment(next_at),
    )


def _alert(row: Sequence[Any]) -> Alert:
    kind, name, at, failures, says = row
    return Alert(kind=kind, name=name, at=datetime.fromisoformat(at), failures=failures, says=says)


def _moment(at: int | None) -> datetime | None:
    return None if at is None else _EPOCH + timedelta(seconds=at)
