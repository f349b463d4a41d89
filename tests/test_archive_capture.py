"""What an attempt to keep a picture means, and when the next one is due."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syndicator.archive.capture import (
    Came,
    compared,
    failed,
    is_lost,
    kept,
    next_check,
    suspect,
    unmodified,
)
from syndicator.archive.sniff import Picture, Unfit
from syndicator.model.feeds import Answer
from syndicator.model.pictures import Asset, Shown, Want
from syndicator.model.records import Capture

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WANTED = Want(url="https://h.example/a.jpg", written="a.jpg", posts=("x.md", "y.md"), tries=2)
ANSWER = Answer(
    status=200,
    headers={"content-type": "image/png", "etag": '"1"'},
    body=b"bytes",
    url="https://cdn.example/a",
    chain=("https://h.example/a.jpg",),
)
PICTURE = Picture(media_type="image/jpeg", extension=".jpg", width=40, height=30)


def test_a_copy_weighs_too() -> None:
    """What is held in memory until the disk has it is bounded by all of its bytes."""
    line = kept(WANTED, ANSWER, PICTURE, "d1", AT)
    assert Came(line, b"bytes", replace(PICTURE, public=b"byte")).weight == 9
    assert Came(line, b"bytes", PICTURE).weight == Came(line, b"bytes").weight == 5


def test_a_kept_picture_is_recorded_whole() -> None:
    """The line says what came, from where, and what it really is."""
    assert kept(WANTED, ANSWER, PICTURE, "d1", AT) == Capture(
        at=AT,
        url="https://h.example/a.jpg",
        written="a.jpg",
        came_from="https://cdn.example/a",
        chain=("https://h.example/a.jpg",),
        status=200,
        headers={"content-type": "image/png", "etag": '"1"'},
        declared="image/png",
        digest="d1",
        media_type="image/jpeg",
        extension=".jpg",
        size=5,
        width=40,
        height=30,
        reason="",
        plan="kept",
        tries=3,
        retry_at=None,
        posts=("x.md", "y.md"),
    )


def test_suspect_bytes_are_recorded_and_looked_for_again_the_next_day() -> None:
    """Bytes that are no picture keep their digest, get no type, and are retried daily."""
    line = suspect(WANTED, ANSWER, Unfit(reason="an HTML page", extension=".html"), "d2", AT)
    assert (line.plan, line.reason, line.digest) == ("suspect", "an HTML page", "d2")
    assert (line.media_type, line.extension, line.size) == ("", ".html", 5)
    assert line.retry_at == AT + timedelta(days=1)


@pytest.mark.parametrize(
    ("tries", "wait"),
    [
        (0, timedelta(minutes=5)),
        (1, timedelta(minutes=30)),
        (2, timedelta(hours=2)),
        (3, timedelta(hours=6)),
        (4, timedelta(hours=24)),
        (5, timedelta(hours=24)),
        (900, timedelta(hours=24)),
    ],
)
def test_each_failure_waits_longer_up_to_a_day(tries: int, wait: timedelta) -> None:
    """A picture is never given up: 5 minutes, 30 minutes, 2 hours, 6 hours, then daily."""
    wanted = Want(url="https://h.example/a", tries=tries)
    line = failed(wanted, reason="host not found", status=0, at=AT)
    assert (line.plan, line.tries, line.retry_at) == ("retry", tries + 1, AT + wait)
    assert (line.digest, line.reason) == ("", "host not found")


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_gone_picture_is_looked_for_weekly(status: int) -> None:
    """What its host says is gone gets the plan ``gone``, and a week."""
    line = failed(WANTED, reason="gone", status=status, at=AT)
    assert (line.plan, line.status, line.retry_at) == ("gone", status, AT + timedelta(days=7))


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
def test_other_statuses_follow_the_usual_plan(status: int) -> None:
    """A host may change its mind about all other statuses."""
    line = failed(WANTED, reason="no", status=status, at=AT)
    assert (line.plan, line.retry_at) == ("retry", AT + timedelta(hours=2))


def test_what_we_refuse_is_not_asked_again() -> None:
    """Our own refusal stands, whatever was asked for."""
    asked = replace(ANSWER, retry_after=5)
    line = failed(
        WANTED, reason="address not allowed", status=0, at=AT, permanent=True, answer=asked
    )
    assert (line.plan, line.retry_at) == ("refused", None)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (0, timedelta(hours=2)),
        (60, timedelta(hours=2)),
        (4 * 3600, timedelta(hours=4)),
        (365 * 86_400, timedelta(days=7)),
        (-5, timedelta(hours=2)),
    ],
)
def test_a_wait_that_is_asked_for_is_kept_within_reason(asked: float, wait: timedelta) -> None:
    """``retry_after`` lengthens our own wait, up to 7 days, and never shortens it."""
    answer = replace(ANSWER, retry_after=asked)
    line = failed(WANTED, reason="slow down", status=429, at=AT, answer=answer)
    assert line.retry_at == AT + wait


def test_a_failure_keeps_what_the_server_said() -> None:
    """Chain, headers and declared type of a bad answer are part of the record."""
    line = failed(WANTED, reason="403", status=403, at=AT, answer=ANSWER)
    assert (line.came_from, line.chain) == (ANSWER.url, ANSWER.chain)
    assert (line.headers, line.declared) == (ANSWER.headers, "image/png")


COPY = Asset(
    digest="d1",
    media_type="image/jpeg",
    extension=".jpg",
    size=5,
    width=40,
    height=30,
    came_from="https://cdn.example/a",
)
AGAIN = AT + timedelta(days=20)
KEPT = replace(WANTED, copy=COPY, shown=Shown(digest="d1", etag='"1"', plan="kept"))
GONE = replace(KEPT, shown=Shown(digest="d1", plan="gone", reason="404 Not Found"))


def look(wanted: Want, capture: Capture, *, follow: bool = False) -> Capture | None:
    """Compare what came with the copy."""
    return compared(wanted, COPY, capture, follow=follow, again=AGAIN)


def other(width: int, height: int = 30, digest: str = "d2") -> Capture:
    """Return the line for another good picture."""
    return kept(KEPT, ANSWER, replace(PICTURE, width=width, height=height), digest, AT)


def test_what_is_as_it_was_is_not_recorded() -> None:
    """Neither the same bytes nor a 304, nor a failure that was told of before."""
    assert look(KEPT, kept(KEPT, ANSWER, PICTURE, "d1", AT)) is None
    same = unmodified(KEPT, COPY, replace(ANSWER, status=304), AT)
    assert look(KEPT, same) is None
    assert look(GONE, failed(GONE, reason="404 Not Found", status=404, at=AT)) is None


def test_a_source_that_is_well_again_is_recorded_once() -> None:
    """With the digest of the copy, whether its bytes came or a 304."""
    came = look(GONE, kept(GONE, ANSWER, PICTURE, "d1", AT))
    said = look(GONE, unmodified(GONE, COPY, replace(ANSWER, status=304), AT))
    for line in (came, said):
        assert line is not None
        assert (line.plan, line.digest, line.width, line.retry_at) == ("kept", "d1", 40, None)


def test_another_picture_is_told_of_or_followed() -> None:
    """By default the copy stays; ``follow`` takes the other. A shrunken one is never taken."""
    pinned = look(KEPT, other(60))
    assert pinned is not None
    assert (pinned.plan, pinned.digest, pinned.retry_at) == ("suspect", "d2", AGAIN)
    assert pinned.reason == "its source shows another picture by now, of 60x30 pixels"
    assert look(KEPT, other(60), follow=True) == other(60)
    for small in (other(19), other(40, 14)):
        line = look(KEPT, small, follow=True)
        assert line is not None
        assert line.reason.startswith("shrunken: its source shows a picture of")
    assert look(KEPT, other(20, 15), follow=True) == other(20, 15)
    told = replace(KEPT, shown=Shown(digest="d2", plan="suspect", reason=pinned.reason))
    assert look(told, other(60)) is None
    newer = look(told, other(60, digest="d3"))
    assert newer is not None
    assert newer.digest == "d3"


def test_what_may_pass_is_looked_at_again_the_next_day() -> None:
    """What is gone, only when its time comes."""
    passing = look(KEPT, failed(KEPT, reason="503", status=503, at=AT))
    assert passing is not None
    assert (passing.plan, passing.retry_at) == ("retry", AT + timedelta(days=1))
    gone = look(KEPT, failed(KEPT, reason="410", status=410, at=AT))
    assert gone is not None
    assert (gone.plan, gone.retry_at) == ("gone", AGAIN)


def test_every_url_has_its_own_time_in_every_period() -> None:
    """Spread evenly, the same from whatever moment it is reckoned, and never long in coming."""
    month = timedelta(days=30)
    urls = [f"https://h.example/{n}.jpg" for n in range(3000)]
    times = [next_check(url, AT, month) for url in urls]
    assert all(AT < time <= AT + month for time in times)
    days = Counter((time - AT).days for time in times)
    assert len(days) == 30
    assert 50 < min(days.values()) <= max(days.values()) < 160
    for url, time in zip(urls[:50], times[:50], strict=True):
        assert next_check(url, time - timedelta(seconds=1), month) == time
        assert next_check(url, time, month) == time + month


@pytest.mark.parametrize(
    ("tries", "status", "lost"),
    [(0, 404, True), (0, 410, True), (0, 503, False), (5, 503, False), (6, 503, True)],
)
def test_a_picture_is_lost_when_it_is_gone_or_fails_for_days(
    tries: int, status: int, lost: bool
) -> None:
    """Then, and not before, it may be looked for elsewhere."""
    wanted = replace(WANTED, tries=tries)
    assert is_lost(failed(wanted, reason="x", status=status, at=AT)) is lost
    assert not is_lost(failed(wanted, reason="x", status=0, at=AT, permanent=True))
    assert is_lost(failed(wanted, reason="x", status=0, at=AT, lost=True))
