"""What is taken down is gone for good; what nobody needs may go after ninety days."""

import json
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from odd_pictures import GOOD
from sqlalchemy import text
from trial import HOUR, PNG, Trial, webhook

from syndicator.cycle import Order
from syndicator.cycle.adopt import adopt
from syndicator.cycle.fixity import verify
from syndicator.cycle.takedown import forget, gc
from syndicator.doors.store import Store
from syndicator.errors import ConfigError, ContentError
from syndicator.model.keeping import Collection, Takedown

PICTURE = "https://img.example/a.png"
NAME = sha256(PNG).hexdigest() + ".png"
PHOTO = GOOD["jpeg turned left"].data  # with a position
DAYS = 24
OLD = """<?xml version="1.0"?><rss version="2.0"><channel><title>Old</title>
<link>https://site.example</link><description/>
<item><title>Rain</title><link>https://site.example/a</link>
<guid isPermaLink="false">https://site.example/?p=17</guid></item></channel></rss>"""
SECRET = "Zebrafinch"  # stands in title, text and messages of the post that must go


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site with a post that is to go, edited once, and one that stays."""
    made = Trial(root=tmp_path, tables=webhook())
    made.write("a.md", f"{SECRET}, old. ![]({PICTURE})", title=f"On {SECRET}", date="2026-11-01")
    made.write("b.md", f"![]({PICTURE})", title="B", date="2026-11-02")
    made.make()
    made.write("a.md", f"{SECRET}, new. ![]({PICTURE})", title=f"On {SECRET}", date="2026-11-01")
    made.make()
    made.heard.clear()
    return made


def take(site: Trial, subject: str, *, act: bool = True, pictures: bool = False) -> Takedown:
    """Take something down."""

    def work(order: Order) -> Takedown:
        return forget(order, subject, "asked to", pictures=pictures, act=act)

    return site.care(work)


def holding(site: Trial, word: bytes) -> list[str]:
    """Tell the files of the archive that hold a word, the database with what is beside it."""
    return [
        path.relative_to(site.layout.root).as_posix()
        for path in sorted(site.layout.root.rglob("*"))
        if path.is_file() and word in path.read_bytes()
    ]


def blobs(site: Trial) -> set[str]:
    return {path.name for path in site.layout.blobs.rglob("*.*")}


def all_is_well(site: Trial) -> None:
    """Hold journal, database and files against each other."""
    found = site.care(lambda order: verify(order, whole=True))
    assert [problem for problem in found.problems if problem.code != "ARC006"] == []


def test_a_forgotten_post_is_nowhere_in_the_archive(site: Trial) -> None:
    """No version, no title, no message, no feed, no page of the database holds a word of it."""
    assert holding(site, SECRET.encode()) != []
    told = take(site, "a.md")
    assert holding(site, SECRET.encode()) == []
    assert len(told.files) == 2
    all_is_well(site)


@pytest.mark.parametrize("edited", [False, True])
def test_a_post_goes_with_the_lines_of_its_former_id(tmp_path: Path, *, edited: bool) -> None:
    """It gave that up to an adopted one: what was told and owed under it goes too."""
    site = Trial(root=tmp_path, tables=webhook(), says=lambda _request: httpx.Response(503))
    site.make()
    site.write("a.md", f"{SECRET}, old.", title=f"On {SECRET}", date="2026-11-01")
    site.make()
    feed = tmp_path / "old.xml"
    feed.write_text(OLD, encoding="utf-8")
    site.care(lambda order: adopt(order, str(feed), force=True))
    assert "https://site.example/?p=17" in site.feed()
    if edited:
        site.write("a.md", f"{SECRET}, new.", title=f"On {SECRET}", date="2026-11-01")
        site.make()
    told = take(site, "a.md")
    assert told.posts == ("https://site.example/?p=17",)
    assert holding(site, SECRET.encode()) == []
    all_is_well(site)
    site.forget()
    assert site.make().live == 0
    assert holding(site, SECRET.encode()) == []


def test_receivers_are_told_that_it_is_removed(site: Trial) -> None:
    """By its id, in an ordinary message without its words."""
    take(site, "a.md")
    (body,) = [body for _, body in site.heard]
    assert body["type"] == "post.removed"
    assert SECRET not in json.dumps(body)
    assert body["data"]["id"].endswith(":a")


def test_the_file_that_still_lies_there_is_never_published_again(site: Trial) -> None:
    """Not as it is, not edited, not after the database was lost, not under another name."""
    take(site, "a.md")
    site.write("a.md", f"{SECRET}, again.", title="Another", date="2026-11-01")
    assert site.make().skipped == 1
    site.forget()
    report = site.make()
    assert (report.live, report.skipped) == (1, 1)
    assert [one.code for one in report.problems if one.path == "a.md"] == ["ARC006"]
    assert SECRET not in site.feed()
    assert holding(site, SECRET.encode()) == []


def test_the_same_bytes_under_another_name_are_known(site: Trial) -> None:
    """A copy of a version is that version."""
    data = (site.root / "content/a.md").read_bytes()
    take(site, "a.md")
    (site.root / "content/c.md").write_bytes(data)
    site.age("c.md")
    assert site.make().live == 1
    assert holding(site, SECRET.encode()) == []


def test_what_is_still_owed_of_it_is_not_sent(site: Trial) -> None:
    """A receiver that was down hears of the removal, and of nothing else about it."""
    site.says = lambda _request: httpx.Response(503)
    site.write("d.md", SECRET, title="D", date="2026-11-03")
    site.make()
    take(site, "d.md")
    site.heard.clear()
    site.says = lambda _request: httpx.Response(204)
    site.make(hours=3 * DAYS)
    assert [kind for kind, _, _ in site.told()] == ["removed"]


def test_a_take_down_says_first_what_it_would_do(site: Trial) -> None:
    """Without ``act`` not a byte is changed."""
    before = site.files()
    told = take(site, "a.md", act=False)
    assert (told.done, told.kind, len(told.posts)) == (False, "post", 1)
    assert site.files() == before


def test_pictures_that_others_show_stay(site: Trial) -> None:
    """With its pictures too, a post takes none from another post, though it came later."""
    site.write("c.md", f"![]({PICTURE})", title="C", date="2026-11-03")
    site.make()
    take(site, "a.md", pictures=True)
    take(site, "b.md", pictures=True)
    assert NAME in blobs(site)
    take(site, "c.md", pictures=True)
    assert NAME not in blobs(site)
    assert not (site.layout.media / NAME).exists()
    all_is_well(site)


@pytest.mark.parametrize("name", ["https://site.example/a/", "id"])
def test_a_post_has_several_names(site: Trial, name: str) -> None:
    """Its address and its id mean it as well as its path."""
    key = "tag:site.example,2026-11-01:a"
    told = take(site, key if name == "id" else name)
    assert told.posts == (key,)
    assert holding(site, SECRET.encode()) == []


def test_a_renamed_post_goes_with_all_its_names_and_no_other_post(site: Trial) -> None:
    """The file that has its old name now is another post, and stays."""
    (site.root / "content/a.md").rename(site.root / "content/moved.md")
    site.make()
    site.write("a.md", "Quite another.", title="New A", date="2026-11-05")
    site.make()
    take(site, "moved.md")
    assert holding(site, SECRET.encode()) == []
    assert site.make().live == 2
    assert "Quite another." in site.feed()


def test_a_forgotten_picture_leaves_feeds_and_is_not_asked_for_again(site: Trial) -> None:
    """By its address: its bytes are gone, its text stands in its place, nobody fetches it."""
    assert NAME in site.feed()
    take(site, PICTURE)
    assert NAME not in site.feed()
    assert not holding(site, PNG[8:40])
    site.asked.clear()
    site.write("c.md", f"![]({PICTURE})", title="C", date="2026-11-03")
    site.tables += "# a new configuration asks for everything again\n"
    site.make()
    assert site.asked == []
    all_is_well(site)


def test_forgotten_bytes_are_not_kept_from_another_address(site: Trial) -> None:
    """A digest is forgotten wherever it comes from."""
    take(site, NAME[:64])
    site.write("c.md", "![](https://elsewhere.example/same.png)", title="C", date="2026-11-03")
    report = site.make()
    assert NAME not in blobs(site)
    assert not (site.layout.media / NAME).exists()
    assert "https://elsewhere.example/same.png" in {one.url for one in report.missing}
    site.forget()
    site.make()
    assert NAME not in blobs(site)
    all_is_well(site)


def test_the_words_of_a_live_post_are_not_taken_from_under_it(site: Trial) -> None:
    """Its present version can't be forgotten alone; an old one can."""
    data = (site.root / "content/a.md").read_bytes()
    with pytest.raises(ContentError, match="says now"):
        take(site, sha256(data).hexdigest())
    (old,) = [name for name in blobs(site) if b"old." in site.layout.blob(name).read_bytes()]
    take(site, old[:12])
    assert not holding(site, b"old.")
    assert site.make().live == 2
    all_is_well(site)


@pytest.mark.parametrize("name", ["c.md", "https://img.example/none.png", "0123456789ab"])
def test_what_nobody_knows_is_not_forgotten(site: Trial, name: str) -> None:
    """A slip of the pen is said, and sets no tombstone."""
    before = site.files()
    with pytest.raises(ContentError, match="nothing"):
        take(site, name)
    assert site.files() == before


def test_a_draft_can_be_forgotten(site: Trial) -> None:
    """It was never published, and its bytes are kept all the same until then."""
    site.write("d.md", "Quagga.", title="D", draft="true")
    site.make()
    assert holding(site, b"Quagga") != []
    take(site, "d.md")
    assert holding(site, b"Quagga") == []


def test_a_post_whose_file_is_gone_can_be_forgotten(site: Trial) -> None:
    """What was removed long ago is still in the archive until then."""
    site.remove("a.md")
    site.make()
    take(site, "a.md")
    assert holding(site, SECRET.encode()) == []
    all_is_well(site)


def test_the_last_post_of_all_can_be_forgotten(site: Trial) -> None:
    """An emptied content folder is no unmounted disk where all of it was forgotten."""
    site.remove("b.md")
    site.make()
    site.remove("a.md")
    take(site, "a.md")
    assert SECRET not in site.feed()


def test_nothing_is_deleted_where_the_feeds_could_not_be_written(site: Trial) -> None:
    """Half a take-down would leave the entry with readers and look done."""
    before = site.files()
    with pytest.raises(ConfigError):
        site.care(lambda order: forget(order, "a.md", "asked to", act=True), environ={})
    (site.root / "content").rename(site.root / "away")

    def unmounted(order: Order) -> Takedown:
        (site.root / "content").rmdir()  # the site's double makes it for every order
        return forget(order, "a.md", "asked to", act=True)

    with pytest.raises(ContentError, match="missing"):
        site.care(unmounted)
    assert site.files() == before


# --- waste ---


def collect(site: Trial, *, delete: bool = False, hours: int = 1) -> Collection:
    """Look for waste."""
    return site.care(lambda order: gc(order, delete=delete), hours=hours)


def test_what_was_published_is_never_waste(site: Trial) -> None:
    """Old versions, removed posts, pictures of theirs: for ever."""
    site.remove("a.md")
    site.make()
    kept = blobs(site)
    for _ in range(2):
        assert collect(site, delete=True, hours=200 * DAYS).waste == ()
    assert blobs(site) == kept


def test_waste_goes_ninety_days_after_it_was_noted(site: Trial) -> None:
    """A draft's old version, an error page: noted, kept for ninety days more, then deleted."""
    site.says = lambda _request: httpx.Response(200, content=b"<html><body>no</body></html>")
    site.write("d.md", "![](https://img.example/x.png) Quagga.", title="D", draft="true")
    site.make()
    site.write("d.md", "Other.", title="D", draft="true")
    site.make()
    before = site.files()
    assert [one.due for one in collect(site).waste] == [None]
    assert site.files() == before
    assert collect(site, delete=True).noted == 1
    assert collect(site, delete=True, hours=90 * DAYS - 1).deleted == 0
    assert holding(site, b"Quagga") != []
    assert collect(site, delete=True, hours=1).deleted == 1
    assert holding(site, b"Quagga") == []
    all_is_well(site)


def test_what_is_needed_again_is_no_waste(site: Trial) -> None:
    """Its ninety days begin anew when it is loose again."""
    site.write("d.md", "One.", title="D", draft="true")
    site.make()
    site.write("d.md", "Two.", title="D", draft="true")
    site.make()
    collect(site, delete=True)
    site.write("d.md", "One.", title="D", draft="true")
    site.make()
    collect(site, delete=True, hours=80 * DAYS)
    site.write("d.md", "Two.", title="D", draft="true")
    site.make()
    assert collect(site, delete=True, hours=20 * DAYS).deleted == 0
    assert [one.due is None for one in collect(site).waste] == [False]
    assert collect(site, delete=True, hours=91 * DAYS).deleted == 1


def test_what_came_again_after_it_was_deleted_outlives_a_lost_database(site: Trial) -> None:
    """Reading the journal anew deletes nothing that a later line keeps."""
    site.write("d.md", "One.", title="D", draft="true")
    site.make()
    site.write("d.md", "Two.", title="D", draft="true")
    site.make()
    collect(site, delete=True)
    assert collect(site, delete=True, hours=91 * DAYS).deleted == 1
    site.write("d.md", "One.", title="D", date="2026-11-05")
    site.make()
    kept = blobs(site)
    site.forget()
    site.make()
    assert blobs(site) == kept
    all_is_well(site)


def held_photo(site: Trial, url: str = "https://img.example/photo.jpg") -> None:
    """Let a post that is held back (its address is taken) show a photo that tells too much."""
    site.says = lambda _request: httpx.Response(200, content=PHOTO)
    site.write("x.md", f"![]({url})", title="X", date="2026-11-04", permalink="/b/")
    assert site.make().images_kept == 1


def public(site: Trial) -> set[str]:
    return {path.name for path in site.layout.media.iterdir()}


def test_waste_goes_with_the_copy_that_readers_could_get(site: Trial) -> None:
    """A picture that was never published leaves nothing in public, nor after a lost database."""
    shown = public(site)
    held_photo(site)
    assert len(public(site) - shown) == 1
    site.remove("x.md")
    site.make()
    collect(site, delete=True)
    assert collect(site, delete=True, hours=91 * DAYS).deleted == 2  # and its post
    assert public(site) == shown
    site.forget()
    site.make()
    assert public(site) == shown
    all_is_well(site)


def test_a_collected_picture_that_is_wanted_again_reaches_readers(site: Trial) -> None:
    """It is asked for, kept and shown as if it had never been there."""
    test_waste_goes_with_the_copy_that_readers_could_get(site)
    site.write("y.md", "![](https://img.example/photo.jpg)", title="Y", date="2026-11-04")
    assert site.make().images_kept == 1
    (name,) = public(site) - {NAME}
    assert name in site.feed()
    all_is_well(site)


def test_a_copy_that_other_pictures_have_too_outlives_one_of_them(site: Trial) -> None:
    """Two photos that differ in their positions alone are one picture to readers."""
    held_photo(site)
    (name,) = public(site) - {NAME}
    other = PHOTO.replace(b"SN-4711", b"SN-0815")
    assert other != PHOTO
    site.says = lambda _request: httpx.Response(200, content=other)
    site.write("y.md", "![](https://img.example/y.jpg)", title="Y", date="2026-11-04")
    site.make()
    assert public(site) == {NAME, name}
    site.remove("x.md")
    site.make()
    collect(site, delete=True)
    assert collect(site, delete=True, hours=91 * DAYS).deleted == 2  # and its post
    assert public(site) == {NAME, name}
    told = take(site, "https://img.example/photo.jpg")
    assert public(site) == {NAME, name}
    assert any(name[:64] in line for line in told.remains)
    all_is_well(site)


def test_taking_one_of_two_like_photos_says_that_readers_have_the_other(site: Trial) -> None:
    """By the digest of what readers get, both go."""
    site.says = lambda request: httpx.Response(
        200,
        content=PHOTO if request.url.path == "/x.jpg" else PHOTO.replace(b"SN-4711", b"SN-0815"),
    )
    pictures = "![](https://img.example/x.jpg) ![](https://img.example/y.jpg)"
    site.write("y.md", pictures, title="Y", date="2026-11-04")
    site.make()
    (name,) = public(site) - {NAME}
    told = take(site, "https://img.example/x.jpg")
    assert name in public(site)
    assert any(name[:64] in line for line in told.remains)
    assert name in site.feed()
    take(site, name[:64])
    assert public(site) == {NAME}
    assert name not in site.feed()
    assert not [one for one in blobs(site) if one.endswith(".jpg")]
    all_is_well(site)


def test_the_checks_of_the_night_note_waste(site: Trial) -> None:
    """So that the ninety days pass although nobody calls gc."""
    site.write("d.md", "One.", title="D", draft="true")
    site.make()
    site.remove("d.md")
    site.make()
    site.care(lambda order: verify(order, whole=False))
    (one,) = collect(site).waste
    assert one.since is not None
    assert one.what == "a version of d.md that was never published"
    assert site.now - one.since <= 2 * HOUR


def test_no_deleted_row_is_left_in_the_database(site: Trial) -> None:
    """The fact that a wipe is due is gone, because it was done."""
    take(site, "a.md")
    with Store(site.layout.state) as store, store.transaction() as session:
        fact = session.connection().execute(text("SELECT value FROM meta WHERE key = 'wipe'"))
        assert fact.scalar_one() == ""
