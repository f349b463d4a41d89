"""Former addresses of feeds: what they answer, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from syndicator.config.load import load
from syndicator.config.moves import answer, circles, moves
from syndicator.errors import ConfigError
from syndicator.publish import registered

URL = "https://feeds.example/x/"


def test_a_move_leads_to_the_last_place() -> None:
    """At once, however often a feed moved; a URL elsewhere stays as it is."""
    moved = {"a.xml": "b.xml", "b.xml": "c d.xml", "e.xml": "https://new.example/f?x=1"}
    made = moves(URL, moved, ("z.xml",))
    assert {path: made[path] for path in ("a.xml", "b.xml", "e.xml", "z.xml")} == {
        "a.xml": (301, URL + "c%20d.xml"),
        "b.xml": (301, URL + "c%20d.xml"),
        "e.xml": (301, "https://new.example/f?x=1"),
        "z.xml": (410, ""),
    }


def test_what_moved_and_went_is_gone() -> None:
    """Nobody is led to a place where nothing is, nor to one in a folder that went."""
    assert moves(URL, {"a.xml": "b.xml"}, ("b.xml",))["a.xml"] == (410, "")
    assert moves(URL, {"a.xml": "b/c.xml"}, ("b/",))["a.xml"] == (410, "")


def test_archive_documents_go_with_their_feed() -> None:
    """Their addresses are kept for years (RFC 5005, 4), where the names end alike."""
    moved = {"n/rss.xml": "feed.xml", "b.xml": "b.rss", "e.xml": "https://new.example/f.xml"}
    made = moves(URL, moved, ("z.xml",))
    assert answer("n/rss-archive/2020-12.xml", made) == (301, URL + "feed-archive/2020-12.xml")
    assert answer("z-archive/2020-12.xml", made) == (410, "")
    assert answer("b-archive/2020-12.xml", made) is None
    assert answer("e-archive/2020-12.xml", made) is None


def test_a_folder_stands_for_all_below_it() -> None:
    """The innermost name decides; what is below goes along, and is written as in an address."""
    moved = {"tags/": "topics/", "tags/x/": "https://x.example/", "tags/5-g.xml": "tags/5g.xml"}
    made = moves(URL, moved, ("tags/no.xml", "old/"))
    assert answer("tags/a b.xml", made) == (301, URL + "topics/a%20b.xml")
    assert answer("tags/x/台.xml", made) == (301, "https://x.example/%E5%8F%B0.xml")
    assert answer("tags/5-g.xml", made) == (301, URL + "topics/5g.xml")
    assert answer("tags/no.xml", made) == (410, "")
    assert answer("old/n/a.xml", made) == (410, "")
    assert answer("tags", made) is None


def test_circles_are_found() -> None:
    """Those on the way to one, too, are not followed for ever."""
    moved = {"a": "b", "b": "a", "c": "a", "d": "d", "e": "f"}
    assert circles(moved) == ["a", "b", "d"]
    assert moves(URL, moved, ())["c"][0] == 301


def test_folders_lead_nobody_around() -> None:
    """Nor ever further down."""
    assert circles({"a/": "a/b/"}) == ["a/"]
    assert circles({"a/": "b/", "b/": "a/c/"}) == ["a/", "b/"]
    assert circles({"a/": "b/", "b/x": "a/x"}) == ["b/x"]
    assert circles({"a/": "b/", "a/x": "a/y"}) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('moved = { "../a" = "b.xml" }', "relative path"),
        ('moved = { "a" = "/b" }', "relative path"),
        ('moved = { "a" = "ftp://b.example/" }', "must start with https"),
        ('moved = { "a" = "b", "b" = "a" }', "leads back to itself"),
        ('moved = { "atom.xml" = "b.xml" }', "is a document that is published"),
        ('moved = { "a/" = "b.xml" }', "not both folders"),
        ('moved = { "a.xml" = "b/" }', "not both folders"),
        ('moved = { "a/" = "https://b.example/x" }', "not both folders"),
        ('gone = ["/"]', "relative path"),
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
