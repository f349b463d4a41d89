"""Slips that leave a post readable: each is told at its place, with the edit that mends it."""

import pytest
from test_normalise_post import front, post, problem, read

from syndicator.model.posts import Problem, Reading
from syndicator.normalise import keys, spans


def codes(reading: Reading) -> list[str]:
    return [one.code for one in reading.problems]


def mended(text: str, found: Problem) -> str:
    """Apply the edits of one problem, as ``check --fix`` does."""
    data = text.encode()
    for edit in reversed(found.edits):
        data = data[: edit.start] + edit.text.encode() + data[edit.end :]
    return data.decode()


@pytest.mark.parametrize(
    ("line", "code", "column", "safe", "fixed"),
    [
        ("note: Issue #5 fixed", "FM011", 7, False, 'note: "Issue #5 fixed"'),
        ("note: #5 fixed", "FM011", 6, False, 'note: "#5 fixed"'),
        ('note: say "a" #b', "FM011", 7, False, "note: 'say \"a\" #b'"),
        ("lang: no", "FM012", 7, True, 'lang: "no"'),
        ("at: 12:30", "FM012", 5, True, 'at: "12:30"'),
        ("number: 0123", "FM012", 9, True, 'number: "0123"'),
        ("version: 1.10", "FM012", 10, True, 'version: "1.10"'),
        ("a: [x, 1_000]", "FM012", 8, True, 'a: [x, "1_000"]'),
        ("sumary: It fell.", "FM014", 1, False, "summary: It fell."),
        ("'sumary': It fell.", "FM014", 1, False, "'summary': It fell."),
        ("autor: Ann", "FM014", 1, False, "author: Ann"),
        ("other:\n  name:Ann", "FM015", 3, False, "other:\n  name: Ann"),
        ("permalink: a/", "URL005", 1, True, "permalink: /a/"),
        ("permalink: 'a/'", "URL005", 1, True, "permalink: '/a/'"),
        (
            "image: https://b.example/?a=1&amp;b=2",
            "IMG011",
            8,
            True,
            "image: https://b.example/?a=1&b=2",
        ),
        ("note: ca\u200bt", "TXT007", 9, True, "note: cat"),
        ("note: 'a\uff1ab'", "TXT006", 9, True, "note: 'a: b'"),
        ('note: "a\uff0cb"', "TXT006", 9, True, 'note: "a, b"'),
        ("note: a\uff1ab", "TXT006", 8, True, 'note: "a: b"'),
        ('note: a\uff1ab, the "c"', "TXT006", 8, True, "note: 'a: b, the \"c\"'"),
        ("note:\n  more: a\uff0c b", "TXT006", 10, True, 'note:\n  more: "a, b"'),
        ("note: caf\u00c3\u00a9", "TXT009", 10, False, "note: caf\u00e9"),
        ("note: a  ", "TXT013", 8, True, "note: a"),
    ],
)
def test_a_slip_is_told_with_its_edit(
    line: str, code: str, column: int, safe: bool, fixed: str
) -> None:
    """Line, column, and an edit after which the slip is gone and the post is still read."""
    text = front(line)
    found = problem(read(text, "a.md"), code)
    assert (found.line, found.column) == (3 + line.count("\n"), column)
    assert found.safe is safe
    assert mended(text, found) == front(fixed)
    again = read(front(fixed), "a.md")
    assert again.standing == "post"
    assert code not in codes(again)


@pytest.mark.parametrize(
    ("title", "fixed"),
    [("2020", '"2020"'), ("No", '"No"'), ("1.10", '"1.10"'), ("True", '"True"')],
)
def test_a_title_that_is_no_text_elsewhere(title: str, fixed: str) -> None:
    """A number or a switch as a title is told as TXT011 alone, and quoted by its edit."""
    text = f"---\ntitle: {title}\n---\nText.\n"
    found = problem(read(text), "TXT011")
    assert mended(text, found) == f"---\ntitle: {fixed}\n---\nText.\n"
    assert "FM012" not in codes(read(text))


@pytest.mark.parametrize(
    "line",
    [
        "note: a # a comment",
        "note: C#",
        "note: 'a #b'",
        "draft: false #todo",
        "draft: no",
        "published: yes",
        "version: 1.5",
        "note: http://a.example",
        "date: 2020-12-01",
        "foo: bar",
        "tagz: a",
        "layout: post",
        "syndicate: {ignore: [IMG010]}",
        "other: Re:Zero",
        "summary: A summary of one sentence.",
        "note: 12\uff1a30",
        "note: \u4e2d\u6587\uff1a\u4e2d\u6587",
        "note: 5 \u00b5m",
        "note: \u03b1-Helix",
        "note: caf\u00e9 \u00e0 la carte",
        "note: \u041c\u043e\u0441\u043a\u0432\u0430",
    ],
)
def test_what_is_no_slip_is_not_told(line: str) -> None:
    """Comments, switches, other scripts and other people's keys are nobody's mistake."""
    reading = read(front("date: 2020-12-01\n" + line if "date" not in line else line))
    assert [code for code in codes(reading) if code != "DATE006"] == []


def test_a_byte_order_mark_is_taken_off_by_its_edit() -> None:
    """FM010 removes three bytes; every other place counts without them."""
    text = "\ufeff" + front("lang: no")
    reading = read(text)
    assert mended(text, problem(reading, "FM010")) == front("lang: no")
    assert mended(text, problem(reading, "FM012")) == "\ufeff" + front('lang: "no"')


@pytest.mark.parametrize(
    "text",
    [
        '---\ntitle: "a\\\t\n  b"\n---\nText.\n',
        "---\ntitle: A\nnote: |\n  a  \n---\nText.\n",
        "---\ntitle: A\n---\nA break  \nhere.\n",
        "---\ntitle: A\n---\n```\ncode \n```\n",
        "---\ntitle: A\n---\nA \\ \nb\n",
    ],
)
def test_blanks_that_mean_something_stay(text: str) -> None:
    """Hard breaks, code, literal values and escaped line ends are not told as TXT013."""
    assert "TXT013" not in codes(read(text))


def test_a_template_in_a_value_is_told() -> None:
    """Braces that nothing fills in, nested and in lists too; addresses have codes of their own."""
    reading = read(front('summary: "{{ page.x }}"\na:\n  b: ["{% y %}"]'))
    assert [(one.code, one.line) for one in reading.problems if one.code == "FM016"] == [
        ("FM016", 3),
        ("FM016", 5),
    ]
    assert "FM016" not in codes(read(front('image: "{{ site.url }}/a.png"')))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("published: perhaps", True),
        ("published: false\ndraft: false", True),
        ("published: 2020-12-01\ndate: 2019-01-01", True),
        ("published: 2020-12-01\ndate: 2020-12-01", False),
        ("published: true\ndraft: false", False),
        ("published: 2020-12-01", False),
    ],
)
def test_a_key_with_two_meanings(lines: str, told: bool) -> None:
    """``published`` is told where it is neither date nor switch, or contradicted."""
    assert ("FM017" in codes(read(front(lines)))) is told


def test_published_that_is_no_date_is_no_error() -> None:
    """A word that is neither is left aside; one with digits was meant as a date."""
    assert read(front("published: perhaps")).standing == "post"
    assert problem(read(front("published: 01/12/2020")), "DATE002").severity == "error"


def test_tabs_are_told_where_they_indent() -> None:
    """YAML 1.2 (6.1) forbids them; the line that has one is named beside the error."""
    reading = read(front("a:\n\tb: 1"))
    assert problem(reading, "FM013").line == 4
    assert problem(reading, "FM003").line == 4


def test_summaries() -> None:
    """HTML in a summary, half a sentence, and one that repeats the text."""
    reading = read(front("summary: It <b>fell</b> on all of the town for days", "It fell.\n"))
    assert problem(reading, "TXT012").line == 3
    assert problem(reading, "TXT004").severity == "info"
    assert problem(read(front("summary: It fell.", "It fell.\n")), "TXT010").line == 3
    assert "TXT004" not in codes(
        read(front("summary: \u4e0b\u4e86\u4e09\u5929\u7684\u96e8\u3002"))
    )


def test_a_title_keeps_its_markup_beside_the_text() -> None:
    """Formats that carry HTML get the tags that a title may have, without attributes."""
    text = "---\ntitle: DIGI<sup class=x>+</sup> <script>x()</script><img src=a>A\n---\nx"
    found = post(text)
    assert (found.title, found.title_html) == ("DIGI+ A", "DIGI<sup>+</sup> A")
    assert post("---\ntitle: a < b\n---\nx").title_html == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sumary", "summary"),
        ("Tilte", "title"),
        ("publishDat", "publishDate"),
        ("permalnk", "permalink"),
        ("layuot", ""),
        ("titles", "title"),
        ("name", ""),
        ("foo", ""),
        ("x" * 10_000, ""),
    ],
)
def test_the_key_that_was_meant(written: str, meant: str) -> None:
    """One letter too many, too few, wrong, or two that changed places; nothing farther off."""
    assert keys.meant(written) == meant


def test_problems_of_one_kind_are_counted_not_listed_without_end() -> None:
    """The first hundred of a code are told, the last of them says how many follow."""
    reading = read(front("", "![](http://b.example/a.png?n={n})\n\n" * 1 + _pictures(250)))
    told = [one for one in reading.problems if one.code == "IMG010"]
    assert len(told) == 100
    assert "151 more" in told[-1].says


def _pictures(count: int) -> str:
    return "".join(f"![](http://b.example/{number}.png)\n\n" for number in range(count))


def test_a_slip_within_a_list_names_the_key_of_the_list() -> None:
    """However deep it stands, the author finds it by its key."""
    found = read(front("versions: [1.2, 1.10]\nmore:\n- [x, 0123]\nother:\n  deep: 12:30"))
    said = [one.says.partition(":")[0] for one in found.problems if one.code == "FM012"]
    assert said == ["versions", "more", "deep"]


@pytest.mark.parametrize("mark", ["\uff1a", "\u200b"])
@pytest.mark.parametrize(
    "text",
    [
        front('permalink: "/x{}y/"'),
        front("image: P{}A.png"),
        front("image:\n  path: 'P{}A.png'"),
        front("aliases: '/x{}y'"),
        front("", "![x](P{}A.png)"),
        front("", "![[My P{}A b.png]]"),
        front("", "[x](<P{}A b.pdf>)"),
        front("", "[x][1]\n\n[1]: b{}c.pdf\n"),
        front("", "<img src='P{}A.png' alt=x>"),
        front("", "`x{}y`"),
        front("", "```\nx{}y\n```\n"),
        front("", "https://x.example/a{}b"),
        front("", "``x{}y``"),
        front("", "`` a`x{}y ``"),
        front("", "`a\nx{}y`"),
        front("", "- a`\n- `x{}y`"),
        front("", "\\`a` x{}y`"),
        front("", "<code>x{}y</code>"),
        front("", "a <KBD>x{}y</KBD>"),
        front("", "<samp class=a>x{}y</samp>"),
        front("", '<img\n  src="P{}A.png" alt=x>'),
        front("", '<img alt="a > b" src="P{}A.png">'),
        front("", "[x](https://x.example/A_(b)c{}d)"),
        front("", "[x](a\\)c{}d.png)"),
        front("", "[x](\nP{}A.png)"),
        front("", "[x](" + "a" * 1_100 + "x{}y)"),
        front("", "> [1]: b{}c.pdf\n\n[x][1]\n"),
        front("", '{{{{< figure src="P{}A.png" >}}}}'),
        front("", "ftp://x.example/a{}b"),
        front("video: https://x.example/P{}A.mp4"),
        front("video: P{}A.mp4"),
        front("video: 'My P{}A.mp4'"),
        front("videos: ['a b', 'P{}A.mp4']"),
        front("gallery:\n  - file: P{}A.mp4\n    title: x"),
        front("player:\n  file: /x/P{}A"),
    ],
)
def test_no_safe_edit_changes_a_name_an_address_or_code(text: str, mark: str) -> None:
    """The file is called so, and lies under that name."""
    told = read(text.format(mark), "a.md").problems
    assert [
        one for one in told if one.code in {"TXT006", "TXT007"} and one.edits and one.safe
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        front("", "Rain\uff1aWind ![x](a.png)\n"),
        front("", "`a` Rain\uff1aWind ``b``\n"),
        front("", "a < b Rain\uff1aWind\n"),
        front("", "<b>Rain\uff1aWind</b> [x](a(b)) Rain\n"),
        front("", "[x](a_(b)) Rain\uff1aWind\n"),
        front("description: Rain\uff1aWind\nimage: a.png"),
        front("description: 'Rain\uff1aWind fell.'"),
    ],
)
def test_a_field_beside_a_picture_is_still_put_right(text: str) -> None:
    """Text is text, whatever else stands in it."""
    assert problem(read(text, "a.md"), "TXT006").edits


def test_the_marks_of_one_value_are_put_right_at_once() -> None:
    """A copy of the value for each of them would be the square of its length."""
    told = read("---\ntitle: " + "a\uff0c" * 50 + "a\n---\nText.\n", "a.md").problems
    edits = [edit.text for one in told if one.code == "TXT006" for edit in one.edits]
    assert edits == ['"' + "a, " * 50 + 'a"']


def test_names_and_code_are_looked_for_once_where_any_mark_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every Chinese text holds full-width marks: nothing is told of most of them."""
    asked: list[str] = []

    def references(text: str, _begin: int) -> list[tuple[int, int]]:
        asked.append(text)
        return []

    monkeypatch.setattr(spans, "_references", references)
    read(front("", "\u96e8\uff0c\u98a8\uff1a\u96e8"), "a.md")
    assert asked == []
    read(front("", "a\uff0cb a\uff0cb a\u200bb"), "a.md")
    assert len(asked) == 1
