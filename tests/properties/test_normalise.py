"""What holds for every input the normaliser can get."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from syndicator.model.posts import Reading, Site, Source
from syndicator.normalise import normalise

SITE = Site(
    title="S",
    url="https://site.example/blog/",
    timezone="Europe/Berlin",
    feeds="https://feeds.example/",
    authority="site.example",
)
PIECES = [
    *(
        "---\n",
        "+++\n",
        "...\n",
        "\r\n",
        "\r",
        "\n\n",
        "\ufeff",
        "title: ",
        "date: ",
        "2020-12-01",
    ),
    *(
        "tags: [a]\n",
        "image: ",
        "a.png",
        "{",
        "}",
        "[",
        "]",
        "- ",
        "? ",
        "<<: ",
        "&a ",
        "*a",
        "!!x ",
    ),
    *(
        "'",
        '"',
        "\\",
        "#",
        "permalink: ",
        "../",
        "//",
        ":x/",
        "Date: ",
        "Source: X",
        "<br/>",
        "\t",
    ),
    *("![a](", ")", "<img src=", "<img srcset='a 2x, b'>", "<!--more-->", "<p>", "</p>", "<b>"),
    *(
        "<noscript>",
        "<picture>",
        "<source srcset=a>",
        "<svg>",
        "<script>",
        "<table>",
        "javascript:",
    ),
    *("data:", "https://site.example/", "http://é.example/", "&#1;", "&amp;", "\u202e", "中", "`"),
    *("\x00", "\x08", "\u2028", "[^1]", "[^1]: ", "&#xFFFE;", "\n    ", "> ", '{"title": "', '"}'),
    *(
        "|",
        "<math>",
        "<textarea>",
        "<select>",
        "<template>",
        "</",
        "<a href=",
        "<iframe>",
        "xlink",
    ),
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join).map(str.encode),
    st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace")),
    st.binary(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=15).map(
        lambda pieces: ("---\ntitle: A\n" + "".join(pieces)).encode()
    ),
    st.lists(st.sampled_from(PIECES), max_size=15).map(
        lambda pieces: ("---\ntitle: A\n---\n" + "".join(pieces)).encode()
    ),
)
PATHS = st.one_of(
    st.sampled_from(["a.md", "2020-12-01-a.md", "p/index.md", "2020/02/30/x.md", "_drafts/a.md"]),
    st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1).map(
        lambda name: name + ".md"
    ),
)
TIMES = st.datetimes(timezones=st.just(UTC))


def read(data: bytes, path: str, modified: datetime) -> Reading:
    return normalise(Source(path=path, data=data, digest="", modified=modified), SITE)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=TEXTS, path=PATHS, modified=TIMES)
def test_any_bytes_give_a_reading_that_feeds_can_carry(
    data: bytes, path: str, modified: datetime
) -> None:
    """No bytes make it raise; it is pure; what it lets through is fit for XML and for readers."""
    reading = read(data, path, modified)
    assert reading == read(data, path, modified)
    assert (reading.standing == "post") <= (reading.post is not None)
    assert reading.standing != "held" or any(p.severity == "error" for p in reading.problems)
    post = reading.post
    if post is None:
        return
    assert post.url.startswith("https://site.example/blog/")
    assert post.url.isascii()
    assert "/../" not in post.url
    assert post.published.utcoffset() is not None
    assert post.title
    for text in (post.title, post.summary, post.html, *post.tags, *post.authors):
        assert not set(text) & set("\x00\x01\x08\x0b\x0c\x1f\ufffe\uffff")
    shown = LexborHTMLParser(post.html, is_fragment=True)
    urls = {image.url for image in post.images}
    assert {image.attributes.get("src") for image in shown.css("img")} <= urls
    assert all(url.startswith(("http://", "https://")) and url.isascii() for url in urls)
    assert not shown.css("script, style, iframe, form, svg, noscript, source[srcset]")
    for link in shown.css("[href]"):
        scheme = (link.attributes.get("href") or "").partition(":")[0].lower()
        assert scheme in ("http", "https", "mailto", "tel")


@settings(max_examples=200, deadline=None)
@given(lines=st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_line_ends_change_nothing(lines: str) -> None:
    """A post saved with CRLF, or with CR alone, reads as the same post."""
    text = "---\ntitle: A\ndate: 2020-12-01\n---\n" + lines.replace("\r", "")
    modified = datetime(2024, 1, 1, tzinfo=UTC)
    first = read(text.encode(), "a.md", modified)
    for end in ("\r\n", "\r"):
        other = read(text.replace("\n", end).encode(), "a.md", modified)
        assert other.standing == first.standing
        assert (other.post and other.post.digest) == (first.post and first.post.digest)
