"""What an attempt to keep a picture means, and when the next one is due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syndicator.archive.capture import failed, kept, suspect
from syndicator.archive.sniff import Picture, Unfit
from syndicator.model import Answer, Capture, Want

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
