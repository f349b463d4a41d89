"""Pictures that a note embeds in Obsidian's way: ``![[gauge.png|300]]``."""

import pytest
from test_normalise_post import front, post, read

from syndicator.model.posts import ImageRef

ADDRESS = "https://site.example/p/"


def _refs(body: str) -> list[tuple[str, str, str, str]]:
    found = read(front("date: 2020-12-01\npermalink: /p/", body), "notes/a.md").post
    assert found is not None
    return [(one.url, one.written, one.beside, one.static) for one in found.images]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("![[a.png]]", f'<img src="{ADDRESS}a.png" alt="">'),
        ("![[a.png|300]]", f'<img src="{ADDRESS}a.png" alt="" width="300">'),
        ("![[a.png|300x20]]", f'<img src="{ADDRESS}a.png" alt="" width="300" height="20">'),
        ("![[a.png|The gauge]]", f'<img src="{ADDRESS}a.png" alt="The gauge">'),
        ("![[a.png|A|b|30]]", f'<img src="{ADDRESS}a.png" alt="A|b" width="30">'),
        ("![[ a.png | 5 m ]]", f'<img src="{ADDRESS}a.png" alt="5 m">'),
        ("![[A b.JPG]]", f'<img src="{ADDRESS}A%20b.JPG" alt="">'),
        ("![[100%.webp]]", f'<img src="{ADDRESS}100%25.webp" alt="">'),
        ("![[雨.png]]", f'<img src="{ADDRESS}%E9%9B%A8.png" alt="">'),
        ("![[files/a.png#center]]", f'<img src="{ADDRESS}files/a.png" alt="">'),
        ("![[my_own_a.png]]", f'<img src="{ADDRESS}my_own_a.png" alt="">'),
        (
            "x ![[a.png]] y ![[b.gif]] z",
            f'x <img src="{ADDRESS}a.png" alt=""> y <img src="{ADDRESS}b.gif" alt=""> z',
        ),
        ("![[a.png|a &amp; b]]", f'<img src="{ADDRESS}a.png" alt="a &amp; b">'),
    ],
)
def test_an_embedded_picture_is_shown(body: str, expected: str) -> None:
    """Readers get the picture, with the text and the size that follow its name."""
    assert post(front("permalink: /p/", body)).html == f"<p>{expected}</p>"


def test_an_embedded_picture_in_a_table() -> None:
    """There the bar that parts a size from the name has a backslash before it."""
    html = post(front("permalink: /p/", "|a|\n|-|\n|![[a.png\\|30]]|\n")).html
    assert f'<td><img src="{ADDRESS}a.png" alt="" width="30"></td>' in html


@pytest.mark.parametrize(
    ("body", "written", "beside", "static"),
    [
        ("![[A b.png|30]]", "A b.png", "notes/A b.png", "A b.png"),
        ("![[files/a.png]]", "files/a.png", "notes/files/a.png", "files/a.png"),
        ("![[../a.png]]", "../a.png", "a.png", ""),
        ("![x](a.png) ![[a.png]]", "a.png", "notes/a.png", "a.png"),
        ("![[a.png]] ![x](a.png)", "a.png", "notes/a.png", "a.png"),
        ("![[100%25.png]]", "100%25.png", "notes/100%25.png", "100%25.png"),
    ],
)
def test_where_an_embedded_picture_may_lie(
    body: str, written: str, beside: str, static: str
) -> None:
    """Beside the note, else below a static folder: a vault has its attachments in one."""
    ((_, given, near, far),) = _refs(body)
    assert (given, near, far) == (written, beside, static)


def test_pictures_keep_their_order() -> None:
    """Embedded ones and others stand in the post as in the text."""
    body = "![x](a.png)\n\n![[b.png]]\n\n<img src=c.png alt=x>\n"
    assert [written for _, written, _, _ in _refs(body)] == ["a.png", "b.png", "c.png"]


def test_the_picture_of_a_property_lies_where_embedded_ones_do() -> None:
    """``cover: "[[a.png]]"`` names a file of the vault, too."""
    found = post(front('cover: "[[a.png]]"', "x"), "notes/a.md")
    assert found.lead == ImageRef(
        url="https://site.example/notes/a/a.png",
        written="a.png",
        beside="notes/a.png",
        static="a.png",
        line=3,
    )


@pytest.mark.parametrize(
    "body", ["`![[a.png]]`", "```\n![[a.png]]\n```\n", "    ![[a.png]]", "![[a.png", "[[a.png]]"]
)
def test_what_is_no_embedded_picture(body: str) -> None:
    """Code shows how it is written; a link without its mark is none."""
    found = post(front("permalink: /p/", body))
    assert "<img" not in found.html
    assert found.images == ()


def test_an_embedded_picture_is_told_only_of_what_it_lacks() -> None:
    """A text is missed as with every picture; with one there is nothing to tell."""
    told = read(front("date: 2020-12-01", "x\n\n![[a.png|300]]")).problems
    assert [(one.code, one.line, one.column) for one in told] == [("IMG010", 7, 4)]
    assert read(front("date: 2020-12-01", "![[a.png|The gauge]]")).problems == ()


def test_a_caption_under_an_embedded_picture_is_no_trailer() -> None:
    """As under every picture that ends a text."""
    assert "Source: me" in post(front("", "x\n\n![[a.png]]\nSource: me\n")).html


def test_blanks_without_end_are_looked_at_once() -> None:
    """Behind the sign of an embedded picture, too: 30 million took a minute."""
    assert post(front("", "![[" + " " * 3_000_000 + "x")).images == ()
