"""The operator's page: who sees it, what it says, and what it never says."""

import asyncio
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from reports import AGO, FOLDER, NOW, ill, well
from served import Told, ask
from trial import Trial, webhook

from syndicator.cli.show import as_json
from syndicator.cycle.facts import facts
from syndicator.cycle.report import needs
from syndicator.model import Missing, Problem, Report
from syndicator.serve.app import Monitor, Watch
from syndicator.serve.page import ROWS, Shown, Status, admits, render

TEXT = re.compile(r"<[^>]+>")
HERE = {b"host": b"localhost"}
LOCAL = ("127.0.0.1", 8001)


def said(page: str) -> str:
    """Return the words of a page."""
    return " ".join(html.unescape(TEXT.sub(" ", page.partition("<body>")[2])).split())


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site with a post, one that is held back, and a receiver."""
    made = Trial(root=tmp_path, tables=webhook())
    made.write("a.md", title="A", date="2026-11-01")
    made.write("b.md", title="B", date="2026-99-99")
    made.make()
    return made


def look(site: Trial, shown: Shown = "local", path: str = "/status", **headers: str) -> Told:
    """Ask the monitor for a page."""
    monitor = Monitor(Watch(), Status(site.file, lambda: site.now, shown))
    return asyncio.run(ask(monitor, path, body=b"", **{"host": "localhost", **headers}))


@pytest.mark.parametrize(
    ("shown", "server", "headers", "sees"),
    [
        ("local", None, HERE, True),
        ("local", ("/run/syndicator/monitor.sock", None), {b"host": b"anything"}, True),
        ("local", LOCAL, {b"host": b"127.0.0.1:8001"}, True),
        ("local", LOCAL, {b"host": b"localhost:9000"}, True),
        ("local", ("::1", 8001), {b"host": b"[::1]:8001"}, True),
        ("local", ("::ffff:127.0.0.1", 8001), {b"host": b"localhost"}, True),
        ("local", LOCAL, {}, False),
        ("local", None, {}, False),
        ("local", LOCAL, {b"host": b"feeds.example"}, False),
        ("local", LOCAL, {b"host": b"127.0.0.1.evil.example"}, False),
        ("local", LOCAL, {b"host": b"10.0.0.7:8001"}, False),
        ("local", LOCAL, {b"host": b"localhost", b"x-forwarded-for": b"203.0.113.9"}, False),
        ("local", LOCAL, HERE | {b"x-real-ip": b"203.0.113.9"}, False),
        ("local", LOCAL, HERE | {b"x-forwarded-proto": b"https"}, False),
        ("local", LOCAL, HERE | {b"via": b"1.1 proxy"}, False),
        ("local", None, HERE | {b"forwarded": b"for=203.0.113.9"}, False),
        ("local", ("10.0.0.7", 8001), {b"host": b"localhost"}, False),
        ("monitor", ("10.0.0.7", 8001), {b"host": b"10.0.0.7:8001"}, True),
        ("never", LOCAL, {b"host": b"localhost"}, False),
        ("never", None, {}, False),
    ],
)
def test_who_may_see_it(
    shown: Shown, server: object, headers: dict[bytes, bytes], sees: bool
) -> None:
    """This machine itself; no proxy, no name that was led here, nobody else unless it is set."""
    assert admits(shown, {"server": server, "headers": list(headers.items())}) is sees


@pytest.mark.parametrize("server", [LOCAL, ("/run/syndicator/monitor.sock", None)])
def test_nginx_with_its_defaults_is_shown_nothing(server: object) -> None:
    """It adds no header, and names this machine as the host; it speaks HTTP/1.0."""
    asked = {
        "server": server,
        "headers": [(b"host", b"127.0.0.1:8001"), (b"connection", b"close")],
    }
    assert not admits("local", asked | {"http_version": "1.0"})


def test_keys_and_folders_are_left_out(tmp_path: Path) -> None:
    """Of addresses the query; of paths the folders of this site, whatever their names."""
    place = Path("/srv/a; b")
    problem = Problem(
        path="a.md", code="IMG020", says="https://a.example/x.jpg?token=abc is odd", hint=""
    )
    url = "https://a.example/y.jpg?X-Amz-Signature='abc def"
    lost = Missing(url=url, reason=f"{place}/m/y.jpg is gone", plan="", retry_at=None, posts=())
    page = html.unescape(render(Report(problems=(problem,), missing=(lost,)), NOW, "", [place]))
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
    assert got.body.decode() == render(facts(site.file, site.now), site.now)
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
    assert not re.search(r"<script|<form|\son\w+=|src=|https?://(?!pictures)", render(ill(), NOW))
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
    words = said(render(well(), NOW))
    assert words.startswith("All is well As of 2026-11-28 12:30:00 UTC,")
    assert "pass Last 2026-11-28 09:30:00 (3 h ago) Result well, 0.2 s Next" in words
    assert "12:35:00 (in 5 min)" in words
    assert "chat Breaker closed Owed 0" in words
    assert "Free on its disk 123.4 GB" in words


def test_what_needs_somebody_comes_first() -> None:
    """Every ill is named, with what to do; what others wrote is text, and nothing else."""
    page = render(ill(), NOW)
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
    page = render(ill(5000), NOW)
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
    status = Status(site.file, lambda: site.now)
    monitor = Monitor(Watch(clock=iter([0.0, 0.5, 0.9, 1.1]).__next__), status)
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
