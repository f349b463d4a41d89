"""The pictures of a pass: what waits for them, what does not, and what is looked at again."""

import asyncio
import io
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from trial import PNG, Trial, webhook

from syndicator.archive.fetch import Fetches
from syndicator.cycle import Stop, keeping
from syndicator.doors import files, lines
from syndicator.model.records import Capture, Owed

URL = "https://img.example/a.png"


def gif() -> bytes:
    """Return another picture, a little larger."""
    out = io.BytesIO()
    Image.new("L", (9, 7)).save(out, "GIF")
    return out.getvalue()


OTHER = gif()


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site with an endpoint, and a first pass."""
    made = Trial(root=tmp_path, tables=webhook())
    made.make()
    return made


def setting(site: Trial, text: str) -> None:
    """Set something in [archive]."""
    site.head = site.head.replace("[archive]\n", f"[archive]\n{text}\n")


def records(site: Trial, kind: type[Capture] | type[Owed]) -> list[Capture | Owed]:
    """Read the journal."""
    found = [
        lines.decode(line)
        for path in sorted(site.layout.journal.iterdir())
        for line in path.read_bytes().splitlines()
    ]
    return [one for one in found if isinstance(one, Capture | Owed) and isinstance(one, kind)]


def post(site: Trial, url: str = URL, name: str = "a.md") -> None:
    site.write(name, f"![x]({url})", title=name, date="2026-11-20", image=url)


class Slow:
    """Pictures that do not come before the feeds are written, and come after that."""

    def __init__(self, site: Trial, answer: httpx.Response) -> None:
        self.site, self.answer = site, answer
        self.feeds: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer, a picture not before there is an entry."""
        if request.method == "GET":
            while "<entry>" not in self.site.feed():  # noqa: ASYNC110  # another thread writes it
                await asyncio.sleep(0)
            self.feeds.append(self.site.feed())
            return self.answer
        return self.site.says(request)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let feeds wait for no picture."""
    monkeypatch.setattr(keeping, "SOON", 0.0)


@pytest.mark.usefixtures("hurried")
def test_a_feed_entry_does_not_wait_for_a_slow_picture(site: Trial) -> None:
    """It is published without it, and again with it, in one pass; the push shows the picture."""
    slow = Slow(site, httpx.Response(200, content=PNG))
    site.slow = slow
    post(site)
    report = site.make()
    (before,) = slow.feeds
    assert "<entry>" in before
    assert "media/" not in before
    assert "media/" in site.feed()
    assert (report.published, report.images_kept, report.sent) == (1, 1, 1)
    ((_, body),) = site.heard
    assert body["data"]["image"].startswith("https://feeds.example/media/")
    first, second = records(site, Owed)
    assert isinstance(first, Owed)
    assert isinstance(second, Owed)
    assert first.not_before == first.at + timedelta(minutes=2)
    assert (second.message, second.not_before) == (first.message, None)
    assert first.body != second.body


@pytest.mark.usefixtures("hurried")
def test_a_push_waits_for_a_lost_picture_no_longer_than_it_takes_to_know(site: Trial) -> None:
    """A picture that is gone lets go of the push; the message stays as it was."""
    site.slow = Slow(site, httpx.Response(404))
    post(site)
    report = site.make()
    assert (report.sent, report.owed) == (1, 0)
    assert site.heard[0][1]["data"]["image"] is None
    assert len(records(site, Owed)) == 1


@pytest.mark.usefixtures("hurried")
def test_a_push_that_waits_survives_a_crash_and_the_loss_of_the_database(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in the journal before any picture came; once its time is over it goes as it is."""

    async def never(_: httpx.Request) -> httpx.Response:
        return await asyncio.Future()

    monkeypatch.setattr(keeping, "BUDGET", 0.0)
    site.slow = never
    post(site)
    report = site.make(hours=0)
    assert (report.sent, report.owed, report.images_left) == (0, 1, 1)
    (lane,) = report.lanes
    assert lane.next_at == site.now + timedelta(minutes=2)
    site.forget()
    site.slow = None
    site.says = lambda request: httpx.Response(200 if request.method == "POST" else 404)
    report = site.make(hours=1)
    assert (report.sent, report.owed) == (1, 0)
    assert site.heard[0][1]["data"]["image"] is None


@pytest.mark.usefixtures("hurried")
def test_a_push_need_not_wait(site: Trial) -> None:
    """With a wait of nothing it goes at once."""
    setting(site, 'wait = "0s"')
    site.slow = Slow(site, httpx.Response(200, content=PNG))
    post(site)
    assert site.make().sent == 1
    assert site.heard[0][1]["data"]["image"] is None
    assert "media/" in site.feed()


def test_a_picture_that_came_before_a_crash_is_in_the_feeds_after_it(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept and not published yet makes the next pass publish."""
    site.says = lambda request: httpx.Response(200 if request.method == "POST" else 503)
    post(site)
    site.make()
    site.says = lambda _: httpx.Response(200, content=PNG)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("syndicator.cycle.issue.Issue.make", crash)
        with pytest.raises(KeyboardInterrupt):
            site.make(hours=24)
    assert "media/" not in site.feed()
    report = site.make(hours=0)
    assert not report.unchanged
    assert "media/" in site.feed()
    assert site.make(hours=0).unchanged


def test_a_kept_picture_is_asked_for_with_its_validators(site: Trial) -> None:
    """Once a month; an answer of 304 costs no line of the journal."""
    headers = {"ETag": '"1"', "Last-Modified": "Sun, 01 Nov 2026 00:00:00 GMT"}
    site.says = lambda _: httpx.Response(200, content=PNG, headers=headers)
    post(site)
    site.make()
    before = records(site, Capture)
    asked: list[httpx.Request] = []

    def same(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(304)

    site.says = same
    assert site.make(hours=1).unchanged
    site.make(hours=31 * 24)
    (request,) = asked
    assert request.headers["If-None-Match"] == '"1"'
    assert request.headers["If-Modified-Since"] == headers["Last-Modified"]
    assert records(site, Capture) == before
    assert site.make(hours=1).unchanged


@pytest.mark.parametrize(
    ("answer", "plan"),
    [
        (httpx.Response(404), "gone"),
        (httpx.Response(503), "retry"),
        (httpx.Response(200, content=b"<html>gone"), "suspect"),
        (httpx.Response(200, content=OTHER), "suspect"),
    ],
)
def test_a_kept_picture_stays_whatever_its_source_says(
    site: Trial, answer: httpx.Response, plan: str
) -> None:
    """The feed stays byte for byte; what was seen is told once, and once more when it is well."""
    post(site)
    site.make()
    feed = site.feed()
    site.says = lambda _: answer
    for _ in range(3):
        report = site.make(hours=31 * 24)
    assert site.feed() == feed
    assert [one.plan for one in records(site, Capture)] == ["kept", plan]  # type: ignore[union-attr]  # captures
    (one,) = report.outlived
    assert (one.url, one.plan, report.missing) == (URL, plan, ())
    site.says = lambda _: httpx.Response(200, content=PNG)
    assert site.make(hours=31 * 24).outlived == ()
    assert [one.plan for one in records(site, Capture)] == ["kept", plan, "kept"]  # type: ignore[union-attr]
    assert site.feed() == feed


def test_following_takes_another_good_picture(site: Trial) -> None:
    """The feeds follow, and the old bytes stay in the archive; nothing is pushed for it."""
    setting(site, 'policy = "follow"')
    post(site)
    site.make()
    feed, pushes = site.feed(), len(site.heard)
    old = {path.name for path in site.layout.blob("").parent.parent.rglob("*.png")}
    site.says = lambda _: httpx.Response(200, content=OTHER)
    site.make(hours=31 * 24)
    assert ".gif" in site.feed()
    assert site.feed() != feed
    assert {path.name for path in site.layout.blob("").parent.parent.rglob("*.png")} == old
    assert len(site.heard) == pushes


def test_looking_again_can_be_switched_off(site: Trial) -> None:
    """Then what is kept is never asked for."""
    setting(site, 'recheck = "0s"')
    post(site)
    site.make()
    assert site.make(hours=24 * 365).unchanged


def test_a_full_disk_stops_pictures_and_nothing_else(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One warning, no request; the post is published and pushed. It goes on when there is room."""
    monkeypatch.setattr(files, "free", lambda _: 5 << 20)
    post(site)
    report = site.make(hours=0)
    assert [one.code for one in report.problems if one.severity == "warning"] == ["ARC007"]
    assert (site.asked, report.published, report.sent, report.images_left) == ([], 1, 1, 1)
    assert "<entry>" in site.feed()
    (missing,) = report.missing
    assert (missing.plan, missing.retry_at) == ("waiting", site.now + timedelta(minutes=15))
    assert "free on the disk" in missing.reason
    assert [one.code for one in site.make(hours=0).problems] == ["IMG013"]
    monkeypatch.setattr(files, "free", lambda _: 5 << 40)
    report = site.make()
    assert (report.images_kept, report.missing) == (1, ())


def test_a_lower_floor_of_free_disk_holds_at_once(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lowers min_free does not wait for the next look at the disk."""
    monkeypatch.setattr(files, "free", lambda _: 5 << 20)
    post(site)
    assert site.make(hours=0).images_left == 1
    setting(site, 'min_free = "1 MiB"')
    report = site.make(hours=0)
    assert (report.images_kept, report.missing) == (1, ())


def test_a_host_that_is_down_is_probed_with_one_picture(site: Trial) -> None:
    """Two of fifty are tried, then one at a time; when it answers, all are fetched."""

    def down(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200)
        raise httpx.ConnectError("no route")

    site.says = down
    for number in range(50):
        post(site, f"https://img.example/{number}.png", f"{number}.md")
    report = site.make(drain=9.0, confirm=True)
    assert len({*site.asked}) == 2
    assert (report.images_failed, len(report.missing)) == (2, 50)
    assert {one.plan for one in report.missing} == {"retry", "waiting"}
    assert report.sent == 50
    assert site.make(hours=0).unchanged
    site.asked.clear()
    report = site.make()
    assert len({*site.asked}) == 1
    assert len(records(site, Capture)) == 3
    site.forget()
    site.asked.clear()
    site.says = lambda _: httpx.Response(200, content=PNG)
    report = site.make()
    assert (report.images_kept, report.missing) == (50, ())


def test_a_lost_picture_is_asked_for_at_the_web_archive(site: Trial) -> None:
    """As it was when the post was published; the line says where it came from."""
    setting(site, 'rescue = "https://web.archive.example/web/{timestamp}id_/{url}"')

    def says(request: httpx.Request) -> httpx.Response:
        found = request.url.host != "img.example"
        return httpx.Response(200 if found else 404, content=PNG)

    site.says = says
    post(site)
    report = site.make()
    assert site.asked[1] == f"https://web.archive.example/web/20261120040000id_/{URL}"
    assert (report.images_kept, report.missing) == (1, ())
    (line,) = records(site, Capture)
    assert isinstance(line, Capture)
    assert (line.url, line.came_from) == (URL, site.asked[1])


def leave(site: Trial) -> None:
    """Make a pass that ends while its one picture is on its way: somebody waits for its end."""
    hurry = Stop()

    async def never(_request: httpx.Request) -> httpx.Response:
        hurry.set()
        await asyncio.Event().wait()
        raise AssertionError

    site.slow = never
    assert site.make(hurry=hurry).images_left == 1
    site.slow = None


@pytest.mark.usefixtures("hurried")
def test_who_waits_for_a_pass_does_not_wait_for_pictures(site: Trial) -> None:
    """In a hurry it ends once the feeds are written; the next pass fetches on."""
    post(site)
    leave(site)
    assert site.feed().count("<entry>") == 1
    report = site.make()
    assert (report.images_kept, report.images_left) == (1, 0)


@pytest.mark.usefixtures("hurried")
def test_a_slow_picture_comes_where_edits_follow_upon_each_other(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off three times for what somebody wrote, it is waited for the fourth time."""
    hurry, heeded, broken = Stop(), Stop(), Counter[str]()
    heed = Fetches.heed

    def heard(self: Fetches, *given: Any) -> None:
        heed(self, *given)
        heeded.set()

    async def slow(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(204)
        hurry.set()
        with heeded.heard() as last:
            await last.wait()
        for _ in range(20):  # whoever does not wait for it is through by then
            await asyncio.sleep(0)
        return httpx.Response(200, content=PNG)

    monkeypatch.setattr(Fetches, "heed", heard)
    site.slow = slow
    post(site)
    kept = []
    for _ in range(4):
        hurry, heeded = Stop(), Stop()
        kept.append(site.make(hurry=hurry, broken_off=broken).images_kept)
    assert kept == [0, 0, 0, 1]
    assert not broken


def test_pictures_of_posts_that_stand_hold_up_no_edit(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an earlier pass left to be fetched is fetched on, after the feeds tell the edit."""
    monkeypatch.setattr(keeping, "SOON", 0.0)
    post(site)
    leave(site)
    monkeypatch.setattr(keeping, "SOON", 60.0)
    feeds: list[str] = []

    async def look(request: httpx.Request) -> httpx.Response:
        feeds.extend([site.feed()] if request.method == "GET" else [])
        return httpx.Response(200, content=PNG)

    site.slow = look
    site.write("b.md", title="Another", date="2026-11-21")
    report = site.make()
    assert (report.published, report.images_kept, report.images_left) == (1, 1, 0)
    assert [feed.count(">Another</title>") for feed in feeds] == [1]
