"""What is refused, and how soon: counting comes before making."""

import re
import sys
import threading
from collections.abc import Callable

import pytest
from test_normalise_post import front, post, problem, read

from syndicator.model.posts import Reading
from syndicator.normalise import bounds, handlers, yaml_events

MiB = 1 << 20


def fenced(fence: str, lines: str) -> str:
    return f"{fence}\n{lines}\n{fence}\n"


# each is a whole file; all are refused
BOMBS: dict[str, Callable[[], str]] = {
    "yaml: 20,000 values, then an error": lambda: fenced("---", "a: [" + "1," * 19_900),
    "yaml: 10,000 keys, then an error": lambda: fenced(
        "---", "".join(f"k{n}: v\n" for n in range(9_900)) + "x: ["
    ),
    "yaml: 1 MiB of text, then an error": lambda: fenced(
        "---", "a: " + "x y " * 260_000 + "\nb: ["
    ),
    "yaml: a million blank lines": lambda: fenced("---", "a: b" + "\n" * (MiB - 100) + "b: ["),
    "yaml: half a million comments": lambda: fenced("---", "a: b\n" + "#\n" * 520_000 + "b: ["),
    "yaml: escapes": lambda: fenced("---", 'a: "' + "\\n" * 520_000),
    "yaml: colons": lambda: fenced("---", "a:" * 520_000),
    "yaml: dashes": lambda: fenced("---", "a:\n" + "- " * 520_000),
    "yaml: empty items": lambda: fenced("---", "a:\n" + "-\n" * 520_000),
    "yaml: braces": lambda: fenced("---", "a: " + "{" * (MiB - 100)),
    "yaml: levels": lambda: fenced("---", "".join(" " * n + "a:\n" for n in range(1_000))),
    "yaml: a second document": lambda: fenced("---", "a: b\n" + "--- x\n" * 170_000),
    "yaml: never closed": lambda: "---\na: b\n" + "x\n" * (2 * MiB),
    "toml: 20,000 lines": lambda: fenced(
        "+++", "".join(f"k{n}=1\n" for n in range(19_900)) + "x="
    ),
    "toml: comments": lambda: fenced("+++", "#\n" * 520_000 + "b="),
    "toml: blank lines": lambda: fenced("+++", "\n" * (MiB - 100) + "b="),
    "toml: backslashes": lambda: fenced("+++", 'a="' + "\\n" * 520_000 + '"\nb='),
    "toml: a list": lambda: fenced("+++", "a=[" + "1," * 19_900 + "]\nb="),
    "toml: brackets": lambda: fenced("+++", "a = " + "[" * 60_000),
    "toml: dots": lambda: fenced("+++", "a." * 30_000 + "a = 1"),
    "toml: quotes": lambda: fenced("+++", "a = " + '"""\\' * 200_000),
    "toml: headers that are none": lambda: fenced("+++", "[[r]]\n" + "[r]]\n" * 3_000),
    "toml: 1 MiB between double quotes": lambda: fenced(
        "+++", 'a="' + "x" * (MiB - 100) + '"\na='
    ),
    "toml: lines of text": lambda: fenced(
        "+++", "".join(f'k{n}="{"x" * 90}"\n' for n in range(9_900)) + "b="
    ),
    "toml: a key of 1 MiB": lambda: fenced("+++", "x" * (MiB - 100)),
    "toml: a number of 1 MiB": lambda: fenced("+++", "a=" + "1_" * (MiB // 2 - 100) + "1"),
    "toml: quotes alone": lambda: fenced("+++", "a=" + '"' * (MiB - 100)),
    "yaml: 10,000 remarks, then an error": lambda: fenced(
        "---", "".join(f"k{n}: 012 #x\n" for n in range(9_900)) + "x: ["
    ),
    "yaml: tabs": lambda: fenced("---", "\ta: b\n" * 150_000),
    "json: escapes, then an error": lambda: '---json\n{"a":"' + "\\n" * 520_000 + '"}x\n---\n',
    "json: 20,000 values": lambda: '{"a":[' + "1," * 19_900 + "]x",
    "json: brackets": lambda: '{"a":' + "[" * 60_000,
    "json: blanks": lambda: '{"a":' + "\n" * (MiB - 100) + "x}",
    "json: quotes": lambda: '{"a":"' + '\\"' * 400_000,
    "json: never closed": lambda: '{"a":"' + "x" * (4 * MiB),
    "body: rules": lambda: front("", "---\n" * MiB),
    "body: paragraphs": lambda: front("", "a\n\n" * MiB),
    "body: breaks": lambda: front("", "<br>" * MiB),
    "body: stars": lambda: front("", "*a* " * MiB),
    "body: rows": lambda: front("", "|a|b|\n|-|-|\n" + "|a|b|\n" * MiB),
    "body: notes": lambda: front("", "[^1]" * MiB + "\n\n[^1]: x\n"),
    "body: quotations": lambda: front("", ">" * 100_000),
    "body: quotations and lists": lambda: front("", "> - " * 50_000),
    "body: elements": lambda: front("", "<div>" * 90_000),
    "body: open tags": lambda: front(
        "", "<p>" + "".join(f"<b id={n}>" for n in range(2_000)) + "</p><p>x" * 2_000
    ),
    "body: attributes": lambda: front("", "<p " + " ".join(f"a{n}" for n in range(90_000)) + ">"),
    "body: lists within lists": lambda: front("", "- " * (15 * MiB)),
    "body: old line ends": lambda: front("", "x\r" * (15 * MiB)),
    "body: attributes to the limit": lambda: front("", "<a " + "a=b " * (7 * MiB) + ">"),
    "body: choices": lambda: front("", "<select>" + "<option>a</option>" * 20_000),
}


def calls(work: Callable[[], object]) -> int:
    """Return how many functions are called: the same on a busy machine as on an idle one."""
    count = 0

    def see(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_for_what_it_is(name: str) -> None:
    """Nothing costs much more to refuse than to look through once, nor ends the process.

    What it costs in time is told by ``python -m benchmarks.normalise --refuse``.
    """
    data = BOMBS[name]().encode()
    readings: list[Reading] = []
    assert calls(lambda: readings.append(read(data))) < 400_000
    assert readings[0].standing == "held"
    assert {one.code for one in readings[0].problems if one.severity == "error"} <= {
        "FM003",
        "FM005",
        "FM008",
    }


def test_bombs_are_refused_in_a_thread() -> None:
    """A small stack is enough: depth costs no recursion."""
    standings: list[str] = []

    def work() -> None:
        standings.extend(read(BOMBS[name]()).standing for name in BOMBS if "body" not in name)

    threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(0)
    assert standings == ["held"] * sum("body" not in name for name in BOMBS)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (fenced("---", "a: " + "x" * MiB), "1 MiB"),
        (fenced("---", "a: " + "[" * 33 + "]" * 33), "32 levels"),
        (fenced("---", "a: [" + "1," * 20_000 + "]"), "20,000 values"),
        (fenced("+++", "a = [" + "1," * 5_000 + "]"), "TOML front matter holds more than 5,000"),
        (fenced("+++", "".join(f"k{n} = 1\n" for n in range(2_501))), "5,000 values"),
        ('---json\n{"a":[' + "1," * 20_000 + "1]}\n---\n", "20,000 values"),
        (fenced("+++", "a = 1\n" + "\n" * 10_001), "10,000 lines"),
        (fenced("+++", "a.b." * 17 + "a = 1"), "32 levels"),
        (fenced("+++", "a = [\n" + "[" * 33 + "]" * 33 + "]"), "32 levels"),
        ('{"a":' + "[" * 33 + "]" * 33 + "}", "32 levels"),
        (fenced("+++", 'a = "' + "x" * 132_000 + '"'), "125,000 characters"),
        (fenced("+++", "a" * 125_001 + " = 1"), "125,000 characters"),
        (front("", "x" * (32 * MiB)), "32 MiB"),
        (front("", "\u65e5" * (MiB + 1)), "not ASCII"),
        (front("", "e\u0301" * (2 * MiB + 1)), "not ASCII"),
        (front("a: " + "x" * 16_384, "x" * (4 * MiB)), "16 KiB"),
        (front("", "*" * 500_001), "500,000"),
        (front("", "x\r" * 500_001), "500,000"),
        (front("", "> " * 513), "deeper"),
    ],
)
def test_each_limit_has_its_message(text: str, word: str) -> None:
    """FM008 says which limit it was, and what to do about it."""
    found = problem(read(text), "FM008")
    assert word in found.says
    assert found.hint


def test_what_lies_within_the_limits_is_read() -> None:
    """The last that is allowed: 32 levels, 20,000 values, 1 MiB."""
    assert read(fenced("---", "title: A\na: " + "[" * 31 + "]" * 31)).standing == "post"
    values = "title: A\na: [" + "1," * 19_990 + "]"
    assert read(fenced("---", values)).standing == "post"
    tables = 'title = "A"\n' + "".join(f"k{n} = 1\n" for n in range(2_490))
    assert read(fenced("+++", tables)).standing == "post"
    text = "title: A\na: " + "x" * (MiB - len("title: A\na: ") - 1)
    assert read(fenced("---", text)).standing == "post"
    text = 'title = "A"\na = "' + "x" * 124_000 + "\"\nb = '" + "x" * 700_000 + "'"
    assert read(fenced("+++", text)).standing == "post"
    assert read(front("", "x\r\n" * 249_000)).standing == "post"
    assert read(front("", "> " * 512 + "x")).standing == "post"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("piece", ["x", "\u65e5xyz"])
def test_a_long_file_is_refused_for_what_a_short_one_is(piece: str, mark: str) -> None:
    """What is said of front matter does not depend on the text below it."""
    for head in (
        front("a: [") + "\n",
        front("a: 1\na: 2"),
        f"---\n{'x' * 60} {piece}: 1\n",
        front("a: b") + "b",
    ):
        size = len(piece.encode())
        long, short = (read(mark + head + piece * (times * MiB // size)) for times in (5, 2))
        assert long.problems == short.problems
        assert long.standing == short.standing


def test_a_long_file_is_refused_for_its_front_matter_before_its_text() -> None:
    """Of two things that take long to refuse one is enough."""
    for text in ("x" * (5 * MiB) + "\x01", "\u65e5" * (3 * MiB)):
        assert [one.code for one in read(front("a: [", text)).problems] == ["FM003"]
        assert [
            one.code for one in read(front("a: b", text)).problems if one.code != "TXT001"
        ] in (
            ["FM006"],
            ["FM008"],
        )


@pytest.mark.parametrize("size", [5 * MiB, 17 * 1024])
@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("date: 2020-13-01", "DATE003"),
        ("date: 01/12/2020", "DATE002"),
        ("date: soon", "DATE001"),
        ("date: 2020-12-01\npermalink: /:nobody/", "URL006"),
        ("date: 2020-12-01\nlastmod: soon", "DATE001"),
    ],
)
def test_a_long_text_is_not_read_where_front_matter_holds_the_post_back(
    keys: str, code: str, size: int
) -> None:
    """Of a short one all is told at once."""
    slip = "[a](b.pdf)"
    long = read(front(keys, slip + "x" * size))
    assert (long.standing, [one.code for one in long.problems]) == ("held", [code])
    short = read(front(keys, slip))
    assert (short.standing, {one.code for one in short.problems}) == ("held", {code, "MD002"})


@pytest.mark.parametrize("size", [5 * MiB, 17 * 1024, 10])
def test_a_long_text_with_its_date_at_its_end_is_read(size: int) -> None:
    """A trailer's day counts, wherever it stands, and no other is missed."""
    body = "x" * size + "\n\nDate: 2020-12-02\nSource: me\n"
    reading = read(f"---\ntitle: A\n---\n{body}", "a.md")
    assert (reading.standing, reading.problems) == ("post", ())
    assert reading.post is not None
    assert reading.post.dated_by == "trailer"


@pytest.mark.parametrize("size", [5 * MiB, 17 * 1024, 10])
def test_the_day_at_the_end_of_a_long_text_is_good_for_its_address(size: int) -> None:
    """It is not known yet where front matter alone is judged."""
    body = "x" * size + "\n\nDate: 2020-12-02\nSource: me\n"
    reading = read(f"---\ntitle: A\npermalink: /:year/a/\n---\n{body}", "a.md")
    assert (reading.standing, reading.problems) == ("post", ())
    assert reading.post is not None
    assert reading.post.url == "https://site.example/2020/a/"


def test_of_a_long_text_that_is_not_read_no_date_is_missed() -> None:
    """It may stand at its end."""
    for size in (5 * MiB, 17 * 1024):
        text = f"---\ntitle: A\npermalink: /:nobody/\n---\n{'x' * size}\n\nDate: 2020-12-02\n"
        assert [one.code for one in read(text, "a.md").problems] == ["URL006"]


def test_a_long_draft_with_a_wrong_date_is_a_draft() -> None:
    """Nobody waits for it."""
    for size in (5 * MiB, 17 * 1024, 10):
        assert read(front("draft: true\ndate: soon", "x" * size)).standing == "draft"


def test_deep_toml_names_its_line() -> None:
    """A text of several lines before it does not shift the line."""
    text = fenced("+++", 'a = """\nx\ny"""\nb = ' + "[" * 33 + "]" * 33)
    assert problem(read(text), "FM008").line == 5


@pytest.mark.parametrize(
    "slip",
    [
        "# h{n}\n",
        "![](\u00e9{n}.png) ",
        "[a](b{n}.pdf) ",
        "<script>a</script>",
        "a\u200bb ",
        "a\uff1ab ",
        "a\u0430 ",
        "\u00c3\u00a9 ",
        "a \n",
        "{{{{ x }}}} `{{{{ y }}}}` ",
    ],
    ids=[
        *("headings", "pictures", "links", "scripts", "hidden", "wide", "mixed", "garbled"),
        *("blanks", "templates"),
    ],
)
def test_many_slips_cost_no_more_than_their_number(slip: str) -> None:
    """What is told of a text is told in one pass over it, however often it is to be told."""

    def cost(number: int) -> int:
        text = front("", "".join(slip.format(n=n) for n in range(number)))
        readings: list[Reading] = []
        spent = calls(lambda: readings.append(read(text)))
        assert readings[0].standing == "post"
        return spent

    few = cost(1_000)
    assert cost(4_000) < 4.5 * few


def test_many_ampersands_cost_no_more_than_their_number() -> None:
    """The sanitiser's parser is quadratic in them; the texts are parted for it."""
    text = "a & b &amp; c &nbsp;\n" * 20_000
    found = post(front("", text))
    assert found.html.count("&amp;") == 40_000
    assert found.html.count("&nbsp;") == 20_000
    assert "<!--" not in found.html
    parted = bounds.relieved(found.html)
    assert max(one.count("&") for one in re.split("<[^>]*>", parted)) <= 500


@pytest.mark.parametrize(
    "body",
    [
        "We know a <b here. " + "One word, and more. " * 1_000,
        "We know that a <b here.\n\n" + "word word word\n\n" * 1_000,
        "    while (a <b) { a = a + 1; }\n" * 20 + "\n" + "Words, so many. " * 900,
    ],
    ids=["comparison", "paragraphs", "code"],
)
def test_a_sign_for_less_is_no_endless_tag(body: str) -> None:
    """Text may run on for as long as it likes after a ``<`` that Markdown takes for text."""
    assert "&lt;b" in post(front("", body)).html


@pytest.mark.parametrize(
    "text",
    [
        fenced("---", "".join(f"k{n}: v\n" for n in range(4_000)) + "k9: v"),
        fenced("+++", "".join(f"k{n} = 1\n" for n in range(2_400)) + "k9 = 1"),
        '{"a": [' + "1, " * 4_000 + '1], "a": 2}\n',
    ],
    ids=["yaml", "toml", "json"],
)
def test_of_front_matter_with_a_key_twice_nothing_is_built(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that stands twice is told without a table, or the place of any other key."""
    made: list[str] = []
    for where, name in (
        (yaml_events._Build, "_open"),
        (handlers, "json_table"),
        (handlers, "TomlPlaces"),
    ):
        monkeypatch.setattr(where, name, lambda *_, name=name: made.append(name))
    (found,) = read(text).problems
    assert (found.code, made) == ("FM005", [])
