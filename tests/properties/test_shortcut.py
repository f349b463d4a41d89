"""The short way through a body and the long one come to the same."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syndicator.model.posts import Site
from syndicator.normalise import bounds, markdown, shortcut, text
from syndicator.normalise.findings import Findings
from syndicator.normalise.links import Links
from syndicator.normalise.pictures import Pictures
from syndicator.normalise.spots import Spots

PIECES = [
    *("\n", "\n\n", "  \n", "\\\n", "    ", "\t", " ", "a", "B c", "中文", "é", "x_y", "1. "),
    *(
        "- ",
        "> ",
        "# ",
        "## ",
        "---\n",
        "***",
        "**",
        "*",
        "_",
        "~~",
        "~",
        "`",
        "```\n",
        "``` html\n",
    ),
    *("| a | b |\n|:-:|---|\n| c | d |\n", "|", "- [ ] a\n", "- [x] b\n", "[^1]", "[^1]: n\n"),
    *("![a](b.png)", "![](c.jpg)", '![a&b](/d.png "t")', "![*x*](e.png)", "![", "[", "](", ")"),
    *("[a](b.md)", "[a](b.txt)", "[a](/c/?x=1&y=2)", '[a](d "t")', "[a]: /e 't'\n", "[a]"),
    *(
        "https://a.example/b?c=d&e",
        "www.example.com",
        "me@a.example",
        "[a](#f)",
        "[m](mailto:me@a.example)",
    ),
    *("[[a]]", "![[a b.png|3]]", "[["),
    *(
        "javascript:x",
        "[j](javascript:x)",
        "![j](javascript:x)",
        "![d](data:x)",
        "![f](file:///a)",
    ),
    *("![p](http://[x)", "[p](http://[x)", "[p](//b.example/c)", "![p](//b.example/c.png)"),
    *("[p](../..//c)", "[é](http://é.example/ü)", "[s](ftp://a.example/)", "[n](ni:///x;y)"),
    *("&amp;", "&lt;", "&#1;", "&#xFFFE;", "&quot;", "&", "&nbsp;", "&copy;", "\u202e", "\u200b"),
    *("{{ x }}", "{%", "\ufeff", "'", '"', "\\", "\\<", ">", "![a&quot;](b&quot;c.png)", "\u00a0"),
    *("![x](b c.png)", "![y](<b", "![z](%20.png)", "[z](%7B%7B)", "\r", "\r\n", "\x0c", "* * *"),
]
BODIES = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.text(max_size=60),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=20).map("".join),
)


SITE = Site(
    title="S",
    url="https://site.example/",
    timezone="Europe/Berlin",
    feeds="https://feeds.example/",
    authority="site.example",
)


def start(body: str) -> tuple[Pictures, Links, Spots]:
    """Return what reading a body begins with."""
    findings = Findings("news/a.md", text="---\n" + body)
    pictures = Pictures("news/a.md", "https://site.example/news/a/", SITE.url, findings)
    links = Links("news/a.md", pictures.address, SITE, frozenset(("b.txt",)))
    return pictures, links, Spots(body, 4, findings)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODIES)
@example("https://a.example/b?c![a](b.png)\n![j](javascript:x)![a](b.png)")
def test_both_ways_give_the_same_text_and_the_same_problems(body: str) -> None:
    """A body that may go the short way reads as on the long way: text, pictures, problems."""
    body = body.replace("<", "").encode("utf-8", "ignore").decode().replace("\x00", "")
    pictures, links, _ = start(body)
    read = text.read(body, 4, pictures, links, titled=True)
    others, links, spots = start(body)
    assert read == text.by_tree(body, markdown.render(body), others, links, spots, titled=True)
    assert pictures.refs == others.refs
    assert list(pictures.refs) == list(others.refs)
    assert pictures.findings.told() == others.findings.told()


def test_a_plain_text_goes_the_short_way() -> None:
    """The commonest bodies are those for which the short way was made."""
    body = "One *two* [three](four/).\n\n![five](six.jpg)\n\n- seven\n- eight\n\n```\n9\n```\n"
    pictures, links, spots = start(body)
    raw = markdown.render(body)
    assert shortcut.fits(body, raw)
    assert bounds.slight(raw)
    assert shortcut.Passing(pictures, links, spots).clean(raw) is not None
