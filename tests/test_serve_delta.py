"""Only what is new in a feed (RFC 3229, manipulation ``feed``)."""

import gzip
from html import escape
from itertools import pairwise
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as some
from served import Site

from syndicator.serve.delta import cut, entries, without
from syndicator.serve.ring import ROOM, VERSIONS, Ring

DELTA = {"a_im": "feed"}


def rss(*names: str, more: str = "") -> bytes:
    """Write RSS as the publisher does, with an item for each name."""
    items = "".join(
        f"    <item>\n      <title>{one}</title>\n      <guid>{one}</guid>\n    </item>\n"
        for one in names
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0">\n  <channel>\n'
        f"    <title>日本 &gt; item</title>\n{more}{items}  </channel>\n</rss>\n"
    ).encode()


def atom(*names: str) -> bytes:
    """Write Atom, with a tombstone between the entries and a claim to be complete."""
    parts = [f"<entry><id>{one}</id></entry>" for one in names]
    parts.insert(1, '<at:deleted-entry ref="x" when="y"/>')
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="at" xmlns:fh="fh">'
        f"<fh:complete/><title>T</title>{''.join(parts)}</feed>"
    ).encode()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Serve a feed with two entries."""
    made = Site(tmp_path / "public")
    made.put("feed.xml", rss("b", "a"))
    return made


def titles(body: bytes) -> list[str]:
    """Read the titles of a feed as readers do."""
    return [one.title for one in feedparser.parse(body).entries]


def test_a_reader_gets_what_is_new_since_its_version(site: Site) -> None:
    """226 with the new entries, what RFC 3229 asks for, and the tag of the whole feed."""
    old = site.ask("/feed.xml", **DELTA)
    assert (old.status, titles(old.body)) == (200, ["b", "a"])
    assert site.ask("/feed.xml", if_none_match=old.headers["etag"], **DELTA).status == 304
    site.put("feed.xml", rss("d", "c", "b", "a"))
    told = site.ask("/feed.xml", if_none_match=old.headers["etag"], **DELTA)
    assert told.status == 226
    assert told.body.split() == rss("d", "c").split()
    assert titles(told.body) == ["d", "c"]
    whole = site.ask("/feed.xml")
    assert told.headers["im"] == "feed"
    assert told.headers["etag"] == whole.headers["etag"]
    assert told.headers["delta-base"] == old.headers["etag"]
    assert told.headers["cache-control"] == "no-store, im"
    assert told.headers["content-length"] == str(len(told.body))
    for name in ("A-IM", "If-None-Match", "Accept-Encoding"):
        assert name in told.headers["vary"]
    assert "A-IM" in whole.headers["vary"]
    assert told.headers["content-type"] == whole.headers["content-type"]
    assert site.ask("/feed.xml", if_none_match=told.headers["etag"], **DELTA).status == 304


def test_a_changed_entry_is_new(site: Site) -> None:
    """It is known by its bytes; its place does not matter."""
    old = site.ask("/feed.xml")
    site.put("feed.xml", rss("a", "b").replace(b"<guid>a<", b"<guid>a</guid><guid>2<"))
    told = site.ask("/feed.xml", if_none_match=old.headers["etag"], **DELTA)
    assert (told.status, titles(told.body)) == (226, ["a"])


def test_who_does_not_ask_for_a_delta_gets_the_whole(site: Site) -> None:
    """No A-IM, another manipulation, weight 0, an unknown version, or nothing to compare with."""
    old = site.ask("/feed.xml")
    site.put("feed.xml", rss("c", "b", "a"))
    tag = old.headers["etag"]
    assert site.ask("/feed.xml", if_none_match=tag).status == 200
    for said in ("vcdiff, gzip", "feed;q=0", "feeds"):
        assert site.ask("/feed.xml", if_none_match=tag, a_im=said).status == 200, said
    for said in ("gzip, feed", "FEED", "feed;q=0.5"):
        assert site.ask("/feed.xml", if_none_match=tag, a_im=said).status == 226, said
    assert site.ask("/feed.xml", if_none_match='"unknown"', **DELTA).status == 200
    assert site.ask("/feed.xml", if_none_match=f'"unknown", W/{tag}', **DELTA).status == 226
    assert site.ask("/feed.xml", **DELTA).status == 200


def test_a_delta_that_is_all_or_nothing_is_the_whole(site: Site) -> None:
    """Every entry is new, or none is: only the head of the feed changed, or one went."""
    old = site.ask("/feed.xml")
    for names, more in ((("d", "c"), ""), (("b", "a"), "    <ttl>5</ttl>\n"), (("a",), "")):
        site.put("feed.xml", body := rss(*names, more=more))
        told = site.ask("/feed.xml", if_none_match=old.headers["etag"], **DELTA)
        assert (told.status, told.body) == (200, body)


def test_a_delta_comes_compressed(site: Site) -> None:
    """A version is the same in every encoding; the answer is in one the reader takes."""
    site.put("feed.xml", rss("b" * 2000, "a"))
    old = site.ask("/feed.xml", accept_encoding="gzip")
    assert old.headers["etag"].endswith('-gz"')
    site.put("feed.xml", rss("c" * 2000, "b" * 2000, "a"))
    asked = {"if_none_match": old.headers["etag"], **DELTA}
    told = site.ask("/feed.xml", accept_encoding="br, gzip", **asked)
    assert (told.status, told.headers["content-encoding"]) == (226, "gzip")
    assert titles(gzip.decompress(told.body)) == ["c" * 2000]
    again = site.ask(
        "/feed.xml", accept_encoding="br, gzip", if_none_match=told.headers["etag"], **DELTA
    )
    assert again.status == 304
    assert "content-encoding" not in site.ask("/feed.xml", **asked).headers


def test_versions_outlive_the_server(site: Site) -> None:
    """Those served before a restart are known after it, as long as the files are there."""
    old = site.ask("/feed.xml")
    site.renew()
    site.put("feed.xml", rss("c", "b", "a"))
    asked = {"if_none_match": old.headers["etag"], **DELTA}
    assert site.ask("/feed.xml", **asked).status == 226
    (file,) = (site.root.parent / "versions").iterdir()
    for damaged in (b"", b"[]", b'{"path": "feed.xml", "versions": [1]}', file.read_bytes()[:-9]):
        file.write_bytes(damaged)
        site.renew()
        assert site.ask("/feed.xml", **asked).status == 200


def test_a_ring_that_cannot_be_written_is_kept_in_memory(tmp_path: Path) -> None:
    """A server that may only read does without; it says the same until it ends."""
    (tmp_path / "versions").write_bytes(b"a file is in the way")
    site = Site(tmp_path / "public")
    site.put("feed.xml", rss("a"))
    old = site.ask("/feed.xml")
    site.put("feed.xml", rss("b", "a"))
    assert site.ask("/feed.xml", if_none_match=old.headers["etag"], **DELTA).status == 226


def test_a_ring_is_bounded(tmp_path: Path) -> None:
    """The oldest versions are forgotten: too many of them, or too many entries in them."""
    ring = Ring(tmp_path)
    for number in range(VERSIONS + 5):
        known = ring.note("feed.xml", f"v{number}", [f"e{number}"])
    assert list(known) == [f"v{number}" for number in range(5, VERSIONS + 5)]
    ring.note("feed.xml", "v7", ["e7"])
    assert list(Ring(tmp_path).note("feed.xml", "v7", ["e7"]))[-2:] == [f"v{VERSIONS + 4}", "v7"]
    known = ring.note("feed.xml", "large", [str(number) for number in range(ROOM)])
    assert list(known) == ["large"]


def test_atom_is_cut_and_keeps_what_is_no_entry() -> None:
    """Tombstones stay; a claim to be complete goes (RFC 5005, 2)."""
    body = atom("c", "b", "a")
    pieces = cut(body)
    old = entries(cut(atom("b", "a")))
    assert len(entries(pieces) - old) == 1
    less = without(body, pieces, old)
    assert b"<id>c</id>" in less
    assert b"<id>b</id>" not in less
    assert b"deleted-entry" in less
    assert b"complete" not in less
    assert less.endswith(b"</feed>")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<rss><channel><item/></channel></rss>",
        b"<opml><item>x</item></opml>",
        b'<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><item>&a;</item></channel></rss>',
        b"<rss><channel><item>x</item></channel>",
        b"\xff\xfe<\x00r\x00s\x00s\x00",
    ],
)
def test_what_cannot_be_cut_is_served_whole(body: bytes) -> None:
    """Nothing that is not understood is taken apart."""
    assert cut(body) == ()


NAMES = some.lists(some.text("abc日<&>\n]", min_size=1, max_size=8), unique=True, max_size=6)


@given(NAMES, some.sets(some.integers(0, 5)))
def test_a_delta_and_what_was_known_are_the_whole(names: list[str], fresh: set[int]) -> None:
    """Whatever the entries say: pieces cover the feed, and each entry is sent or was known."""
    said = [escape(name) for name in names]
    body = rss(*said)
    pieces = cut(body)
    assert all(one.end == two.start for one, two in pairwise(pieces))
    old = rss(*(name for at, name in enumerate(said) if at not in fresh))
    known = entries(cut(old))
    assert without(body, pieces, ()) == body
    less = without(body, pieces, known)
    got = entries(cut(less))
    assert got | known == entries(pieces) | known
    assert len(got) == len([at for at in fresh if at < len(said)])
