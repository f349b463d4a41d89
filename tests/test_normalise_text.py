"""Bodies: HTML that feeds may carry, and every picture in it."""

from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser
from test_normalise_post import front, post, problem, read

from syndicator.model.posts import Post, Site, Source
from syndicator.normalise import markdown, normalise
from syndicator.normalise.pictures import best_of


def html(body: str) -> str:
    return post(front("permalink: /p/", body)).html


def pictures(found: Post) -> list[str | None]:
    page = LexborHTMLParser(found.html, is_fragment=True)
    return [image.attributes["src"] for image in page.css("img")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "a *b* **c** ~~d~~ `e`",
            "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>",
        ),
        ("www.a.example", '<p><a href="http://www.a.example">www.a.example</a></p>'),
        ("- [x] done\n- [ ] not", "<ul>\n<li>☑ done</li>\n<li>☐ not</li>\n</ul>"),
        ("[a](/b?c=%25#d)", '<p><a href="https://site.example/b?c=%25#d">a</a></p>'),
        ("[a](b)", '<p><a href="https://site.example/p/b">a</a></p>'),
        ("[a](#b)", '<p><a href="https://site.example/p/#b">a</a></p>'),
        ("[a](<mailto:x@y.example>)", '<p><a href="mailto:x@y.example">a</a></p>'),
        ("[a](javascript:alert(1))", "<p><a>a</a></p>"),
        ("[a](JaVaScRiPt&colon;alert(1))", "<p><a>a</a></p>"),
        ("[a](data:text/html,x)", "<p><a>a</a></p>"),
        ('a<script>alert("x")</script>b', "<p>ab</p>"),
        ("<style>p {}</style>a", "a"),
        ('<p onclick="x()" style="color: red" class="c" id="i">a</p>', "<p>a</p>"),
        ("<iframe src='https://a.example/'></iframe>b", "b"),
        ("<form><input name=q><button>go</button></form>", "go"),
        ("a<!-- secret -->b", "<p>ab</p>"),
        ("“高雄”(前鎮)", "<p>“高雄”(前鎮)</p>"),
        ("&#1;&#xFFFE;&#xFFFF;a", "<p>a</p>"),
    ],
)
def test_what_readers_get(body: str, expected: str) -> None:
    """GitHub's Markdown in; allowed tags, absolute URLs and nothing active out."""
    assert html(body) == expected


def test_tables_and_footnotes_are_rendered() -> None:
    """Tables keep their alignment, footnotes their link, absolute."""
    assert '<td align="right">1</td>' in html("|a|\n|-:|\n|1|\n")
    assert 'href="https://site.example/p/#fn-1"' in html("a[^1]\n\n[^1]: b\n")


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ("![x](a.png)", "https://site.example/p/a.png"),
        ("![x](<a b.png>)", "https://site.example/p/a%20b.png"),
        ("![x](高.png)", "https://site.example/p/%E9%AB%98.png"),
        ("![x](/i/a.png)", "https://site.example/i/a.png"),
        ("![x](//b.example/a.png)", "https://b.example/a.png"),
        ("![x](https://b.example/%25E7//https://c/d?e=1,2&f=%2C)", None),
        (
            '<img src="  https://b.example/a.png\n" loading="lazy" srcset="c.png 2x">',
            "https://b.example/a.png",
        ),
        ('<img data-src="a.png" src="data:image/gif;base64,R0=">', "https://site.example/p/a.png"),
        ('<img data-lazy-src="a.png" src="blank.gif">', "https://site.example/p/a.png"),
        ('<img data-original="a.png">', "https://site.example/p/a.png"),
        ('<img srcset="a.png 1x, b.png 2x">', "https://site.example/p/b.png"),
        (
            '<picture><source srcset="a.avif 2x"><img src="a.png"></picture>',
            "https://site.example/p/a.png",
        ),
        ('<picture><source srcset="a.avif 2x"><img></picture>', "https://site.example/p/a.avif"),
        (
            '<img data-src="a.png"><noscript><img src="a.png"></noscript>',
            "https://site.example/p/a.png",
        ),
        ('<noscript><img src="a.png"></noscript>', "https://site.example/p/a.png"),
        ("[![x](a.png)](b.png)", "https://site.example/p/a.png"),
        ("![x][1]\n\n[1]: a.png", "https://site.example/p/a.png"),
        ("<img src='a.png?x=1&#038;y=2&amp;z=3'>", "https://site.example/p/a.png?x=1&y=2&z=3"),
        (
            "<img src='https://b.example/r?u=https://c.example/a.png'>",
            "https://b.example/r?u=https://c.example/a.png",
        ),
        ("<img src='https://b.exa\nmple/a.png'>", "https://b.example/a.png"),
        ('<img data-srcset="a.png 1x, b.png 2x" src="blank.gif">', "https://site.example/p/b.png"),
        (
            '<img srcset="a.png 1x, data:;base64,AAAA 2x" src="b.png">',
            "https://site.example/p/b.png",
        ),
        (
            '<picture><source srcset="a.avif"><img src="data:image/gif;base64,R0="></picture>',
            "https://site.example/p/a.avif",
        ),
        ("<img src='https://münchen.example/a.png'>", "https://xn--mnchen-3ya.example/a.png"),
    ],
)
def test_pictures_are_found(body: str, url: str | None) -> None:
    """Whatever hides a picture, it ends up as one ``img`` with the URL of one reference."""
    found = post(front("permalink: /p/", body))
    expected = url or "https://b.example/%25E7//https://c/d?e=1,2&f=%2C"
    assert [one.url for one in found.images] == [expected]
    assert pictures(found) == [expected]
    assert "srcset" not in found.html
    assert "loading" not in found.html
    assert "alt=" in found.html


@pytest.mark.parametrize(
    "body",
    [
        "`![x](a.png)`",
        "    ![x](a.png)\n",
        "```\n![x](a.png)\n```",
        "\\![x](a.png)",
        "<!-- ![x](a.png) <img src=a.png> -->b",
    ],
)
def test_what_only_looks_like_a_picture_is_none(body: str) -> None:
    """Code, escapes and comments hold no pictures."""
    assert post(front("", body)).images == ()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('<img src="data:image/png;base64,%%" alt="a &lt;b>">', ""),
        ('<img src="javascript:x()" alt="a &lt;b>">', "IMG008"),
        ('<img src="file:///c/a.png" alt="a &lt;b>">', "IMG008"),
        ('<img src="{{ site.url }}/a.png" alt="a &lt;b>">', "IMG012"),
        ('<img src="" alt="a &lt;b>">', ""),
        ('<img alt="a &lt;b>">', ""),
        ('<img src="http://:80/a" alt="a &lt;b>">', "IMG008"),
        ('<img src="http://1.2.3.4.5/" alt="a &lt;b>">', "IMG008"),
    ],
)
def test_a_picture_without_an_address_leaves_its_text(body: str, code: str) -> None:
    """Where nothing can be fetched the alternative text stands, and a slip is said."""
    reading = read(front("", "x " + body))
    assert reading.post is not None
    assert reading.post.html == "<p>x a &lt;b&gt;</p>"
    assert reading.post.images == ()
    if code:
        assert problem(reading, code).severity == ("error" if code == "IMG008" else "warning")


def test_the_lead_comes_first_and_each_url_once() -> None:
    """The front matter's picture leads; one that the body repeats is not counted twice."""
    keys = "permalink: /p/\nimage: https://b.example/2.png"
    found = post(front(keys, "![](1.png)\n\n![](https://b.example/2.png)\n\n![](1.png)\n"))
    assert found.lead is not None
    assert found.lead.url == "https://b.example/2.png"
    assert [one.url for one in found.images] == [
        "https://b.example/2.png",
        "https://site.example/p/1.png",
    ]
    assert [one.line for one in found.images] == [4, 6]


@pytest.mark.parametrize(
    "keys",
    [
        "image: a.png",
        "image: {path: a.png}",
        "images: [{url: a.png, width: 3}, b.png]",
        "cover: {image: a.png}",
        "featured_image: a.png",
        "featuredImage: a.png",
        "heroImage: {src: a.png}",
        "header: {teaser: a.png}",
        "thumbnail: ''\nbanner: a.png",
        "image: 'javascript:x'\nog_image: a.png",
    ],
)
def test_every_key_for_a_picture(keys: str) -> None:
    """The lead picture under every generator's key: the first usable one."""
    found = post(front("permalink: /p/\n" + keys))
    assert found.lead is not None
    assert found.lead.url == "https://site.example/p/a.png"


def test_entities_in_a_picture_of_front_matter_are_decoded() -> None:
    """WordPress leaves ``&#038;`` in exported URLs."""
    reading = read(front("image: https://b.example/a?b=1&#038;c=2&amp;d=%25"))
    assert reading.post is not None
    assert reading.post.lead is not None
    assert reading.post.lead.url == "https://b.example/a?b=1&c=2&d=%25"
    assert reading.post.lead.written == "https://b.example/a?b=1&#038;c=2&amp;d=%25"
    assert problem(reading, "IMG011").line == 3


@pytest.mark.parametrize(
    ("path", "written", "beside", "static"),
    [
        ("posts/x/index.md", "photos/a.jpg", "posts/x/photos/a.jpg", ""),
        ("posts/x.md", "./a%20b.jpg?c#d", "posts/a b.jpg", ""),
        ("posts/x.md", "../a.jpg", "a.jpg", ""),
        ("posts/x.md", "../../a.jpg", "", ""),
        ("posts/x.md", "./%2e%2e/%2e%2e/a.jpg", "", ""),
        ("posts/x.md", "a%00.jpg", "", ""),
        ("posts/x.md", "/images/x.jpg", "", "images/x.jpg"),
        ("posts/x.md", "/../x.jpg", "", "x.jpg"),
        ("posts/x.md", "https://site.example/images/%E9%AB%98.jpg", "", "images/高.jpg"),
        ("posts/x.md", "https://other.example/images/x.jpg", "", ""),
    ],
)
def test_where_a_file_may_lie(path: str, written: str, beside: str, static: str) -> None:
    """A relative picture lies beside its post, one of the site below its static folder."""
    found = post(front(f"image: {written}"), path)
    assert found.lead is not None
    assert (found.lead.beside, found.lead.static) == (beside, static)


def test_a_site_below_a_folder() -> None:
    """Where the site has a path, posts stand below it and its pictures are found without it."""
    site = Site(
        title="S",
        url="https://site.example/blog/",
        timezone="UTC",
        feeds="https://f.example/",
        authority="a",
    )
    found = post(front("permalink: /x/\nimage: /blog/i/a.png"), "a.md", site)
    assert found.url == "https://site.example/blog/x/"
    assert found.lead is not None
    assert found.lead.static == "i/a.png"


def test_an_address_without_a_slash_is_a_folder() -> None:
    """Zola's ``path`` has no slash at its end; pictures of the bundle stand below it."""
    found = post(front("path: 2017/06/27/T", "![](a.png) [b](c)"), "T/index.md")
    assert [one.url for one in found.images] == ["https://site.example/2017/06/27/T/a.png"]
    assert 'href="https://site.example/2017/06/27/T/c"' in found.html


@pytest.mark.parametrize(
    ("srcset", "url"),
    [
        ("a.png", "a.png"),
        ("a.png 1x, b.png 2x", "b.png"),
        ("a.png 640w, b.png 320w", "a.png"),
        (
            "https://c.example/w_1,h_2/a.png 1x, https://c.example/w_3,h_4/a.png 2x",
            "https://c.example/w_3,h_4/a.png",
        ),
        ("a.png, b.png", "a.png"),
        (" , a.png 1.5x,b.png", "a.png"),
        ("", ""),
        (",,,", ""),
    ],
)
def test_the_best_of_a_srcset(srcset: str, url: str) -> None:
    """The largest candidate; a comma within a URL parts nothing (HTML standard, 4.8.4.2.2)."""
    assert best_of(srcset) == url


def test_what_is_left_out_is_said() -> None:
    """An iframe or a script in a post is dropped with a warning."""
    assert problem(read(front("", "a <iframe src=x></iframe>")), "MD003").severity == "warning"


def test_rendering_keeps_no_memory() -> None:
    """A thousand posts rendered leave nothing behind: the process does not grow with them."""

    def asked() -> int:
        """Tell what it has of the system, whether that is in memory now or not."""
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  # no file, a figure of the kernel
            return int(file.read().split()[5]) * 4096

    text = "A *paragraph* with ![a picture](a.png).\n\n" * 100
    for _ in range(50):
        markdown.render(text)
    before = asked()
    for _ in range(1_000):
        markdown.render(text)
    assert asked() - before < 4_000_000


@pytest.mark.parametrize(
    ("body", "code", "line", "column"),
    [
        ("x\n\n![](a.png)", "IMG010", 6, 5),
        ("<img src=a.png>", "IMG010", 4, 10),
        ("![x](http://b.example/a.png)", "IMG014", 4, 6),
        ("![x](https://b.example/a.png?exp=3600&sig=d4)", "IMG020", 4, 6),
        ("![x](https://b.example/a?X-Amz-Signature=1)", "IMG020", 4, 6),
        ('<img src="https://b.example/p.gif" width="1" height=1 alt=x>', "IMG018", 4, 11),
        ("![x](data:image/png;base64," + "A" * 90_000 + ")", "IMG017", 4, 6),
        ("# Head", "MD001", 4, 1),
        ("x\n\nHead\n====\n", "MD001", 6, 1),
        ("[the table](rain.csv)", "MD002", 4, 13),
        ("[b](./b.md#c)", "MD006", 4, 5),
        ("x\n<iframe src=y></iframe>", "MD003", 5, 1),
        ("a <ScRiPt>b</script>", "MD003", 4, 3),
        ("a {% include x %}", "MD005", 4, 3),
        ("a {{ x }} b", "MD005", 4, 3),
        ("[a]({{x}}/b)", "MD005", 4, 5),
        ("a [[Note]]", "MD007", 4, 3),
        ("a\n\n![[Other note]]", "MD007", 6, 1),
        ("a\n\n![[talk.pdf#page=3]]", "MD007", 6, 1),
        ("a\n\n![[a.png|the *gauge*]]", "MD007", 6, 1),
        ("a\n\n![[my pic.png|300]]", "IMG010", 6, 4),
        ("> <b>[[Other note#part|words]]</b>", "MD007", 4, 6),
    ],
)
def test_what_is_told_of_a_text(body: str, code: str, line: int, column: int) -> None:
    """Slips in the text are told where they stand, and the post goes out."""
    reading = read(f"---\ntitle: A\n---\n{body}")
    found = problem(reading, code)
    assert (found.line, found.column) == (line, column)
    assert found.hint
    assert reading.standing == "post"


@pytest.mark.parametrize(
    "body",
    [
        "![a cat](https://b.example/a.png?width=3)",
        "![x](data:image/png;base64,AAAA)",
        "## Head\n\n    # code\n",
        "[b](b) [c](c/) [d](#d) [e](/e.pdf) [f](f.html) [g](https://g.example/g.csv)",
        "`{{ x }}` and\n\n```\n{% x %}\n```\n",
        "a { b } c",
        "`[[a]]` and\n\n```\n![[b.png]]\n```\n",
        "[[1]] [[ -f x ]] [[a]](https://b.example/) m[[1, 2], [3, 4]]",
    ],
)
def test_what_is_right_is_not_told(body: str) -> None:
    """Pictures with a text, links to pages, templates shown as code."""
    assert read(front("date: 2020-12-01", body)).problems == ()


def test_a_file_beside_the_post_may_be_linked() -> None:
    """A link to a file of the post's folder is told only where the file is not there."""
    data = front("date: 2020-12-01", "[a](a.csv) [b](b%20c.csv)").encode()
    source = Source(
        path="p/index.md",
        data=data,
        digest="",
        modified=datetime(2024, 1, 1, tzinfo=UTC),
        beside=frozenset(("a.csv", "b c.csv")),
    )
    site = Site(title="S", url="https://s.example/", timezone="UTC", feeds="", authority="a")
    assert normalise(source, site).problems == ()


def test_a_poster_is_a_picture() -> None:
    """What a video shows before it plays is kept like any picture, and stays absolute."""
    found = post(front("permalink: /p/", '<video src=a.mp4 poster=b.jpg onplay="x()"></video>'))
    assert [one.url for one in found.images] == ["https://site.example/p/b.jpg"]
    assert found.html == (
        '<p><video src="https://site.example/p/a.mp4"'
        ' poster="https://site.example/p/b.jpg"></video></p>'
    )


def test_a_picture_within_a_drawing_is_kept() -> None:
    """The drawing itself is left out of feeds; the picture in it is not lost."""
    body = '<svg><image href="a.png"/><image xlink:href="b.png"/></svg>x'
    found = post(front("permalink: /p/", body))
    assert [one.written for one in found.images] == ["a.png", "b.png"]
    assert found.html == "<p>x</p>"


def test_every_picture_of_the_keys_is_kept() -> None:
    """The first usable one leads; the others are pictures of the post all the same."""
    keys = (
        'permalink: /p/\nimages: [a.png, {url: b.png}]\ncover: "[[c.png]]"\nextra: {image: d.png}'
    )
    found = post(front(keys))
    assert found.lead is not None
    assert found.lead.written == "a.png"
    assert [one.written for one in found.images] == ["a.png", "b.png", "c.png", "d.png"]


def test_marks_that_turn_text_leave_the_html() -> None:
    """An override in the body can't turn what follows it; soft hyphens stay."""
    found = post(front("", "a\u202eb\u2066c\u00add"))
    assert found.html == "<p>abc\u00add</p>"
    assert found.summary == "abc\u00add"


def test_task_lists_and_footnotes_reach_readers_without_scripts() -> None:
    """Boxes become signs, notes keep their links, absolute, and no ids or classes stay."""
    html_text = html("- [x] a\n\nb[^n]\n\n[^n]: c\n")
    assert "☑" in html_text
    assert 'href="https://site.example/p/#fn-n"' in html_text
    assert "class=" not in html_text
    assert "<input" not in html_text


@pytest.mark.parametrize(
    ("lines", "name", "line"),
    [
        ("images:\n  - thumbs/Rain.jpg\n  - Rain.jpg", "Rain.jpg", 5),
        ("images:\n  - my Rain.jpg\n  - my-Rain.jpg\n  - Rain.jpg #x", "Rain.jpg", 6),
        ("images:\n  - Rain.jpg.png\n  - Rain.jpg", "Rain.jpg", 5),
        ("image:\n  alt: Rain.jpg\n  path: Rain.jpg", "Rain.jpg", 5),
        ("image:\n  - alt: Rain.jpg\n    path: Rain.jpg", "Rain.jpg", 5),
        ("image: {alt: Rain.jpg,\n  path: Rain.jpg}", "Rain.jpg", 4),
        ('images: ["a.jpg",\n "Rain.jpg",\n]', "Rain.jpg", 4),
    ],
)
def test_a_picture_of_front_matter_is_where_its_whole_name_stands(
    lines: str, name: str, line: int
) -> None:
    """A longer name, and another key's value, are not it: ``check --fix`` writes there."""
    found = post(front(lines))
    assert [one.line for one in found.images if one.written == name] == [line]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('+++\n[image]\nalt = "Rain.jpg"\npath = "Rain.jpg"\n+++\nx\n', 4),
        ('{"image": {"alt": "Rain.jpg",\n"path": "Rain.jpg"}}\nx\n', 2),
    ],
)
def test_so_in_toml_and_json(text: str, line: int) -> None:
    """The key is the innermost one there, too."""
    assert [one.line for one in post(text).images] == [line]
