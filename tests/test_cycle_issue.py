"""The publishing of a pass: who is told what, and that it happens as a whole or not at all."""

import re
from pathlib import Path

import httpx
import pytest
from trial import PNG, Trial, webhook

from syndicator.cycle.pushing import switch
from syndicator.cycle.whole import Pass
from syndicator.deliver.send import Sender
from syndicator.doors import affairs
from syndicator.doors.store import content
from syndicator.errors import PublisherError
from syndicator.model.feeds import Document, Edition
from syndicator.model.report import EndpointState
from syndicator.publish.atom import Atom
from syndicator.publish.webhook import Webhook


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site with one endpoint and no post, and a first pass."""
    made = Trial(root=tmp_path, tables=webhook())
    made.make()
    return made


def ids(feed: str) -> dict[str, str]:
    """Return the entries' ids by title."""
    entries = re.findall(r"<entry>.*?</entry>", feed, re.DOTALL)
    return {
        re.findall(r"<title[^>]*>(.*?)</title>", one)[0]: re.findall(r"<id>(.*?)</id>", one)[0]
        for one in entries
    }


def test_new_posts_are_told_oldest_first(site: Trial) -> None:
    """By date, whatever their files are called."""
    site.write("a.md", title="Late", date="2026-11-03")
    site.write("b.md", title="Early", date="2026-11-01")
    report = site.make()
    assert site.told() == [("published", "Early", 1), ("published", "Late", 1)]
    assert (report.published, report.sent, report.owed) == (2, 2, 0)


@pytest.mark.parametrize("there", [True, False])
def test_what_an_interrupted_pass_owed_is_sent_before_anything_is_read(
    site: Trial, there: bool
) -> None:
    """Unless a feed is not as it was written: who is told of a post must find it."""
    site.write("a.md", title="A", date="2026-11-03")
    site.die_at(Sender, "drain")
    assert site.told() == []
    if not there:
        (site.layout.public / "atom.xml").unlink()
    site.die_at(Pass, "read")
    told = [("published", "A", 1)]
    assert site.told() == (told if there else [])
    assert site.make().owed == 0
    assert site.told() == ([] if there else told)


def test_edits_and_removals_are_told_with_their_number(site: Trial) -> None:
    """A removal tells of the post as it was."""
    site.write("a.md", title="A", date="2026-11-01")
    site.make()
    site.write("a.md", title="A2", date="2026-11-01")
    site.make()
    site.remove("a.md")
    report = site.make(force=True)
    assert site.told() == [("published", "A", 1), ("updated", "A2", 2), ("removed", "A2", 3)]
    assert (report.removed, report.live) == (1, 0)


def test_white_space_is_told_to_nobody(site: Trial) -> None:
    """The feed stays byte for byte, untouched."""
    site.write("a.md", "Text.", title="A", date="2026-11-01")
    site.make()
    site.told()
    before = site.files()["public/atom.xml"]
    site.write("a.md", "Text.\n\n\n", title="A", date="2026-11-01")
    report = site.make()
    assert site.told() == []
    assert (report.updated, report.documents) == (0, ())
    assert site.files()["public/atom.xml"] == before


def test_a_message_keeps_its_id_when_the_database_is_lost(site: Trial) -> None:
    """What was owed is in the journal with its id: a receiver that had it can tell."""
    site.says = lambda _request: httpx.Response(500)
    site.write("a.md", title="A", date="2026-11-01")
    site.make()
    site.says = lambda _request: httpx.Response(200)
    site.forget()
    site.make()
    (first, said), (second, again) = site.heard
    assert re.fullmatch(r"msg_[0-9a-f]{32}", first)
    assert (first, said) == (second, again)


def test_a_new_endpoint_hears_nothing_from_before(site: Trial) -> None:
    """Since it was configured, and not since the site began."""
    site.write("a.md", title="A", date="2026-11-01")
    site.make()
    site.told()
    site.tables = webhook() + webhook("news")
    assert site.make().sent == 0
    site.write("b.md", title="B", date="2026-11-02")
    assert site.make().sent == 2
    assert site.told() == [("published", "B", 1)] * 2


def test_a_new_endpoint_that_wants_all_hears_of_every_post_oldest_first(site: Trial) -> None:
    """Once; afterwards it hears what the others hear."""
    for name, day in (("b", "02"), ("a", "03"), ("c", "01")):
        site.write(f"{name}.md", title=name, date=f"2026-11-{day}")
    site.make()
    site.told()
    site.tables = webhook() + webhook("news", since="all")
    site.make()
    assert site.told() == [("published", name, 1) for name in ("c", "b", "a")]
    assert site.make().unchanged


def test_an_address_taken_over_in_one_pass_is_one_update(site: Trial) -> None:
    """The owner goes, the one held back for it takes its place under its id."""
    site.write("a.md", title="A", date="2026-11-01", permalink="/x/")
    site.write("b.md", title="B", date="2026-11-02", permalink="/x/")
    report = site.make()
    assert report.held == 1
    assert "URL001" in {problem.code for problem in report.problems}
    before = ids(site.feed())["A"]
    site.remove("a.md")
    report = site.make()
    assert site.told() == [("published", "A", 1), ("updated", "B", 2)]
    assert ids(site.feed()) == {"B": before}
    assert report.held == 0
    assert "URL001" not in {problem.code for problem in report.problems}


def test_a_permalink_given_up_frees_the_one_who_waits(site: Trial) -> None:
    """Both in one pass, each under its own id."""
    site.write("a.md", title="A", date="2026-11-01", permalink="/x/")
    site.write("b.md", title="B", date="2026-11-02", permalink="/x/")
    site.make()
    before = ids(site.feed())
    site.told()
    site.write("a.md", title="A", date="2026-11-01", permalink="/y/")
    assert site.make().held == 0
    assert site.told() == [("updated", "A", 2), ("published", "B", 1)]
    assert ids(site.feed())["A"] == before["A"]


def test_an_address_given_up_in_a_later_batch_is_free_in_the_same_pass(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large sites are decided batch by batch; where one ends decides nothing."""
    monkeypatch.setattr(content, "BATCH", 1)
    site.write("a.md", title="A", date="2026-11-01", permalink="/x/")
    site.write("b.md", title="B", date="2026-11-02", permalink="/y/")
    site.make()
    site.told()
    site.write("a.md", title="A", date="2026-11-01", permalink="/y/")
    site.write("b.md", title="B", date="2026-11-02", permalink="/z/")
    report = site.make()
    assert report.held == 0
    assert "URL001" not in {problem.code for problem in report.problems}
    assert site.told() == [("updated", "A", 2), ("updated", "B", 2)]


def test_a_broken_edit_leaves_the_earlier_version(site: Trial) -> None:
    """Also after the database is lost: the text comes from its blob."""
    site.write("a.md", "First text.", title="A", date="2026-11-01")
    site.make()
    before = site.feed()
    site.write("a.md", "Second text.", title="A", date="2026-99-99")
    report = site.make()
    assert (report.held, report.live) == (1, 1)
    assert site.feed() == before
    site.forget()
    (site.layout.public / "atom.xml").unlink()
    assert site.make().held == 1
    assert site.feed() == before


def test_a_lost_blob_is_told(site: Trial) -> None:
    """The text of a broken post can't be had any more: that needs a person."""
    site.write("a.md", "First text.", title="A", date="2026-11-01")
    site.make()
    site.write("a.md", "Second text.", title="A", date="2026-99-99")
    for blob in (site.layout.root / "blobs").rglob("*.md"):
        blob.unlink()
    site.make()
    site.forget()
    report = site.make()
    assert "ARC002" in [problem.code for problem in report.problems]
    assert "First text" not in site.feed()


def test_a_lost_database_changes_no_byte_and_tells_nobody(site: Trial) -> None:
    """Feeds, ids and journal are as they were; what was acknowledged is not sent again."""
    site.write("a.md", title="A", date="2026-11-01", image="https://img.example/a.png")
    site.write("b.md", title="B", date="2026-11-02")
    site.make()
    site.remove("b.md")
    site.make()
    site.told()
    before = site.files()
    site.forget()
    site.make()
    assert {path: data for path, (data, _) in site.files().items()} == {
        path: data for path, (data, _) in before.items()
    }
    assert site.told() == []


def test_an_endpoint_that_left_keeps_what_it_is_owed(site: Trial) -> None:
    """It is sent when the endpoint is back."""
    site.says = lambda _request: httpx.Response(500)
    site.write("a.md", title="A", date="2026-11-01")
    assert site.make().owed == 1
    tables, site.tables = site.tables, ""
    site.says = lambda _request: httpx.Response(200)
    site.told()
    assert site.make().sent == 0
    site.tables = tables
    assert site.make().sent == 1
    assert site.told() == [("published", "A", 1)]


def test_a_feed_that_fails_stops_neither_the_others_nor_the_pushes(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pass ends in the publisher's error, and everything else is done."""
    site.tables += '[[publish]]\ntype = "json"\npath = "feed.json"\n'
    site.make()

    def broken(_self: Atom, _edition: Edition) -> list[Document]:
        raise ValueError("no such element")

    site.write("a.md", title="A", date="2026-11-01")
    with monkeypatch.context() as patch:
        patch.setattr(Atom, "publish", broken)
        with pytest.raises(PublisherError, match="'atom' failed: ValueError: no such") as caught:
            site.make()
    assert caught.value.exit_code == 6
    assert '"A"' in (site.layout.public / "feed.json").read_text()
    site.make()
    assert site.told() == [("published", "A", 1)]


def test_an_endpoint_that_fails_stops_the_pass_before_anything_happened(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A push that could not be worded must not be forgotten: nothing is published without it."""

    def broken(_self: Webhook, _edition: Edition) -> list[object]:
        return ["no notice"]

    site.write("a.md", title="A", date="2026-11-01")
    with monkeypatch.context() as patch:
        patch.setattr(Webhook, "publish", broken)
        with pytest.raises(PublisherError, match="yielded str, neither"):
            site.make()
    known = affairs.standing(site.layout.state)
    assert known is not None
    assert known.live == 0
    site.make()
    assert site.told() == [("published", "A", 1)]


def test_a_scheduled_post_that_is_deleted_never_comes(site: Trial) -> None:
    """What was read of a file goes with the file, whatever the hour of the next pass."""
    site.write("a.md", title="A", date="2026-11-22T23:30:00+08:00")
    assert site.make().scheduled == 1
    site.remove("a.md")
    site.write("b.md", title="B", date="2026-11-01")
    site.make(hours=9)
    assert [(kind, title) for kind, title, _ in site.told()] == [("published", "B")]


def test_a_name_used_again_is_another_post(site: Trial) -> None:
    """Today's note in yesterday's file has an id and a date of its own."""
    site.write("today.md", "Old.", title="Old", date="2026-11-01")
    site.make()
    site.remove("today.md")
    site.write("other.md", title="Other", date="2026-11-02")
    site.make()
    site.write("today.md", "New.", title="New", date="2026-11-20")
    site.make()
    ids = [body["data"]["id"] for _, body in site.heard if body["data"]["title"] in {"Old", "New"}]
    assert len(set(ids)) == 2
    dates = [body["data"]["published"][:10] for _, body in site.heard]
    assert "2026-11-20" in dates


def test_a_broken_edit_does_not_outlive_its_expiry(site: Trial) -> None:
    """The last good text said when to go; a slip in the file does not undo that."""
    site.write("a.md", title="A", date="2026-11-01", expires="2026-11-30")
    site.make()
    site.write("a.md", title="A", date="2026-99-99")
    assert site.make().live == 1
    assert site.make(hours=24 * 30).live == 0
    assert site.make().unchanged


def test_a_new_endpoint_is_told_the_address_of_today(site: Trial) -> None:
    """What another one was told before the site moved is not what it hears."""
    site.tables = webhook(since="all")
    site.write("a.md", title="A", date="2026-11-01")
    site.make()
    site.told()
    site.tables = webhook(since="all") + webhook("news", since="all")
    site.head = site.head.replace("https://site.example/", "https://moved.example/")
    site.make()
    assert [body["data"]["url"] for _, body in site.heard] == ["https://moved.example/a/"]


def test_a_picture_that_a_limit_refused_is_asked_for_when_the_limit_is_raised(site: Trial) -> None:
    """The hint says to change the configuration; doing so must help."""
    site.head += '[network]\nmax_image_bytes = "10B"\n'
    site.write("a.md", "![](https://img.example/a.png)", title="A", date="2026-11-01")
    assert site.make().missing[0].retry_at is None
    site.head = site.head.replace("10B", "10MB")
    assert site.make().missing == ()


def test_a_picture_added_to_a_post_that_was_dated_ahead_is_kept(site: Trial) -> None:
    """A live post stays live whatever its date says by now, and so do its pictures."""
    site.write("a.md", title="A", date="2026-11-01")
    site.make()
    site.write("a.md", "![](https://img.example/n.png)", title="A", date="2027-11-01")
    site.make()
    assert site.asked == ["https://img.example/n.png"]


def test_a_site_whose_old_pictures_and_feeds_are_cleared_away_is_quiet(site: Trial) -> None:
    """What nothing refers to any more is watched no more."""
    site.write("a.md", "![](p.png)", title="A", date="2026-11-01")
    picture = site.root / "content" / "p.png"
    picture.write_bytes(PNG)
    site.write("b.md", title="B", date="2026-11-02")
    site.make()
    site.remove("a.md")
    site.make()
    picture.unlink()
    assert site.make().unchanged


def many(site: Trial, count: int, *, text: str = "Text.") -> None:
    """Write posts, all of which say this."""
    for number in range(count):
        site.write(f"m{number}.md", text, title=f"M{number}", date="2026-11-03")


def test_a_mass_edit_waits_for_a_person(site: Trial) -> None:
    """More than twenty at once are held; a confirmed pass lets them go, once."""
    many(site, 21)
    report = site.make()
    assert (report.sent, report.owed, site.heard) == (0, 0, [])
    assert report.lanes[0].held == 21
    assert site.make().lanes[0].held == 21
    assert site.make(confirm=True).sent == 21
    assert site.make().sent == 0


def test_what_is_no_mass_is_not_held(site: Trial) -> None:
    """Twenty are none; nor are more than that, in a pass that is confirmed."""
    many(site, 20)
    assert site.make().sent == 20
    many(site, 25, text="Otherwise.")
    assert site.make(confirm=True).sent == 25


def test_a_mass_edit_may_be_said_in_one_message(site: Trial) -> None:
    """As configured."""
    site.tables = webhook() + 'burst = "digest"\nmax_burst = 3\n'
    many(site, 4)
    assert site.make().sent == 1
    ((_, body),) = site.heard
    assert (body["type"], body["data"]["published"]) == ("feed.updated", 4)


def test_all_that_exists_is_announced_to_a_new_endpoint_that_asks_for_it(tmp_path: Path) -> None:
    """However much that is."""
    site = Trial(root=tmp_path, tables=webhook(since="all"))
    many(site, 30)
    assert site.make(drain=30.0).sent == 30


def test_snapshot_what_is_owed_does_not_change_with_its_post(site: Trial) -> None:
    """What was tried once is never said otherwise: the edit is a message of its own, after it."""
    site.write("a.md", title="A", date="2026-11-01")
    site.says = lambda _request: httpx.Response(503)
    site.make()
    first = list(site.heard)
    site.write("a.md", title="A2", date="2026-11-01")
    site.says = lambda _request: httpx.Response(204)
    site.heard.clear()
    site.make()
    assert site.heard[:1] == first[:1]
    assert site.told() == [("published", "A", 1), ("updated", "A2", 2)]


def test_an_edit_that_was_never_sent_gives_way_to_a_newer_one(site: Trial) -> None:
    """A receiver that was paused meanwhile gets the last one only."""
    site.write("a.md", title="A", date="2026-11-03")
    site.make()
    with_state(site, "paused")
    site.write("a.md", "Two.", title="A", date="2026-11-03")
    site.make()
    site.write("a.md", "Three.", title="A", date="2026-11-03")
    site.make()
    with_state(site, "active")
    site.make()
    assert site.told() == [("published", "A", 1), ("updated", "A", 3)]


def with_state(site: Trial, state: EndpointState) -> None:
    """Switch the endpoint, as a person would."""
    site.care(lambda order: switch(order, "ops", state))
