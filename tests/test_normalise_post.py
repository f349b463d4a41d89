"""From bytes to a post: what any author may rely on."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from syndicator.model.posts import Post, Problem, Reading, Site, Source
from syndicator.normalise import normalise

SITE = Site(
    title="Site",
    url="https://site.example/",
    timezone="Asia/Taipei",
    feeds="https://feeds.example/",
    authority="site.example",
)
TAIPEI = timezone(timedelta(hours=8))
SEED = Path(__file__).parent.parent / "seeds"


def read(text: str | bytes, path: str = "posts/2020-12-01-a.md", site: Site = SITE) -> Reading:
    data = text.encode() if isinstance(text, str) else text
    digest = hashlib.sha256(data).hexdigest()
    modified = datetime(2024, 5, 6, 7, 8, 9, 123, tzinfo=UTC)
    return normalise(Source(path=path, data=data, digest=digest, modified=modified), site)


def post(text: str | bytes, path: str = "posts/2020-12-01-a.md", site: Site = SITE) -> Post:
    reading = read(text, path, site)
    assert reading.standing == "post", reading.problems
    assert reading.post is not None
    return reading.post


def front(keys: str, body: str = "Text.\n") -> str:
    return f"---\ntitle: A\n{keys}\n---\n{body}"


def problem(reading: Reading, code: str) -> Problem:
    found = [one for one in reading.problems if one.code == code]
    assert found, reading.problems
    return found[0]


SEED_NAME = "2020-12-01-kaohsiung-establishes-5g-alliance-to-boost-industry.md"


@pytest.mark.skipif(not (SEED / SEED_NAME).exists(), reason="the seed post is not there yet")
def test_the_seed_post_is_read_right() -> None:
    """The post this project started from: title, address, day, source, author, picture, text."""
    found = post((SEED / SEED_NAME).read_bytes(), SEED_NAME)
    assert found.title == "Kaohsiung establishes 5G alliance to boost industry"
    assert found.url == (
        "https://site.example/news/kaohsiung-establishes-5g-alliance-to-boost-industry/"
    )
    assert found.published.isoformat() == "2020-12-01T12:00:00+08:00"
    assert found.dated_by == "file name"
    assert (found.source_name, found.source_date) == ("Taipei Times", date(2020, 12, 1))
    assert found.authors == ("Taipei Times",)
    assert found.lead is not None
    assert found.lead.url == "https://www.taipeitimes.com/images/2020/12/01/P12-201201-601.jpg"
    assert found.lead.line == 4
    assert found.images == (found.lead,)
    assert "“Asia New Bay Area” (亞洲新灣區)" in found.html
    assert "Source:" not in found.html
    assert "<br" not in found.html
    assert found.html.endswith("attract more top talent.”</p>")


def test_a_section_file_is_skipped() -> None:
    """Hugo's and Zola's ``_index.md`` is no post."""
    assert read(front(""), "posts/_index.md").standing == "skipped"


@pytest.mark.parametrize("data", [b"", b"---\n---\n", b"\n\n", b"<!-- nothing -->"])
def test_neither_title_nor_text_is_no_post(data: bytes) -> None:
    """A document with neither title nor text is skipped, not held back."""
    reading = read(data)
    assert reading.standing == "skipped"
    assert reading.post is None


def test_without_front_matter_the_first_heading_is_the_title() -> None:
    """A plain Markdown file is a post; its first heading names it, with a warning."""
    reading = read("Intro\n\n# A *fine* day\n\nText\n")
    assert reading.post is not None
    assert reading.post.title == "A fine day"
    assert problem(reading, "FM001").severity == "warning"


def test_without_any_heading_the_file_name_is_the_title() -> None:
    """Neither title nor heading: the name of the file, without its date, in words."""
    reading = read("---\ntags: [a]\n---\nText", "2020-12-01-a-fine_day.md")
    assert reading.post is not None
    assert reading.post.title == "A fine day"
    assert problem(reading, "TXT001").severity == "warning"


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: A\n---\n    code\n",
        "---\ntitle: A\n...\n    code\n",
        "---\r\ntitle: A\r\n---\r\n    code\r\n",
        "---\rtitle: A\r---\r    code\r",
        "\ufeff---\ntitle: A\n---\n    code\n",
        "\n---\ntitle: A\n---\n    code\n",
        "---  \ntitle: A\n---\t\n    code\n",
        '+++\ntitle = "A"\n+++\n    code\n',
        '{"title": "A"}\n    code\n',
        '{\n  "title": "A",\n  "b": {"c": "}{"}\n}\n    code\n',
        "---yaml\ntitle: A\n---\n    code\n",
        '---toml\ntitle = "A"\n---\n    code\n',
        '---json\n{"title": "A"}\n---\n    code\n',
    ],
)
def test_front_matter_in_every_dress(text: str) -> None:
    """YAML, TOML and JSON, any line ends, BOM, blank line before: same title, body kept whole."""
    found = post(text)
    assert found.title == "A"
    assert found.html.replace("\r", "\n").strip() == "<pre><code>code\n</code></pre>"


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        (front("title: B"), "FM005", 3, 1),
        (front("a:\n\tb: 1"), "FM003", 4, 1),
        (front("x: A: B"), "FM003", 3, 5),
        (front("x: &a b"), "FM009", 3, 4),
        (front("x: *a"), "FM009", 3, 4),
        (front("x: !!str b"), "FM009", 3, 4),
        (front("x:\n  <<: {a: b}"), "FM009", 4, 3),
        (front('x: "a\\bc"'), "FM006", 3, 4),
        ("---\ntitle: A\nText", "FM002", 1, 1),
        (front("", "a\nbc\x08"), "FM006", 6, 3),
        (front("x: a\x01"), "FM006", 3, 5),
        (front("", "a\ufffe"), "FM006", 5, 2),
        (front("", "a\0b"), "FM007", 5, 2),
        ('+++\ntitle = "A"\ntitle = "B"\n+++\n', "FM005", 3, 1),
        ("+++\ntitle = A\n+++\n", "FM003", 2, 9),
        ('{"title": "A",\n"title": "B"}\n', "FM005", 2, 1),
        ('{"title": "A",}\n', "FM003", 1, 15),
        ('{"a": "\\\\",\n"tit\\u006ce": "A", "title": "B"}\n', "FM005", 2, 20),
        ('{"a": "\\\\u0001",\n"b": ["\\ud800"]}\n', "FM006", 2, 7),
        ('{"a": 1,\n"b\\u0001": 2}\n', "FM006", 2, 1),
        ('+++\na = "\\\\b" # "\\b"\nb = ["\\f"]\n+++\n', "FM006", 3, 6),
        ('+++\na.b = """\n\\uFFFE"""\n+++\n', "FM006", 2, 7),
        ('+++\n"a\\U00000001" = 1\n+++\n', "FM006", 2, 1),
        (front("date: 2020-13-45"), "DATE003", 3, 1),
        (front("Date: 01/12/2020"), "DATE002", 3, 1),
        (front("date: soon"), "DATE001", 3, 1),
        (front("expires: never"), "DATE001", 3, 1),
        ('+++\n\ntitle = "A"\ndate = "soon"\n+++\n', "DATE001", 4, 1),
        ('{\n "title": "A",\n "date": "soon"}\n', "DATE001", 3, 2),
        (front("permalink: /../x"), "URL007", 3, 1),
        (front("permalink: /%2E%2e/x"), "URL007", 3, 1),
        (front("permalink: //other.example/x"), "URL007", 3, 1),
        (front("permalink: http://site.example/x"), "URL007", 3, 1),
        (front("url: https://other.example/x"), "URL007", 3, 1),
        (front("url: javascript:alert(1)"), "URL007", 3, 1),
        (front("permalink: /:weather/:title/"), "URL006", 3, 1),
        (front('permalink: "/{{ x }}/"'), "URL006", 3, 1),
        (front(f"permalink: /{'x' * 9000}/"), "URL006", 3, 1),
        (front(f"permalink: {SITE.url}a/?{'x' * 9000}"), "URL006", 3, 1),
        (front(f"slug: {'風' * 900}"), "URL006", 3, 1),
    ],
)
def test_what_holds_a_post_back_says_where(text: str, code: str, line: int, column: int) -> None:
    """Every error of FM, DATE, TXT and URL holds the post back, at line and column of the file."""
    reading = read(text)
    assert (reading.standing, reading.post) == ("held", None)
    found = problem(reading, code)
    assert (found.severity, found.line, found.column) == ("error", line, column)
    assert found.says
    assert found.hint


def test_an_address_beside_the_site_is_refused() -> None:
    """The same host is not enough: a site in a folder holds what is below that folder."""
    site = replace(SITE, url="https://site.example/blog/")
    beside = read(front("url: https://site.example/news/x"), site=site)
    assert "below https://site.example/blog/" in problem(beside, "URL007").says
    inside = post(front("url: https://site.example/blog/x"), site=site)
    assert inside.url == "https://site.example/blog/x"


def test_both_lines_of_a_duplicate_key_are_named() -> None:
    """A key written twice is refused, naming the two lines."""
    says = problem(read(front("b: 1\ntitle: B")), "FM005").says
    assert "line 2" in says
    assert "line 4" in says


def test_text_that_is_no_utf8_names_the_byte() -> None:
    """Latin-1 is refused with the offset of the byte and its line."""
    found = problem(read(b"---\ntitle: caf\xe9\n---\n"), "FM007")
    assert found.line == 2
    assert "0xe9" in found.says
    assert "14" in found.says


@pytest.mark.parametrize(
    "text",
    [
        "---\nHello there\n---\nMore",
        "---\n*Note* this\n---\nMore",
        "---\n\nHello, unclosed",
        "---\n- a\n- b\n---\nMore",
    ],
)
def test_a_text_that_opens_with_a_rule_is_text(text: str) -> None:
    """Two rules around no keys are part of the post, not lost."""
    assert post(text).html.startswith("<hr>")


@pytest.mark.parametrize(
    ("keys", "path", "by", "at"),
    [
        ("date: 2020-02-03", "2019-01-01-a.md", "front matter", "2020-02-03T12:00:00+08:00"),
        ("published: 2020-02-03", "a.md", "front matter", "2020-02-03T12:00:00+08:00"),
        ("published: true", "2019-01-01-a.md", "file name", "2019-01-01T12:00:00+08:00"),
        ("", "2017-2-5-a.md", "file name", "2017-02-05T12:00:00+08:00"),
        ("", "2017-02-05-a/index.md", "file name", "2017-02-05T12:00:00+08:00"),
        ("path: 2019/05/15/a", "a.md", "path", "2019-05-15T12:00:00+08:00"),
        ("", "2019/05/15/a.md", "path", "2019-05-15T12:00:00+08:00"),
        ("", "a.md", "mtime", "2024-05-06T15:08:09+08:00"),
        ("date: Last Modified", "a.md", "mtime", "2024-05-06T15:08:09+08:00"),
        ("date: git Created", "2020-12-01-a.md", "file name", "2020-12-01T12:00:00+08:00"),
        ("date: Created\nposted: 2020-12-02", "a.md", "front matter", "2020-12-02T12:00:00+08:00"),
    ],
)
def test_where_a_date_comes_from(keys: str, path: str, by: str, at: str) -> None:
    """Front matter, file name, path, trailer, the file's time: the first that names a day."""
    found = post(front(keys), path)
    assert (found.dated_by, found.published.isoformat()) == (by, at)
    assert isinstance(found.published.tzinfo, timezone)


def test_a_trailer_dates_a_post_that_nothing_else_does() -> None:
    """The source's day counts where neither front matter, name nor path has one."""
    found = post(front("", "Text.\n\nDate: 2018-03-21\nSource: CNA\n"), "a.md")
    assert (found.dated_by, found.published) == (
        "trailer",
        datetime(2018, 3, 21, 12, tzinfo=TAIPEI),
    )
    assert found.authors == ("CNA",)


@pytest.mark.parametrize(
    "keys",
    [
        "draft: true",
        "draft: yes",
        "published: false",
        "published: no",
        "status: draft",
        "status: Hidden",
        "publish: false",
        "eleventyExcludeFromCollections: true",
        "render: false",
    ],
)
def test_every_spelling_of_draft(keys: str) -> None:
    """A draft in any generator's words is read, and kept from publishing."""
    assert read(front(keys)).standing == "draft"


def test_empty_keys_are_absent() -> None:
    """What a form left empty says nothing: no error, no draft, the next source counts."""
    found = post(front("date: ''\nlastmod:\ndraft:\nlang: ''\npermalink: ''\nimage: ''"))
    assert (found.dated_by, found.updated, found.language) == ("file name", None, "")
    assert found.url == "https://site.example/posts/a/"


def test_a_folder_of_drafts_holds_drafts() -> None:
    """What lies below ``_drafts`` is a draft."""
    assert read(front(""), "_drafts/a.md").standing == "draft"


def test_updated_before_published_is_not_used() -> None:
    """An update before the post was published is a slip, said and left out."""
    reading = read(front("date: 2020-02-03\nlastmod: 2019-01-01"))
    assert problem(reading, "DATE008").line == 4
    assert reading.post is not None
    assert reading.post.updated is None


@pytest.mark.parametrize("path", ["a.md", "2020-13-01-a.md"])
def test_beside_a_date_that_cant_be_read_no_other_is_too_early(path: str) -> None:
    """What stands in its place is the file's own time, and nobody's fault."""
    keys = "lastmod: 2019-01-01" + ("\ndate: soon" if path == "a.md" else "")
    codes = {one.code for one in read(front(keys), path).problems}
    assert codes & {"DATE001", "DATE003"}
    assert "DATE008" not in codes


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2024-02-31", "DATE003"),
        ("2024-02-31T10:00:00Z", "DATE003"),
        ("2024-13-01 10:00:00", "DATE001"),
        ("2024-12-01 25:00:00", "DATE001"),
    ],
)
def test_an_impossible_day_in_toml_is_an_error_of_dates(
    written: str, code: str, break_: str
) -> None:
    """The parser of TOML finds it, and its author is told what is wrong with it."""
    text = f'+++\ntitle = "A"\ndate = {written}  # soon\n+++\nText.\n'.replace("\n", break_)
    (found,) = read(text, "a.md").problems
    assert (found.code, found.severity, found.line, found.column) == (code, "error", 3, 8)
    assert found.says == f"'{written}' is no day or time that TOML knows"


@pytest.mark.parametrize(
    ("lines", "says", "line"),
    [
        ('date = 2020-12-01\ntags = ["a"', "not TOML: Unclosed array (at end of document)", 3),
        (
            "slug = 2020-12-01-rain",
            "not TOML: Expected newline or end of document after a statement",
            2,
        ),
    ],
)
def test_what_looks_like_a_day_in_toml_may_be_right(lines: str, says: str, line: int) -> None:
    """The fault is told, not the day before it, nor a day that is no date of the post."""
    (found,) = read(f"+++\n{lines}\n+++\nText.\n", "a.md").problems
    assert (found.code, found.says, found.line) == ("FM003", says, line)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: A\nimage:\n  alt: x\n  path: /a.png\n---\n/a.png\n", 5),
        ("---\ntitle: A\nimages:\n  - /b.png\n  - /a.png\n---\n/a.png\n", 5),
        ('+++\ntitle = "A"\n[cover]\nalt = "x"\nimage = "/a.png"\n+++\n/a.png\n', 5),
        ('{"title": "A",\n"cover": {\n"alt": "x",\n"image": "/a.png"}}\n/a.png\n', 4),
        ('{"title": "A",\n"cover": {\n"image": "\\u002fa.png"}}\n/a.png\n', 3),
    ],
)
def test_a_picture_of_front_matter_is_told_where_it_stands(text: str, line: int) -> None:
    """Within a list or a mapping, too; where it is written otherwise, at its key."""
    assert {one.url: one.line for one in post(text).images}["https://site.example/a.png"] == line


def test_white_space_does_not_change_the_digest() -> None:
    """What renders the same has the same digest; a changed word, or author, has not."""
    one = post(front("tags: [a]", "A line\nand more.\n"))
    same = post(front("tags:\n  - a", "A line and   \t more.  \n\n\n").replace(" \t ", " "))
    assert same.digest == one.digest
    assert post(front("tags: [a]", "A line and less.\n")).digest != one.digest
    assert post(front("tags: [a]\nby: X", "A line\nand more.\n")).digest != one.digest


def test_preformatted_white_space_is_in_the_digest() -> None:
    """Within a code block every blank counts."""
    one = post(front("", "```\na b\n```\n"))
    assert post(front("", "```\na  b\n```\n")).digest != one.digest


def test_the_digest_knows_neither_file_nor_time() -> None:
    """Another file with the same address and text has the same digest."""
    keys = "permalink: /x/\ndate: 2020-01-01"
    assert post(front(keys), "a.md").digest == post(front(keys), "b.md").digest


def test_a_title_is_plain_text() -> None:
    """Tags leave a title, entities are decoded once, and the author is told of tags."""
    reading = read("---\ntitle: DIGI<sup>+</sup> Talent &amp;amp; AT&T &lt; Vec<T>\n---\nx")
    assert reading.post is not None
    assert reading.post.title == "DIGI+ Talent &amp; AT&T < Vec<T>"
    assert problem(reading, "TXT002").line == 2


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("2020", "2020"),
        ("1.10", "1.10"),
        ("True", "True"),
        ("no", "no"),
        ("2020-12-01", "2020-12-01"),
    ],
)
def test_a_title_is_taken_as_written(written: str, title: str) -> None:
    """Numbers, switches and days in a title stay what the author typed."""
    assert post(f"---\ntitle: {written}\n---\nx").title == title


def test_bidi_overrides_leave_a_title() -> None:
    """A mark that turns text around is taken out of a title, with a warning."""
    reading = read("---\ntitle: a\u202eb\u200bc\n---\nx")
    assert reading.post is not None
    assert reading.post.title == "abc"
    assert problem(reading, "TXT007").line == 2


@pytest.mark.parametrize(
    ("keys", "body", "summary"),
    [
        ("summary: S <b>x</b>", "P", "S x"),
        ("excerpt: E\nsubtitle: T", "P", "E"),
        ("", "One *a*\n\nTwo\n\n<!--more-->\n\nThree", "One a Two"),
        ("", "One <!-- more --> two", "One"),
        ("", "One\n\n<!-- PELICAN_END_SUMMARY -->\n\nTwo", "One"),
        ("", "# H\n\n![x](a.png)\n\nFirst\nline\n\nSecond", "First line"),
        ("", "First[^1] words\n\n[^1]: a note", "First words"),
        ("", "`<!--more-->` is a mark\n\nTwo", "<!--more--> is a mark"),
    ],
)
def test_where_a_summary_comes_from(keys: str, body: str, summary: str) -> None:
    """Keys, else the text before the mark, else the first paragraph; always plain text."""
    found = post(front(keys, body))
    assert found.summary == summary
    assert "<!--" not in found.html


@pytest.mark.parametrize(
    ("keys", "authors"),
    [
        ("author: A and B", ("A and B",)),
        ("author: A; B", ("A", "B")),
        ("author: Smith, John", ("Smith, John",)),
        ("authors: A, B", ("A", "B")),
        ("authors: [A, B, A]", ("A", "B")),
        ("author: {name: A, email: x@y.example}", ("A",)),
        ("authors:\n  - name: A\n  - B", ("A", "B")),
        ("by: A", ("A",)),
        ("", ()),
    ],
)
def test_authors(keys: str, authors: tuple[str, ...]) -> None:
    """Authors as text, list or mapping; "A and B" is never split."""
    assert post(front(keys)).authors == authors


@pytest.mark.parametrize(
    ("keys", "tags"),
    [
        ("tags: [a, 5G, 2020]", ("a", "5G", "2020")),
        ("tags: a, b c", ("a", "b c")),
        ("tags: a b", ("a", "b")),
        ("category: big news", ("big news",)),
        ("tags: [a]\ncategories: [[b, c], a]", ("a", "b", "c")),
        ("taxonomies:\n  tags: [a]\n  categories: [b]", ("a", "b")),
        ("tags: ['#a', null, '']", ("a",)),
    ],
)
def test_tags(keys: str, tags: tuple[str, ...]) -> None:
    """Tags and categories of every generator, in their order, each once."""
    assert post(front(keys)).tags == tags


@pytest.mark.parametrize(
    ("keys", "language"),
    [
        ("lang: zh_TW", "zh-TW"),
        ("language: no", "no"),
        ("locale: de-CH-1996", "de-CH-1996"),
        ("", ""),
    ],
)
def test_language(keys: str, language: str) -> None:
    """A language tag as written; Norwegian is no switch."""
    assert post(front(keys)).language == language


def test_a_language_that_is_none_is_a_warning() -> None:
    """What is no language tag is left out and said."""
    reading = read(front("lang: the English language"))
    assert reading.post is not None
    assert reading.post.language == ""
    assert problem(reading, "FM019").line == 3


@pytest.mark.parametrize(
    ("keys", "path", "url"),
    [
        ("", "posts/2020-12-01-a.md", "posts/a/"),
        ("", "_posts/2020-12-01-a.md", "posts/a/"),
        ("", "posts/2020-12-01-trip/index.md", "posts/trip/"),
        ("", "2009-03-12-hash-#1.markdown", "hash-%231/"),
        ("", "posts/2014-03-22-escape-+ %20[].md", "posts/escape-+%20%2520%5B%5D/"),
        ("", "高雄.md", "%E9%AB%98%E9%9B%84/"),
        ("", "2020-12-01.md", "2020-12-01/"),
        ("slug: b", "posts/2020-12-01-a.md", "posts/b/"),
        ("slug: b c", "a.md", "b%20c/"),
        ("permalink: news/x/", "a.md", "news/x/"),
        ("permalink: /news/x", "a.md", "news/x"),
        ("permalink: /about.html", "a.md", "about.html"),
        ("permalink: https://site.example/x/?a=%25", "a.md", "x/?a=%25"),
        ("permalink: https://SITE.example:443/x/", "a.md", "x/"),
        ("permalink: false", "a.md", "a/"),
        ("permalink: 404", "a.md", "404"),
        ("url: /高/", "a.md", "%E9%AB%98/"),
        ("path: 2019/05/15/A", "a.md", "2019/05/15/A"),
    ],
)
def test_addresses(keys: str, path: str, url: str) -> None:
    """Where a post stands: its keys, else its path; ASCII, inside the site."""
    assert post(front(keys), path).url == "https://site.example/" + url
