"""The operator's page: who sees it, what it says, and what it never says."""

import asyncio
import html
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from reports import AGO, FOLDER, NOW, ill, well
from served import Told, ask
from trial import Trial, webhook
from trial import well as well_answered

from syndicator.cli.show import as_json
from syndicator.config.serve import ServeTable
from syndicator.cycle.facts import facts
from syndicator.cycle.report import needs
from syndicator.doors.tally import Sum, Tally
from syndicator.model.posts import Problem
from syndicator.model.report import Missing, Report
from syndicator.serve.app import Monitor, Watch
from syndicator.serve.page import Shown, Status, admits
from syndicator.serve.sheets import ROWS, status

TEXT = re.compile(r"<[^>]+>")


def said(page: str) -> str:
    """Return the words of a page."""
    return " ".join(html.unescape(TEXT.sub(" ", page.partition("<body>")[2])).split())


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Trial:
    """Make a site with a post, one that is held back, and a receiver, on either kind of store."""
    made = Trial(root=tmp_path, tables=webhook(), store=store_url)
    made.write("a.md", title="A", date="2026-11-01")
    made.write("b.md", title="B", date="2026-99-99")
    made.make()
    return made


def look(site: Trial, shown: Shown = "socket", path: str = "/status", **headers: str) -> Told:
    """Ask the monitor for a page."""
    monitor = Monitor(Watch(), Status(site.file, lambda: site.now, shown))
    return asyncio.run(ask(monitor, path, body=b"", **{"host": "localhost", **headers}))


@pytest.mark.parametrize(
    ("shown", "server", "sees"),
    [
        ("socket", None, True),
        ("socket", ("/run/syndicator/monitor.sock", None), True),
        ("socket", ("127.0.0.1", 8001), False),
        ("socket", ("::1", 8001), False),
        ("monitor", ("127.0.0.1", 8001), True),
        ("monitor", ("10.0.0.7", 8001), True),
        ("never", ("127.0.0.1", 8001), False),
        ("never", None, False),
    ],
)
def test_who_may_see_it(shown: Shown, server: object, sees: bool) -> None:
    """Who may use the Unix socket; no address of this machine, which every proxy has."""
    assert admits(shown, {"server": server}) is sees


def test_a_file_of_the_configuration_is_told_without_its_folder() -> None:
    """What its template fails at stands in no post."""
    problem = Problem(path="/srv/site/syndicator.toml", line=3, code="CFG010", says="x", hint="")
    page = status(Report(problems=(problem,)), Sum(), NOW, [Path("/srv/site")])
    assert "/srv" not in page
    assert "syndicator.toml:3" in page


def test_keys_and_folders_are_left_out(tmp_path: Path) -> None:
    """Of addresses the query; of paths the folders of this site, whatever their names."""
    place = Path("/srv/a; b")
    problem = Problem(
        path="a.md", code="IMG020", says="https://a.example/x.jpg?token=abc is odd", hint=""
    )
    url = "https://a.example/y.jpg?X-Amz-Signature='abc def"
    lost = Missing(url=url, reason=f"{place}/m/y.jpg is gone", plan="", retry_at=None, posts=())
    page = html.unescape(status(Report(problems=(problem,), missing=(lost,)), Sum(), NOW, [place]))
    assert "https://a.example/x.jpg?… is odd" in page
    assert "<code>https://a.example/y.jpg?…</code>" in page
    assert "…/m/y.jpg is gone" in page
    site = Trial(root=tmp_path / "a, b; c")
    site.root.mkdir()
    assert "a, b; c" not in look(site).body.decode()


def test_it_says_what_status_says(site: Trial) -> None:
    """From the same facts: what `status --json` prints is what the page is made of."""
    got = look(site)
    assert got.status == 200
    report, kept = facts(site.file, site.now), Tally().count(site.layout)
    assert got.body.decode() == status(report, kept, site.now)
    told = json.loads(as_json(facts(site.file, site.now)))
    assert (told["held"], told["receivers"][0]["name"]) == (1, "ops")
    assert (told["version"] != "", told["free"] > 0) == (True, True)
    words = said(got.body.decode())
    assert "Something needs you held back: 1 post" in words
    assert "b.md:3" in words


def test_nobody_may_keep_frame_or_extend_it(site: Trial) -> None:
    """No cache, no frame, no script, no address but its own; HEAD and only reading."""
    got = look(site)
    policy = got.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["referrer-policy"] == "no-referrer"
    assert not re.search(
        r"<script|<form|\son\w+=|src=|https?://(?!pictures)", status(ill(), Sum(), NOW)
    )
    assert look(site, "never").status == 404
    assert look(site, path="/status/").status == 404


def test_it_says_when_nothing_can_be_told(tmp_path: Path) -> None:
    """503 with the reason, and without the folders of this machine."""
    site = Trial(root=tmp_path)
    got = look(site)
    assert got.status == 503
    assert "no pass was made yet" in said(got.body.decode())
    assert str(tmp_path) not in got.body.decode()


def test_all_is_well() -> None:
    """One line on top says so; jobs tell their last and next run, endpoints their breaker."""
    words = said(status(well(), Sum(3, 12_345_678), NOW))
    assert words.startswith(
        "Status Posts Configuration All is well As of 2026-11-28 12:30:00 UTC,"
    )
    assert "pass Last 2026-11-28 09:30:00 (3 h ago) Result well, 0.2 s Next" in words
    assert "12:35:00 (in 5 min)" in words
    assert "chat Breaker closed Owed 0" in words
    assert "Kept 11.8 MiB in 3 files Pictures not kept none Free on its disk 114.9 GiB" in words
    assert "Fixity checked last 2026-11-28 09:30:00 (3 h ago)" in words


def test_what_needs_somebody_comes_first() -> None:
    """Every ill is named, with what to do; what others wrote is text, and nothing else."""
    page = status(ill(), Sum(), NOW)
    words = said(page)
    for part in (
        "held back: 3 posts",
        "given up: 2 pushes",
        "endpoint ops is disabled",
        "job pass fails again and again",
        "failed , 7 in a row",
        "open: single probes",
        "Last good 2026-11-28 09:30:00",
        "tried once it changes",
        "and others",
        "12 subscribed at the hub, 1 of them failing",
    ):
        assert part in words
    assert "<script>alert" not in page
    assert FOLDER not in page
    assert "the content folder …/content is missing" in words


def test_more_than_anybody_reads_is_counted() -> None:
    """A page of ten thousand problems shows the first, and where the others are."""
    page = status(ill(5000), Sum(), NOW)
    assert page.count("<li>") < 3 * ROWS
    assert f"And {10_000 - ROWS} more: syndicate check" in said(page)
    assert len(page) < 500_000


def test_needs_are_nothing_where_all_is_well() -> None:
    """`status` exits by it."""
    assert needs(well()) == []
    assert len(needs(ill())) == 5
    assert AGO < NOW


def test_reloading_without_end_costs_little(site: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a second the same page is given again."""
    count = 0
    shown = Status(site.file, lambda: site.now)
    monitor = Monitor(Watch(clock=iter([0.0, 0.5, 0.9, 1.1]).__next__), shown)
    real = facts

    def counted(*args: Any) -> Any:
        nonlocal count
        count += 1
        return real(*args)

    monkeypatch.setattr("syndicator.serve.page.facts", counted)

    async def ask_all() -> None:
        for _ in range(4):
            assert (await ask(monitor, "/status", host="localhost")).status == 200

    asyncio.run(ask_all())
    assert count == 2


def test_posts_tell_feed_pictures_and_pushes(tmp_path: Path, store_url: str) -> None:
    """Each post with what readers have of it, how many of its pictures are kept, and each push."""

    def half(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/gone.png":
            return httpx.Response(404)
        return well_answered(request)

    site = Trial(root=tmp_path, tables=webhook() + webhook("chat"), store=store_url)
    site.make()
    site.says = half
    pictures = "![](https://pics.example/a.png) ![](https://pics.example/gone.png)"
    site.write("a.md", pictures, title="First & last", date="2026-11-21")
    site.write("b.md", title="Second", date="2026-11-22")
    site.make()
    words = said(look(site, path="/status/posts").body.decode())
    assert "Published: 2 As of" in words
    assert "Published (2) Published Second File b.md Feed in it since 2026-11-22 04:00:00" in words
    assert words.index("Second") < words.index("First & last")
    assert "Pictures 1 of 2 not kept chat told ops told" in words
    assert "Pictures none chat told ops told" in words


def test_what_is_owed_and_what_was_given_up_is_told(tmp_path: Path, store_url: str) -> None:
    """With the next attempt, and what the receiver said."""
    site = Trial(root=tmp_path, tables=webhook(), store=store_url)
    site.make()
    site.says = lambda _request: httpx.Response(503)
    site.write("a.md", title="A", date="2026-11-21")
    site.make()
    words = said(look(site, path="/status/posts").body.decode())
    assert re.search(
        r"ops owed, next 2026-11-22 \d\d:\d\d:\d\d \(in \d+ \w+\) : answered 503", words
    )


def test_posts_held_back_say_why(site: Trial) -> None:
    """And what readers still have of them; drafts and scheduled ones stand by themselves."""
    site.write("c.md", title="C", date="2026-12-24T18:00:00+08:00")
    site.write("d.md", title="D", draft="true")
    site.write("a.md", title="A", date="2026-13-01")
    site.make()
    words = said(look(site, path="/status/posts?state=held").body.decode())
    assert "Held back: 2 As of" in words
    assert "Published (1) Held back (2) Scheduled (1) Drafts (1)" in words
    assert "A File a.md Feed in it since" in words
    assert "what readers have stays: the file is held now Why DAT" in words
    assert "b.md Feed not in it: held Why DAT" in words
    later = said(look(site, path="/status/posts?state=scheduled").body.decode())
    assert "c.md Feed from 2026-12-24 10:00:00 (in" in later
    assert "d.md Feed not in it: draft" in said(
        look(site, path="/status/posts?state=draft").body.decode()
    )


def test_posts_are_told_a_page_at_a_time(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first, none twice and none left out; there is no page behind the last."""
    monkeypatch.setattr("syndicator.serve.page.LENGTH", 2)
    site = Trial(root=tmp_path, store=store_url)
    for day in range(1, 6):
        site.write(f"{day}.md", title=f"Post {day}", date=f"2026-11-0{day}")
    site.make()
    found = []
    for page in (1, 2, 3):
        got = look(site, path=f"/status/posts?page={page}")
        found += re.findall(r"Post \d", said(got.body.decode()))
        assert f", page {page} of 3" in got.body.decode()
    assert found == ["Post 5", "Post 4", "Post 3", "Post 2", "Post 1"]
    first, last = (look(site, path=f"/status/posts?page={page}").body for page in (1, 3))
    assert (b'rel="next"' in first, b'rel="prev"' in first) == (True, False)
    assert (b'rel="next"' in last, b'rel="prev"' in last) == (False, True)
    for wrong in (
        "page=4",
        "page=0",
        "page=-1",
        "page=x",
        "page=9999999999",
        "state=gone",
        "page=²",
    ):
        assert look(site, path=f"/status/posts?{wrong}").status == 404


def test_the_configuration_in_force_has_its_origins(tmp_path: Path) -> None:
    """Each setting with its line or "default"; no secret, and no folder."""
    site = Trial(root=tmp_path, tables=webhook())
    beat = '[schedule]\nheartbeat = "https://alive.example/ping/hush"\n[[publish]]'
    site.head = site.head.replace("[[publish]]", beat)
    site.head = site.head.replace('"../archive"', f'"{tmp_path}/archive"')
    site.make()
    page = look(site, path="/status/configuration").body.decode()
    words = said(page)
    assert '[site] title "Small" syndicator.toml:2 url' in words
    assert 'language "en" default' in words
    assert '[[publish]] webhook ops type "webhook" syndicator.toml:' in words
    assert '"https://alive.example/…" syndicator.toml:12' in words
    assert "hush" not in page
    assert str(tmp_path) not in page


def test_what_a_server_was_started_with_is_in_force(site: Trial) -> None:
    """Not what the file says of it by now."""
    site.make()
    began = ServeTable(url="https://feeds.example/", listen=("127.0.0.1:8000",))
    monitor = Monitor(Watch(), Status(site.file, lambda: site.now, began=began))
    page = asyncio.run(ask(monitor, "/status/configuration", host="localhost")).body.decode()
    assert 'listen ["127.0.0.1:8000"] as it was started' in said(page)
    assert 'url "https://feeds.example/" syndicator.toml:' in said(page)


@pytest.mark.parametrize("path", ["/status/posts", "/status/configuration"])
def test_every_page_is_for_the_same_eyes(site: Trial, path: str) -> None:
    """Who is not shown the first is shown none; who is, gets what is made anew for each."""
    assert look(site, path=path).status == 200
    assert look(site, "never", path=path).status == 404


def test_what_is_kept_is_counted_anew_where_it_changed(tmp_path: Path) -> None:
    """Of every blob its bytes; a folder that is as it was is not read again."""
    site, tally = Trial(root=tmp_path), Tally()
    assert tally.count(site.layout) == Sum()
    site.write("a.md", "![](https://pics.example/a.png)", title="A", date="2026-11-01")
    site.make()
    blobs = [path for path in site.layout.blobs.rglob("*") if path.is_file()]
    whole = Sum(len(blobs), sum(path.stat().st_size for path in blobs))
    assert tally.count(site.layout) == whole == tally.count(site.layout)
    assert whole.files == 2
    blobs[0].unlink()
    assert tally.count(site.layout).files == 1
