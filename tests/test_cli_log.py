"""The log: one event, three forms, none of which a text from outside can break."""

import io
import json
import os
from pathlib import Path

from syndicator.cli.log import fields, is_journal, logger

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
