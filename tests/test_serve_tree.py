"""Nothing outside the public folder is ever served."""

import os
from pathlib import Path

import pytest
from served import RSS, Site

OUTSIDE = [
    "/../secret", "/..%2fsecret", "/%2e%2e/secret", "/%2e%2e%2fsecret", "/.%2e/secret",
    "/a/../../secret", "/a/%2e%2e/%2e%2e/secret", "//secret", "/a//b.xml", "/./a/b.xml",
    "/%00", "/feed.xml%00", "/feed.xml%00.html", "/a%5c..%5c..%5csecret", "/a\\..\\secret",
    "/..\\secret", "/.hidden", "/a/.hidden", "/%2ehidden", "/feed.xml/", "/feed.xml/x",
    "/%ff%fe", "/%c0%ae%c0%ae/secret", "/%e0%80%ae/secret", "/%u002e%u002e/secret",
    "/" + "a" * 2000, "/" + "a/" * 600, "/" + "%61" * 300 + "b", "/%", "/%0d%0aX:%20y", "/%7f",
    "/%252e%252e/secret", "/link", "/folder-link/secret", "/fifo", "/a", "", "*", "secret",
    "http://x/../secret", "/a/%2e/b.xml", "/%2f/secret", "/a%2fb.xml",
]  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Put a secret beside the public folder, with every kind of way to it inside."""
    made = Site(tmp_path / "public")
    (tmp_path / "secret").write_bytes(b"a secret")
    made.put("feed.xml", RSS)
    made.put("a/b.xml", RSS)
    made.put(".hidden", b"a secret")
    made.put("a/.hidden", b"a secret")
    (made.root / "link").symlink_to(tmp_path / "secret")
    (made.root / "inner-link.xml").symlink_to(made.root / "feed.xml")
    (made.root / "folder-link").symlink_to(tmp_path)
    os.mkfifo(made.root / "fifo")
    return made


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_hostile_path_finds_nothing(site: Site, path: str) -> None:
    """Dots, NUL, backslashes, encodings of encodings, links, pipes: 404, or a folder's slash."""
    told = site.ask(path)
    assert told.status == 404 or told.headers["location"] == f"{path}/", told
    assert b"secret" not in told.body
    assert site.ask("/feed.xml").status == 200


def test_plain_names_are_found_however_they_are_written(site: Site) -> None:
    """Percent-encoding means the same; a query is no part of the name."""
    site.put("news/日本.xml", RSS)
    for path in ("/a/b.xml", "/%61/b%2exml", "/feed.xml?x=../../secret"):
        assert site.ask(path).status == 200, path
    assert site.ask("/news/%E6%97%A5%E6%9C%AC.xml").status == 200


def test_no_link_is_followed(site: Site) -> None:
    """Not even one that stays inside: the writer makes none."""
    assert site.ask("/inner-link.xml").status == 404


def test_a_file_exchanged_for_a_link_is_served_no_more(site: Site, tmp_path: Path) -> None:
    """What was read before does not open a way."""
    assert site.ask("/feed.xml").status == 200
    (site.root / "feed.xml").unlink()
    (site.root / "feed.xml").symlink_to(tmp_path / "secret")
    assert site.ask("/feed.xml").status == 404


def test_the_public_folder_may_come_later(tmp_path: Path) -> None:
    """Before the first pass there is none."""
    site = Site(tmp_path / "public")
    site.root.rmdir()
    assert site.ask("/feed.xml").status == 404
    site.root.mkdir()
    site.put("feed.xml", RSS)
    assert site.ask("/feed.xml").status == 200
