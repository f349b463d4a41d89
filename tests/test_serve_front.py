"""What is answered to whom: conditions, encodings, ranges, types, and headers that agree."""

import gzip
import os
from hashlib import sha256
from pathlib import Path

import pytest
from served import HOUSE, RSS, Site

from syndicator.serve.front import House, joined

LONG = RSS.replace(b"Seeds", b"Seeds " * 1000)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
MEDIA = f"media/{sha256(PICTURE).hexdigest()}.png"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Serve a feed, a page and a picture."""
    made = Site(tmp_path / "public")
    made.put("feed.xml", LONG)
    made.put("index.html", b"<!doctype html><title>Seeds</title>")
    made.put(MEDIA, PICTURE)
    return made


def test_a_feed_comes_whole_with_everything_a_reader_needs(site: Site) -> None:
    """Type, length, validators, freshness, links to itself and its hubs, and no cookie."""
    site.house = House(url=HOUSE.url, hubs=("https://hub.example/",), max_age=1800)
    site.renew()
    told = site.ask("/feed.xml")
    assert told.status == 200
    assert told.body == LONG
    assert told.headers == {
        "etag": f'"{sha256(LONG).hexdigest()[:32]}"',
        "last-modified": told.headers["last-modified"],
        "cache-control": "public, max-age=1800",
        "vary": "Accept, Accept-Encoding, A-IM, Sec-Fetch-Dest",
        "link": '<https://feeds.example/feed.xml>; rel="self", <https://hub.example/>; rel="hub"',
        "content-type": "application/rss+xml; charset=utf-8",
        "content-length": str(len(LONG)),
        "content-security-policy": "default-src 'none'; style-src 'self'; img-src *; "
        "frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "access-control-allow-origin": "*",
    }
    assert told.headers["last-modified"].endswith(" GMT")


def test_a_reader_that_has_it_gets_304(site: Site) -> None:
    """By tag, weakly compared and in a list, or by date; the tag wins (RFC 9110, 13.2.2)."""
    first = site.ask("/feed.xml")
    tag, date = first.headers["etag"], first.headers["last-modified"]
    for said in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        told = site.ask("/feed.xml", if_none_match=said)
        assert (told.status, told.body) == (304, b""), said
    assert told.headers["etag"] == tag
    assert told.headers["cache-control"] == first.headers["cache-control"]
    assert told.headers["vary"] == first.headers["vary"]
    assert "content-length" not in told.headers
    assert site.ask("/feed.xml", if_modified_since=date).status == 304
    assert site.ask("/feed.xml", if_none_match='"x"', if_modified_since=date).status == 200
    assert site.ask("/feed.xml", if_modified_since="yesterday").status == 200
    old = "Sat, 01 Jan 2000 00:00:00 GMT"
    assert site.ask("/feed.xml", if_modified_since=old).status == 200
    assert site.ask("/feed.xml", if_none_match=tag, if_modified_since=old).status == 304
    assert site.ask("/feed.xml", if_match='"x"').status == 412
    assert site.ask("/feed.xml", if_match=tag).status == 200


def test_a_replaced_file_is_served_at_once(site: Site) -> None:
    """Also one of the same size: the writer renames, and a stat tells."""
    first = site.ask("/feed.xml")
    site.put("feed.xml", LONG.replace(b"Seeds", b"Weeds"))
    told = site.ask("/feed.xml", if_none_match=first.headers["etag"])
    assert told.status == 200
    assert b"Weeds" in told.body
    (site.root / "feed.xml").unlink()
    assert site.ask("/feed.xml").status == 404


def test_the_encoding_a_reader_likes_best_is_sent(site: Site) -> None:
    """Copies the writer left are used, each under a tag of its own; gzip is made if missing."""
    site.put("feed.xml.br", b"brotli")
    site.put("feed.xml.zst", b"zstandard")
    plain = site.ask("/feed.xml", accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    cases = {
        "gzip, deflate, br": ("br", b"brotli"),
        "gzip;q=0.5, zstd": ("zstd", b"zstandard"),
        "br;q=0, *": ("zstd", b"zstandard"),
        "br;q=0.001, GZIP;q=0": ("br", b"brotli"),
    }
    tags = {plain.headers["etag"]}
    for accepted, (coding, body) in cases.items():
        told = site.ask("/feed.xml", accept_encoding=accepted)
        assert told.headers["content-encoding"] == coding, accepted
        assert told.body == body
        tags.add(told.headers["etag"])
        again = site.ask("/feed.xml", accept_encoding=accepted, if_none_match=told.headers["etag"])
        assert again.status == 304
    zipped = site.ask("/feed.xml", accept_encoding="x-gzip")
    assert gzip.decompress(zipped.body) == LONG
    assert len(tags | {zipped.headers["etag"]}) == 4
    for accepted in ("identity;q=1, gzip;q=0.2", "deflate", "br;q=0, gzip;q=0, zstd;q=0"):
        assert "content-encoding" not in site.ask("/feed.xml", accept_encoding=accepted).headers


def test_a_compressed_copy_of_an_earlier_version_is_not_sent(site: Site) -> None:
    """One that is older than the file, and gzip that does not end in this file's check sum."""
    site.put("feed.xml.br", b"brotli")
    site.put("feed.xml.gz", gzip.compress(RSS))
    os.utime(site.root / "feed.xml.br", (1, 1))
    told = site.ask("/feed.xml", accept_encoding="br")
    assert told.body == LONG
    told = site.ask("/feed.xml", accept_encoding="gzip")
    assert gzip.decompress(told.body) == LONG
    told = site.ask("/feed.xml", accept_encoding="gzip")
    site.put("feed.xml.gz", right := gzip.compress(LONG, 1))
    site.watch.clock = lambda: 1e9  # a second later it is looked for again
    assert site.ask("/feed.xml", accept_encoding="gzip").body == right


def test_a_browser_gets_what_it_can_show(site: Site) -> None:
    """Plain XML can carry a style sheet; readers get the feed's own type."""
    site.put("feed.json", b'{"version": "https://jsonfeed.org/version/1.1", "items": []}')
    browser = {"sec_fetch_dest": "document", "accept": "text/html,*/*;q=0.8"}
    page = site.ask("/feed.xml", **browser)
    assert page.headers["content-type"] == "application/xml; charset=utf-8"
    assert page.headers["etag"] != site.ask("/feed.xml").headers["etag"]
    assert site.ask("/feed.json", **browser).headers["content-type"] == "application/json"
    old = site.ask("/feed.xml", accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert old.headers["content-type"] == "application/xml; charset=utf-8"
    for accept in (
        "application/rss+xml, text/html;q=0.5",
        "*/*",
        "text/html, application/rss+xml",
    ):
        told = site.ask("/feed.xml", accept=accept)
        assert told.headers["content-type"] == "application/rss+xml; charset=utf-8", accept
    script = site.ask("/feed.xml", sec_fetch_dest="empty", accept="text/html")
    assert script.headers["content-type"] == "application/rss+xml; charset=utf-8"


def test_a_document_is_known_by_what_it_says(site: Site) -> None:
    """Whatever it is called: Atom, RSS 1.0, OPML, JSON Feed, and what is none of them."""
    atom = b'<?xml version="1.0"?><?xml-stylesheet href="/f.css"?><!-- x --><feed xmlns="a"/>'
    wanted = {
        "a.xml": (atom, "application/atom+xml; charset=utf-8"),
        "b.xml": (b"\xef\xbb\xbf<rdf:RDF/>", "application/rss+xml; charset=utf-8"),
        "c.xml": (b'<opml version="2.0"/>', "text/x-opml; charset=utf-8"),
        "d.opml": (b'<opml version="2.0"/>', "text/x-opml; charset=utf-8"),
        "e.xml": (b"<other/>", "application/xml; charset=utf-8"),
        "f.json": (b'{"version":"https://jsonfeed.org/version/1"}', None),
        "g.json": (b"{}", "application/json"),
        "h.css": (b"x{}", "text/css; charset=utf-8"),
        "i": (b"<html>", "application/octet-stream"),
        "j.exe": (b"<html>", "application/octet-stream"),
    }
    for path, (body, media_type) in wanted.items():
        site.put(path, body)
        told = site.ask(f"/{path}").headers["content-type"]
        assert told == (media_type or "application/feed+json; charset=utf-8"), path


def test_a_picture_never_changes(site: Site) -> None:
    """Its name is its check sum: readers may keep it for ever; it can run no script."""
    told = site.ask(f"/{MEDIA}")
    assert told.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert told.headers["etag"] == f'"{sha256(PICTURE).hexdigest()[:32]}"'
    assert told.headers["content-type"] == "image/png"
    assert told.headers["content-security-policy"].endswith("; sandbox")
    assert "vary" not in told.headers


def test_parts_of_a_picture_can_be_asked_for(site: Site) -> None:
    """One range at a time, while it is still the same picture (RFC 9110, 14)."""
    whole = site.ask(f"/{MEDIA}")
    size, tag = len(PICTURE), whole.headers["etag"]
    date = whole.headers["last-modified"]
    assert whole.headers["accept-ranges"] == "bytes"
    cases = {"bytes=0-3": (0, 4), "bytes=260-": (260, size), "bytes=-4": (size - 4, size)}
    cases |= {"bytes=0-99999": (0, size), "bytes=-99999": (0, size)}
    for wanted, (start, end) in cases.items():
        told = site.ask(f"/{MEDIA}", range=wanted)
        assert told.status == 206, wanted
        assert told.body == PICTURE[start:end]
        assert told.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert told.headers["content-length"] == str(end - start)
        assert told.headers["etag"] == tag
    for wanted in (f"bytes={size}-", "bytes=-0"):
        told = site.ask(f"/{MEDIA}", range=wanted)
        assert (told.status, told.headers["content-range"]) == (416, f"bytes */{size}")
    for wanted in ("bytes=3-1", "bytes=0-1,3-4", "lines=0-1", "bytes=-", "bytes=a-b"):
        assert site.ask(f"/{MEDIA}", range=wanted).status == 200, wanted
    for since, status in ((tag, 206), (date, 206), ('"x"', 200), (f"W/{tag}", 200)):
        assert site.ask(f"/{MEDIA}", range="bytes=0-3", if_range=since).status == status
    assert site.ask("/feed.xml", range="bytes=0-3").status == 200


def test_a_large_picture_comes_from_the_disk(site: Site) -> None:
    """Whole, in part, and by HEAD."""
    large = os.urandom(2**19 + 17)
    path = f"/media/{sha256(large).hexdigest()}.jpg"
    site.put(path[1:], large)
    assert site.ask(path).body == large
    assert site.ask(path, range="bytes=524288-").body == large[524288:]
    head = site.ask(path, "HEAD")
    assert (head.headers["content-length"], head.body) == (str(len(large)), b"")


def test_head_says_what_get_would(site: Site) -> None:
    """The same headers, and no body."""
    head, got = site.ask("/feed.xml", "HEAD"), site.ask("/feed.xml")
    assert (head.status, head.headers, head.body) == (200, got.headers, b"")


def test_head_knows_no_ranges(site: Site) -> None:
    """They are parts of a body (RFC 9110, 14.2); nor is a picture's length another one then."""
    path = f"/media/{'0' * 64}.png"
    site.put(path[1:], b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert site.ask(path, range="bytes=0-9").status == 206
    head = site.ask(path, "HEAD", range="bytes=0-9")
    assert (head.status, head.headers["content-length"]) == (200, "108")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_nothing_but_reading_is_possible(site: Site, method: str) -> None:
    """405 says what is (RFC 9110, 15.5.6), and ends the connection: a body may follow."""
    told = site.ask("/feed.xml", method)
    assert (told.status, told.headers["allow"]) == (405, "GET, HEAD")
    assert told.headers["connection"] == "close"


def test_what_moved_and_what_is_gone(site: Site) -> None:
    """A file that is there wins; a folder is named with a slash."""
    moved = {
        "old.xml": (301, "https://feeds.example/feed.xml"),
        "older.xml": (308, "https://feeds.example/feed.xml"),
        "dead.xml": (410, ""),
        "feed.xml": (410, ""),
        "old/": (301, "https://feeds.example/new/"),
        "news/": (410, ""),
    }
    site.house = House(url=HOUSE.url, moved=moved)
    site.put("news/index.html", b"<!doctype html>")
    site.renew()
    for path, status in (("/old.xml", 301), ("/older.xml", 308)):
        told = site.ask(path)
        assert (told.status, told.headers["location"]) == (status, HOUSE.url + "feed.xml")
    assert site.ask("/dead.xml").status == 410
    assert site.ask("/old/a%20b.xml").headers["location"] == HOUSE.url + "new/a%20b.xml"
    assert site.ask("/old/%0d%0a").status == 404
    assert site.ask("/news/other.xml").status == 410
    assert site.ask("/feed.xml").status == 200
    assert site.ask("/news").headers["location"] == "/news/"
    assert site.ask("/news/").headers["content-type"] == "text/html; charset=utf-8"
    assert site.ask("/").status == 200
    assert site.ask("/media/").status == 404


def test_headers_in_several_lines_are_one_list() -> None:
    """As RFC 9110, 5.3 has it."""
    found = joined([(b"accept-encoding", b"gzip"), (b"accept-encoding", b"br")])
    assert found == {b"accept-encoding": b"gzip, br"}
