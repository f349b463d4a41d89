"""The journal's lines, as an archivist reads them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from syndicator.doors import lines
from syndicator.errors import StoreError
from syndicator.model.records import Capture, Joined, Kept, Removal, Version

AT = datetime(2026, 11, 22, 12, 0, 0, 5, tzinfo=UTC)
TAIPEI = timezone(timedelta(hours=8))
DAY = datetime(2020, 12, 1, 12, tzinfo=TAIPEI)


def test_a_line_reads_byte_for_byte_so() -> None:
    """The event first, then the fields in order, times with their own offset, text as it is."""
    version = Version(
        at=AT,
        kind="published",
        id="tag:site.example,2020-12-01:a",
        path="新聞/a.md",
        url="https://site.example/a/",
        title="“5G”",
        seq=1,
        source="ab",
        post="cd",
        modified=AT,
        published=DAY,
        updated=DAY,
    )
    assert lines.encode(version).decode() == (
        '{"event":"version","at":"2026-11-22T12:00:00.000005+00:00","kind":"published",'
        '"id":"tag:site.example,2020-12-01:a","path":"新聞/a.md","url":"https://site.example/a/",'
        '"title":"“5G”","seq":1,"source":"ab","post":"cd",'
        '"modified":"2026-11-22T12:00:00.000005+00:00",'
        '"published":"2020-12-01T12:00:00+08:00","updated":"2020-12-01T12:00:00+08:00"}\n'
    )


def test_what_holds_nothing_is_left_out() -> None:
    """A failed try of a picture is a short line."""
    assert lines.encode(Capture(at=AT, url="u", reason="no", plan="retry")).decode() == (
        '{"event":"capture","at":"2026-11-22T12:00:00.000005+00:00","url":"u",'
        '"reason":"no","plan":"retry"}\n'
    )


def test_a_batch_holds_together_line_by_line() -> None:
    """Every line but the last says that there is more; each is read by itself all the same."""
    records = [Joined(at=AT, endpoint=name, since="all") for name in "abc"]
    written = lines.encode_batch(records)
    assert [line.endswith(lines.MORE) for line in written] == [True, True, False]
    assert [lines.decode(line) for line in written] == records
    assert lines.encode_batch(records[:1]) == [lines.encode(records[0])]


def test_a_field_of_a_newer_version_is_passed_over() -> None:
    """The journal is read for decades: more may be said in it than this version knows."""
    line = b'{"event":"joined","at":"2026-11-22T12:00:00+00:00","endpoint":"a","since":"x","z":1}'
    known = Joined(at=AT.replace(microsecond=0), endpoint="a", since="x")
    assert lines.decode(line) == known


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"event":"moon"}',
        b'{"event":["kept"]}',
        b'{"event":"joined"}',
        b'{"event":"joined","at":"soon","endpoint":"a","since":"x"}',
        b'{"event":"joined","at":7,"endpoint":"a","since":"x"}',
        b'{"event":"capture","at":"2026-11-22T12:00:00+00:00","url":"u","posts":7}',
        b"\xff\xfe",
    ],
)
def test_a_line_that_is_none_is_an_error_with_a_way_out(line: bytes) -> None:
    """Damage is told, never guessed around."""
    with pytest.raises(StoreError, match="a line that can't be read") as caught:
        lines.decode(line)
    assert "restore it, or upgrade" in caught.value.hint


def test_a_lone_surrogate_does_not_stop_the_journal() -> None:
    """A title from a hostile file is written as a question mark rather than not at all."""
    line = lines.encode(Removal(at=AT, id="i", path="\ud800.md", seq=1, reason="draft"))
    read = lines.decode(line)
    assert isinstance(read, Removal)
    assert read.path == "?.md"


def test_the_month_is_that_of_the_last_record() -> None:
    """A batch over midnight at the end of a month lies in the new one."""
    old = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    records = [
        Kept(at=at, path="a", digest="d", size=1, modified=AT)
        for at in (old + timedelta(minutes=2), old)
    ]
    assert lines.month(records) == "2026-12"
    assert lines.month(records[1:]) == "2026-11"
