"""The database is an index: thrown away, it is made anew, and nothing else changes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from trial import PNG, Trial, webhook

from syndicator.cycle import deciding
from syndicator.cycle.fixity import verify
from syndicator.cycle.reindex import refetch, reindex
from syndicator.errors import ContentError, StoreError
from syndicator.model.keeping import Rebuilt
from syndicator.model.posts import Candidate
from syndicator.publish.atom import Atom
from syndicator.publish.decide import decide
from syndicator.publish.papers import Paper

PICTURE = "https://img.example/a.png"
GONE = "https://img.example/gone.png"


def says(request: httpx.Request) -> httpx.Response:
    """Answer well, but for one picture."""
    if request.url.path.startswith("/gone"):
        return httpx.Response(410)
    return httpx.Response(200, content=PNG)


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site that has seen an edit, a rename, a removal, a slip, and a lost picture."""
    made = Trial(root=tmp_path, tables=webhook(), says=says)
    made.write("a.md", f"![]({PICTURE}) ![]({GONE})", title="A", date="2026-11-01")
    made.write("b.md", "Text.", title="B", date="2026-11-02", permalink="/b/")
    made.write("c.md", "Text of C.", title="C", date="2026-11-03")
    made.write("d.md", "Text of D.", title="D", date="2026-11-04")
    made.make()
    made.write("a.md", f"New ![]({PICTURE}) ![]({GONE})", title="A", date="2026-11-01")
    (made.root / "content/b.md").rename(made.root / "content/e.md")
    made.remove("c.md")
    made.write("d.md", "Broken.", title="[", date="2026-11-04")
    made.make()
    made.heard.clear()
    return made


def files(site: Trial) -> dict[str, tuple[bytes, int]]:
    """Tell what readers and archivists see, but for the journal, which may note drafts again."""
    return {name: seen for name, seen in site.files().items() if not name.startswith("journal")}


@pytest.mark.parametrize("loss", ["none", "deleted", "damaged"])
def test_feeds_ids_and_blobs_stay_as_they_are(site: Trial, loss: str) -> None:
    """Byte for byte, untouched on the disk, whatever the old database was like."""
    before = files(site)
    if loss != "none":
        site.forget()
    if loss == "damaged":
        (site.layout.root / "state.db").write_bytes(b"no database")
    made = site.care(reindex)
    assert (made.live, made.documents) == (3, ())
    assert files(site) == before
    report = site.make()
    assert (report.published, report.updated, report.removed, site.told()) == (0, 0, 0, [])
    assert files(site) == before
    assert site.care(lambda order: verify(order, whole=True)).problems == ()


def test_what_the_journal_tells_is_looked_at_and_not_made_again(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No feed is written, no post decided about: documents are known by their digests."""
    done: list[str] = []

    def write(_self: Atom, paper: Paper, *_rest: object) -> Iterator[bytes]:
        done.append(paper.path)
        yield b""

    def decided(candidates: Sequence[Candidate], *rest: Any, **more: Any) -> object:
        done.extend(one.path for one in candidates)
        return decide(candidates, *rest, **more)

    site.remove("d.md")  # broken, so that it has to be looked at
    site.make()
    monkeypatch.setattr(Atom, "write", write)
    monkeypatch.setattr(deciding, "decide", decided)
    before = files(site)
    site.forget()
    assert site.care(reindex).documents == ()
    assert files(site) == before
    assert done == ["a.md"]  # whose lost picture is told of with advice


@pytest.mark.parametrize("name", ["atom.xml", "atom.xml.gz"])
@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_document_that_is_not_as_the_journal_tells_is_put_right(
    site: Trial, name: str, how: str
) -> None:
    """Whatever became of it while there was no database."""
    before, path = site.files()[f"public/{name}"][0], site.layout.public / name
    site.forget()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(b"nonsense")
    made = site.care(reindex)
    assert made.documents == (("atom.xml",) if name == "atom.xml" else ())
    assert path.read_bytes() == before


def test_an_end_in_time_outlives_the_database(site: Trial) -> None:
    """A post that expires does so after its state was made anew."""
    site.write("end.md", "Text.", title="End", date="2026-11-05", expires="2026-11-24")
    site.make()
    site.forget()
    assert site.care(reindex).live == 4
    report = site.make(hours=48)
    assert (report.removed, report.live, report.expired) == (1, 3, 1)


def test_nothing_is_fetched_or_pushed_meanwhile(site: Trial) -> None:
    """It reads this disk, and no more."""
    site.asked.clear()
    site.care(reindex, hours=24 * 30)
    assert (site.asked, site.heard) == ([], [])


def test_a_crash_leaves_the_old_database_or_none(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the new one is whole the old one is in force; without either, the next pass helps."""
    from syndicator.cycle import reindex as room  # noqa: PLC0415  # its insides are patched
    from syndicator.doors import files as door  # noqa: PLC0415

    before = files(site)

    def crash(*_args: object) -> None:
        raise KeyboardInterrupt

    for where, name in ((room, "_swap"), (door, "rename"), (room, "_remove")):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, crash)
            with pytest.raises(KeyboardInterrupt):
                site.care(reindex)
        assert site.make().live == 3
    site.care(reindex)
    assert files(site) == before


def test_what_changed_since_the_last_pass_is_told(site: Trial) -> None:
    """A file edited meanwhile is published as a pass would, and the report names the feed."""
    site.write("e.md", "Edited.", title="B", date="2026-11-02", permalink="/b/")
    made: Rebuilt = site.care(reindex)
    assert made.documents == ("atom.xml",)
    assert [one[0] for one in site.told()] == []
    site.make()
    assert [one[0] for one in site.told()] == ["updated"]


def test_an_archive_that_is_none_is_not_made(tmp_path: Path) -> None:
    """A misspelt folder is said, not filled."""
    site = Trial(root=tmp_path)
    with pytest.raises(StoreError, match="no pass was made"):
        site.care(reindex)
    assert not site.layout.root.exists() or list(site.layout.root.iterdir()) == []


@pytest.mark.parametrize("part", ["last lines", "all"])
def test_what_the_journal_has_no_more_is_not_thrown_away(site: Trial, part: str) -> None:
    """The old database remembers it: it goes only by force, and never where nothing is left."""
    (file,) = site.layout.journal.iterdir()
    whole = file.read_bytes()
    if part == "all":
        file.unlink()
    else:
        file.write_bytes(b"".join(whole.splitlines(keepends=True)[:-3]))
    state = site.layout.root / "state.db"
    old = state.read_bytes()
    with pytest.raises(StoreError, match="shorter") as caught:
        site.care(reindex)
    assert "--force" in caught.value.hint
    assert state.read_bytes() == old
    if part == "all":
        with pytest.raises(StoreError, match="has no line"):
            site.care(reindex, force=True)
        assert state.read_bytes() == old
    else:
        assert site.care(reindex, force=True).live
    file.write_bytes(whole)


# --- refetch ---


def test_a_picture_is_asked_for_now(site: Trial) -> None:
    """By its address, although its time has not come."""
    site.asked.clear()
    site.says = lambda _request: says(httpx.Request("GET", "https://img.example/a.png"))
    (asked,) = site.care(lambda order: refetch(order, [GONE]))
    assert (asked.plan, asked.changed) == ("kept", True)
    assert site.asked == [GONE]


@pytest.mark.parametrize("which", ["missing", "gone"])
def test_all_that_are_missing_or_gone_are_asked_for(site: Trial, which: str) -> None:
    """And those that are kept are left in peace."""
    site.asked.clear()
    (asked,) = site.care(
        lambda order: refetch(order, [], missing=which == "missing", gone=which == "gone")
    )
    assert (asked.url, asked.plan, asked.digest) == (GONE, "gone", "")
    assert site.asked == [GONE]


def test_a_picture_that_is_as_it_was_is_said_to_have_been_asked_for(site: Trial) -> None:
    """Kept and unchanged, or gone as before: nothing new is recorded, and that is what is said."""
    site.asked.clear()
    told = site.care(lambda order: refetch(order, [PICTURE, GONE]))
    assert [(one.url, one.says) for one in told] == [(PICTURE, "kept"), (GONE, "410 Gone")]
    told = site.care(lambda order: refetch(order, [GONE]))
    assert [one.says for one in told] == ["410 Gone"]
    assert sorted(site.asked) == [PICTURE, GONE, GONE]


def test_what_no_post_shows_any_more_is_not_among_the_missing(site: Trial) -> None:
    """By its address it may be named; then that is what is said."""
    site.write("a.md", f"Less. ![]({PICTURE})", title="A", date="2026-11-01")
    site.make()
    site.asked.clear()
    assert site.care(lambda order: refetch(order, [], missing=True, gone=True)) == []
    (told,) = site.care(lambda order: refetch(order, [GONE]))
    assert told.says == "not asked: no published post shows it"
    assert site.asked == []


def test_a_host_that_rests_is_asked_when_a_person_says_so(site: Trial) -> None:
    """With one picture first; where it asks for a rest again, the others are said to wait."""
    far = [f"https://busy.example/{number}.png" for number in range(4)]
    site.says = lambda _request: httpx.Response(429, headers={"Retry-After": "36000"})
    site.write("f.md", " ".join(f"![]({url})" for url in far), title="F", date="2026-11-05")
    site.make()
    site.asked.clear()
    told = site.care(lambda order: refetch(order, [], missing=True))
    assert sum(url in far for url in site.asked) == 1
    assert {one.says for one in told if one.url in far} == {
        "429 Too Many Requests",
        "not asked: 429 Too Many Requests",
    }
    site.says = lambda _request: httpx.Response(200, content=PNG)
    told = site.care(lambda order: refetch(order, far))
    assert [(one.url, one.says, one.changed) for one in told] == [
        (url, "kept", True) for url in far
    ]


def test_an_address_nobody_shows_is_not_asked(site: Trial) -> None:
    """It would be kept for nothing."""
    with pytest.raises(ContentError, match="no post shows"):
        site.care(lambda order: refetch(order, ["https://img.example/other.png"]))
