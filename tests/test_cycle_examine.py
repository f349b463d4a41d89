"""Examining a whole site, and the archive where there is one."""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syndicator.cli import main
from syndicator.config.load import load
from syndicator.cycle.clockwork import Clockwork
from syndicator.cycle.examine import Examination, Examiner
from syndicator.cycle.understand import Understood
from syndicator.doors.layout import Layout
from syndicator.errors import ContentError
from syndicator.model.posts import Source
from syndicator.publish import registered

POST = "---\ntitle: {title}\ndate: 2020-12-01\n---\n{title} fell.\n"


class Place:
    """A small site."""

    def __init__(self, root: Path, now: datetime) -> None:
        self.root, self.now = root, now
        self.archive = root / "archive"

    def put(self, path: str, text: str | None = None) -> None:
        """Write a post."""
        file = self.root / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        title = path.removesuffix(".md").replace("/", " ")
        file.write_text(POST.format(title=title) if text is None else text, encoding="utf-8")

    def examine(self) -> Examination:
        """Examine the site as the command would."""
        settings = load(self.root / "config" / "syndicator.toml", registered())
        return Examiner(settings).all(self.now)

    def codes(self) -> list[tuple[str, str]]:
        """Tell codes and paths of what is found."""
        root = str(self.root)
        return [(one.code, one.path.removeprefix(root)) for one in self.examine().problems]

    def run(self) -> None:
        """Make one pass."""
        assert main(["--config", str(self.root / "config" / "syndicator.toml"), "run"]) == 0

    def blobs(self) -> list[Path]:
        """List the kept files."""
        return sorted(path for path in (self.archive / "blobs").rglob("*") if path.is_file())


@pytest.fixture
def place(small_site: Callable[..., Path], now: datetime) -> Place:
    """One good post, and no archive."""
    made = Place(small_site(), now)
    made.put("a.md")
    return made


def test_a_good_site_is_all_well(place: Place) -> None:
    """One file was seen, and nothing is wrong, held or silenced."""
    found = place.examine()
    assert found.seen == {"a.md"}
    assert (found.problems, found.held, dict(found.silenced)) == ((), frozenset(), {})


def test_examining_changes_nothing(place: Place) -> None:
    """No archive is made, no file is touched."""
    before = {path: path.stat().st_mtime_ns for path in place.root.rglob("*")}
    place.examine()
    assert {path: path.stat().st_mtime_ns for path in place.root.rglob("*")} == before


def test_two_posts_at_one_address_are_found(place: Place) -> None:
    """The second is held back, and the report says so."""
    place.put("b.md", "---\ntitle: b\ndate: 2020-12-02\npermalink: /a/\n---\nb fell.\n")
    found = place.examine()
    assert "URL001" in {one.code for one in found.problems if one.path == "b.md"}
    assert found.held == {"b.md"}


def test_an_address_belongs_to_the_post_readers_know(place: Place) -> None:
    """Who has it keeps it, whatever the dates say; the other file is named."""
    place.put("b.md", "---\ntitle: b\ndate: 2020-12-02\npermalink: /b/\n---\nb fell.\n")
    place.run()
    place.put("0.md", "---\ntitle: 0\ndate: 2019-12-02\npermalink: /b/\n---\n0 fell.\n")
    found = place.examine()
    assert found.held == {"0.md"}
    (one,) = (one for one in found.problems if one.code == "URL001")
    assert one.says == "the address https://site.example/b/ belongs to b.md already"
    (place.root / "archive" / "state.db").unlink()
    assert place.examine().held == {"b.md"}


def test_an_address_is_free_once_its_post_is_a_draft_or_gone(place: Place) -> None:
    """As the next pass will have it."""
    place.put("b.md", "---\ntitle: b\ndate: 2020-12-02\npermalink: /b/\n---\nb fell.\n")
    place.run()
    place.put("0.md", "---\ntitle: 0\ndate: 2019-12-02\npermalink: /b/\n---\n0 fell.\n")
    place.put("b.md", "---\ntitle: b\ndate: 2020-12-02\ndraft: true\n---\nb fell.\n")
    assert place.examine().held == frozenset()
    (place.root / "content" / "b.md").unlink()
    assert place.examine().held == frozenset()


def test_an_id_that_changed_is_told_where_an_archive_knows_it(place: Place) -> None:
    """Without one nobody can say what it was."""
    place.put("b.md", "---\ntitle: b\ndate: 2020-12-02\nid: rain\n---\nb fell.\n")
    place.run()
    place.put("b.md", "---\ntitle: b\ndate: 2020-12-02\nid: rain-1\n---\nb fell.\n")
    assert place.codes() == [("URL002", "b.md")]
    assert place.examine().held == {"b.md"}


def test_posts_are_compared(place: Place) -> None:
    """Equal titles, bytes and names are told of the later post."""
    place.put("b.md", POST.format(title="a"))
    place.put("A.md", "---\ntitle: another\ndate: 2020-12-03\n---\nIt fell too.\n")
    found = place.codes()
    assert ("URL009", "b.md") in found
    assert ("URL008", "a.md") in found


def test_what_waits_or_is_over_is_noted(place: Place) -> None:
    """Neither is in the feeds, and the author should know why."""
    place.put("later.md", "---\ntitle: later\ndate: 2099-01-01\n---\nIt will.\n")
    place.put(
        "over.md", "---\ntitle: over\ndate: 2020-12-01\nexpiryDate: 2021-01-01\n---\nIt did.\n"
    )
    assert place.codes() == [("DATE007", "later.md"), ("DATE010", "over.md")]


def test_a_post_of_no_collection_is_told(place: Place) -> None:
    """Markdown that no pattern names would be missed by nobody but its author."""
    place.put("b.MD")
    place.put("notes.txt")
    assert place.codes() == [("SITE003", "b.MD")]


def test_what_is_excluded_is_meant_to_be_left_out(place: Place) -> None:
    """A pattern that excludes a file speaks for it."""
    config = place.root / "config" / "syndicator.toml"
    text = config.read_text("utf-8")
    config.write_text(text.replace("[content]", '[content]\nexclude = ["*.MD"]'), encoding="utf-8")
    place.put("b.MD")
    assert place.codes() == []


def test_a_site_that_publishes_nothing_is_told(place: Place) -> None:
    """Drafts alone make an empty feed."""
    place.put("a.md", "---\ntitle: a\ndate: 2020-12-01\ndraft: true\n---\nIt fell.\n")
    assert place.codes() == [("SITE004", "/content")]


def test_a_missing_content_folder_is_an_error(place: Place) -> None:
    """Nothing can be said of a disk that is not there."""
    (place.root / "content").rename(place.root / "elsewhere")
    with pytest.raises(ContentError):
        place.examine()


def test_files_that_cant_be_read_are_told(place: Place) -> None:
    """A link is passed over, a file that can't be opened is an error; the others are read."""
    (place.root / "content" / "b.md").symlink_to("a.md")
    os.mkfifo(place.root / "content" / "c.md")
    (place.root / "content" / "d.md").mkdir()
    assert place.codes() == [("SRC001", "b.md")]


def test_a_wish_that_silences_nothing_is_told(place: Place) -> None:
    """With the code that was probably meant; the wishes themselves are handed on."""
    place.put(
        "a.md",
        "---\ntitle: a\ndate: 2020-12-01\nsyndicate: {ignore: [IMG01O, MD]}\n---\nIt fell.\n",
    )
    found = place.examine()
    (one,) = (one for one in found.problems if one.code == "FM020")
    assert one.says == "no rule is called 'IMG01O': nothing is silenced by it"
    assert one.line > 0
    assert found.silenced == {"a.md": ("IMG01O", "MD")}


# --- the archive -------------------------------------------------------------------------------


def test_a_whole_archive_is_all_well(place: Place) -> None:
    """After a pass everything is where it should be."""
    place.run()
    assert place.codes() == []


def test_a_missing_source_is_found(place: Place) -> None:
    """The bytes of a live post must be there."""
    place.run()
    (blob,) = place.blobs()
    blob.unlink()
    ((code, path),) = place.codes()
    assert (code, path) == ("ARC002", str(blob).removeprefix(str(place.root)))


def test_a_stranger_among_the_blobs_is_told(place: Place) -> None:
    """Nobody could say what it is."""
    place.run()
    (blob,) = place.blobs()
    (blob.parent / f"{'0' * 64}.md").write_bytes(b"?")
    assert [code for code, _ in place.codes()] == ["ARC003"]


def test_a_damaged_picture_is_found_by_its_size(place: Place) -> None:
    """Missing and cut short are told apart; both are errors."""
    seeds = Path(__file__).parent.parent / "seeds"
    picture = next(path for path in seeds.rglob("*.png"))
    (place.root / "content" / "p.png").write_bytes(picture.read_bytes())
    place.put("a.md", "---\ntitle: a\ndate: 2020-12-01\n---\n![x](p.png)\n")
    place.run()
    (blob,) = (path for path in place.blobs() if path.suffix == ".png")
    blob.chmod(0o644)
    blob.write_bytes(b"")
    assert [code for code, _ in place.codes()] == ["ARC001"]
    blob.unlink()
    assert [code for code, _ in place.codes()] == ["ARC002"]


def test_files_that_nobody_checked_for_long_are_told(place: Place) -> None:
    """After 30 days without a look at their bytes; as a warning, and no longer after one."""
    place.run()
    layout = Layout(place.archive)
    start = Clockwork(layout, place.now).oldest  # the command read the clock itself
    place.now = start + timedelta(days=29)
    assert place.codes() == []
    place.now = start + timedelta(days=31)
    (found,) = place.examine().problems
    assert (found.code, found.severity) == ("ARC004", "warning")
    assert found.says == "some kept files were not compared with their names for 31 days"
    settings = load(place.root / "config" / "syndicator.toml", registered())
    assert main(["--config", str(settings.file), "archive", "verify"]) == 0
    place.now = Clockwork(layout, place.now).oldest + timedelta(days=29)
    assert place.codes() == []


def test_a_journal_older_than_the_index_is_found(place: Place) -> None:
    """A restored backup that is too old would lose what happened since."""
    place.run()
    (month,) = (place.archive / "journal").glob("*.jsonl")
    first, *_ = month.read_bytes().splitlines(keepends=True)
    month.write_bytes(first)
    assert "ARC005" in {code for code, _ in place.codes()}


def test_a_damaged_index_does_not_hide_the_posts(place: Place) -> None:
    """It is one problem among the others."""
    place.run()
    (place.archive / "state.db").write_bytes(b"no database" * 1000)
    place.put("b.md", "---\ntitle: b\ndate: 01/12/2020\n---\nb fell.\n")
    assert place.codes() == [("ARC005", "/archive/state.db"), ("DATE002", "b.md")]


def test_a_site_shared_among_processes_is_found_to_be_the_same(
    place: Place, shared: Callable[[], list[object]]
) -> None:
    """Many posts are read by more than one process: the same problems, in the same order."""
    for number in range(60):
        place.put(
            f"{number}.md", None if number % 3 else f"---\ntitle: {number}\n---\n![](a.jpg)\n"
        )
    alone = place.examine()
    calls = shared()
    assert place.examine() == alone
    assert len(alone.problems) > 60
    assert len(calls) > 1


def test_what_lies_in_a_folder_is_not_told_with_each_of_its_posts(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes to other processes grows with the posts, not with their square."""
    place.put("a.md", POST.format(title="A") + "[there](b.pdf) [not](c.pdf)\n")
    place.put("b.pdf", "x")
    sent: list[Source] = []

    def each(
        _pool: object, do: Callable[[Source], Understood], items: Iterable[Source]
    ) -> Iterator[tuple[Source, Understood]]:
        for one in items:
            sent.append(one)
            yield one, do(one)

    monkeypatch.setattr("syndicator.doors.workers.each", each)
    assert [code for code, _ in place.codes()] == ["MD002"]
    assert [(one.path, one.beside) for one in sent] == [("a.md", frozenset())]
