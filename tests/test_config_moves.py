"""Former addresses of feeds: what they answer, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from syndicator.config.load import load
from syndicator.config.moves import circles, moves
from syndicator.errors import ConfigError
from syndicator.publish import registered

URL = "https://feeds.example/x/"


def test_a_move_leads_to_the_last_place() -> None:
    """At once, however often a feed moved; a URL elsewhere stays as it is."""
    moved = {"a.xml": "b.xml", "b.xml": "c d.xml", "e.xml": "https://new.example/f?x=1"}
    assert moves(URL, moved, ("z.xml",)) == {
        "a.xml": (301, URL + "c%20d.xml"),
        "b.xml": (301, URL + "c%20d.xml"),
        "e.xml": (301, "https://new.example/f?x=1"),
        "z.xml": (410, ""),
    }


def test_what_moved_and_went_is_gone() -> None:
    """Nobody is led to a place where nothing is."""
    assert moves(URL, {"a.xml": "b.xml"}, ("b.xml",))["a.xml"] == (410, "")


def test_circles_are_found() -> None:
    """Those on the way to one, too, are not followed for ever."""
    moved = {"a": "b", "b": "a", "c": "a", "d": "d", "e": "f"}
    assert circles(moved) == ["a", "b", "d"]
    assert moves(URL, moved, ())["c"][0] == 301


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('moved = { "../a" = "b.xml" }', "relative path"),
        ('moved = { "a" = "/b" }', "relative path"),
        ('moved = { "a" = "ftp://b.example/" }', "must start with https"),
        ('moved = { "a" = "b", "b" = "a" }', "leads back to itself"),
        ('moved = { "atom.xml" = "b.xml" }', "is a document that is published"),
        ('gone = ["atom.xml"]', "is a document that is published"),
        ('gone = ["a//b"]', "relative path"),
        ('compress = ["zip"]', "zip"),
    ],
)
def test_what_can_not_be_is_refused(small_site: Callable[..., Path], line: str, says: str) -> None:
    """With its line in the file, before a reader is led astray."""
    file = small_site() / "config" / "syndicator.toml"
    text = file.read_text("utf-8").replace("[serve]\n", f"[serve]\n{line}\n")
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file, registered())
    assert says in " ".join(one.says for one in caught.value.problems)
    assert all(one.line for one in caught.value.problems)
