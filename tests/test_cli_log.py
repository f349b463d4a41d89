"""The log: one event, three forms, none of which a text from outside can break."""

import io
import json
import logging
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from syndicator.cli.log import Relay, _Journal, failed, fields, is_journal, logger, requests
from syndicator.errors import ConfigError, SyndicatorError
from syndicator.model.posts import Problem
from syndicator.serve.app import Request

NASTY = "a\nREADY=1\x1b[31m\u202e"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_into_a_pipe_each_event_is_a_line_of_json() -> None:
    """With its name, level, time, and what it is about."""
    out = io.StringIO()
    logger({}, out).warning("post.problem", message="no date", post="a.md", hint="")
    line = json.loads(out.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "post.problem",
        "level": "warning",
        "message": "no date",
        "post": "a.md",
        "hint": "",
    }


def test_on_a_terminal_the_message_comes_first() -> None:
    """And is red where it is an error, unless colours are not wanted."""
    for environ, tint in (({}, "\x1b[31mno date\x1b[0m"), ({"NO_COLOR": "1"}, "no date")):
        out = _Terminal()
        logger(environ, out).error("post.problem", message="no date", post="a.md", hint="")
        assert out.getvalue()[9:] == f"{tint}  [post.problem post=a.md]\n"


def test_the_journal_gets_a_field_each() -> None:
    """Of the form that carries any byte: name, length, value."""
    event = {"event": "post.problem", "message": "two\nlines", "post": "a.md", "level": "error"}
    data = fields(None, "error", event)
    assert b"PRIORITY\n\x01\0\0\0\0\0\0\x003\n" in data
    assert b"MESSAGE\n\x09\0\0\0\0\0\0\0two\nlines\n" in data
    assert b"SYNDICATOR_EVENT\n\x0c\0\0\0\0\0\0\0post.problem\n" in data
    assert b"SYNDICATOR_POST\n\x04\0\0\0\0\0\0\0a.md\n" in data


def test_nothing_from_outside_forges_a_line() -> None:
    """No control character, no line end, and nothing that turns writing round."""
    for out in (io.StringIO(), _Terminal()):
        logger({"NO_COLOR": "1"}, out).error("x", message=NASTY, post=NASTY)
        assert out.getvalue().count("\n") == 1
        assert not {"\x1b", "\u202e"} & set(out.getvalue())


def test_a_stream_is_the_journal_s_where_systemd_says_so(tmp_path: Path) -> None:
    """By device and inode: a stream that was redirected since is not."""
    with (tmp_path / "stream").open("w") as stream:
        found = os.fstat(stream.fileno())
        right = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}
        assert is_journal(right, stream)
        assert not is_journal({"JOURNAL_STREAM": "1:2"}, stream)
        assert not is_journal({}, stream)
    assert not is_journal(right, io.StringIO())


def _lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture
def relayed() -> Iterator[io.StringIO]:
    """Let what is logged elsewhere be told as JSON."""
    out, root = io.StringIO(), logging.getLogger()
    relay = Relay(logger({}, out))
    root.addHandler(relay)
    yield out
    root.removeHandler(relay)


def test_what_other_rooms_log_is_an_event_too(relayed: io.StringIO) -> None:
    """With what it is about; its name is what it says, else what it is about, else who said it."""
    log = logging.getLogger("syndicator.doors.cluster")
    log.warning("the endpoint %s rests", "ops", extra={"endpoint": "ops"})
    log.warning("ops: failed", extra={"event": "alert.owed", "job": "pass"})
    log.error("no worker for us")
    log.warning("lost", extra={"event": "bucket.away", "file": "b"})
    found = [(one["event"], one["message"]) for one in _lines(relayed)]
    assert found == [
        ("endpoint.warning", "the endpoint ops rests"),
        ("alert.owed", "ops: failed"),
        ("doors.cluster.error", "no worker for us"),
        ("bucket.away", "lost"),
    ]
    first, second, third, last = _lines(relayed)
    assert last["file"] == "b"
    assert (first["endpoint"], second["job"], third["level"]) == ("ops", "pass", "error")


class _Full(io.StringIO):
    """A stream whose disk is full."""

    def write(self, _text: str, /) -> int:
        raise OSError(28, "No space left on device")


def test_nobody_s_work_ends_for_a_line_that_can_t_be_told() -> None:
    """On a full disk, where the reader went, or where a record is wrong itself: it is lost."""
    log = logger({}, _Full())
    log.error("x", message="m")
    to = _Journal(Path("/nowhere"), _Full())
    with closing(to._socket):
        to.msg(fields(None, "error", {"event": "x"}))
    told = io.StringIO()
    for relay, args in ((Relay(log), ("a",)), (Relay(logger({}, told)), ("a", "b"))):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stderr", io.StringIO())
            relay.handle(logging.LogRecord("n", logging.ERROR, "", 1, "%s", args, None))
    assert told.getvalue() == ""


def test_a_trace_is_part_of_its_event(relayed: io.StringIO) -> None:
    """One line of JSON, a field of the journal, lines below the message on a terminal."""
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logging.getLogger("syndicator.daemon.work").exception("a pass broke off %s", NASTY)
    (line,) = _lines(relayed)
    assert line["trace"][0].startswith("Traceback")
    assert line["trace"][-1] == "ZeroDivisionError: division by zero"
    assert "\x1b" not in relayed.getvalue()
    data = fields(None, "error", {"event": "x", "trace": ["a", "b"]})
    assert b"SYNDICATOR_TRACE\n\x03\0\0\0\0\0\0\0a\nb\n" in data
    out = _Terminal()
    logger({"NO_COLOR": "1"}, out).error("x", message="broke", trace=["a", "b\x1b"])
    assert out.getvalue()[9:] == "broke  [x]\na\nb\\x1b\n"


def test_a_request_is_told_by_its_parts() -> None:
    """What was asked for is its URL."""
    out = io.StringIO()
    requests(logger({}, out))(Request("GET", "/feed.xml", 304, 0, "newsboat"))
    (line,) = _lines(out)
    assert (line["event"], line["url"], line["status"]) == ("request", "/feed.xml", 304)
    assert line["message"] == 'request GET /feed.xml 304 0 "newsboat"'


def test_what_fails_is_told_of_its_job() -> None:
    """As the page of the jobs names it."""
    out = io.StringIO()
    for event in ("pass.failed", "ended"):
        failed(logger({}, out), SyndicatorError("x", hint=""), event)
    assert [one.get("job") for one in _lines(out)] == ["pass", None]


WRONG = (Problem(path="s.toml", code="C", says="s"),)
FAILING = (Problem(path="s.toml", code="CFG010", says="s"),)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConfigError("x", problems=WRONG), ("config.problem", "s.toml", None)),
        (SyndicatorError("x", hint="", problems=WRONG), ("post.problem", None, "s.toml")),
        (SyndicatorError("x", hint="", problems=FAILING), ("config.problem", "s.toml", None)),
    ],
)
def test_problems_are_of_posts_or_of_the_file(
    error: SyndicatorError, told: tuple[str, str | None, str | None]
) -> None:
    """What is wrong with the configuration is not told of a post."""
    out = io.StringIO()
    failed(logger({}, out), error, "ended")
    one, last = _lines(out)
    assert (one["event"], one.get("file"), one.get("post")) == told
    assert (last["event"], last["kind"]) == ("ended", type(error).__name__)
