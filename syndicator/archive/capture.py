"""What an attempt to keep a picture means: kept, or why not and when to try again.

Pure and without chance: the same attempt always gets the same plan. Nothing is ever given up but
what our own guard refuses; what is gone today may be back after the summer.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Literal, NamedTuple

from syndicator.archive.sniff import Picture, Unfit
from syndicator.model.feeds import Answer
from syndicator.model.pictures import Asset, Want
from syndicator.model.records import Capture

_STEPS = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),  # and daily from then on
)
DAILY = timedelta(days=1)
_WEEKLY = timedelta(days=7)
_LONGEST_ASKED = timedelta(days=7)  # a Retry-After beyond this is a mistake or a trick
_GONE = frozenset({404, 410, 451})
_NOT_MODIFIED = 304
_LONG = 7  # tries in vain, over two days: time to look elsewhere
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHRUNKEN = 2  # a picture of less than half the width or height stands for one that is gone

_RARELY = timedelta(days=30)  # how often kept pictures are looked at, where nothing is said

Plan = Literal["retry", "gone", "refused", "suspect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is fetched and kept; ``rescue`` is a URL with {url} and {timestamp}, or ""."""

    limit: int  # bytes a picture
    follow: bool = False  # take other pictures that a kept one's source shows
    period: timedelta = _RARELY  # between two looks at the source of a kept picture
    rescue: str = ""


class Came(NamedTuple):
    """What came of a picture: the line, the bytes, and what was seen in them."""

    capture: Capture
    data: bytes = b""
    picture: Picture | None = None

    @property
    def weight(self) -> int:
        """How many bytes of it are in memory, those that readers get among them."""
        copy = self.picture.public if self.picture else None
        return len(self.data) + len(copy or b"")


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
        retry_at=at + max(DAILY, asked(answer.retry_after)),
    )


def failed(
    wanted: Want,
    *,
    reason: str,
    status: int,
    at: datetime,
    permanent: bool = False,
    lost: bool = False,
    answer: Answer | None = None,
) -> Capture:
    """Return the line for an attempt that brought nothing, with its plan.

    ``permanent`` (our own refusal) is never tried again; 404, 410 and 451, and what is ``lost``
    with its host, weekly; everything else after 5 minutes, 30 minutes, 2 hours, 6 hours, and
    daily. A wait the ``answer`` asks for is honoured up to 7 days and never shortens ours.
    """
    tries = wanted.tries + 1
    plan: Plan
    wait: timedelta | None
    if permanent:
        plan, wait = "refused", None
    elif lost or status in _GONE:
        plan, wait = "gone", _WEEKLY
    else:
        plan, wait = "retry", _STEPS[min(tries, len(_STEPS)) - 1]
    return replace(
        _attempt(wanted, at, status, answer),
        reason=reason,
        plan=plan,
        retry_at=None
        if wait is None
        else at + max(wait, asked(answer.retry_after if answer else 0)),
    )


def is_lost(capture: Capture) -> bool:
    """Tell whether its source failed so, or so long, that a copy elsewhere is to be looked for."""
    return capture.plan == "gone" or (capture.plan == "retry" and capture.tries >= _LONG)


def compared(
    wanted: Want, copy: Asset, capture: Capture, *, follow: bool, again: datetime
) -> Capture | None:
    """Return what is to be recorded of another look at the source of a kept ``copy``, if anything.

    Nothing where all is as it was recorded last. A good picture with other bytes takes the place
    of the copy if we ``follow`` its source, unless it shrank; otherwise it is only told of. What
    failed is looked at again daily while that may pass, and else at ``again``.
    """
    if capture.status == _NOT_MODIFIED and capture.plan == "kept":
        return capture if wanted.shown.reason and wanted.shown.digest == copy.digest else None
    if capture.plan == "kept" and capture.digest == copy.digest:
        return capture if wanted.shown.reason else None
    if capture.plan == "kept":
        reason = _unlike(capture, copy, follow=follow)
        if not reason:
            return capture
        capture = replace(capture, plan="suspect", reason=reason)
        if capture.digest == wanted.shown.digest and reason == wanted.shown.reason:
            return None
    elif (capture.plan, capture.reason) == (wanted.shown.plan, wanted.shown.reason):
        return None
    daily = capture.at + DAILY
    return replace(capture, retry_at=min(daily, again) if capture.plan == "retry" else again)


def unmodified(wanted: Want, copy: Asset, answer: Answer, at: datetime) -> Capture:
    """Return the line for a source that says (304) that it shows the kept ``copy``."""
    return replace(
        _attempt(wanted, at, answer.status, answer),
        came_from=copy.came_from,
        digest=copy.digest,
        media_type=copy.media_type,
        extension=copy.extension,
        size=copy.size,
        width=copy.width,
        height=copy.height,
    )


def next_check(url: str, after: datetime, period: timedelta) -> datetime:
    """Return when the picture of ``url`` is looked at again, at most a ``period`` from ``after``.

    Each URL has a moment of its own in every period, by its digest: however many pictures were
    kept on one day, they are looked at one by one.
    """
    share = int.from_bytes(sha256(url.encode("utf-8", "replace")).digest()[:4], "big") / 2**32
    phase = timedelta(seconds=int(share * period.total_seconds()))
    return after + period - (after - _EPOCH - phase) % period


def asked(seconds: float) -> timedelta:
    """Return the wait that a Retry-After of so many seconds gets: none below 0, 7 days at most."""
    return min(timedelta(seconds=max(seconds, 0.0)), _LONGEST_ASKED)


def _unlike(capture: Capture, copy: Asset, *, follow: bool) -> str:
    """Say why a good picture does not take the place of the copy, "" if it may."""
    size = f"{capture.width}x{capture.height} pixels"
    if capture.width * _SHRUNKEN < copy.width or capture.height * _SHRUNKEN < copy.height:
        return f"shrunken: its source shows a picture of {size} by now"
    return "" if follow else f"its source shows another picture by now, of {size}"


def _attempt(wanted: Want, at: datetime, status: int, answer: Answer | None) -> Capture:
    """Return what is true of an attempt, however it ended."""
    headers = answer.headers if answer else {}
    return Capture(
        at=at,
        url=wanted.url,
        written=wanted.written,
        status=status,
        tries=wanted.tries + 1,
        posts=wanted.posts,
        came_from=answer.url if answer else "",
        chain=answer.chain if answer else (),
        headers=headers,
        declared=headers.get("content-type", ""),
    )


def phrase(status: int) -> str:
    """Say in words what a server said by a number."""
    with suppress(ValueError):
        return f"{status} {HTTPStatus(status).phrase}"
    return f"status {status}"
