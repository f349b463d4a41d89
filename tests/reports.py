"""Reports of sites at their best and at their worst."""

from datetime import UTC, datetime, timedelta
from itertools import chain

from syndicator.model.posts import Problem
from syndicator.model.report import Alert, Job, Lane, Missing, Receiver, Report

NOW = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)
SOON, AGO = NOW + timedelta(minutes=5), NOW - timedelta(hours=3)
FOLDER = "/srv/private/site"


def well() -> Report:
    """Return the report of a site on which all is well."""
    jobs = [("pass", SOON), ("check", NOW + timedelta(hours=1)), ("heartbeat", None)]
    return Report(
        seen=98,
        live=96,
        drafts=2,
        jobs=tuple(
            Job(
                name=name,
                at=AGO,
                good_at=AGO,
                result="ok",
                says="",
                failures=0,
                seconds=0.2,
                next_at=upcoming,
            )
            for name, upcoming in jobs
        ),
        receivers=(receiver("ops"), receiver("chat")),
        wake=SOON,
        checked_at=AGO,
        free=123_400_000_000,
        version="0.1.0",
    )


def receiver(name: str, *, streak: int = 0, dead: int = 0, error: str = "") -> Receiver:
    """Return an endpoint, as it stands."""
    return Receiver(
        name=name,
        state="active",
        streak=streak,
        until=SOON if streak else None,
        says="",
        owed=streak,
        dead=dead,
        held=dead,
        next_at=SOON if streak else None,
        tried_at=AGO,
        status=503 if error else 204,
        error=error,
    )


def ill(count: int = 3) -> Report:
    """Return the report of a site with ``count`` of everything that can be wrong."""
    gone = f"the content folder {FOLDER}/content is missing"
    failed = Job(
        name="pass",
        at=NOW,
        good_at=AGO,
        result="failed",
        says=gone,
        failures=7,
        seconds=0.1,
        next_at=SOON,
    )
    problems = chain.from_iterable(
        (
            Problem(
                path=f"2026/post-{number}.md",
                code="DAT001",
                says="'2026-99-99' is no date; see " + FOLDER + "/content/a.md",
                hint="write it as 2026-11-28",
                line=3,
                column=7,
            ),
            Problem(
                path=f"2026/高雄-{number}-{'long' * 30}.md",
                code="IMG002",
                says="<script>alert(1)</script>",
                hint="",
                severity="warning",
            ),
        )
        for number in range(count)
    )
    missing = (
        Missing(
            url=f"https://pictures.example/{'a' * 80}/{number}.jpg",
            reason="answered 404",
            plan="retry",
            retry_at=SOON if number % 2 else None,
            posts=tuple(f"post-{one}.md" for one in range(7)),
        )
        for number in range(count)
    )
    lane = Lane(
        endpoint="ops",
        owed=6,
        dead=2,
        next_at=SOON,
        says="answered 503",
        state="disabled",
        held=2,
    )
    return Report(
        seen=98,
        live=90,
        held=count,
        dead=2,
        jobs=(failed,),
        alerts=(Alert(kind="job", name="pass", at=AGO, failures=3, says=gone),),
        lanes=(lane,),
        receivers=(receiver("ops", streak=6, dead=2, error="answered 503"), receiver("chat")),
        problems=tuple(problems),
        missing=tuple(missing),
        subscribers=12,
        subscribers_failing=1,
        free=900_000_000,
        version="0.1.0",
    )
