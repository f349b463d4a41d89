from dataclasses import replace
from datetime import UTC, datetime

import pytest
from entries import KEPT, PHOTO, REMOTE, entry, nasty, seed

from syndicator.model.posts import ImageRef, Site, Source
from syndicator.normalise import normalise
from syndicator.publish.content import content, lead, localise

MEDIA = "https://feeds.example/media/"
ASSETS = {REMOTE: PHOTO}
IMG = f'<img src="{KEPT}" alt="Chen" width="640" height="480">'


def test_a_kept_picture_is_shown_from_the_archive_in_its_true_size() -> None:
    """Only the archived URL is left, with the width and height the kept file has."""
    html = f'<p><img src="{REMOTE}" alt="Chen" width="1" height="9"></p>'
    assert localise(html, ASSETS, MEDIA) == f"<p>{IMG}</p>"


def test_a_picture_that_is_not_kept_becomes_its_alt_text() -> None:
    """A remote URL is never used; alt text is text, not markup; without one nothing is left."""
    html = '<p>a <img src="https://x.example/y.gif" alt="<b>&amp;"> b<img src="/z.gif"></p>'
    assert localise(html, ASSETS, MEDIA) == "<p>a &lt;b&gt;&amp; b</p>"


def test_no_attribute_fetches_another_picture() -> None:
    """A srcset would make readers load the remote picture instead of the kept one."""
    html = f'<img src="{REMOTE}" alt="Chen" srcset="https://x.example/y.gif 2x" loading="lazy">'
    assert localise(html, ASSETS, MEDIA) == IMG


# Every way in which a text, or its front matter, names a picture.
NAMED = {
    "Markdown": "![x](/a.png)",
    "img": '<img src="/a.png">',
    "capitals": '<IMG SRC="/a.png">',
    "image": '<image src="/a.png">',
    "srcset alone": '<img srcset="/a.png 1x, /b.png 2x">',
    "srcset beside src": '<img src="/a.png" srcset="/b.png 2x">',
    "picture": '<picture><source srcset="/b.png"><img src="/a.png"></picture>',
    "data-src": '<img src="data:," data-src="/a.png">',
    "data-srcset": '<img data-srcset="/a.png 2x">',
    "data-original": '<img data-original="/a.png">',
    "lazy with noscript": '<img data-src="/a.png"><noscript><img src="/a.png"></noscript>',
    "noscript alone": '<noscript><img src="/a.png"></noscript>',
    "poster": '<video src="/film.mp4" poster="/a.png"></video>',
    "svg image": '<svg><image href="/a.png"/></svg>',
    "svg image, old": '<svg><image xlink:href="/a.png"/></svg>',
}


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("is_kept", [True, False])
def test_no_picture_is_left_under_its_own_address(name: str, is_kept: bool) -> None:
    """Whatever attribute names it, readers get the kept copy of a picture, or none."""
    text = f"---\ntitle: T\ndate: 2020-12-01\n---\nWords.\n\n{NAMED[name]}\n"
    site = Site(
        title="T",
        url="https://site.example/",
        timezone="UTC",
        feeds="https://feeds.example/",
        authority="site.example",
    )
    source = Source(
        path="t.md", data=text.encode(), digest="", modified=datetime(2020, 12, 1, tzinfo=UTC)
    )
    post = normalise(source, site).post
    assert post is not None
    assert post.images
    assets = {one.url: PHOTO for one in post.images} if is_kept else {}
    body = content(replace(entry(), post=post, assets=assets), MEDIA)
    assert not any(f'"{one.url}"' in body for one in post.images)
    assert ("src" in body and KEPT in body) is (is_kept and "svg" not in name)


def test_a_poster_is_replaced_where_nothing_else_is_a_picture() -> None:
    """The film stays where it is; its poster comes from the archive, or is left out."""
    film = '<video src="https://x.example/f.mp4" poster="{}"></video>'
    assert localise(film.format(REMOTE), ASSETS, MEDIA) == film.format(KEPT)
    assert localise(film.format(KEPT), ASSETS, MEDIA) == film.format(KEPT)
    assert (
        localise(film.format(REMOTE), {}, MEDIA) == '<video src="https://x.example/f.mp4"></video>'
    )


def test_image_elements_that_a_parser_reads_as_img_are_pictures_too() -> None:
    """<image> and <IMG> are no way around."""
    assert localise('<image src="//x.example/a"><IMG SRC="//x.example/b">', ASSETS, MEDIA) == ""


def test_html_without_pictures_comes_back_as_it_is() -> None:
    """Not one byte changes, well-formed or not."""
    html = "<pre>\n\nx</pre><p title='q'>&nbsp;&bdquo;</P>"
    assert localise(html, {}, MEDIA) == html


def test_a_size_that_is_not_known_is_not_made_up() -> None:
    """A vector image has no pixels: what the author wrote stays."""
    vector = {REMOTE: replace(PHOTO, width=0, height=0)}
    html = f'<img src="{REMOTE}" width="20">'
    assert localise(html, vector, MEDIA) == f'<img src="{KEPT}" width="20">'


@pytest.mark.parametrize(
    "html",
    [
        f'<pre>\n\n  a <img src="{REMOTE}"></pre><textarea>\n\nb</textarea>',
        f'a &amp; b&nbsp;<img src="{REMOTE}" alt="&quot;"><td>x</td>',
        f'<table><tr><td><img src="{REMOTE}"><img src="gone" alt="&lt;p&gt;"></table>',
    ],
)
def test_a_second_application_changes_nothing(html: str) -> None:
    """What is localised stays as it is, line breaks of code samples included."""
    once = localise(html, ASSETS, MEDIA)
    assert KEPT in once
    assert localise(once, ASSETS, MEDIA) == once


def test_code_keeps_its_first_empty_line() -> None:
    """A parser swallows one line break after <pre>: it is given back."""
    html = f'<pre>\n\n  a</pre><img src="{REMOTE}" alt="Chen">'
    assert localise(html, ASSETS, MEDIA) == f"<pre>\n\n  a</pre>{IMG}"


def test_the_lead_picture_comes_first() -> None:
    """A reader that shows nothing but the content shows the author's picture too."""
    body = content(seed(), MEDIA)
    assert body.startswith(f'<img src="{KEPT}" alt="" width="640" height="480"><p>“Kaohsiung')


def test_no_picture_is_shown_twice() -> None:
    """Where the body shows the lead picture, under whatever URL, nothing is put before it."""
    other = "https://site.example/p12-copy.jpg"
    shown = entry(
        html=f'<p><img src="{other}" alt="Chen"></p>',
        lead=ImageRef(url=REMOTE, written=REMOTE),
        assets={REMOTE: PHOTO, other: PHOTO},
    )
    assert content(shown, MEDIA) == f"<p>{IMG}</p>"


def test_a_lead_picture_that_is_not_kept_is_left_out() -> None:
    """The post goes out without it; its remote URL does not."""
    waiting = entry(lead=ImageRef(url=REMOTE, written=REMOTE))
    assert lead(waiting) is None
    assert content(waiting, MEDIA) == "<p>Body of a.</p>\n"


def test_cleaning_makes_no_scheme_out_of_what_was_none() -> None:
    """A character XML can't hold takes its attribute with it, so javascript: can't appear."""
    body = content(nasty(), MEDIA)
    assert "<a>a</a><a>b</a>" in body
    assert "javascript" not in body
    assert "<p>]]&gt;  yyy" in body


def test_a_post_without_a_text_gets_its_summary() -> None:
    """A reader that mails posts would mail nothing; the summary is text, not markup."""
    bare = entry()
    post = replace(bare.post, html="\n", summary="Rain <b> & sun", lead=None, images=())
    assert content(replace(bare, post=post, assets={}), MEDIA) == "<p>Rain &lt;b&gt; &amp; sun</p>"
