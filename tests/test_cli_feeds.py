"""``syndicate feeds``: what people and programs are told of feeds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from syndicator import cli

POST = "---\ntitle: Rain & wind\nsummary: It fell.\ndate: 2020-12-01\n---\nIt **fell**.\n\n- a\n"


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # whatever the verb prints
        """Read what ``--json`` printed."""
        return json.loads(self.out)


Say = Callable[..., Said]


@pytest.fixture
def say(small_site: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> Say:
    """Publish one post as Atom, RSS and JSON, and call the command there."""
    kinds = ("rss", "feed.xml"), ("json", "feed.json")
    site = small_site(
        publish="".join(f'[[publish]]\ntype = "{kind}"\npath = "{path}"\n' for kind, path in kinds)
    )
    (site / "content" / "2020-12-01-rain.md").write_text(POST, encoding="utf-8")
    file = str(site / "config" / "syndicator.toml")

    def call(*words: str) -> Said:
        capsys.readouterr()
        try:
            code = cli.main(["--config", file, *words])
        except SystemExit as end:
            code = int(str(end.code))
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    assert call("run").code == 0
    return call


def test_list_tells_what_was_written(say: Say) -> None:
    """Each feed with its address, format, entries and size."""
    told = say("feeds", "list", "--json").json
    assert [(one["path"], one["url"], one["format"], one["entries"]) for one in told] == [
        ("atom.xml", "https://feeds.example/atom.xml", "atom", 1),
        ("feed.json", "https://feeds.example/feed.json", "json", 1),
        ("feed.xml", "https://feeds.example/feed.xml", "rss", 1),
    ]
    assert {one["newest"] for one in told} == {"2020-12-01T12:00:00+08:00"}
    lines = say("feeds", "list").out.splitlines()
    assert lines[0].startswith("https://feeds.example/atom.xml   Atom  1 entry, ")


@pytest.mark.parametrize("path", ["atom.xml", "feed.xml", "feed.json"])
def test_show_reads_a_feed_as_a_reader_does(say: Say, path: str) -> None:
    """Titles as text, the text without its tags, whatever the format."""
    assert say("feeds", "show", path).out.splitlines()[1] == "   1  2020-12-01  Rain & wind"
    one = say("feeds", "show", path, "--entry", "1", "--json").json
    assert one["title"] == "Rain & wind"
    assert one["summary"] == "It fell."
    assert one["text"] == "It fell.\na"
    assert one["published"] == "2020-12-01T12:00:00+08:00"
    told = say("feeds", "show", path, "--entry", "1").out
    assert "address   https://site.example/rain/" in told
    assert told.endswith("\n\nIt fell.\na\n")


def test_show_says_what_there_is_not(say: Say, tmp_path: Path) -> None:
    """An entry beyond the last, a file that is no feed, one that is not there: 2, and why."""
    (tmp_path / "no.xml").write_text("<html/>", encoding="utf-8")
    for words in (("atom.xml", "--entry", "2"), (str(tmp_path / "no.xml"),), ("lost.xml",)):
        said = say("feeds", "show", *words)
        assert said.code == 2
        assert "help:" in said.err


def test_validate_finds_nothing_in_ours(say: Say) -> None:
    """All written feeds are right, to the last warning."""
    said = say("feeds", "validate", "--strict")
    assert (said.code, said.out) == (0, "3 feeds: nothing to criticise\n")


def test_validate_judges_any_file(say: Say, tmp_path: Path) -> None:
    """A wrong one is told with file, line and code, and exit 1; warnings do so with --strict."""
    wrong = tmp_path / "theirs.xml"
    wrong.write_text('<rss version="2.0">\n<channel>\n<title>a & b</title>', encoding="utf-8")
    said = say("feeds", "validate", str(wrong))
    assert said.code == 1
    assert said.out.startswith(f"{wrong}:3 FEED001 not well-formed")
    wrong.write_text(
        '<rss version="2.0"><channel><title>a</title><link>https://s.example/</link>'
        "<description>d</description></channel></rss>",
        encoding="utf-8",
    )
    said = say("feeds", "validate", str(wrong), "--json")
    assert said.code == 0
    assert [one["code"] for one in said.json["problems"]] == ["FEED003"]
    assert say("feeds", "validate", str(wrong), "--strict").code == 1


def test_a_feed_of_another_s_making_is_found_out(say: Say, tmp_path: Path) -> None:
    """A written feed that was damaged since is judged by its address too."""
    feed = tmp_path / "archive" / "public" / "feed.xml"
    text = feed.read_text(encoding="utf-8")
    feed.write_text(text.replace("https://feeds.example/feed.xml", "http://localhost/"), "utf-8")
    said = say("feeds", "validate", "feed.xml")
    assert said.code == 1
    assert "FEED003" in said.out


def test_before_the_first_pass_there_is_nothing(
    small_site: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """It says so, and what to do."""
    file = str(small_site() / "config" / "syndicator.toml")
    assert cli.main(["--config", file, "feeds", "list"]) == 2
    assert "syndicate run" in capsys.readouterr().err
