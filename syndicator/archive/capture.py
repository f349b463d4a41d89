"""What an attempt to keep a picture means: kept, or why not and when to try again.

Pure and without chance: the same attempt always gets the same plan. Nothing is ever given up but
what our own guard refuses; what is gone today may be back after the summer.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from syndicator.archive.sniff import Picture, Unfit
from syndicator.model import Answer, Capture, Want

_STEPS = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),  # and daily from then on
)
_DAILY = timedelta(days=1)
_WEEKLY = timedelta(days=7)
_LONGEST_ASKED = timedelta(days=7)  # a Retry-After beyond this is a mistake or a trick
_GONE = frozenset({404, 410, 451})

Plan = Literal["retry", "gone", "refused", "suspect"]


def kept(wanted: Want, answer: Answer, picture: Picture, digest: str, at: datetime) -> Capture:
    """Return the line for a picture that came whole; ``digest`` is that of ``answer.body``."""
    return replace(
        _attempt(wanted, at, answer.status, answer),
        digest=digest,
        media_type=picture.media_type,
        extension=picture.extension,
        size=len(answer.body),
        width=picture.width,
        height=picture.height,
    )


def suspect(wanted: Want, answer: Answer, unfit: Unfit, digest: str, at: datetime) -> Capture:
    """Return the line for bytes that are no publishable picture: kept, never linked.

    ``digest`` is that of ``answer.body`` as received, or "" when nothing came. Retried daily.
    """
    return replace(
        _attempt(wanted, at, answer.status, answer),
        digest=digest,
        extension=unfit.extension if digest else "",
        size=len(answer.body),
        reason=unfit.reason,
        plan="suspect",
        retry_at=at + max(_DAILY, _asked(answer.retry_after)),
    )


def failed(
    wanted: Want,
    *,
    reason: str,
    status: int,
    at: datetime,
    permanent: bool = False,
    answer: Answer | None = None,
) -> Capture:
    """Return the line for an attempt that brought nothing, with its plan.

    ``permanent`` (our own refusal) is never tried again; 404, 410 and 451 weekly; everything else
    after 5 minutes, 30 minutes, 2 hours, 6 hours, and daily. A wait the ``answer`` asks for is
    honoured up to 7 days and never shortens ours.
    """
    tries = wanted.tries + 1
    plan: Plan
    wait: timedelta | None
    if permanent:
        plan, wait = "refused", None
    elif status in _GONE:
        plan, wait = "gone", _WEEKLY
    else:
        plan, wait = "retry", _STEPS[min(tries, len(_STEPS)) - 1]
    return replace(
        _attempt(wanted, at, status, answer),
        reason=reason,
        plan=plan,
        retry_at=None
        if wait is None
        else at + max(wait, _asked(answer.retry_after if answer else 0.0)),
    )


def _attempt(wanted: Want, at: datetime, status: int, answer: Answer | None) -> Capture:
    """Return what is true of an attempt, however it ended."""
    attempt = Capture(
        at=at,
        url=wanted.url,
        written=wanted.written,
        status=status,
        tries=wanted.tries + 1,
        posts=wanted.posts,
    )
    if answer is None:
        return attempt
    return replace(
        attempt,
        came_from=answer.url,
        chain=answer.chain,
        headers=answer.headers,
        declared=answer.headers.get("content-type", ""),
    )


def _asked(seconds: float) -> timedelta:
    return min(timedelta(seconds=max(seconds, 0.0)), _LONGEST_ASKED)
