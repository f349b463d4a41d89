"""Links between posts: to the address, not to the file."""

from dataclasses import replace

import pytest
from test_normalise_post import SITE, front, post, problem, read

from syndicator.model.posts import Site

PATH = "news/2020-12-01-a.md"
DAYS = replace(SITE, permalinks=(("news", "/:year/:month/:day/:title.html"),))
TOPICS = replace(SITE, permalinks=(("", "/:categories/:title/"),))


def href(link: str, site: Site = SITE) -> str:
    """Return where the link of a post in ``news`` leads."""
    html = post(front("permalink: /elsewhere/", f"[b]({link})"), PATH, site).html
    return html.partition('href="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("2020-12-02-b.md", "https://site.example/news/b/"),
        ("./2020-12-02-b.md#top", "https://site.example/news/b/#top"),
        ("../b/index.md", "https://site.example/b/"),
        ("/pages/About%20us.markdown", "https://site.example/pages/About%20us/"),
        ("@/pages/b.md", "https://site.example/pages/b/"),
        ("@/pages/_index.md", "https://site.example/pages/"),
        ("{filename}b.md", "https://site.example/news/b/"),
        ("{filename}/pages/b.md", "https://site.example/pages/b/"),
        ("|filename|../b.md", "https://site.example/b/"),
        ("https://github.example/README.md", "https://github.example/README.md"),
        ("//github.example/README.md", "https://github.example/README.md"),
        ("b.txt", "https://site.example/elsewhere/b.txt"),
        ("b.md.html", "https://site.example/elsewhere/b.md.html"),
        ("?b.md", "https://site.example/elsewhere/?b.md"),
        ("#b.md", "https://site.example/elsewhere/#b.md"),
    ],
)
def test_a_link_to_a_file_leads_to_the_address(link: str, expected: str) -> None:
    """The ways of GitHub, Zola and Pelican to name a post; other links are left alone."""
    assert href(link) == expected
    long_way = post(front("permalink: /elsewhere/", f"[b]({link})<br>"), PATH).html
    assert f'href="{expected}"' in long_way


def test_a_pattern_is_filled_with_what_the_path_says() -> None:
    """The site's pattern counts for the other post as for this one, where its path suffices."""
    assert href("2020-12-02-b.md", DAYS) == "https://site.example/2020/12/02/b.html"
    assert href("b.md", DAYS) == "https://site.example/elsewhere/b.md"  # no day: no address
    assert href("2020-12-02-b.md", TOPICS) == "https://site.example/elsewhere/2020-12-02-b.md"


def test_a_link_to_a_file_is_told() -> None:
    """What is likely and not sure is said, with its place, as it stands in the file."""
    found = problem(read(front("", "a\n[b]({filename}/b.md)\n"), PATH), "MD006")
    assert (found.line, found.column, found.severity) == (6, 5, "info")
    assert "'{filename}/b.md'" in found.says
    assert "https://site.example/b/" in found.says
    unknown = problem(read(front("", "[b](b.md)"), PATH, TOPICS), "MD006")
    assert "no address follows" in unknown.says


def test_a_picture_named_as_pelican_does_lies_in_the_content() -> None:
    """``{static}`` and ``{attach}`` are from the folder, or with a slash from the top."""
    body = "![x]({static}/images/a.png) ![x]({attach}b.png)"
    images = post(front("permalink: /p/", body), PATH).images
    assert [(one.url, one.beside) for one in images] == [
        ("https://site.example/images/a.png", "images/a.png"),
        ("https://site.example/p/b.png", "news/b.png"),
    ]


def test_a_link_out_of_the_content_keeps_its_way() -> None:
    """Two dots too many name no post."""
    assert href("../../b.md") == "https://site.example/b.md"


def test_a_post_tells_to_which_posts_it_links() -> None:
    """Each address once, with file and line; sections and what has no address are no posts."""
    body = "[b](../b.md#c) [s](@/_index.md)\n[b](@/b.md) [c](@/n/c.md) [d](https://d.example/d.md)"
    links = post(front("", body), PATH).links
    assert [(one.path, one.url, one.line) for one in links] == [
        ("b.md", "https://site.example/b/", 5),
        ("n/c.md", "https://site.example/n/c/", 6),
    ]
