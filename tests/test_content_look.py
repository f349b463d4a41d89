"""The short look that begins every pass."""

import os
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from records import AT, owed, version

from syndicator.content.look import Look, Place, accepted, look
from syndicator.content.read import read
from syndicator.doors import files, index, journal
from syndicator.doors.bodies import said
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store, content, documents, images
from syndicator.doors.store.rows import put, seconds
from syndicator.errors import ContentError
from syndicator.model.posts import Reading

TAKEN = accepted(b"[site]", "1")
OLD = 1_700_000_000
HOUR = timedelta(hours=1)


def at(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9


def glance(
    place: Place,
    *,
    now: datetime = AT,
    taken: str = TAKEN,
    dry: bool = False,
    written: Collection[str] | None = None,
) -> Look:
    return look(place, taken, now_ns=at(now), dry=dry, written=written)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Make a site of two posts, a local picture and a feed, as a pass left it."""
    layout = Layout(tmp_path / "archive")
    files.make_folder(layout.public)
    (layout.public / "feed.xml").write_text("<feed/>")
    (tmp_path / "p.png").touch()
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (OLD, OLD))
    made = Place(tmp_path, ("*.md",), (), layout)
    with Store(layout.state) as store, Ledger(layout, store).batch() as batch:
        batch.record([version("a")])
        for name in ("a.md", "b.md"):
            source, stat = read(tmp_path, name)
            content.remember(batch.session, [(name, stat, source.digest, "post")])
        documents.remember(
            batch.session, {"feed.xml": ("ab", files.stat(layout.public / "feed.xml"))}
        )
        local = [
            (str(tmp_path / "p.png"), files.stat(tmp_path / "p.png")),
            (str(tmp_path / "none.png"), files.GONE),
        ]
        images.looked_at(batch.session, {"u": list(local)})
        put(batch.session, "accepted", TAKEN)
    return made


def change(place: Place, what: str) -> None:
    """Let one thing be otherwise than the last pass left it."""
    layout = place.layout
    match what:
        case "edited":
            (place.root / "a.md").write_text("A")
        case "added":
            (place.root / "c.md").touch()
        case "removed":
            (place.root / "a.md").unlink()
        case "feed changed":
            (layout.public / "feed.xml").write_text("<feed></feed>")
        case "feed removed":
            (layout.public / "feed.xml").unlink()
        case "picture changed":
            (place.root / "p.png").write_text("x")
        case "picture came":
            (place.root / "none.png").write_text("x")
        case "journal grew":
            journal.append(layout.journal, "2026-11", [b"{}\n"])
        case "reading pending":
            source, _ = read(place.root, "a.md")
            with Store(layout.state) as store, store.transaction() as session:
                reading = Reading(path="a.md", standing="draft")
                content.put_readings(session, [said(source, reading)])


def test_a_site_as_it_was_is_quiet(place: Place) -> None:
    """Nothing is to be done, and looking changes nothing."""
    before = files.stat(place.layout.root / "state.db")
    found = glance(place)
    assert (found.quiet, found.anew, found.local, found.damaged) == (True, False, [], False)
    assert files.stat(place.layout.root / "state.db") == before


@pytest.mark.parametrize(
    "what",
    [
        "edited",
        "added",
        "removed",
        "feed changed",
        "feed removed",
        "picture changed",
        "picture came",
        "journal grew",
        "reading pending",
    ],
)
def test_every_change_is_seen(place: Place, what: str) -> None:
    """One of them is enough for a whole pass."""
    change(place, what)
    found = glance(place)
    assert not found.quiet
    assert found.damaged == what.startswith("feed")
    assert bool(found.local) == what.startswith("picture")


def test_what_was_written_is_looked_at_alone(place: Place) -> None:
    """Others may have changed as well: the next whole look tells."""
    for name in ("a.md", "b.md"):
        (place.root / name).write_text(name.upper())
    found = glance(place, written={"a.md"})
    assert found.known is not None
    assert (list(found.sweep.found), found.sweep.partial) == (["a.md"], True)
    assert (list(found.known.seen), found.quiet) == (["a.md"], False)
    assert glance(place, written=()).quiet
    assert sorted(glance(place).sweep.changed) == ["a.md", "b.md"]


@pytest.mark.parametrize("what", ["removed", "picture came", "journal grew"])
def test_where_more_happened_everything_is_looked_at(place: Place, what: str) -> None:
    """A file that went; no post; a journal that tells more than is known of what is there."""
    change(place, what)
    written = {"removed": "a.md", "picture came": "none.png"}.get(what, "b.md")
    found = glance(place, written={written})
    assert not found.sweep.partial
    assert "b.md" in found.sweep.found
    assert not glance(place, written={"b.md"}, taken="other").sweep.partial


@pytest.mark.parametrize("stay", [0, 30])
def test_a_push_that_will_be_sent_makes_it_a_look_at_all(place: Place, stay: int) -> None:
    """Only that tells whether its feed is there; and a push for later needs none."""
    with Store(place.layout.state) as store, Ledger(place.layout, store).batch() as batch:
        batch.record([owed("m", at=AT + HOUR)])
    for early, partial in ((stay + 1, True), (stay, False)):
        now_ns = at(AT + HOUR - timedelta(seconds=early))
        found = look(place, TAKEN, now_ns=now_ns, written={"b.md"}, stay=stay)
        assert found.sweep.partial == partial


def test_another_configuration_or_version_reads_everything_anew(place: Place) -> None:
    """What a file says depends on both."""
    for taken in (accepted(b"[site] ", "1"), accepted(b"[site]", "2")):
        found = glance(place, taken=taken)
        assert (found.anew, found.quiet) == (True, False)


def test_a_touched_file_is_looked_at_once(place: Place) -> None:
    """Its bytes are the old ones: the new stat is remembered, and the pass ends."""
    os.utime(place.root / "a.md", (OLD + 1, OLD + 1))
    assert glance(place, dry=True).quiet
    known = index.load(place.layout.state)
    assert known is not None
    assert known.seen["a.md"][1] == OLD * 10**9
    assert glance(place).quiet
    known = index.load(place.layout.state)
    assert known is not None
    assert known.seen["a.md"] == files.stat(place.root / "a.md")


def test_a_file_touched_this_moment_stays_under_suspicion(place: Place) -> None:
    """The racily clean: it is read again until its time is past."""
    os.utime(place.root / "a.md", ns=(at(AT), at(AT)))
    assert glance(place).quiet
    known = index.load(place.layout.state)
    assert known is not None
    assert known.seen["a.md"][1] == 0
    (place.root / "a.md").write_text("b.md")
    os.utime(place.root / "a.md", ns=(at(AT), at(AT)))
    assert list(glance(place, now=AT + HOUR).sweep.changed) == ["a.md"]


def test_what_falls_due_ends_the_quiet(place: Place) -> None:
    """At its second, not before."""
    with Store(place.layout.state) as store, Ledger(place.layout, store).batch() as batch:
        batch.record([owed("m", at=AT + HOUR)])
    assert glance(place, now=AT + HOUR - timedelta(seconds=1)).quiet
    assert not glance(place, now=AT + HOUR).quiet


def test_a_clock_that_was_set_back_ends_the_quiet(place: Place) -> None:
    """What waits was planned by another clock; a correction by seconds is no such thing."""
    with Store(place.layout.state) as store, store.transaction() as session:
        put(session, index.CLOCK, str(seconds(AT)))
    assert glance(place, now=AT + HOUR).quiet
    assert glance(place, now=AT - timedelta(seconds=59)).quiet
    assert not glance(place, now=AT - HOUR).quiet


def test_a_scheduled_post_ends_the_quiet(place: Place) -> None:
    """The moment a pass noted for it."""
    source, _ = read(place.root, "a.md")
    with Store(place.layout.state) as store, store.transaction() as session:
        content.put_readings(session, [said(source, Reading(path="a.md", standing="draft"))])
        content.settle(session, {"a.md": ("scheduled", seconds(AT + HOUR))})
        assert list(content.stale(session)) == [[("a.md", "", None)]]
    assert [glance(place, now=AT + span).quiet for span in (0 * HOUR, HOUR)] == [True, False]


def test_the_first_look_finds_everything_to_do(tmp_path: Path) -> None:
    """No state: all is new, and no database is made by looking."""
    (tmp_path / "a.md").touch()
    found = glance(Place(tmp_path, ("*.md",), (), Layout(tmp_path / "archive")))
    assert (found.known, found.anew, found.quiet) == (None, True, False)
    assert not (tmp_path / "archive").exists()


def test_an_emptied_folder_is_refused(place: Place) -> None:
    """As the sweep has it."""
    (place.root / "a.md").unlink()
    (place.root / "b.md").unlink()
    with pytest.raises(ContentError):
        glance(place)
    assert look(place, TAKEN, now_ns=at(AT), force=True).sweep.gone == ["a.md", "b.md"]


def test_a_configuration_is_named_by_its_bytes_and_the_version() -> None:
    """As it is kept in the state."""
    assert accepted(b"", "0.1.0") == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0.1.0"
    )
