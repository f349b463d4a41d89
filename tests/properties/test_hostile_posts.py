"""Hostile posts, from their bytes through every publisher: feeds stay valid, others go out."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from entries import SITE, edition
from feed_judges import FEEDS, faults
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import made
from selectolax.lexbor import LexborHTMLParser
from trial import HEAD, Trial, webhook

from syndicator.model.feeds import Document, Notice
from syndicator.model.pictures import Entry
from syndicator.model.posts import Problem, Source
from syndicator.normalise import normalise
from syndicator.publish import registered

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVIL: tuple[str, ...] = (
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?xml version='1.0'?>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>",
    "&nbsp;",
    "&amp;amp;",
    "&",
    "<",
    "&#0;",
    "&#xD800;",
    "\x00",
    "\x0b",
    "\x1f",
    "\x7f",
    "\x85",
    "\ud800",
    "\udfff",
    "\ufffe",
    "\uffff",
    "\ufffd",
    "\u202e",
    "\u2066",
    "\u2028",
    "\U000e0041",
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js>",
    "<svg/onload=alert(1)>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">a</a>',
    "<style>*{}</style>",
    "[a](javascript:alert(1))",
    "[a](data:text/html,x)",
    "[a](vbscript:x)",
    "<iframe src=x>",
    "<a href='java&#x0a;script:alert(1)'>a</a>",
    '<p style="position:fixed">p</p>',
    "</div>",
    "![](javascript:alert(1))",
    "<base href='https://evil.example/'>",
    "<math><mi//xlink:href=x>",
    "javascript:alert(1)",
    "data:text/html,<script>",
    "//evil.example/",
    "../../../etc/passwd",
    "https://evil.example:x/",
    "http://[::1",
    "https://a@b:c@d/",
    "/a\\..\\b/",
    "/%00/",
    "/a b/",
    "/good/",
    "/good",
    "x" * 5000,
    "</title></item></channel></rss>",
    "{{ x }}",
    "%s",
    "\r\n\r\n",
)
KEYS = (
    *("title", "summary", "permalink", "image", "author", "tags", "lang", "id", "canonical_url"),
    *("source_url", "redirect_from", "date", "layout"),
)
SAFE = {"FEED009", "FEED020"}  # a title may be about markup, a text may be long
texts = st.lists(st.sampled_from(EVIL) | st.text(max_size=8), max_size=4).map("".join)
matters = st.dictionaries(st.sampled_from(KEYS), texts | st.lists(texts, max_size=3), max_size=6)


def _source(number: int, matter: dict[str, object], body: str) -> Source:
    """Write a post as a hostile editor would: every code unit that JSON can name is in it."""
    told = {"title": f"Post {number}", "date": f"2020-12-0{number + 1}", **matter}
    lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in told.items())
    data = f"---\n{lines}---\n{body}\n".encode("utf-8", "surrogatepass")
    digest = sha256(data).hexdigest()
    return Source(path=f"{number}.md", data=data, digest=digest, modified=NOW)


def _entries(*sources: Source) -> Iterator[Entry]:
    """Yield what publishers may get: a pass holds back who claims another one's address."""
    taken: set[str] = set()
    for number, source in enumerate(sources):
        post = normalise(source, SITE).post
        if post is not None and (address := post.url.rstrip("/")) not in taken:
            taken.add(address)
            key = f"tag:site.example,2020:{number}"
            yield Entry(id=key, seq=1, post=post, published=post.published, updated=post.published)


@settings(max_examples=20)  # each asks every publisher, and five judges
@given(matters, texts)
def test_a_hostile_post_harms_no_feed_and_no_other_post(
    matter: dict[str, object], body: str
) -> None:
    """Whatever stands in it: feeds are valid in every judge's eyes, and the others are in them."""
    good = {"title": "Good", "permalink": "/good/"}
    entries = list(
        _entries(_source(0, {**good}, "Fine."), _source(1, matter, body), _source(2, {}, body))
    )
    told = edition(*reversed(entries), told=[("published", one) for one in entries])
    for kind in sorted(registered()):
        for one in made(kind).publish(told):
            assert isinstance(one, Document | Notice | Problem)
            if isinstance(one, Problem):
                assert (one.code, one.path) == ("PUB001", "1.md")
            elif isinstance(one, Document) and one.path.endswith(FEEDS):
                assert {fault.code for fault in faults(one)} <= SAFE
                assert b"Fine." in one.body


def test_a_site_of_hostile_posts_is_published_whole(tmp_path: Path) -> None:
    """A real pass over all of them: what can go out does, what can't is told, nothing is lost."""
    kinds = ("rss", "json", "page", "opml")
    tables = "".join(f'[[publish]]\ntype = "{kind}"\n' for kind in kinds)
    tables += '[[publish]]\ntype = "atom"\npath = "tags/{tag}.xml"\nper = "tag"\n'
    head = HEAD.replace("[serve]", "[serve]\ncompress = []")
    site = Trial(root=tmp_path, head=head, tables=tables + webhook(since="all"))
    site.write("good.md", "Fine.", title="Good", date="2020-11-30", permalink="/good/")
    names = []
    for number, evil in enumerate(EVIL):
        names.append(f"evil{number}.md")
        fields = dict.fromkeys(("title", "summary", "author", "tags", "image", "lang"), evil)
        link = {"permalink": evil} if number % 2 else {}
        source = _source(0, {**fields, **link, "date": "2020-12-01"}, f"{evil}\n\n{evil}")
        (tmp_path / "content").mkdir(exist_ok=True)
        (tmp_path / "content" / names[-1]).write_bytes(source.data)
        site.age(names[-1])
    report = site.make(confirm=True)
    public = site.layout.public
    documents = [path for path in sorted(public.rglob("*")) if path.suffix in FEEDS]
    assert len(documents) > len(kinds)
    for path in documents:
        name = path.relative_to(public).as_posix()
        document = Document(path=name, media_type="", body=path.read_bytes())
        found = {(one.code, one.says) for one in faults(document)}
        assert {code for code, _ in found} <= SAFE, (name, found)
    out = site.feed()
    held = {one.path for one in report.problems if one.severity == "error"}
    assert "good.md" not in held
    assert ">Good<" in out
    assert out.count("<entry>") == report.live == 1 + len(names) - len(held)
    page = LexborHTMLParser((public / "index.html").read_text("utf-8"))
    assert page.css("script, iframe, base, object") == []
    for node in page.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on"), node.html
            assert name not in {"href", "src"} or "script:" not in (value or ""), node.html
