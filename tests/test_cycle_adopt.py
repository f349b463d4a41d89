"""Taking over an existing feed: nobody sees a post twice on the day of the move."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syndicator import cli
from syndicator.publish.adoption import plain
from syndicator.publish.judge import outline

POST = "---\ntitle: {title}\ndate: 2020-12-01\npermalink: /{name}/\n{more}---\nIt fell.\n"
WORDPRESS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Old</title>
<link>http://www.site.example</link><description/>
<item><title>Rain</title><link>http://www.site.example/rain</link>
<pubDate>Tue, 01 Dec 2020 06:07:08 +0000</pubDate>
<guid isPermaLink="false">https://site.example/?p=17</guid></item>
<item><title>Wind</title><link>https://site.example/wind/index.html?utm_source=rss</link>
<pubDate>Mon, 30 Nov 2020 23:00:00 +0000</pubDate><guid>https://site.example/wind/</guid></item>
<item><title>Lost</title><link>https://site.example/lost/</link><guid>lost</guid></item>
</channel></rss>"""
JEKYLL = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://old.example/"><title>Old</title>
<link href="https://old.example/"/><link rel="self" href="https://old.example/feed.xml"/>
<entry><id>https://old.example/was-rain</id><title>Rain</title><link href="/was-rain"/>
<published>2020-12-01T00:00:00+08:00</published><updated>2021-01-02T03:04:05+08:00</updated>
</entry></feed>"""
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(small_site: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> Say:
    """Make a site of three posts, none published yet, and call the command there."""
    site = small_site()
    for name in ("rain", "wind", "snow"):
        more = "redirect_from: /was-rain/\n" if name == "rain" else ""
        text = POST.format(title=name.title(), name=name, more=more)
        (site / "content" / f"2020-12-01-{name}.md").write_text(text, "utf-8")
    file = str(site / "config" / "syndicator.toml")

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(["--config", file, *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def old(tmp_path: Path) -> Callable[[str], str]:
    """Write down the feed of the generator before."""

    def write(text: str) -> str:
        (tmp_path / "old.xml").write_text(text, "utf-8")
        return str(tmp_path / "old.xml")

    return write


def ids(tmp_path: Path) -> dict[str, tuple[str, str, str]]:
    """Tell what readers are told of each post: id and dates, by title."""
    feed = outline((tmp_path / "archive/public/atom.xml").read_bytes())
    return {one.title: (one.id, str(one.published), str(one.updated)) for one in feed.entries}


def outcomes(text: str) -> dict[str, str]:
    told: dict[str, Any] = json.loads(text)
    return {one["title"]: one["outcome"] for one in told["entries"]}


def test_a_new_site_has_the_ids_and_dates_readers_know(
    say: Say, old: Callable[[str], str], tmp_path: Path
) -> None:
    """The guid exactly, permalink or not; the moment, not noon; the rest is listed or minted."""
    code, out, _ = say("feeds", "adopt", old(WORDPRESS), "--json")
    assert code == 0
    assert outcomes(out) == {"Rain": "adopted", "Wind": "adopted", "Lost": "unmatched"}
    assert say("run")[0] == 0
    told = ids(tmp_path)
    moment = "2020-12-01 06:07:08+00:00"
    assert told["Rain"] == ("https://site.example/?p=17", moment, moment)
    assert told["Wind"][:2] == ("https://site.example/wind/", "2020-11-30 23:00:00+00:00")
    assert told["Snow"][0].startswith("tag:site.example,2020-12-01:")
    assert say("run")[1].startswith("nothing changed")


def test_a_rebuilt_database_keeps_what_was_adopted(
    say: Say, old: Callable[[str], str], tmp_path: Path
) -> None:
    """It is journalled: the same feed comes of it, and a post that comes later is known too."""
    say("feeds", "adopt", old(WORDPRESS))
    (tmp_path / "archive/state.db").unlink()
    say("run")
    before = ids(tmp_path)
    assert before["Rain"][0] == "https://site.example/?p=17"
    (tmp_path / "archive/state.db").unlink()
    say("run")
    assert ids(tmp_path) == before


def test_a_former_address_and_another_host_count(
    say: Say, old: Callable[[str], str], tmp_path: Path
) -> None:
    """The feed was made for an old domain, and the post has moved since."""
    assert say("feeds", "adopt", old(JEKYLL))[0] == 0
    say("run")
    assert ids(tmp_path)["Rain"] == (
        "https://old.example/was-rain",
        "2020-12-01 00:00:00+08:00",
        "2021-01-02 03:04:05+08:00",
    )


def test_published_posts_keep_their_ids_unless_forced(
    say: Say, old: Callable[[str], str], tmp_path: Path
) -> None:
    """Readers know them: exit 1 says so. By force they are exchanged, and the feed follows."""
    say("run")
    before = ids(tmp_path)
    code, out, err = say("feeds", "adopt", old(WORDPRESS))
    assert code == 1
    assert "refused" in out
    assert "--force" in err
    say("run")
    assert ids(tmp_path) == before
    code, out, _ = say("feeds", "adopt", old(WORDPRESS), "--force", "--json")
    assert (code, outcomes(out)["Rain"]) == (0, "exchanged")
    assert ids(tmp_path)["Rain"][0] == "https://site.example/?p=17"
    assert outcomes(say("feeds", "adopt", old(WORDPRESS), "--json")[1])["Rain"] == "same"
    after = ids(tmp_path)
    (tmp_path / "archive/state.db").unlink()
    say("run")
    assert ids(tmp_path) == after


def test_a_dry_run_changes_nothing(say: Say, old: Callable[[str], str], tmp_path: Path) -> None:
    """It tells the same, and there is no archive yet."""
    code, out, _ = say("feeds", "adopt", old(WORDPRESS), "--dry-run")
    assert code == 0
    assert "2  taken over" in out
    assert "unmatched https://site.example/lost/  Lost" in out
    assert not (tmp_path / "archive").exists()


def test_one_id_is_not_given_twice(say: Say, old: Callable[[str], str], tmp_path: Path) -> None:
    """A feed that says it twice gives it to the first; the other post gets its own."""
    twice = WORDPRESS.replace(">https://site.example/wind/</guid>", ">x</guid>").replace(
        'isPermaLink="false">https://site.example/?p=17', 'isPermaLink="false">x'
    )
    assert outcomes(say("feeds", "adopt", old(twice), "--json")[1])["Wind"] == "twice"
    say("run")
    assert ids(tmp_path)["Rain"][0] == "x"
    assert ids(tmp_path)["Wind"][0].startswith("tag:")


@pytest.mark.parametrize("text", ["<html/>", "", "<opml version='2.0'/>", "{}"])
def test_what_is_no_feed_is_refused(say: Say, old: Callable[[str], str], text: str) -> None:
    """With 2, and nothing changed."""
    code, _, err = say("feeds", "adopt", old(text))
    assert code == 2
    assert "help:" in err


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.Site.example/a/", "https://site.example/a"),
        ("https://site.example/a/index.html", "https://site.example/a/"),
        ("https://site.example:443/a#x", "https://site.example/a"),
        ("https://site.example/%E4%BA%9E", "https://site.example/亞"),
        ("https://site.example/a?utm_source=x&p=1", "https://site.example/a?p=1"),
        ("https://site.example", "https://site.example/"),
    ],
)
def test_addresses_that_lead_to_one_place_are_one(one: str, other: str) -> None:
    """However a generator spelled them."""
    assert plain(one) == plain(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://site.example/a", "https://site.example/A"),
        ("https://site.example/?p=1", "https://site.example/?p=2"),
        ("https://site.example/a", "https://other.example/a"),
        ("https://site.example/a.html", "https://site.example/a"),
    ],
)
def test_addresses_that_may_differ_do(one: str, other: str) -> None:
    """A post must not get the id of another."""
    assert plain(one) != plain(other)


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "//x", "http://[", "/a", "tag:x"])
def test_what_is_no_web_address_is_none(url: str) -> None:
    """And matches nothing."""
    assert plain(url) == ""
