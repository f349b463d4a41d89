"""The history of feeds over many passes: what changes, what stands, and that nothing is missed."""

import os
import random
import re
import shutil
from functools import partial
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import pytest
import trial
from feed_judges import faults
from trial import HOUR, PNG, Trial

from syndicator.config.load import load
from syndicator.cycle import takedown
from syndicator.cycle.examine import Examiner
from syndicator.model.feeds import Document
from syndicator.model.pictures import Entry
from syndicator.model.posts import Site
from syndicator.publish import feeds as publish_feeds
from syndicator.publish import registered
from syndicator.publish.atom import Atom
from syndicator.publish.items import body
from syndicator.publish.papers import Paper

ATOM = "{http://www.w3.org/2005/Atom}"
HEAD = trial.HEAD.replace("limit = 0", "limit = 3")


def test_a_pass_told_of_one_file_puts_right_what_readers_subscribe_to(site: Trial) -> None:
    """Also a feed that the file is not in: whether it is there is asked of the disk."""
    site.tables = PER_TAG
    publish(site, "a", "2026-01-01", tags="[rain]")
    publish(site, "b", "2026-01-02", tags="[wind]")
    site.make()
    before = feeds(site)
    (site.layout.public / "tags/rain.xml").unlink()
    publish(site, "c", "2026-01-03", tags="[wind]")
    site.make(written=frozenset({"c.md"}))
    assert feeds(site)["tags/rain.xml"] == before["tags/rain.xml"]


PER_TAG = """\
[[publish]]
type = "atom"
path = "tags/{tag}.xml"
per = "tag"
limit = 2
[[publish]]
type = "rss"
path = "zh.xml"
select = { language = "zh-TW" }
limit = 2
"""


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site whose feed holds three posts, and no post."""
    made = Trial(root=tmp_path, head=HEAD)
    made.make()
    return made


def publish(site: Trial, name: str, date: str, **matter: str) -> None:
    """Write a post."""
    site.write(f"{name}.md", f"Text of {name}.", title=name, date=date, **matter)


def feeds(site: Trial) -> dict[str, bytes]:
    """Return the published feeds by path."""
    public = site.layout.public
    return {
        str(path.relative_to(public)): path.read_bytes()
        for path in sorted(public.rglob("*"))
        if path.is_file() and path.suffix in {".xml", ".json"}
    }


def links(data: bytes) -> dict[str, str]:
    """Return the links of a feed by relation, without where feeds are served."""
    root = ET.fromstring(data)  # noqa: S314  # our own output
    found = [*root.iterfind(f"{ATOM}link"), *root.iterfind(f"channel/{ATOM}link")]
    return {
        one.get("rel", ""): one.get("href", "").removeprefix("https://feeds.example/")
        for one in found
    }


def titles(data: bytes) -> list[str]:
    """Return the titles of the entries."""
    root = ET.fromstring(data)  # noqa: S314  # our own output
    found = [*root.iterfind(f"{ATOM}entry/{ATOM}title"), *root.iterfind("channel/item/title")]
    return [one.text or "" for one in found]


def everything(found: dict[str, bytes], path: str, relation: str) -> list[str]:
    """Follow a feed back to its beginning; return the titles on the way, newest document first."""
    seen = []
    while path:
        seen += titles(found[path])
        path = links(found[path]).get(relation, "")
    return seen


def test_a_small_site_has_no_history(site: Trial) -> None:
    """As long as the feed holds all there is, there are no other documents."""
    for day in range(1, 4):
        publish(site, f"p{day}", f"2026-11-0{day}")
    site.make()
    assert list(feeds(site)) == ["atom.xml"]
    assert links(feeds(site)["atom.xml"]).keys() == {"self", "alternate"}


def test_a_new_subscriber_gets_everything(site: Trial) -> None:
    """Following prev-archive, or next, leads to every post that was ever published."""
    for month in range(1, 6):
        for day in range(1, month + 2):
            publish(site, f"p{month}-{day}", f"2026-0{month}-0{day}")
    site.make()
    found = feeds(site)
    names = {f"p{month}-{day}" for month in range(1, 6) for day in range(1, month + 2)}
    for relation in ("prev-archive", "next"):
        assert set(everything(found, "atom.xml", relation)) == names
    head = links(found["atom.xml"])
    assert head["prev-archive"] == head["next"] == "atom-archive/2026-05.xml"
    assert head["last"] == "atom-archive/2026-01.xml"
    assert titles(found["atom.xml"]) == ["p5-6", "p5-5", "p5-4"]
    assert titles(found["atom-archive/2026-05.xml"]) == ["p5-3", "p5-2", "p5-1"]
    assert links(found["atom-archive/2026-04-2.xml"]) == {
        "self": "atom-archive/2026-04-2.xml",
        "alternate": "https://site.example/",
        "first": "atom.xml",
        "current": "atom.xml",
        "prev-archive": "atom-archive/2026-04.xml",
        "next": "atom-archive/2026-04.xml",
        "next-archive": "atom-archive/2026-05.xml",
        "previous": "atom-archive/2026-05.xml",
    }
    assert all(b"<fh:archive/>" in data for path, data in found.items() if "-archive/" in path)


def test_a_new_post_changes_the_feed_alone(site: Trial) -> None:
    """But when it begins a part: then the last becomes an archive, and the one before links it."""
    for day in range(1, 9):
        publish(site, f"p{day}", f"2026-10-0{day}")
    site.make()
    before = feeds(site)
    publish(site, "p9", "2026-10-09")
    assert set(site.make().documents) == {"atom.xml"}
    publish(site, "new", "2026-11-01")
    assert set(site.make().documents) == {
        "atom.xml",
        "atom-archive/2026-10-2.xml",
        "atom-archive/2026-10-3.xml",
    }
    assert feeds(site)["atom-archive/2026-10.xml"] == before["atom-archive/2026-10.xml"]


def test_an_edit_and_a_removal_change_the_one_document_that_holds_the_post(site: Trial) -> None:
    """The set of its entries is what no new post ever changes."""
    for month in range(1, 7):
        for day in (1, 2):
            publish(site, f"p{month}-{day}", f"2026-0{month}-0{day}")
    site.make()
    site.write("p2-1.md", "Another text.", title="p2-1", date="2026-02-01")
    assert set(site.make().documents) == {"atom-archive/2026-02.xml"}
    site.remove("p3-1.md")
    assert set(site.make().documents) == {"atom-archive/2026-03.xml"}
    assert titles(feeds(site)["atom-archive/2026-03.xml"]) == ["p3-2"]


def test_a_post_dated_back_stands_in_a_part_of_its_own(site: Trial) -> None:
    """What an archive document held, it holds; those before and after it link the new one."""
    for month in range(1, 7):
        for day in range(1, 4):
            publish(site, f"p{month}-{day}", f"2026-0{month}-0{day}")
    site.make()
    publish(site, "late", "2026-02-02")
    assert set(site.make().documents) == {
        "atom-archive/2026-02-2.xml",
        "atom-archive/2026-02.xml",
        "atom-archive/2026-03.xml",
    }
    assert "late" in everything(feeds(site), "atom.xml", "prev-archive")


def test_a_picture_that_comes_late_changes_the_document_that_shows_it(site: Trial) -> None:
    """And no other; the post is as old as it was."""
    for month in range(1, 8):
        matter = {"image": "https://img.example/a.png"} if month == 2 else {}
        publish(site, f"p{month}", f"2026-0{month}-01", **matter)
    site.says = lambda _request: httpx.Response(500)
    site.make()
    assert b"media:content" not in feeds(site)["atom-archive/2026-02.xml"]
    site.says = lambda _request: httpx.Response(200, content=PNG)
    assert set(site.make(hours=48).documents) == {"atom-archive/2026-02.xml"}
    assert b"media:content" in feeds(site)["atom-archive/2026-02.xml"]


def test_what_was_taken_down_is_in_no_document_and_named_nowhere(site: Trial) -> None:
    """A removal is told on request (RFC 6721); a take-down is not."""
    site.head = HEAD + "tombstones = 10\n"
    for month in range(1, 8):
        publish(site, f"p{month}", f"2026-0{month}-01")
    site.make()
    site.remove("p3.md")
    site.make()
    assert feeds(site)["atom.xml"].count(b"<at:deleted-entry ") == 1
    assert b'ref="tag:site.example,2026-03-01:p3" when="2026-11-22T' in feeds(site)["atom.xml"]
    found = site.care(partial(takedown.forget, subject="p2.md", reason="asked", act=True))
    assert found.done
    for data in feeds(site).values():
        assert b"p2" not in data
    assert "atom-archive/2026-02.xml" not in feeds(site)
    before = feeds(site)
    site.forget()
    site.make()
    assert feeds(site) == before


def test_a_document_that_somebody_changed_or_removed_is_put_right(site: Trial) -> None:
    """And only that one is made."""
    for month in range(1, 8):
        publish(site, f"p{month}", f"2026-0{month}-01")
    site.make()
    before = feeds(site)
    (site.layout.public / "atom-archive/2026-01.xml").write_text("nonsense")
    (site.layout.public / "atom-archive/2026-03.xml").unlink()
    damaged = {"atom-archive/2026-01.xml", "atom-archive/2026-03.xml"}
    assert set(site.make().documents) == damaged
    assert feeds(site) == before
    assert site.make().unchanged


def test_posts_written_in_the_moment_they_were_read_are_read_again_and_no_more(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After many at once, a new post makes its own documents only."""
    for month in range(1, 8):
        publish(site, f"p{month}", f"2026-0{month}-01")
        moment = (site.now + HOUR).timestamp()
        os.utime(site.root / f"content/p{month}.md", times=(moment, moment))
    site.make()
    made: list[str] = []
    write = Atom.write

    def count(self: Atom, paper: Paper, *rest: object) -> object:
        made.append(paper.path)
        return write(self, paper, *rest)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(Atom, "write", count)
    publish(site, "new", "2026-07-02")
    assert set(site.make().documents) == {"atom.xml"}
    assert made == ["atom.xml"]


def test_a_tag_that_was_taken_out_after_the_database_was_lost_is_in_no_feed(site: Trial) -> None:
    """In which lists a post was is not in the journal: then all documents are made."""
    site.tables = PER_TAG
    for day in range(1, 4):
        publish(site, f"p{day}", f"2026-11-0{day}", tags="[x]")
    site.make()
    site.forget()
    publish(site, "p3", "2026-11-03", tags="[y]")
    site.make()
    assert titles(feeds(site)["tags/x.xml"]) == ["p2", "p1"]
    assert titles(feeds(site)["tags/y.xml"]) == ["p3"]


def test_what_is_published_no_longer_is_taken_away(site: Trial) -> None:
    """A post that is taken down stays in no document of a feed, or of a limit, that was."""
    for day in range(1, 9):
        publish(site, f"p{day}", f"2026-11-0{day}", tags="[x]")
    site.tables = PER_TAG
    site.make()
    mine = site.layout.public / "own.html"
    mine.write_text("not ours", encoding="utf-8")
    theirs = site.layout.public / "zh.xml"
    theirs.write_text("written by another program since", encoding="utf-8")
    assert "tags/x-archive/2026-11-2.xml" in feeds(site)
    site.tables, site.head = "", HEAD.replace("limit = 3", "limit = 5")
    site.make()
    assert set(feeds(site)) == {"atom.xml", "atom-archive/2026-11.xml", "zh.xml"}
    assert "another program" in theirs.read_text("utf-8")
    assert mine.is_file()
    takedown.forget(site.order(), "p1.md", "privacy", act=True)
    left = [path for path in site.layout.public.rglob("*") if b"Text of p1" in _read(path)]
    assert left == []


def test_a_document_that_lost_its_last_post_is_taken_away(site: Trial) -> None:
    """An archive of no post, and the feed of a tag that nobody has any more, copies and all."""
    site.tables = PER_TAG
    for month in range(1, 7):
        publish(site, f"p{month}", f"2026-0{month}-01", tags="[once]" if month == 2 else "[x]")
    site.make()
    was = {path.name for path in site.layout.public.rglob("*")}
    assert {"2026-02.xml.gz", "once.xml", "once.xml.br"} <= was
    site.remove("p2.md")
    site.make()
    left = {path.name for path in site.layout.public.rglob("*")}
    assert was - left == {
        *("2026-02.xml", "2026-02.xml.gz", "2026-02.xml.br"),
        *("once.xml", "once.xml.gz", "once.xml.br"),
    }
    assert site.make().unchanged
    publish(site, "p2", "2026-02-01", tags="[once]")
    site.make()
    assert {path.name for path in site.layout.public.rglob("*")} == was


def test_a_feed_that_holds_all_again_has_no_archives(site: Trial) -> None:
    """They are linked by nothing then, and a database made anew would not make them."""
    for name, date in {"a": "2026-01-01", "b": "2026-03-01", "c": "2026-03-02"}.items():
        publish(site, name, date)
    publish(site, "d", "2026-03-03")
    site.make()
    assert set(feeds(site)) == {"atom.xml", "atom-archive/2026-01.xml"}
    site.remove("d.md")
    site.make()
    assert set(feeds(site)) == {"atom.xml"}


def test_posts_as_written_outlive_files_and_database(tmp_path: Path) -> None:
    """source:markdown is read from blobs again: of a broken file, and after the database is lost.

    It is kept at hand for a site that asks alone; what only it shows is no edit to readers.
    """
    site = Trial(root=tmp_path, head=HEAD, tables='[[publish]]\ntype = "rss"\nlimit = 1\n')
    rain = "*Rain*,\n\n<!-- wet -->\nand wind.\n\nSource: Radio\nDate: 2026-11-01\n"
    for name in "ab":
        site.write(f"{name}.md", rain, title=name, date="2026-11-02")
    site.make()
    assert "source:markdown" not in feeds(site)["feed.xml"].decode()
    site.tables += "markdown = true\n"
    site.make()
    written = feeds(site)
    for path in ("feed.xml", "feed-archive/2026-11.xml"):
        channel = ET.fromstring(written[path]).find("channel/item")  # noqa: S314  # our own output
        assert channel is not None
        told = channel.findtext("{http://source.scripting.com/}markdown")
        assert told == "*Rain*,\n\n<!-- wet -->\nand wind."
    site.write("b.md", rain.replace("wet", "dry"), title="b", date="2026-11-02")
    assert site.make().updated == 0
    assert b"dry" in feeds(site)["feed.xml"]
    site.write("a.md", rain, title="a", date="no day")
    site.make()
    before = feeds(site)
    site.forget()
    site.make()
    assert feeds(site) == before


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def test_a_post_that_no_feed_can_carry_is_told_until_it_is_mended(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feeds go out without it; a check finds it too."""
    publish(site, "good", "2026-11-01")
    publish(site, "odd", "2026-11-02")

    def broken(entry: Entry, where: Site) -> str:
        if entry.post.title == "odd":
            raise ValueError("no such character")
        return body(entry, where)

    with monkeypatch.context() as patch:
        patch.setattr(publish_feeds, "body", broken)
        report = site.make()
        assert [(one.path, one.code) for one in report.problems] == [("odd.md", "PUB001")]
        assert titles(feeds(site)["atom.xml"]) == ["good"]
        assert [one.code for one in site.make().problems] == ["PUB001"]
        examined = Examiner(load(site.file, registered())).all(site.now)
        assert [(one.path, one.code) for one in examined.problems] == [("odd.md", "PUB001")]
    publish(site, "odd", "2026-11-02", note="mended")
    assert site.make().problems == ()
    assert titles(feeds(site)["atom.xml"]) == ["odd", "good"]


def test_what_a_changed_post_costs_does_not_grow_with_the_history(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many documents are made for the hundredth month as for the third."""
    made: list[str] = []
    write = Atom.write

    def count(self: Atom, paper: Paper, *rest: object) -> object:
        made.append(paper.path)
        return write(self, paper, *rest)  # type: ignore[arg-type]  # as it was called

    def cost() -> tuple[int, int]:
        made.clear()
        publish(site, f"new{site.now:%d%H}", "2026-11-20")
        site.make()
        new = len(made)
        made.clear()
        site.write("p5.md", f"At {site.now}.", title="p5", date="2005-01-01")
        site.make()
        return new, len(made)

    for year in range(10):
        publish(site, f"p{year}", f"{2000 + year}-01-01")
    site.make()
    cost()
    monkeypatch.setattr(Atom, "write", count)
    few = [cost() for _ in range(3)]  # one of three new ones begins a part
    for year in range(10, 50):
        publish(site, f"p{year}", f"{1950 + year}-01-01")
    site.make()
    assert sorted(cost() for _ in range(3)) == sorted(few) == [(1, 5), (1, 5), (3, 5)]


def test_what_passes_leave_is_what_one_pass_makes_of_it(tmp_path: Path) -> None:
    """Whatever came in between, documents are as if all were made from the journal at once."""
    _campaign(tmp_path, seed=1, steps=8, every=4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_what_many_passes_leave_is_what_one_makes_of_it(tmp_path: Path, seed: int) -> None:
    """The same after each of many more passes."""
    _campaign(tmp_path, seed=seed, steps=16, every=1)


def _campaign(tmp_path: Path, *, seed: int, steps: int, every: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # no secret
    (tmp_path / "site").mkdir()
    site = Trial(root=tmp_path / "site", head=HEAD, tables=PER_TAG)
    site.make()
    here: dict[str, str] = {}
    for step in range(1, steps + 1):
        for _ in range(chance.randint(1, 3)):
            _something(site, here, chance, step)
        if chance.random() < 0.2:
            site.forget()
        site.make(force=True)
        if step % every == 0:
            _compare(site, tmp_path / f"copy{step}")


def _something(site: Trial, here: dict[str, str], chance: random.Random, step: int) -> None:
    """Add, edit or remove a post."""
    if here and chance.random() < 0.3:
        name = chance.choice(sorted(here))
        site.remove(f"{name}.md")
        del here[name]
        return
    if here and chance.random() < 0.4:
        name = chance.choice(sorted(here))
    else:
        name = f"p{len(here)}-{step}-{chance.randint(0, 999)}"
        here[name] = f"2026-{chance.randint(1, 3):02}-{chance.randint(1, 28):02}"
    tags = ", ".join(chance.sample(["A b", "a-b", "C++", "\N{CJK UNIFIED IDEOGRAPH-4E9E}"], 2))
    language = chance.choice(["en", "zh-TW"])
    publish(site, name, here[name], tags=f"[{tags}]", lang=language, note=str(step))


def _compare(site: Trial, root: Path) -> None:
    """Make everything anew beside the site, and compare."""
    shutil.copytree(site.root, root)
    other = Trial(root=root, head=site.head, tables=site.tables, now=site.now)
    other.forget()
    for path in feeds(other):
        (other.layout.public / path).unlink()
    other.make(hours=0)
    left, made = feeds(site), feeds(other)
    for path, data in made.items():
        assert faults(Document(path=quote(path), media_type="", body=data)) == ()
    assert left == made
    titles_here = {re.sub(r"\.md$", "", path.name) for path in (root / "content").glob("*.md")}
    assert set(everything(left, "atom.xml", "prev-archive")) == titles_here
    shutil.rmtree(root)
